//! Two tables of one schema, their columns coded together.

use std::sync::Arc;

use twinloom_table::{Column, Table};

use super::error::SyntheticError;
use super::resample::{Resampling, Weights};

/// Code of a missing value.
pub(crate) const MISSING: u32 = u32::MAX;
/// Equal-count bins of a column of numbers.
const BINS: usize = 10;
/// Categories that keep a bin of their own; the rarer share one.
const COMMON: usize = 50;

/// The real table and another.
pub(crate) struct Pair {
    pub(crate) columns: Vec<Coded>,
    pub(crate) weights: Vec<Weights>,
}

/// One column of both.
pub(crate) struct Coded {
    pub(crate) name: Arc<str>,
    pub(crate) numeric: bool,
    /// Distinct numbers of both tables, rising; of a column of categories, their places.
    pub(crate) values: Vec<f64>,
    /// Place of each row's value among them, or [`MISSING`].
    pub(crate) codes: [Vec<u32>; 2],
    /// Bin of each row: the tenth of the real table it falls in, or the category; the last bin is what is missing.
    pub(crate) bins: [Vec<u32>; 2],
    pub(crate) bin_count: usize,
}

impl Pair {
    /// The subject column is left out: who a row is about is no property of it.
    pub(crate) fn new(real: &Table, other: &Table, resampling: &Resampling) -> Result<Self, SyntheticError> {
        resampling.check()?;
        check_alike(real, other)?;
        let (real, other) = (resampling.kept(real), resampling.kept(other));
        let subject = real.schema().subject();
        let columns = real.schema().columns().iter().zip(real.columns().iter().zip(other.columns()));
        let columns = columns
            .filter(|(column, _)| subject != Some(&*column.name))
            .map(|(column, (real, other))| Coded::new(Arc::clone(&column.name), [real, other]))
            .collect();
        Ok(Self { columns, weights: resampling.weights([&real, &other]) })
    }
}

/// Fewest rows that two tables need to be set beside each other.
const LEAST_ROWS: usize = 2;

pub(crate) fn check_alike(real: &Table, other: &Table) -> Result<(), SyntheticError> {
    for table in [real, other] {
        if table.len() < LEAST_ROWS {
            return Err(SyntheticError::Rows { rows: table.len(), least: LEAST_ROWS });
        }
    }
    let (left, right) = (real.schema().columns(), other.schema().columns());
    for at in 0..left.len().max(right.len()) {
        let alike = match (left.get(at), right.get(at)) {
            (Some(left), Some(right)) => {
                left.name == right.name && left.kind.categories() == right.kind.categories()
            }
            _ => false,
        };
        if !alike {
            let column = left.get(at).or(right.get(at)).map_or_else(String::new, |own| own.name.to_string());
            return Err(SyntheticError::Schema { column });
        }
    }
    Ok(())
}

impl Coded {
    fn new(name: Arc<str>, columns: [&Column; 2]) -> Self {
        match columns {
            [Column::Number(real), Column::Number(other)] => Self::of_numbers(name, [real, other]),
            [Column::Category(real), Column::Category(other)] => Self::of_categories(name, [real, other]),
            _ => unreachable!("tables of one schema have columns of one kind, as `check_alike` asks"),
        }
    }

    fn of_numbers(name: Arc<str>, columns: [&[Option<f64>]; 2]) -> Self {
        let mut values: Vec<f64> =
            columns.iter().flat_map(|column| column.iter().flatten().copied()).collect();
        // Minus nought is nought.
        for value in &mut values {
            *value += 0.0;
        }
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        let code = |value: &Option<f64>| {
            value.map_or(MISSING, |value| values.partition_point(|other| *other < value) as u32)
        };
        let codes = columns.map(|column| column.iter().map(code).collect::<Vec<_>>());
        let mut counts = vec![0_usize; values.len()];
        for &code in codes[0].iter().filter(|code| **code != MISSING) {
            counts[code as usize] += 1;
        }
        let total = counts.iter().sum::<usize>().max(1);
        let mut below = 0;
        let tenth: Vec<u32> = counts
            .iter()
            .map(|count| {
                // The middle of the value's own share, so that ties stay together.
                let bin = (BINS * (2 * below + count)) / (2 * total);
                below += count;
                bin.min(BINS - 1) as u32
            })
            .collect();
        let bins = binned(&codes, &tenth, BINS as u32);
        Self { name, numeric: true, values, codes, bins, bin_count: BINS + 1 }
    }

    fn of_categories(name: Arc<str>, columns: [&[Option<u32>]; 2]) -> Self {
        let codes =
            columns.map(|column| column.iter().map(|value| value.unwrap_or(MISSING)).collect::<Vec<_>>());
        let known = codes.iter().flatten().filter(|code| **code != MISSING).max();
        let categories = known.map_or(0, |most| *most as usize + 1);
        let mut counts = vec![0_usize; categories];
        for &code in codes[0].iter().filter(|code| **code != MISSING) {
            counts[code as usize] += 1;
        }
        let mut order: Vec<usize> = (0..categories).collect();
        order.sort_by_key(|&place| (std::cmp::Reverse(counts[place]), place));
        let mut bin = vec![0_u32; categories];
        for (rank, &place) in order.iter().enumerate() {
            bin[place] = rank.min(COMMON) as u32;
        }
        let shared = categories.min(COMMON + 1);
        let bins = binned(&codes, &bin, shared as u32);
        let values = (0..categories).map(|place| place as f64).collect();
        Self { name, numeric: false, values, codes, bins, bin_count: shared + 1 }
    }

    /// Share of each value among those present; `None` where none is.
    pub(crate) fn shares(&self, table: usize, weights: &[f32]) -> Option<Vec<f64>> {
        let mut mass = vec![0.0; self.values.len()];
        for (&code, &weight) in self.codes[table].iter().zip(weights) {
            if code != MISSING {
                mass[code as usize] += f64::from(weight);
            }
        }
        normalised(mass)
    }

    /// Share of rows where it is missing.
    pub(crate) fn missing_share(&self, table: usize, weights: &[f32]) -> f64 {
        let (mut missing, mut total) = (0.0, 0.0);
        for (&code, &weight) in self.codes[table].iter().zip(weights) {
            total += f64::from(weight);
            if code == MISSING {
                missing += f64::from(weight);
            }
        }
        if total > 0.0 { missing / total } else { 0.0 }
    }
}

/// Divides by the sum; `None` where there is nothing.
pub(crate) fn normalised(mut mass: Vec<f64>) -> Option<Vec<f64>> {
    let total: f64 = mass.iter().sum();
    if total <= 0.0 {
        return None;
    }
    for share in &mut mass {
        *share /= total;
    }
    Some(mass)
}

fn binned(codes: &[Vec<u32>; 2], bins: &[u32], missing: u32) -> [Vec<u32>; 2] {
    let bin = |code: &u32| bins.get(*code as usize).copied().unwrap_or(missing);
    [0, 1].map(|table| codes[table].iter().map(bin).collect())
}
