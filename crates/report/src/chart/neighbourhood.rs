//! A few nodes of the graph around one of them, spread by forces.

use twinloom_event::Timestamp;

use super::node::{Named, mark, names};
use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::layout::spread;
use crate::markup::Element;
use crate::model::{GraphNode, Neighbourhood};
use crate::svg;

const WIDTH: f64 = 1040.0;
const HEIGHT: f64 = 680.0;
const MARGIN: f64 = 48.0;
/// More nodes than this are a cloud, not a picture; the rest is left to the table.
const NODES_DRAWN: usize = 150;
/// Distance of the ring around the middle node.
const RING: f64 = 4.0;

/// Draws the neighbourhood.
pub(crate) fn neighbourhood(graph: &Neighbourhood) -> Figure {
    let shown = graph.nodes.len().min(NODES_DRAWN);
    let mut caption = format!(
        "The neighbourhood of {} within {}: {} and {}.",
        graph.centre,
        format::plural(u64::from(graph.hops), "step", "steps"),
        format::plural(graph.nodes.len() as u64, "node", "nodes"),
        format::plural(graph.edges.len() as u64, "edge", "edges")
    );
    if shown < graph.nodes.len() {
        format::add(
            &mut caption,
            format_args!(" The first {} nodes are drawn, all are in the table.", format::count(shown as u64)),
        );
    }
    Figure {
        shape: Shape::Wide,
        legend: legend(&graph.nodes[..shown]),
        drawing: if shown == 0 { nothing("No nodes to draw.") } else { vec![draw(graph, shown)] },
        caption,
        reading: "Each mark is a node, its colour and shape say which label it bears; an arrow is an edge. \
                  Nodes that share edges are drawn close together, so a group is a cluster of related facts; \
                  the distance itself has no unit. The larger mark with a ring is where the walk began. Rest \
                  the pointer on a mark or an arrow for its name; names that would overlap are left out. Where \
                  JavaScript runs, a click shows a node's facts, and the slider shows the record as it was known \
                  on a day."
            .to_owned(),
        data: data(graph),
    }
}

/// Labels in order of first appearance, so that the middle node's comes first.
fn labels(nodes: &[GraphNode]) -> Vec<(&str, u64)> {
    let mut labels: Vec<(&str, u64)> = Vec::new();
    for node in nodes {
        match labels.iter_mut().find(|(label, _)| *label == node.label) {
            Some((_, count)) => *count += 1,
            None => labels.push((&node.label, 1)),
        }
    }
    labels
}

fn legend(nodes: &[GraphNode]) -> Vec<Key> {
    let keys = labels(nodes).into_iter().enumerate();
    keys.map(|(sort, (label, count))| {
        Key::drawn(vec![mark(sort, 12.0, 8.0, 6.0)], format!("{label} ({})", format::count(count)))
    })
    .collect()
}

fn draw(graph: &Neighbourhood, shown: usize) -> Element {
    let nodes = &graph.nodes[..shown];
    let edges: Vec<_> = graph
        .edges
        .iter()
        .filter(|edge| edge.source < shown && edge.target < shown && edge.source != edge.target)
        .collect();
    let pairs: Vec<(usize, usize)> = edges.iter().map(|edge| (edge.source, edge.target)).collect();
    let mut degree = vec![0_usize; shown];
    for &(a, b) in &pairs {
        degree[a] += 1;
        degree[b] += 1;
    }
    let places = spread(shown, &pairs, WIDTH, HEIGHT, MARGIN);
    let radius = |index: usize| {
        if index == 0 { 11.0 } else { 5.0 + (degree[index] as f64).sqrt().min(4.0) * 0.75 }
    };
    let sorts = labels(nodes);
    let mut root = svg::root(
        WIDTH,
        HEIGHT,
        &format!("Drawing of {} nodes around {} and the edges between them", shown, graph.centre),
    );
    root = root.attribute("data-neighbourhood", graph.centre.clone());
    let mut lines = svg::group("edges");
    for edge in &edges {
        let (from, to) = (places[edge.source], places[edge.target]);
        let tip = format!("{} {} {}", name(&nodes[edge.source]), edge.name, name(&nodes[edge.target]));
        let group = svg::group("edge")
            .attribute("data-from", edge.source.to_string())
            .attribute("data-to", edge.target.to_string())
            .attribute("data-type", edge.name.clone())
            .child(svg::tooltip(tip))
            .children(arrow(from, to, radius(edge.source), radius(edge.target)).into_iter().flatten());
        lines.push(since(group, edge.known));
    }
    root.push(lines);
    let mut marks = svg::group("nodes");
    for (index, node) in nodes.iter().enumerate() {
        let (x, y) = places[index];
        let sort = sorts.iter().position(|(label, _)| *label == node.label).unwrap_or(0);
        let mut group = svg::group("thing")
            .attribute("data-x", svg::coordinate(x))
            .attribute("data-y", svg::coordinate(y))
            .attribute("data-r", svg::coordinate(radius(index)))
            .child(svg::tooltip(name(node)));
        if index == 0 {
            group.push(svg::circle(x, y, radius(0) + RING, "ring"));
        }
        group.push(mark(sort, x, y, radius(index)));
        marks.push(since(group, node.known));
    }
    root.push(marks);
    root.children(written(nodes, &places, &degree, radius))
}

/// Names where there is room, the middle node's first, then by number of edges.
fn written(
    nodes: &[GraphNode],
    places: &[(f64, f64)],
    degree: &[usize],
    radius: impl Fn(usize) -> f64,
) -> Vec<Element> {
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|&index| (index != 0, std::cmp::Reverse(degree[index]), index));
    let named: Vec<Named<'_>> = order
        .iter()
        .map(|&index| Named {
            name: &nodes[index].name,
            at: places[index],
            radius: radius(index) + if index == 0 { RING } else { 0.0 },
            strong: index == 0,
        })
        .collect();
    let found = order.iter().zip(names(&named, WIDTH, HEIGHT));
    found.filter_map(|(index, name)| Some(name?.attribute("data-name", index.to_string()))).collect()
}

/// Marks a shape with when it was known, in milliseconds since 1970 as browsers count.
fn since(shape: Element, known: Option<Timestamp>) -> Element {
    match known {
        Some(known) => shape.attribute("data-known", known.micros().div_euclid(1000).to_string()),
        None => shape,
    }
}

fn arrow(from: (f64, f64), to: (f64, f64), leave: f64, reach: f64) -> Option<[Element; 2]> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt();
    if length < leave + reach + 2.0 {
        return None;
    }
    let (ux, uy) = (dx / length, dy / length);
    let at = |along: f64, across: f64| (from.0 + ux * along - uy * across, from.1 + uy * along + ux * across);
    let (start, tip) = (at(leave, 0.0), at(length - reach - 1.5, 0.0));
    let base = length - reach - 7.0;
    let head = [tip, at(base, 2.6), at(base, -2.6)];
    Some([svg::line(start.0, start.1, tip.0, tip.1, "link"), svg::polygon(&head, "head")])
}

fn name(node: &GraphNode) -> String {
    format!("{} {}", node.label, node.name).trim_end().to_owned()
}

fn data(graph: &Neighbourhood) -> Vec<DataTable> {
    let known = |known: Option<Timestamp>| known.map_or_else(|| format::ABSENT.to_owned(), format::date_time);
    let mut nodes = DataTable::new(
        "Nodes",
        vec![
            Column::numbers("Number"),
            Column::words("Label"),
            Column::words("Name"),
            Column::words("Known since"),
            Column::words("Facts"),
        ],
    );
    for (index, node) in graph.nodes.iter().enumerate() {
        // A line each, as the script takes them apart.
        let facts =
            node.facts.iter().map(|fact| format!("{}: {}", one_line(&fact.name), one_line(&fact.value)));
        nodes.rows.push(vec![
            format::count(index as u64 + 1),
            node.label.clone(),
            node.name.clone(),
            known(node.known),
            facts.collect::<Vec<_>>().join("\n"),
        ]);
    }
    let mut edges = DataTable::new("Edges", ["From", "Type", "To", "Known since"].map(Column::words).into());
    for edge in &graph.edges {
        let end = |index: usize| graph.nodes.get(index).map_or_else(|| format::ABSENT.to_owned(), name);
        edges.rows.push(vec![end(edge.source), edge.name.clone(), end(edge.target), known(edge.known)]);
    }
    vec![nodes, edges]
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
