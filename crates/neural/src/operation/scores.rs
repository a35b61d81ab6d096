//! Scores of edges from the numbers at their ends.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::custom::{Dense, Matrix, Operation, apply};
use super::edges::{Edges, Lists, add_scaled, by_row, row};
use super::kernel::EndProducts;

impl Edges {
    /// The source's number plus the target's, for each edge.
    ///
    /// # Shapes
    /// `[sources, heads] + [targets, heads] -> [edges, heads]`
    ///
    /// # Panics
    /// When the shapes are others.
    pub fn added(&self, of_sources: Tensor<2>, of_targets: Tensor<2>) -> Tensor<2> {
        assert!(of_sources.dims()[0] == self.sources() && of_targets.dims()[0] == self.targets());
        assert_eq!(of_sources.dims()[1], of_targets.dims()[1], "as many heads at both ends");
        apply(Added(Arc::clone(&self.inner)), [of_sources, of_targets])
    }

    /// The inner product of the source's part of a head with the target's, for each edge and head.
    ///
    /// # Shapes
    /// `[sources, heads * width] . [targets, heads * width] -> [edges, heads]`
    ///
    /// # Panics
    /// When the shapes are others.
    pub fn dotted(&self, of_sources: Tensor<2>, of_targets: Tensor<2>, heads: usize) -> Tensor<2> {
        assert!(of_sources.dims()[0] == self.sources() && of_targets.dims()[0] == self.targets());
        assert!(of_sources.dims()[1] == of_targets.dims()[1] && of_sources.dims()[1].is_multiple_of(heads));
        apply(Dotted { lists: Arc::clone(&self.inner), heads }, [of_sources, of_targets])
    }

    /// The inner product of a vector per head with the leaky rectifier of the sum of both ends.
    ///
    /// # Source
    /// Brody, Alon and Yahav, How Attentive are Graph Attention Networks? (ICLR 2022), equation 7.
    ///
    /// # Shapes
    /// `[sources, heads * width]`, `[targets, heads * width]`, vectors `[heads, width] -> [edges, heads]`
    ///
    /// # Panics
    /// When the shapes are others.
    pub fn attended(
        &self,
        of_sources: Tensor<2>,
        of_targets: Tensor<2>,
        vectors: Tensor<2>,
        slope_below: f32,
    ) -> Tensor<2> {
        let [heads, width] = vectors.dims();
        assert!(of_sources.dims() == [self.sources(), heads * width]);
        assert!(of_targets.dims() == [self.targets(), heads * width]);
        let lists = Arc::clone(&self.inner);
        apply(Attended { lists, slope_below }, [of_sources, of_targets, vectors])
    }
}

impl Lists {
    /// Sums of the edges' numbers by source.
    fn sums_by_source(&self, of_edges: &Matrix<'_>) -> Vec<f32> {
        by_row(self.sources, of_edges.columns, |source, sums| {
            for &edge in self.edges_from(source) {
                add_scaled(sums, 1.0, row(of_edges, edge as usize));
            }
        })
    }

    /// Sums of the edges' numbers by target.
    fn sums_by_target(&self, of_edges: &Matrix<'_>) -> Vec<f32> {
        by_row(self.targets(), of_edges.columns, |target, sums| {
            for edge in self.edges_of(target) {
                add_scaled(sums, 1.0, row(of_edges, edge));
            }
        })
    }
}

#[derive(Debug)]
struct Added(Arc<Lists>);

impl Operation<2> for Added {
    fn forward(&self, [sources, targets]: [Matrix<'_>; 2]) -> Dense {
        let values = self.0.by_edge(sources.columns, |edge, scores| {
            let source = row(&sources, self.0.source_of[edge] as usize);
            let target = row(&targets, self.0.target_of[edge] as usize);
            for ((score, a), b) in scores.iter_mut().zip(source).zip(target) {
                *score = a + b;
            }
        });
        Dense { values, rows: self.0.source_of.len(), columns: sources.columns }
    }

    fn backward(
        &self,
        _inputs: [Matrix<'_>; 2],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        wanted: [bool; 2],
    ) -> [Option<Vec<f32>>; 2] {
        [
            wanted[0].then(|| self.0.sums_by_source(&gradient)),
            wanted[1].then(|| self.0.sums_by_target(&gradient)),
        ]
    }
}

#[derive(Debug)]
struct Dotted {
    lists: Arc<Lists>,
    heads: usize,
}

impl Operation<2> for Dotted {
    fn forward(&self, [sources, targets]: [Matrix<'_>; 2]) -> Dense {
        let lists = &self.lists;
        let (source_of, target_of) = (&lists.source_of, &lists.target_of);
        let ends = EndProducts { source_of, target_of, heads: self.heads };
        let values = ends.of(sources.values, targets.values, sources.columns);
        Dense { values, rows: lists.source_of.len(), columns: self.heads }
    }

    fn backward(
        &self,
        [sources, targets]: [Matrix<'_>; 2],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        wanted: [bool; 2],
    ) -> [Option<Vec<f32>>; 2] {
        let (lists, width) = (&self.lists, sources.columns / self.heads);
        let add = |sums: &mut [f32], edge: usize, other: &[f32]| {
            for (head, slope) in row(&gradient, edge).iter().enumerate() {
                let part = head * width..(head + 1) * width;
                add_scaled(&mut sums[part.clone()], *slope, &other[part]);
            }
        };
        let by_sources = || {
            by_row(lists.sources, sources.columns, |source, sums| {
                for &edge in lists.edges_from(source) {
                    let edge = edge as usize;
                    add(sums, edge, row(&targets, lists.target_of[edge] as usize));
                }
            })
        };
        let by_targets = || {
            by_row(lists.targets(), sources.columns, |target, sums| {
                for edge in lists.edges_of(target) {
                    add(sums, edge, row(&sources, lists.source_of[edge] as usize));
                }
            })
        };
        [wanted[0].then(by_sources), wanted[1].then(by_targets)]
    }
}

#[derive(Debug)]
struct Attended {
    lists: Arc<Lists>,
    slope_below: f32,
}

impl Attended {
    fn leaky(&self, sum: f32) -> f32 {
        if sum > 0.0 { sum } else { self.slope_below * sum }
    }

    fn slope(&self, sum: f32) -> f32 {
        if sum > 0.0 { 1.0 } else { self.slope_below }
    }
}

impl Operation<3> for Attended {
    fn forward(&self, [sources, targets, vectors]: [Matrix<'_>; 3]) -> Dense {
        let (lists, width) = (&self.lists, vectors.columns);
        let values = lists.by_edge(vectors.rows, |edge, scores| {
            let source = row(&sources, lists.source_of[edge] as usize);
            let target = row(&targets, lists.target_of[edge] as usize);
            for (head, score) in scores.iter_mut().enumerate() {
                let first = head * width;
                *score = (0..width)
                    .map(|k| vectors.values[first + k] * self.leaky(source[first + k] + target[first + k]))
                    .sum();
            }
        });
        Dense { values, rows: lists.source_of.len(), columns: vectors.rows }
    }

    fn backward(
        &self,
        [sources, targets, vectors]: [Matrix<'_>; 3],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        wanted: [bool; 3],
    ) -> [Option<Vec<f32>>; 3] {
        let (lists, width) = (&self.lists, vectors.columns);
        let ends = |edge: usize| {
            let source = row(&sources, lists.source_of[edge] as usize);
            (source, row(&targets, lists.target_of[edge] as usize))
        };
        let add = |sums: &mut [f32], edge: usize| {
            let (source, target) = ends(edge);
            for (place, sum) in sums.iter_mut().enumerate() {
                let above = gradient.values[edge * vectors.rows + place / width];
                *sum += above * vectors.values[place] * self.slope(source[place] + target[place]);
            }
        };
        let by_sources = || {
            by_row(lists.sources, sources.columns, |source, sums| {
                lists.edges_from(source).iter().for_each(|edge| add(sums, *edge as usize));
            })
        };
        let by_targets = || {
            by_row(lists.targets(), sources.columns, |target, sums| {
                lists.edges_of(target).for_each(|edge| add(sums, edge));
            })
        };
        let by_vectors = || {
            // Target by target, then the targets' sums in their order.
            let parts = by_row(lists.targets(), sources.columns, |target, sums| {
                for edge in lists.edges_of(target) {
                    let (source, target) = ends(edge);
                    for (place, sum) in sums.iter_mut().enumerate() {
                        let above = gradient.values[edge * vectors.rows + place / width];
                        *sum += above * self.leaky(source[place] + target[place]);
                    }
                }
            });
            let mut total = vec![0.0; vectors.values.len()];
            parts.chunks_exact(total.len().max(1)).for_each(|part| add_scaled(&mut total, 1.0, part));
            total
        };
        [wanted[0].then(by_sources), wanted[1].then(by_targets), wanted[2].then(by_vectors)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::{few_edges, slopes_agree};

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let edges = Edges::of(&few_edges());
        slopes_agree([[4, 2], [3, 2]], |[sources, targets]| edges.added(sources, targets));
        slopes_agree([[4, 6], [3, 6]], |[sources, targets]| edges.dotted(sources, targets, 2));
        slopes_agree([[4, 6], [3, 6], [2, 3]], |[sources, targets, vectors]| {
            edges.attended(sources, targets, vectors, 0.2)
        });
    }
}
