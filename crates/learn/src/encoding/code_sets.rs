//! The different codes of each instance, as the nodes of a graph of its own.

use std::ops::Range;

use twinloom_neural::{Aggregator, Edges, SparseMatrix};
use twinloom_views::Sequences;

/// Different codes of every instance, in order of code; of one with more than `most`, the latest.
///
/// Demographics are codes here as any other, since the models' papers have them so.
pub(crate) struct CodeSets {
    codes: Vec<Vec<u32>>,
    tokens: usize,
}

impl CodeSets {
    pub(crate) fn new(sequences: &Sequences, tokens: usize, most: usize) -> Self {
        let of = |instance: usize| {
            let mut own: Vec<u32> = Vec::with_capacity(most);
            for &token in sequences.tokens_of(instance).iter().rev() {
                if own.len() == most {
                    break;
                }
                if token != Sequences::UNKNOWN && !own.contains(&token) {
                    own.push(token);
                }
            }
            own.sort_unstable();
            own
        };
        Self { codes: (0..sequences.len()).map(of).collect(), tokens }
    }

    /// Number of codes that there are.
    pub(crate) fn tokens(&self) -> usize {
        self.tokens
    }

    /// The codes of an instance.
    pub(crate) fn of(&self, instance: usize) -> &[u32] {
        &self.codes[instance]
    }

    /// The nodes of some instances.
    pub(crate) fn batch(&self, instances: &[usize]) -> NodesBatch {
        let mut sets = Vec::with_capacity(instances.len());
        let mut first = 0;
        for &instance in instances {
            sets.push(first..first + self.of(instance).len() + 1);
            first += self.of(instance).len() + 1;
        }
        // The node that stands for the instance comes after all codes in the table of vectors.
        let own = |&instance: &usize| self.of(instance).iter().copied().chain([self.tokens as u32]);
        let vectors = instances.iter().flat_map(own).map(|code| vec![(code, 1.0)]);
        let vectors = SparseMatrix::from_rows(self.tokens + 1, vectors).expect("codes of the vocabulary");
        NodesBatch { sets, vectors: Aggregator::new(vectors) }
    }
}

/// Nodes of some instances: of each its codes, then one that stands for the instance itself.
pub(crate) struct NodesBatch {
    /// Each instance's nodes, the last being its own.
    pub sets: Vec<Range<usize>>,
    /// The vector that each node starts from.
    ///
    /// # Shapes
    /// `[nodes, tokens + 1]`
    pub vectors: Aggregator,
}

impl NodesBatch {
    pub(crate) fn nodes(&self) -> usize {
        self.sets.last().map_or(0, |set| set.end)
    }

    /// Whether each node is a code, in order.
    pub(crate) fn are_codes(&self) -> impl Iterator<Item = bool> {
        self.sets.iter().flat_map(|set| set.clone().map(|node| node + 1 < set.end))
    }

    /// Edges among the nodes of each instance, from `sources` of the set to each of its nodes.
    pub(crate) fn edges(&self, sources: impl Fn(&Range<usize>, usize) -> Range<usize>) -> Edges {
        let rows = self.sets.iter().flat_map(|set| {
            let row = |node: usize| sources(set, node).map(|source| (source as u32, 1.0)).collect();
            set.clone().map(row).collect::<Vec<Vec<(u32, f32)>>>()
        });
        Edges::of(&SparseMatrix::from_rows(self.nodes(), rows).expect("nodes of the batch"))
    }

    /// From each instance to some of its nodes.
    pub(crate) fn to_instances(&self, sources: impl Fn(&Range<usize>) -> Range<usize>) -> SparseMatrix {
        let row = |set: &Range<usize>| sources(set).map(|node| (node as u32, 1.0)).collect();
        SparseMatrix::from_rows(self.nodes(), self.sets.iter().map(row)).expect("nodes of the batch")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_the_latest_codes_are_nodes_once_and_in_order() {
        let sequences = Sequences {
            offsets: vec![0, 6, 6],
            tokens: vec![9, 3, 5, 1, 3, 2],
            days_before: vec![0.0; 6],
            visits: vec![1; 6],
            ..Sequences::default()
        };
        let sets = CodeSets::new(&sequences, 10, 3);
        assert_eq!((sets.of(0), sets.of(1)), (&[2, 3, 5][..], &[][..]));
        let batch = sets.batch(&[1, 0]);
        assert_eq!(batch.sets, [0..1, 1..5]);
        assert_eq!(batch.are_codes().collect::<Vec<_>>(), [false, true, true, true, false]);
        assert_eq!(batch.vectors.adjacency().row(0).0, [10]);
        assert_eq!(batch.edges(|set, _| set.clone()).len(), 1 + 16);
    }
}
