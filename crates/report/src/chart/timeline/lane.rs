//! A row of a lane: the truth above, where known, and the record below.

use super::{Drawn, GUTTER, lane_class};
use crate::format;
use crate::markup::Element;
use crate::measure::fit;
use crate::model::{LaneKind, LaneRow, Period};
use crate::svg::{self, Anchor};

const BAR: f64 = 11.0;
const PLAIN: f64 = 20.0;
const WITH_TRUTH: f64 = 38.0;
const NAME_SIZE: f64 = 12.5;
const REMARK_SIZE: f64 = 11.0;
/// The narrowest bar that can still be seen.
const NARROWEST: f64 = 3.0;

/// Height of a row.
pub(super) fn height(truth: bool) -> f64 {
    if truth { WITH_TRUTH } else { PLAIN }
}

/// Draws a row whose upper edge is at `y`.
pub(super) fn row(row: &LaneRow, kind: LaneKind, truth: bool, y: f64, drawn: &Drawn<'_>) -> Element {
    let class = lane_class(kind);
    let room = GUTTER - 18.0;
    let name = fit(&row.name, NAME_SIZE, room);
    let mut group = svg::group("row");
    if truth {
        group.push(svg::text(6.0, y + 11.0, Anchor::Start, "name", name));
        let remark = fit(&delay(row), REMARK_SIZE, room);
        group.push(svg::text(6.0, y + 27.0, Anchor::Start, "remark", remark));
        if let Some(gap) = unrecorded(row, drawn) {
            group.push(svg::line(gap.0, y + 27.0, gap.1, y + 27.0, "unrecorded"));
        }
        for period in &row.truth {
            group.push(mark(period, &row.name, "in truth", &format!("truth {class}"), y + 5.0, drawn));
        }
        for period in &row.recorded {
            group.push(mark(period, &row.name, "in the record", class, y + 21.0, drawn));
        }
    } else {
        group.push(svg::text(6.0, y + PLAIN / 2.0, Anchor::Start, "name", name));
        for period in &row.recorded {
            group.push(mark(period, &row.name, "", class, y + (PLAIN - BAR) / 2.0, drawn));
        }
    }
    group
}

/// How the record compares with the truth, in words.
pub(super) fn delay(row: &LaneRow) -> String {
    let first = |periods: &[Period]| periods.iter().map(|period| period.start).min();
    match (first(&row.truth), first(&row.recorded)) {
        (Some(onset), Some(recorded)) => {
            let days = recorded.days_since(onset);
            if days.abs() < 1.0 {
                "recorded at onset".to_owned()
            } else {
                format!(
                    "recorded {} {} onset",
                    format::span(days),
                    if days > 0.0 { "after" } else { "before" }
                )
            }
        }
        (Some(_), None) => "never recorded".to_owned(),
        (None, Some(_)) => "recorded, but not so in truth".to_owned(),
        (None, None) => String::new(),
    }
}

/// The stretch in which the condition was there and the record did not say so.
fn unrecorded(row: &LaneRow, drawn: &Drawn<'_>) -> Option<(f64, f64)> {
    let onset = row.truth.iter().map(|period| period.start).min()?;
    let last = row.truth.iter().map(|period| period.end.unwrap_or(drawn.until)).max()?;
    let recorded = row.recorded.iter().map(|period| period.start).min().unwrap_or(last);
    (onset < recorded).then(|| (drawn.scale.at(onset), drawn.scale.at(recorded)))
}

fn mark(period: &Period, name: &str, whose: &str, class: &str, y: f64, drawn: &Drawn<'_>) -> Element {
    let tip = svg::tooltip(tip(period, name, whose));
    if !drawn.scale.meets(period.start, period.end) {
        return svg::group("outside");
    }
    let start = drawn.scale.at(period.start);
    if period.end == Some(period.start) {
        return if class == "procedure" {
            svg::diamond(start, y + BAR / 2.0, 5.0, class).child(tip)
        } else {
            svg::rectangle(start - 1.0, y, 2.0, BAR, class).child(tip)
        };
    }
    let end = period.end.unwrap_or(drawn.until);
    let width = (drawn.scale.at(end) - start).max(NARROWEST);
    if period.end.is_some() {
        return svg::rectangle(start, y, width, BAR, class).child(tip);
    }
    // An arrow's head says that it goes on.
    let (right, middle) = (start + width, y + BAR / 2.0);
    let outline = [(start, y), (right, y), (right + 6.0, middle), (right, y + BAR), (start, y + BAR)];
    svg::polygon(&outline, class).child(tip)
}

fn tip(period: &Period, name: &str, whose: &str) -> String {
    let mut tip = name.to_owned();
    if !whose.is_empty() {
        format::add(&mut tip, format_args!(" ({whose})"));
    }
    let start = format::date_time(period.start);
    match period.end {
        Some(end) if end == period.start => format::add(&mut tip, format_args!(": {start}")),
        Some(end) => format::add(
            &mut tip,
            format_args!(
                ": {start} to {}, {}",
                format::date_time(end),
                format::span(end.days_since(period.start))
            ),
        ),
        None => format::add(&mut tip, format_args!(": since {start}, ongoing")),
    }
    if let Some(note) = &period.note {
        format::add(&mut tip, format_args!("; {note}"));
    }
    tip
}
