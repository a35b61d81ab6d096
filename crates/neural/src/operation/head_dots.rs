//! The inner product of each head's part of a row with a vector of its own.

use burn::tensor::Tensor;
use rayon::prelude::*;

use super::custom::{Dense, Matrix, Operation, apply};
use super::edges::{add_scaled, by_row, row};
use super::kernel::dot;

/// Rows whose sums are taken by one task.
const ROWS_PER_TASK: usize = 1 << 11;

/// One number a head: the row's part of the head times the vector's.
///
/// # Shapes
/// rows `[rows, heads * width]`, vector `[1, heads * width] -> [rows, heads]`
///
/// # Panics
/// When the shapes are others.
pub fn head_dots(rows: Tensor<2>, vector: Tensor<2>, heads: usize) -> Tensor<2> {
    let width = rows.dims()[1];
    assert!(vector.dims() == [1, width] && heads > 0 && width.is_multiple_of(heads), "heads share the width");
    apply(HeadDots { heads }, [rows, vector])
}

#[derive(Debug)]
struct HeadDots {
    heads: usize,
}

impl Operation<2> for HeadDots {
    fn forward(&self, [rows, vector]: [Matrix<'_>; 2]) -> Dense {
        let width = rows.columns / self.heads;
        let values = by_row(rows.rows, self.heads, |place, dots| {
            let own = row(&rows, place);
            for (head, found) in dots.iter_mut().enumerate() {
                let part = head * width..(head + 1) * width;
                *found = dot(&own[part.clone()], &vector.values[part]);
            }
        });
        Dense { values, rows: rows.rows, columns: self.heads }
    }

    fn backward(
        &self,
        [rows, vector]: [Matrix<'_>; 2],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        wanted: [bool; 2],
    ) -> [Option<Vec<f32>>; 2] {
        let width = rows.columns / self.heads;
        let by_rows = || {
            by_row(rows.rows, rows.columns, |place, slopes| {
                for (head, above) in row(&gradient, place).iter().enumerate() {
                    let part = head * width..(head + 1) * width;
                    add_scaled(&mut slopes[part.clone()], *above, &vector.values[part]);
                }
            })
        };
        let by_vector = || {
            let part = |task: usize| {
                let mut sums = vec![0.0; rows.columns];
                for place in task * ROWS_PER_TASK..((task + 1) * ROWS_PER_TASK).min(rows.rows) {
                    for (head, above) in row(&gradient, place).iter().enumerate() {
                        let part = head * width..(head + 1) * width;
                        add_scaled(&mut sums[part.clone()], *above, &row(&rows, place)[part]);
                    }
                }
                sums
            };
            let parts: Vec<Vec<f32>> =
                (0..rows.rows.div_ceil(ROWS_PER_TASK)).into_par_iter().map(part).collect();
            let mut total = vec![0.0; rows.columns];
            for part in &parts {
                add_scaled(&mut total, 1.0, part);
            }
            total
        };
        [wanted[0].then(by_rows), wanted[1].then(by_vector)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::slopes_agree;

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        slopes_agree([[5, 6], [1, 6]], |[rows, vector]| head_dots(rows, vector, 3));
    }
}
