//! Connected components.

use super::Hypergraph;
use super::body::Body;

/// The connected components: two nodes are connected when hyperedges lead from one to the other.
///
/// Components are numbered by their first node; empty hyperedges belong to none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Components {
    of_node: Vec<u32>,
    sizes: Vec<u32>,
}

impl Components {
    /// The components of a hypergraph.
    pub fn of(hypergraph: &Hypergraph) -> Self {
        Self::of_body(hypergraph.body())
    }

    pub(crate) fn of_body(body: &Body) -> Self {
        const NEW: u32 = u32::MAX;
        let mut of_node = vec![NEW; body.nodes()];
        let mut seen = vec![false; body.edges()];
        let mut sizes = Vec::new();
        let mut waiting = Vec::new();
        for start in 0..body.nodes() {
            if of_node[start] != NEW {
                continue;
            }
            let component = sizes.len() as u32;
            of_node[start] = component;
            waiting.push(start as u32);
            let mut size = 0;
            while let Some(node) = waiting.pop() {
                size += 1;
                for edge in body.memberships.row(node as usize) {
                    if std::mem::replace(&mut seen[*edge as usize], true) {
                        continue;
                    }
                    for other in body.members.row(*edge as usize) {
                        if of_node[*other as usize] == NEW {
                            of_node[*other as usize] = component;
                            waiting.push(*other);
                        }
                    }
                }
            }
            sizes.push(size);
        }
        Self { of_node, sizes }
    }

    /// Number of components.
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Whether there are none, that is no nodes.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// The component of each node.
    pub fn of_nodes(&self) -> &[u32] {
        &self.of_node
    }

    /// Nodes in each component.
    pub fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// Each component as its nodes and its hyperedges, both ascending.
    pub(crate) fn parts(&self, body: &Body) -> Vec<(Vec<u32>, Vec<u32>)> {
        let mut parts: Vec<(Vec<u32>, Vec<u32>)> =
            self.sizes.iter().map(|size| (Vec::with_capacity(*size as usize), Vec::new())).collect();
        for (node, component) in self.of_node.iter().enumerate() {
            parts[*component as usize].0.push(node as u32);
        }
        for (edge, members) in body.members.iter().enumerate() {
            if let Some(first) = members.first() {
                parts[self.of_node[*first as usize] as usize].1.push(edge as u32);
            }
        }
        parts
    }
}
