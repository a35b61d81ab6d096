//! Predicates: what an event must be to be counted.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value as Json;
use twinloom_event::{Attribute, Event};

/// A predicate of the configuration.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: String,
    /// About the subject, from events without a time; who does not satisfy it is left out.
    pub(super) is_static: bool,
    pub(super) form: Form,
}

/// What a predicate asks.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// Of each event.
    Plain(Plain),
    /// Of all events of one moment: whether each of these predicates holds for some of them.
    And(Vec<usize>),
    /// Of all events of one moment: whether any of these predicates holds for some of them.
    Or(Vec<usize>),
}

/// A question about one event.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    pub(super) code: CodeTest,
    pub(super) least: Option<Limit>,
    pub(super) greatest: Option<Limit>,
    /// Columns and the values they must have.
    pub(super) columns: Vec<(String, String)>,
}

/// Which codes.
#[derive(Clone, Debug)]
pub(super) enum CodeTest {
    AnyOf(BTreeSet<String>),
    Matching(Regex),
}

/// A limit of a number; exclusive unless the configuration says otherwise, as in ACES.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) value: f64,
    pub(super) inclusive: bool,
}

impl Plain {
    pub(super) fn matches(&self, event: &Event) -> bool {
        self.holds_code(event)
            && self.holds_value(event.numeric_value())
            && self
                .columns
                .iter()
                .all(|(name, wanted)| column(event, name).is_some_and(|text| text == *wanted))
    }

    fn holds_code(&self, event: &Event) -> bool {
        let holds = |code: &str| match &self.code {
            CodeTest::AnyOf(codes) => codes.contains(code),
            CodeTest::Matching(regex) => regex.is_match(code),
        };
        holds(event.code().as_str())
            || event
                .attribute("other_codes")
                .and_then(Attribute::as_text)
                .and_then(|codes| serde_json::from_str::<Vec<Json>>(codes).ok())
                .is_some_and(|codes| codes.iter().filter_map(Json::as_str).any(holds))
    }

    fn holds_value(&self, value: Option<f64>) -> bool {
        let above = |limit: Limit, value: f64| {
            if limit.inclusive { value >= limit.value } else { value > limit.value }
        };
        let below = |limit: Limit, value: f64| {
            if limit.inclusive { value <= limit.value } else { value < limit.value }
        };
        self.least.is_none_or(|limit| value.is_some_and(|value| above(limit, value)))
            && self.greatest.is_none_or(|limit| value.is_some_and(|value| below(limit, value)))
    }
}

/// The text of a column by its MEDS name, or of an extra column.
fn column(event: &Event, name: &str) -> Option<String> {
    match name {
        "text_value" => event.text_value().map(str::to_owned),
        "unit" => event.unit().map(ToString::to_string),
        "encounter_id" => event.encounter_id().map(ToString::to_string),
        "source" => event.source().map(ToString::to_string),
        _ => match event.attribute(name)? {
            Attribute::Text(text) => Some(text.to_string()),
            Attribute::Integer(number) => Some(number.to_string()),
            Attribute::Float(number) => Some(number.to_string()),
            Attribute::Boolean(truth) => Some(truth.to_string()),
            Attribute::Time(_) => None,
        },
    }
}
