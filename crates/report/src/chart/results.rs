//! Models and their scores: a table whose cells draw their interval on a shared scale.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing, scroll};
use crate::format;
use crate::markup::Element;
use crate::model::{Estimate, ModelKind, ModelResult, Results};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 136.0;
const HEIGHT: f64 = 16.0;
const EDGE: f64 = 14.0;

/// A score: its name, what is good, and the value that means "no use" or "perfect".
struct Metric {
    name: &'static str,
    hint: &'static str,
    pick: fn(&ModelResult) -> Option<Estimate>,
    /// The value to compare with, given the outcome's share.
    reference: fn(Option<f64>) -> Option<f64>,
    /// The widest scale drawn; a slope's interval can be so wide that it would hide all others.
    limits: (f64, f64),
}

/// A column's scale.
struct Axis {
    domain: (f64, f64),
    ticks: Ticks,
}

const METRICS: [Metric; 4] = [
    Metric {
        name: "AUROC",
        hint: "higher is better; dashed: chance",
        pick: |row| row.auroc,
        reference: |_| Some(0.5),
        limits: (0.0, 1.0),
    },
    Metric {
        name: "AUPRC",
        hint: "higher is better; dashed: chance",
        pick: |row| row.auprc,
        reference: |share| share,
        limits: (0.0, 1.0),
    },
    Metric {
        name: "Brier score",
        hint: "lower is better; dashed: no model",
        pick: |row| row.brier,
        // Predicting the outcome's share for everyone scores its variance.
        reference: |share| share.map(|share| share * (1.0 - share)),
        limits: (0.0, 1.0),
    },
    Metric {
        name: "Calibration slope",
        hint: "1 is best",
        pick: |row| row.calibration_slope,
        reference: |_| Some(1.0),
        limits: (-0.5, 3.0),
    },
];

/// Draws the table.
pub(crate) fn results(results: &Results) -> Figure {
    Figure {
        shape: Shape::Wide,
        legend: legend(results),
        drawing: if results.rows.is_empty() { nothing("No models to show.") } else { vec![draw(results)] },
        caption: caption(results),
        reading: "Each cell gives the score with its 95% interval in brackets and draws both; dots in one \
                  column share one scale, and the dashed line is the value named in the heading. Where two \
                  intervals overlap widely, this table alone does not show which model is better. A control has \
                  been deprived of what the model claims to use: a model no better than its control has \
                  not used it."
            .to_owned(),
        data: vec![data(results)],
    }
}

fn caption(results: &Results) -> String {
    let most = |pick: fn(&ModelResult) -> u64| results.rows.iter().map(pick).max().unwrap_or(0);
    let least = |pick: fn(&ModelResult) -> u64| results.rows.iter().map(pick).min().unwrap_or(0);
    let range = |pick: fn(&ModelResult) -> u64| {
        let (low, high) = (least(pick), most(pick));
        if low == high {
            format::count(high)
        } else {
            format!("{} to {}", format::count(low), format::count(high))
        }
    };
    let mut caption = "Models".to_owned();
    for (lead, text) in [
        (" predicting ", &results.outcome),
        (" ", &results.prediction_time),
        (", scored on ", &results.population),
    ] {
        if !text.is_empty() {
            caption.push_str(lead);
            caption.push_str(text);
        }
    }
    format::add(
        &mut caption,
        format_args!(": {} patients, {} with the outcome.", range(|row| row.n), range(|row| row.events)),
    );
    if least(|row| row.n) != most(|row| row.n) {
        caption.push_str(" Rows with different numbers of patients are not strictly comparable.");
    }
    if !results.interval_method.is_empty() {
        format::add(&mut caption, format_args!(" Intervals: {}.", results.interval_method));
    }
    caption
}

fn legend(results: &Results) -> Vec<Key> {
    [ModelKind::Model, ModelKind::Baseline, ModelKind::Control, ModelKind::Comparator]
        .into_iter()
        .filter(|sort| results.rows.iter().any(|row| row.kind == *sort))
        .map(|sort| {
            let (meaning, class) = kind(sort);
            Key::drawn(vec![mark(12.0, 8.0, &format!("dot {class}"))], meaning)
        })
        .collect()
}

fn draw(results: &Results) -> Element {
    let share = results.rows.first().filter(|row| row.n > 0).map(|row| row.events as f64 / row.n as f64);
    let shown: Vec<(&Metric, Axis, Option<f64>)> = METRICS
        .iter()
        .filter(|metric| results.rows.iter().any(|row| (metric.pick)(row).is_some()))
        .map(|metric| {
            let reference = (metric.reference)(share);
            (metric, domain(results, metric, reference), reference)
        })
        .collect();
    let mut head =
        Element::new("tr").child(Element::with_text("th", "Model").attribute("scope", "col").class("words"));
    for (metric, axis, _) in &shown {
        head.push(
            Element::new("th")
                .attribute("scope", "col")
                .class("metric")
                .text(metric.name)
                .child(Element::with_text("span", metric.hint).class("hint"))
                .child(draw_axis(axis)),
        );
    }
    let hint = Element::with_text("span", "with outcome").class("hint");
    head.push(Element::with_text("th", "Patients").attribute("scope", "col").class("number").child(hint));
    let body = results.rows.iter().map(|row| table_row(row, &shown));
    let table = Element::new("table")
        .class("results")
        .child(Element::new("thead").child(head))
        .child(Element::new("tbody").children(body));
    scroll(table, "Models and their scores")
}

fn table_row(row: &ModelResult, shown: &[(&Metric, Axis, Option<f64>)]) -> Element {
    let (kind, class) = kind(row.kind);
    let mut name = Element::new("th").attribute("scope", "row").class("words").text(row.name.clone());
    if row.kind != ModelKind::Model {
        name.push(Element::with_text("span", kind).class("kind"));
    }
    if !row.note.is_empty() {
        name.push(Element::with_text("span", row.note.clone()).class("note"));
    }
    let mut element = Element::new("tr").child(name);
    for (metric, axis, reference) in shown {
        element.push(match (metric.pick)(row).filter(Estimate::is_finite) {
            Some(estimate) => Element::new("td")
                .class("metric")
                .child(Element::with_text("span", format::fixed(estimate.value, 3)).class("value"))
                .child(
                    Element::with_text("span", format!(" ({})", format::bounds(&estimate, 3)))
                        .class("interval"),
                )
                .child(bar(&estimate, axis, *reference, class)),
            None => Element::with_text("td", format::ABSENT).class("metric absent"),
        });
    }
    let events = Element::with_text("span", format!(" ({})", format::count(row.events))).class("interval");
    element.child(Element::with_text("td", format::count(row.n)).class("number").child(events))
}

fn kind(kind: ModelKind) -> (&'static str, &'static str) {
    match kind {
        ModelKind::Baseline => ("Baseline", "baseline"),
        ModelKind::Model => ("Model", "model"),
        ModelKind::Control => ("Control", "control"),
        ModelKind::Comparator => ("External comparator", "comparator"),
    }
}

fn domain(results: &Results, metric: &Metric, reference: Option<f64>) -> Axis {
    let ends = results.rows.iter().filter_map(|row| (metric.pick)(row)).filter(Estimate::is_finite);
    let (mut low, mut high) = ends
        .flat_map(|estimate| [estimate.lower, estimate.upper, estimate.value])
        .chain(reference)
        .map(|value| value.clamp(metric.limits.0, metric.limits.1))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if high - low < 1e-6 {
        (low, high) = (low - 0.05, high + 0.05);
    }
    Axis { domain: (low, high), ticks: Ticks::within(low, high, 4) }
}

fn scale(axis: &Axis) -> Linear {
    Linear::new(axis.domain, (EDGE, WIDTH - EDGE))
}

fn draw_axis(axis: &Axis) -> Element {
    let scale = scale(axis);
    let mut root = svg::ornament(WIDTH, 18.0).child(svg::line(EDGE, 16.0, WIDTH - EDGE, 16.0, "axis"));
    for (tick, label) in axis.ticks.labelled() {
        let x = scale.at(tick);
        root.push(svg::line(x, 13.0, x, 16.0, "axis"));
        root.push(svg::text(x, 6.0, Anchor::Middle, "tiny", label));
    }
    root
}

fn bar(estimate: &Estimate, axis: &Axis, reference: Option<f64>, class: &str) -> Element {
    let scale = scale(axis);
    let y = HEIGHT / 2.0;
    let mut root = svg::ornament(WIDTH, HEIGHT).child(svg::line(EDGE, y, WIDTH - EDGE, y, "grid"));
    if let Some(reference) = reference {
        let x = scale.at(reference);
        root.push(svg::line(x, 0.0, x, HEIGHT, "reference"));
    }
    let ends = [estimate.lower, estimate.upper].map(|value| scale.at(value));
    root.push(svg::line(ends[0], y, ends[1], y, &format!("whisker {class}")));
    // An arrow's head where the interval leaves the scale.
    let mut head = |at: f64, outwards: f64| {
        let points = [(at + outwards * 8.0, y), (at, y - 4.0), (at, y + 4.0)];
        root.push(svg::polygon(&points, &format!("dot {class}")));
    };
    if estimate.lower < axis.domain.0 {
        head(ends[0], -1.0);
    }
    if estimate.upper > axis.domain.1 {
        head(ends[1], 1.0);
    }
    root.child(mark(scale.at(estimate.value), y, &format!("dot {class}")))
}

/// A shape per sort of row, so that colour is not needed.
fn mark(x: f64, y: f64, class: &str) -> Element {
    match class {
        "dot baseline" => svg::rectangle(x - 4.0, y - 4.0, 8.0, 8.0, class),
        "dot control" => svg::circle(x, y, 4.0, class),
        "dot comparator" => svg::diamond(x, y, 5.5, class),
        _ => svg::circle(x, y, 4.5, class),
    }
}

fn data(results: &Results) -> DataTable {
    let mut columns = vec![Column::words("Model"), Column::words("Sort")];
    for metric in &METRICS {
        for end in ["", ", lower", ", upper"] {
            columns.push(Column::numbers(format!("{}{end}", metric.name)));
        }
    }
    columns.extend(["Patients", "With outcome"].map(Column::numbers));
    let mut table = DataTable::new("Scores with the ends of their 95% intervals", columns);
    let shown = |value: Option<f64>| value.map_or_else(|| format::ABSENT.to_owned(), |v| format::fixed(v, 4));
    for row in &results.rows {
        let mut cells = vec![row.name.clone(), kind(row.kind).0.to_owned()];
        for metric in &METRICS {
            let estimate = (metric.pick)(row);
            cells.extend([
                shown(estimate.map(|e| e.value)),
                shown(estimate.map(|e| e.lower)),
                shown(estimate.map(|e| e.upper)),
            ]);
        }
        cells.extend([format::count(row.n), format::count(row.events)]);
        table.rows.push(cells);
    }
    table
}
