//! A measurement over time: a small line plot with its own value axis.

use super::{Drawn, GUTTER, RIGHT, WIDTH};
use crate::format;
use crate::markup::Element;
use crate::measure::fit;
use crate::model::{Reading, ReadingSeries};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

/// Height of a plot with the gap below it.
pub(super) const HEIGHT: f64 = 66.0;
const PLOT: f64 = 48.0;
const NAME_SIZE: f64 = 12.5;
/// Beyond this many, dots would merge into a smear over the line.
const DOTS: usize = 120;

/// Draws a series whose upper edge is at `y`.
pub(super) fn series(series: &ReadingSeries, y: f64, drawn: &Drawn<'_>) -> Element {
    let readings = sorted(series, drawn);
    let top = y + 6.0;
    let range = series.range.filter(|range| range.0.is_finite() && range.1.is_finite() && range.0 < range.1);
    let domain = domain(&readings, range);
    let ticks = Ticks::within(domain.0, domain.1, 3);
    let up = Linear::new(domain, (top + PLOT, top));
    let mut group = svg::group("reading");
    let room = GUTTER - 62.0;
    group.push(svg::text(6.0, top + 14.0, Anchor::Start, "name", fit(&series.name, NAME_SIZE, room)));
    group.push(svg::text(6.0, top + 31.0, Anchor::Start, "remark", fit(&series.unit, 11.0, room)));
    if let Some((low, high)) = range {
        let (bottom, top) = (up.at(low), up.at(high));
        let tip =
            format!("Range {} to {} {}", format::compact(low, 3), format::compact(high, 3), series.unit);
        group.push(
            svg::rectangle(GUTTER, top, WIDTH - RIGHT - GUTTER, bottom - top, "range")
                .child(svg::tooltip(tip)),
        );
    }
    for (tick, label) in ticks.labelled() {
        let level = up.at(tick);
        group.push(svg::line(GUTTER, level, WIDTH - RIGHT, level, "grid"));
        group.push(svg::text(GUTTER - 6.0, level, Anchor::End, "tiny", label));
    }
    let places: Vec<(f64, f64)> =
        readings.iter().map(|reading| (drawn.scale.at(reading.time), up.at(reading.value))).collect();
    group.push(svg::polyline(&places, "trace"));
    if readings.len() <= DOTS {
        for (reading, (x, y)) in readings.iter().zip(&places) {
            let tip = format!(
                "{}: {} {}, {}",
                series.name,
                format::compact(reading.value, 4),
                series.unit,
                format::date_time(reading.time)
            );
            group.push(svg::circle(*x, *y, 2.6, "reading-dot").child(svg::tooltip(tip)));
        }
    }
    if let (Some(last), Some((x, y))) = (readings.last(), places.last()) {
        let shown = format::compact(last.value, 3);
        group.push(svg::text(x + 7.0, *y, Anchor::Start, "last", shown));
    }
    group
}

/// From the lowest to the highest value with a little room, and as far as the nearer end of a range
/// that lies wholly beside the values: a wide range must not flatten the line.
fn domain(readings: &[Reading], range: Option<(f64, f64)>) -> (f64, f64) {
    let (mut low, mut high) =
        readings.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), reading| {
            (low.min(reading.value), high.max(reading.value))
        });
    if let Some((from, until)) = range {
        if until < low {
            low = until;
        }
        if from > high {
            high = from;
        }
    }
    let room = if high > low { 0.08 * (high - low) } else { 0.1 * high.abs().max(1.0) };
    (low - room, high + room)
}

/// The readings that the plot holds, in order of time.
fn sorted(series: &ReadingSeries, drawn: &Drawn<'_>) -> Vec<Reading> {
    let mut readings: Vec<Reading> = series
        .readings
        .iter()
        .filter(|reading| reading.value.is_finite() && drawn.scale.holds(reading.time))
        .copied()
        .collect();
    readings.sort_by_key(|reading| reading.time);
    readings
}
