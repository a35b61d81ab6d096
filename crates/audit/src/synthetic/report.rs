//! Everything at once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_table::{Column, Table};

use super::absence::{AbsenceFigures, absence};
use super::adherence::{AdherenceRow, adherence};
use super::coded::check_alike;
use super::detection::{DetectionFigures, detection};
use super::discrepancy::discrepancy;
use super::error::SyntheticError;
use super::labels::Target;
use super::learner::Learner;
use super::map::{SharedMap, map};
use super::pairwise::{PairFigures, pairwise};
use super::published::{PublishedFigures, published};
use super::quality::{QualityFigures, QualityThresholds, quality};
use super::resample::Resampling;
use super::summary::{Sentence, sentences};
use super::support::{SupportFigures, support};
use super::survival::{SurvivalColumns, SurvivalFigures, survival};
use super::transfer::{TransferFigures, transfer};
use super::univariate::{ColumnFigures, univariate};
use crate::estimate::Estimate;

/// What is asked of a synthetic table.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `resampling` | 100 replicates, 20,000 rows | intervals and rows looked at | as there |
/// | `distance_rows` | 2,000 | rows of a table among which neighbours are sought and maps drawn | >= 7 |
/// | `neighbours` | 5 | the neighbour that sets a row's reach | >= 1 |
/// | `folds` | 5 | of the classifier two-sample test | 2 to 20 |
/// | `thresholds` | SDMetrics 0.32's | pairs that count towards quality | 0 to 1 |
/// | `targets` | none | what models learn to predict | - |
/// | `without` | none | columns kept from those models | - |
/// | `survival` | none | columns of time to an event | - |
/// | `groups` | none | columns of categories to judge within | - |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SyntheticOptions {
    /// Intervals and rows looked at.
    pub resampling: Resampling,
    /// Rows of a table among which neighbours are sought.
    pub distance_rows: usize,
    /// The neighbour that sets a row's reach.
    pub neighbours: usize,
    /// Folds of the classifier two-sample test.
    pub folds: usize,
    /// Pairs that count towards quality.
    pub thresholds: QualityThresholds,
    /// What models learn to predict.
    pub targets: Vec<Target>,
    /// Columns kept from those models.
    pub without: Vec<Arc<str>>,
    /// Columns of time to an event.
    pub survival: Option<SurvivalColumns>,
    /// Columns of categories to judge within.
    pub groups: Vec<Arc<str>>,
}

impl Default for SyntheticOptions {
    fn default() -> Self {
        Self {
            resampling: Resampling::default(),
            distance_rows: 2_000,
            neighbours: 5,
            folds: 5,
            thresholds: QualityThresholds::default(),
            targets: Vec::new(),
            without: Vec::new(),
            survival: None,
            groups: Vec::new(),
        }
    }
}

/// A figure of the synthetic table against the real one, and of people held out against it: what chance alone leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beside<T> {
    /// Of the synthetic table.
    pub synthetic: T,
    /// Of the held-out table, where there is one.
    pub holdout: Option<T>,
}

impl<T> Beside<T> {
    fn of(
        [real, synthetic]: [&Table; 2],
        holdout: Option<&Table>,
        figure: impl Fn(&Table, &Table) -> Result<T, SyntheticError>,
    ) -> Result<Self, SyntheticError> {
        let synthetic = figure(real, synthetic)?;
        Ok(Self { synthetic, holdout: holdout.map(|holdout| figure(real, holdout)).transpose()? })
    }

    /// The same of a part.
    pub fn map<U>(&self, part: impl Fn(&T) -> U) -> Beside<U> {
        Beside { synthetic: part(&self.synthetic), holdout: self.holdout.as_ref().map(part) }
    }
}

/// Rows of each table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Real.
    pub real: usize,
    /// Held out.
    pub holdout: Option<usize>,
    /// Synthetic.
    pub synthetic: usize,
}

/// Figures within a group of people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupRow {
    /// The column.
    pub column: Arc<str>,
    /// Its category.
    pub category: Arc<str>,
    /// Share of real rows in it.
    pub real_share: f64,
    /// Share of synthetic rows in it.
    pub synthetic_share: f64,
    /// Its figures; absent where either table has too few rows of it.
    pub quality: Option<QualityFigures>,
    /// Mean absolute difference of Pearson's correlations within it.
    pub pearson: Option<Estimate>,
    /// Mean total variation of its columns.
    pub total_variation: Option<f64>,
}

/// Whether a synthetic table stands for the real one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SyntheticReport {
    /// Rows of each table.
    pub rows: RowCounts,
    /// Each column.
    pub columns: Beside<Vec<ColumnFigures>>,
    /// Pairs of columns.
    pub pairs: Beside<PairFigures>,
    /// SDMetrics' quality.
    pub quality: Beside<QualityFigures>,
    /// Whether learners tell rows from real ones: held-out people against synthetic where there are some, else those the
    /// synthetic were made from; beside it, held-out people against the latter.
    pub detection: Beside<Vec<DetectionFigures>>,
    /// Squared maximum mean discrepancy.
    pub discrepancy: Beside<Estimate>,
    /// How rows lie among each other.
    pub support: Beside<SupportFigures>,
    /// SynthVAE's metrics.
    pub published: Beside<PublishedFigures>,
    /// Train on synthetic, test on real; needs held-out people.
    pub transfer: Vec<TransferFigures>,
    /// Time to an event.
    pub survival: Option<Beside<SurvivalFigures>>,
    /// The schema's constraints.
    pub adherence: Vec<AdherenceRow>,
    /// What is missing.
    pub absence: Beside<AbsenceFigures>,
    /// Within groups of people.
    pub groups: Vec<GroupRow>,
    /// One map; the other tables are the synthetic one, then the held-out one.
    pub map: SharedMap,
}

/// Fewest rows of a group in either table for its figures to be shown.
const FEWEST_OF_A_GROUP: usize = 30;

/// Judges a synthetic table by every measure here. What the figures mean for a use is the caller's to say.
///
/// # Arguments
/// `real` is the table that the synthetic one was made from, `holdout` other real people: without them there is nothing
/// to say what chance alone leaves, and no test on people whom no model saw.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table is too short, a column or category is unknown, or a setting is
/// out of range.
pub fn evaluate_synthetic(
    real: &Table,
    holdout: Option<&Table>,
    synthetic: &Table,
    learners: &[&dyn Learner],
    options: &SyntheticOptions,
) -> Result<SyntheticReport, SyntheticError> {
    evaluate_synthetic_telling(real, holdout, synthetic, learners, options, &mut |_| {})
}

/// The same, telling each part before it begins, for who waits.
///
/// # Errors
/// [`SyntheticError`] as [`evaluate_synthetic`]'s.
pub fn evaluate_synthetic_telling(
    real: &Table,
    holdout: Option<&Table>,
    synthetic: &Table,
    learners: &[&dyn Learner],
    options: &SyntheticOptions,
    tell: &mut dyn FnMut(&'static str),
) -> Result<SyntheticReport, SyntheticError> {
    let resampling = &options.resampling;
    resampling.check()?;
    check_alike(real, synthetic)?;
    if let Some(holdout) = holdout {
        check_alike(real, holdout)?;
    }
    let near = Resampling { most_rows: resampling.most_rows.min(options.distance_rows), ..*resampling };
    let tables = [real, synthetic];
    let detect = |left: &Table, right: &Table| detection(left, right, learners, options.folds, resampling);
    let without: Vec<&str> = options.without.iter().map(|name| &**name).collect();
    let others: Vec<&Table> = [Some(synthetic), holdout].into_iter().flatten().collect();
    // Targets come first: a question that can't be asked is told before an hour of other work.
    tell("models trained on synthetic people");
    let transfer = match holdout {
        Some(holdout) => {
            transfer([real, holdout, synthetic], &options.targets, &without, learners, resampling)?
        }
        None => Vec::new(),
    };
    tell("time to an event");
    let survival = match &options.survival {
        Some(columns) => {
            let figure = |left: &Table, right: &Table| survival(left, right, columns, resampling);
            Some(Beside::of(tables, holdout, figure)?)
        }
        None => None,
    };
    tell("groups of people");
    let groups = groups(real, synthetic, options)?;
    tell("learners that tell rows apart");
    let detection = Beside {
        synthetic: detect(holdout.unwrap_or(real), synthetic)?,
        holdout: holdout.map(|holdout| detect(real, holdout)).transpose()?,
    };
    tell("single columns");
    let columns = Beside::of(tables, holdout, |left, right| univariate(left, right, resampling))?;
    tell("pairs of columns");
    let pairs = Beside::of(tables, holdout, |left, right| pairwise(left, right, resampling))?;
    tell("SDMetrics' quality");
    let quality =
        Beside::of(tables, holdout, |left, right| quality(left, right, &options.thresholds, resampling))?;
    tell("discrepancy of all columns");
    let discrepancy = Beside::of(tables, holdout, |left, right| discrepancy(left, right, resampling))?;
    tell("rows among each other");
    let support = Beside::of(tables, holdout, |left, right| support(left, right, options.neighbours, &near))?;
    tell("SynthVAE's metrics");
    let published = Beside::of(tables, holdout, |left, right| published(left, right, resampling))?;
    tell("missing values and the map");
    Ok(SyntheticReport {
        rows: RowCounts { real: real.len(), holdout: holdout.map(Table::len), synthetic: synthetic.len() },
        columns,
        pairs,
        quality,
        detection,
        discrepancy,
        support,
        published,
        transfer,
        survival,
        adherence: adherence(real, synthetic)?,
        absence: Beside::of(tables, holdout, |left, right| absence(left, right, resampling))?,
        groups,
        map: map(real, &others, &near)?,
    })
}

impl SyntheticReport {
    /// Each figure in a plain sentence, with what it can't see.
    pub fn summary(&self) -> Vec<Sentence> {
        sentences(self)
    }
}

fn groups(
    real: &Table,
    synthetic: &Table,
    options: &SyntheticOptions,
) -> Result<Vec<GroupRow>, SyntheticError> {
    let mut rows = Vec::new();
    for column in &options.groups {
        real.category(column)?;
        let categories = real.schema().column(column)?.kind.categories().unwrap_or_default();
        for (place, category) in categories.iter().enumerate() {
            let of = |table: &Table| -> Result<Table, SyntheticError> {
                let holds = match table.column(column)? {
                    Column::Category(values) => values,
                    Column::Number(_) => return Err(SyntheticError::Schema { column: column.to_string() }),
                };
                let places =
                    (0..holds.len()).filter(|row| holds[*row].is_some_and(|own| own as usize == place));
                Ok(table.rows_of(&places.collect::<Vec<_>>()))
            };
            let (own, other) = (of(real)?, of(synthetic)?);
            let enough = own.len().min(other.len()) >= FEWEST_OF_A_GROUP;
            let resampling = &options.resampling;
            let figures = enough.then(|| -> Result<_, SyntheticError> {
                let columns = univariate(&own, &other, &Resampling { replicates: 0, ..*resampling })?;
                let sum: f64 = columns.iter().filter_map(|column| column.total_variation.value).sum();
                Ok((
                    quality(&own, &other, &options.thresholds, resampling)?,
                    pairwise(&own, &other, resampling)?.pearson,
                    sum / columns.len().max(1) as f64,
                ))
            });
            let figures = figures.transpose()?;
            rows.push(GroupRow {
                column: Arc::clone(column),
                category: Arc::clone(category),
                real_share: own.len() as f64 / real.len() as f64,
                synthetic_share: other.len() as f64 / synthetic.len() as f64,
                quality: figures.as_ref().map(|own| own.0),
                pearson: figures.as_ref().map(|own| own.1),
                total_variation: figures.as_ref().map(|own| own.2),
            });
        }
    }
    Ok(rows)
}
