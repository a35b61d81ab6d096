//! Conditions between early and late: a scatter of two centralities with its regions.
//!
//! # Source
//! The plane of successor and predecessor PageRank with its diagonal of transitive conditions: NHS
//! England's hypergraph-mm 1.0, the plot of its demonstration notebook. The strip of those alike, the
//! intervals and the logarithmic scales are ours.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::layout::{LabelRequest, place_labels};
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{Estimate, ProgressionPoint, ProgressionScatter};
use crate::scale::Decades;
use crate::svg::{self, Anchor};

const WIDTH: f64 = 720.0;
const LEFT: f64 = 66.0;
const TOP: f64 = 12.0;
const SIDE: f64 = 630.0;
const HEIGHT: f64 = TOP + SIDE + 58.0;
const NAME_SIZE: f64 = 12.0;
const NAME_WIDTH: f64 = 170.0;
const MARK: f64 = 5.0;
/// How many times the lowest value the highest may be before the lowest go to the edge.
const WIDEST: f64 = 500.0;

/// Where a condition lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    Early,
    Transitive,
    Late,
}

/// Draws the scatter.
pub(crate) fn progression(scatter: &ProgressionScatter) -> Figure {
    let points: Vec<&ProgressionPoint> = scatter
        .points
        .iter()
        .filter(|point| point.successor.value.is_finite() && point.predecessor.value.is_finite())
        .collect();
    let alike = alike(scatter);
    let (drawing, unnamed) = if points.is_empty() {
        (nothing("No condition to draw."), 0)
    } else {
        let (drawing, unnamed) = draw(&points, alike);
        (vec![drawing], unnamed)
    };
    let mut caption = format!(
        "{} by how central they are as what comes after (across) and as what comes before (upwards), in {}. {}",
        format::plural(points.len() as u64, "condition", "conditions"),
        scatter.population,
        scatter.method
    );
    if unnamed > 0 {
        format::add(
            &mut caption,
            format_args!(
                " {} would overlap and {} left out; rest the pointer on a mark, or see the table.",
                format::plural(unnamed as u64, "name", "names"),
                if unnamed == 1 { "is" } else { "are" }
            ),
        );
    }
    Figure {
        shape: Shape::Beside,
        legend: legend(),
        drawing,
        caption,
        reading: format!(
            "Imagine walking from condition to condition in the order in which people got them; successor \
             PageRank is the share of time spent at each. Predecessor PageRank is the same for a walk \
             backwards. Low right: conditions that people tend to end with. High left: conditions that tend to \
             start it. In the strip between (the two within a factor of {} of each other) they do both. Lines \
             are 95% intervals: where one crosses the strip, which side a condition is on is not certain. Both \
             scales are logarithmic; a mark at the edge is at or below the last number.",
            format::compact(alike, 3)
        ),
        data: vec![data(scatter, alike)],
    }
}

fn alike(scatter: &ProgressionScatter) -> f64 {
    if scatter.alike.is_finite() { scatter.alike.clamp(1.0, 10.0) } else { 1.0 }
}

fn region(point: &ProgressionPoint, alike: f64) -> Region {
    let (after, before) = (point.successor.value, point.predecessor.value);
    if before > after * alike {
        Region::Early
    } else if after > before * alike {
        Region::Late
    } else {
        Region::Transitive
    }
}

fn draw(points: &[&ProgressionPoint], alike: f64) -> (Element, usize) {
    let values = points.iter().flat_map(|point| [point.successor, point.predecessor]);
    let ends = values.flat_map(|value| [value.value, value.upper]);
    let across = Decades::covering(ends, WIDEST, (LEFT, LEFT + SIDE));
    let up = across.onto((TOP + SIDE, TOP));
    let mut root = svg::root(
        WIDTH,
        HEIGHT,
        &format!("Scatter of successor against predecessor PageRank of {} conditions", points.len()),
    );
    root = root.children(regions(across, alike));
    for tick in across.ticks() {
        let (x, y, label) = (across.at(tick), up.at(tick), format!("{}%", format::compact(tick * 100.0, 2)));
        root.push(svg::line(x, TOP, x, TOP + SIDE, "grid"));
        root.push(svg::line(LEFT, y, LEFT + SIDE, y, "grid"));
        root.push(svg::text(x, TOP + SIDE + 14.0, Anchor::Middle, "tick", label.clone()));
        root.push(svg::text(LEFT - 6.0, y, Anchor::End, "tick", label));
    }
    root.push(svg::line(LEFT, TOP + SIDE, LEFT + SIDE, TOP + SIDE, "axis"));
    root.push(svg::line(LEFT, TOP, LEFT, TOP + SIDE, "axis"));
    let middle = (LEFT + SIDE / 2.0, TOP + SIDE / 2.0);
    let foot = "Successor PageRank (share of a walk forwards): comes after →";
    root.push(svg::text(middle.0, TOP + SIDE + 40.0, Anchor::Middle, "tick", foot));
    let side = "Predecessor PageRank (share of a walk backwards): comes before →";
    root.push(svg::turned_text((12.0, middle.1), -90.0, Anchor::Middle, "tick", side));
    let places: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (across.at(point.successor.value), up.at(point.predecessor.value)))
        .collect();
    let mut crosses = svg::group("crosses");
    for (point, &(x, y)) in points.iter().zip(&places) {
        let class = format!("cross {}", class(region(point, alike)));
        if point.successor.is_finite() {
            let [low, high] = [point.successor.lower, point.successor.upper].map(|value| across.at(value));
            crosses.push(svg::line(low, y, high, y, &class));
        }
        if point.predecessor.is_finite() {
            let [low, high] = [point.predecessor.lower, point.predecessor.upper].map(|value| up.at(value));
            crosses.push(svg::line(x, low, x, high, &class));
        }
    }
    root.push(crosses);
    let mut marks = svg::group("points");
    for (point, &(x, y)) in points.iter().zip(&places) {
        let tip = format!(
            "{}: after {}, before {}; people: {}",
            point.name,
            share(&point.successor),
            share(&point.predecessor),
            point.people
        );
        marks.push(svg::group("point").child(svg::tooltip(tip)).child(mark(
            region(point, alike),
            x,
            y,
            MARK,
        )));
    }
    root.push(marks);
    let (names, unnamed) = names(points, &places);
    (root.children(names), unnamed)
}

/// Two triangles and the strip between them, each with its meaning in its corner.
fn regions(across: Decades, alike: f64) -> Vec<Element> {
    let (low, _) = across.domain();
    let strip = across.at(low * alike) - LEFT;
    let (left, right, top, bottom) = (LEFT, LEFT + SIDE, TOP, TOP + SIDE);
    // The diagonal gives way to its name.
    let named = 90.0;
    let early = [(left, bottom - strip), (left, top), (right - strip, top)];
    let late = [(left + strip, bottom), (right, bottom), (right, top + strip)];
    vec![
        svg::polygon(&early, "region early"),
        svg::polygon(&late, "region late"),
        svg::line(left + named, bottom - named, right, top, "reference"),
        svg::text(left + 12.0, top + 16.0, Anchor::Start, "region-name", "Predecessors: tend to come first"),
        svg::text(right - 12.0, bottom - 16.0, Anchor::End, "region-name", "Successors: tend to come last"),
        svg::turned_text(
            (left + named / 2.0, bottom - named / 2.0),
            -45.0,
            Anchor::Middle,
            "region-name",
            "Transitive: both",
        ),
    ]
}

/// Names where there is room, those of the most central conditions first.
fn names(points: &[&ProgressionPoint], places: &[(f64, f64)]) -> (Vec<Element>, usize) {
    let mut order: Vec<usize> = (0..points.len()).collect();
    let weight = |index: usize| points[index].successor.value + points[index].predecessor.value;
    order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)).then(a.cmp(&b)));
    let texts: Vec<String> =
        order.iter().map(|&index| fit(&points[index].name, NAME_SIZE, NAME_WIDTH)).collect();
    let requests: Vec<LabelRequest> = order
        .iter()
        .zip(&texts)
        .map(|(&index, text)| LabelRequest {
            // Left of the axis are the ticks' numbers.
            at: (places[index].0 - LEFT, places[index].1),
            radius: MARK,
            width: text_width(text, NAME_SIZE),
            height: NAME_SIZE + 1.0,
        })
        .collect();
    let found = place_labels(&requests, WIDTH - LEFT, TOP + SIDE);
    let unnamed = found.iter().filter(|place| place.is_none()).count();
    let placed = texts.into_iter().zip(found);
    let drawn = placed.filter_map(|(text, place)| {
        let (x, y) = place?;
        Some(svg::text(x + LEFT, y, Anchor::Start, "point-name", text))
    });
    (drawn.collect(), unnamed)
}

/// A shape per region, so that colour is not needed.
fn mark(region: Region, x: f64, y: f64, radius: f64) -> Element {
    let class = format!("centrality {}", class(region));
    match region {
        Region::Early => svg::polygon(
            &[
                (x, y - 1.2 * radius),
                (x + 1.1 * radius, y + 0.9 * radius),
                (x - 1.1 * radius, y + 0.9 * radius),
            ],
            &class,
        ),
        Region::Transitive => svg::diamond(x, y, 1.2 * radius, &class),
        Region::Late => svg::circle(x, y, radius, &class),
    }
}

fn class(region: Region) -> &'static str {
    match region {
        Region::Early => "early",
        Region::Transitive => "transitive",
        Region::Late => "late",
    }
}

fn meaning(region: Region) -> &'static str {
    match region {
        Region::Early => "Predecessor",
        Region::Transitive => "Transitive",
        Region::Late => "Successor",
    }
}

fn share(estimate: &Estimate) -> String {
    if estimate.is_finite() { format::percent_estimate(estimate) } else { format::percent(estimate.value) }
}

fn legend() -> Vec<Key> {
    let mut keys: Vec<Key> = [Region::Early, Region::Transitive, Region::Late]
        .map(|region| Key::drawn(vec![mark(region, 12.0, 8.0, MARK)], meaning(region)))
        .into();
    let cross =
        vec![svg::line(2.0, 8.0, 22.0, 8.0, "cross late"), svg::line(12.0, 1.0, 12.0, 15.0, "cross late")];
    keys.push(Key::drawn(cross, "95% intervals"));
    keys
}

fn data(scatter: &ProgressionScatter, alike: f64) -> DataTable {
    let columns = vec![
        Column::words("Condition"),
        Column::numbers("Successor PageRank (95% interval)"),
        Column::numbers("Predecessor PageRank (95% interval)"),
        Column::words("Region"),
        Column::numbers("People"),
    ];
    let mut table = DataTable::new("Successor and predecessor PageRank", columns);
    for point in &scatter.points {
        let known = point.successor.value.is_finite() && point.predecessor.value.is_finite();
        table.rows.push(vec![
            point.name.clone(),
            share(&point.successor),
            share(&point.predecessor),
            if known { meaning(region(point, alike)) } else { format::ABSENT }.to_owned(),
            point.people.clone(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(successor: f64, predecessor: f64) -> ProgressionPoint {
        let exact = |value| Estimate::new(value, value, value);
        let (successor, predecessor) = (exact(successor), exact(predecessor));
        ProgressionPoint { name: "c".to_owned(), successor, predecessor, people: String::new() }
    }

    #[test]
    fn regress_regions_divide_the_plane() {
        let found = [(0.1, 0.2), (0.2, 0.1), (0.1, 0.11), (0.0, 0.0)].map(|(s, p)| region(&at(s, p), 1.25));
        assert_eq!(found, [Region::Early, Region::Late, Region::Transitive, Region::Transitive]);
    }
}
