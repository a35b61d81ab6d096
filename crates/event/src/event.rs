//! One coded fact about one subject.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Attribute, Attributes, Code, EncounterId, EventKind, RecordId, Source, SubjectId, TimePrecision,
    Timestamp, Unit,
};

/// One coded fact: the MEDS row plus typed open columns.
///
/// Invariants: numbers are finite, an end needs a start and does not precede it.
///
/// # Units
/// `numeric_value` is in [`Event::unit`]; f64 here, f32 once written to MEDS files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    subject_id: SubjectId,
    time: Option<Timestamp>,
    time_precision: TimePrecision,
    end_time: Option<Timestamp>,
    recorded_time: Option<Timestamp>,
    code: Code,
    kind: EventKind,
    numeric_value: Option<f64>,
    text_value: Option<Arc<str>>,
    unit: Option<Unit>,
    encounter_id: Option<EncounterId>,
    seq: u32,
    source: Option<Source>,
    record_id: Option<RecordId>,
    /// In name order, each name once. Events have few: a list is smaller and faster than a tree.
    #[serde(default, with = "few")]
    attributes: Vec<(Arc<str>, Attribute)>,
}

impl Event {
    /// States that `code` holds for the subject at `time`; without a time the fact is static.
    pub fn new(subject_id: SubjectId, time: Option<Timestamp>, code: Code) -> Self {
        Self {
            subject_id,
            time,
            time_precision: TimePrecision::Instant,
            end_time: None,
            recorded_time: None,
            code,
            kind: EventKind::Unknown,
            numeric_value: None,
            text_value: None,
            unit: None,
            encounter_id: None,
            seq: 0,
            source: None,
            record_id: None,
            attributes: Vec::new(),
        }
    }

    /// Sets the sort of fact.
    #[must_use]
    pub fn with_kind(mut self, kind: EventKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets how much of the time was stated.
    #[must_use]
    pub fn with_time_precision(mut self, precision: TimePrecision) -> Self {
        self.time_precision = precision;
        self
    }

    /// Closes the fact at `end`.
    ///
    /// # Errors
    /// [`EventError::EndWithoutStart`] on a static event, [`EventError::EndBeforeStart`] when `end`
    /// precedes the time.
    pub fn with_end_time(mut self, end: Timestamp) -> Result<Self, EventError> {
        match self.time {
            None => Err(EventError::EndWithoutStart),
            Some(start) if end < start => Err(EventError::EndBeforeStart { start, end }),
            Some(_) => {
                self.end_time = Some(end);
                Ok(self)
            }
        }
    }

    /// Sets when the source system came to know the fact.
    #[must_use]
    pub fn with_recorded_time(mut self, at: Timestamp) -> Self {
        self.recorded_time = Some(at);
        self
    }

    /// Sets the number measured.
    ///
    /// # Errors
    /// [`EventError::NotFinite`] for NaN and the infinities.
    pub fn with_numeric_value(mut self, value: f64) -> Result<Self, EventError> {
        if !value.is_finite() {
            return Err(EventError::NotFinite { value });
        }
        self.numeric_value = Some(value);
        Ok(self)
    }

    /// Sets the text found; a coded answer is written as its code.
    #[must_use]
    pub fn with_text_value(mut self, text: impl Into<Arc<str>>) -> Self {
        self.text_value = Some(text.into());
        self
    }

    /// Sets the unit of the number.
    #[must_use]
    pub fn with_unit(mut self, unit: Unit) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Sets the encounter during which the fact was established.
    #[must_use]
    pub fn with_encounter_id(mut self, id: EncounterId) -> Self {
        self.encounter_id = Some(id);
        self
    }

    /// Sets the tie-breaker among events of one time; [`crate::Timeline::from_unordered`] renumbers.
    #[must_use]
    pub fn with_seq(mut self, seq: u32) -> Self {
        self.seq = seq;
        self
    }

    /// Sets the system that recorded the fact.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    /// Sets the artefact that stated the fact.
    #[must_use]
    pub fn with_record_id(mut self, id: RecordId) -> Self {
        self.record_id = Some(id);
        self
    }

    /// Adds or replaces an extra column's value.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<Arc<str>>, value: Attribute) -> Self {
        let name = name.into();
        match self.place(&name) {
            Ok(place) => self.attributes[place].1 = value,
            Err(place) => self.attributes.insert(place, (name, value)),
        }
        self
    }

    /// Whose fact it is.
    pub fn subject_id(&self) -> SubjectId {
        self.subject_id
    }

    /// When the fact held or began; `None` for a static fact.
    pub fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// How much of the time was stated.
    pub fn time_precision(&self) -> TimePrecision {
        self.time_precision
    }

    /// When the fact ceased, if it spans time and has ceased.
    pub fn end_time(&self) -> Option<Timestamp> {
        self.end_time
    }

    /// When the source system came to know it, if it said.
    pub fn recorded_time(&self) -> Option<Timestamp> {
        self.recorded_time
    }

    /// The earliest time at which a reader of the record can rely on the fact: the latest moment its
    /// stated time may mean, or the time it was recorded if that is later. `None` for a static fact.
    pub fn known_time(&self) -> Option<Timestamp> {
        let latest = self.time_precision.latest(self.time?);
        Some(self.recorded_time.map_or(latest, |recorded| recorded.max(latest)))
    }

    /// What the fact is.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// The sort of fact.
    pub fn kind(&self) -> EventKind {
        self.kind
    }

    /// The number measured.
    pub fn numeric_value(&self) -> Option<f64> {
        self.numeric_value
    }

    /// The text found.
    pub fn text_value(&self) -> Option<&str> {
        self.text_value.as_deref()
    }

    /// The unit of the number.
    pub fn unit(&self) -> Option<&Unit> {
        self.unit.as_ref()
    }

    /// The encounter it belongs to.
    pub fn encounter_id(&self) -> Option<&EncounterId> {
        self.encounter_id.as_ref()
    }

    /// The tie-breaker among events of one time.
    pub fn seq(&self) -> u32 {
        self.seq
    }

    /// The system that recorded it.
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// The artefact that stated it.
    pub fn record_id(&self) -> Option<&RecordId> {
        self.record_id.as_ref()
    }

    /// The extra columns, in name order.
    pub fn attributes(&self) -> impl Iterator<Item = (&Arc<str>, &Attribute)> {
        self.attributes.iter().map(|(name, value)| (name, value))
    }

    /// The value of one extra column.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.place(name).ok().map(|place| &self.attributes[place].1)
    }

    /// The place of an extra column, or where it would stand.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.attributes.binary_search_by(|(own, _)| (**own).cmp(name))
    }

    pub(crate) fn renumber(&mut self, seq: u32) {
        self.seq = seq;
    }

    /// The place in a timeline: static facts first, then by time, then by `seq`.
    pub fn order(&self) -> (Option<Timestamp>, u32) {
        (self.time, self.seq)
    }
}

/// Extra columns as a map, or null when there are none.
mod few {
    use super::{Arc, Attribute, Attributes, Deserialize};

    struct Map<'a>(&'a [(Arc<str>, Attribute)]);

    impl serde::Serialize for Map<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
        }
    }

    pub(super) fn serialize<S: serde::Serializer>(
        own: &[(Arc<str>, Attribute)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        if own.is_empty() { serializer.serialize_none() } else { serializer.serialize_some(&Map(own)) }
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(Arc<str>, Attribute)>, D::Error> {
        let own = Option::<Attributes>::deserialize(deserializer)?;
        Ok(own.unwrap_or_default().into_iter().collect())
    }
}

/// Why an event can't be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EventError {
    /// A static event was given an end.
    #[error("an end time was given without a start; permitted: an end only on a timed event")]
    EndWithoutStart,
    /// The end precedes the start.
    #[error("end {end} precedes start {start}; permitted: an end at or after the start")]
    EndBeforeStart {
        /// The event's time.
        start: Timestamp,
        /// The end given.
        end: Timestamp,
    },
    /// The number is NaN or infinite.
    #[error("numeric value {value} is not finite; permitted: finite numbers")]
    NotFinite {
        /// The value given.
        value: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(time: Option<Timestamp>) -> Event {
        Event::new(SubjectId::new(1), time, Code::new("TEST", "a").unwrap())
    }

    #[test]
    fn regress_constructors_refuse_the_impossible() {
        let start = Timestamp::from_ymd(2020, 1, 2).unwrap();
        let before = Timestamp::from_ymd(2020, 1, 1).unwrap();
        assert_eq!(event(None).with_end_time(start), Err(EventError::EndWithoutStart));
        assert_eq!(
            event(Some(start)).with_end_time(before),
            Err(EventError::EndBeforeStart { start, end: before })
        );
        assert!(event(None).with_numeric_value(f64::NAN).is_err());
    }

    #[test]
    fn law_extra_columns_are_in_name_order_and_unique() {
        let number = |number| Attribute::Integer(number);
        let made = event(None)
            .with_attribute("b", number(1))
            .with_attribute("c", number(2))
            .with_attribute("a", number(3))
            .with_attribute("b", number(4));
        let names: Vec<&str> = made.attributes().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!((made.attribute("b"), made.attribute("d")), (Some(&number(4)), None));
    }

    #[test]
    fn regress_a_bare_date_is_known_at_the_end_of_the_day() {
        let day = Timestamp::from_ymd(2020, 1, 2).unwrap();
        let known = event(Some(day)).with_time_precision(TimePrecision::Day).known_time().unwrap();
        assert_eq!(known.to_string(), "2020-01-02T23:59:59.999999");
        let late = Timestamp::from_ymd(2020, 2, 1).unwrap();
        assert_eq!(event(Some(day)).with_recorded_time(late).known_time(), Some(late));
        assert_eq!(event(None).known_time(), None);
    }
}
