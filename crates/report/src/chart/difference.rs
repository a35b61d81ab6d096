//! Two groups side by side, and beside them their difference.

use super::weights::lower_first;
use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{DifferenceRow, Estimate, GroupDifference};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 1120.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 46.0;
const ROW: f64 = 34.0;
const LABEL_SIZE: f64 = 13.0;
const WIDEST_LABEL: f64 = 320.0;
const VALUE: f64 = 176.0;
const GAP: f64 = 60.0;
/// Distance of the two groups' lines from the row's middle.
const APART: f64 = 6.5;

/// Draws the rows.
pub(crate) fn difference(plot: &GroupDifference) -> Figure {
    let drawn: Vec<&DifferenceRow> = plot
        .rows
        .iter()
        .filter(|row| [row.first, row.second, row.difference].iter().any(|part| part.value.is_finite()))
        .collect();
    let mut caption = format!(
        "{} in the {} and the {}, and the difference between the two, in {}. {}",
        plot.measure, plot.first, plot.second, plot.population, plot.method
    );
    if plot.left_out > 0 {
        format::add(&mut caption, format_args!(" {} more are not shown.", format::count(plot.left_out)));
    }
    let unsure = drawn.iter().any(|row| row.first.is_finite() || row.second.is_finite());
    Figure {
        shape: Shape::Wide,
        legend: legend(plot),
        drawing: if drawn.is_empty() { nothing("Nothing to compare.") } else { vec![draw(plot, &drawn)] },
        caption,
        reading: format!(
            "Left: the two groups{}. Right: the {} less the {}; right of the dashed \
             line it is higher in the {}. Where that interval crosses the line, chance alone could explain the \
             difference. A filled mark with bold numbers stood after allowing for the number of comparisons; a \
             hollow one did not.",
            if unsure { ", each with its 95% interval" } else { "" },
            plot.first,
            plot.second,
            plot.first
        ),
        data: vec![data(plot)],
    }
}

struct Panels {
    labels: f64,
    groups: Linear,
    differences: Linear,
    group_ends: (f64, f64),
    difference_ends: (f64, f64),
}

fn draw(plot: &GroupDifference, rows: &[&DifferenceRow]) -> Element {
    let labels =
        rows.iter().map(|row| text_width(&row.label, LABEL_SIZE)).fold(120.0, f64::max).min(WIDEST_LABEL);
    let left = labels + 14.0;
    let half = (WIDTH - VALUE - 16.0 - left - GAP) / 2.0;
    let group_ends = (left, left + half);
    let difference_ends = (left + half + GAP, left + 2.0 * half + GAP);
    let level =
        Ticks::covering(0.0, on_axis(plot, extreme(rows, |row| [row.first, row.second]).max(1e-9)), 5);
    let furthest = on_axis(plot, extreme(rows, |row| [row.difference, row.difference]).max(1e-9));
    let change = Ticks::covering(-furthest, furthest, 5);
    let panels = Panels {
        labels,
        groups: Linear::new(level.domain(), group_ends),
        differences: Linear::new(change.domain(), difference_ends),
        group_ends,
        difference_ends,
    };
    let bottom = TOP + ROW * rows.len() as f64;
    let label = format!("{}: {} against {}, and the difference", plot.measure, plot.first, plot.second);
    let mut root = svg::root(WIDTH, bottom + BOTTOM, &label);
    for (ticks, scale) in [(&level, panels.groups), (&change, panels.differences)] {
        for (tick, label) in ticks.labelled() {
            let x = scale.at(tick);
            root.push(svg::line(x, TOP, x, bottom, "grid"));
            let label = if plot.percent { format!("{label}%") } else { label };
            root.push(svg::text(x, bottom + 14.0, Anchor::Middle, "tick", label));
        }
    }
    let zero = panels.differences.at(0.0);
    root.push(svg::line(zero, TOP - 4.0, zero, bottom, "reference"));
    let middle = |ends: (f64, f64)| f64::midpoint(ends.0, ends.1);
    root.push(svg::text(
        middle(panels.group_ends),
        bottom + 34.0,
        Anchor::Middle,
        "tick",
        plot.measure.clone(),
    ));
    root.push(svg::text(middle(panels.difference_ends), bottom + 34.0, Anchor::Middle, "tick", "Difference"));
    let half_room = half / 2.0 + 24.0;
    let towards = |name: &str, arrow: &str, before: bool| {
        let name = fit(&format!("higher in {name}"), 10.5, half_room - 14.0);
        if before { format!("{arrow} {name}") } else { format!("{name} {arrow}") }
    };
    root.push(svg::text(zero - 8.0, TOP - 14.0, Anchor::End, "tiny", towards(&plot.second, "←", true)));
    root.push(svg::text(zero + 8.0, TOP - 14.0, Anchor::Start, "tiny", towards(&plot.first, "→", false)));
    root.push(svg::text(WIDTH, TOP - 14.0, Anchor::End, "tick", "Difference (95% interval)"));
    for (index, row) in rows.iter().enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        if index > 0 {
            root.push(svg::line(0.0, y - ROW / 2.0, WIDTH, y - ROW / 2.0, "grid"));
        }
        root.push(draw_row(plot, row, y, &panels));
    }
    root
}

fn draw_row(plot: &GroupDifference, row: &DifferenceRow, y: f64, panels: &Panels) -> Element {
    let shown = words(plot, &row.difference);
    let tip = format!(
        "{}: {} in the {}, {} in the {}; difference {shown}{}",
        row.label,
        words(plot, &row.first),
        plot.first,
        words(plot, &row.second),
        plot.second,
        row.q.filter(|q| q.is_finite()).map_or_else(String::new, |q| format!("; q = {}", q_value(q)))
    );
    let mut group = svg::group("row").child(svg::tooltip(tip));
    let label = fit(&row.label, LABEL_SIZE, panels.labels);
    group.push(svg::text(panels.labels + 4.0, y, Anchor::End, "label", label));
    for (estimate, second, dy) in [(&row.first, false, -APART), (&row.second, true, APART)] {
        let class = if second { "second" } else { "first" };
        group = whisker(plot, group, estimate, panels.groups, y + dy, class);
        if estimate.value.is_finite() {
            group.push(mark(second, panels.groups.at(on_axis(plot, estimate.value)), y + dy));
        }
    }
    group = whisker(plot, group, &row.difference, panels.differences, y, "change");
    if row.difference.value.is_finite() {
        let class = if row.discovered { "change-dot" } else { "change-dot hollow" };
        group.push(svg::circle(panels.differences.at(on_axis(plot, row.difference.value)), y, 4.8, class));
    }
    let class = if row.discovered { "label strong" } else { "label" };
    group.child(svg::text(WIDTH, y, Anchor::End, class, fit(&shown, LABEL_SIZE, VALUE)))
}

fn whisker(
    plot: &GroupDifference,
    mut group: Element,
    estimate: &Estimate,
    scale: Linear,
    y: f64,
    class: &str,
) -> Element {
    if estimate.is_finite() {
        let (low, high) = (scale.at(on_axis(plot, estimate.lower)), scale.at(on_axis(plot, estimate.upper)));
        group.push(svg::line(low, y, high, y, &format!("group-line {class}")));
    }
    group
}

fn mark(second: bool, x: f64, y: f64) -> Element {
    if second {
        svg::diamond(x, y, 5.6, "group-dot second")
    } else {
        svg::rectangle(x - 4.2, y - 4.2, 8.4, 8.4, "group-dot first")
    }
}

/// The largest size of any of the row's values and ends.
fn extreme(rows: &[&DifferenceRow], pick: fn(&DifferenceRow) -> [Estimate; 2]) -> f64 {
    rows.iter()
        .flat_map(|row| pick(row))
        .flat_map(|estimate| [estimate.value, estimate.lower, estimate.upper])
        .filter(|value| value.is_finite())
        .fold(0.0, |most, value| f64::max(most, value.abs()))
}

fn legend(plot: &GroupDifference) -> Vec<Key> {
    let line = |class: &str| svg::line(1.0, 8.0, 23.0, 8.0, &format!("group-line {class}"));
    let dot = |class: &str| svg::circle(12.0, 8.0, 4.8, class);
    vec![
        Key::drawn(vec![line("first"), mark(false, 12.0, 8.0)], sentence(&plot.first)),
        Key::drawn(vec![line("second"), mark(true, 12.0, 8.0)], sentence(&plot.second)),
        Key::drawn(vec![line("change"), dot("change-dot")], "Difference that stands"),
        Key::drawn(vec![line("change"), dot("change-dot hollow")], "Difference that chance could explain"),
    ]
}

/// A value with its interval.
fn words(plot: &GroupDifference, estimate: &Estimate) -> String {
    match (plot.percent, estimate.is_finite()) {
        (false, _) => format::weight_estimate(estimate),
        (true, true) => format::percent_estimate(estimate),
        (true, false) => format::percent(estimate.value),
    }
}

/// Values as the axes show them.
fn on_axis(plot: &GroupDifference, value: f64) -> f64 {
    if plot.percent { value * 100.0 } else { value }
}

fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn q_value(q: f64) -> String {
    if q < 0.001 { "< 0.001".to_owned() } else { format::fixed(q, 3) }
}

fn data(plot: &GroupDifference) -> DataTable {
    let unsure = plot.rows.iter().any(|row| row.first.is_finite() || row.second.is_finite());
    let interval = if unsure { " (95% interval)" } else { "" };
    let columns = vec![
        Column::words("Conditions"),
        Column::numbers(format!("{}{interval}", sentence(&plot.first))),
        Column::numbers(format!("{}{interval}", sentence(&plot.second))),
        Column::numbers("Difference (95% interval)"),
        Column::numbers("q"),
        Column::words("Stands"),
    ];
    let title = format!("{} in two groups", lower_first(&plot.measure));
    let mut table = DataTable::new(sentence(&title), columns);
    for row in &plot.rows {
        let mut cells = vec![row.label.clone()];
        cells.extend([&row.first, &row.second, &row.difference].map(|part| words(plot, part)));
        cells.push(row.q.filter(|q| q.is_finite()).map_or_else(|| format::ABSENT.to_owned(), q_value));
        cells.push(if row.discovered { "yes" } else { "no" }.to_owned());
        table.rows.push(cells);
    }
    table
}
