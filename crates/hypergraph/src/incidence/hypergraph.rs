//! A hypergraph with names, weights, directions and attributes.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::{Map, Value};

use super::body::Body;
use super::rows::Rows;

/// The name of a node or hyperedge. The number 7 and the text "7" are different names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Id {
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(Arc<str>),
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Id {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(formatter),
            Self::Text(text) => text.fmt(formatter),
        }
    }
}

/// What kind of network a hypergraph is, in the words of the Hypergraph Interchange Format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkType {
    /// Hyperedges are sets.
    #[default]
    Undirected,
    /// Hyperedges have a tail and a head; measures that know no direction take their union.
    Directed,
    /// An abstract simplicial complex. Only the simplices listed are kept: faces are not added.
    Asc,
}

/// The side of a directed hyperedge on which a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Where the hyperedge leads.
    Head,
    /// Whence it comes.
    Tail,
}

/// A node or a hyperedge.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its name.
    pub id: Id,
    /// Its weight, where one is stated.
    pub weight: Option<f64>,
    /// Everything else that a file says of it, `attrs` among them.
    pub rest: Option<Box<Map<String, Value>>>,
}

/// A node in a hyperedge.
#[derive(Clone, Debug, PartialEq)]
pub struct Incidence {
    /// Number of the hyperedge.
    pub edge: u32,
    /// Number of the node.
    pub node: u32,
    /// Its side, in a directed hypergraph.
    pub direction: Option<Direction>,
    /// Its weight, where one is stated.
    pub weight: Option<f64>,
    /// Everything else that a file says of it, `attrs` among them.
    pub rest: Option<Box<Map<String, Value>>>,
}

/// Nodes, hyperedges and who is in which.
///
/// Nodes and hyperedges are numbered from 0 in the order in which they were first named. Hyperedges may
/// be empty, alike, or of one node; nodes may be in none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hypergraph {
    network: NetworkType,
    metadata: Map<String, Value>,
    nodes: Vec<Item>,
    edges: Vec<Item>,
    incidences: Vec<Incidence>,
    repeated: u64,
    body: Body,
}

impl Hypergraph {
    /// Starts with nothing.
    pub fn builder(network: NetworkType) -> HypergraphBuilder {
        HypergraphBuilder { network, ..HypergraphBuilder::default() }
    }

    /// An undirected hypergraph on nodes `0..nodes` and hyperedges `0, 1, ...` named by their numbers.
    ///
    /// # Errors
    /// [`HypergraphError::NoSuchNode`] when a hyperedge names a node that is not below `nodes`.
    pub fn from_edges<E: AsRef<[u32]>>(nodes: u32, edges: &[E]) -> Result<Self, HypergraphError> {
        let mut builder = Self::builder(NetworkType::Undirected);
        for node in 0..nodes {
            builder.node(Id::Integer(node.into()))?;
        }
        for (number, members) in edges.iter().enumerate() {
            let edge = builder.edge(Id::Integer(number as i64))?;
            for node in members.as_ref() {
                if *node >= nodes {
                    return Err(HypergraphError::NoSuchNode { node: *node, nodes });
                }
                builder.incidence(edge, *node, None, None, None)?;
            }
        }
        Ok(builder.build())
    }

    /// What kind of network it is.
    pub const fn network(&self) -> NetworkType {
        self.network
    }

    /// What a file says of the whole.
    pub const fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    /// The nodes.
    pub fn nodes(&self) -> &[Item] {
        &self.nodes
    }

    /// The hyperedges.
    pub fn edges(&self) -> &[Item] {
        &self.edges
    }

    /// Who is in which, in the order stated.
    pub fn incidences(&self) -> &[Incidence] {
        &self.incidences
    }

    /// Number of incidences that repeated an earlier one; the first was kept.
    pub const fn repeated(&self) -> u64 {
        self.repeated
    }

    /// The distinct nodes of a hyperedge, ascending.
    ///
    /// # Panics
    /// When `edge` is not a hyperedge's number.
    pub fn members(&self, edge: usize) -> &[u32] {
        self.body.members.row(edge)
    }

    /// The hyperedges of a node, ascending.
    ///
    /// # Panics
    /// When `node` is not a node's number.
    pub fn memberships(&self, node: usize) -> &[u32] {
        self.body.memberships.row(node)
    }

    /// The same hypergraph with every stated weight of a hyperedge taken for 1 in measures.
    #[must_use]
    pub fn unweighted(mut self) -> Self {
        self.body.weights.fill(1.0);
        self
    }

    pub(crate) const fn body(&self) -> &Body {
        &self.body
    }
}

/// Collects a [`Hypergraph`].
#[derive(Debug, Default)]
pub struct HypergraphBuilder {
    network: NetworkType,
    metadata: Map<String, Value>,
    nodes: Vec<Item>,
    edges: Vec<Item>,
    incidences: Vec<Incidence>,
    node_numbers: FxHashMap<Id, u32>,
    edge_numbers: FxHashMap<Id, u32>,
    known: FxHashMap<(u32, u32), u8>,
    repeated: u64,
}

impl HypergraphBuilder {
    /// States what is said of the whole.
    pub fn metadata(&mut self, metadata: Map<String, Value>) {
        self.metadata = metadata;
    }

    /// The number of a node, new or known.
    ///
    /// # Errors
    /// [`HypergraphError::TooMany`] past `u32::MAX` nodes.
    pub fn node(&mut self, id: Id) -> Result<u32, HypergraphError> {
        number(&mut self.node_numbers, &mut self.nodes, id)
    }

    /// The number of a hyperedge, new or known.
    ///
    /// # Errors
    /// [`HypergraphError::TooMany`] past `u32::MAX` hyperedges.
    pub fn edge(&mut self, id: Id) -> Result<u32, HypergraphError> {
        number(&mut self.edge_numbers, &mut self.edges, id)
    }

    /// The node of a number, to state its weight and attributes.
    pub fn node_mut(&mut self, node: u32) -> Option<&mut Item> {
        self.nodes.get_mut(node as usize)
    }

    /// The hyperedge of a number, to state its weight and attributes.
    pub fn edge_mut(&mut self, edge: u32) -> Option<&mut Item> {
        self.edges.get_mut(edge as usize)
    }

    /// Puts a node into a hyperedge. Saying it again, on the same side, changes nothing and is counted.
    ///
    /// # Errors
    /// [`HypergraphError::NoSuchNode`] or [`HypergraphError::NoSuchEdge`] when a number was not given
    /// out by this builder.
    pub fn incidence(
        &mut self,
        edge: u32,
        node: u32,
        direction: Option<Direction>,
        weight: Option<f64>,
        rest: Option<Box<Map<String, Value>>>,
    ) -> Result<(), HypergraphError> {
        let (nodes, edges) = (self.nodes.len() as u32, self.edges.len() as u32);
        if node >= nodes {
            return Err(HypergraphError::NoSuchNode { node, nodes });
        }
        if edge >= edges {
            return Err(HypergraphError::NoSuchEdge { edge, edges });
        }
        let side = match direction {
            None => 1,
            Some(Direction::Head) => 2,
            Some(Direction::Tail) => 4,
        };
        let sides = self.known.entry((edge, node)).or_insert(0);
        if *sides & side != 0 {
            self.repeated += 1;
            return Ok(());
        }
        *sides |= side;
        self.incidences.push(Incidence { edge, node, direction, weight, rest });
        Ok(())
    }

    /// Finishes. A hyperedge's weight that is negative or not finite counts as 1 in measures; the readers
    /// refuse such files.
    pub fn build(self) -> Hypergraph {
        let pairs: Vec<(u32, u32)> = self.incidences.iter().map(|found| (found.edge, found.node)).collect();
        let members = Rows::from_pairs(self.edges.len(), &pairs);
        let usable = |weight: &f64| weight.is_finite() && *weight >= 0.0;
        let weights = self.edges.iter().map(|edge| edge.weight.filter(usable).unwrap_or(1.0)).collect();
        let body = Body::new(members, self.nodes.len(), weights);
        Hypergraph {
            network: self.network,
            metadata: self.metadata,
            nodes: self.nodes,
            edges: self.edges,
            incidences: self.incidences,
            repeated: self.repeated,
            body,
        }
    }
}

fn number(numbers: &mut FxHashMap<Id, u32>, items: &mut Vec<Item>, id: Id) -> Result<u32, HypergraphError> {
    if let Some(known) = numbers.get(&id) {
        return Ok(*known);
    }
    let next = u32::try_from(items.len()).map_err(|_| HypergraphError::TooMany)?;
    items.push(Item { id: id.clone(), weight: None, rest: None });
    numbers.insert(id, next);
    Ok(next)
}

/// Why a hypergraph can't be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HypergraphError {
    /// More nodes or hyperedges than can be numbered.
    #[error("more than {} nodes or hyperedges; permitted: up to that many of each", u32::MAX)]
    TooMany,
    /// A node's number that was never given out.
    #[error("there is no node number {node}; permitted: numbers below {nodes}")]
    NoSuchNode {
        /// The number.
        node: u32,
        /// Number of nodes.
        nodes: u32,
    },
    /// A hyperedge's number that was never given out.
    #[error("there is no hyperedge number {edge}; permitted: numbers below {edges}")]
    NoSuchEdge {
        /// The number.
        edge: u32,
        /// Number of hyperedges.
        edges: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_repetitions_count_once_and_both_sides_of_an_arc_are_kept() {
        let mut builder = Hypergraph::builder(NetworkType::Directed);
        let (edge, node) = (builder.edge("e".into()).unwrap(), builder.node(7.into()).unwrap());
        for side in [Direction::Head, Direction::Tail, Direction::Head] {
            builder.incidence(edge, node, Some(side), None, None).unwrap();
        }
        let hypergraph = builder.build();
        assert_eq!((hypergraph.incidences().len(), hypergraph.repeated()), (2, 1));
        assert_eq!(hypergraph.members(0), [0]);
        assert_ne!(Id::from(7), Id::from("7"));
    }
}
