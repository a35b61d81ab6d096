//! The innermost loops, compiled for each set of instructions that the processor may have.
//!
//! All of them round each product and each sum alike and add in the same order, so that a result is the
//! same bit for bit whatever the processor and the number of threads.

use rayon::prelude::*;

/// Returns the first or the second call's result where the processor has 512 or 256 bits.
macro_rules! widest {
    ($wide:expr, $half:expr) => {
        #[cfg(target_arch = "x86_64")]
        {
            #[expect(unsafe_code, reason = "the processor was asked for the instructions")]
            if std::is_x86_feature_detected!("avx512f") {
                // SAFETY: the processor has the instructions.
                return unsafe { $wide };
            } else if std::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has the instructions.
                return unsafe { $half };
            }
        }
    };
}

/// Multiply-adds below which a second thread costs more than it brings.
const PARALLEL_WORK: usize = 1 << 19;

/// Entries per parallel task, so that tasks are alike in work and independent of the thread count.
const ENTRIES_PER_TASK: usize = 1 << 13;

/// Edges per parallel task.
const EDGES_PER_TASK: usize = 1 << 12;

/// Rows of other rows' weighted sums: of each row, which rows it takes and how much each weighs.
#[derive(Clone, Copy)]
pub(crate) struct WeightedRows<'a> {
    /// Of each row its first entry, then the number of entries.
    pub(crate) offsets: &'a [usize],
    /// Of each entry the row it takes.
    pub(crate) indices: &'a [u32],
    /// Of each entry a weight per head.
    pub(crate) weights: &'a [f32],
    pub(crate) heads: usize,
}

impl WeightedRows<'_> {
    /// The sums.
    ///
    /// # Shapes
    /// dense `[taken rows, width]`, `heads` parts of it side by side -> `[rows, width]`
    pub(crate) fn sums(self, dense: &[f32], width: usize) -> Vec<f32> {
        let rows = self.offsets.len() - 1;
        let mut sums = vec![0.0; rows * width];
        if sums.is_empty() || self.heads == 0 {
            return sums;
        }
        if self.indices.len() * width < PARALLEL_WORK {
            self.fill(dense, width, 0, &mut sums);
            return sums;
        }
        let mut tasks = Vec::new();
        let mut rest = sums.as_mut_slice();
        let mut first = 0;
        while first < rows {
            let goal = self.offsets[first] + ENTRIES_PER_TASK;
            let last = self.offsets.partition_point(|&offset| offset < goal).clamp(first + 1, rows);
            let (own, others) = rest.split_at_mut((last - first) * width);
            tasks.push((first, own));
            rest = others;
            first = last;
        }
        tasks.into_par_iter().for_each(|(first, own)| self.fill(dense, width, first, own));
        sums
    }

    /// Rows of the sums from `first` on.
    fn fill(self, dense: &[f32], width: usize, first: usize, sums: &mut [f32]) {
        widest!(self.fill_512(dense, width, first, sums), self.fill_256(dense, width, first, sums));
        self.fill_plain(dense, width, first, sums);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn fill_512(self, dense: &[f32], width: usize, first: usize, sums: &mut [f32]) {
        self.fill_plain(dense, width, first, sums);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn fill_256(self, dense: &[f32], width: usize, first: usize, sums: &mut [f32]) {
        self.fill_plain(dense, width, first, sums);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled anew for each set of instructions")]
    fn fill_plain(self, dense: &[f32], width: usize, first: usize, sums: &mut [f32]) {
        let part = width / self.heads;
        for (row, sums) in (first..).zip(sums.chunks_exact_mut(width)) {
            let entries = self.offsets[row]..self.offsets[row + 1];
            for head in 0..self.heads {
                let (mut from, end) = (head * part, (head + 1) * part);
                while from < end {
                    let entries = entries.clone();
                    from += match end - from {
                        64.. => self.columns::<64>(entries, head, dense, width, from, sums),
                        16.. => self.columns::<16>(entries, head, dense, width, from, sums),
                        4.. => self.columns::<4>(entries, head, dense, width, from, sums),
                        _ => self.columns::<1>(entries, head, dense, width, from, sums),
                    };
                }
            }
        }
    }

    /// Some columns of one row, summed in registers; gives their number.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled anew for each set of instructions")]
    fn columns<const COLUMNS: usize>(
        self,
        entries: std::ops::Range<usize>,
        head: usize,
        dense: &[f32],
        width: usize,
        from: usize,
        sums: &mut [f32],
    ) -> usize {
        let mut own = [0.0_f32; COLUMNS];
        for entry in entries {
            let weight = self.weights[entry * self.heads + head];
            let start = self.indices[entry] as usize * width + from;
            for (sum, x) in own.iter_mut().zip(&dense[start..start + COLUMNS]) {
                *sum += weight * x;
            }
        }
        sums[from..from + COLUMNS].copy_from_slice(&own);
        COLUMNS
    }
}

/// Inner products of the rows at both ends of each edge, head by head.
#[derive(Clone, Copy)]
pub(crate) struct EndProducts<'a> {
    pub(crate) source_of: &'a [u32],
    pub(crate) target_of: &'a [u32],
    pub(crate) heads: usize,
}

impl EndProducts<'_> {
    /// The products.
    ///
    /// # Shapes
    /// `[sources, width]`, `[targets, width] -> [edges, heads]`
    pub(crate) fn of(self, sources: &[f32], targets: &[f32], width: usize) -> Vec<f32> {
        let mut products = vec![0.0; self.source_of.len() * self.heads];
        if products.is_empty() {
            return products;
        }
        let fill = |(task, own): (usize, &mut [f32])| {
            self.fill(sources, targets, width, task * EDGES_PER_TASK, own);
        };
        products.par_chunks_mut(EDGES_PER_TASK * self.heads).enumerate().for_each(fill);
        products
    }

    fn fill(self, sources: &[f32], targets: &[f32], width: usize, first: usize, products: &mut [f32]) {
        widest!(
            self.fill_512(sources, targets, width, first, products),
            self.fill_256(sources, targets, width, first, products)
        );
        self.fill_plain(sources, targets, width, first, products);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn fill_512(self, sources: &[f32], targets: &[f32], width: usize, first: usize, products: &mut [f32]) {
        self.fill_plain(sources, targets, width, first, products);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn fill_256(self, sources: &[f32], targets: &[f32], width: usize, first: usize, products: &mut [f32]) {
        self.fill_plain(sources, targets, width, first, products);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled anew for each set of instructions")]
    fn fill_plain(self, sources: &[f32], targets: &[f32], width: usize, first: usize, products: &mut [f32]) {
        let part = width / self.heads;
        for (edge, products) in (first..).zip(products.chunks_exact_mut(self.heads)) {
            let source = &sources[self.source_of[edge] as usize * width..][..width];
            let target = &targets[self.target_of[edge] as usize * width..][..width];
            for (head, product) in products.iter_mut().enumerate() {
                let own = head * part..(head + 1) * part;
                *product = dot(&source[own.clone()], &target[own]);
            }
        }
    }
}

/// The inner product, summed in sixteen lanes that a processor can add up at once, then over them in order.
#[inline(always)]
pub(crate) fn dot(one: &[f32], other: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut lanes = [0.0_f32; LANES];
    let (ones, others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let rest: f32 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (one, other) in ones.zip(others) {
        for ((lane, a), b) in lanes.iter_mut().zip(one).zip(other) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::numbers;

    #[test]
    fn law_every_set_of_instructions_gives_the_same_bits() {
        let offsets = [0, 3, 3, 5];
        let (indices, weights) = ([2, 0, 1, 3, 0], numbers(10, 1));
        let rows = WeightedRows { offsets: &offsets, indices: &indices, weights: &weights, heads: 2 };
        let ends = EndProducts { source_of: &indices, target_of: &[0, 1, 1, 2, 3], heads: 2 };
        // Widths of all remainders of 64, 16 and 4 a head.
        for part in [1, 3, 5, 17, 64, 91] {
            let width = 2 * part;
            let (dense, other) = (numbers(4 * width, 2), numbers(4 * width, 3));
            let mut plain = vec![0.0; 3 * width];
            rows.fill_plain(&dense, width, 0, &mut plain);
            assert_eq!(rows.sums(&dense, width), plain);
            let mut plain = vec![0.0; 10];
            ends.fill_plain(&dense, &other, width, 0, &mut plain);
            assert_eq!(ends.of(&dense, &other, width), plain);
        }
    }
}
