//! The resource types written, and which sort of event becomes which.

use twinloom_event::{Event, EventKind};

/// A resource type with a UK Core profile that the writer knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ResourceType {
    Organization,
    Patient,
    Encounter,
    Condition,
    Observation,
    MedicationRequest,
    Procedure,
    Immunization,
    AllergyIntolerance,
    DiagnosticReport,
    DocumentReference,
    ServiceRequest,
    CarePlan,
}

/// The type's name, and all that follows a resource's id and is the same for all of the type: the
/// profile and the mark of test data.
macro_rules! constant_parts {
    ($name:literal) => {
        (
            $name,
            concat!(
                r#"","meta":{"profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-"#,
                $name,
                r#""],"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HTEST"}]}"#
            ),
        )
    };
}

impl ResourceType {
    /// The type for an event: the one its record id names where its kind leaves a choice, else the
    /// usual one; `None` for kinds that are not written as resources of their own.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let is_named = |resource_type: Self| {
            event.record_id().is_some_and(|id| {
                let rest = id.as_str().strip_prefix(resource_type.name());
                rest.is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let resource_type = match event.kind() {
            EventKind::Encounter => Self::Encounter,
            EventKind::Condition => Self::Condition,
            EventKind::Observation => Self::Observation,
            EventKind::Medication => Self::MedicationRequest,
            EventKind::Procedure => Self::Procedure,
            EventKind::Immunisation => Self::Immunization,
            EventKind::Allergy => Self::AllergyIntolerance,
            EventKind::Document if is_named(Self::DocumentReference) => Self::DocumentReference,
            EventKind::Document => Self::DiagnosticReport,
            EventKind::CarePlan if is_named(Self::ServiceRequest) => Self::ServiceRequest,
            EventKind::CarePlan => Self::CarePlan,
            EventKind::Demographic
            | EventKind::Birth
            | EventKind::Death
            | EventKind::Device
            | EventKind::Administrative
            | EventKind::Unknown => return None,
        };
        Some(resource_type)
    }

    /// The name in `resourceType`.
    pub(super) const fn name(self) -> &'static str {
        self.constant_parts().0
    }

    /// The text from the end of the id to the end of `meta`.
    pub(super) const fn meta(self) -> &'static str {
        self.constant_parts().1
    }

    const fn constant_parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Organization => constant_parts!("Organization"),
            Self::Patient => constant_parts!("Patient"),
            Self::Encounter => constant_parts!("Encounter"),
            Self::Condition => constant_parts!("Condition"),
            Self::Observation => constant_parts!("Observation"),
            Self::MedicationRequest => constant_parts!("MedicationRequest"),
            Self::Procedure => constant_parts!("Procedure"),
            Self::Immunization => constant_parts!("Immunization"),
            Self::AllergyIntolerance => constant_parts!("AllergyIntolerance"),
            Self::DiagnosticReport => constant_parts!("DiagnosticReport"),
            Self::DocumentReference => constant_parts!("DocumentReference"),
            Self::ServiceRequest => constant_parts!("ServiceRequest"),
            Self::CarePlan => constant_parts!("CarePlan"),
        }
    }
}
