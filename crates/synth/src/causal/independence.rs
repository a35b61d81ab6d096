//! Tests of conditional independence.

use std::f64::consts::{LN_2, PI, SQRT_2};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_table::{Table, TableError};

use super::dag::Dag;
use super::levels::Levels;
use super::linear::{Moments, solve};

/// What tells whether two columns are independent given others.
pub trait Independence: Sync {
    /// The columns, which are named by their places.
    fn columns(&self) -> &[Arc<str>];

    /// The chance of a dependence at least as great as the one seen if there were none; none where the data can't tell.
    fn p_value(&self, one: usize, other: usize, given: &[usize]) -> Option<f64>;
}

/// A graph that is known: its independences are 1, all else 0.
impl Independence for Dag {
    fn columns(&self) -> &[Arc<str>] {
        self.columns()
    }

    fn p_value(&self, one: usize, other: usize, given: &[usize]) -> Option<f64> {
        Some(f64::from(u8::from(self.separated(one, other, given))))
    }
}

/// How counts are held against independence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    /// Twice the log of the likelihood ratio.
    #[default]
    GSquare,
    /// Pearson's chi-square.
    ChiSquare,
}

/// Tests by counts of levels.
///
/// # Source
/// Agresti, Categorical Data Analysis (2002), section 3.2.1. Degrees of freedom count only rows and columns of a stratum
/// that occur (Spirtes, Glymour and Scheines, Causation, Prediction, and Search, 2000, section 5.5). With fewer rows per
/// degree of freedom than asked for, or where what is given leaves nothing to vary, no test is made (Tsamardinos, Brown
/// and Aliferis, Machine Learning 65, 2006, section 4).
#[derive(Clone, Debug)]
pub struct CountTest<'a> {
    levels: &'a Levels,
    statistic: Statistic,
    rows_per_degree: f64,
}

impl<'a> CountTest<'a> {
    /// Takes the levels and the statistic; 5 rows per degree of freedom are asked for.
    pub fn new(levels: &'a Levels, statistic: Statistic) -> Self {
        Self { levels, statistic, rows_per_degree: 5.0 }
    }

    /// The statistic and its degrees of freedom; none where the data are too few.
    pub(crate) fn statistic(&self, one: usize, other: usize, given: &[usize]) -> Option<(f64, usize)> {
        let (strata, count) = self.levels.combined(given);
        let (wide, high) = (self.levels.size(one), self.levels.size(other));
        let full = count.saturating_mul(wide.saturating_sub(1)).saturating_mul(high.saturating_sub(1));
        if full == 0 {
            return Some((0.0, 0));
        }
        if (full as f64) * self.rows_per_degree > self.levels.rows() as f64 {
            return None;
        }
        let mut counts = vec![0_u32; count * wide * high];
        let codes = self.levels.codes(one).iter().zip(self.levels.codes(other));
        for (&stratum, (&x, &y)) in strata.iter().zip(codes) {
            counts[(stratum as usize * wide + x as usize) * high + y as usize] += 1;
        }
        let (mut sum, mut degrees) = (0.0, 0);
        let (mut by_x, mut by_y) = (vec![0.0; wide], vec![0.0; high]);
        for table in counts.chunks_exact(wide * high) {
            by_x.fill(0.0);
            by_y.fill(0.0);
            for (x, row) in table.chunks_exact(high).enumerate() {
                for (y, &seen) in row.iter().enumerate() {
                    by_x[x] += f64::from(seen);
                    by_y[y] += f64::from(seen);
                }
            }
            let all: f64 = by_x.iter().sum();
            let occurring = |sums: &[f64]| sums.iter().filter(|&&sum| sum > 0.0).count();
            degrees += occurring(&by_x).saturating_sub(1) * occurring(&by_y).saturating_sub(1);
            for (x, row) in table.chunks_exact(high).enumerate().filter(|(x, _)| by_x[*x] > 0.0) {
                for (y, &seen) in row.iter().enumerate().filter(|(y, _)| by_y[*y] > 0.0) {
                    let (seen, expected) = (f64::from(seen), by_x[x] * by_y[y] / all);
                    sum += match self.statistic {
                        Statistic::GSquare if seen > 0.0 => 2.0 * seen * (seen / expected).ln(),
                        Statistic::GSquare => 0.0,
                        Statistic::ChiSquare => (seen - expected).powi(2) / expected,
                    };
                }
            }
        }
        Some((sum.max(0.0), degrees))
    }
}

impl Independence for CountTest<'_> {
    fn columns(&self) -> &[Arc<str>] {
        self.levels.columns()
    }

    fn p_value(&self, one: usize, other: usize, given: &[usize]) -> Option<f64> {
        match self.statistic(one, other, given)? {
            // A column that never varies depends on nothing; one that what is given settles can't be tested.
            (_, 0) => given.is_empty().then_some(1.0),
            (sum, degrees) => Some(chi_squared_upper(sum, degrees)),
        }
    }
}

/// Tests by partial correlation of columns of numbers, rows without a missing value only.
///
/// # Source
/// Fisher, The distribution of the partial correlation coefficient, Metron 3 (1924); as Kalisch and Bühlmann,
/// JMLR 8 (2007), section 2.4.
///
/// # Limits
/// Sees linear dependence only. Rows that are left out bias what is found unless values are missing completely at
/// random.
#[derive(Clone, Debug)]
pub struct CorrelationTest {
    columns: Vec<Arc<str>>,
    moments: Moments,
}

impl CorrelationTest {
    /// Takes a table, all of whose columns are of numbers.
    ///
    /// # Errors
    /// [`TableError::Kind`] at a column that is not, and [`TableError::NoSuchRow`] with fewer than 4 rows without a missing
    /// value.
    pub fn new(table: &Table) -> Result<Self, TableError> {
        let (columns, values) = complete(table)?;
        Ok(Self { columns, moments: Moments::of(&values) })
    }

    /// How many rows had no missing value.
    pub fn rows(&self) -> usize {
        self.moments.rows
    }
}

/// Names of columns, and their values.
type Named = (Vec<Arc<str>>, Vec<Vec<f64>>);

/// The rows of a table of numbers that have no missing value, by column.
pub(crate) fn complete(table: &Table) -> Result<Named, TableError> {
    let columns: Vec<Arc<str>> =
        table.schema().columns().iter().map(|column| Arc::clone(&column.name)).collect();
    let values: Vec<&[Option<f64>]> =
        columns.iter().map(|column| table.number(column)).collect::<Result<_, _>>()?;
    let rows: Vec<usize> =
        (0..table.len()).filter(|&row| values.iter().all(|values| values[row].is_some())).collect();
    if rows.len() < 4 {
        return Err(TableError::NoSuchRow { row: rows.len(), rows: rows.len() });
    }
    let kept = |values: &&[Option<f64>]| rows.iter().filter_map(|&row| values[row]).collect();
    Ok((columns, values.iter().map(kept).collect()))
}

impl Independence for CorrelationTest {
    fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    fn p_value(&self, one: usize, other: usize, given: &[usize]) -> Option<f64> {
        let covariances = &self.moments.covariances;
        if covariances[one][one] <= 0.0 || covariances[other][other] <= 0.0 {
            return Some(1.0);
        }
        let rows = self.moments.rows as f64 - given.len() as f64 - 3.0;
        if rows < 1.0 {
            return None;
        }
        // Columns that never vary take nothing away.
        let given: Vec<usize> = given.iter().copied().filter(|&at| covariances[at][at] > 0.0).collect();
        let all: Vec<usize> = [one, other].into_iter().chain(given).collect();
        let scale = |at: usize| covariances[at][at].sqrt();
        let correlation = |from: usize, to: usize| covariances[from][to] / (scale(from) * scale(to));
        let matrix: Vec<Vec<f64>> =
            all.iter().map(|&from| all.iter().map(|&to| correlation(from, to)).collect()).collect();
        let unit = |at: usize| vec![f64::from(u8::from(at == 0)), f64::from(u8::from(at == 1))];
        let inverse = solve(matrix, (0..all.len()).map(unit).collect())?;
        let spread = inverse[0][0] * inverse[1][1];
        if spread <= 0.0 {
            return None;
        }
        let partial = (-inverse[0][1] / spread.sqrt()).clamp(-1.0 + 1e-12, 1.0 - 1e-12);
        let z = rows.sqrt() * 0.5 * ((1.0 + partial) / (1.0 - partial)).ln();
        Some(libm::erfc(z.abs() / SQRT_2))
    }
}

/// The chance that a chi-squared variable exceeds `x`.
///
/// # Source
/// Abramowitz and Stegun 26.4.4 and 26.4.5: one more pair of degrees adds one positive term.
pub(crate) fn chi_squared_upper(x: f64, degrees: usize) -> f64 {
    if degrees == 0 || x <= 0.0 {
        return 1.0;
    }
    let (half, odd) = (x / 2.0, degrees % 2 == 1);
    let mut area = if odd { libm::erfc(half.sqrt()) } else { 0.0 };
    // Each term in logarithms, since exp(-x/2) alone vanishes where the sum does not.
    let offset = if odd { 0.5 } else { 0.0 };
    let mut log_term = if odd { half.sqrt().ln() + LN_2 - PI.sqrt().ln() - half } else { -half };
    for step in 0..degrees / 2 {
        area += log_term.exp();
        log_term += half.ln() - (step as f64 + 1.0 + offset).ln();
    }
    area.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_chi_squared_tails_against_scipy() {
        // scipy 1.17.1: chi2.sf(x, degrees).
        for (x, degrees, p) in [
            (3.84, 1, 0.050_043_521_248_705_19),
            (5.0, 2, 0.082_084_998_623_898_8),
            (12.3, 5, 0.030_900_464_635_460_92),
            (2000.0, 2000, 0.495_794_755_819_784_5),
        ] {
            assert!((chi_squared_upper(x, degrees) - p).abs() < 1e-12, "{x} {degrees}");
        }
    }

    /// Two words and what they are given: 2 x 2 counts in two strata.
    fn counted(strata: &[[[usize; 2]; 2]]) -> Levels {
        let (mut x, mut y, mut z) = (vec![], vec![], vec![]);
        for (stratum, table) in (0..).zip(strata) {
            for (one, row) in (0..).zip(table) {
                for (other, &count) in (0..).zip(row) {
                    x.extend(std::iter::repeat_n(one, count));
                    y.extend(std::iter::repeat_n(other, count));
                    z.extend(std::iter::repeat_n(stratum, count));
                }
            }
        }
        Levels::of_codes(vec!["x".into(), "y".into(), "z".into()], vec![x, y, z])
    }

    #[test]
    fn ref_statistics_of_counts() {
        // Pearson: n (ad - bc)^2 / (margins): 100 (20 * 40 - 30 * 10)^2 / (50 * 50 * 30 * 70).
        let levels = counted(&[[[20, 30], [10, 40]]]);
        let pearson = CountTest::new(&levels, Statistic::ChiSquare).statistic(0, 1, &[]).unwrap();
        assert!((pearson.0 - 100.0 * 500.0_f64.powi(2) / (50.0 * 50.0 * 30.0 * 70.0)).abs() < 1e-10);
        assert_eq!(pearson.1, 1);
        // Twice the sum of seen times log(seen / expected), by hand.
        let by_hand = 2.0
            * (20.0 * (20.0_f64 / 15.0).ln()
                + 30.0 * (30.0_f64 / 35.0).ln()
                + 10.0 * (10.0_f64 / 15.0).ln()
                + 40.0 * (40.0_f64 / 35.0).ln());
        let g = CountTest::new(&levels, Statistic::GSquare).statistic(0, 1, &[]).unwrap();
        assert!((g.0 - by_hand).abs() < 1e-10);
        // A stratum in which one column does not vary has no degree of freedom.
        let levels = counted(&[[[20, 30], [10, 40]], [[30, 0], [20, 0]]]);
        let both = CountTest::new(&levels, Statistic::ChiSquare).statistic(0, 1, &[2]).unwrap();
        assert!((both.0 - pearson.0).abs() < 1e-10 && both.1 == 1);
        // What z settles can't be tested, and too few rows tell nothing.
        let levels = counted(&[[[20, 0], [20, 0]], [[0, 20], [0, 20]]]);
        assert_eq!(CountTest::new(&levels, Statistic::GSquare).p_value(0, 1, &[2]), None);
        let levels = counted(&[[[1, 1], [1, 1]]]);
        assert_eq!(CountTest::new(&levels, Statistic::GSquare).p_value(0, 1, &[]), None);
    }

    #[test]
    fn ref_partial_correlation_by_its_formula() {
        let values = [
            vec![1.0, 2.0, 3.0, 5.0, 8.0, 2.0],
            vec![2.0, 1.0, 4.0, 6.0, 7.0, 3.0],
            vec![0.0, 1.0, 1.0, 2.0, 5.0, 3.0],
        ];
        let moments = Moments::of(&values);
        let r = |one: usize, other: usize| {
            let c = &moments.covariances;
            c[one][other] / (c[one][one] * c[other][other]).sqrt()
        };
        let partial =
            (r(0, 1) - r(0, 2) * r(1, 2)) / ((1.0 - r(0, 2).powi(2)) * (1.0 - r(1, 2).powi(2))).sqrt();
        let p = libm::erfc((2.0_f64.sqrt() * partial.atanh()).abs() / SQRT_2);
        let columns = vec!["x".into(), "y".into(), "z".into()];
        let test = CorrelationTest { columns, moments };
        assert!((test.p_value(0, 1, &[2]).unwrap() - p).abs() < 1e-12);
        assert_eq!(test.p_value(0, 1, &[2, 2, 2]), None);
    }
}
