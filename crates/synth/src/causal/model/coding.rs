//! A column's values as levels, and back.

use serde::{Deserialize, Serialize};
use twinloom_table::{Bounds, Column, ColumnKind, ColumnSchema, Missing};

/// A stretch of numbers; a single one where both ends are the same.
type Bin = (f64, f64);

/// How a column's values are numbered; what is missing comes last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Coding {
    values: Values,
    /// Whether values may be missing.
    missing: bool,
    /// The coarser level that other columns see of each level.
    coarse: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Values {
    Categories(u32),
    /// In ascending order.
    Bins(Vec<Bin>),
}

impl Coding {
    /// By the values that there are: bins of as many rows each, a value that fills a bin alone being one.
    pub(crate) fn of(schema: &ColumnSchema, column: &Column, bins: usize, coarse_bins: usize) -> Self {
        let missing = column.missing() > 0;
        match column {
            Column::Category(found) => {
                let categories = schema.kind.categories().map_or(0, <[_]>::len) as u32;
                let coarse = common(found, categories, coarse_bins.max(2) * 2);
                Self::with_missing(Values::Categories(categories), missing, coarse)
            }
            Column::Number(found) => {
                let mut sorted: Vec<f64> = found.iter().flatten().copied().collect();
                sorted.sort_unstable_by(f64::total_cmp);
                let bins = quantile_bins(&sorted, bins);
                let counts = bins.iter().map(|&(low, high)| {
                    sorted.partition_point(|&value| value <= high)
                        - sorted.partition_point(|&value| value < low)
                });
                let coarse = grouped(&counts.collect::<Vec<_>>(), coarse_bins);
                Self::with_missing(Values::Bins(bins), missing, coarse)
            }
        }
    }

    /// By what the schema declares alone: bins of the same width.
    pub(crate) fn declared(schema: &ColumnSchema, bins: usize, coarse_bins: usize) -> Self {
        let missing = schema.missing != Missing::Never;
        match (&schema.kind, schema.kind.bounds()) {
            (ColumnKind::Category { categories, .. }, _) => {
                let count = categories.len() as u32;
                Self::with_missing(Values::Categories(count), missing, (0..count).collect())
            }
            (kind, bounds) => {
                let (least, greatest) =
                    bounds.map_or((0.0, 0.0), |Bounds { least, greatest, .. }| (*least, *greatest));
                let bins = even_bins(least, greatest, bins, is_whole(kind));
                let coarse = grouped(&vec![1; bins.len()], coarse_bins);
                Self::with_missing(Values::Bins(bins), missing, coarse)
            }
        }
    }

    fn with_missing(values: Values, missing: bool, mut coarse: Vec<u32>) -> Self {
        if missing {
            coarse.push(coarse.iter().max().map_or(0, |most| most + 1));
        }
        Self { values, missing, coarse }
    }

    /// How many levels there are.
    pub(crate) fn levels(&self) -> usize {
        self.coarse.len()
    }

    /// How many coarser ones.
    pub(crate) fn coarse_levels(&self) -> usize {
        self.coarse.iter().max().map_or(0, |most| *most as usize + 1)
    }

    pub(crate) fn coarse(&self, level: u32) -> u32 {
        self.coarse[level as usize]
    }

    pub(crate) fn is_missing(&self, level: u32) -> bool {
        self.missing && level as usize + 1 == self.coarse.len()
    }

    /// The level of what is missing; the first where nothing can be.
    pub(crate) fn missing_level(&self) -> u32 {
        if self.missing { self.coarse.len() as u32 - 1 } else { 0 }
    }

    pub(crate) fn level_of_category(&self, category: Option<u32>) -> u32 {
        category.unwrap_or_else(|| self.missing_level())
    }

    /// The level of a number; between bins, that of the nearer below.
    pub(crate) fn level_of_number(&self, value: Option<f64>) -> u32 {
        let (Some(value), Values::Bins(bins)) = (value, &self.values) else { return self.missing_level() };
        let place = bins.partition_point(|bin| bin.0 <= value).saturating_sub(1);
        // A single value comes before a stretch that starts with it.
        let single = place.checked_sub(1).filter(|&before| bins[before] == (value, value));
        single.unwrap_or(place) as u32
    }

    pub(crate) fn all(&self, column: &Column) -> Vec<u32> {
        match column {
            Column::Category(values) => values.iter().map(|&value| self.level_of_category(value)).collect(),
            Column::Number(values) => values.iter().map(|&value| self.level_of_number(value)).collect(),
        }
    }

    /// The number at a share of a level's bin; 0 for a level without numbers.
    pub(crate) fn number(&self, level: u32, kind: &ColumnKind, share: f64) -> f64 {
        let bin = match &self.values {
            Values::Bins(bins) => bins.get(level as usize),
            Values::Categories(_) => None,
        };
        let (low, high) = bin.copied().unwrap_or((0.0, 0.0));
        if low.to_bits() == high.to_bits() {
            low
        } else if is_whole(kind) {
            let (low, high) = (low.ceil(), high.floor());
            (low + (share * (high - low + 1.0)).floor()).clamp(low.min(high), high)
        } else {
            fitting(low * (1.0 - share) + high * share, kind).clamp(low, high)
        }
    }
}

/// Whether a column's numbers are whole.
fn is_whole(kind: &ColumnKind) -> bool {
    matches!(kind, ColumnKind::Integer { .. } | ColumnKind::Date { with_time: false, .. })
}

/// The nearest number that a column may hold, within its bounds.
pub(crate) fn fitting(value: f64, kind: &ColumnKind) -> f64 {
    let value = match kind {
        ColumnKind::Number { decimals: Some(decimals), .. } => {
            let scale = 10_f64.powi(i32::from(*decimals));
            let scaled = (value * scale).round() / scale;
            if scaled.is_finite() { scaled } else { value }
        }
        kind if is_whole(kind) => value.round(),
        _ => value,
    };
    match kind.bounds() {
        Some(bounds) => value.clamp(bounds.least, bounds.greatest),
        None => value.clamp(f64::MIN, f64::MAX),
    }
}

/// The most common categories, each its own level, and the others as one.
fn common(values: &[Option<u32>], categories: u32, most: usize) -> Vec<u32> {
    if categories as usize <= most {
        return (0..categories).collect();
    }
    let mut counts = vec![0_usize; categories as usize];
    values.iter().flatten().for_each(|&category| counts[category as usize] += 1);
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&category| (std::cmp::Reverse(counts[category]), category));
    let mut coarse = vec![most as u32 - 1; counts.len()];
    for (place, &category) in (0..).zip(&order[..most - 1]) {
        coarse[category] = place;
    }
    coarse
}

/// Groups of neighbouring levels, equally filled as far as may be.
fn grouped(counts: &[usize], groups: usize) -> Vec<u32> {
    if counts.len() <= groups {
        return (0..counts.len() as u32).collect();
    }
    let all: usize = counts.iter().sum();
    let mut before = 0;
    let place = counts.iter().map(|&count| {
        let middle = before + count / 2;
        before += count;
        (middle * groups / all.max(1)).min(groups - 1) as u32
    });
    let mut places: Vec<u32> = place.collect();
    // Numbered without gaps, as a value that is very common takes several groups' share.
    let mut known = places.clone();
    known.dedup();
    for place in &mut places {
        *place = known.partition_point(|own| own < place) as u32;
    }
    places
}

fn even_bins(least: f64, greatest: f64, bins: usize, whole: bool) -> Vec<Bin> {
    let width = greatest - least;
    if width <= 0.0 || !width.is_finite() {
        return vec![(least, greatest)];
    }
    if whole {
        let (least, greatest) = (least.ceil(), greatest.floor());
        let numbers = greatest - least + 1.0;
        let count = (bins as f64).min(numbers.max(1.0));
        let start = |bin: f64| least + (bin * numbers / count).floor();
        let bin = |bin: usize| (start(bin as f64), start(bin as f64 + 1.0) - 1.0);
        return (0..count as usize).map(bin).collect();
    }
    let edge = |bin: usize| if bin == bins { greatest } else { least + width * bin as f64 / bins as f64 };
    (0..bins).map(|bin| (edge(bin), edge(bin + 1))).collect()
}

fn quantile_bins(sorted: &[f64], bins: usize) -> Vec<Bin> {
    let mut runs: Vec<(f64, usize)> = Vec::new();
    for &value in sorted {
        match runs.last_mut() {
            Some((own, count)) if own.total_cmp(&value).is_eq() => *count += 1,
            _ => runs.push((value, 1)),
        }
    }
    if runs.len() <= bins {
        return runs.into_iter().map(|(value, _)| (value, value)).collect();
    }
    let full = sorted.len().div_ceil(bins);
    let mut found: Vec<Bin> = Vec::new();
    let mut open: Option<(f64, f64, usize)> = None;
    for (value, count) in runs {
        if count >= full {
            found.extend(open.take().map(|(low, high, _)| (low, high)));
            found.push((value, value));
            continue;
        }
        let (low, before) = open.map_or((value, 0), |(low, _, before)| (low, before));
        if before + count >= full {
            found.push((low, value));
            open = None;
        } else {
            open = Some((low, value, before + count));
        }
    }
    found.extend(open.map(|(low, high, _)| (low, high)));
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::causal::random::{stream, uniform};

    fn number(kind: ColumnKind) -> ColumnSchema {
        ColumnSchema { name: "x".into(), kind, unit: None, missing: Missing::Modelled }
    }

    proptest! {
        #[test]
        fn law_a_number_drawn_of_a_level_is_of_that_level(
            values in proptest::collection::vec(proptest::option::weighted(0.9, -50_i32..50), 1..200),
            bins in 2_usize..12,
        ) {
            let schema = number(ColumnKind::Number { bounds: None, decimals: None });
            let column = Column::Number(values.into_iter().map(|value| value.map(f64::from)).collect());
            let coding = Coding::of(&schema, &column, bins, 3);
            let mut random = stream(1, 0);
            for level in coding.all(&column) {
                if !coding.is_missing(level) {
                    let drawn = coding.number(level, &schema.kind, uniform(&mut random));
                    prop_assert_eq!(coding.level_of_number(Some(drawn)), level);
                }
            }
            prop_assert!(coding.coarse_levels() <= 4);
        }

        #[test]
        fn law_whole_numbers_stay_whole_and_within_bounds(least in -40_i32..40, width in 0_i32..90) {
            let bounds = Bounds {
                least: f64::from(least),
                greatest: f64::from(least + width),
                origin: twinloom_table::Origin::Declared,
            };
            let schema = number(ColumnKind::Integer { bounds: Some(bounds) });
            let coding = Coding::declared(&schema, 7, 3);
            let mut random = stream(2, 0);
            for value in least..=least + width {
                let level = coding.level_of_number(Some(f64::from(value)));
                let drawn = coding.number(level, &schema.kind, uniform(&mut random));
                prop_assert!(drawn.fract() == 0.0 && drawn >= bounds.least && drawn <= bounds.greatest);
                prop_assert_eq!(coding.level_of_number(Some(drawn)), level);
            }
        }
    }

    #[test]
    fn law_common_values_and_words_are_told_apart() {
        assert_eq!(quantile_bins(&[0.0, 0.0, 0.0, 1.0, 2.0, 3.0], 3), [(0.0, 0.0), (1.0, 2.0), (3.0, 3.0)]);
        let words = [Some(3), Some(3), Some(1), None];
        assert_eq!(common(&words, 4, 3), [2, 1, 2, 0]);
        assert_eq!(grouped(&[10, 1, 1, 1, 1], 2), [0, 1, 1, 1, 1]);
    }
}
