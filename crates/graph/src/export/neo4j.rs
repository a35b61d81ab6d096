//! A folder for Neo4j's bulk import.
//!
//! # Source
//! Neo4j Operations Manual 5, "Neo4j-admin import": header fields `:ID(space)`, `:LABEL`,
//! `:START_ID(space)`, `:END_ID(space)`, `:TYPE`, property types `long`, `double`, `string`,
//! `localdatetime`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::text::csv;
use super::watched;
use crate::{Edge, EdgeTable, NodeTable, Property, PropertyGraph, PropertyKind, PropertyValue};

pub(super) fn write(
    graph: &PropertyGraph,
    folder: &Path,
    progress: &dyn Fn(u64),
) -> io::Result<Vec<PathBuf>> {
    let (nodes, edges) = (folder.join("nodes"), folder.join("edges"));
    for part in [&nodes, &edges] {
        // Files of an earlier export with other labels would be imported too.
        if part.is_dir() {
            fs::remove_dir_all(part)?;
        }
        fs::create_dir_all(part)?;
    }
    let mut files = Vec::new();
    let mut arguments = Vec::new();
    for table in graph.node_tables() {
        let name = format!("{}.csv", table.label().name());
        let mut out = watched(&nodes.join(&name), progress)?;
        write_nodes(table, &mut out)?;
        out.flush()?;
        arguments.push(format!("--nodes=nodes/{name}"));
        files.push(nodes.join(name));
    }
    for table in graph.edge_tables() {
        for (name, header, edges_of_pair) in by_label_pair(graph, table) {
            let mut out = watched(&edges.join(&name), progress)?;
            writeln!(out, "{header}")?;
            for edge in edges_of_pair {
                write_edge(graph, table, &edge, &mut out)?;
            }
            out.flush()?;
            arguments.push(format!("--relationships=edges/{name}"));
            files.push(edges.join(name));
        }
    }
    let script = folder.join("import.sh");
    fs::write(&script, import_script(&arguments))?;
    make_executable(&script)?;
    let constraints = folder.join("constraints.cypher");
    fs::write(&constraints, constraint_statements(graph))?;
    files.extend([script, constraints]);
    Ok(files)
}

fn write_nodes(table: &NodeTable, out: &mut dyn Write) -> io::Result<()> {
    let label = table.label();
    write!(out, "id:ID({})", label.name())?;
    let others: Vec<(Property, PropertyKind)> =
        table.properties().filter(|(property, _)| *property != Property::Id).collect();
    for (property, kind) in &others {
        write!(out, ",{}:{}", property.as_str(), type_name(*kind))?;
    }
    writeln!(out, ",:LABEL")?;
    let labels = label.names().join(";");
    for node in table.nodes() {
        if let Some(id) = table.get(node, Property::Id).and_then(PropertyValue::as_text) {
            write!(out, "{}", csv(id))?;
        }
        for (property, _) in &others {
            match table.get(node, *property) {
                None => write!(out, ",")?,
                Some(PropertyValue::Text(text)) => write!(out, ",{}", csv(text))?,
                Some(value) => write!(out, ",{value}")?,
            }
        }
        writeln!(out, ",{labels}")?;
    }
    Ok(())
}

/// Ids are unique within a label only, so each pair of labels has its own file: its name, its header
/// and its edges.
fn by_label_pair<'a>(
    graph: &'a PropertyGraph,
    table: &'a EdgeTable,
) -> impl Iterator<Item = (String, String, impl Iterator<Item = Edge<'a>>)> {
    let place = |node| graph.node_tables().partition_point(|table| table.first <= node).saturating_sub(1);
    let mut pairs: Vec<(usize, usize)> =
        table.edges().map(|edge| (place(edge.source.0), place(edge.target.0))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().map(move |(from, to)| {
        let name = |at: usize| graph.node_tables()[at].label().name();
        let file = format!("{}-{}-{}.csv", name(from), table.edge_type(), name(to));
        let property = table.properties().fold(String::new(), |header, (property, kind)| {
            header + "," + property.as_str() + ":" + type_name(kind)
        });
        let header =
            format!(":START_ID({}),:END_ID({}),:TYPE,known:localdatetime{property}", name(from), name(to));
        let edges =
            table.edges().filter(move |edge| (place(edge.source.0), place(edge.target.0)) == (from, to));
        (file, header, edges)
    })
}

fn write_edge(
    graph: &PropertyGraph,
    table: &EdgeTable,
    edge: &Edge<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let id = |node| graph.property(node, Property::Id).and_then(PropertyValue::as_text).unwrap_or_default();
    write!(out, "{},{},{},", csv(id(edge.source)), csv(id(edge.target)), edge.edge_type)?;
    if let Some(known) = edge.known {
        write!(out, "{known}")?;
    }
    for (property, _) in table.properties() {
        match table.get(edge, property) {
            Some(PropertyValue::Text(text)) => write!(out, ",{}", csv(text))?,
            Some(value) => write!(out, ",{value}")?,
            None => write!(out, ",")?,
        }
    }
    writeln!(out)
}

fn import_script(arguments: &[String]) -> String {
    let mut script = String::from(
        "#!/bin/sh\n\
        # Loads this folder into an empty Neo4j database: import.sh [DATABASE]\n\
        # Afterwards: cypher-shell -f constraints.cypher\n\
        set -eu\n\
        cd \"$(dirname \"$0\")\"\n\
        exec neo4j-admin database import full \"${1:-neo4j}\" \\\n    --id-type=string --multiline-fields=true",
    );
    for argument in arguments {
        script.push_str(" \\\n    ");
        script.push_str(argument);
    }
    script.push('\n');
    script
}

fn constraint_statements(graph: &PropertyGraph) -> String {
    let statement = |table: &NodeTable| {
        let label = table.label().name();
        format!("CREATE CONSTRAINT {label}_id IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE;\n")
    };
    graph.node_tables().iter().map(statement).collect()
}

fn type_name(kind: PropertyKind) -> &'static str {
    match kind {
        PropertyKind::Text => "string",
        PropertyKind::Integer => "long",
        PropertyKind::Float => "double",
        PropertyKind::Time => "localdatetime",
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}
