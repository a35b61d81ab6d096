//! The words of the graph: strata, node labels, edge types, properties.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use twinloom_event::EventKind;

/// The three layers of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stratum {
    /// What happened to subjects: patients, encounters, events.
    Instance,
    /// What codes mean: one shared node per code.
    Terminology,
    /// Who, where and with what: clinicians, organisations, places, devices.
    Provenance,
}

/// The sort of a node; its order is the order of node numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeLabel {
    /// A subject of the record.
    Patient,
    /// A contact or a stay.
    Encounter,
    /// A coded fact, by its kind.
    Event(EventKind),
    /// A code.
    Concept,
    /// Something artefacts refer to that is no subject, by the source's word for its sort.
    Entity(Arc<str>),
}

impl NodeLabel {
    /// The one name that tells this label from all others: `Condition`, `Concept`, `Organization`.
    ///
    /// An entity sort that is also an event's name gets the suffix `Entity` (`MedicationEntity`).
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Patient => Cow::Borrowed("Patient"),
            Self::Encounter => Cow::Borrowed("Encounter"),
            Self::Event(kind) => Cow::Borrowed(event_name(*kind)),
            Self::Concept => Cow::Borrowed("Concept"),
            Self::Entity(kind) => {
                let plain = identifier(kind);
                let taken = ["Patient", "Encounter", "Concept", "Event", "Entity"].contains(&plain.as_str())
                    || EventKind::ALL.into_iter().any(|event| event_name(event) == plain);
                Cow::Owned(if taken { format!("{plain}Entity") } else { plain })
            }
        }
    }

    /// Every name under which a query finds the node: `Event` and `Condition`, `Entity` and
    /// `Organization`, or its only name.
    pub fn names(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Event(_) => vec![Cow::Borrowed("Event"), self.name()],
            Self::Entity(_) => vec![Cow::Borrowed("Entity"), self.name()],
            _ => vec![self.name()],
        }
    }

    /// The layer the node lies in.
    pub fn stratum(&self) -> Stratum {
        match self {
            Self::Patient | Self::Encounter | Self::Event(_) => Stratum::Instance,
            Self::Concept => Stratum::Terminology,
            Self::Entity(_) => Stratum::Provenance,
        }
    }
}

fn event_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Demographic => "Demographic",
        EventKind::Birth => "Birth",
        EventKind::Death => "Death",
        EventKind::Encounter => "Contact",
        EventKind::Condition => "Condition",
        EventKind::Observation => "Observation",
        EventKind::Medication => "Medication",
        EventKind::Procedure => "Procedure",
        EventKind::Immunisation => "Immunisation",
        EventKind::Allergy => "Allergy",
        EventKind::Document => "Document",
        EventKind::CarePlan => "CarePlan",
        EventKind::Device => "Device",
        EventKind::Administrative => "Administrative",
        EventKind::Unknown => "Unclassified",
    }
}

/// Letters, digits and underscores of a word, so that every query language takes it unquoted.
pub(crate) fn identifier(word: &str) -> String {
    let mut plain: String =
        word.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    if !plain.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        plain.insert_str(0, "Kind");
    }
    plain
}

/// The sort of an edge, in upper snake case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeType(Arc<str>);

impl EdgeType {
    /// Patient to encounter.
    pub fn had_encounter() -> Self {
        Self("HAD_ENCOUNTER".into())
    }

    /// Encounter to event.
    pub fn contains() -> Self {
        Self("CONTAINS".into())
    }

    /// Patient to event, in or outside an encounter.
    pub fn has_event() -> Self {
        Self("HAS_EVENT".into())
    }

    /// Event or encounter to concept; rank 0 is the main code.
    pub fn coded_as() -> Self {
        Self("CODED_AS".into())
    }

    /// Event to the concept that is its coded answer.
    pub fn answered() -> Self {
        Self("ANSWERED".into())
    }

    /// Concept to the concept it is a case of.
    pub fn is_a() -> Self {
        Self("IS_A".into())
    }

    /// Concept to the concept that expresses it in another system.
    pub fn maps_to() -> Self {
        Self("MAPS_TO".into())
    }

    /// Drug concept to one that it harms with; it holds both ways and is kept once.
    pub fn interacts_with() -> Self {
        Self("INTERACTS_WITH".into())
    }

    /// Encounter to the same subject's next one.
    pub fn next() -> Self {
        Self("NEXT".into())
    }

    /// Component to the panel it belongs to, and FHIR's `partOf`.
    pub fn part_of() -> Self {
        Self("PART_OF".into())
    }

    /// The type named by the path of the element that holds a reference: `participant.individual`
    /// gives `PARTICIPANT_INDIVIDUAL`, `basedOn` gives `BASED_ON`, and `reasonReference`
    /// (FHIR's choice elements name their type) gives `REASON`.
    pub fn from_path(path: &str) -> Self {
        let path = match path.strip_suffix("Reference") {
            Some(stem) if stem.ends_with(|letter: char| letter.is_ascii_alphanumeric()) => stem,
            _ => path,
        };
        let mut name = String::with_capacity(path.len() + 4);
        let mut after_lower = false;
        for letter in path.chars() {
            if letter.is_ascii_alphanumeric() {
                if letter.is_ascii_uppercase() && after_lower {
                    name.push('_');
                }
                name.push(letter.to_ascii_uppercase());
                after_lower = !letter.is_ascii_uppercase();
            } else {
                if !name.is_empty() && !name.ends_with('_') {
                    name.push('_');
                }
                after_lower = false;
            }
        }
        let name = name.trim_end_matches('_');
        match name.chars().next() {
            None => Self("REFERS_TO".into()),
            Some(first) if first.is_ascii_digit() => Self(format!("REF_{name}").into()),
            Some(_) => Self(name.into()),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_stored(name: &str) -> Option<Self> {
        let shaped = name.starts_with(|letter: char| letter.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        shaped.then(|| Self(name.into()))
    }
}

impl fmt::Display for EdgeType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A named column of a node table.
///
/// # Units
/// Times are microseconds since 1970-01-01, local clock; `value` is in `unit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Property {
    /// The artefact's or the code's identifier, unique within the label.
    Id,
    /// MEDS subject id of a patient.
    SubjectId,
    /// `female`, `male`, `other`, `unknown`.
    Sex,
    /// Year of birth.
    BirthYear,
    /// Deprivation decile, 1 the most deprived.
    ImdDecile,
    /// Ethnic category.
    Ethnicity,
    /// Class of an encounter (`AMB`, `IMP`, `EMER`).
    Class,
    /// Where a patient went from an encounter.
    Discharge,
    /// When an encounter began.
    Start,
    /// When an event was.
    Time,
    /// When an encounter or event ended.
    End,
    /// When a reader of the record could rely on it.
    Known,
    /// The number measured.
    Value,
    /// The unit of the number.
    Unit,
    /// Status of the artefact.
    Status,
    /// How sure a condition is: `confirmed`, `provisional`, `refuted`.
    Verification,
    /// The coded reason of an encounter, order or act.
    Reason,
    /// The laboratory's own judgement of a result, as a code.
    Interpretation,
    /// The laboratory's own lower limit of a usual result.
    ReferenceLow,
    /// The laboratory's own upper limit of a usual result.
    ReferenceHigh,
    /// The text or code found.
    Text,
    /// The code's system.
    System,
    /// The code within its system.
    Code,
    /// The meaning of a code in words.
    Display,
    /// What people call an entity.
    Name,
}

impl Property {
    /// Every property, in declaration order.
    pub const ALL: [Self; 25] = [
        Self::Id,
        Self::SubjectId,
        Self::Sex,
        Self::BirthYear,
        Self::ImdDecile,
        Self::Ethnicity,
        Self::Class,
        Self::Discharge,
        Self::Start,
        Self::Time,
        Self::End,
        Self::Known,
        Self::Value,
        Self::Unit,
        Self::Status,
        Self::Verification,
        Self::Reason,
        Self::Interpretation,
        Self::ReferenceLow,
        Self::ReferenceHigh,
        Self::Text,
        Self::System,
        Self::Code,
        Self::Display,
        Self::Name,
    ];

    /// The name in queries and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::SubjectId => "subject_id",
            Self::Sex => "sex",
            Self::BirthYear => "birth_year",
            Self::ImdDecile => "imd_decile",
            Self::Ethnicity => "ethnicity",
            Self::Class => "class",
            Self::Discharge => "discharge",
            Self::Start => "start",
            Self::Time => "time",
            Self::End => "end",
            Self::Known => "known",
            Self::Value => "value",
            Self::Unit => "unit",
            Self::Status => "status",
            Self::Verification => "verification",
            Self::Reason => "reason",
            Self::Interpretation => "interpretation",
            Self::ReferenceLow => "reference_low",
            Self::ReferenceHigh => "reference_high",
            Self::Text => "text",
            Self::System => "system",
            Self::Code => "code",
            Self::Display => "display",
            Self::Name => "name",
        }
    }

    pub(crate) fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|property| property.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_paths_become_types() {
        let cases = [
            ("result", "RESULT"),
            ("participant.individual", "PARTICIPANT_INDIVIDUAL"),
            ("basedOn", "BASED_ON"),
            ("reasonReference", "REASON"),
            ("partOf", "PART_OF"),
            ("item.encounter", "ITEM_ENCOUNTER"),
            ("Reference", "REFERENCE"),
            ("", "REFERS_TO"),
            ("..", "REFERS_TO"),
            ("1st", "REF_1ST"),
        ];
        for (path, name) in cases {
            assert_eq!(EdgeType::from_path(path).as_str(), name);
        }
    }

    #[test]
    fn law_types_and_labels_are_identifiers() {
        for path in ["a b", "élan", "x:`y`", "9", "ABC", "suppliedItem.itemReference"] {
            let edge_type = EdgeType::from_path(path);
            assert_eq!(EdgeType::from_stored(edge_type.as_str()), Some(edge_type));
            let name = NodeLabel::Entity(path.into()).name().into_owned();
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{name}");
        }
        assert_eq!(EdgeType::from_stored("A B"), None);
    }

    #[test]
    fn regress_an_entity_never_takes_an_events_name() {
        assert_eq!(NodeLabel::Entity("Medication".into()).name(), "MedicationEntity");
        assert_eq!(NodeLabel::Entity("Organization".into()).name(), "Organization");
        assert_eq!(NodeLabel::Event(EventKind::Medication).names(), ["Event", "Medication"]);
    }
}
