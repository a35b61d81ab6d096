//! `twinloom hypergraph measure`: centralities and the rest of any hypergraph in a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use twinloom_hypergraph::incidence::{
    Centrality, CentralityError, Clustering, Components, Distribution, EdgeShare, Hypergraph, Id, LineGraph,
    NodeEdgePowers, Side, clique_eigenvector, h_eigenvector, katz, modularity, node_edge, read_hif,
    read_list, read_table, write_hif, z_eigenvector,
};

use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{grouped, print_json, print_text, table};

/// Arguments of `hypergraph measure`.
#[derive(Debug, Args)]
pub(crate) struct MeasureArguments {
    /// The hypergraph.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its format; by default .json and .hif are HIF, .csv is a table, all else lists.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// What to measure besides degrees, sizes and components.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Measure::Clique, Measure::H, Measure::Z, Measure::NodeEdge, Measure::Katz, Measure::Clustering])]
    measure: Vec<Measure>,
    /// Measure paths in the s-line graph: hyperedges (or nodes) that share at least this many. Takes a
    /// search from every one.
    #[arg(long, value_name = "N")]
    s: Option<NonZeroU32>,
    /// What the s-line graph joins.
    #[arg(long, value_enum, default_value_t = Vertices::Edges, requires = "s")]
    of: Vertices,
    /// CSV with the columns node and part, whose modularity to measure.
    #[arg(long, value_name = "FILE")]
    partition: Option<PathBuf>,
    /// The attenuation of Katz centrality; by default half of one over the largest eigenvalue.
    #[arg(long, value_name = "ALPHA")]
    alpha: Option<f64>,
    /// Take every hyperedge for one of weight 1.
    #[arg(long)]
    unweighted: bool,
    /// Also write the hypergraph in the Hypergraph Interchange Format.
    #[arg(long, value_name = "FILE")]
    hif: Option<PathBuf>,
}

/// Formats of hypergraphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Hypergraph Interchange Format (JSON).
    Hif,
    /// CSV with the columns edge, node and perhaps weight.
    Table,
    /// A hyperedge a line, its nodes parted by white space or commas.
    List,
}

/// Measures that a hypergraph can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// Clique (motif) eigenvector centrality.
    Clique,
    /// H-eigenvector centrality.
    H,
    /// Z-eigenvector centrality.
    Z,
    /// Node and hyperedge nonlinear centrality.
    NodeEdge,
    /// Katz centrality.
    Katz,
    /// Three clustering coefficients.
    Clustering,
}

/// What an s-line graph joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Vertices {
    /// Hyperedges that share nodes.
    Edges,
    /// Nodes that share hyperedges.
    Nodes,
}

/// Runs the verb.
pub(super) fn run(context: &Context, arguments: &MeasureArguments) -> Result<ExitCode> {
    let mut hypergraph = read(&arguments.file, arguments.format)?;
    if let Some(path) = &arguments.hif {
        let file = File::create(path).with_context(|| format!("{} can't be written", path.display()))?;
        let mut output = BufWriter::new(file);
        write_hif(&hypergraph, &mut output)
            .and_then(|()| output.flush())
            .with_context(|| format!("{} can't be written", path.display()))?;
    }
    if arguments.unweighted {
        hypergraph = hypergraph.unweighted();
    }
    let partition =
        arguments.partition.as_deref().map(|path| read_partition(path, &hypergraph)).transpose()?;
    let measured = Measured::of(&hypergraph, arguments, partition.as_deref());
    if context.common.json {
        print_json(&measured.document(&hypergraph));
    } else {
        print_text(&measured.text(&hypergraph));
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path, format: Option<Format>) -> Result<Hypergraph> {
    let bytes = std::fs::read(path)
        .map_err(|error| BadInput::new(format!("{} can't be read: {error}", path.display())))?;
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let format = format.unwrap_or(match ending.to_ascii_lowercase().as_str() {
        "json" | "hif" => Format::Hif,
        "csv" => Format::Table,
        _ => Format::List,
    });
    let found: Result<Hypergraph> = match format {
        Format::Hif => read_hif(&bytes).map_err(Into::into),
        Format::Table => read_table(&bytes).map_err(Into::into),
        Format::List => read_list(&bytes).map_err(Into::into),
    };
    found.map_err(|error| BadInput::new(format!("{}: {error:#}", path.display())).into())
}

/// The part of each node. The file is read as a hypergraph whose hyperedges are the parts.
fn read_partition(path: &Path, hypergraph: &Hypergraph) -> Result<Vec<u32>> {
    let wrong = |what: String| BadInput::new(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(format!("can't be read: {error}")))?;
    let (header, rows) = text.split_once('\n').unwrap_or((&text, ""));
    let renamed: Vec<&str> =
        header.trim().split(',').map(|name| if name.trim() == "part" { "edge" } else { name }).collect();
    let parts = read_table(format!("{}\n{rows}", renamed.join(",")).as_bytes())
        .map_err(|error| wrong(format!("{error}; a partition has the columns node and part")))?;
    let of_node: BTreeMap<String, &[u32]> = (0..parts.nodes().len())
        .map(|node| (parts.nodes()[node].id.to_string(), parts.memberships(node)))
        .collect();
    let part = |id: &Id| match of_node.get(&id.to_string()) {
        Some([part]) => Ok(*part),
        Some(found) => Err(wrong(format!("node {id} is in {} parts; permitted: 1", found.len())).into()),
        None => Err(wrong(format!("node {id} has no part; permitted: a part for every node")).into()),
    };
    hypergraph.nodes().iter().map(|node| part(&node.id)).collect()
}

/// What was found, in columns of one value for each node or hyperedge.
struct Measured {
    summary: Map<String, Value>,
    nodes: Map<String, Value>,
    edges: Map<String, Value>,
}

impl Measured {
    fn of(hypergraph: &Hypergraph, arguments: &MeasureArguments, partition: Option<&[u32]>) -> Self {
        let distribution = Distribution::of(hypergraph);
        let components = Components::of(hypergraph);
        let mut all = Self { summary: Map::new(), nodes: Map::new(), edges: Map::new() };
        all.summary.extend(object(json!({
            "network": hypergraph.network(),
            "nodes": hypergraph.nodes().len(),
            "edges": hypergraph.edges().len(),
            "incidences": hypergraph.incidences().len(),
            "repeated_incidences": hypergraph.repeated(),
            "components": components.len(),
            "largest_component": components.sizes().iter().max(),
            "nodes_by_degree": distribution.nodes_by_degree,
            "edges_by_size": distribution.edges_by_size,
            "density": distribution.density,
            "log2_density": distribution.log2_density,
            "incidence_density": distribution.incidence_density,
        })));
        all.nodes.insert("degree".into(), json!(distribution.degrees));
        all.nodes.insert("component".into(), json!(components.of_nodes()));
        all.edges.insert("size".into(), json!(distribution.sizes));
        if !distribution.tail_degrees.is_empty() {
            all.nodes.insert("tail_degree".into(), json!(distribution.tail_degrees));
            all.nodes.insert("head_degree".into(), json!(distribution.head_degrees));
        }
        for measure in [Measure::Clique, Measure::H, Measure::Z] {
            if arguments.measure.contains(&measure) {
                all.eigenvector(measure, hypergraph);
            }
        }
        if arguments.measure.contains(&Measure::NodeEdge) {
            all.said("node_edge", node_edge(hypergraph, NodeEdgePowers::default()), |all, found| {
                all.nodes.insert("node_edge".into(), json!(found.nodes));
                all.edges.insert("node_edge".into(), json!(found.edges));
                json!({ "residual": found.residual, "iterations": found.iterations })
            });
        }
        if arguments.measure.contains(&Measure::Katz) {
            all.said("katz", katz(hypergraph, arguments.alpha), |all, found| {
                all.nodes.insert("katz".into(), json!(found.values));
                json!({ "alpha": found.alpha, "residual": found.residual, "iterations": found.iterations })
            });
        }
        if arguments.measure.contains(&Measure::Clustering) {
            let found = Clustering::of(hypergraph);
            all.nodes.insert("clustering".into(), json!(found.pairwise));
            all.nodes.insert("extra_overlap_clustering".into(), json!(found.extra_overlap));
            all.nodes.insert("two_node_clustering".into(), json!(found.two_node));
        }
        if let Some(s) = arguments.s {
            all.paths(hypergraph, arguments.of, s);
        }
        if let Some(part_of) = partition {
            let shares = [EdgeShare::Linear, EdgeShare::Majority, EdgeShare::Strict];
            let found = shares.map(|share| modularity(hypergraph, part_of, share));
            let of = |place: usize| {
                found[place].as_ref().map_or_else(|error| json!(error.to_string()), |value| json!(value))
            };
            all.summary
                .insert("modularity".into(), json!({ "linear": of(0), "majority": of(1), "strict": of(2) }));
        }
        all
    }

    fn eigenvector(&mut self, measure: Measure, hypergraph: &Hypergraph) {
        let (name, found) = match measure {
            Measure::H => ("h_eigenvector", h_eigenvector(hypergraph)),
            Measure::Z => ("z_eigenvector", z_eigenvector(hypergraph)),
            _ => ("clique_eigenvector", clique_eigenvector(hypergraph)),
        };
        self.said(name, found, |all, found: Centrality| {
            all.nodes.insert(name.into(), json!(found.values));
            json!({
                "eigenvalue": found.eigenvalue,
                "residual": found.residual,
                "iterations": found.iterations,
                "components": found.components,
                "nodes_in_component": found.nodes_in_component,
            })
        });
    }

    /// Notes what a measure found, or why it is not defined here.
    fn said<T>(
        &mut self,
        name: &str,
        found: Result<T, CentralityError>,
        keep: impl FnOnce(&mut Self, T) -> Value,
    ) {
        let said = match found {
            Ok(found) => keep(self, found),
            Err(error) => json!({ "undefined": error.to_string() }),
        };
        self.summary.insert(name.into(), said);
    }

    fn paths(&mut self, hypergraph: &Hypergraph, of: Vertices, s: NonZeroU32) {
        let (side, name) = match of {
            Vertices::Edges => (Side::Edges, "edges"),
            Vertices::Nodes => (Side::Nodes, "nodes"),
        };
        let graph = LineGraph::of(hypergraph, side, s);
        let found = graph.path_centralities();
        let of_vertex = graph.components();
        self.summary.insert(
            "s_line_graph".into(),
            json!({
                "s": s,
                "of": name,
                "lines": graph.lines(),
                "components": of_vertex.iter().max().map_or(0, |last| last + 1),
                "diameter": found.diameter,
                "mean_distance": found.mean_distance,
            }),
        );
        let columns = match of {
            Vertices::Edges => &mut self.edges,
            Vertices::Nodes => &mut self.nodes,
        };
        columns.insert("s_component".into(), json!(of_vertex));
        columns.insert("s_betweenness".into(), json!(found.betweenness));
        columns.insert("s_closeness".into(), json!(found.closeness));
        columns.insert("s_harmonic".into(), json!(found.harmonic));
        columns.insert("s_eccentricity".into(), json!(found.eccentricity));
    }

    fn document(mut self, hypergraph: &Hypergraph) -> Value {
        let ids = |items: &[twinloom_hypergraph::incidence::Item]| -> Vec<Value> {
            items.iter().map(|item| json!(item.id)).collect()
        };
        self.nodes.shift_insert(0, "id".into(), json!(ids(hypergraph.nodes())));
        self.edges.shift_insert(0, "id".into(), json!(ids(hypergraph.edges())));
        json!({ "summary": self.summary, "nodes": self.nodes, "edges": self.edges })
    }

    /// The summary, and the first nodes by the first centrality that is defined.
    fn text(&self, hypergraph: &Hypergraph) -> String {
        const SHOWN: usize = 15;
        let centralities = ["clique_eigenvector", "h_eigenvector", "z_eigenvector", "node_edge", "katz"];
        let columns: Vec<&str> =
            centralities.into_iter().filter(|name| self.nodes.contains_key(*name)).collect();
        let value = |name: &str, node: usize| self.nodes[name][node].as_f64().unwrap_or(0.0);
        let mut order: Vec<usize> = (0..hypergraph.nodes().len()).collect();
        if let Some(first) = columns.first() {
            order.sort_by(|left, right| {
                value(first, *right).total_cmp(&value(first, *left)).then(left.cmp(right))
            });
        }
        let mut heading = vec!["node".to_owned(), "degree".to_owned()];
        heading.extend(columns.iter().map(|name| name.replace('_', " ")));
        let mut rows = vec![heading];
        for node in order.into_iter().take(SHOWN) {
            let mut row =
                vec![hypergraph.nodes()[node].id.to_string(), self.nodes["degree"][node].to_string()];
            row.extend(columns.iter().map(|name| format!("{:.6}", value(name, node))));
            rows.push(row);
        }
        let mut said = vec![format!(
            "{} nodes, {} hyperedges, {} incidences, {} connected components.",
            grouped(hypergraph.nodes().len() as u64),
            grouped(hypergraph.edges().len() as u64),
            grouped(hypergraph.incidences().len() as u64),
            self.summary["components"],
        )];
        for (name, found) in &self.summary {
            if let Some(reason) = found.get("undefined").and_then(Value::as_str) {
                said.push(format!("{} is not defined here: {reason}.", name.replace('_', " ")));
            }
        }
        for name in ["s_line_graph", "modularity"] {
            if let Some(found) = self.summary.get(name) {
                said.push(format!("{}: {found}", name.replace('_', "-")));
            }
        }
        format!("{}\n\n{}", said.join("\n"), table(&rows))
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
