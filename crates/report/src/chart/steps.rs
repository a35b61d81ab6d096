//! Curves that fall in steps, on one pair of axes.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::model::StepCurves;
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 50.0;
/// The classes of the groups, in their order.
const CLASSES: [&str; 3] = ["stair first", "stair second", "stair third"];
/// Rows of the table of numbers for each group.
const TOLD: usize = 40;

/// Draws the curves.
pub(crate) fn steps(curves: &StepCurves) -> Figure {
    let shown = || curves.series.iter().take(CLASSES.len()).zip(CLASSES);
    let points = |steps: &[(f64, f64)]| -> Vec<(f64, f64)> {
        steps.iter().copied().filter(|(place, value)| place.is_finite() && value.is_finite()).collect()
    };
    let all: Vec<(f64, f64)> = shown().flat_map(|((_, steps), _)| points(steps)).collect();
    let last = all.iter().map(|point| point.0).fold(0.0, f64::max);
    let drawing = if all.is_empty() || last <= 0.0 {
        nothing("Nothing to draw.")
    } else {
        let upwards = Ticks::covering(0.0, all.iter().map(|point| point.1).fold(1.0, f64::max), 6);
        let along = Ticks::within(0.0, last, 8);
        let bottom = HEIGHT - BOTTOM;
        let across = Linear::new((0.0, last), (LEFT, WIDTH - RIGHT));
        let up = Linear::new(upwards.domain(), (bottom, TOP));
        let label = format!("{} by {}", curves.upwards, curves.across);
        let mut root = svg::root(WIDTH, HEIGHT, &label);
        for (tick, label) in upwards.labelled() {
            let y = up.at(tick);
            root.push(svg::line(LEFT, y, WIDTH - RIGHT, y, if tick == 0.0 { "axis" } else { "grid" }));
            root.push(svg::text(LEFT - 6.0, y, Anchor::End, "tick", label));
        }
        for (tick, label) in along.labelled() {
            root.push(svg::text(across.at(tick), bottom + 14.0, Anchor::Middle, "tick", label));
        }
        let below = format!("{}; upwards: {}", curves.across, curves.upwards);
        root.push(svg::text(f64::midpoint(LEFT, WIDTH), HEIGHT - 12.0, Anchor::Middle, "tick", below));
        for ((_, steps), class) in shown() {
            let mut line: Vec<(f64, f64)> = Vec::new();
            for (place, value) in points(steps) {
                if let Some(&(_, before)) = line.last() {
                    line.push((across.at(place), before));
                }
                line.push((across.at(place), up.at(value)));
            }
            root.push(svg::polyline(&line, class));
        }
        vec![root]
    };
    Figure {
        shape: Shape::Beside,
        legend: shown()
            .map(|((name, _), class)| {
                Key::drawn(vec![svg::polyline(&[(1.0, 8.0), (23.0, 8.0)], class)], name.clone())
            })
            .collect(),
        drawing,
        caption: curves.caption.clone(),
        reading: curves.reading.clone(),
        data: vec![data(curves)],
    }
}

fn data(curves: &StepCurves) -> DataTable {
    let mut table = DataTable::new(
        format!("{} by {}, at up to {TOLD} places", curves.upwards, curves.across),
        vec![
            Column::words("Curve"),
            Column::numbers(curves.across.clone()),
            Column::numbers(curves.upwards.clone()),
        ],
    );
    for (name, steps) in &curves.series {
        let every = steps.len().div_ceil(TOLD).max(1);
        for (place, value) in steps.iter().step_by(every) {
            table.rows.push(vec![name.clone(), format::compact(*place, 4), format::fixed(*value, 3)]);
        }
    }
    table
}
