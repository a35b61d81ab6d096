//! One subject's record arranged for drawing.

use std::collections::BTreeMap;

use serde::Serialize;
use twinloom_event::{Attribute, Code, Cohort, Event, EventKind, SubjectId, Timeline, Timestamp, Unit};

/// The kinds drawn as lanes, from top to bottom.
const LANES: [EventKind; 9] = [
    EventKind::Encounter,
    EventKind::Condition,
    EventKind::Medication,
    EventKind::Procedure,
    EventKind::Immunisation,
    EventKind::Allergy,
    EventKind::Device,
    EventKind::CarePlan,
    EventKind::Document,
];

/// One subject's spans by kind and code, and measurements by code and unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubjectLanes {
    /// Whose record it is.
    pub subject_id: SubjectId,
    /// Birth, if recorded.
    pub birth: Option<Timestamp>,
    /// Death, if recorded.
    pub death: Option<Timestamp>,
    /// Lanes that have rows, from top to bottom.
    pub lanes: Vec<Lane>,
    /// Measurements, those with most readings first.
    pub readings: Vec<ReadingSeries>,
}

/// The rows of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lane {
    /// The kind.
    pub kind: EventKind,
    /// Rows by the time of their first span.
    pub rows: Vec<LaneRow>,
}

/// All spans of one code; of one class, for encounters that state it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneRow {
    /// The code, or the class of encounters.
    pub name: String,
    /// Spans in order of time.
    pub spans: Vec<Span>,
}

/// A stretch of time, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Start.
    pub start: Timestamp,
    /// End, if recorded; conditions and medications without one go on, other things are moments.
    pub end: Option<Timestamp>,
}

/// The readings of one code in one unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadingSeries {
    /// What was measured.
    pub code: Code,
    /// In what unit.
    pub unit: Option<Unit>,
    /// Readings in order of time.
    pub readings: Vec<Reading>,
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// When.
    pub time: Timestamp,
    /// How much.
    pub value: f64,
}

/// Arranges a subject's timed events as lanes and series.
pub fn subject_lanes(timeline: &Timeline) -> SubjectLanes {
    let mut rows: BTreeMap<(EventKind, &str), Vec<Span>> = BTreeMap::new();
    let mut series: BTreeMap<(&Code, Option<&Unit>), Vec<Reading>> = BTreeMap::new();
    for event in timeline.timed_events() {
        let Some(start) = event.time() else { continue };
        if LANES.contains(&event.kind()) {
            let spans = rows.entry((event.kind(), row_name(event))).or_default();
            spans.push(Span { start, end: event.end_time() });
        } else if let (EventKind::Observation, Some(value)) = (event.kind(), event.numeric_value()) {
            series.entry((event.code(), event.unit())).or_default().push(Reading { time: start, value });
        }
    }
    let lanes = LANES
        .into_iter()
        .filter_map(|kind| {
            let mut own: Vec<LaneRow> = rows
                .iter()
                .filter(|((row_kind, _), _)| *row_kind == kind)
                .map(|((_, name), spans)| LaneRow { name: (*name).to_owned(), spans: spans.clone() })
                .collect();
            own.sort_by_key(|row| row.spans.first().map(|span| span.start));
            (!own.is_empty()).then_some(Lane { kind, rows: own })
        })
        .collect();
    let mut readings: Vec<ReadingSeries> = series
        .into_iter()
        .map(|((code, unit), readings)| ReadingSeries { code: code.clone(), unit: unit.cloned(), readings })
        .collect();
    readings.sort_by_key(|series| std::cmp::Reverse(series.readings.len()));
    SubjectLanes {
        subject_id: timeline.subject_id(),
        birth: timeline.birth(),
        death: timeline.death(),
        lanes,
        readings,
    }
}

/// A subject whose record shows much but is not an outlier: of those with the most kinds of lanes, the
/// one at the upper quartile of record length.
pub fn subject_to_draw(cohort: &Cohort) -> Option<SubjectId> {
    let kinds = |timeline: &Timeline| {
        LANES
            .into_iter()
            .filter(|kind| timeline.timed_events().iter().any(|event| event.kind() == *kind))
            .count()
    };
    let most = cohort.timelines().iter().map(kinds).max()?;
    let mut richest: Vec<&Timeline> =
        cohort.timelines().iter().filter(|timeline| kinds(timeline) == most).collect();
    richest.sort_by_key(|timeline| (timeline.events().len(), timeline.subject_id()));
    richest.get((richest.len() - 1) * 3 / 4).map(|timeline| timeline.subject_id())
}

fn row_name(event: &Event) -> &str {
    let class = (event.kind() == EventKind::Encounter)
        .then(|| event.attribute("class").and_then(Attribute::as_text))
        .flatten();
    class.unwrap_or(event.code().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_rows_gather_spans_of_one_code() {
        let year = |year| Timestamp::from_ymd(year, 1, 1).unwrap();
        let event = |from, code: &str, kind| {
            Event::new(SubjectId::new(1), Some(year(from)), Code::parse(code).unwrap()).with_kind(kind)
        };
        let timeline = Timeline::from_unordered(
            SubjectId::new(1),
            vec![
                event(2005, "DRUG", EventKind::Medication),
                event(2001, "DRUG", EventKind::Medication).with_end_time(year(2002)).unwrap(),
                event(2003, "COND", EventKind::Condition),
                event(2004, "BP", EventKind::Observation).with_numeric_value(120.0).unwrap(),
                event(2004, "TEXT", EventKind::Observation),
            ],
        )
        .unwrap();
        let lanes = subject_lanes(&timeline);
        let kinds: Vec<_> = lanes.lanes.iter().map(|lane| lane.kind).collect();
        assert_eq!(kinds, [EventKind::Condition, EventKind::Medication]);
        let drug = &lanes.lanes[1].rows[0];
        assert_eq!(drug.spans[0], Span { start: year(2001), end: Some(year(2002)) });
        assert_eq!((drug.spans.len(), lanes.readings.len()), (2, 1));
        let cohort = Cohort::new(vec![timeline]).unwrap();
        assert_eq!(subject_to_draw(&cohort), Some(SubjectId::new(1)));
    }
}
