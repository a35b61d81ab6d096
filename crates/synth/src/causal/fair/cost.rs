//! What fairness gains and what it costs.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::criterion::{FairError, FairRule};
use super::reweighed::levels;
use crate::causal::CausalError;
use crate::causal::model::{Coding, Figure, below, quantile};
use crate::causal::random::stream;

/// Bins of a column of numbers that a predictor sees.
const BINS: usize = 10;

/// How figures are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostOptions {
    /// Bootstrap replicates (default 500, permitted 40 or more).
    pub replicates: u32,
    /// Seed of the bootstrap (default 0).
    pub seed: u64,
}

impl Default for CostOptions {
    fn default() -> Self {
        Self { replicates: 500, seed: 0 }
    }
}

/// One figure before and after.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// Of the table as things are.
    pub before: Figure,
    /// Of the fair one.
    pub after: Figure,
    /// What the latter has more.
    pub change: Figure,
}

/// What a fair table gains and costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FairCost {
    /// Difference of the greatest and the least share of the outcome by group, in the table itself.
    pub outcome_gap: Beside,
    /// The same of the mean chances that a predictor gives real people, if it learned from the table.
    pub predicted_gap: Beside,
    /// Chance that this predictor ranks a real person with the outcome above one without (AUROC): the utility.
    pub auroc: Beside,
}

/// Sets a fair table beside one that is as things are, both judged on real people whom neither was made from.
///
/// The predictor is naive Bayes over all columns but the outcome, numbers in ten bins. Intervals of 95 % draw rows again: those of the tables for the first figure, the real ones for the
/// others.
///
/// # Source
/// Train on synthetic, test on real: Esteban, Hyland and Rätsch 2017; naive Bayes with Laplace's rule: Hastie, Tibshirani
/// and Friedman, The Elements of Statistical Learning (2009), section 6.6.3.
///
/// # Limits
/// One simple predictor; others may be worth more, and less fair. Weights that are noise alone still rank people who
/// are else alike, and the AUROC sees it. A difference of greatest and least lies above 0 by chance
/// alone.
///
/// # Errors
/// [`FairError`] where a column is none or has no categories, tables differ in columns, one is empty, the outcome has no
/// such category, or there are fewer than 40 replicates.
pub fn fair_cost(
    real: &Table,
    before: &Table,
    after: &Table,
    rule: &FairRule,
    category: &str,
    options: &CostOptions,
) -> Result<FairCost, FairError> {
    if options.replicates < 40 {
        let value = u64::from(options.replicates);
        return Err(FairError::Parameter { name: "replicates", value, permitted: "40 or more" });
    }
    let sides = [before, after].map(|table| Side::new(table, rule, category));
    let [before_side, after_side] = sides;
    let (one, other) = (before_side?, after_side?);
    let holdout = Side::new(real, rule, category)?;
    let outcome_gap = beside(options, [one.rows.len(), other.rows.len()], |side, rows| {
        gap([&one, &other][side], rows, |row| f64::from(u8::from([&one, &other][side].with[row])))
    });
    let scores = [before, after].map(|table| scores(table, real, rule, category));
    let [one, other] = scores;
    let scores = [one?, other?];
    let size = holdout.rows.len();
    let predicted_gap = beside(options, [size, size], |side, rows| {
        gap(&holdout, rows, |row| 1.0 / (1.0 + (-scores[side][row]).exp()))
    });
    let auroc = beside(options, [size, size], |side, rows| auroc(&scores[side], &holdout.with, rows));
    Ok(FairCost { outcome_gap, predicted_gap, auroc })
}

/// Groups and outcomes of the rows in which both are there.
struct Side {
    rows: Vec<usize>,
    groups: Vec<usize>,
    with: Vec<bool>,
}

impl Side {
    fn new(table: &Table, rule: &FairRule, category: &str) -> Result<Self, FairError> {
        let (groups, labels) = (levels(table, &rule.protected)?, levels(table, &rule.outcome)?);
        let kind = &table.schema().column(&rule.outcome).map_err(CausalError::from)?.kind;
        let place = kind.categories().unwrap_or_default().iter().position(|own| **own == *category);
        let Some(wanted) = place.map(|place| place + 1) else {
            return Err(FairError::NoCategories { column: format!("{}, of {category},", rule.outcome) });
        };
        let rows: Vec<usize> = (0..table.len()).filter(|&row| groups[row] > 0 && labels[row] > 0).collect();
        if rows.is_empty() {
            return Err(FairError::Parameter { name: "number of rows", value: 0, permitted: "1 or more" });
        }
        let with = labels.iter().map(|&label| label == wanted).collect();
        Ok(Self { rows, groups, with })
    }
}

/// Greatest less least mean by group, of values in 0 to 1.
fn gap(side: &Side, rows: &[usize], value: impl Fn(usize) -> f64) -> f64 {
    let mut counts: Vec<[f64; 2]> = Vec::new();
    for &place in rows {
        let row = side.rows[place];
        if counts.len() <= side.groups[row] {
            counts.resize(side.groups[row] + 1, [0.0; 2]);
        }
        counts[side.groups[row]][0] += 1.0;
        counts[side.groups[row]][1] += value(row);
    }
    let shares = || counts.iter().filter(|count| count[0] > 0.0).map(|count| count[1] / count[0]);
    let (least, greatest) =
        shares().fold((1.0, 0.0), |(least, most), share| (f64::min(least, share), f64::max(most, share)));
    f64::max(greatest - least, 0.0)
}

/// A figure of two sides, rows drawn again; the same draws on both where they are as many.
fn beside(
    options: &CostOptions,
    sizes: [usize; 2],
    figure: impl Fn(usize, &[usize]) -> f64 + Sync,
) -> Beside {
    let point = [0, 1].map(|side| figure(side, &(0..sizes[side]).collect::<Vec<_>>()));
    let draws: Vec<[f64; 2]> = (0..options.replicates)
        .into_par_iter()
        .map(|number| {
            [0, 1].map(|side| {
                let mut random = stream(options.seed, u64::from(number));
                let rows: Vec<usize> = (0..sizes[side]).map(|_| below(&mut random, sizes[side])).collect();
                figure(side, &rows)
            })
        })
        .collect();
    let interval = |value: f64, of: &dyn Fn(&[f64; 2]) -> f64| {
        let mut found: Vec<f64> = draws.iter().map(of).collect();
        found.sort_unstable_by(f64::total_cmp);
        Figure { value, lower: quantile(&found, 0.025), upper: quantile(&found, 0.975) }
    };
    Beside {
        before: interval(point[0], &|draw| draw[0]),
        after: interval(point[1], &|draw| draw[1]),
        change: interval(point[1] - point[0], &|draw| draw[1] - draw[0]),
    }
}

/// Log odds of the outcome for real people by a predictor that learned from a table.
fn scores(table: &Table, real: &Table, rule: &FairRule, category: &str) -> Result<Vec<f64>, FairError> {
    if table.schema() != real.schema() {
        let (graph, own) = (table.schema().columns().len(), real.schema().columns().len());
        return Err(CausalError::Columns { graph, table: own }.into());
    }
    let side = Side::new(table, rule, category)?;
    let positives = side.rows.iter().filter(|&&row| side.with[row]).count() as f64;
    let prior = ((positives + 1.0) / (side.rows.len() as f64 - positives + 1.0)).ln();
    let mut odds = vec![prior; real.len()];
    let columns = table.schema().columns().iter().zip(table.columns()).zip(real.columns());
    for ((schema, own), other) in columns.filter(|((schema, _), _)| schema.name != rule.outcome) {
        let coding = Coding::of(schema, own, BINS, BINS);
        let (learned, asked) = (coding.all(own), coding.all(other));
        // What is missing among the real alone counts as the first level.
        let mut counts = vec![[1.0_f64; 2]; coding.levels()];
        for &row in &side.rows {
            counts[learned[row] as usize][usize::from(side.with[row])] += 1.0;
        }
        let all = counts.iter().fold([0.0; 2], |sum, count| [sum[0] + count[0], sum[1] + count[1]]);
        for (score, level) in odds.iter_mut().zip(asked) {
            let count = counts[level as usize];
            *score += (count[1] / all[1]).ln() - (count[0] / all[0]).ln();
        }
    }
    Ok(odds)
}

/// Chance that one with the outcome scores above one without, ties half; a half where one of them is not there.
fn auroc(scores: &[f64], with: &[bool], rows: &[usize]) -> f64 {
    let mut order: Vec<usize> = rows.to_vec();
    order.sort_unstable_by(|&one, &other| scores[one].total_cmp(&scores[other]));
    let (mut below_it, mut pairs, mut positives) = (0.0, 0.0, 0.0);
    let mut start = 0;
    while start < order.len() {
        let mut end = start;
        let mut tied = [0.0; 2];
        while end < order.len() && scores[order[end]].total_cmp(&scores[order[start]]).is_eq() {
            tied[usize::from(with[order[end]])] += 1.0;
            end += 1;
        }
        pairs += tied[1] * (below_it + tied[0] / 2.0);
        below_it += tied[0];
        positives += tied[1];
        start = end;
    }
    if below_it * positives > 0.0 { pairs / (below_it * positives) } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_ranks_by_hand() {
        let with = [true, false, true, false];
        assert!((auroc(&[3.0, 1.0, 2.0, 2.0], &with, &[0, 1, 2, 3]) - 3.5 / 4.0).abs() < 1e-12);
        assert!((auroc(&[3.0, 1.0, 2.0, 2.0], &with, &[0, 2]) - 0.5).abs() < 1e-12);
    }
}
