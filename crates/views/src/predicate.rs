//! Questions about one event, from which tasks are built.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_event::{Attribute, Event, EventKind};

use crate::CodeSet;

/// A yes-or-no question about one event, in the manner of ACES predicates.
///
/// Predicates see whole events, the future included: they define labels and exclusions, never
/// features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// Its code, or another coding of it, is in the set.
    Codes(CodeSet),
    /// It is of this kind.
    Kind(EventKind),
    /// It carries a number within the limits, both inclusive.
    Value {
        /// Least value, in the event's unit.
        minimum: Option<f64>,
        /// Greatest value, in the event's unit.
        maximum: Option<f64>,
    },
    /// A text column has this value.
    Attribute {
        /// Column.
        name: Arc<str>,
        /// Value.
        value: Arc<str>,
    },
    /// It satisfies one of these; never, if there are none.
    Any(Vec<Predicate>),
    /// It satisfies all of these; always, if there are none.
    All(Vec<Predicate>),
    /// It does not satisfy this.
    Not(Box<Predicate>),
}

impl Predicate {
    /// The subject died: `MEDS_DEATH` or one of its refinements.
    pub fn death() -> Self {
        Self::Codes(CodeSet::of(["MEDS_DEATH"]).union(CodeSet::starting_with(["MEDS_DEATH//"])))
    }

    /// Whether the event satisfies the question.
    pub fn matches(&self, event: &Event) -> bool {
        match self {
            Self::Codes(codes) => codes.matches(event),
            Self::Kind(kind) => event.kind() == *kind,
            Self::Value { minimum, maximum } => event.numeric_value().is_some_and(|value| {
                minimum.is_none_or(|minimum| minimum <= value)
                    && maximum.is_none_or(|maximum| value <= maximum)
            }),
            Self::Attribute { name, value } => {
                event.attribute(name).and_then(Attribute::as_text) == Some(&**value)
            }
            Self::Any(predicates) => predicates.iter().any(|predicate| predicate.matches(event)),
            Self::All(predicates) => predicates.iter().all(|predicate| predicate.matches(event)),
            Self::Not(predicate) => !predicate.matches(event),
        }
    }
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Code, SubjectId};

    use super::*;

    #[test]
    fn regress_predicates_combine() {
        let event = Event::new(SubjectId::new(1), None, Code::parse("LAB//K").unwrap())
            .with_kind(EventKind::Observation)
            .with_numeric_value(6.1)
            .unwrap()
            .with_attribute("class", Attribute::Text("EMER".into()));
        let high = Predicate::Value { minimum: Some(6.0), maximum: None };
        let potassium = Predicate::Codes(CodeSet::of(["LAB//K"]));
        let emergency = Predicate::Attribute { name: "class".into(), value: "EMER".into() };
        assert!(Predicate::All(vec![potassium.clone(), high.clone(), emergency]).matches(&event));
        assert!(!Predicate::All(vec![potassium, Predicate::Not(Box::new(high))]).matches(&event));
        assert!(!Predicate::Any(vec![]).matches(&event) && Predicate::All(vec![]).matches(&event));
    }
}
