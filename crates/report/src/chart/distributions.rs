//! Distributions of columns: bars of the table held against, marks of the others.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{DistributionPanel, Distributions};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 300.0;
const TOP: f64 = 12.0;
const PLOT: f64 = 118.0;
const LEFT: f64 = 38.0;
const RIGHT: f64 = 6.0;
const NAME_SIZE: f64 = 10.5;
/// Bins whose names stand under the drawing; of more, the first and the last.
const NAMED: usize = 4;

/// Draws the panels.
pub(crate) fn distributions(distributions: &Distributions) -> Figure {
    let tables = &distributions.tables;
    let drawn: Vec<Element> = distributions
        .panels
        .iter()
        .filter(|panel| !panel.bins.is_empty() && panel.shares.iter().any(|shares| !shares.is_empty()))
        .map(|panel| {
            let mut element =
                Element::new("div").class("panel").child(Element::with_text("h4", panel.title.clone()));
            if !panel.note.is_empty() {
                element.push(Element::with_text("span", panel.note.clone()).class("hint"));
            }
            element.child(draw(panel, tables))
        })
        .collect();
    let legend = tables.iter().take(3).enumerate().map(|(at, name)| match at {
        0 => Key::swatch("share real", name.clone()),
        _ => Key::drawn(vec![mark(at, 12.0, 8.0)], name.clone()),
    });
    Figure {
        shape: Shape::Panels,
        legend: legend.collect(),
        drawing: if drawn.is_empty() { nothing("No column to draw.") } else { drawn },
        caption: distributions.caption.clone(),
        reading: distributions.reading.clone(),
        data: vec![data(distributions)],
    }
}

/// A level across the bin for the second table, a ring for the third.
fn mark(table: usize, x: f64, y: f64) -> Element {
    if table == 1 {
        svg::diamond(x, y, 4.6, "share-mark other")
    } else {
        svg::circle(x, y, 3.2, "share-mark chance")
    }
}

fn draw(panel: &DistributionPanel, tables: &[String]) -> Element {
    let share = |table: usize, bin: usize| {
        let value = panel.shares.get(table).and_then(|shares| shares.get(bin)).copied();
        value.filter(|value| value.is_finite()).map(|value| value.clamp(0.0, 1.0))
    };
    let shown = tables.len().min(3);
    let bins = panel.bins.len();
    let most =
        (0..shown).flat_map(|table| (0..bins).filter_map(move |bin| share(table, bin))).fold(0.001, f64::max);
    let upwards = Ticks::covering(0.0, most, 4);
    let bottom = TOP + PLOT;
    let up = Linear::new(upwards.domain(), (bottom, TOP));
    let room = (WIDTH - LEFT - RIGHT) / bins as f64;
    let label = format!("{}: share of rows by bin", panel.title);
    let mut root = svg::root(WIDTH, bottom + 20.0, &label);
    for (tick, label) in upwards.labelled() {
        let y = up.at(tick);
        root.push(svg::line(LEFT, y, WIDTH - RIGHT, y, if tick == 0.0 { "axis" } else { "grid" }));
        root.push(svg::text(LEFT - 4.0, y, Anchor::End, "tiny", label));
    }
    for bin in 0..bins {
        let left = LEFT + room * bin as f64;
        let told: Vec<String> = (0..shown)
            .filter_map(|table| Some(format!("{} {}", tables[table], format::percent(share(table, bin)?))))
            .collect();
        let tip = format!("{}: {}", panel.bins[bin], told.join(", "));
        let mut group = svg::group("row").child(svg::tooltip(tip));
        if let Some(value) = share(0, bin) {
            let y = up.at(value);
            group.push(svg::rectangle(left + 0.1 * room, y, 0.8 * room, bottom - y, "share real"));
        }
        for table in (1..shown).rev() {
            if let Some(value) = share(table, bin) {
                group.push(mark(table, left + 0.5 * room, up.at(value)));
            }
        }
        root.push(group);
        let ends = bin == 0 || bin + 1 == bins;
        if bins <= NAMED || ends {
            let width = if bins <= NAMED { room - 4.0 } else { 0.46 * (WIDTH - LEFT) };
            let name = fit(&panel.bins[bin], NAME_SIZE, width);
            let half = text_width(&name, NAME_SIZE) / 2.0;
            let middle = (left + 0.5 * room).clamp(LEFT + half, (WIDTH - half).max(LEFT + half));
            root.push(svg::text(middle, bottom + 11.0, Anchor::Middle, "tiny", name));
        }
    }
    root
}

fn data(distributions: &Distributions) -> DataTable {
    let columns = [Column::words("Column"), Column::words("Bin")]
        .into_iter()
        .chain(distributions.tables.iter().map(|name| Column::numbers(name.clone())));
    let mut table = DataTable::new("Share of rows in each bin", columns.collect());
    for panel in &distributions.panels {
        for (bin, name) in panel.bins.iter().enumerate() {
            let share = |at: usize| {
                let value = panel.shares.get(at).and_then(|shares| shares.get(bin));
                value.map_or_else(|| format::ABSENT.to_owned(), |value| format::fixed(*value, 3))
            };
            let cells = (0..distributions.tables.len()).map(share);
            table.rows.push([panel.title.clone(), name.clone()].into_iter().chain(cells).collect());
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_a_bar_is_as_high_as_its_share_and_odd_numbers_are_left_out() {
        let panel = DistributionPanel {
            title: "age".into(),
            bins: vec!["0 to 50".into(), "50 and over".into()],
            shares: vec![vec![0.25, 0.75], vec![f64::NAN, 7.0], vec![0.5]],
            ..DistributionPanel::default()
        };
        let none = DistributionPanel { title: "nothing".into(), ..DistributionPanel::default() };
        let tables = ["real", "synthetic", "held out"].map(str::to_owned).to_vec();
        let figure =
            distributions(&Distributions { tables, panels: vec![panel, none], ..Distributions::default() });
        assert_eq!(figure.drawing.len(), 1);
        let mut html = String::new();
        figure.drawing[0].render(&mut html);
        assert_eq!(html.matches("share real").count(), 2);
        assert_eq!(html.matches("share-mark other").count(), 1);
        assert_eq!(html.matches("share-mark chance").count(), 1);
        assert!(html.contains("real 25.0%") || html.contains("real 25%"), "{html}");
        assert_eq!(figure.data[0].rows.len(), 2);
    }
}
