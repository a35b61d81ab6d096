//! Edges from sources to targets, and functions of the numbers at their ends and along them.
//!
//! Numbers along edges have one column a head, never the width of a message: `scores`, then
//! [`Edges::softmax`], then [`Edges::weighted_sum`] is attention without a tensor of edges x width.

use std::sync::Arc;

use burn::tensor::Tensor;
use rayon::prelude::*;

use super::custom::{Dense, Matrix, Operation, apply};
use super::kernel::{EndProducts, WeightedRows};
use crate::SparseMatrix;

/// Edges in compressed rows, one row per target, and the same edges by source.
///
/// # Shapes
/// Edges are numbered by target, then in the order given; `[edges, heads]` tensors follow that order.
#[derive(Clone, Debug)]
pub struct Edges {
    pub(super) inner: Arc<Lists>,
}

#[derive(Debug)]
pub(super) struct Lists {
    pub(super) sources: usize,
    /// Of each target, its first edge; then the number of edges.
    pub(super) offsets: Vec<usize>,
    pub(super) source_of: Vec<u32>,
    pub(super) target_of: Vec<u32>,
    /// Of each source, its first place in `edge_at`.
    pub(super) source_offsets: Vec<usize>,
    pub(super) edge_at: Vec<u32>,
    /// The targets of the edges in `edge_at`.
    pub(super) target_at: Vec<u32>,
}

impl Edges {
    /// The edges of an adjacency, one row per target; its values are not used.
    pub fn of(adjacency: &SparseMatrix) -> Self {
        let mut offsets = vec![0];
        let (mut source_of, mut target_of) = (Vec::new(), Vec::new());
        let mut source_offsets = vec![0; adjacency.columns() + 1];
        for target in 0..adjacency.rows() {
            for &source in adjacency.row(target).0 {
                source_of.push(source);
                target_of.push(target as u32);
                source_offsets[source as usize + 1] += 1;
            }
            offsets.push(source_of.len());
        }
        for source in 0..adjacency.columns() {
            source_offsets[source + 1] += source_offsets[source];
        }
        let mut next = source_offsets.clone();
        let mut edge_at = vec![0; source_of.len()];
        for (edge, source) in source_of.iter().enumerate() {
            let place = &mut next[*source as usize];
            edge_at[*place] = edge as u32;
            *place += 1;
        }
        let target_at = edge_at.iter().map(|edge: &u32| target_of[*edge as usize]).collect();
        let sources = adjacency.columns();
        let lists = Lists { sources, offsets, source_of, target_of, source_offsets, edge_at, target_at };
        Self { inner: Arc::new(lists) }
    }

    /// Number of edges.
    pub fn len(&self) -> usize {
        self.inner.source_of.len()
    }

    /// Whether there is no edge.
    pub fn is_empty(&self) -> bool {
        self.inner.source_of.is_empty()
    }

    /// Number of targets.
    pub fn targets(&self) -> usize {
        self.inner.targets()
    }

    /// Number of sources.
    pub fn sources(&self) -> usize {
        self.inner.sources
    }

    /// Shares of each target's edges, `exp(score)` over their sum: 1 in all, head by head.
    ///
    /// # Shapes
    /// `[edges, heads] -> [edges, heads]`
    ///
    /// # Panics
    /// When there is not one row per edge.
    pub fn softmax(&self, scores: Tensor<2>) -> Tensor<2> {
        assert_eq!(scores.dims()[0], self.len(), "one score per edge");
        apply(Softmax(Arc::clone(&self.inner)), [scores])
    }

    /// Sums of the sources' messages with a weight per edge and head; a head has its own part of the width.
    ///
    /// # Shapes
    /// weights `[edges, heads]`, messages `[sources, heads * width] -> [targets, heads * width]`
    ///
    /// # Panics
    /// When the shapes are others.
    pub fn weighted_sum(&self, weights: Tensor<2>, messages: Tensor<2>) -> Tensor<2> {
        let ([edges, heads], [sources, width]) = (weights.dims(), messages.dims());
        assert!(edges == self.len() && sources == self.sources(), "a weight per edge, a message per source");
        assert!(heads > 0 && width.is_multiple_of(heads), "heads share the width");
        apply(WeightedSum(Arc::clone(&self.inner)), [weights, messages])
    }

    /// The largest message of each target's sources, number by number; 0 for a target without any.
    ///
    /// # Shapes
    /// `[sources, width] -> [targets, width]`
    ///
    /// # Panics
    /// When there is not one message per source.
    pub fn max(&self, messages: Tensor<2>) -> Tensor<2> {
        assert_eq!(messages.dims()[0], self.sources(), "one message per source");
        apply(Largest(Arc::clone(&self.inner)), [messages])
    }
}

/// Rows that one task takes.
const ROWS_PER_TASK: usize = 256;

impl Lists {
    pub(super) fn targets(&self) -> usize {
        self.offsets.len() - 1
    }

    pub(super) fn edges_of(&self, target: usize) -> std::ops::Range<usize> {
        self.offsets[target]..self.offsets[target + 1]
    }

    pub(super) fn edges_from(&self, source: usize) -> &[u32] {
        &self.edge_at[self.source_offsets[source]..self.source_offsets[source + 1]]
    }

    /// Numbers of each edge, computed edge by edge.
    pub(super) fn by_edge(&self, width: usize, fill: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
        by_row(self.source_of.len(), width, fill)
    }
}

/// Numbers of each row, computed row by row on all threads.
pub(super) fn by_row(rows: usize, width: usize, fill: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    let mut values = vec![0.0; rows * width];
    if width == 0 {
        return values;
    }
    values.par_chunks_mut(ROWS_PER_TASK * width).enumerate().for_each(|(task, chunk)| {
        for (place, row) in chunk.chunks_exact_mut(width).enumerate() {
            fill(task * ROWS_PER_TASK + place, row);
        }
    });
    values
}

pub(super) fn row<'a>(matrix: &Matrix<'a>, row: usize) -> &'a [f32] {
    &matrix.values[row * matrix.columns..(row + 1) * matrix.columns]
}

pub(super) fn add_scaled(sum: &mut [f32], factor: f32, values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

#[derive(Debug)]
struct Softmax(Arc<Lists>);

impl Operation<1> for Softmax {
    fn forward(&self, [scores]: [Matrix<'_>; 1]) -> Dense {
        let heads = scores.columns;
        // Of each target: the largest score, then the sum of exponentials, head by head.
        let scales = by_row(self.0.targets(), 2 * heads, |target, scale| {
            for head in 0..heads {
                let of = |edge: usize| scores.values[edge * heads + head];
                let largest = self.0.edges_of(target).map(of).fold(f32::NEG_INFINITY, f32::max);
                scale[head] = largest;
                scale[heads + head] = self.0.edges_of(target).map(|edge| (of(edge) - largest).exp()).sum();
            }
        });
        let values = self.0.by_edge(heads, |edge, shares| {
            let scale = &scales[self.0.target_of[edge] as usize * 2 * heads..][..2 * heads];
            for (head, share) in shares.iter_mut().enumerate() {
                *share = (scores.values[edge * heads + head] - scale[head]).exp() / scale[heads + head];
            }
        });
        Dense { values, rows: scores.rows, columns: heads }
    }

    fn backward(
        &self,
        _inputs: [Matrix<'_>; 1],
        output: Matrix<'_>,
        gradient: Matrix<'_>,
        [wanted]: [bool; 1],
    ) -> [Option<Vec<f32>>; 1] {
        let heads = output.columns;
        let slopes = || {
            let means = by_row(self.0.targets(), heads, |target, means| {
                for edge in self.0.edges_of(target) {
                    for (head, mean) in means.iter_mut().enumerate() {
                        *mean += output.values[edge * heads + head] * gradient.values[edge * heads + head];
                    }
                }
            });
            self.0.by_edge(heads, |edge, slopes| {
                let mean = &means[self.0.target_of[edge] as usize * heads..][..heads];
                for (head, slope) in slopes.iter_mut().enumerate() {
                    let place = edge * heads + head;
                    *slope = output.values[place] * (gradient.values[place] - mean[head]);
                }
            })
        };
        [wanted.then(slopes)]
    }
}

#[derive(Debug)]
struct WeightedSum(Arc<Lists>);

impl Operation<2> for WeightedSum {
    fn forward(&self, [weights, messages]: [Matrix<'_>; 2]) -> Dense {
        let rows = WeightedRows {
            offsets: &self.0.offsets,
            indices: &self.0.source_of,
            weights: weights.values,
            heads: weights.columns,
        };
        let values = rows.sums(messages.values, messages.columns);
        Dense { values, rows: self.0.targets(), columns: messages.columns }
    }

    fn backward(
        &self,
        [weights, messages]: [Matrix<'_>; 2],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        wanted: [bool; 2],
    ) -> [Option<Vec<f32>>; 2] {
        let (lists, heads) = (&*self.0, weights.columns);
        let by_weights = || {
            let ends = EndProducts { source_of: &lists.source_of, target_of: &lists.target_of, heads };
            ends.of(messages.values, gradient.values, messages.columns)
        };
        let by_messages = || {
            let own = by_row(lists.edge_at.len(), heads, |place, own| {
                own.copy_from_slice(row(&weights, lists.edge_at[place] as usize));
            });
            let rows = WeightedRows {
                offsets: &lists.source_offsets,
                indices: &lists.target_at,
                weights: &own,
                heads,
            };
            rows.sums(gradient.values, messages.columns)
        };
        [wanted[0].then(by_weights), wanted[1].then(by_messages)]
    }
}

#[derive(Debug)]
struct Largest(Arc<Lists>);

impl Largest {
    /// The first of a target's edges whose message is largest in a column.
    fn edge(&self, messages: &Matrix<'_>, target: usize, column: usize) -> Option<usize> {
        let value =
            |edge: usize| messages.values[self.0.source_of[edge] as usize * messages.columns + column];
        self.0.edges_of(target).reduce(|best, edge| if value(edge) > value(best) { edge } else { best })
    }
}

impl Operation<1> for Largest {
    fn forward(&self, [messages]: [Matrix<'_>; 1]) -> Dense {
        let values = by_row(self.0.targets(), messages.columns, |target, largest| {
            let mut edges =
                self.0.edges_of(target).map(|edge| row(&messages, self.0.source_of[edge] as usize));
            if let Some(first) = edges.next() {
                largest.copy_from_slice(first);
            }
            for message in edges {
                largest.iter_mut().zip(message).for_each(|(largest, value)| *largest = largest.max(*value));
            }
        });
        Dense { values, rows: self.0.targets(), columns: messages.columns }
    }

    fn backward(
        &self,
        [messages]: [Matrix<'_>; 1],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        [wanted]: [bool; 1],
    ) -> [Option<Vec<f32>>; 1] {
        let slopes = || {
            let mut slopes = vec![0.0; messages.values.len()];
            for target in 0..self.0.targets() {
                for column in 0..messages.columns {
                    if let Some(edge) = self.edge(&messages, target, column) {
                        slopes[self.0.source_of[edge] as usize * messages.columns + column] +=
                            gradient.values[target * gradient.columns + column];
                    }
                }
            }
            slopes
        };
        [wanted.then(slopes)]
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::operation::check::{few_edges, numbers, slopes_agree};

    fn edges() -> Edges {
        Edges::of(&few_edges())
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        slopes_agree([[5, 2]], |[scores]| edges().softmax(scores));
        slopes_agree([[5, 2], [4, 6]], |[weights, messages]| edges().weighted_sum(weights, messages));
        slopes_agree([[4, 3]], |[messages]| edges().max(messages));
    }

    #[test]
    fn law_shares_sum_to_one_even_of_huge_scores() {
        let scores: Vec<f32> = numbers(10, 1).iter().map(|value| value * 1e4).collect();
        let scores = Tensor::<2>::from_data(TensorData::new(scores, [5, 2]), &Device::flex());
        let shares: Vec<f32> = edges().softmax(scores).into_data().try_to_vec().unwrap();
        for (first, end) in [(0, 2), (2, 5)] {
            for head in 0..2 {
                let sum: f32 = (first..end).map(|edge| shares[edge * 2 + head]).sum();
                assert!((sum - 1.0).abs() < 1e-6, "{shares:?}");
            }
        }
    }

    #[test]
    fn law_equal_weights_sum_as_the_sparse_product_does() {
        let messages = Tensor::<2>::from_data(TensorData::new(numbers(12, 3), [4, 3]), &Device::flex());
        let sum = edges().weighted_sum(Tensor::ones([5, 1], &Device::flex()), messages.clone());
        let found: Vec<f32> = sum.into_data().try_to_vec().unwrap();
        let dense: Vec<f32> = messages.into_data().try_to_vec().unwrap();
        assert_eq!(found, few_edges().multiply(&dense, 3));
    }
}
