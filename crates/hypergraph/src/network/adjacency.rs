//! A weighted graph in compressed rows.

/// Who is joined to whom and how strongly; no loops, at most one edge between two nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Adjacency {
    offsets: Vec<usize>,
    targets: Vec<u32>,
    weights: Vec<f64>,
}

impl Adjacency {
    /// Arcs from their first to their second node.
    pub(crate) fn directed(nodes: usize, arcs: &[(u32, u32, f64)]) -> Self {
        let mut sorted = arcs.to_vec();
        sorted.sort_unstable_by_key(|(from, to, _)| (*from, *to));
        let mut offsets = vec![0; nodes + 1];
        for (from, _, _) in &sorted {
            offsets[*from as usize + 1] += 1;
        }
        for node in 0..nodes {
            offsets[node + 1] += offsets[node];
        }
        Self {
            offsets,
            targets: sorted.iter().map(|(_, to, _)| *to).collect(),
            weights: sorted.iter().map(|(_, _, weight)| *weight).collect(),
        }
    }

    /// Edges, each listed once.
    pub(crate) fn undirected(nodes: usize, edges: &[(u32, u32, f64)]) -> Self {
        let back = edges.iter().map(|(one, other, weight)| (*other, *one, *weight));
        Self::directed(nodes, &edges.iter().copied().chain(back).collect::<Vec<_>>())
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The nodes that a node leads to, ascending, and the weights.
    pub(crate) fn neighbours(&self, node: usize) -> impl ExactSizeIterator<Item = (usize, f64)> + '_ {
        let range = self.offsets[node]..self.offsets[node + 1];
        self.targets[range.clone()].iter().map(|to| *to as usize).zip(self.weights[range].iter().copied())
    }

    /// Sum of the weights of what a node leads to.
    pub(crate) fn strength(&self, node: usize) -> f64 {
        self.weights[self.offsets[node]..self.offsets[node + 1]].iter().sum()
    }

    /// Sum of all weights, those of an undirected edge twice.
    pub(crate) fn total(&self) -> f64 {
        self.weights.iter().sum()
    }
}
