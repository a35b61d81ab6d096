//! A signed number for each pair of names, by colour and by size of a square.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{HeatMap, HeatPanel};
use crate::svg::{self, Anchor};

const SIDE: f64 = 520.0;
const WIDEST_NAME: f64 = 130.0;
const NAME_SIZE: f64 = 11.0;
/// Least part of its place that a square fills, so that the smallest can be seen.
const LEAST: f64 = 0.12;

/// Draws the maps.
pub(crate) fn heat_map(map: &HeatMap) -> Figure {
    let full = if map.full.is_finite() && map.full > 0.0 { map.full } else { 1.0 };
    let drawn: Vec<Element> = map
        .panels
        .iter()
        .filter(|_| !map.names.is_empty())
        .map(|panel| {
            Element::new("div")
                .class("panel map")
                .child(Element::with_text("h4", panel.title.clone()))
                .child(draw(panel, &map.names, full))
        })
        .collect();
    let square =
        |value: f64| vec![svg::rectangle(4.0, 0.0, 16.0, 16.0, "heat-place"), cell(4.0, 0.0, 16.0, value)];
    Figure {
        shape: Shape::Panels,
        legend: vec![
            Key::drawn(square(1.0), format!("{} or more", format::compact(full, 2))),
            Key::drawn(square(0.3), format::compact(0.3 * full, 2)),
            Key::drawn(square(-1.0), format!("−{} or less", format::compact(full, 2))),
        ],
        drawing: if drawn.is_empty() { nothing("Nothing to draw.") } else { drawn },
        caption: map.caption.clone(),
        reading: map.reading.clone(),
        data: vec![data(map)],
    }
}

/// Size and colour both grow with the number, so that neither is needed alone; negative ones are hollow.
fn cell(x: f64, y: f64, room: f64, of_full: f64) -> Element {
    let size = of_full.abs().clamp(0.0, 1.0).sqrt().max(LEAST) * (room - 1.0);
    let (left, top) = (x + (room - size) / 2.0, y + (room - size) / 2.0);
    if of_full < 0.0 {
        let inner = (size - 2.0).max(0.5);
        return svg::rectangle(
            left + (size - inner) / 2.0,
            top + (size - inner) / 2.0,
            inner,
            inner,
            "heat falls",
        );
    }
    svg::rectangle(left, top, size, size, "heat rises")
}

fn draw(panel: &HeatPanel, names: &[String], full: f64) -> Element {
    let widest = names.iter().map(|name| text_width(name, NAME_SIZE)).fold(30.0, f64::max).min(WIDEST_NAME);
    let room = ((SIDE - widest - 8.0) / names.len() as f64).min(42.0);
    let (left, top) = (widest + 8.0, widest + 8.0);
    let width = left + room * names.len() as f64 + 2.0;
    let label = format!("Heat map of {} by {} names: {}", names.len(), names.len(), panel.title);
    let mut root = svg::root(width, top + room * names.len() as f64 + 2.0, &label);
    for (at, name) in names.iter().enumerate() {
        let middle = (at as f64 + 0.5) * room;
        let name = fit(name, NAME_SIZE, widest);
        root.push(svg::text(left - 5.0, top + middle, Anchor::End, "tiny", name.clone()));
        let turned = svg::text(left + middle, top - 5.0, Anchor::Start, "tiny", name);
        let about = format!("rotate(-90 {:.2} {:.2})", left + middle, top - 5.0);
        root.push(turned.attribute("transform", about));
    }
    for (row, name) in names.iter().enumerate() {
        for (column, other) in names.iter().enumerate() {
            let (x, y) = (left + room * column as f64, top + room * row as f64);
            let value = panel.cells.get(row).and_then(|cells| cells.get(column)).copied().flatten();
            let Some(value) = value.filter(|value| value.is_finite()) else {
                continue;
            };
            let tip = format!("{name} and {other}: {}", format::fixed(value, 3));
            root.push(
                svg::group("square")
                    .child(svg::tooltip(tip))
                    .child(svg::rectangle(x, y, room, room, "heat-place"))
                    .child(cell(x, y, room, value / full)),
            );
        }
    }
    root
}

fn data(map: &HeatMap) -> DataTable {
    let columns =
        [Column::words("Map"), Column::words("One"), Column::words("Other"), Column::numbers("Number")];
    let mut table = DataTable::new("The number of each pair", columns.to_vec());
    for panel in &map.panels {
        for (row, name) in map.names.iter().enumerate() {
            for (column, other) in map.names.iter().enumerate().take(row) {
                let value = panel.cells.get(row).and_then(|cells| cells.get(column)).copied().flatten();
                if let Some(value) = value.filter(|value| value.is_finite()) {
                    let number = format::fixed(value, 3);
                    table.rows.push(vec![panel.title.clone(), name.clone(), other.clone(), number]);
                }
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_squares_grow_with_their_number_and_gaps_stay_empty() {
        let cells = vec![vec![None, Some(0.2)], vec![Some(-0.05), Some(f64::NAN)]];
        let map = HeatMap {
            names: vec!["age".into(), "weight".into()],
            full: 0.2,
            panels: vec![HeatPanel { title: "one".into(), cells }],
            ..HeatMap::default()
        };
        let figure = heat_map(&map);
        let mut html = String::new();
        figure.drawing[0].render(&mut html);
        assert_eq!((html.matches("heat rises").count(), html.matches("heat falls").count()), (1, 1));
        assert_eq!(figure.data[0].rows, [["one", "weight", "age", "−0.050"]]);
    }
}
