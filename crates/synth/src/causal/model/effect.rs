//! What setting one column does to another, on average.

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::{Table, TableError};

use super::fit::{FittedCausal, fit};
use super::parameters::{CausalError, CausalParameters};
use super::sample::Intervention;
use crate::Privacy;
use crate::causal::random::{stream, uniform};

/// What is asked for of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The mean of its numbers that are not missing.
    Mean(String),
    /// The share of one of its categories among those that are not missing.
    Share {
        /// Which column.
        column: String,
        /// Which category.
        category: String,
    },
}

impl Outcome {
    /// What is asked for in a table; none where nothing is there.
    ///
    /// # Errors
    /// [`TableError`] where the column, or its category, is none.
    pub fn of(&self, table: &Table) -> Result<Option<f64>, TableError> {
        match self {
            Self::Mean(column) => {
                let values = table.number(column)?;
                let count = values.iter().flatten().count();
                // Shares are summed, not values, so that large ones can't overflow.
                let sum = values.iter().flatten().map(|value| value / count as f64).sum();
                Ok((count > 0).then_some(sum))
            }
            Self::Share { column, category } => {
                let categories = table.schema().column(column)?.kind.categories().unwrap_or_default();
                let Some(wanted) = categories.iter().position(|own| **own == **category) else {
                    return Err(TableError::Kind {
                        column: column.clone(),
                        permitted: "a column of categories, one of which is asked for",
                    });
                };
                let values = table.category(column)?;
                let count = values.iter().flatten().count();
                let with = values.iter().flatten().filter(|&&own| own as usize == wanted).count();
                Ok((count > 0).then(|| with as f64 / count as f64))
            }
        }
    }
}

/// How an effect is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectOptions {
    /// Bootstrap replicates (default 200).
    pub replicates: u32,
    /// People drawn in each world (default 20,000).
    pub rows: usize,
    /// Seed of the bootstrap and of the draws (default 0).
    pub seed: u64,
}

impl Default for EffectOptions {
    fn default() -> Self {
        Self { replicates: 200, rows: 20_000, seed: 0 }
    }
}

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// On all rows.
    pub value: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// The average of an outcome in the world in which `set` holds, less that in the world in which `against` does.
///
/// # Source
/// Pearl, Causality (2nd edition, 2009), section 3.2; Efron and Tibshirani, An Introduction to the Bootstrap (1993),
/// chapter 13 (percentile intervals): rows are drawn again, and the generator fitted again, its graph too if it is learned.
///
/// # Limits
/// As right as the graph. Causes are seen in bins unless numbers follow by lines: what a bin hides stays confounded. Rows
/// are taken as independent.
///
/// # Errors
/// [`CausalError`] where the generator can't be fitted, a column can't be set so, there is no such outcome, or fewer than 40
/// replicates are asked for.
pub fn average_effect(
    table: &Table,
    parameters: &CausalParameters,
    outcome: &Outcome,
    set: &Intervention,
    against: &Intervention,
    options: &EffectOptions,
) -> Result<Figure, CausalError> {
    if options.replicates < 40 {
        return Err(CausalError::Parameter {
            name: "replicates",
            value: f64::from(options.replicates),
            least: 40.0,
            most: f64::from(u32::MAX),
        });
    }
    let difference = |fitted: &FittedCausal, seed: u64| -> Result<f64, CausalError> {
        let world = |one: &Intervention| {
            let found = outcome.of(&fitted.sample_do(options.rows, seed, std::slice::from_ref(one))?)?;
            found.ok_or(CausalError::Rows { rows: 0, least: 1 })
        };
        Ok(world(set)? - world(against)?)
    };
    let value = difference(&fit(table, parameters, Privacy::None, options.seed)?, options.seed)?;
    let replicate = |number: u32| {
        let mut random = stream(options.seed, u64::from(number) + 1);
        let rows: Vec<usize> = (0..table.len()).map(|_| below(&mut random, table.len())).collect();
        // Another seed each, so that the interval knows of the draws too.
        let seed = options.seed.wrapping_add(u64::from(number) + 1);
        difference(&fit(&table.rows_of(&rows), parameters, Privacy::None, seed)?, seed)
    };
    let mut found: Vec<f64> =
        (0..options.replicates).into_par_iter().map(replicate).collect::<Result<_, _>>()?;
    found.sort_unstable_by(f64::total_cmp);
    Ok(Figure { value, lower: quantile(&found, 0.025), upper: quantile(&found, 0.975) })
}

/// A uniform place below `count`.
pub(crate) fn below(random: &mut ChaCha8Rng, count: usize) -> usize {
    ((uniform(random) * count as f64) as usize).min(count.saturating_sub(1))
}

/// Linear interpolation between order statistics (Hyndman and Fan's type 7).
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}
