//! What a reader of the record could know at a prediction time, and nothing more.
//!
//! Features, sequences and graphs for a model are made from [`Visible`] alone. It hands out
//! [`VisibleEvent`]s, which show a fact's fields one by one; the underlying event, whose end or
//! outcome may lie in the future, can't be had from them.
//!
//! # Limits
//! Only attributes that are fixed when the artefact is written are shown (`class`, `category`,
//! `intent`, `other_codes`, `time_source`). A status (`clinical_status = resolved`) describes the
//! artefact as it was exported, which may be long after the prediction.

use std::fmt;

use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, RecordId, Source, SubjectId, TimePrecision, Timeline,
    Timestamp, Unit,
};

use crate::CodeSet;

const STABLE_ATTRIBUTES: [&str; 5] = ["category", "class", "intent", "other_codes", "time_source"];

/// One subject's record as it could be read at a prediction time.
#[derive(Clone, Copy)]
pub struct Visible<'a> {
    subject_id: SubjectId,
    prediction_time: Timestamp,
    static_events: &'a [Event],
    /// Those that began by the prediction time; some of them may have become known only later.
    begun: &'a [Event],
    hidden: Option<&'a CodeSet>,
}

impl<'a> Visible<'a> {
    /// The record as of `prediction_time`, inclusive.
    pub fn new(timeline: &'a Timeline, prediction_time: Timestamp) -> Self {
        let timed = timeline.timed_events();
        let begun = timed.partition_point(|event| event.time() <= Some(prediction_time));
        Self {
            subject_id: timeline.subject_id(),
            prediction_time,
            static_events: timeline.static_events(),
            begun: &timed[..begun],
            hidden: None,
        }
    }

    /// Hides codes that must not become features, such as another model's prediction.
    #[must_use]
    pub fn hiding(mut self, codes: &'a CodeSet) -> Self {
        self.hidden = if codes.is_empty() { None } else { Some(codes) };
        self
    }

    /// Whose record it is.
    pub fn subject_id(&self) -> SubjectId {
        self.subject_id
    }

    /// The last moment whose knowledge is shown.
    pub fn prediction_time(&self) -> Timestamp {
        self.prediction_time
    }

    /// Static demographic facts. Other undated facts are never shown: they may be of any time.
    pub fn demographics(&self) -> impl Iterator<Item = VisibleEvent<'a>> + use<'a> {
        let this = *self;
        this.static_events
            .iter()
            .filter(|event| event.kind() == EventKind::Demographic)
            .filter_map(move |event| this.show(event))
    }

    /// Timed facts known by the prediction time, in order of time.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = VisibleEvent<'a>> + use<'a> {
        let this = *self;
        this.begun
            .iter()
            .filter(move |event| event.known_time().is_some_and(|known| known <= this.prediction_time))
            .filter_map(move |event| this.show(event))
    }

    /// The time of birth, if known.
    pub fn birth(&self) -> Option<Timestamp> {
        self.events().find(|event| event.code().is_birth())?.time()
    }

    /// Age in years of 365.25 days at the prediction time, if birth is known.
    pub fn age_years(&self) -> Option<f64> {
        Some(self.prediction_time.days_since(self.birth()?) / 365.25)
    }

    fn show(&self, event: &'a Event) -> Option<VisibleEvent<'a>> {
        let hidden = self.hidden.is_some_and(|codes| codes.matches(event));
        (!hidden).then_some(VisibleEvent { event, prediction_time: self.prediction_time })
    }
}

impl fmt::Debug for Visible<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Visible")
            .field("subject_id", &self.subject_id)
            .field("prediction_time", &self.prediction_time)
            .field("demographics", &self.demographics().collect::<Vec<_>>())
            .field("events", &self.events().collect::<Vec<_>>())
            .finish()
    }
}

/// A fact as it was known at the prediction time; made by [`Visible`] only.
#[derive(Clone, Copy)]
pub struct VisibleEvent<'a> {
    event: &'a Event,
    prediction_time: Timestamp,
}

impl<'a> VisibleEvent<'a> {
    /// When the fact held or began; `None` for a demographic.
    pub fn time(&self) -> Option<Timestamp> {
        self.event.time()
    }

    /// How much of the time was stated.
    pub fn time_precision(&self) -> TimePrecision {
        self.event.time_precision()
    }

    /// When the fact ceased, if it surely had by the prediction time; otherwise as if it continued.
    pub fn end_time(&self) -> Option<Timestamp> {
        let end = self.event.end_time()?;
        (self.event.time_precision().latest(end) <= self.prediction_time).then_some(end)
    }

    /// Days from the fact's time to the prediction time; `None` for a demographic.
    pub fn days_before(&self) -> Option<f64> {
        Some(self.prediction_time.days_since(self.event.time()?))
    }

    /// What the fact is.
    pub fn code(&self) -> &'a Code {
        self.event.code()
    }

    /// The sort of fact.
    pub fn kind(&self) -> EventKind {
        self.event.kind()
    }

    /// The number measured.
    pub fn numeric_value(&self) -> Option<f64> {
        self.event.numeric_value()
    }

    /// The text found.
    pub fn text_value(&self) -> Option<&'a str> {
        self.event.text_value()
    }

    /// The unit of the number.
    pub fn unit(&self) -> Option<&'a Unit> {
        self.event.unit()
    }

    /// The encounter it belongs to.
    pub fn encounter_id(&self) -> Option<&'a EncounterId> {
        self.event.encounter_id()
    }

    /// The artefact that stated it.
    pub fn record_id(&self) -> Option<&'a RecordId> {
        self.event.record_id()
    }

    /// The system that recorded it.
    pub fn source(&self) -> Option<&'a Source> {
        self.event.source()
    }

    /// An extra column that does not change after the artefact is written.
    pub fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        if STABLE_ATTRIBUTES.contains(&name) { self.event.attribute(name) } else { None }
    }
}

impl fmt::Debug for VisibleEvent<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("VisibleEvent");
        shown
            .field("time", &self.time())
            .field("time_precision", &self.time_precision())
            .field("end_time", &self.end_time())
            .field("code", &self.code())
            .field("kind", &self.kind())
            .field("numeric_value", &self.numeric_value())
            .field("text_value", &self.text_value())
            .field("unit", &self.unit())
            .field("encounter_id", &self.encounter_id())
            .field("record_id", &self.record_id())
            .field("source", &self.source());
        for name in STABLE_ATTRIBUTES {
            shown.field(name, &self.attribute(name));
        }
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use twinloom_event::EventKind;

    use super::*;

    fn at(day: u32) -> Timestamp {
        Timestamp::from_ymd_hms(2020, 1, day, 12, 0, 0).unwrap()
    }

    fn event(time: Option<Timestamp>, code: &str) -> Event {
        Event::new(SubjectId::new(1), time, Code::parse(code).unwrap())
    }

    fn codes(visible: &Visible<'_>) -> Vec<String> {
        visible.demographics().chain(visible.events()).map(|event| event.code().to_string()).collect()
    }

    #[test]
    fn regress_the_future_the_late_and_the_undated_are_hidden() {
        let midnight = Timestamp::from_ymd(2020, 1, 5).unwrap();
        let timeline = Timeline::from_unordered(
            SubjectId::new(1),
            vec![
                event(None, "SEX//female").with_kind(EventKind::Demographic),
                event(None, "SNOMED//undated"),
                event(Some(at(1)), "A"),
                event(Some(at(2)), "LATE").with_recorded_time(at(6)),
                event(Some(midnight), "DATE").with_time_precision(TimePrecision::Day),
                event(Some(at(5)), "NOW"),
                event(Some(at(6)), "FUTURE"),
            ],
        )
        .unwrap();
        assert_eq!(codes(&Visible::new(&timeline, at(5))), ["SEX//female", "A", "NOW"]);
        let hidden = CodeSet::of(["A"]);
        assert_eq!(codes(&Visible::new(&timeline, at(5)).hiding(&hidden)), ["SEX//female", "NOW"]);
    }

    #[test]
    fn regress_an_end_in_the_future_is_masked() {
        let stay = event(Some(at(1)), "STAY")
            .with_end_time(at(9))
            .unwrap()
            .with_attribute("class", Attribute::Text("IMP".into()))
            .with_attribute("status", Attribute::Text("finished".into()));
        let timeline = Timeline::from_unordered(SubjectId::new(1), vec![stay]).unwrap();
        let end = |day| Visible::new(&timeline, at(day)).events().next().unwrap().end_time();
        assert_eq!((end(8), end(9)), (None, Some(at(9))));
        let shown = Visible::new(&timeline, at(8)).events().next().unwrap();
        assert_eq!(shown.attribute("class").and_then(Attribute::as_text), Some("IMP"));
        assert!(shown.attribute("status").is_none());
        assert!(!format!("{shown:?}").contains(&at(9).micros().to_string()));
    }
}
