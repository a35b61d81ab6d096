//! GEXF with a time line: nodes and edges begin when they came to be known.
//!
//! # Source
//! GEXF 1.3 (gexf.net/1.3): `mode="dynamic"`, `timeformat="date"`, `start` and spells; parallel edges of
//! different kind.
//!
//! # Limits
//! The time line is in days; the attribute `known` has the exact time.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::xml;
use crate::{EdgeProperty, Property, PropertyGraph, PropertyKind, PropertyValue};

pub(super) fn write(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <gexf xmlns=\"http://gexf.net/1.3\" version=\"1.3\">\n\
        <meta><creator>Twinloom</creator><description>the record as a graph</description></meta>\n\
        <graph mode=\"dynamic\" defaultedgetype=\"directed\" timeformat=\"date\" timerepresentation=\"interval\">\n",
    )?;
    let properties: BTreeMap<Property, PropertyKind> =
        graph.node_tables().iter().flat_map(crate::NodeTable::properties).collect();
    out.write_all(b"<attributes class=\"node\" mode=\"static\">\n")?;
    attribute(out, "sort", "string")?;
    for (property, kind) in &properties {
        attribute(out, property.as_str(), type_name(*kind))?;
    }
    out.write_all(b"</attributes>\n<attributes class=\"edge\" mode=\"static\">\n")?;
    attribute(out, "type", "string")?;
    attribute(out, "known", "string")?;
    let carried: BTreeMap<EdgeProperty, PropertyKind> =
        graph.edge_tables().iter().flat_map(crate::EdgeTable::properties).collect();
    for (property, kind) in &carried {
        attribute(out, property.as_str(), type_name(*kind))?;
    }
    out.write_all(b"</attributes>\n<nodes>\n")?;
    for table in graph.node_tables() {
        let label = table.label().name();
        for node in table.nodes() {
            let (name, caption) = (graph.stable_name(node), graph.caption(node));
            write!(out, "<node id=\"{}\" label=\"{}\"", xml(&name), xml(&caption))?;
            start(out, graph.known(node))?;
            out.write_all(b"><attvalues>")?;
            value(out, "sort", PropertyValue::Text(&label))?;
            for (property, _) in table.properties() {
                if let Some(own) = table.get(node, property) {
                    value(out, property.as_str(), own)?;
                }
            }
            out.write_all(b"</attvalues></node>\n")?;
        }
    }
    out.write_all(b"</nodes>\n<edges>\n")?;
    let mut id = 0_u64;
    for table in graph.edge_tables() {
        for edge in table.edges() {
            let (source, target) = (graph.stable_name(edge.source), graph.stable_name(edge.target));
            let edge_type = edge.edge_type.as_str();
            write!(
                out,
                "<edge id=\"{id}\" source=\"{}\" target=\"{}\" kind=\"{edge_type}\" label=\"{edge_type}\"",
                xml(&source),
                xml(&target)
            )?;
            id += 1;
            start(out, edge.known)?;
            out.write_all(b"><attvalues>")?;
            value(out, "type", PropertyValue::Text(edge_type))?;
            if let Some(known) = edge.known {
                value(out, "known", PropertyValue::Time(known))?;
            }
            for (property, _) in table.properties() {
                if let Some(own) = table.get(&edge, property) {
                    value(out, property.as_str(), own)?;
                }
            }
            out.write_all(b"</attvalues></edge>\n")?;
        }
    }
    out.write_all(b"</edges>\n</graph>\n</gexf>\n")
}

fn attribute(out: &mut dyn Write, name: &str, kind: &str) -> io::Result<()> {
    writeln!(out, "<attribute id=\"{name}\" title=\"{name}\" type=\"{kind}\"/>")
}

/// The day of a time as the beginning of the element.
fn start(out: &mut dyn Write, known: Option<twinloom_event::Timestamp>) -> io::Result<()> {
    match known.map(|known| known.to_string()) {
        Some(known) => write!(out, " start=\"{}\"", known.split('T').next().unwrap_or(&known)),
        None => Ok(()),
    }
}

fn value(out: &mut dyn Write, name: &str, value: PropertyValue<'_>) -> io::Result<()> {
    match value {
        PropertyValue::Text(text) => write!(out, "<attvalue for=\"{name}\" value=\"{}\"/>", xml(text)),
        other => write!(out, "<attvalue for=\"{name}\" value=\"{other}\"/>"),
    }
}

fn type_name(kind: PropertyKind) -> &'static str {
    match kind {
        PropertyKind::Text | PropertyKind::Time => "string",
        PropertyKind::Integer => "long",
        PropertyKind::Float => "double",
    }
}
