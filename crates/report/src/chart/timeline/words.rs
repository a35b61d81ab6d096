//! What is said around a patient's timeline.

use twinloom_event::Timestamp;

use super::{ROWS_PER_LANE, SERIES_DRAWN, has_truth, lane, lane_class};
use crate::figure::{Column, DataTable, Key};
use crate::format;
use crate::model::{LaneKind, PatientTimeline, Period};
use crate::svg;

/// The heading of a lane.
pub(super) fn lane_name(kind: LaneKind) -> &'static str {
    match kind {
        LaneKind::Encounters => "Encounters",
        LaneKind::Conditions => "Conditions",
        LaneKind::Medications => "Medications",
        LaneKind::Procedures => "Procedures",
        LaneKind::Other => "Other",
    }
}

/// What the figure shows.
pub(super) fn caption(patient: &PatientTimeline, extent: Option<(Timestamp, Timestamp)>) -> String {
    let mut caption = format!("The record of {}", patient.patient);
    if !patient.description.is_empty() {
        format::add(&mut caption, format_args!(" ({})", patient.description));
    }
    if let Some((from, until)) = extent {
        format::add(
            &mut caption,
            format_args!(", {} to {}", format::date_time(from), format::date_time(until)),
        );
    }
    let mut parts: Vec<String> = patient
        .lanes
        .iter()
        .map(|lane| {
            let rows = lane.rows.iter().filter(|row| !row.recorded.is_empty()).count() as u64;
            match lane.kind {
                LaneKind::Encounters => {
                    let encounters = lane.rows.iter().map(|row| row.recorded.len() as u64).sum();
                    format::plural(encounters, "encounter", "encounters")
                }
                LaneKind::Conditions => format::plural(rows, "recorded condition", "recorded conditions"),
                LaneKind::Medications => format::plural(rows, "medication", "medications"),
                LaneKind::Procedures => format::plural(rows, "kind of procedure", "kinds of procedure"),
                LaneKind::Other => format::plural(rows, "other kind of entry", "other kinds of entry"),
            }
        })
        .collect();
    let values: u64 = patient.readings.iter().map(|series| series.readings.len() as u64).sum();
    if values > 0 {
        parts.push(format::plural(values, "measurement", "measurements"));
    }
    if !parts.is_empty() {
        format::add(&mut caption, format_args!(": {}", parts.join(", ")));
    }
    caption.push('.');
    let left_out: usize = patient
        .lanes
        .iter()
        .map(|lane| lane.rows.len().saturating_sub(ROWS_PER_LANE))
        .chain([patient.readings.len().saturating_sub(SERIES_DRAWN)])
        .sum();
    if left_out > 0 {
        format::add(
            &mut caption,
            format_args!(
                " To stay readable, {} that cover the least time or have the fewest values {} in the table only.",
                format::plural(left_out as u64, "row", "rows"),
                if left_out == 1 { "is" } else { "are" }
            ),
        );
    }
    caption
}

/// How to read the figure.
pub(super) fn reading(patient: &PatientTimeline) -> String {
    let mut reading = "Time runs from left to right, the same for all lanes. A bar lasts from start to end, \
                       with an arrow's head when it was still going on; an upright tick or a diamond is a \
                       single moment. Each measurement has its own value axis; the figure at the end of its \
                       line is the last value."
        .to_owned();
    if patient.lanes.iter().any(has_truth) {
        reading.push_str(
            " Where both are known, the pale bar above is what was true in the simulated patient and the \
             full bar below is what the record says; the dashed stretch is the time in which the record \
             did not yet say it.",
        );
    }
    if patient.readings.iter().any(|series| series.range.is_some()) {
        reading.push_str(" A shaded band is the reference or target range.");
    }
    reading
}

/// The marks of the lanes present.
pub(super) fn legend(patient: &PatientTimeline) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for lane in &patient.lanes {
        let class = lane_class(lane.kind);
        let mark = if lane.kind == LaneKind::Procedures {
            svg::diamond(12.0, 8.0, 5.0, class)
        } else {
            svg::rectangle(2.0, 3.0, 20.0, 10.0, class)
        };
        keys.push(Key::drawn(vec![mark], lane_name(lane.kind)));
    }
    if let Some(lane) = patient.lanes.iter().find(|lane| has_truth(lane)) {
        keys.push(Key::swatch(&format!("truth {}", lane_class(lane.kind)), "True in the simulation"));
        keys.push(Key::drawn(vec![svg::line(1.0, 8.0, 23.0, 8.0, "unrecorded")], "True, not yet recorded"));
    }
    keys
}

/// The rows and the measurements behind the figure.
pub(super) fn data(patient: &PatientTimeline) -> Vec<DataTable> {
    let truth = patient.lanes.iter().any(has_truth);
    let mut columns = vec![
        Column::words("Entry"),
        Column::words("Lane"),
        Column::numbers("Times recorded"),
        Column::words("First recorded"),
        Column::words("Last end"),
    ];
    if truth {
        columns.extend([Column::words("True onset"), Column::words("Record against truth")]);
    }
    let mut entries = DataTable::new("Entries of the lanes", columns);
    for lane in &patient.lanes {
        for row in &lane.rows {
            let mut cells = vec![
                row.name.clone(),
                lane_name(lane.kind).to_owned(),
                format::count(row.recorded.len() as u64),
                first(&row.recorded),
                last(&row.recorded),
            ];
            if truth {
                let compared = has_truth(lane);
                cells.push(if compared { first(&row.truth) } else { format::ABSENT.to_owned() });
                cells.push(if compared { lane::delay(row) } else { format::ABSENT.to_owned() });
            }
            entries.rows.push(cells);
        }
    }
    let mut measured = DataTable::new(
        "Measurements",
        vec![
            Column::words("Measurement"),
            Column::words("Unit"),
            Column::numbers("Values"),
            Column::numbers("Lowest"),
            Column::numbers("Median"),
            Column::numbers("Highest"),
            Column::numbers("Last"),
            Column::words("Last taken"),
        ],
    );
    for series in &patient.readings {
        let mut values: Vec<f64> =
            series.readings.iter().map(|reading| reading.value).filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let shown = |value: Option<f64>| {
            value.map_or_else(|| format::ABSENT.to_owned(), |value| format::compact(value, 4))
        };
        let latest = series.readings.iter().max_by_key(|reading| reading.time);
        measured.rows.push(vec![
            series.name.clone(),
            series.unit.clone(),
            format::count(series.readings.len() as u64),
            shown(values.first().copied()),
            shown(median(&values)),
            shown(values.last().copied()),
            shown(latest.map(|reading| reading.value)),
            latest.map_or_else(|| format::ABSENT.to_owned(), |reading| format::date_time(reading.time)),
        ]);
    }
    [entries, measured].into_iter().filter(|table| !table.rows.is_empty()).collect()
}

fn median(sorted: &[f64]) -> Option<f64> {
    let high = *sorted.get(sorted.len() / 2)?;
    let low = if sorted.len().is_multiple_of(2) { *sorted.get(sorted.len() / 2 - 1)? } else { high };
    Some(low.midpoint(high))
}

fn first(periods: &[Period]) -> String {
    let start = periods.iter().map(|period| period.start).min();
    start.map_or_else(|| format::ABSENT.to_owned(), format::date_time)
}

fn last(periods: &[Period]) -> String {
    if periods.iter().any(|period| period.end.is_none()) {
        return "ongoing".to_owned();
    }
    let end = periods.iter().filter_map(|period| period.end).max();
    end.map_or_else(|| format::ABSENT.to_owned(), format::date_time)
}
