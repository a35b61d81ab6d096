//! A Gaussian copula: each column's own distribution, and correlations of normal scores between them.

mod matrix;

use libm::erfc;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_privacy::{Access, BudgetError, GaussianMechanism, LedgerError, MechanismError, Rho};
use twinloom_table::Table;

use self::matrix::{cholesky, nearest_correlation};
use crate::Privacy;
use crate::binning::{Binning, BinningError, BinningParameters, Repairs};

/// How a copula is fitted.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `binning` | 32 intervals | codes of numbers | as there |
/// | `binning_share` | 0.1 | share of a claim's budget that finds cut points of numbers | above 0, below 1 |
/// | `margin_share` | 0.5 | share of what is left then that each column's counts take; correlations take the rest | above 0, below 1 |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CopulaParameters {
    /// Codes of numbers.
    pub binning: BinningParameters,
    /// Share of a claim's budget that finds cut points.
    pub binning_share: f64,
    /// Share of the rest that counts columns.
    pub margin_share: f64,
}

impl Default for CopulaParameters {
    fn default() -> Self {
        Self { binning: BinningParameters::default(), binning_share: 0.1, margin_share: 0.5 }
    }
}

/// A fitted copula.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCopula {
    parameters: CopulaParameters,
    binning: Binning,
    /// Share of each code of each column, in order of what the code stands for.
    shares: Vec<Vec<f64>>,
    /// Codes of each column from the least to the greatest; missing ones first.
    orders: Vec<Vec<u32>>,
    /// Lower triangle of the correlations' square root, row by row.
    root: Vec<Vec<f64>>,
}

/// Normal scores beyond this are taken for it, which bounds what one row does to a product of two.
const MOST_SCORE: f64 = 2.5;

/// Fits to a table, one row a person.
///
/// Columns of words take part by the order of their categories, which tells little of words that have none.
///
/// # Source
/// Nelsen, An Introduction to Copulas (2nd edition, 2006), section 2.10, with normal scores of the middle ranks of codes.
/// Under a claim: noisy counts of each column and noisy sums of products of scores clipped at 2.5, as Li, Xiong and Jiang,
/// DPCopula (EDBT 2014), in spirit, with the zero-concentrated Gaussian mechanism; the nearest correlation matrix by Higham
/// (IMA Journal of Numerical Analysis 2002), algorithm 3.3.
///
/// # Errors
/// [`CopulaError`] before anything is spent where a parameter is out of range, the table has no row, a column has no value
/// or only what a private fit may not use; and where the claim leaves no budget.
pub fn fit(
    table: &Table,
    parameters: &CopulaParameters,
    mut privacy: Privacy<'_>,
) -> Result<FittedCopula, CopulaError> {
    for (name, value) in
        [("binning_share", parameters.binning_share), ("margin_share", parameters.margin_share)]
    {
        if !(value > 0.0 && value < 1.0) {
            return Err(CopulaError::Parameter { name, value, permitted: "above 0, below 1" });
        }
    }
    if table.is_empty() {
        return Err(CopulaError::NoRow);
    }
    let binning = match &privacy {
        Privacy::None => Binning::fitted(table, &parameters.binning)?,
        Privacy::Private { .. } => {
            Binning::paid(table, &parameters.binning, privacy.reborrow(), parameters.binning_share)?
        }
    };
    let codes = binning.codes(table)?;
    let sizes = binning.sizes();
    let orders: Vec<Vec<u32>> =
        (0..sizes.len()).map(|column| in_order(&binning, column, sizes[column])).collect();
    let budget = if privacy.is_private() {
        Some(privacy.remaining().ok_or(CopulaError::NothingLeft)?.get())
    } else {
        None
    };
    let counts: Vec<Vec<f64>> = codes
        .iter()
        .zip(&sizes)
        .map(|(codes, size)| {
            let mut counts = vec![0.0; *size];
            for code in codes {
                counts[*code as usize] += 1.0;
            }
            counts
        })
        .collect();
    let counts = match budget {
        None => counts,
        Some(rho) => {
            // A row more or less changes one count of each column by one.
            let sensitivity = (sizes.len() as f64).sqrt();
            let note = format!("counts of each of {} columns", sizes.len());
            noisy(&counts, sensitivity, rho * parameters.margin_share, Access::Marginals, note, &mut privacy)?
        }
    };
    let shares: Vec<Vec<f64>> = counts.iter().map(|counts| shares(counts)).collect();
    let scores: Vec<Vec<f64>> =
        orders.iter().zip(&shares).map(|(order, shares)| normal_scores(order, shares)).collect();
    let columns = sizes.len();
    let products = |one: usize| -> Vec<f64> {
        (0..one)
            .map(|other| {
                let rows = codes[one].iter().zip(&codes[other]);
                rows.map(|(a, b)| scores[one][*a as usize] * scores[other][*b as usize]).sum()
            })
            .collect()
    };
    let products: Vec<Vec<f64>> = (0..columns).into_par_iter().map(products).collect();
    let pairs = columns * (columns - 1) / 2;
    let products = match budget {
        None => products,
        Some(_) if pairs == 0 => products,
        Some(rho) => {
            // Each of the pairs' sums changes by a product of two scores at most.
            let sensitivity = MOST_SCORE * MOST_SCORE * (pairs as f64).sqrt();
            let note = format!("sums of products of scores of {pairs} pairs of columns");
            let rho = rho * (1.0 - parameters.margin_share);
            noisy(&products, sensitivity, rho, Access::Structure, note, &mut privacy)?
        }
    };
    // Rows and the scores' own spread are known from the shares.
    let rows = counts.iter().map(|counts| counts.iter().sum::<f64>()).sum::<f64>() / columns as f64;
    let spread: Vec<f64> = scores
        .iter()
        .zip(&shares)
        .map(|(scores, shares)| {
            scores.iter().zip(shares).map(|(score, share)| share * score * score).sum::<f64>().sqrt()
        })
        .collect();
    let mut correlations = vec![vec![0.0; columns]; columns];
    for one in 0..columns {
        correlations[one][one] = 1.0;
        for other in 0..one {
            let scale = rows.max(1.0) * spread[one] * spread[other];
            let found = if scale > 0.0 { (products[one][other] / scale).clamp(-1.0, 1.0) } else { 0.0 };
            (correlations[one][other], correlations[other][one]) = (found, found);
        }
    }
    let root = cholesky(&nearest_correlation(&correlations));
    Ok(FittedCopula { parameters: *parameters, binning, shares, orders, root })
}

/// Adds noise for a cost of rho.
fn noisy(
    values: &[Vec<f64>],
    sensitivity: f64,
    rho: f64,
    purpose: Access,
    note: String,
    privacy: &mut Privacy<'_>,
) -> Result<Vec<Vec<f64>>, CopulaError> {
    let mechanism = GaussianMechanism::for_rho(sensitivity, Rho::new(rho)?)?;
    let Some(noise) = privacy.spend(purpose, mechanism.rho()?, note)? else { return Ok(values.to_vec()) };
    let flat: Vec<f64> = values.iter().flatten().copied().collect();
    let mut released = mechanism.release(&flat, noise)?.into_iter();
    Ok(values.iter().map(|own| released.by_ref().take(own.len()).collect()).collect())
}

/// A column's codes from the least to the greatest, missing ones first.
fn in_order(binning: &Binning, column: usize, size: usize) -> Vec<u32> {
    let bins = &binning.columns()[column];
    let mut order: Vec<u32> = (0..bins.count() as u32).collect();
    order.sort_by(|one, other| bins.middle(*one).total_cmp(&bins.middle(*other)));
    if size > bins.count() {
        order.insert(0, bins.count() as u32);
    }
    order
}

fn shares(counts: &[f64]) -> Vec<f64> {
    let kept: Vec<f64> = counts.iter().map(|count| count.max(0.0)).collect();
    let sum: f64 = kept.iter().sum();
    if sum > 0.0 {
        kept.into_iter().map(|count| count / sum).collect()
    } else {
        vec![1.0 / counts.len() as f64; counts.len()]
    }
}

/// The normal score of each code's middle rank.
fn normal_scores(order: &[u32], shares: &[f64]) -> Vec<f64> {
    let mut scores = vec![0.0; shares.len()];
    let mut below = 0.0;
    for code in order {
        let share = shares[*code as usize];
        scores[*code as usize] = quantile(below + share / 2.0).clamp(-MOST_SCORE, MOST_SCORE);
        below += share;
    }
    scores
}

/// The standard normal distribution.
fn distribution(value: f64) -> f64 {
    0.5 * erfc(-value / std::f64::consts::SQRT_2)
}

/// The standard normal quantile, by bisection: what lies beyond 10 standard deviations is taken for 10.
fn quantile(share: f64) -> f64 {
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if distribution(middle) < share { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// A standard normal number, by Box and Muller 1958.
fn normal(rng: &mut impl Rng) -> f64 {
    let (one, other): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
}

/// Rows that one stream draws.
const CHUNK: usize = 4_096;

impl FittedCopula {
    /// How it was fitted.
    pub fn parameters(&self) -> &CopulaParameters {
        &self.parameters
    }

    /// The codes of its columns.
    pub fn binning(&self) -> &Binning {
        &self.binning
    }

    /// Draws rows, the same for a seed whatever the number of threads, and says how many had to be mended to keep the
    /// schema's constraints.
    ///
    /// # Errors
    /// [`CopulaError::Binning`] where the model, read from a file, does not fit its bins.
    pub fn sample(&self, rows: usize, seed: u64) -> Result<(Table, Repairs), CopulaError> {
        let columns = self.shares.len();
        let sizes = self.binning.sizes();
        let fits = self.orders.len() == columns
            && self.root.len() == columns
            && sizes.len() == columns
            && self.orders.iter().zip(&self.shares).all(|(order, shares)| {
                order.len() == shares.len() && order.iter().all(|code| (*code as usize) < shares.len())
            })
            && self.root.iter().enumerate().all(|(place, row)| row.len() > place);
        if !fits {
            return Err(BinningError::Codes.into());
        }
        // Scores up to which each code reaches, in order.
        let limits: Vec<Vec<f64>> = self
            .orders
            .iter()
            .zip(&self.shares)
            .map(|(order, shares)| {
                let mut below = 0.0;
                order
                    .iter()
                    .map(|code| {
                        below += shares[*code as usize];
                        quantile(below)
                    })
                    .collect()
            })
            .collect();
        let chunk = |first: usize| -> Vec<u32> {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream((1 << 42) | first as u64);
            let mut codes = Vec::with_capacity(CHUNK.min(rows - first) * columns);
            let mut drawn = vec![0.0; columns];
            for _ in first..(first + CHUNK).min(rows) {
                drawn.fill_with(|| normal(&mut rng));
                for ((root, limits), order) in self.root.iter().zip(&limits).zip(&self.orders) {
                    let score: f64 = root.iter().zip(&drawn).map(|(root, own)| root * own).sum();
                    let place = limits.partition_point(|limit| *limit < score);
                    codes.push(order[place.min(order.len() - 1)]);
                }
            }
            codes
        };
        let firsts: Vec<usize> = (0..rows).step_by(CHUNK).collect();
        let parts: Vec<Vec<u32>> = firsts.into_par_iter().map(chunk).collect();
        let codes: Vec<Vec<u32>> = (0..columns)
            .map(|column| {
                parts.iter().flat_map(|part| part.iter().skip(column).step_by(columns).copied()).collect()
            })
            .collect();
        Ok(self.binning.decode(&codes, seed)?)
    }
}

/// Why a copula can't be fitted or drawn from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CopulaError {
    /// A parameter out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// Nothing to learn from.
    #[error("the table has no row; permitted: 1 or more")]
    NoRow,
    /// The claim is used up.
    #[error("the claim leaves no budget to fit with")]
    NothingLeft,
    /// Columns that can't be binned.
    #[error(transparent)]
    Binning(#[from] BinningError),
    /// A budget out of range.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Noise can't be drawn.
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
}

#[cfg(test)]
mod tests {
    use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
    use twinloom_table::{InferParameters, Rows, infer};

    use super::*;
    use crate::binning::declare;

    fn correlation(table: &Table) -> f64 {
        let (one, other) = (table.number("one").unwrap(), table.number("other").unwrap());
        let pairs: Vec<(f64, f64)> =
            one.iter().zip(other).filter_map(|(one, other)| Some(((*one)?, (*other)?))).collect();
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
        let (first, second) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
        let joint = mean(&|pair| (pair.0 - first) * (pair.1 - second));
        joint / (mean(&|pair| (pair.0 - first).powi(2)) * mean(&|pair| (pair.1 - second).powi(2))).sqrt()
    }

    #[test]
    fn law_a_correlation_of_normal_numbers_is_kept() {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let rows: Vec<[String; 3]> = (0..8_000)
            .map(|_| {
                let (one, other) = (normal(&mut rng), normal(&mut rng));
                let word = if normal(&mut rng) + one > 0.0 { "high" } else { "low" };
                [format!("{one:.4}"), format!("{:.4}", 0.6 * one + 0.8 * other), word.to_owned()]
            })
            .collect();
        let rows = Rows::new(&["one", "other", "word"], rows.iter().map(|row| row.iter())).unwrap();
        let schema = declare(&infer(&rows, &InferParameters::default()).unwrap());
        let real = Table::read(&schema, &rows).unwrap();
        let open = fit(&real, &CopulaParameters::default(), Privacy::None).unwrap();
        let mut ledger = Ledger::new(Claim {
            epsilon: Epsilon::new(2.0).unwrap(),
            delta: Delta::new(1e-6).unwrap(),
            adjacency: Adjacency::AddRemove,
            unit: PrivacyUnit::Subject,
        });
        let mut noise = NoiseSource::from_entropy().unwrap();
        let parameters = CopulaParameters {
            binning: BinningParameters { bins: 16, ..Default::default() },
            ..Default::default()
        };
        let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
        let private = fit(&real, &parameters, privacy).unwrap();
        assert!(ledger.certify().unwrap().bound().epsilon > 1.9);
        // Standard error of a correlation of 8,000 pairs: 0.007; intervals of numbers take some of it.
        for (fitted, tolerance) in [(open, 0.05), (private, 0.12)] {
            let (made, _) = fitted.sample(8_000, 3).unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            assert_eq!(made, pool.install(|| fitted.sample(8_000, 3).unwrap().0));
            assert!((correlation(&made) - correlation(&real)).abs() < tolerance, "{}", correlation(&made));
        }
    }

    #[test]
    fn ref_quantiles_of_the_tables() {
        for (share, expected) in [(0.5, 0.0), (0.975, 1.959_964), (0.01, -2.326_348)] {
            assert!((quantile(share) - expected).abs() < 1e-6);
        }
    }
}
