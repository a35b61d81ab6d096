//! Does anything tell the outcome that should not?
//!
//! Three searches, none of which sees the model: what becomes known only after the prediction (which tells
//! the outcome, of course: it shows what to look out for), what was on record before it, and which
//! measurements were made, whatever they showed. Each column is judged alone, and all together by a naive
//! Bayes classifier that never judges a subject it learned from.
//!
//! # Limits
//! A warning asks a question, it proves nothing: a true early sign looks like a leak, and a leak spread
//! over many weak columns stays below the bounds.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_event::{Split, SubjectId};
use twinloom_views::{Indicators, SplitPlan};

use crate::bootstrap::SubjectBootstrap;
use crate::delong::Placements;
use crate::estimate::{Estimate, Undefined};
use crate::normal::Z_95;
use crate::ranking::Ranking;

/// AUROC of one column at or above which it is too good to be true.
const TOO_GOOD: f64 = 0.9;
/// AUROC of one column that is remarkable both before and after the prediction.
const REMARKABLE: f64 = 0.75;
/// Lower limit of AUROC of missingness alone from which it is worth a warning.
const TELLING: f64 = 0.6;
const FEWEST_SUBJECTS: usize = 10;
const FOLDS: u64 = 5;

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeakageReport {
    /// AUROC of what becomes known only after the prediction.
    pub after_prediction: Estimate,
    /// AUROC of what was on record.
    pub on_record: Estimate,
    /// AUROC of which measurements were made.
    pub missingness: Estimate,
    /// What to look at.
    pub warnings: Vec<LeakageWarning>,
}

/// A reason for doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakageWarning {
    /// A code on record tells the outcome nearly by itself.
    TooGood {
        /// The code.
        name: Arc<str>,
        /// Its AUROC, alone.
        auroc: f64,
    },
    /// A code that tells the outcome after the prediction does so before it too, as if dated back.
    BackDated {
        /// The code.
        name: Arc<str>,
        /// Its AUROC on record, alone.
        before: f64,
        /// Its AUROC after the prediction, alone.
        after: f64,
    },
    /// Which measurements were made tells the outcome, whatever they showed.
    Missingness {
        /// AUROC.
        auroc: f64,
    },
}

impl fmt::Display for LeakageWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooGood { name, auroc } => {
                write!(
                    formatter,
                    "{name} alone tells the outcome (AUROC {auroc:.2}): is it recorded because of it?"
                )
            }
            Self::BackDated { name, before, after } => write!(
                formatter,
                "{name} tells the outcome on record (AUROC {before:.2}) as it does afterwards ({after:.2}): is it dated back?"
            ),
            Self::Missingness { auroc } => write!(
                formatter,
                "which measurements were made tells the outcome (AUROC {auroc:.2}), whatever they showed: does care follow the outcome?"
            ),
        }
    }
}

/// Searches for leaks.
///
/// # Errors
/// [`LeakageError`] when a table has not one row for each instance.
pub fn search_leakage(
    subjects: &[SubjectId],
    labels: &[bool],
    on_record: &Indicators,
    after_prediction: &Indicators,
    missingness: &Indicators,
) -> Result<LeakageReport, LeakageError> {
    for rows in [subjects.len(), on_record.rows.len(), after_prediction.rows.len(), missingness.rows.len()] {
        if rows != labels.len() {
            return Err(LeakageError { rows, instances: labels.len() });
        }
    }
    let table = |indicators| Table { subjects, labels, indicators };
    let (before, after) = (table(on_record).alone(), table(after_prediction).alone());
    let mut warnings = Vec::new();
    for (name, auroc) in &before {
        if *auroc >= TOO_GOOD {
            warnings.push(LeakageWarning::TooGood { name: Arc::clone(name), auroc: *auroc });
        } else if *auroc >= REMARKABLE
            && let Ok(place) = after.binary_search_by(|(other, _)| other.cmp(name))
            && after[place].1 >= REMARKABLE
        {
            let (name, before, after) = (Arc::clone(name), *auroc, after[place].1);
            warnings.push(LeakageWarning::BackDated { name, before, after });
        }
    }
    let missing = table(missingness).together();
    if let (Some(auroc), Some(lower)) = (missing.value, missing.lower)
        && lower >= TELLING
    {
        warnings.push(LeakageWarning::Missingness { auroc });
    }
    Ok(LeakageReport {
        after_prediction: table(after_prediction).together(),
        on_record: table(on_record).together(),
        missingness: missing,
        warnings,
    })
}

/// A table does not fit the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rows} rows do not pair with {instances} labels; permitted: one row for each")]
pub struct LeakageError {
    /// Rows given.
    pub rows: usize,
    /// Labels given.
    pub instances: usize,
}

#[derive(Clone, Copy)]
struct Table<'a> {
    subjects: &'a [SubjectId],
    labels: &'a [bool],
    indicators: &'a Indicators,
}

impl Table<'_> {
    /// The AUROC of each column alone, whichever way it points, in order of name; rare ones left out.
    fn alone(self) -> Vec<(Arc<str>, f64)> {
        let counts = self.counts(|_| true);
        let mut found: Vec<(Arc<str>, f64)> = Vec::new();
        for (name, column) in self.indicators.names.iter().zip(self.holders()) {
            let Some((positive, negative)) = counts.shares(&column.counts) else { continue };
            if column.subjects >= FEWEST_SUBJECTS {
                let auroc = 0.5 + (positive - negative) / 2.0;
                found.push((Arc::clone(name), auroc.max(1.0 - auroc)));
            }
        }
        found.sort_by(|left, right| left.0.cmp(&right.0));
        found
    }

    /// The AUROC of all columns together, each subject judged by what others show.
    fn together(self) -> Estimate {
        let folds: Vec<u64> = self.subjects.iter().map(|&subject| fold_of(subject)).collect();
        let mut scores = vec![0.0; self.labels.len()];
        for held_out in 0..FOLDS {
            let learned = self.counts(|subject| fold_of(subject) != held_out);
            let weights = learned.weights();
            for (at, row) in self.indicators.rows.iter().enumerate() {
                if folds[at] == held_out {
                    scores[at] =
                        weights.0 + row.iter().map(|&column| weights.1[column as usize]).sum::<f64>();
                }
            }
        }
        let bootstrap = SubjectBootstrap::new(self.subjects, 0);
        let placements = match Placements::new(&Ranking::new(&scores), self.labels, &scores) {
            Ok(placements) => placements,
            Err(undefined) => return Estimate::new(Err(undefined), None),
        };
        if self.indicators.names.is_empty() {
            return Estimate::new(Err(Undefined::ConstantPrediction), None);
        }
        let error = placements.standard_error(self.labels, bootstrap.clusters(), bootstrap.subjects());
        let interval = error.ok().map(|error| {
            ((placements.auroc - Z_95 * error).max(0.0), (placements.auroc + Z_95 * error).min(1.0))
        });
        Estimate::new(Ok(placements.auroc), interval)
    }

    fn counts(self, keep: impl Fn(SubjectId) -> bool) -> Counts {
        let mut counts =
            Counts { positives: 0.0, negatives: 0.0, columns: vec![(0.0, 0.0); self.indicators.names.len()] };
        for ((&subject, &label), row) in self.subjects.iter().zip(self.labels).zip(&self.indicators.rows) {
            if !keep(subject) {
                continue;
            }
            *if label { &mut counts.positives } else { &mut counts.negatives } += 1.0;
            for &column in row {
                let column = &mut counts.columns[column as usize];
                *if label { &mut column.0 } else { &mut column.1 } += 1.0;
            }
        }
        counts
    }

    /// Of each column: instances with and without the outcome that have it, and how many subjects do.
    fn holders(self) -> Vec<Holders> {
        let counts = self.counts(|_| true);
        let mut of_column: Vec<Vec<SubjectId>> = vec![Vec::new(); self.indicators.names.len()];
        for (&subject, row) in self.subjects.iter().zip(&self.indicators.rows) {
            for &column in row {
                of_column[column as usize].push(subject);
            }
        }
        of_column
            .into_iter()
            .zip(counts.columns)
            .map(|(mut subjects, counts)| {
                subjects.sort_unstable();
                subjects.dedup();
                Holders { counts, subjects: subjects.len() }
            })
            .collect()
    }
}

struct Holders {
    counts: (f64, f64),
    subjects: usize,
}

/// How often each column holds, with the outcome and without.
struct Counts {
    positives: f64,
    negatives: f64,
    columns: Vec<(f64, f64)>,
}

impl Counts {
    /// The share of those with and of those without the outcome who have a column.
    fn shares(&self, column: &(f64, f64)) -> Option<(f64, f64)> {
        (self.positives > 0.0 && self.negatives > 0.0)
            .then(|| (column.0 / self.positives, column.1 / self.negatives))
    }

    /// Log odds of no column, and what each column adds, with one added to every count (Laplace).
    fn weights(&self) -> (f64, Vec<f64>) {
        let mut none = 0.0;
        let columns = self
            .columns
            .iter()
            .map(|&(positive, negative)| {
                let with = ((positive + 1.0) / (self.positives + 2.0)).ln()
                    - ((negative + 1.0) / (self.negatives + 2.0)).ln();
                let without = ((self.positives - positive + 1.0) / (self.positives + 2.0)).ln()
                    - ((self.negatives - negative + 1.0) / (self.negatives + 2.0)).ln();
                none += without;
                with - without
            })
            .collect();
        (none, columns)
    }
}

/// The fold of a subject, by its id alone.
fn fold_of(subject: SubjectId) -> u64 {
    // Nested halvings of a keyed split would be uneven; shares of a fifth come from one plan per fold.
    let plan = |fold: u64| SplitPlan::with_shares(fold, 1.0 / (FOLDS - fold) as f64, 0.0);
    (0..FOLDS - 1)
        .find(|&fold| plan(fold).is_ok_and(|plan| plan.of(subject) == Split::Train))
        .unwrap_or(FOLDS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column, and whether a person with or without the outcome has it.
    type Column = (&'static str, fn(usize, bool) -> bool);

    /// 600 people, a third with the outcome; columns by who has them.
    fn table(columns: &[Column]) -> (Vec<SubjectId>, Vec<bool>, Indicators) {
        let labels: Vec<bool> = (0..600).map(|at| (at * 7919) % 600 < 200).collect();
        let rows = labels
            .iter()
            .enumerate()
            .map(|(at, &label)| {
                (0_u32..)
                    .zip(columns)
                    .filter(|(_, column)| column.1(at, label))
                    .map(|(place, _)| place)
                    .collect()
            })
            .collect();
        let names = columns.iter().map(|column| column.0.into()).collect();
        ((0..600).map(SubjectId::new).collect(), labels, Indicators { names, rows })
    }

    fn common(at: usize, _: bool) -> bool {
        at % 3 == 1
    }

    fn telling(at: usize, label: bool) -> bool {
        label && at % 10 < 7
    }

    fn certain(at: usize, label: bool) -> bool {
        label && !at.is_multiple_of(50)
    }

    /// Whether a person has what a share of all have at random.
    fn drawn(at: usize, key: u64, share: f64) -> bool {
        let plan = SplitPlan::with_shares(key, share, 0.0).unwrap();
        plan.of(SubjectId::new(at as i64)) == Split::Train
    }

    #[test]
    fn law_what_is_unrelated_warns_of_nothing() {
        let (subjects, labels, honest) = table(&[
            ("a", |at, _| drawn(at, 101, 0.3)),
            ("b", |at, _| drawn(at, 102, 0.2)),
            ("c", |at, _| drawn(at, 103, 0.5)),
        ]);
        let report = search_leakage(&subjects, &labels, &honest, &honest, &honest).unwrap();
        assert_eq!(report.warnings, []);
        // Unrelated: within four standard errors (about 0.025 each) of chance; each fold being judged by
        // the others leans a little low.
        assert!((report.on_record.value.unwrap() - 0.5).abs() < 0.1, "{report:?}");
    }

    #[test]
    fn law_planted_leaks_are_found() {
        let (subjects, labels, honest) = table(&[("a", common)]);
        let (.., leak) = table(&[("a", common), ("code of the outcome", certain)]);
        let (.., dated_back) = table(&[("a", common), ("palliative care", telling)]);
        let report = search_leakage(&subjects, &labels, &leak, &honest, &honest).unwrap();
        assert!(matches!(&report.warnings[..], [LeakageWarning::TooGood { name, auroc }]
            if &**name == "code of the outcome" && *auroc > 0.95));

        let report = search_leakage(&subjects, &labels, &dated_back, &dated_back, &honest).unwrap();
        assert!(
            matches!(&report.warnings[..], [LeakageWarning::BackDated { name, .. }] if &**name == "palliative care")
        );
        // After the prediction alone it is no leak, and tells the outcome.
        let report = search_leakage(&subjects, &labels, &honest, &dated_back, &honest).unwrap();
        assert_eq!(report.warnings, []);
        assert!(report.after_prediction.lower > Some(0.75));

        let report = search_leakage(&subjects, &labels, &honest, &honest, &dated_back).unwrap();
        let [LeakageWarning::Missingness { auroc }] = report.warnings[..] else { panic!("{report:?}") };
        assert!(auroc > 0.75 && report.warnings[0].to_string().contains("whatever they showed"));
    }

    #[test]
    fn ref_one_columns_auroc_is_that_of_ranking_by_it() {
        let (subjects, labels, indicators) = table(&[("b", telling), ("a", common)]);
        let alone = Table { subjects: &subjects, labels: &labels, indicators: &indicators }.alone();
        for (name, auroc) in alone {
            let column = indicators.names.iter().position(|other| *other == name).unwrap() as u32;
            let scores: Vec<f64> =
                indicators.rows.iter().map(|row| f64::from(u8::from(row.contains(&column)))).collect();
            let ranked = Ranking::new(&scores).auroc(&labels, &[1.0; 600]).unwrap();
            assert!((auroc - ranked.max(1.0 - ranked)).abs() < 1e-12, "{name}");
        }
    }

    #[test]
    fn regress_tables_must_pair_and_folds_are_even() {
        let (subjects, labels, honest) = table(&[("a", common)]);
        let short = Indicators { names: vec![], rows: vec![vec![]; 3] };
        assert_eq!(
            search_leakage(&subjects, &labels, &honest, &short, &honest),
            Err(LeakageError { rows: 3, instances: 600 })
        );
        // 10,000 subjects: a fifth has standard error 40; the tolerance is five of them.
        let mut folds = [0_i32; 5];
        for id in 0..10_000 {
            folds[fold_of(SubjectId::new(id)) as usize] += 1;
        }
        assert!(folds.iter().all(|count| (count - 2_000).abs() < 200), "{folds:?}");
    }
}
