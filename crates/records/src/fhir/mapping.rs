//! Which elements of each resource type say whose fact it is, what, when and with what standing.
//!
//! # Source
//! FHIR R4 4.0.1 resource definitions; the elements are quoted from them. Two STU3 types are kept
//! because older NHS interfaces still send them (ReferralRequest, ProcedureRequest).
//!
//! # Limits
//! Statuses that deny the fact (`not-done`, `cancelled`, `refuted`, `entered-in-error`) refuse the
//! resource: it must never become a positive fact. Statuses that end it (`stopped`, `revoked`,
//! `completed`) do not: it was a fact until then, and the event's `status` says so.

use twinloom_event::EventKind;

use super::mapping_table::MAPPINGS;

/// What of a resource becomes the event's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueFrom {
    /// Nothing.
    Nothing,
    /// A Quantity, Money or number at this path.
    Number(&'static str),
    /// Text at this path.
    Text(&'static str),
    /// A coded answer at this path.
    Coded(&'static str),
    /// `value[x]`, with `component`s as further events.
    Observation,
    /// One event for each `condition` of a relative.
    FamilyHistory,
    /// One event for each answered `item`.
    Questionnaire,
}

/// How one resource type becomes events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mapping {
    /// The type.
    pub(crate) resource: &'static str,
    /// The sort of its events.
    pub(crate) kind: EventKind,
    /// Elements that may name the subject, in order.
    pub(crate) subject: &'static [&'static str],
    /// Elements that may name the encounter, in order.
    pub(crate) encounter: &'static [&'static str],
    /// Elements that may hold the code, in order.
    pub(crate) code: &'static [&'static str],
    /// Elements that state when the fact held, in order.
    pub(crate) time: &'static [&'static str],
    /// Elements to take the time from when none of those is usable; `time_source` tells.
    pub(crate) fallback_time: &'static [&'static str],
    /// Elements that state when it ceased, beside the end of a period.
    pub(crate) end: &'static [&'static str],
    /// Elements that state when the source came to know it.
    pub(crate) recorded: &'static [&'static str],
    /// The element with its standing.
    pub(crate) status: &'static str,
    /// Standings that make it no fact.
    pub(crate) refused: &'static [&'static str],
    /// What becomes the value.
    pub(crate) value: ValueFrom,
}

/// The mapping of a resource type, if its resources are facts about a subject.
pub(crate) fn mapping(resource: &str) -> Option<&'static Mapping> {
    MAPPINGS.binary_search_by(|mapping| mapping.resource.cmp(resource)).ok().map(|index| &MAPPINGS[index])
}

/// The reason stated for a refused standing.
pub(crate) fn refusal(standing: &str) -> &'static str {
    match standing {
        "entered-in-error" => "entered in error",
        "not-done" => "not done",
        "not-taken" => "not taken",
        "refuted" => "refuted",
        "cancelled" => "cancelled",
        "noshow" => "appointment not attended",
        "rejected" => "rejected",
        "declined" => "declined",
        "abandoned" => "abandoned",
        "failed" => "failed",
        "planned" => "planned, not yet a fact",
        "preparation" => "in preparation, not yet a fact",
        "unavailable" => "unavailable",
        "potential" => "potential, not a fact",
        _ => "its status denies the fact",
    }
}

#[cfg(test)]
mod tests {
    use super::super::types::{is_entity, is_resource_type};
    use super::*;

    #[test]
    fn law_the_table_is_sorted_and_holds_only_resource_types() {
        assert!(MAPPINGS.is_sorted_by_key(|mapping| mapping.resource));
        for entry in &MAPPINGS {
            assert!(is_resource_type(entry.resource), "{}", entry.resource);
            assert!(!is_entity(entry.resource), "{}", entry.resource);
            assert!(mapping(entry.resource).is_some());
            assert!(entry.refused.iter().all(|standing| !refusal(standing).is_empty()));
        }
    }
}
