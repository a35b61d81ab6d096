//! Net benefit by threshold: the model, everyone, no one.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::model::{DecisionCurve, DecisionCurves};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 42.0;

/// Of the highest benefit, how far below 0 the drawing reaches; what lies lower runs along its edge.
const BELOW: f64 = 0.25;

/// Draws a panel for each model.
pub(crate) fn decision(curves: &DecisionCurves) -> Figure {
    let drawn: Vec<Element> = curves
        .models
        .iter()
        .filter(|model| !model.points.is_empty())
        .map(|model| {
            Element::new("div")
                .class("panel")
                .child(Element::with_text("h4", model.name.clone()))
                .child(draw(model))
        })
        .collect();
    let stroke = |class: &str| vec![svg::polyline(&[(2.0, 12.0), (22.0, 4.0)], class)];
    Figure {
        shape: Shape::Panels,
        legend: vec![
            Key::drawn(stroke("trace"), "Act on the model"),
            Key::drawn(stroke("trace everyone"), "Act on everyone"),
            Key::drawn(vec![svg::line(2.0, 8.0, 22.0, 8.0, "axis")], "Act on no one"),
        ],
        drawing: if drawn.is_empty() { nothing("No predictions to act on.") } else { drawn },
        caption: format!(
            "Net benefit of acting on the predicted risk of {}, in true positives per 100 patients, by the risk from which one acts.",
            curves.outcome
        ),
        reading: "Who acts from a risk of 10% holds a missed case to be nine times as bad as a needless act. At such a \
                  threshold the higher line does more good. A model is worth using only where its line lies above both \
                  others; lines of two models are compared in their panels at the same threshold. The curves carry no \
                  intervals."
            .to_owned(),
        data: vec![data(curves)],
    }
}

fn draw(model: &DecisionCurve) -> Element {
    let most = model
        .points
        .iter()
        .flat_map(|point| [point.model, point.everyone])
        .filter(|value| value.is_finite())
        .fold(0.001, f64::max);
    let last = model.points.iter().map(|point| point.threshold).fold(0.01, f64::max);
    let upwards = Ticks::covering(0.0, most, 5);
    let along = Ticks::within(0.0, last * 100.0, 6);
    let across = Linear::new((0.0, last * 100.0), (LEFT + 6.0, WIDTH - RIGHT));
    let bottom = HEIGHT - BOTTOM;
    let up = Linear::new((-BELOW * most, upwards.domain().1), (bottom, TOP));
    let label = format!("{}: net benefit by threshold", model.name);
    let mut root = svg::root(WIDTH, HEIGHT, &label);
    for (tick, label) in upwards.labelled() {
        let y = up.at(tick);
        root.push(svg::line(LEFT, y, WIDTH - RIGHT, y, if tick == 0.0 { "axis" } else { "grid" }));
        root.push(svg::text(LEFT - 5.0, y, Anchor::End, "tick", label));
    }
    for (tick, label) in along.labelled() {
        root.push(svg::text(across.at(tick), bottom + 13.0, Anchor::Middle, "tick", label));
    }
    let below = "Act from a risk of, %";
    root.push(svg::text(f64::midpoint(LEFT, WIDTH), HEIGHT - 10.0, Anchor::Middle, "tick", below));
    for (class, of) in [
        ("trace everyone", (|point| point.everyone) as fn(&crate::model::NetBenefit) -> f64),
        ("trace", |point| point.model),
    ] {
        let line: Vec<(f64, f64)> =
            model.points.iter().map(|point| (across.at(point.threshold * 100.0), up.at(of(point)))).collect();
        root.push(svg::polyline(&line, class));
    }
    root
}

fn data(curves: &DecisionCurves) -> DataTable {
    let mut table = DataTable::new(
        "Net benefit in true positives per 100 patients; acting on no one has 0",
        vec![
            Column::words("Model"),
            Column::numbers("Act from a risk of, %"),
            Column::numbers("On the model"),
            Column::numbers("On everyone"),
        ],
    );
    for model in &curves.models {
        for point in &model.points {
            table.rows.push(vec![
                model.name.clone(),
                format::fixed(point.threshold * 100.0, 0),
                format::fixed(point.model, 2),
                format::fixed(point.everyone, 2),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NetBenefit;

    #[test]
    fn regress_each_model_has_a_panel_with_two_lines() {
        let point = |threshold, model, everyone| NetBenefit { threshold, model, everyone };
        let model = DecisionCurve {
            name: "boosted trees".into(),
            points: vec![point(0.01, 8.0, 8.0), point(0.2, 3.0, -9.0)],
        };
        let empty = DecisionCurve { name: "nothing".into(), points: Vec::new() };
        let figure = decision(&DecisionCurves { outcome: "death".into(), models: vec![model, empty] });
        assert_eq!(figure.drawing.len(), 1);
        let mut drawn = String::new();
        figure.drawing[0].render(&mut drawn);
        assert_eq!(drawn.matches("<polyline").count(), 2, "{drawn}");
        assert!(!drawn.contains("NaN"), "{drawn}");
        assert_eq!(figure.data[0].rows.len(), 2);
    }
}
