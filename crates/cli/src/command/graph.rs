//! `twinloom graph`: build, query, export.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::json;
use twinloom_graph::{
    DATABASE_FOLDER, Database, DatabaseError, ExportFormat, GRAPH_FILE, PropertyGraph, Statistics,
    Surroundings,
};

use crate::args::{GraphExportArguments, GraphFormat, GraphQueryArguments, QueryLanguage};
use crate::context::{Context, Stopwatch};
use crate::failure::BadInput;
use crate::manifest::{self, Manifest};
use crate::output::{grouped, print_json, print_text, table};
use crate::{progress, study};

/// Where a study's graph stands.
const FOLDER: &str = "graph";

#[derive(Debug, Serialize)]
struct Built<'a> {
    study: String,
    statistics: &'a Statistics,
}

/// Runs `graph build`.
pub(crate) fn build(context: &Context, folder: &Path) -> Result<ExitCode> {
    let graph = make(context, folder)?;
    open_database(context, folder)?;
    let statistics = graph.statistics();
    if context.common.json {
        print_json(&Built { study: folder.display().to_string(), statistics: &statistics });
    } else {
        print_text(&describe(&statistics));
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `graph query`.
pub(crate) fn query(context: &Context, arguments: &GraphQueryArguments) -> Result<ExitCode> {
    ensure(context, &arguments.study)?;
    let database = open_database(context, &arguments.study)?;
    let language = match arguments.language {
        QueryLanguage::Cypher => twinloom_graph::QueryLanguage::Cypher,
        QueryLanguage::Gql => twinloom_graph::QueryLanguage::Gql,
    };
    let answer = database.query(&arguments.query, language).map_err(|error| match error {
        DatabaseError::Query { .. } | DatabaseError::TimedOut => {
            anyhow::Error::new(BadInput::new(error.to_string()))
        }
        other => other.into(),
    })?;
    if context.common.json {
        print_json(&json!({ "columns": answer.columns, "rows": answer.rows }));
    } else {
        let mut rows = vec![answer.columns];
        rows.extend(answer.rows.iter().map(|row| row.iter().map(cell).collect()));
        print_text(&table(&rows));
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `graph export`.
pub(crate) fn export(context: &Context, arguments: &GraphExportArguments) -> Result<ExitCode> {
    ensure(context, &arguments.study)?;
    let graph = read(&arguments.study)?;
    let bar = progress::bar(&context.common, "writing", None);
    let output = &arguments.output;
    let format = match arguments.format {
        GraphFormat::Neo4j => ExportFormat::Neo4j,
        GraphFormat::Graphml => ExportFormat::GraphMl,
        GraphFormat::Edges => ExportFormat::EdgeList,
    };
    let files: Vec<String> =
        graph.export(format, output)?.iter().map(|path| path.display().to_string()).collect();
    bar.finish_and_clear();
    let counts = json!({
        "files": files,
        "nodes": graph.node_count(),
        "edges": graph.edge_count(),
    });
    if context.common.json {
        print_json(&counts);
    } else {
        print_text(&format!(
            "{} nodes and {} edges written to {}.",
            grouped(graph.node_count() as u64),
            grouped(graph.edge_count() as u64),
            output.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the graph from the study's events and stores it; a query loads the database from it.
pub(crate) fn make(context: &Context, folder: &Path) -> Result<PropertyGraph> {
    let mut stopwatch = Stopwatch::start();
    let bar = progress::bar(&context.common, "building the graph", None);
    let dataset = study::dataset(folder)?;
    let artefacts = study::artefacts(folder)?;
    stopwatch.lap("read");
    let graph = PropertyGraph::build_within(&dataset, &Surroundings { artefacts: &artefacts })?;
    drop((dataset, artefacts));
    stopwatch.lap("build");
    let graph_folder = folder.join(FOLDER);
    std::fs::create_dir_all(&graph_folder)
        .with_context(|| format!("{} can't be made", graph_folder.display()))?;
    graph.write(&graph_folder.join(GRAPH_FILE))?;
    manifest::write_json(&graph_folder.join("statistics.json"), &graph.statistics())?;
    stopwatch.lap("write");
    bar.finish_and_clear();
    let inputs = manifest::outputs(folder, &["events", "records"])?;
    let stored = [format!("{FOLDER}/{GRAPH_FILE}"), format!("{FOLDER}/statistics.json")];
    let outputs = manifest::outputs(folder, &stored.each_ref().map(String::as_str))?;
    let mut step = context.step("graph build", json!({}), inputs, outputs);
    step.projections = vec![format!("{FOLDER}/{DATABASE_FOLDER}")];
    Manifest::record(folder, "graph", step, stopwatch.timing(context.threads), &[])?;
    Ok(graph)
}

/// The database of the study's stored graph, loaded first if it is not there or of another graph.
pub(crate) fn open_database(context: &Context, folder: &Path) -> Result<Database> {
    let bar = progress::bar(&context.common, "opening the database", None);
    let database = Database::open_or_build(&folder.join(FOLDER))?;
    bar.finish_and_clear();
    Ok(database)
}

/// The study's stored graph.
pub(crate) fn read(folder: &Path) -> Result<PropertyGraph> {
    Ok(PropertyGraph::read(&folder.join(FOLDER).join(GRAPH_FILE))?)
}

/// Builds the graph if the study has none yet.
pub(crate) fn ensure(context: &Context, folder: &Path) -> Result<()> {
    study::require(folder)?;
    if !folder.join(FOLDER).join(GRAPH_FILE).is_file() {
        make(context, folder)?;
    }
    Ok(())
}

fn describe(statistics: &Statistics) -> String {
    let mut rows = vec![vec!["label".to_owned(), "nodes".to_owned()]];
    rows.extend(statistics.nodes_by_label.iter().map(|(label, count)| vec![label.clone(), grouped(*count)]));
    let mut edges = vec![vec!["edge type".to_owned(), "edges".to_owned()]];
    edges.extend(statistics.edges_by_type.iter().map(|(name, count)| vec![name.clone(), grouped(*count)]));
    let unresolved: u64 = statistics.unresolved.values().sum();
    format!(
        "{}\n\n{}\n\n{} nodes, {} edges; {:.1} % of events coded; {} references unresolved.",
        table(&rows),
        table(&edges),
        grouped(statistics.nodes),
        grouped(statistics.edges),
        statistics.coded_percent,
        grouped(unresolved),
    )
}

fn cell(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
