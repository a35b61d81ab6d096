//! Which elements of an R4 resource hold what the graph knows of an event.
//!
//! # Source
//! HL7 FHIR R4 (4.0.1), resource definitions.

use twinloom_event::EventKind;

/// Element names of one resource type.
pub(super) struct Elements {
    pub(super) subject: &'static str,
    pub(super) encounter: Option<&'static str>,
    pub(super) code: Option<&'static str>,
    pub(super) time: Option<&'static str>,
    pub(super) status: bool,
}

/// The elements of a resource type; of one not listed only its patient.
pub(super) fn elements(kind: &str) -> Elements {
    let usual = |code, time| Elements {
        subject: "subject",
        encounter: Some("encounter"),
        code: Some(code),
        time: Some(time),
        status: true,
    };
    match kind {
        "Observation" | "DiagnosticReport" => usual("code", "effectiveDateTime"),
        "Condition" => usual("code", "onsetDateTime"),
        "Procedure" => usual("code", "performedDateTime"),
        "MedicationRequest" => usual("medicationCodeableConcept", "authoredOn"),
        "ServiceRequest" => usual("code", "authoredOn"),
        "CarePlan" => usual("category", "created"),
        "ImagingStudy" => usual("procedureCode", "started"),
        "MedicationStatement" | "MedicationAdministration" => {
            Elements { encounter: Some("context"), ..usual("medicationCodeableConcept", "effectiveDateTime") }
        }
        "MedicationDispense" => {
            Elements { encounter: Some("context"), ..usual("medicationCodeableConcept", "whenHandedOver") }
        }
        "DocumentReference" => Elements { encounter: None, ..usual("type", "date") },
        "Goal" => Elements { encounter: None, status: false, ..usual("description", "startDate") },
        "Immunization" => Elements { subject: "patient", ..usual("vaccineCode", "occurrenceDateTime") },
        "AllergyIntolerance" => {
            Elements { subject: "patient", status: false, ..usual("code", "onsetDateTime") }
        }
        "Claim" | "ExplanationOfBenefit" => {
            Elements { subject: "patient", encounter: None, ..usual("type", "created") }
        }
        "Device" => Elements {
            subject: "patient",
            encounter: None,
            code: Some("type"),
            time: Some("manufactureDate"),
            status: true,
        },
        "Basic" => Elements {
            subject: "subject",
            encounter: None,
            code: Some("code"),
            time: Some("created"),
            status: false,
        },
        _ => Elements { subject: "subject", encounter: None, code: Some("code"), time: None, status: true },
    }
}

/// The resource type of an event whose source has none.
pub(super) const fn kind_type(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Encounter => "Encounter",
        EventKind::Condition => "Condition",
        EventKind::Observation | EventKind::Demographic | EventKind::Death | EventKind::Birth => {
            "Observation"
        }
        EventKind::Medication => "MedicationStatement",
        EventKind::Procedure => "Procedure",
        EventKind::Immunisation => "Immunization",
        EventKind::Allergy => "AllergyIntolerance",
        EventKind::Document => "DocumentReference",
        EventKind::CarePlan => "CarePlan",
        EventKind::Device => "Device",
        EventKind::Administrative | EventKind::Unknown => "Basic",
    }
}
