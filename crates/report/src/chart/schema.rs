//! The graph's schema: a box per node label, an arrow per edge type.

mod bundles;
mod columns;
mod draw;
mod geometry;

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::model::{GraphSchema, Stratum};

/// Draws the schema.
pub(crate) fn schema(schema: &GraphSchema) -> Figure {
    let nodes = format::total(schema.nodes.iter().map(|node| node.count));
    let edges = format::total(schema.edges.iter().map(|edge| edge.count));
    let mut types: Vec<&str> = schema.edges.iter().map(|edge| edge.name.as_str()).collect();
    types.sort_unstable();
    types.dedup();
    let sizes = [
        ("Nodes", format::count(nodes)),
        ("Edges", format::count(edges)),
        ("Node labels", format::count(schema.nodes.len() as u64)),
        ("Edge types", format::count(types.len() as u64)),
        ("Edges per node", format::fixed(edges as f64 / nodes.max(1) as f64, 1)),
    ];
    let mut drawing = vec![tiles(&sizes)];
    let mut left_out = 0;
    if schema.nodes.is_empty() {
        drawing.extend(nothing("No node labels to draw."));
    } else {
        let (element, missing) = draw::draw(schema);
        drawing.push(element);
        left_out = missing;
    }
    let mut caption = format!(
        "The schema of the graph: {} in {}, joined by {} of {}.",
        format::plural(nodes, "node", "nodes"),
        format::plural(schema.nodes.len() as u64, "label", "labels"),
        format::plural(edges, "edge", "edges"),
        format::plural(types.len() as u64, "type", "types")
    );
    if left_out > 0 {
        format::add(
            &mut caption,
            format_args!(
                " To stay readable, the {} with the fewest edges {} in the table only.",
                format::plural(left_out as u64, "arrow", "arrows"),
                if left_out == 1 { "is" } else { "are" }
            ),
        );
    }
    Figure {
        shape: Shape::Wide,
        legend: legend(schema),
        drawing,
        caption,
        reading: "Each box is a sort of node with the number of such nodes, wider where there are more (on a \
                  logarithmic scale). Each arrow is a sort of edge, thicker where there are more. Arrows of one \
                  name that share an end share their first stretch and carry their name once."
            .to_owned(),
        data: data(schema),
    }
}

/// Figures with their names, side by side.
pub(crate) fn tiles(facts: &[(&str, String)]) -> Element {
    Element::new("dl").class("tiles").children(facts.iter().map(|(name, value)| {
        Element::new("div")
            .child(Element::with_text("dt", *name))
            .child(Element::with_text("dd", value.clone()))
    }))
}

fn stratum_class(stratum: Stratum) -> &'static str {
    match stratum {
        Stratum::Instance => "instance",
        Stratum::Concept => "concept",
        Stratum::Provenance => "provenance",
    }
}

fn legend(schema: &GraphSchema) -> Vec<Key> {
    [
        (Stratum::Instance, "Patients and what happened to them"),
        (Stratum::Concept, "Shared concepts: codes and their hierarchy"),
        (Stratum::Provenance, "Who, where and from which source"),
    ]
    .into_iter()
    .filter(|(stratum, _)| schema.nodes.iter().any(|node| node.stratum == *stratum))
    .map(|(stratum, meaning)| Key::swatch(&format!("box {}", stratum_class(stratum)), meaning))
    .collect()
}

fn data(schema: &GraphSchema) -> Vec<DataTable> {
    let mut nodes = DataTable::new("Nodes by label", vec![Column::words("Label"), Column::numbers("Nodes")]);
    for node in &schema.nodes {
        nodes.rows.push(vec![node.label.clone(), format::count(node.count)]);
    }
    let mut edges = DataTable::new(
        "Edges by type",
        vec![Column::words("From"), Column::words("Type"), Column::words("To"), Column::numbers("Edges")],
    );
    for edge in &schema.edges {
        edges.rows.push(vec![
            edge.source.clone(),
            edge.name.clone(),
            edge.target.clone(),
            format::count(edge.count),
        ]);
    }
    vec![nodes, edges]
}
