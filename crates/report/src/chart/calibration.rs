//! Calibration: one small plot per model of observed against predicted risk.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::model::{Calibration, CalibrationModel};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 256.0;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
/// Side of the square.
const SIDE: f64 = WIDTH - LEFT - RIGHT;
const HISTOGRAM: f64 = 40.0;
const HEIGHT: f64 = TOP + SIDE + 8.0 + HISTOGRAM + 40.0;

/// Draws a panel per model.
pub(crate) fn calibration(calibration: &Calibration) -> Figure {
    let models = &calibration.models;
    let ticks = common_ticks(models);
    let patients = models.iter().map(|model| format::total(model.bins.iter().map(|bin| bin.n))).max();
    let outcome = if calibration.outcome.is_empty() { "the outcome" } else { &calibration.outcome };
    Figure {
        shape: Shape::Panels,
        legend: legend(),
        drawing: if models.is_empty() {
            nothing("No predictions to draw.")
        } else {
            models.iter().map(|model| panel(model, outcome, &ticks)).collect()
        },
        caption: format!(
            "Predicted against observed risk of {outcome}, one panel per model; {} in groups of similar \
             predicted risk, with 95% intervals. Below each plot: how many patients got which prediction.",
            format::plural(patients.unwrap_or(0), "patient", "patients")
        ),
        reading: "On the dashed line, of 100 patients given a risk of 20%, 20 have the outcome. Dots below the \
                  line: the model overstates risk; above it: the model understates risk. Judge only where the \
                  bars underneath show patients."
            .to_owned(),
        data: models.iter().map(data).collect(),
    }
}

/// The same axis for all panels, 0 to the highest group's risk, so that rare outcomes fill the plot.
fn common_ticks(models: &[CalibrationModel]) -> Ticks {
    let most = models
        .iter()
        .flat_map(|model| &model.bins)
        .flat_map(|bin| [bin.predicted, bin.observed.upper])
        .filter(|risk| risk.is_finite())
        .fold(0.01, f64::max);
    Ticks::covering(0.0, (most * 100.0).min(100.0), 5)
}

fn panel(model: &CalibrationModel, outcome: &str, ticks: &Ticks) -> Element {
    let across = Linear::new(ticks.domain(), (LEFT, LEFT + SIDE));
    let up = Linear::new(ticks.domain(), (TOP + SIDE, TOP));
    let label = format!("Calibration of {}: observed against predicted risk of {outcome}", model.name);
    let mut root = svg::root(WIDTH, HEIGHT, &label);
    for (tick, label) in ticks.labelled() {
        let (x, y) = (across.at(tick), up.at(tick));
        let class = if tick == 0.0 { "axis" } else { "grid" };
        root.push(svg::line(x, TOP, x, TOP + SIDE, class));
        root.push(svg::line(LEFT, y, LEFT + SIDE, y, class));
        root.push(svg::text(LEFT - 6.0, y, Anchor::End, "tick", format!("{label}%")));
        let below = TOP + SIDE + 8.0 + HISTOGRAM + 12.0;
        root.push(svg::text(x, below, Anchor::Middle, "tick", format!("{label}%")));
    }
    let (_, end) = ticks.domain();
    root.push(svg::line(across.at(0.0), up.at(0.0), across.at(end), up.at(end), "reference"));
    let mut path: Vec<(f64, f64)> = Vec::new();
    let mut points = svg::group("points");
    for bin in model.bins.iter().filter(|bin| bin.predicted.is_finite() && bin.observed.is_finite()) {
        let x = across.at(bin.predicted * 100.0);
        let [low, y, high] =
            [bin.observed.lower, bin.observed.value, bin.observed.upper].map(|share| up.at(share * 100.0));
        let tip = format!(
            "{}, mean predicted risk {}: {} had the outcome, {}",
            format::plural(bin.n, "patient", "patients"),
            format::percent(bin.predicted),
            format::count(bin.events),
            format::percent_estimate(&bin.observed)
        );
        points.push(
            svg::group("point")
                .child(svg::tooltip(tip))
                .child(svg::line(x, low, x, high, "whisker"))
                .child(svg::circle(x, y, 4.5, "dot")),
        );
        path.push((x, y));
    }
    root.push(svg::polyline(&path, "trace"));
    root.push(points);
    root.push(histogram(model, &across, end));
    let middle = LEFT + SIDE / 2.0;
    root.push(svg::text(middle, HEIGHT - 10.0, Anchor::Middle, "tick", "Predicted risk"));
    root.push(
        svg::text(0.0, 0.0, Anchor::Middle, "tick", "Observed").attribute(
            "transform",
            format!("translate(7 {}) rotate(-90)", svg::coordinate(TOP + SIDE / 2.0)),
        ),
    );
    let name = Element::with_text("h4", model.name.clone());
    Element::new("div").class("panel").child(name).child(root)
}

fn histogram(model: &CalibrationModel, across: &Linear, end: f64) -> Element {
    let bins = model.histogram.len() as f64;
    let most = model.histogram.iter().copied().max().unwrap_or(0).max(1) as f64;
    let floor = TOP + SIDE + 8.0 + HISTOGRAM;
    let mut group = svg::group("histogram").child(svg::line(LEFT, floor, LEFT + SIDE, floor, "axis"));
    for (index, &patients) in model.histogram.iter().enumerate() {
        let from = index as f64 / bins * 100.0;
        if patients == 0 || from >= end {
            continue;
        }
        let until = (index as f64 + 1.0) / bins * 100.0;
        let height = (patients as f64 / most * HISTOGRAM).max(1.0);
        let (left, right) = (across.at(from), across.at(until));
        let tip = format!(
            "{} with a predicted risk of {}% to {}%",
            format::plural(patients, "patient", "patients"),
            format::fixed(from, 0),
            format::fixed(until, 0)
        );
        group.push(
            svg::rectangle(left, floor - height, right - left - 0.5, height, "count")
                .child(svg::tooltip(tip)),
        );
    }
    group
}

fn legend() -> Vec<Key> {
    vec![
        Key::drawn(
            vec![svg::line(12.0, 1.0, 12.0, 15.0, "whisker"), svg::circle(12.0, 8.0, 4.5, "dot")],
            "Group of patients, with 95% interval",
        ),
        Key::drawn(vec![svg::line(1.0, 14.0, 23.0, 2.0, "reference")], "Perfect calibration"),
        Key::swatch("count", "Patients by predicted risk"),
    ]
}

fn data(model: &CalibrationModel) -> DataTable {
    let mut table = DataTable::new(
        format!("Calibration of {}", model.name),
        vec![
            Column::numbers("Mean predicted"),
            Column::numbers("Patients"),
            Column::numbers("With outcome"),
            Column::numbers("Observed (95% interval)"),
        ],
    );
    for bin in &model.bins {
        table.rows.push(vec![
            format::percent(bin.predicted),
            format::count(bin.n),
            format::count(bin.events),
            format::percent_estimate(&bin.observed),
        ]);
    }
    table
}
