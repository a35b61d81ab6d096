//! One patient's record over time, and the truth behind it where the twin knows it.

use std::path::Path;

use anyhow::Result;
use twinloom_event::{EventKind, Timeline};
use twinloom_records::study::read_dataset;
use twinloom_report::{Lane, LaneKind, LaneRow, PatientTimeline, Period, Reading, ReadingSeries, Section};
use twinloom_views::summary::{LaneRow as FoundRow, Span, SubjectLanes, subject_lanes};

use super::Words;

/// The section of one subject.
pub(super) fn section(folder: &Path, timeline: &Timeline, words: &Words<'_>) -> Result<Section> {
    let found = subject_lanes(timeline);
    let truth = truth(folder, timeline)?;
    let mut lanes: Vec<Lane> = Vec::new();
    for lane in &found.lanes {
        let rows = lane.rows.iter().map(|row| drawn_row(lane.kind, row, truth.as_ref(), words));
        let kind = lane_kind(lane.kind);
        match lanes.iter_mut().find(|known| known.kind == kind) {
            Some(known) => known.rows.extend(rows),
            None => lanes.push(Lane { kind, rows: rows.collect() }),
        }
    }
    add_unrecorded(&mut lanes, &found, truth.as_ref(), words);
    let readings = found
        .readings
        .iter()
        .map(|series| ReadingSeries {
            name: words.of_code(&series.code),
            unit: series.unit.as_ref().map(ToString::to_string).unwrap_or_default(),
            readings: series.readings.iter().map(|r| Reading { time: r.time, value: r.value }).collect(),
            range: None,
        })
        .collect();
    let drawn = PatientTimeline {
        patient: format!("Patient {}", found.subject_id),
        description: description(timeline),
        from: None,
        until: None,
        death: found.death,
        lanes,
        readings,
    };
    Ok(Section::new(drawn))
}

/// A row of the record with the truth behind it. Only an onset can differ from its record; the rest is
/// recorded as it happens.
fn drawn_row(kind: EventKind, row: &FoundRow, truth: Option<&SubjectLanes>, words: &Words<'_>) -> LaneRow {
    let behind = truth.filter(|_| kind == EventKind::Condition).and_then(|truth| {
        conditions(truth).iter().find(|own| own.name == row.name).map(|own| periods(kind, own))
    });
    LaneRow {
        name: words.of_text(&row.name),
        recorded: periods(kind, row),
        truth: behind.unwrap_or_default(),
    }
}

/// Conditions that the record never came to know.
fn add_unrecorded(lanes: &mut [Lane], found: &SubjectLanes, truth: Option<&SubjectLanes>, words: &Words<'_>) {
    let (Some(truth), Some(lane)) = (truth, lanes.iter_mut().find(|lane| lane.kind == LaneKind::Conditions))
    else {
        return;
    };
    let known = conditions(found);
    let missed = conditions(truth).iter().filter(|row| known.iter().all(|own| own.name != row.name));
    lane.rows.extend(missed.map(|row| LaneRow {
        name: words.of_text(&row.name),
        recorded: Vec::new(),
        truth: periods(EventKind::Condition, row),
    }));
}

fn conditions(lanes: &SubjectLanes) -> &[FoundRow] {
    lanes.lanes.iter().find(|lane| lane.kind == EventKind::Condition).map_or(&[], |lane| &lane.rows)
}

fn truth(folder: &Path, timeline: &Timeline) -> Result<Option<SubjectLanes>> {
    let home = folder.join("truth");
    if !home.join("events").is_dir() {
        return Ok(None);
    }
    let dataset = read_dataset(&home)?;
    Ok(dataset.cohort.get(timeline.subject_id()).map(subject_lanes))
}

fn periods(kind: EventKind, row: &FoundRow) -> Vec<Period> {
    row.spans.iter().map(|span| period(kind, span)).collect()
}

fn period(kind: EventKind, span: &Span) -> Period {
    match span.end {
        Some(end) => Period::between(span.start, end),
        None if matches!(kind, EventKind::Condition | EventKind::Medication) => Period::since(span.start),
        None => Period::at(span.start),
    }
}

fn lane_kind(kind: EventKind) -> LaneKind {
    match kind {
        EventKind::Encounter => LaneKind::Encounters,
        EventKind::Condition => LaneKind::Conditions,
        EventKind::Medication => LaneKind::Medications,
        EventKind::Procedure => LaneKind::Procedures,
        _ => LaneKind::Other,
    }
}

/// Sex, year of birth, deprivation decile: what is on record of them.
fn description(timeline: &Timeline) -> String {
    let demographic = |system: &str| {
        timeline
            .static_events()
            .iter()
            .find(|event| event.code().system() == Some(system))
            .map(|event| event.code().value().to_owned())
    };
    let facts = [
        demographic("SEX"),
        timeline.birth().map(|birth| format!("born {}", birth.year())),
        demographic("IMD_DECILE").map(|decile| format!("deprivation decile {decile} (1 = most deprived)")),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
