//! Vectors as points on maps, side by side.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::layout::{LabelRequest, place_labels};
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{MapPanel, MapPoint, PointMap};
use crate::scale::Linear;
use crate::svg::{self, Anchor};

const SIDE: f64 = 520.0;
const TOP: f64 = 30.0;
const EDGE: f64 = 12.0;
const MARK: f64 = 2.6;
const NAME_SIZE: f64 = 11.0;
const NAME_WIDTH: f64 = 150.0;
/// The classes of the groups, in their order.
const CLASSES: [&str; 4] = ["spot first", "spot second", "spot third", "spot fourth"];

/// Draws the maps.
pub(crate) fn point_map(map: &PointMap) -> Figure {
    let groups = map.groups.iter().take(CLASSES.len()).enumerate();
    let drawing: Vec<Element> = map.panels.iter().filter_map(|panel| draw(panel, &map.groups)).collect();
    Figure {
        shape: Shape::Panels,
        legend: groups
            .map(|(group, name)| Key::drawn(vec![mark(group, 12.0, 8.0, 4.5)], name.clone()))
            .collect(),
        drawing: if drawing.is_empty() { nothing("No point to draw.") } else { drawing },
        caption: map.caption.clone(),
        reading: map.reading.clone(),
        data: vec![data(map)],
    }
}

fn is_drawn(point: &MapPoint, groups: &[String]) -> bool {
    point.x.is_finite() && point.y.is_finite() && point.group < groups.len().min(CLASSES.len())
}

fn draw(panel: &MapPanel, groups: &[String]) -> Option<Element> {
    let points: Vec<&MapPoint> = panel.points.iter().filter(|point| is_drawn(point, groups)).collect();
    let ends = |pick: fn(&MapPoint) -> f64| {
        let values = points.iter().map(|point| pick(point));
        values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ((left, right), (low, high)) = (ends(|point| point.x), ends(|point| point.y));
    if points.is_empty() {
        return None;
    }
    // One scale for both directions, so that distances mean the same across and upwards.
    let half = (f64::max(right - left, high - low) / 2.0).max(1e-9);
    let about = |from: f64, to: f64| (f64::midpoint(from, to) - half, f64::midpoint(from, to) + half);
    let across = Linear::new(about(left, right), (EDGE, SIDE - EDGE));
    let up = Linear::new(about(low, high), (TOP + SIDE - EDGE, TOP + EDGE));
    let mut root = svg::root(SIDE, TOP + SIDE, &format!("Map of {} points: {}", points.len(), panel.title));
    root.push(svg::text(0.0, 12.0, Anchor::Start, "label strong", panel.title.clone()));
    root.push(svg::rectangle(0.5, TOP, SIDE - 1.0, SIDE - 1.0, "map-frame"));
    let at = |point: &MapPoint| (across.at(point.x), up.at(point.y));
    // The commonest groups first, so that the rare ones lie on top.
    let mut order: Vec<usize> = (0..groups.len().min(CLASSES.len())).collect();
    let size = |group: usize| points.iter().filter(|point| point.group == group).count();
    order.sort_by_key(|&group| std::cmp::Reverse(size(group)));
    for group in order {
        let own = points.iter().filter(|point| point.group == group);
        root.push(svg::group("spots").children(own.map(|point| {
            let (x, y) = at(point);
            mark(group, x, y, MARK)
        })));
    }
    let named: Vec<&&MapPoint> = points.iter().filter(|point| !point.name.is_empty()).collect();
    Some(root.children(names(&named, at)))
}

fn names(named: &[&&MapPoint], at: impl Fn(&MapPoint) -> (f64, f64)) -> Vec<Element> {
    let texts = named.iter().map(|point| fit(&point.name, NAME_SIZE, NAME_WIDTH));
    let texts: Vec<String> = texts.collect();
    let requests: Vec<LabelRequest> = named
        .iter()
        .zip(&texts)
        .map(|(point, text)| LabelRequest {
            at: (at(point).0, at(point).1 - TOP),
            radius: MARK,
            width: text_width(text, NAME_SIZE),
            height: NAME_SIZE + 1.0,
        })
        .collect();
    let places = place_labels(&requests, SIDE, SIDE).into_iter().zip(texts);
    let drawn = places.filter_map(|(place, text)| {
        let (x, y) = place?;
        Some(svg::text(x, y + TOP, Anchor::Start, "node-name", text))
    });
    drawn.collect()
}

/// Forms differ with the group, so that colour is never needed.
fn mark(group: usize, x: f64, y: f64, size: f64) -> Element {
    let class = CLASSES[group.min(CLASSES.len() - 1)];
    match group {
        1 => svg::diamond(x, y, size * 1.35, class),
        2 => svg::rectangle(x - size * 0.85, y - size * 0.85, size * 1.7, size * 1.7, class),
        _ => svg::circle(x, y, size, class),
    }
}

fn data(map: &PointMap) -> DataTable {
    let columns = std::iter::once(Column::words("Map"))
        .chain(map.groups.iter().map(|name| Column::numbers(name.clone())));
    let mut table = DataTable::new("Points drawn by group", columns.collect());
    for panel in &map.panels {
        let count = |group: usize| {
            let own =
                panel.points.iter().filter(|point| is_drawn(point, &map.groups) && point.group == group);
            format::count(own.count() as u64)
        };
        table
            .rows
            .push(std::iter::once(panel.title.clone()).chain((0..map.groups.len()).map(count)).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_odd_points_are_left_out_and_counted_as_drawn() {
        let point = |x, group| MapPoint { x, y: 1.0, group, name: String::new() };
        let map = PointMap {
            groups: vec!["with".into(), "without".into()],
            panels: vec![
                MapPanel {
                    title: "one".into(),
                    points: vec![point(0.0, 0), point(f64::NAN, 0), point(2.0, 1), point(0.0, 7)],
                },
                MapPanel { title: "none".into(), points: vec![point(f64::INFINITY, 0)] },
            ],
            ..PointMap::default()
        };
        let figure = point_map(&map);
        assert_eq!(figure.drawing.len(), 1);
        assert_eq!(figure.data[0].rows, [["one", "1", "1"], ["none", "0", "0"]]);
    }
}
