//! Small curves side by side, each point with its interval.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::model::{CurvePanel, Curves};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 42.0;

/// Draws the panels.
pub(crate) fn curves(curves: &Curves) -> Figure {
    let drawn: Vec<Element> = curves
        .panels
        .iter()
        .filter(|panel| !panel.points.is_empty())
        .map(|panel| {
            Element::new("div")
                .class("panel")
                .child(Element::with_text("h4", panel.title.clone()))
                .child(draw(panel, curves))
        })
        .collect();
    let interval = vec![svg::line(12.0, 1.0, 12.0, 15.0, "whisker"), svg::circle(12.0, 8.0, 4.0, "dot")];
    Figure {
        shape: Shape::Panels,
        legend: vec![Key::drawn(interval, "Value, with 95% interval")],
        drawing: if drawn.is_empty() { nothing("Nothing to draw.") } else { drawn },
        caption: curves.caption.clone(),
        reading: curves.reading.clone(),
        data: vec![data(curves)],
    }
}

fn draw(panel: &CurvePanel, curves: &Curves) -> Element {
    let places = || panel.points.iter().map(|(place, _)| *place);
    let (first, last) = (places().fold(f64::INFINITY, f64::min), places().fold(f64::NEG_INFINITY, f64::max));
    let most = panel
        .points
        .iter()
        .flat_map(|(_, estimate)| [estimate.value, estimate.upper])
        .filter(|value| value.is_finite())
        .fold(0.001, f64::max);
    let upwards = Ticks::covering(0.0, most, 5);
    let along = Ticks::within(first, last, 6);
    let across = Linear::new((first, last), (LEFT + 6.0, WIDTH - RIGHT));
    let bottom = HEIGHT - BOTTOM;
    let up = Linear::new(upwards.domain(), (bottom, TOP));
    let label = format!("{}: {} by {}", panel.title, curves.upwards, curves.across);
    let mut root = svg::root(WIDTH, HEIGHT, &label);
    for (tick, label) in upwards.labelled() {
        let y = up.at(tick);
        root.push(svg::line(LEFT, y, WIDTH - RIGHT, y, if tick == 0.0 { "axis" } else { "grid" }));
        root.push(svg::text(LEFT - 5.0, y, Anchor::End, "tick", label));
    }
    for (tick, label) in along.labelled() {
        root.push(svg::text(across.at(tick), bottom + 13.0, Anchor::Middle, "tick", label));
    }
    let below = format!("{}; upwards: {}", curves.across, curves.upwards);
    root.push(svg::text(f64::midpoint(LEFT, WIDTH), HEIGHT - 10.0, Anchor::Middle, "tick", below));
    let line: Vec<(f64, f64)> =
        panel.points.iter().map(|(place, estimate)| (across.at(*place), up.at(estimate.value))).collect();
    root.push(svg::polyline(&line, "trace"));
    for ((place, estimate), (x, y)) in panel.points.iter().zip(line) {
        let tip = format!(
            "{} {}: {} ({})",
            curves.across,
            format::compact(*place, 4),
            format::compact(estimate.value, 3),
            format::bounds(estimate, 2)
        );
        let mut group = svg::group("row").child(svg::tooltip(tip));
        if estimate.is_finite() {
            group.push(svg::line(x, up.at(estimate.lower), x, up.at(estimate.upper), "whisker"));
        }
        root.push(group.child(svg::circle(x, y, 3.5, "dot")));
    }
    root
}

fn data(curves: &Curves) -> DataTable {
    let mut table = DataTable::new(
        format!("{} by {}", curves.upwards, curves.across),
        vec![
            Column::words("Curve"),
            Column::numbers(curves.across.clone()),
            Column::numbers(curves.upwards.clone()),
            Column::numbers("Lower"),
            Column::numbers("Upper"),
        ],
    );
    for panel in &curves.panels {
        for (place, estimate) in &panel.points {
            table.rows.push(vec![
                panel.title.clone(),
                format::compact(*place, 4),
                format::fixed(estimate.value, 3),
                format::fixed(estimate.lower, 3),
                format::fixed(estimate.upper, 3),
            ]);
        }
    }
    table
}
