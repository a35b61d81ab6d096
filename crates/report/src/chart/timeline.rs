//! One patient's record against time: a lane per sort of thing, a small line plot per measurement.

mod lane;
mod readings;
mod words;

use twinloom_event::Timestamp;

use crate::figure::{Figure, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::model::{Lane, LaneKind, LaneRow, PatientTimeline, ReadingSeries};
use crate::scale::TimeScale;
use crate::svg::{self, Anchor};

const WIDTH: f64 = 1040.0;
/// Width of the strip that holds the rows' names.
const GUTTER: f64 = 244.0;
/// Width of the strip that holds the last values.
const RIGHT: f64 = 58.0;
const AXIS: f64 = 26.0;
const LANE_HEADING: f64 = 26.0;
/// Rows drawn per lane; a page of one-day findings would hide what lasted.
const ROWS_PER_LANE: usize = 14;
const SERIES_DRAWN: usize = 8;

/// What is drawn of a timeline.
struct Drawn<'a> {
    scale: TimeScale,
    until: Timestamp,
    lanes: Vec<(&'a Lane, Vec<&'a LaneRow>)>,
    readings: Vec<&'a ReadingSeries>,
    death: Option<Timestamp>,
}

/// Draws the timeline.
pub(crate) fn timeline(patient: &PatientTimeline) -> Figure {
    let drawn = choose(patient);
    let drawing = drawn
        .as_ref()
        .map_or_else(|| nothing("Nothing with a time to draw."), |drawn| vec![draw(patient, drawn)]);
    let extent = drawn.as_ref().and_then(|_| extent(patient));
    Figure {
        shape: Shape::Wide,
        legend: words::legend(patient),
        drawing,
        caption: words::caption(patient, extent),
        reading: words::reading(patient),
        data: words::data(patient),
    }
}

/// The first and last moment to draw.
fn extent(patient: &PatientTimeline) -> Option<(Timestamp, Timestamp)> {
    let periods = patient
        .lanes
        .iter()
        .flat_map(|lane| &lane.rows)
        .flat_map(|row| row.recorded.iter().chain(&row.truth))
        .flat_map(|period| [Some(period.start), period.end])
        .flatten();
    let readings = patient.readings.iter().flat_map(|series| &series.readings).map(|reading| reading.time);
    let mut times: Vec<Timestamp> = periods.chain(readings).chain(patient.death).collect();
    times.sort_unstable();
    let first = patient.from.or_else(|| times.first().copied())?;
    let last = patient.until.or_else(|| times.last().copied())?;
    if first < last {
        return Some((first, last));
    }
    // A single moment still deserves an axis: a day around it.
    Some((first.plus_days(-0.5).unwrap_or(first), first.plus_days(0.5).unwrap_or(first)))
}

fn choose(patient: &PatientTimeline) -> Option<Drawn<'_>> {
    let (from, until) = extent(patient)?;
    let scale = TimeScale::new(from, until, (GUTTER, WIDTH - RIGHT))?;
    let lanes = patient
        .lanes
        .iter()
        .map(|lane| {
            let mut rows: Vec<(usize, &LaneRow)> = lane
                .rows
                .iter()
                .enumerate()
                .filter(|(_, row)| {
                    row.recorded.iter().chain(&row.truth).any(|period| scale.meets(period.start, period.end))
                })
                .collect();
            // Known truth first, then what covers most time; ties in the order given.
            rows.sort_by(|(a_index, a), (b_index, b)| {
                b.truth
                    .is_empty()
                    .cmp(&a.truth.is_empty())
                    .reverse()
                    .then(covered_days(b, from, until).total_cmp(&covered_days(a, from, until)))
                    .then(a_index.cmp(b_index))
            });
            rows.truncate(ROWS_PER_LANE);
            rows.sort_by_key(|(index, row)| (first_start(row), *index));
            (lane, rows.into_iter().map(|(_, row)| row).collect())
        })
        .filter(|(_, rows): &(&Lane, Vec<&LaneRow>)| !rows.is_empty())
        .collect();
    let mut readings: Vec<(usize, &ReadingSeries)> = patient
        .readings
        .iter()
        .enumerate()
        .filter(|(_, series)| {
            series.readings.iter().any(|reading| scale.holds(reading.time) && reading.value.is_finite())
        })
        .collect();
    readings.sort_by_key(|(index, series)| (std::cmp::Reverse(series.readings.len()), *index));
    readings.truncate(SERIES_DRAWN);
    readings.sort_by_key(|(index, _)| *index);
    let readings = readings.into_iter().map(|(_, series)| series).collect();
    let death = patient.death.filter(|death| scale.holds(*death));
    Some(Drawn { scale, until, lanes, readings, death })
}

fn first_start(row: &LaneRow) -> Option<Timestamp> {
    row.recorded.iter().chain(&row.truth).map(|period| period.start).min()
}

fn covered_days(row: &LaneRow, from: Timestamp, until: Timestamp) -> f64 {
    let periods = row.recorded.iter().chain(&row.truth);
    periods
        .map(|period| {
            period
                .end
                .unwrap_or(until)
                .clamp(from, until)
                .days_since(period.start.clamp(from, until))
                .max(0.0)
        })
        .sum()
}

fn draw(patient: &PatientTimeline, drawn: &Drawn<'_>) -> Element {
    let mut marks = Vec::new();
    let mut y = AXIS;
    for (lane, rows) in &drawn.lanes {
        heading(&mut marks, &mut y, words::lane_name(lane.kind));
        for row in rows {
            marks.push(lane::row(row, lane.kind, has_truth(lane), y, drawn));
            y += lane::height(has_truth(lane));
        }
        y += 8.0;
    }
    if !drawn.readings.is_empty() {
        heading(&mut marks, &mut y, "Measurements");
        for series in &drawn.readings {
            marks.push(readings::series(series, y, drawn));
            y += readings::HEIGHT;
        }
    }
    let height = y + AXIS;
    let label = format!("Timeline of {}", patient.patient);
    let mut root = svg::root(WIDTH, height, &label);
    for tick in drawn.scale.fitting_ticks(12.0) {
        let x = drawn.scale.at(tick.time);
        root.push(svg::line(x, AXIS - 4.0, x, y + 4.0, "grid"));
        for level in [AXIS - 14.0, y + 14.0] {
            root.push(svg::text(x, level, Anchor::Middle, "tick", tick.label.clone()));
        }
    }
    if let Some(death) = drawn.death {
        let x = drawn.scale.at(death);
        root.push(svg::line(x, AXIS - 4.0, x, y + 4.0, "death"));
        let anchor = if x > WIDTH / 2.0 { Anchor::End } else { Anchor::Start };
        let beside = if x > WIDTH / 2.0 { x - 5.0 } else { x + 5.0 };
        let text = format!("died {}", format::date(death));
        root.push(svg::text(beside, AXIS + 10.0, anchor, "label strong", text));
    }
    root.children(marks)
}

fn heading(marks: &mut Vec<Element>, y: &mut f64, name: &str) {
    marks.push(svg::text(0.0, *y + 12.0, Anchor::Start, "lane-heading", name));
    marks.push(svg::line(0.0, *y + LANE_HEADING - 3.0, WIDTH, *y + LANE_HEADING - 3.0, "rule"));
    *y += LANE_HEADING;
}

fn has_truth(lane: &Lane) -> bool {
    lane.rows.iter().any(|row| !row.truth.is_empty())
}

/// The style class of a lane's marks.
fn lane_class(kind: LaneKind) -> &'static str {
    match kind {
        LaneKind::Encounters => "encounter",
        LaneKind::Conditions => "condition",
        LaneKind::Medications => "medication",
        LaneKind::Procedures => "procedure",
        LaneKind::Other => "other",
    }
}
