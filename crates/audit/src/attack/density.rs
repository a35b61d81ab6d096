//! Membership by where the release is denser than people are.

use rayon::prelude::*;
use twinloom_table::{Column, ColumnKind, Table};

use super::distance::{Points, Scales};
use super::error::AttackError;
use super::exposure::{Knowledge, MembershipAttack};

/// The weight that a kernel keeps far away in one column, so that one odd value does not hide the others.
const FLOOR: f64 = 0.01;

/// The log ratio of the synthetic table's density and the reference's at a row.
///
/// Densities are kernel estimates over all columns: a product of a Gaussian per column of numbers (in ranges of the
/// reference, width `width` x deviation x n^(-1/(d+4)), Scott's rule) and of 1 or the floor of 0.01 per column of
/// words, no factor below that floor. A missing value is a word of its own.
///
/// # Source
/// van Breugel, Sun, Qian and van der Schaar, Membership inference attacks against synthetic data through overfitting
/// detection (DOMIAS), AISTATS 2023, equation 2. Kernel: Li and Racine, Nonparametric estimation of distributions with
/// categorical and continuous data, Journal of Multivariate Analysis 86 (2003), with floors in place of
/// Gaussian tails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DensityRatio {
    /// Factor on Scott's width; above 0. Narrow kernels find copies, wide ones a shift of many rows.
    pub width: f64,
}

impl Default for DensityRatio {
    fn default() -> Self {
        Self { width: 0.5 }
    }
}

impl MembershipAttack for DensityRatio {
    fn name(&self) -> &'static str {
        "density ratio (DOMIAS, kernel estimate)"
    }

    fn scores(&self, targets: &Table, knowledge: Knowledge<'_>) -> Result<Vec<f64>, AttackError> {
        if !(self.width.is_finite() && self.width > 0.0) {
            let permitted = "above 0, finite";
            return Err(AttackError::Range { what: "the kernel's width", value: self.width, permitted });
        }
        let scales = Scales::of(knowledge.reference);
        let widths = self.widths(knowledge.reference, &scales);
        let points = |table: &Table| {
            let mut points = scales.points(table);
            for (column, width) in points.columns.iter_mut().zip(&widths) {
                for value in column {
                    *value /= width;
                }
            }
            points
        };
        let targets = points(targets);
        let synthetic = log_densities(&targets, &points(knowledge.synthetic));
        let reference = log_densities(&targets, &points(knowledge.reference));
        Ok(synthetic.into_iter().zip(reference).map(|(synthetic, reference)| synthetic - reference).collect())
    }
}

impl DensityRatio {
    /// Widths in ranges of the reference; words lie many widths apart.
    fn widths(self, reference: &Table, scales: &Scales) -> Vec<f32> {
        let kinds = reference.schema().columns().iter().map(|column| &column.kind);
        let numbers = kinds.clone().filter(|kind| kind.is_numeric()).count();
        let shrink = (reference.len() as f64).powf(-1.0 / (numbers as f64 + 4.0));
        let points = scales.points(reference);
        kinds
            .zip(reference.columns().iter().zip(&points.columns))
            .map(|(kind, (column, values))| {
                if matches!(kind, ColumnKind::Category { .. }) {
                    return 1e-3;
                }
                let present: Vec<f64> = match column {
                    Column::Number(own) => {
                        let both = own.iter().zip(values);
                        both.filter(|(own, _)| own.is_some()).map(|(_, value)| f64::from(*value)).collect()
                    }
                    Column::Category(_) => Vec::new(),
                };
                let count = present.len().max(1) as f64;
                let mean = present.iter().sum::<f64>() / count;
                let variance = present.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
                (self.width * variance.sqrt() * shrink).max(1e-4) as f32
            })
            .collect()
    }
}

/// The log of the mean kernel of each query over all rows.
fn log_densities(queries: &Points, among: &Points) -> Vec<f64> {
    let greatest = -FLOOR.ln() as f32;
    (0..queries.rows)
        .into_par_iter()
        .map_init(
            || vec![0.0_f32; among.rows],
            |sums, query| {
                sums.fill(0.0);
                for (own, column) in queries.row(query).into_iter().zip(&among.columns) {
                    for (sum, &other) in sums.iter_mut().zip(column) {
                        let half = 0.5 * (own - other) * (own - other);
                        *sum += if half < greatest { half } else { greatest };
                    }
                }
                let least = sums.iter().copied().fold(f32::INFINITY, f32::min);
                let total: f64 = sums.iter().map(|sum| f64::from((least - sum).exp())).sum();
                (total / among.rows as f64).ln() - f64::from(least)
            },
        )
        .collect()
}
