//! The writer of the Hypergraph Interchange Format.

use std::io;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Direction, Hypergraph, Id, Item, NetworkType};

/// Writes a hypergraph in the Hypergraph Interchange Format.
///
/// Every node and hyperedge is listed, those without incidence too, so that reading gives the same
/// hypergraph in the same order.
///
/// # Source
/// The format's JSON schema, version 0.1.0.
///
/// # Errors
/// What the writer reports.
pub fn write_hif(hypergraph: &Hypergraph, output: impl io::Write) -> io::Result<()> {
    let incidences = hypergraph.incidences().iter().map(|found| IncidenceRecord {
        edge: &hypergraph.edges()[found.edge as usize].id,
        node: &hypergraph.nodes()[found.node as usize].id,
        weight: found.weight,
        direction: found.direction,
        rest: found.rest.as_deref(),
    });
    let document = Document {
        network: hypergraph.network(),
        metadata: hypergraph.metadata(),
        incidences: incidences.collect(),
        nodes: hypergraph
            .nodes()
            .iter()
            .map(|node| NodeRecord { node: &node.id, said: said(node) })
            .collect(),
        edges: hypergraph
            .edges()
            .iter()
            .map(|edge| EdgeRecord { edge: &edge.id, said: said(edge) })
            .collect(),
    };
    serde_json::to_writer(output, &document).map_err(io::Error::from)
}

fn said(item: &Item) -> Said<'_> {
    Said { weight: item.weight, rest: item.rest.as_deref() }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "network-type")]
    network: NetworkType,
    #[serde(skip_serializing_if = "Map::is_empty")]
    metadata: &'a Map<String, Value>,
    incidences: Vec<IncidenceRecord<'a>>,
    nodes: Vec<NodeRecord<'a>>,
    edges: Vec<EdgeRecord<'a>>,
}

#[derive(Serialize)]
struct IncidenceRecord<'a> {
    edge: &'a Id,
    node: &'a Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<Direction>,
    #[serde(flatten)]
    rest: Option<&'a Map<String, Value>>,
}

#[derive(Serialize)]
struct NodeRecord<'a> {
    node: &'a Id,
    #[serde(flatten)]
    said: Said<'a>,
}

#[derive(Serialize)]
struct EdgeRecord<'a> {
    edge: &'a Id,
    #[serde(flatten)]
    said: Said<'a>,
}

#[derive(Serialize)]
struct Said<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<f64>,
    #[serde(flatten)]
    rest: Option<&'a Map<String, Value>>,
}
