//! Attention of each row of a sequence to all rows of the same sequence.

use std::ops::Range;

use burn::tensor::Tensor;

use super::Runs;
use crate::operation::custom::{Dense, Matrix, Operation, apply};

/// Scaled dot-product attention within each sequence, a part of the width for each head.
///
/// Shares are never kept: the backward pass computes them again, row by row.
///
/// # Source
/// Vaswani et al., Attention Is All You Need (NeurIPS 2017), equation 1.
///
/// # Shapes
/// queries, keys, values `[rows, heads * width] -> [rows, heads * width]`
///
/// # Panics
/// When the shapes differ, or are not those of the runs and heads.
pub fn self_attention(runs: &Runs, heads: usize, [queries, keys, values]: [Tensor<2>; 3]) -> Tensor<2> {
    let [rows, width] = queries.dims();
    assert!(keys.dims() == [rows, width] && values.dims() == [rows, width], "shapes that agree");
    assert!(
        rows == runs.rows() && heads > 0 && width.is_multiple_of(heads),
        "a row each, heads share the width"
    );
    apply(Attention { runs: runs.clone(), heads }, [queries, keys, values])
}

/// What each row hears of each row of its sequence, as a mean over heads: the shares that [`self_attention`]
/// computes and does not keep.
///
/// # Shapes
/// queries, keys `[rows, heads * width]`; of each sequence `[length, length]`, the row that hears first
///
/// # Panics
/// When the shapes differ, or are not those of the runs and heads.
pub fn attention_shares(runs: &Runs, heads: usize, [queries, keys]: [Tensor<2>; 2]) -> Vec<Vec<f32>> {
    let [rows, columns] = queries.dims();
    assert!(keys.dims() == [rows, columns] && rows == runs.rows(), "a row each, shapes that agree");
    assert!(heads > 0 && columns.is_multiple_of(heads), "heads share the width");
    let numbers = |tensor: Tensor<2>| tensor.into_data().try_to_vec::<f32>().expect("layers compute in f32");
    let (queries, keys) = (numbers(queries), numbers(keys));
    let matrix = |values| Matrix { values, rows, columns };
    let (queries, keys) = (matrix(&queries), matrix(&keys));
    let attention = Attention { runs: runs.clone(), heads };
    let of = |run| {
        let range = runs.range(run);
        let mut mean = vec![0.0; range.len() * range.len()];
        let mut shares = vec![0.0; range.len()];
        for part in attention.parts(columns) {
            let head = Head::of(&range, &part, &keys, &keys);
            for (row, mean) in range.clone().zip(mean.chunks_mut(range.len().max(1))) {
                head.shares(&line(&queries, row)[part.clone()], &mut shares);
                add_scaled(mean, 1.0 / heads as f32, &shares);
            }
        }
        mean
    };
    (0..runs.len()).map(of).collect()
}

#[derive(Debug)]
struct Attention {
    runs: Runs,
    heads: usize,
}

/// One head of one sequence: keys and values with rows and columns exchanged, so that scores of a row are
/// sums over neighbouring numbers.
struct Head {
    length: usize,
    width: usize,
    /// `[width, length]`
    keys: Vec<f32>,
    /// `[width, length]`
    values: Vec<f32>,
}

impl Head {
    fn of(range: &Range<usize>, part: &Range<usize>, keys: &Matrix<'_>, values: &Matrix<'_>) -> Self {
        let turned = |matrix: &Matrix<'_>| {
            let mut turned = Vec::with_capacity(range.len() * part.len());
            for column in part.clone() {
                turned.extend(range.clone().map(|row| matrix.values[row * matrix.columns + column]));
            }
            turned
        };
        Self { length: range.len(), width: part.len(), keys: turned(keys), values: turned(values) }
    }

    /// Products of a row with every row of a turned matrix.
    fn products(&self, row: &[f32], turned: &[f32], scale: f32, products: &mut [f32]) {
        products.fill(0.0);
        for (number, column) in row.iter().zip(turned.chunks_exact(self.length)) {
            add_scaled(products, scale * number, column);
        }
    }

    /// The shares of one row.
    fn shares(&self, query: &[f32], shares: &mut [f32]) {
        self.products(query, &self.keys, self.scale(), shares);
        let largest = shares.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for share in shares.iter_mut() {
            *share = (*share - largest).exp();
            sum += *share;
        }
        for share in shares {
            *share /= sum;
        }
    }

    fn scale(&self) -> f32 {
        1.0 / (self.width as f32).sqrt()
    }
}

impl Attention {
    /// The columns of a head.
    fn parts(&self, columns: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let width = columns / self.heads;
        (0..self.heads).map(move |head| head * width..(head + 1) * width)
    }

    fn outputs(&self, runs: Range<usize>, [queries, keys, values]: &[Matrix<'_>; 3]) -> Vec<f32> {
        let (columns, first) = (queries.columns, self.runs.rows_of(&runs).start);
        let mut outputs = vec![0.0; self.runs.rows_of(&runs).len() * columns];
        for run in runs {
            let range = self.runs.range(run);
            let mut shares = vec![0.0; range.len()];
            for part in self.parts(columns) {
                let head = Head::of(&range, &part, keys, values);
                for row in range.clone() {
                    head.shares(&line(queries, row)[part.clone()], &mut shares);
                    let output = &mut outputs[(row - first) * columns..][part.clone()];
                    for (share, other) in shares.iter().zip(range.clone()) {
                        add_scaled(output, *share, &line(values, other)[part.clone()]);
                    }
                }
            }
        }
        outputs
    }

    /// Slopes by queries, keys and values of neighbouring sequences.
    fn slopes(
        &self,
        runs: Range<usize>,
        [queries, keys, values]: &[Matrix<'_>; 3],
        gradient: &Matrix<'_>,
    ) -> [Vec<f32>; 3] {
        let (columns, rows) = (queries.columns, self.runs.rows_of(&runs));
        let zeros = || vec![0.0; rows.len() * columns];
        let [mut by_query, mut by_key, mut by_value] = [zeros(), zeros(), zeros()];
        for run in runs {
            let range = self.runs.range(run);
            let (mut shares, mut slopes) = (vec![0.0; range.len()], vec![0.0; range.len()]);
            for part in self.parts(columns) {
                let head = Head::of(&range, &part, keys, values);
                let own = |row: usize| {
                    (row - rows.start) * columns + part.start..(row - rows.start) * columns + part.end
                };
                for row in range.clone() {
                    let query = &line(queries, row)[part.clone()];
                    let above = &line(gradient, row)[part.clone()];
                    head.shares(query, &mut shares);
                    head.products(above, &head.values, 1.0, &mut slopes);
                    let mean: f32 = shares.iter().zip(&slopes).map(|(share, slope)| share * slope).sum();
                    for (slope, share) in slopes.iter_mut().zip(&shares) {
                        *slope = head.scale() * share * (*slope - mean);
                    }
                    for ((share, slope), other) in shares.iter().zip(&slopes).zip(range.clone()) {
                        add_scaled(&mut by_value[own(other)], *share, above);
                        add_scaled(&mut by_key[own(other)], *slope, query);
                        add_scaled(&mut by_query[own(row)], *slope, &line(keys, other)[part.clone()]);
                    }
                }
            }
        }
        [by_query, by_key, by_value]
    }
}

impl Operation<3> for Attention {
    fn forward(&self, inputs: [Matrix<'_>; 3]) -> Dense {
        let values = self.runs.by_task(|runs| self.outputs(runs, &inputs)).concat();
        Dense { values, rows: inputs[0].rows, columns: inputs[0].columns }
    }

    fn backward(
        &self,
        inputs: [Matrix<'_>; 3],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        wanted: [bool; 3],
    ) -> [Option<Vec<f32>>; 3] {
        let mut found = [const { Vec::new() }; 3];
        for part in self.runs.by_task(|runs| self.slopes(runs, &inputs, &gradient)) {
            found.iter_mut().zip(part).for_each(|(all, part)| all.extend(part));
        }
        let [query, key, value] = found;
        [wanted[0].then_some(query), wanted[1].then_some(key), wanted[2].then_some(value)]
    }
}

fn add_scaled(sum: &mut [f32], factor: f32, values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

fn line<'a>(matrix: &Matrix<'a>, row: usize) -> &'a [f32] {
    &matrix.values[row * matrix.columns..(row + 1) * matrix.columns]
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::operation::check::{numbers, slopes_agree};
    use crate::{Edges, SparseMatrix};

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let runs = Runs::of_lengths([3, 0, 1, 2]);
        slopes_agree([[6, 4], [6, 4], [6, 4]], |inputs| self_attention(&runs, 2, inputs));
    }

    #[test]
    fn law_shares_of_one_head_are_what_the_sum_was_made_with() {
        let runs = Runs::of_lengths([3, 0, 1, 4]);
        let tensor = |seed| {
            let values = numbers(8 * 5, seed).iter().map(|number| 2.0 * number).collect();
            Tensor::<2>::from_data(TensorData::new::<f32, _>(values, [8, 5]), &Device::flex())
        };
        let [queries, keys, values] = [tensor(1), tensor(2), tensor(3)];
        let shares = attention_shares(&runs, 1, [queries.clone(), keys.clone()]);
        let given: Vec<f32> = values.clone().into_data().try_to_vec().unwrap();
        let sums: Vec<f32> =
            self_attention(&runs, 1, [queries, keys, values]).into_data().try_to_vec().unwrap();
        assert_eq!(shares.iter().map(Vec::len).collect::<Vec<_>>(), [9, 0, 1, 16]);
        for (run, shares) in shares.iter().enumerate() {
            let range = runs.range(run);
            for (row, shares) in range.clone().zip(shares.chunks(range.len().max(1))) {
                assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
                for column in 0..5 {
                    let parts =
                        range.clone().zip(shares).map(|(other, share)| share * given[other * 5 + column]);
                    assert!((parts.sum::<f32>() - sums[row * 5 + column]).abs() < 1e-5);
                }
            }
        }
    }

    #[test]
    fn ref_agrees_with_attention_along_the_edges_of_a_complete_graph() {
        // The same formula by three other operations, on edges from every row to every row of its sequence.
        let lengths = [4, 1, 0, 9, 2, 2, 2, 2, 2, 5];
        let runs = Runs::of_lengths(lengths);
        let rows = (0..runs.len()).flat_map(|run| {
            let all: Vec<(u32, f32)> = runs.range(run).map(|row| (row as u32, 1.0)).collect();
            vec![all; runs.range(run).len()]
        });
        let edges = Edges::of(&SparseMatrix::from_rows(runs.rows(), rows).unwrap());
        let (heads, width) = (2, 3);
        let tensor = |seed| {
            let shape = [runs.rows(), heads * width];
            let values = numbers(shape[0] * shape[1], seed).iter().map(|number| 2.0 * number).collect();
            Tensor::<2>::from_data(TensorData::new::<f32, _>(values, shape), &Device::flex())
        };
        let [queries, keys, values] = [tensor(1), tensor(2), tensor(3)];
        let scores = edges.dotted(keys.clone(), queries.clone(), heads).div_scalar((width as f32).sqrt());
        let expected = edges.weighted_sum(edges.softmax(scores), values.clone());
        let expected: Vec<f32> = expected.into_data().try_to_vec().unwrap();
        let found = |threads| -> Vec<f32> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let inputs = [queries.clone(), keys.clone(), values.clone()];
            pool.install(|| self_attention(&runs, heads, inputs)).into_data().try_to_vec().unwrap()
        };
        for (found, expected) in found(1).iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-5, "{found} against {expected}");
        }
        assert_eq!(found(1), found(2));
    }
}
