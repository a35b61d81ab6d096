//! How well a column's causes explain it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_table::{Table, TableError};

use super::independence::complete;
use super::levels::Levels;
use super::linear::Moments;

/// A score of graphs that is a sum over columns, and the same for graphs that imply the same independences.
pub trait Score: Sync {
    /// The columns, which are named by their places.
    fn columns(&self) -> &[Arc<str>];

    /// A column's share of the score with these causes, in ascending order; minus infinity where it can't have them.
    fn local(&self, column: usize, causes: &[usize]) -> f64;
}

/// How counts are scored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountScoreKind {
    /// Log likelihood less half the parameters times the log of the rows.
    ///
    /// # Source
    /// Schwarz, Annals of Statistics 6 (1978); Chickering, JMLR 3 (2002), section 2.3.
    Bic,
    /// Log chance of the data, a Dirichlet prior on each row of each table, of so many rows in all and the same for all
    /// graphs of a class.
    ///
    /// # Source
    /// Heckerman, Geiger and Chickering, Machine Learning 20 (1995), equation 28 with the uniform prior of equation 29.
    Bdeu {
        /// How many rows the prior is worth.
        equivalent_rows: f64,
    },
}

/// Scores by counts of levels.
#[derive(Clone, Debug)]
pub struct CountScore<'a> {
    levels: &'a Levels,
    kind: CountScoreKind,
    most_cells: usize,
}

impl<'a> CountScore<'a> {
    /// Takes the levels and what to score them by; a table of a column and its causes may have a million cells.
    pub fn new(levels: &'a Levels, kind: CountScoreKind) -> Self {
        Self { levels, kind, most_cells: 1_000_000 }
    }

    /// The same with another limit of cells.
    #[must_use]
    pub fn most_cells(self, most_cells: usize) -> Self {
        Self { most_cells, ..self }
    }
}

impl Score for CountScore<'_> {
    fn columns(&self) -> &[Arc<str>] {
        self.levels.columns()
    }

    fn local(&self, column: usize, causes: &[usize]) -> f64 {
        let high = self.levels.size(column);
        let sizes = causes.iter().map(|&cause| self.levels.size(cause));
        let Some(wide) = sizes.clone().try_fold(1_usize, usize::checked_mul) else {
            return f64::NEG_INFINITY;
        };
        if wide.checked_mul(high).is_none_or(|cells| cells > self.most_cells) {
            return f64::NEG_INFINITY;
        }
        let (strata, count) = self.levels.combined(causes);
        let mut counts = vec![0_u32; count * high];
        for (&stratum, &code) in strata.iter().zip(self.levels.codes(column)) {
            counts[stratum as usize * high + code as usize] += 1;
        }
        let tables = counts.chunks_exact(high);
        match self.kind {
            CountScoreKind::Bic => {
                let penalty = 0.5 * (self.levels.rows() as f64).ln() * (wide * (high - 1)) as f64;
                log_likelihood(tables.flatten().map(|&seen| f64::from(seen)), high) - penalty
            }
            CountScoreKind::Bdeu { equivalent_rows } => {
                let per_stratum = equivalent_rows / wide as f64;
                let per_cell = per_stratum / high as f64;
                let stratum = |table: &[u32]| {
                    let all: u32 = table.iter().sum();
                    let cells = table.iter().filter(|&&seen| seen > 0);
                    let cells =
                        cells.map(|&seen| libm::lgamma(per_cell + f64::from(seen)) - libm::lgamma(per_cell));
                    cells.sum::<f64>() + libm::lgamma(per_stratum)
                        - libm::lgamma(per_stratum + f64::from(all))
                };
                tables.map(stratum).sum()
            }
        }
    }
}

/// The log likelihood of counts, `high` of each stratum in turn, at their own shares.
pub(crate) fn log_likelihood(counts: impl Iterator<Item = f64>, high: usize) -> f64 {
    let term = |seen: f64| if seen > 0.0 { seen * seen.ln() } else { 0.0 };
    let (mut sum, mut all, mut place) = (0.0, 0.0, 0);
    for seen in counts {
        sum += term(seen);
        all += seen;
        place += 1;
        if place == high {
            sum -= term(all);
            (all, place) = (0.0, 0);
        }
    }
    sum
}

/// Scores columns of numbers by the Gaussian likelihood of a linear model, rows without a missing value only.
///
/// # Source
/// Geiger and Heckerman, Learning Gaussian networks, UAI 1994, for the model; Schwarz 1978 for the penalty.
#[derive(Clone, Debug)]
pub struct GaussianScore {
    columns: Vec<Arc<str>>,
    moments: Moments,
}

impl GaussianScore {
    /// Takes a table, all of whose columns are of numbers.
    ///
    /// # Errors
    /// [`TableError::Kind`] at a column that is not, and [`TableError::NoSuchRow`] with fewer than 4 rows without a missing
    /// value.
    pub fn new(table: &Table) -> Result<Self, TableError> {
        let (columns, values) = complete(table)?;
        Ok(Self { columns, moments: Moments::of(&values) })
    }
}

impl Score for GaussianScore {
    fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    fn local(&self, column: usize, causes: &[usize]) -> f64 {
        let all = self.moments.covariances[column][column];
        // A column that never varies is explained already.
        if all <= 0.0 {
            return if causes.is_empty() { 0.0 } else { f64::NEG_INFINITY };
        }
        let rows = self.moments.rows as f64;
        match self.moments.residual_variance(column, causes) {
            // One that others settle would have no bound.
            Some(variance) => {
                let share = (variance / all).max(1e-12);
                -0.5 * rows * share.ln() - 0.5 * rows.ln() * (causes.len() as f64 + 1.0)
            }
            None => f64::NEG_INFINITY,
        }
    }
}
