//! The product of two dense matrices, on all threads and the same for any number of them.

use burn::tensor::Tensor;
use rayon::prelude::*;

use super::custom::{Dense, Matrix, Operation, apply};

/// Rows of one task: enough that packing the other matrix costs little, few enough to share out.
const ROWS_PER_TASK: usize = 1 << 11;

/// Multiply-adds below which a second thread costs more than it brings.
const PARALLEL_WORK: usize = 1 << 21;

/// The product `left x right`.
///
/// # Shapes
/// `[rows, inner] x [inner, columns] -> [rows, columns]`
///
/// # Panics
/// When the inner sizes differ, as products of tensors do.
pub fn product(left: Tensor<2>, right: Tensor<2>) -> Tensor<2> {
    assert_eq!(left.dims()[1], right.dims()[0], "the inner sizes of a product");
    apply(Product, [left, right])
}

#[derive(Debug)]
struct Product;

impl Operation<2> for Product {
    fn forward(&self, [left, right]: [Matrix<'_>; 2]) -> Dense {
        let values = multiply(left, Side::Plain, right, Side::Plain);
        Dense { values, rows: left.rows, columns: right.columns }
    }

    fn backward(
        &self,
        [left, right]: [Matrix<'_>; 2],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        wanted: [bool; 2],
    ) -> [Option<Vec<f32>>; 2] {
        [
            wanted[0].then(|| multiply(gradient, Side::Plain, right, Side::Transposed)),
            wanted[1].then(|| inner_products(left, gradient)),
        ]
    }
}

/// Whether a matrix is taken as it lies or with rows and columns exchanged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Plain,
    Transposed,
}

impl Side {
    /// Rows and columns, and the steps between neighbours down a column and along a row.
    fn layout(self, matrix: Matrix<'_>) -> (usize, usize, isize, isize) {
        let step = matrix.columns as isize;
        match self {
            Self::Plain => (matrix.rows, matrix.columns, step, 1),
            Self::Transposed => (matrix.columns, matrix.rows, 1, step),
        }
    }
}

/// Rows of the left matrix are shared out among threads in blocks of one size, so that every number is
/// summed in one order.
fn multiply(left: Matrix<'_>, left_side: Side, right: Matrix<'_>, right_side: Side) -> Vec<f32> {
    let (rows, _, _, _) = left_side.layout(left);
    let (inner, columns, _, _) = right_side.layout(right);
    let mut product = vec![0.0; rows * columns];
    if product.is_empty() || inner == 0 {
        return product;
    }
    let block = |(place, out): (usize, &mut [f32])| {
        general(left, left_side, right, right_side, place * ROWS_PER_TASK, out);
    };
    if rows * inner * columns < PARALLEL_WORK {
        product.chunks_mut(ROWS_PER_TASK * columns).enumerate().for_each(block);
    } else {
        product.par_chunks_mut(ROWS_PER_TASK * columns).enumerate().for_each(block);
    }
    product
}

/// `left' x right`, the sum over rows taken in blocks of one size and added up in their order.
fn inner_products(left: Matrix<'_>, right: Matrix<'_>) -> Vec<f32> {
    let size = left.columns * right.columns;
    if left.rows == 0 || size == 0 {
        return vec![0.0; size];
    }
    let part = |first: usize| {
        let rows = ROWS_PER_TASK.min(left.rows - first);
        let slice = |matrix: Matrix<'_>| {
            let range = first * matrix.columns..(first + rows) * matrix.columns;
            range
        };
        let (own_left, own_right) = (&left.values[slice(left)], &right.values[slice(right)]);
        let own = |values, columns| Matrix { values, rows, columns };
        let mut sums = vec![0.0; size];
        let (own_left, own_right) = (own(own_left, left.columns), own(own_right, right.columns));
        general(own_left, Side::Transposed, own_right, Side::Plain, 0, &mut sums);
        sums
    };
    let firsts: Vec<usize> = (0..left.rows).step_by(ROWS_PER_TASK).collect();
    let parts: Vec<Vec<f32>> = if left.rows * size < PARALLEL_WORK {
        firsts.into_iter().map(part).collect()
    } else {
        firsts.into_par_iter().map(part).collect()
    };
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_default();
    for part in parts {
        total.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
    }
    total
}

/// Fills `out`, rows of the product from `first` on.
#[expect(unsafe_code, reason = "the product's kernel takes pointers; their bounds are asserted here")]
fn general(
    left: Matrix<'_>,
    left_side: Side,
    right: Matrix<'_>,
    right_side: Side,
    first: usize,
    out: &mut [f32],
) {
    let (left_rows, left_inner, left_down, left_along) = left_side.layout(left);
    let (inner, columns, right_down, right_along) = right_side.layout(right);
    let rows = out.len() / columns;
    assert!(left_inner == inner && first + rows <= left_rows && out.len() == rows * columns);
    assert!(
        left.values.len() == left.rows * left.columns && right.values.len() == right.rows * right.columns
    );
    // SAFETY: `out` holds rows x columns numbers with steps (columns, 1). The left matrix, taken with its
    // steps, has at least first + rows rows of `inner` numbers, and the right one inner x columns; both
    // lie within their slices as asserted above. `out` is exclusive, so nothing overlaps.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            columns as isize,
            false,
            left.values.as_ptr().offset(first as isize * left_down),
            left_along,
            left_down,
            right.values.as_ptr(),
            right_along,
            right_down,
            0.0,
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
    use proptest::prelude::*;

    use super::*;

    fn matrix(values: &[f32], rows: usize, columns: usize) -> Matrix<'_> {
        Matrix { values, rows, columns }
    }

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| (((i + 1) * (seed * 2 + 7919)) % 199) as f32 / 100.0 - 1.0).collect()
    }

    fn plain(left: &[f32], right: &[f32], rows: usize, inner: usize, columns: usize) -> Vec<f32> {
        let cell = |place: usize| {
            let (row, column) = (place / columns, place % columns);
            (0..inner)
                .map(|k| f64::from(left[row * inner + k]) * f64::from(right[k * columns + column]))
                .sum::<f64>() as f32
        };
        (0..rows * columns).map(cell).collect()
    }

    #[test]
    fn law_threads_change_no_bit() {
        let (rows, inner, columns) = (9_001, 64, 48);
        let (left, right) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
        let gradient = numbers(rows * columns, 3);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (left, right) = (matrix(&left, rows, inner), matrix(&right, inner, columns));
                let gradient = matrix(&gradient, rows, columns);
                let product = multiply(left, Side::Plain, right, Side::Plain);
                (product, Product.backward([left, right], gradient, gradient, [true, true]))
            })
        };
        let one = run(1);
        assert!(rows * inner * columns > PARALLEL_WORK, "large enough to be shared out");
        assert!((2..4).all(|threads| run(threads) == one));
        for (place, expected) in plain(&left, &right, rows, inner, columns).iter().enumerate() {
            assert!((one.0[place] - expected).abs() < 1e-4);
        }
    }

    proptest! {
        #[test]
        fn law_products_are_those_of_the_definition(
            rows in 0_usize..20, inner in 0_usize..20, columns in 1_usize..20, seed in 0_usize..100
        ) {
            let (left, right) = (numbers(rows * inner, seed), numbers(inner * columns, seed + 1));
            let found = Product.forward([matrix(&left, rows, inner), matrix(&right, inner, columns)]);
            for (found, expected) in found.values.iter().zip(plain(&left, &right, rows, inner, columns)) {
                prop_assert!((found - expected).abs() < 1e-4);
            }
            prop_assert_eq!((found.rows, found.columns), (rows, columns));
        }
    }
}
