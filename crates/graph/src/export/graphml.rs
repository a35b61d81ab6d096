//! GraphML with typed keys, as networkx, Gephi, yEd and igraph read it.
//!
//! # Source
//! GraphML 1.0 with the attributes extension (graphml.graphdrawing.org).

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::xml;
use crate::{EdgeProperty, Property, PropertyGraph, PropertyKind, PropertyValue};

pub(super) fn write(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\" \
        xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
        xsi:schemaLocation=\"http://graphml.graphdrawing.org/xmlns \
        http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n",
    )?;
    let properties: BTreeMap<Property, PropertyKind> =
        graph.node_tables().iter().flat_map(crate::NodeTable::properties).collect();
    key(out, "node", "label", "string")?;
    for (property, kind) in &properties {
        key(out, "node", property.as_str(), type_name(*kind))?;
    }
    for name in ["type", "known"] {
        key(out, "edge", name, "string")?;
    }
    let carried: BTreeMap<EdgeProperty, PropertyKind> =
        graph.edge_tables().iter().flat_map(crate::EdgeTable::properties).collect();
    for (property, kind) in &carried {
        key(out, "edge", property.as_str(), type_name(*kind))?;
    }
    out.write_all(b"<graph id=\"record\" edgedefault=\"directed\">\n")?;
    for table in graph.node_tables() {
        let label = table.label().name();
        for node in table.nodes() {
            write!(
                out,
                "<node id=\"{}\"><data key=\"node_label\">{label}</data>",
                xml(&graph.stable_name(node))
            )?;
            for (property, _) in table.properties() {
                if let Some(value) = table.get(node, property) {
                    data(out, "node", property.as_str(), value)?;
                }
            }
            out.write_all(b"</node>\n")?;
        }
    }
    for table in graph.edge_tables() {
        for edge in table.edges() {
            let (source, target) = (graph.stable_name(edge.source), graph.stable_name(edge.target));
            write!(out, "<edge source=\"{}\" target=\"{}\">", xml(&source), xml(&target))?;
            data(out, "edge", "type", PropertyValue::Text(edge.edge_type.as_str()))?;
            if let Some(known) = edge.known {
                data(out, "edge", "known", PropertyValue::Time(known))?;
            }
            for (property, _) in table.properties() {
                if let Some(value) = table.get(&edge, property) {
                    data(out, "edge", property.as_str(), value)?;
                }
            }
            out.write_all(b"</edge>\n")?;
        }
    }
    out.write_all(b"</graph>\n</graphml>\n")
}

fn key(out: &mut dyn Write, of: &str, name: &str, kind: &str) -> io::Result<()> {
    writeln!(out, "<key id=\"{of}_{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>")
}

fn data(out: &mut dyn Write, of: &str, name: &str, value: PropertyValue<'_>) -> io::Result<()> {
    match value {
        PropertyValue::Text(text) => write!(out, "<data key=\"{of}_{name}\">{}</data>", xml(text)),
        other => write!(out, "<data key=\"{of}_{name}\">{other}</data>"),
    }
}

fn type_name(kind: PropertyKind) -> &'static str {
    match kind {
        PropertyKind::Text | PropertyKind::Time => "string",
        PropertyKind::Integer => "long",
        PropertyKind::Float => "double",
    }
}
