//! A table's columns as numbered levels.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use twinloom_table::{Column, Table};

/// How columns become levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LevelsParameters {
    /// Bins of a column of numbers, equally filled (default 5, permitted 2 to 100).
    pub bins: usize,
    /// Most categories of a column of words; the rarer ones become one (default 10, permitted 2 to 1,000).
    pub most_categories: usize,
}

impl Default for LevelsParameters {
    fn default() -> Self {
        Self { bins: 5, most_categories: 10 }
    }
}

/// Columns of levels, those that occur, each numbered from 0. What is missing is a level of its own.
///
/// # Limits
/// Bins see neither what differs within them nor the order between them: a dependence of numbers needs more rows to be
/// seen than it would as a correlation.
#[derive(Clone, Debug)]
pub struct Levels {
    columns: Vec<Arc<str>>,
    codes: Vec<Vec<u32>>,
    sizes: Vec<u32>,
}

impl Levels {
    /// Reads the levels of a table.
    ///
    /// # Errors
    /// [`LevelsError`] where parameters are out of range or there are fewer than 2 rows.
    pub fn of(table: &Table, parameters: &LevelsParameters) -> Result<Self, LevelsError> {
        for (name, value, most) in
            [("bins", parameters.bins, 100), ("most_categories", parameters.most_categories, 1000)]
        {
            if !(2..=most).contains(&value) {
                return Err(LevelsError::Parameter { name, value, most });
            }
        }
        if table.len() < 2 {
            return Err(LevelsError::Rows { rows: table.len() });
        }
        let columns = table.schema().columns().iter().map(|column| Arc::clone(&column.name)).collect();
        let codes = table.columns().iter().map(|column| match column {
            Column::Category(values) => pooled(values, parameters.most_categories),
            Column::Number(values) => binned(values, parameters.bins),
        });
        Ok(Self::of_codes(columns, codes.collect()))
    }

    /// Takes columns of any numbers, equally long.
    pub(crate) fn of_codes(columns: Vec<Arc<str>>, codes: Vec<Vec<u32>>) -> Self {
        let numbered: Vec<(Vec<u32>, u32)> = codes
            .into_iter()
            .map(|codes| {
                let mut known = codes.clone();
                known.sort_unstable();
                known.dedup();
                let place = |code: u32| known.partition_point(|&other| other < code) as u32;
                (codes.into_iter().map(place).collect(), known.len() as u32)
            })
            .collect();
        let (codes, sizes) = numbered.into_iter().unzip();
        Self { columns, codes, sizes }
    }

    /// The columns' names.
    pub fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// How many levels a column has that occur.
    pub fn size(&self, column: usize) -> usize {
        self.sizes[column] as usize
    }

    pub(crate) fn rows(&self) -> usize {
        self.codes.first().map_or(0, Vec::len)
    }

    pub(crate) fn codes(&self, column: usize) -> &[u32] {
        &self.codes[column]
    }

    /// Each row's combination of some columns, those that occur numbered from 0, and how many there are.
    pub(crate) fn combined(&self, columns: &[usize]) -> (Vec<u32>, usize) {
        let (mut all, mut count) = (vec![0; self.rows()], 1_usize.min(self.rows()));
        for &column in columns {
            let size = u64::from(self.sizes[column]);
            // Numbered as they first occur, so that no map's order shows.
            let mut numbers: FxHashMap<u64, u32> = FxHashMap::default();
            for (own, &code) in all.iter_mut().zip(&self.codes[column]) {
                let next = numbers.len() as u32;
                *own = *numbers.entry(u64::from(*own) * size + u64::from(code)).or_insert(next);
            }
            count = numbers.len();
        }
        (all, count)
    }
}

/// Categories with the rarest as one, and what is missing as another.
fn pooled(values: &[Option<u32>], most: usize) -> Vec<u32> {
    let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
    for value in values.iter().flatten() {
        *counts.entry(*value).or_default() += 1;
    }
    let mut order: Vec<(usize, u32)> = counts.into_iter().map(|(code, count)| (count, code)).collect();
    order.sort_unstable_by_key(|&(count, code)| (std::cmp::Reverse(count), code));
    let kept = if order.len() <= most { order.len() } else { most - 1 };
    let places: FxHashMap<u32, u32> = order[..kept].iter().map(|&(_, code)| code).zip(0..).collect();
    let rest = kept as u32;
    values
        .iter()
        .map(|value| value.map_or(rest + 1, |code| places.get(&code).copied().unwrap_or(rest)))
        .collect()
}

/// Equally filled bins, equal values in one, and what is missing as another.
fn binned(values: &[Option<f64>], bins: usize) -> Vec<u32> {
    let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut distinct = sorted.clone();
    distinct.dedup();
    // The first value of each bin but the first.
    let starts: Vec<f64> = if distinct.len() <= bins {
        distinct.into_iter().skip(1).collect()
    } else {
        let mut starts: Vec<f64> = (1..bins).map(|bin| sorted[bin * sorted.len() / bins]).collect();
        starts.dedup();
        starts
    };
    let place = |value: f64| starts.partition_point(|&start| start <= value) as u32;
    values.iter().map(|value| value.map_or(bins as u32, place)).collect()
}

/// Why a table has no levels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LevelsError {
    /// Too few rows.
    #[error("{rows} rows tell nothing of dependence; permitted: 2 or more")]
    Rows {
        /// How many there are.
        rows: usize,
    },
    /// A parameter out of range.
    #[error("{name} {value} is out of range; permitted: 2 to {most}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// What was given.
        value: usize,
        /// What is permitted.
        most: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_bins_are_equally_filled_and_rare_words_are_one() {
        let values: Vec<Option<f64>> = (0..100).map(|at| (at != 0).then(|| f64::from(at))).collect();
        let codes = binned(&values, 4);
        assert_eq!(codes[0], 4);
        for bin in 0..4 {
            let count = codes.iter().filter(|&&code| code == bin).count();
            assert!((24..=26).contains(&count), "{bin}: {count}");
        }
        assert_eq!(binned(&[Some(2.0), Some(1.0), Some(2.0)], 4), [1, 0, 1]);
        assert_eq!(pooled(&[Some(7), Some(7), Some(1), Some(2), None], 2), [0, 0, 1, 1, 2]);
    }

    #[test]
    fn law_combinations_are_told_apart() {
        let codes = vec![vec![0, 9, 0, 9], vec![5, 5, 6, 5]];
        let levels = Levels::of_codes(vec!["a".into(), "b".into()], codes);
        assert_eq!((levels.size(0), levels.combined(&[0, 1])), (2, (vec![0, 1, 2, 1], 3)));
        assert_eq!(levels.combined(&[]), (vec![0; 4], 1));
    }
}
