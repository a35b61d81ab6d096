//! Rows of estimates with intervals on one scale, held against a band or a line.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{DotMark, DotPlot, DotRow, Estimate};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 1120.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 44.0;
const ROW: f64 = 25.0;
const LABEL_SIZE: f64 = 13.0;
const WIDEST_LABEL: f64 = 380.0;
const WIDEST_VALUE: f64 = 360.0;
const ARROW: f64 = 7.0;

/// Draws the rows.
pub(crate) fn dot_plot(plot: &DotPlot) -> Figure {
    Figure {
        shape: Shape::Wide,
        legend: legend(plot),
        drawing: if plot.rows.iter().any(|row| row.estimate.is_some()) {
            vec![draw(plot)]
        } else {
            nothing("Nothing to draw.")
        },
        caption: plot.caption.clone(),
        reading: plot.reading.clone(),
        data: vec![data(plot)],
    }
}

fn draw(plot: &DotPlot) -> Element {
    let widest = |texts: &mut dyn Iterator<Item = &str>, least: f64, most: f64| {
        texts.map(|text| text_width(text, LABEL_SIZE)).fold(least, f64::max).min(most)
    };
    let label_width = widest(&mut plot.rows.iter().map(|row| row.label.as_str()), 120.0, WIDEST_LABEL);
    let mut shown = plot.rows.iter().map(|row| row.shown.as_str()).chain([plot.value_heading.as_str()]);
    let value_width = widest(&mut shown, 100.0, WIDEST_VALUE);
    let domain = domain(plot);
    let ticks = Ticks::within(domain.0, domain.1, 8);
    let scale = Linear::new(domain, (label_width + 26.0, WIDTH - value_width - 26.0));
    let bottom = TOP + ROW * plot.rows.len() as f64;
    let mut root = svg::root(WIDTH, bottom + BOTTOM, &format!("Dot plot: {}", plot.axis));
    if let Some((low, high)) = plot.band {
        let (low, high) = (scale.at(low), scale.at(high));
        root.push(svg::rectangle(low, TOP, high - low, bottom - TOP, "band"));
    }
    for (tick, label) in ticks.labelled() {
        let x = scale.at(tick);
        root.push(svg::line(x, TOP, x, bottom, "grid"));
        root.push(svg::text(x, bottom + 14.0, Anchor::Middle, "tick", label));
    }
    if let Some(reference) = plot.reference {
        let x = scale.at(reference);
        root.push(svg::line(x, TOP, x, bottom, "reference"));
    }
    let middle = f64::midpoint(scale.at(domain.0), scale.at(domain.1));
    root.push(svg::text(middle, bottom + 33.0, Anchor::Middle, "tick", plot.axis.clone()));
    root.push(svg::text(WIDTH, TOP - 14.0, Anchor::End, "tick", plot.value_heading.clone()));
    for (index, row) in plot.rows.iter().enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        if row.is_heading() {
            root.push(svg::text(0.0, y, Anchor::Start, "label strong", row.label.clone()));
            root.push(svg::line(0.0, y + ROW / 2.0 - 1.0, WIDTH, y + ROW / 2.0 - 1.0, "rule"));
            continue;
        }
        let tip = format!("{}: {}", row.label, row.shown);
        let mut group = svg::group("row").child(svg::tooltip(tip));
        let label = fit(&row.label, LABEL_SIZE, label_width);
        group.push(svg::text(label_width + 4.0, y, Anchor::End, "label", label));
        if let Some(estimate) = row.estimate.filter(|estimate| estimate.value.is_finite()) {
            group = whisker(group, &estimate, domain, scale, y, row.mark);
        }
        let value = fit(&row.shown, LABEL_SIZE, value_width);
        group.push(svg::text(WIDTH, y, Anchor::End, "label", value));
        root.push(group);
    }
    root
}

fn whisker(
    mut group: Element,
    estimate: &Estimate,
    domain: (f64, f64),
    scale: Linear,
    y: f64,
    mark: DotMark,
) -> Element {
    if estimate.lower.is_finite() && estimate.upper.is_finite() {
        let (low, high) = (scale.at(estimate.lower), scale.at(estimate.upper));
        group.push(svg::line(low, y, high, y, "whisker"));
        for (end, beyond, outwards) in
            [(low, estimate.lower < domain.0, -1.0), (high, estimate.upper > domain.1, 1.0)]
        {
            if beyond {
                let head = [(end + outwards * ARROW, y), (end, y - 4.0), (end, y + 4.0)];
                group.push(svg::polygon(&head, "dot"));
            } else {
                group.push(svg::line(end, y - 4.0, end, y + 4.0, "whisker"));
            }
        }
    }
    // A dot beyond the scale is an arrow, lest it be taken for one at its end.
    let x = scale.at(estimate.value);
    let outwards = if estimate.value < domain.0 { -1.0 } else { 1.0 };
    if (domain.0..=domain.1).contains(&estimate.value) {
        group.child(dot(x, y, mark))
    } else {
        let head = [(x + outwards * (ARROW + 4.0), y), (x, y - 6.0), (x, y + 6.0)];
        group.child(svg::polygon(&head, if mark == DotMark::Ring { "dot control" } else { "dot" }))
    }
}

fn dot(x: f64, y: f64, mark: DotMark) -> Element {
    match mark {
        DotMark::Disc => svg::circle(x, y, 4.8, "dot"),
        DotMark::Ring => svg::circle(x, y, 4.6, "dot ring"),
        DotMark::Square => svg::rectangle(x - 4.2, y - 4.2, 8.4, 8.4, "dot"),
    }
}

/// What the estimates cover, no wider than the limits, and always the band and the line.
fn domain(plot: &DotPlot) -> (f64, f64) {
    let ends = plot.rows.iter().filter_map(|row| row.estimate.as_ref());
    let (low, high) = ends
        .flat_map(|estimate| [estimate.lower, estimate.value, estimate.upper])
        .filter(|value| value.is_finite())
        .map(|value| value.clamp(plot.limits.0, plot.limits.1))
        .chain(plot.band.into_iter().flat_map(|(low, high)| [low, high]))
        .chain(plot.reference)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low.is_finite() && high - low > 1e-9 {
        let margin = 0.02 * (high - low);
        (low - margin, high + margin)
    } else if low.is_finite() {
        (low - 1.0, high + 1.0)
    } else {
        (0.0, 1.0)
    }
}

fn legend(plot: &DotPlot) -> Vec<Key> {
    let mut keys: Vec<Key> = plot
        .legend
        .iter()
        .map(|(mark, meaning)| {
            let line = svg::line(1.0, 8.0, 23.0, 8.0, "whisker");
            Key::drawn(vec![line, dot(12.0, 8.0, *mark)], meaning.clone())
        })
        .collect();
    if plot.band.is_some() {
        keys.push(Key::swatch("band", "Band that passes"));
    }
    keys
}

fn data(plot: &DotPlot) -> DataTable {
    let mut table = DataTable::new(
        plot.axis.clone(),
        vec![
            Column::words("Row"),
            Column::numbers(plot.axis.clone()),
            Column::numbers("Lower"),
            Column::numbers("Upper"),
            Column::words(plot.value_heading.clone()),
        ],
    );
    for row in plot.rows.iter().filter(|row: &&DotRow| !row.is_heading()) {
        let number = |pick: fn(&Estimate) -> f64| {
            row.estimate
                .as_ref()
                .map_or_else(|| format::ABSENT.to_owned(), |estimate| format::fixed(pick(estimate), 3))
        };
        table.rows.push(vec![
            row.label.clone(),
            number(|estimate| estimate.value),
            number(|estimate| estimate.lower),
            number(|estimate| estimate.upper),
            row.shown.clone(),
        ]);
    }
    table
}
