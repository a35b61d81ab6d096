//! `twinloom graph`: build, query, export, compare.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::json;
use twinloom_event::{Terminology, Timestamp};
use twinloom_graph::{
    DATABASE_FOLDER, Database, DatabaseError, ExportFormat, Fingerprint, GRAPH_FILE, PropertyGraph,
    Statistics, StoreError, Surroundings,
};
use twinloom_records::ImportReport;

use crate::args::{
    GraphBuildArguments, GraphDiffArguments, GraphExportArguments, GraphFormat, GraphQueryArguments,
    QueryLanguage,
};
use crate::context::{Context, Stopwatch};
use crate::failure::BadInput;
use crate::manifest::{self, Manifest};
use crate::output::{grouped, print_json, print_text, table};
use crate::{progress, study};

/// Where a study's graph stands.
pub(crate) const FOLDER: &str = "graph";
/// Where the graphs as of earlier times stand, in it.
const SNAPSHOTS: &str = "as_of";

#[derive(Debug, Serialize)]
struct Built<'a> {
    study: String,
    statistics: &'a Statistics,
    #[serde(skip_serializing_if = "Option::is_none")]
    terminology: Option<&'a ImportReport>,
}

/// The user's releases that a graph is built with.
#[derive(Debug, Default)]
pub(crate) struct Terminologies {
    paths: Vec<PathBuf>,
    interactions: Vec<PathBuf>,
}

/// Runs `graph build`.
pub(crate) fn build(context: &Context, arguments: &GraphBuildArguments) -> Result<ExitCode> {
    let folder = &arguments.study;
    let terminologies =
        Terminologies { paths: arguments.terminology.clone(), interactions: arguments.interactions.clone() };
    let (graph, report) = make(context, folder, &terminologies)?;
    open_database(context, &folder.join(FOLDER))?;
    let statistics = graph.statistics();
    let report = report.as_ref();
    if context.common.json {
        let study = folder.display().to_string();
        print_json(&Built { study, statistics: &statistics, terminology: report });
    } else {
        print_text(&describe(&statistics));
        if let Some(report) = report {
            print_text(&describe_terminology(report));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `graph query`.
pub(crate) fn query(context: &Context, arguments: &GraphQueryArguments) -> Result<ExitCode> {
    ensure(context, &arguments.study)?;
    let mut folder = arguments.study.join(FOLDER);
    if let Some(at) = arguments.as_of {
        folder = snapshot(&arguments.study, at)?;
    }
    let database = open_database(context, &folder)?;
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
    let mut graph = read(&arguments.study)?;
    if let Some(at) = arguments.as_of {
        graph = graph.as_of(at).to_graph();
    }
    let bar = progress::bar(&context.common, "writing", None);
    let output = &arguments.output;
    let format = match arguments.format {
        GraphFormat::Neo4j => ExportFormat::Neo4j,
        GraphFormat::Graphml => ExportFormat::GraphMl,
        GraphFormat::Gexf => ExportFormat::Gexf,
        GraphFormat::Turtle => ExportFormat::Turtle,
        GraphFormat::Hif => ExportFormat::Hif,
        GraphFormat::Edges => ExportFormat::EdgeList,
    };
    let files: Vec<String> = graph
        .export_watched(format, output, &|bytes| bar.inc(bytes))?
        .iter()
        .map(|path| path.display().to_string())
        .collect();
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

/// Runs `graph diff`.
pub(crate) fn diff(context: &Context, arguments: &GraphDiffArguments) -> Result<ExitCode> {
    ensure(context, &arguments.before)?;
    ensure(context, &arguments.after)?;
    let difference = read(&arguments.before)?.diff(&read(&arguments.after)?, arguments.limit);
    if context.common.json {
        print_json(&difference);
    } else {
        let header = ["", "added", "removed", "changed", "same"].map(str::to_owned).to_vec();
        let mut rows = vec![header];
        let mut row = |name: &str, counts: [u64; 4]| {
            if counts[..3].iter().any(|count| *count > 0) {
                rows.push(std::iter::once(name.to_owned()).chain(counts.map(grouped)).collect());
            }
        };
        for (label, own) in &difference.nodes {
            row(label, [own.added, own.removed, own.changed, own.same]);
        }
        for (edge_type, own) in &difference.edges {
            row(edge_type, [own.added, own.removed, own.changed, own.same]);
        }
        let text = if difference.is_empty() { "The graphs are the same.".to_owned() } else { table(&rows) };
        print_text(&text);
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder of the study's graph as known at a time, with its graph stored; a query loads the
/// database there.
fn snapshot(study: &Path, at: Timestamp) -> Result<PathBuf> {
    let folder = study.join(FOLDER).join(SNAPSHOTS).join(at.to_string().replace(':', ""));
    std::fs::create_dir_all(&folder).with_context(|| format!("{} can't be made", folder.display()))?;
    read(study)?.as_of(at).to_graph().write(&folder.join(GRAPH_FILE))?;
    Ok(folder)
}

/// What the user's terminologies say, with what could not be used of them.
fn terminology(terminologies: &Terminologies) -> Result<Option<(Terminology, ImportReport)>> {
    let mut paths = terminologies.paths.clone();
    paths.extend(terminologies.interactions.iter().cloned());
    if paths.is_empty() {
        return Ok(None);
    }
    let read = twinloom_records::terminology::read(&paths);
    Ok(Some(read.map_err(|error| BadInput::from_chain(&error.into()))?))
}

/// Builds the graph from the study's events and stores it; a query loads the database from it. Tells
/// what was used of the terminologies.
pub(crate) fn make(
    context: &Context,
    folder: &Path,
    terminologies: &Terminologies,
) -> Result<(PropertyGraph, Option<ImportReport>)> {
    let mut stopwatch = Stopwatch::start();
    let bar = progress::bar(&context.common, "building the graph", None);
    let dataset = study::dataset(folder)?;
    let artefacts = study::artefacts(folder)?;
    stopwatch.lap("read");
    let (terminology, report) = terminology(terminologies)?.unzip();
    let surroundings = Surroundings { artefacts: &artefacts, terminology: terminology.as_ref() };
    let graph = PropertyGraph::build_within(&dataset, &surroundings)?;
    drop((dataset, artefacts, terminology));
    stopwatch.lap("build");
    let graph_folder = folder.join(FOLDER);
    std::fs::create_dir_all(&graph_folder)
        .with_context(|| format!("{} can't be made", graph_folder.display()))?;
    graph.write(&graph_folder.join(GRAPH_FILE))?;
    manifest::write_json(&graph_folder.join("statistics.json"), &graph.statistics())?;
    stopwatch.lap("write");
    bar.finish_and_clear();
    let mut inputs = manifest::outputs(folder, &["events", "records"])?;
    inputs.extend(manifest::inputs(&terminologies.paths)?);
    inputs.extend(manifest::inputs(&terminologies.interactions)?);
    let stored = [format!("{FOLDER}/{GRAPH_FILE}"), format!("{FOLDER}/statistics.json")];
    let outputs = manifest::outputs(folder, &stored.each_ref().map(String::as_str))?;
    let mut step = context.step("graph build", json!({}), inputs, outputs);
    step.projections = vec![format!("{FOLDER}/{DATABASE_FOLDER}")];
    Manifest::record(folder, "graph", step, stopwatch.timing(context.threads), &[])?;
    Ok((graph, report))
}

/// The database of the graph stored in a folder, loaded first if it is not there or of another graph.
pub(crate) fn open_database(context: &Context, folder: &Path) -> Result<Database> {
    let bar = progress::bar(&context.common, "opening the database", None);
    let database = Database::open_or_build(folder)?;
    bar.finish_and_clear();
    Ok(database)
}

/// The study's stored graph.
pub(crate) fn read(folder: &Path) -> Result<PropertyGraph> {
    PropertyGraph::read(&folder.join(FOLDER).join(GRAPH_FILE)).map_err(|error| unreadable(folder, error))
}

/// A graph that another version stored, or that was changed, is the user's to build again: this program
/// does not know which terminologies it was built with.
fn unreadable(folder: &Path, error: StoreError) -> anyhow::Error {
    match error {
        StoreError::Fault { .. } => BadInput::new(error.to_string())
            .hint(format!(
                "run `twinloom graph build --study {}`, with the --terminology and --interactions that it was built with",
                folder.display()
            ))
            .into(),
        StoreError::Io { .. } => error.into(),
    }
}

/// Builds the graph if the study has none yet; one that this version can't read is not replaced.
pub(crate) fn ensure(context: &Context, folder: &Path) -> Result<()> {
    study::require(folder)?;
    let stored = folder.join(FOLDER).join(GRAPH_FILE);
    if stored.is_file() {
        Fingerprint::of_file(&stored).map_err(|error| unreadable(folder, error))?;
    } else {
        make(context, folder, &Terminologies::default())?;
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

fn describe_terminology(report: &ImportReport) -> String {
    let mut rows = vec![["terminology", "read", "used"].map(str::to_owned).to_vec()];
    rows.extend(
        report.tables.iter().map(|(name, own)| vec![name.clone(), grouped(own.read), grouped(own.kept)]),
    );
    table(&rows)
}

fn cell(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
