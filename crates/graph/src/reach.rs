//! Everything that lies within some steps of a node.

use rustc_hash::FxHashSet;
use twinloom_event::Timestamp;

use crate::{NodeId, PropertyGraph};

impl PropertyGraph {
    /// The nodes that at most `steps` edges lead to from a node, along their direction and as known by
    /// `as_of`, each once, nearest first; without the node itself.
    pub fn reach(&self, node: NodeId, steps: u32, as_of: Option<Timestamp>) -> Vec<NodeId> {
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        seen.insert(node);
        let mut found: Vec<NodeId> = Vec::new();
        let mut frontier = vec![node];
        for _ in 0..steps {
            let before = found.len();
            for node in frontier {
                for table in &self.edges {
                    let range = table.forward.range(node.0, as_of);
                    for target in table.forward.targets.get(range).into_iter().flatten() {
                        if seen.insert(NodeId(*target)) {
                            found.push(NodeId(*target));
                        }
                    }
                }
            }
            frontier = found[before..].to_vec();
        }
        found
    }
}
