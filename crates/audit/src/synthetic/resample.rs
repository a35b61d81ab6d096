//! Resampling of two tables' rows, the same bytes on any number of threads.

use serde::{Deserialize, Serialize};
use twinloom_event::SubjectId;
use twinloom_table::{Column, Table};

use super::error::SyntheticError;
use crate::bootstrap::{SubjectBootstrap, percentile_interval};
use crate::estimate::{Estimate, Undefined};

/// How many rows are looked at and how intervals are had.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `replicates` | 100 | bootstrap replicates behind an interval; 0 for none | 0 to 10,000 |
/// | `most_rows` | 20,000 | rows of a table looked at, drawn without replacement where there are more | >= 2 |
/// | `seed` | 0 | keys every draw | any |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resampling {
    /// Bootstrap replicates.
    pub replicates: u32,
    /// Rows of a table looked at.
    pub most_rows: usize,
    /// Keys every draw.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { replicates: 100, most_rows: 20_000, seed: 0 }
    }
}

/// Streams of the real table's draws and the other's.
const KEYS: [u64; 2] = [0x5245_414c, 0x4f54_4845_5221];
/// Stream of the rows kept of a long table.
const KEPT: u64 = 0x4b45_5054;

/// Weights of the real table's rows and the other's.
pub(crate) type Weights = [Vec<f32>; 2];
/// A statistic's value.
pub(crate) type Value = Result<f64, Undefined>;

impl Resampling {
    pub(crate) fn check(&self) -> Result<(), SyntheticError> {
        if self.replicates > 10_000 {
            let given = f64::from(self.replicates);
            return Err(SyntheticError::Setting { name: "replicates", given, permitted: "0 to 10,000" });
        }
        if self.most_rows < 2 {
            let given = self.most_rows as f64;
            return Err(SyntheticError::Setting { name: "most_rows", given, permitted: "2 or more" });
        }
        Ok(())
    }

    /// A table's rows, or as many as are looked at, drawn by the seed.
    pub fn kept(&self, table: &Table) -> Table {
        if table.len() <= self.most_rows {
            return table.clone();
        }
        table.rows_of(&some_of(table.len(), self.most_rows, self.seed ^ KEPT))
    }

    /// Weights of the two tables' rows by replicate; the first are ones.
    pub(crate) fn weights(&self, tables: [&Table; 2]) -> Vec<Weights> {
        let draws = [0, 1].map(|at| {
            let bootstrap = SubjectBootstrap::new(&owners(tables[at]), self.seed ^ KEYS[at]);
            bootstrap.replicates(self.replicates, |weights| weights.iter().map(|w| *w as f32).collect())
        });
        let [real, other]: [Vec<Vec<f32>>; 2] = draws;
        let ones = tables.map(|table| vec![1.0; table.len()]);
        std::iter::once(ones).chain(real.into_iter().zip(other).map(|(real, other)| [real, other])).collect()
    }
}

/// Whose a row is: the subject column's, or each row its own.
fn owners(table: &Table) -> Vec<SubjectId> {
    let own = || (0..table.len() as i64).map(SubjectId::new).collect();
    let Some(subject) = table.schema().subject().and_then(|name| table.column(name).ok()) else {
        return own();
    };
    let key = |row: usize| match subject {
        Column::Category(values) => values[row].map(i64::from),
        Column::Number(values) => values[row].map(|value| value.to_bits() as i64),
    };
    // A row without an owner is its own, under numbers that no owner has: bits of NaN.
    (0..table.len()).map(|row| SubjectId::new(key(row).unwrap_or(i64::MAX - row as i64))).collect()
}

/// Some of the places below `count`, rising, each as likely as any other (Vitter's selection sampling).
pub(crate) fn some_of(count: usize, wanted: usize, seed: u64) -> Vec<usize> {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut taken = Vec::with_capacity(wanted.min(count));
    for place in 0..count {
        let chance = (wanted - taken.len()) as f64 / (count - place) as f64;
        if taken.len() < wanted && random.random::<f64>() < chance {
            taken.push(place);
        }
    }
    taken
}

/// The first value with the basic bootstrap interval of the rest.
///
/// A distance between samples is too large by chance, and between resamples more so: the basic interval takes that
/// off, where the percentile interval of two samples of one distribution would leave out nought. It is widened to hold
/// the value itself.
///
/// # Source
/// Davison and Hinkley, Bootstrap Methods and their Application (1997), section 5.2, equation 5.6.
pub(crate) fn estimate(values: &[Value], range: (f64, f64)) -> Estimate {
    let Some(value) = values.first().copied() else {
        return Estimate::new(Err(Undefined::NoInstances), None);
    };
    let interval = value.ok().and_then(|value| {
        let (lower, upper) = percentile_interval(values[1..].iter().map(|value| value.ok()))?;
        let (lower, upper) = ((2.0 * value - upper).min(value), (2.0 * value - lower).max(value));
        Some((lower.max(range.0), upper.min(range.1)))
    });
    Estimate::new(value, interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_some_of_takes_as_many_as_asked_for() {
        for wanted in [0, 1, 7, 100, 120] {
            let taken = some_of(100, wanted, 3);
            assert_eq!(taken.len(), wanted.min(100));
            assert!(taken.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn law_an_interval_holds_its_value_and_stays_in_range() {
        let values = [Ok(0.02), Ok(0.03), Ok(0.04), Ok(0.05)];
        let estimate = estimate(&values, (0.0, 1.0));
        assert_eq!((estimate.lower, estimate.upper), (Some(0.0), Some(0.02)));
        assert_eq!(super::estimate(&[Err(Undefined::OneClass), Ok(1.0)], (0.0, 1.0)).lower, None);
    }
}
