//! A figure of several models at several budgets, one panel a model on one scale.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::model::{Budgets, Estimate};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 250.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 42.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 40.0;

/// Draws the panels.
pub(crate) fn budgets(budgets: &Budgets) -> Figure {
    let drawn: Vec<Element> = budgets
        .models
        .iter()
        .filter(|(_, figures)| figures.iter().any(Option::is_some))
        .map(|(name, figures)| {
            Element::new("div")
                .class("panel")
                .child(Element::with_text("h4", name.clone()))
                .child(draw(name, figures, budgets))
        })
        .collect();
    let interval = vec![svg::line(12.0, 1.0, 12.0, 15.0, "whisker"), svg::circle(12.0, 8.0, 4.0, "dot")];
    let mut legend = vec![Key::drawn(interval, "Value, with 95% interval")];
    if let Some((name, _)) = &budgets.reference {
        legend.push(Key::drawn(vec![svg::line(1.0, 8.0, 23.0, 8.0, "reference")], name.clone()));
    }
    Figure {
        shape: Shape::Panels,
        legend,
        drawing: if drawn.is_empty() { nothing("Nothing to draw.") } else { drawn },
        caption: budgets.caption.clone(),
        reading: budgets.reading.clone(),
        data: vec![data(budgets)],
    }
}

/// From the least to the greatest that any panel shows.
fn extent(budgets: &Budgets) -> (f64, f64) {
    let shown = budgets.models.iter().flat_map(|(_, figures)| figures.iter().flatten());
    let shown = shown.chain(budgets.reference.iter().map(|(_, estimate)| estimate));
    let values = shown.flat_map(|estimate| [estimate.value, estimate.lower, estimate.upper]);
    let (least, most) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)));
    if least < most { (least, most) } else { (0.0, 1.0) }
}

fn draw(name: &str, figures: &[Option<Estimate>], budgets: &Budgets) -> Element {
    let (least, most) = extent(budgets);
    let upwards = Ticks::covering(least, most, 5);
    let bottom = HEIGHT - BOTTOM;
    let up = Linear::new(upwards.domain(), (bottom, TOP));
    let last = budgets.budgets.len().max(2) - 1;
    let across = Linear::new((0.0, last as f64), (LEFT + 18.0, WIDTH - RIGHT - 18.0));
    let label = format!("{name}: {} by {}", budgets.upwards, budgets.across);
    let mut root = svg::root(WIDTH, HEIGHT, &label);
    for (tick, label) in upwards.labelled() {
        let y = up.at(tick);
        root.push(svg::line(LEFT, y, WIDTH - RIGHT, y, "grid"));
        root.push(svg::text(LEFT - 5.0, y, Anchor::End, "tick", label));
    }
    root.push(svg::line(LEFT, bottom, WIDTH - RIGHT, bottom, "axis"));
    if let Some((_, reference)) = budgets.reference.as_ref().filter(|(_, own)| own.value.is_finite()) {
        let y = up.at(reference.value);
        root.push(svg::line(LEFT, y, WIDTH - RIGHT, y, "reference"));
    }
    for (place, budget) in budgets.budgets.iter().enumerate() {
        let x = across.at(place as f64);
        root.push(svg::text(x, bottom + 13.0, Anchor::Middle, "tick", budget.clone()));
    }
    let below = format!("{}; upwards: {}", budgets.across, budgets.upwards);
    root.push(svg::text(f64::midpoint(LEFT, WIDTH), HEIGHT - 8.0, Anchor::Middle, "tick", below));
    let drawn: Vec<(&str, &Estimate, f64, f64)> = figures
        .iter()
        .zip(&budgets.budgets)
        .enumerate()
        .filter_map(|(place, (estimate, budget))| {
            let estimate = estimate.as_ref().filter(|own| own.value.is_finite())?;
            Some((budget.as_str(), estimate, across.at(place as f64), up.at(estimate.value)))
        })
        .collect();
    let line: Vec<(f64, f64)> = drawn.iter().map(|&(.., x, y)| (x, y)).collect();
    root.push(svg::polyline(&line, "trace"));
    for (budget, estimate, x, y) in drawn {
        let tip = format!(
            "{} {budget}: {} ({})",
            budgets.across,
            format::compact(estimate.value, 3),
            format::bounds(estimate, 3)
        );
        let mut group = svg::group("row").child(svg::tooltip(tip));
        if estimate.is_finite() {
            group.push(svg::line(x, up.at(estimate.lower), x, up.at(estimate.upper), "whisker"));
        }
        root.push(group.child(svg::circle(x, y, 3.5, "dot")));
    }
    root
}

fn data(budgets: &Budgets) -> DataTable {
    let mut table = DataTable::new(
        format!("{} by {}", budgets.upwards, budgets.across),
        vec![
            Column::words("Model"),
            Column::words(budgets.across.clone()),
            Column::numbers(budgets.upwards.clone()),
            Column::numbers("Lower"),
            Column::numbers("Upper"),
        ],
    );
    let mut push = |name: &str, budget: &str, estimate: &Estimate| {
        table.rows.push(vec![
            name.to_owned(),
            budget.to_owned(),
            format::fixed(estimate.value, 3),
            format::fixed(estimate.lower, 3),
            format::fixed(estimate.upper, 3),
        ]);
    };
    if let Some((name, estimate)) = &budgets.reference {
        push(name, "", estimate);
    }
    for (name, figures) in &budgets.models {
        for (budget, estimate) in budgets.budgets.iter().zip(figures) {
            if let Some(estimate) = estimate {
                push(name, budget, estimate);
            }
        }
    }
    table
}
