//! Products of dense matrices, each on one thread, so that what they sum does not depend on how many there are.

/// A matrix as it lies, row after row, or with rows and columns exchanged.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    down: usize,
    along: usize,
}

impl<'a> Matrix<'a> {
    /// Rows of `columns` numbers each.
    pub(super) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "the numbers of a matrix");
        Self { values, rows, columns, down: columns, along: 1 }
    }

    pub(super) fn transposed(self) -> Self {
        Self { rows: self.columns, columns: self.rows, down: self.along, along: self.down, ..self }
    }

    /// Some of the rows.
    pub(super) fn rows_from(self, first: usize, rows: usize) -> Self {
        assert!(first + rows <= self.rows, "rows of a matrix");
        let start = (first * self.down).min(self.values.len());
        Self { values: &self.values[start..], rows, ..self }
    }
}

/// Sets `out` to `left right`, or adds that to it.
///
/// # Shapes
/// `[rows, inner] x [inner, columns] -> [rows, columns]`
#[expect(unsafe_code, reason = "the product's kernel takes pointers; their bounds are asserted here")]
pub(super) fn multiply(left: Matrix<'_>, right: Matrix<'_>, out: &mut [f32], adds: bool) {
    let (rows, inner, columns) = (left.rows, left.columns, right.columns);
    assert!(right.rows == inner && out.len() == rows * columns, "the sizes of a product");
    if out.is_empty() {
        return;
    }
    if inner == 0 {
        if !adds {
            out.fill(0.0);
        }
        return;
    }
    let last = |matrix: Matrix<'_>| (matrix.rows - 1) * matrix.down + (matrix.columns - 1) * matrix.along;
    assert!(
        last(left) < left.values.len() && last(right) < right.values.len(),
        "a matrix within its numbers"
    );
    // SAFETY: `out` holds rows x columns numbers with steps (columns, 1) and is exclusive; the last number that each of the
    // others reaches lies within its slice, as asserted above, and all its steps are forward.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            columns as isize,
            adds,
            left.values.as_ptr(),
            left.along as isize,
            left.down as isize,
            right.values.as_ptr(),
            right.along as isize,
            right.down as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_products_of_all_sides() {
        let (rows, inner, columns) = (5, 7, 3);
        let left: Vec<f32> = (0..rows * inner).map(|at| (at as f32).sin()).collect();
        let right: Vec<f32> = (0..inner * columns).map(|at| (at as f32).cos()).collect();
        let entry = |row: usize, column: usize| -> f32 {
            (0..inner).map(|at| left[row * inner + at] * right[at * columns + column]).sum()
        };
        let mut out = vec![1.0; rows * columns];
        multiply(Matrix::new(&left, rows, inner), Matrix::new(&right, inner, columns), &mut out, true);
        for row in 0..rows {
            for column in 0..columns {
                assert!((out[row * columns + column] - 1.0 - entry(row, column)).abs() < 1e-5);
            }
        }
        // The transposes' product is the product's transpose; of it, two rows.
        let (left, right) = (Matrix::new(&left, rows, inner), Matrix::new(&right, inner, columns));
        let mut part = vec![9.0; 2 * rows];
        multiply(right.transposed().rows_from(1, 2), left.transposed(), &mut part, false);
        for row in 0..rows {
            for column in 1..columns {
                assert!((part[(column - 1) * rows + row] - entry(row, column)).abs() < 1e-5);
            }
        }
        multiply(Matrix::new(&[], 2, 0), Matrix::new(&[], 0, 2), &mut part[..4], false);
        assert_eq!(part[..4], [0.0; 4]);
    }
}
