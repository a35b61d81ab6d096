//! Generators at several budgets, each judged by people whom it never saw.

use std::time::Instant;

use anyhow::Result;
use serde::Serialize;
use twinloom_audit::attack::{
    Controlled, Copies, DistanceRatio, Exposure, MembershipFigures, copies, membership,
};
use twinloom_audit::synthetic::{
    QualityThresholds, Resampling, RidgeLogistic, Target, pairwise, quality, transfer,
};
use twinloom_audit::{Estimate, Options, repeated_mean};
use twinloom_privacy::ClaimSheet;
use twinloom_synth::{GeneratorKind, Release, halves};
use twinloom_table::{Bounds, ColumnKind, Schema, Table};

use super::refused;
use super::source::{self, Asked};

/// Who makes the rows and who judges them.
pub(crate) struct Halves {
    pub(crate) train: Table,
    pub(crate) holdout: Table,
}

impl Halves {
    /// Deals people into halves at random.
    pub(crate) fn of(table: &Table, seed: u64) -> Self {
        let [train, holdout] = halves(table, seed);
        Self { train, holdout }
    }
}

/// What is asked of every generator.
pub(crate) struct Comparison<'a> {
    pub(crate) halves: &'a Halves,
    pub(crate) asked: &'a Asked,
    pub(crate) questions: &'a [Target],
    pub(crate) without: &'a [&'a str],
    pub(crate) delta: f64,
    pub(crate) repeats: u32,
    pub(crate) seed: u64,
}

/// One generator at one budget.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) generator: GeneratorKind,
    /// None where nothing is claimed.
    pub(crate) epsilon: Option<f64>,
    /// SDMetrics' quality.
    pub(crate) quality: Estimate,
    /// Mean absolute difference of Pearson's correlations.
    pub(crate) pearson: Estimate,
    /// Area under the curve of logistic regression taught by synthetic rows, a figure a question.
    pub(crate) utility: Vec<Estimate>,
    /// Area under the curve of the attack on membership by ratios of distances.
    pub(crate) attack: Estimate,
    /// Members that it finds at 1 % false alarms.
    pub(crate) found: Estimate,
    /// Of the first repeat, with its controls.
    pub(crate) membership: Controlled<MembershipFigures>,
    pub(crate) copies: Controlled<Copies>,
    pub(crate) fit_seconds: f64,
    pub(crate) claim_sheet: Option<ClaimSheet>,
    /// Rows of the first repeat.
    #[serde(skip)]
    pub(crate) rows: Table,
}

/// What real people held out give, by the same measures.
#[derive(Serialize)]
pub(crate) struct Reference {
    pub(crate) quality: Estimate,
    pub(crate) pearson: Estimate,
    /// Taught by real rows, judged by people held out.
    pub(crate) utility: Vec<Estimate>,
}

/// What the first repeat shows.
struct First {
    membership: Controlled<MembershipFigures>,
    copies: Controlled<Copies>,
    claim_sheet: Option<ClaimSheet>,
    rows: Table,
}

/// Bootstrap replicates of an attack's own figures, which only the first repeat shows.
const ATTACK_REPLICATES: u32 = 200;

impl Comparison<'_> {
    fn resampling(&self, replicates: u32) -> Resampling {
        Resampling { replicates, seed: self.seed, ..Resampling::default() }
    }

    /// The measures of real people beside those that make the rows.
    pub(crate) fn reference(&self) -> Result<Reference> {
        let Halves { train, holdout } = self.halves;
        let [train, holdout] = alike([train, holdout])?;
        let resampling = self.resampling(100);
        let taught = transfer(
            [&train, &holdout, &train],
            self.questions,
            self.without,
            &[&RidgeLogistic::default()],
            &resampling,
        );
        Ok(Reference {
            quality: quality(&train, &holdout, &QualityThresholds::default(), &resampling)
                .map_err(refused)?
                .quality,
            pearson: pairwise(&train, &holdout, &resampling).map_err(refused)?.pearson,
            utility: taught.map_err(refused)?.into_iter().map(|figures| figures.real).collect(),
        })
    }

    /// Fits, draws as many rows as there are people, and judges, several times.
    pub(crate) fn row(&self, generator: GeneratorKind, epsilon: Option<f64>) -> Result<Row> {
        let (mut qualities, mut pearsons, mut attacks, mut founds) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut utilities: Vec<Vec<f64>> = vec![Vec::new(); self.questions.len()];
        let mut first: Option<First> = None;
        let mut fit_seconds = 0.0;
        let mut fitted: Option<Release> = None;
        for repeat in 0..u64::from(self.repeats) {
            // Without noise a fit repeats itself: only the draws differ.
            if epsilon.is_some() || fitted.is_none() {
                let start = Instant::now();
                let claim = epsilon.map(|epsilon| (epsilon, self.delta));
                fitted = Some(source::fit(generator, &self.halves.train, self.asked, claim)?);
                fit_seconds = start.elapsed().as_secs_f64();
            }
            let Some(release) = &fitted else { continue };
            let rows = self.halves.train.len();
            let (made, _) =
                release.generator().sample(rows, self.seed.wrapping_add(repeat)).map_err(refused)?;
            let [train, holdout, made] = alike([&self.halves.train, &self.halves.holdout, &made])?;
            let resampling = self.resampling(0);
            let thresholds = QualityThresholds::default();
            qualities
                .extend(quality(&train, &made, &thresholds, &resampling).map_err(refused)?.quality.value);
            pearsons.extend(pairwise(&train, &made, &resampling).map_err(refused)?.pearson.value);
            let learner = RidgeLogistic::default();
            let taught =
                transfer([&train, &holdout, &made], self.questions, self.without, &[&learner], &resampling);
            for (utilities, figures) in utilities.iter_mut().zip(taught.map_err(refused)?) {
                utilities.extend(figures.synthetic.value);
            }
            let exposure = Exposure::new(&train, &holdout, &made, self.seed).map_err(refused)?;
            let options = Options { replicates: ATTACK_REPLICATES, seed: self.seed, ..Options::default() };
            let found = membership(&DistanceRatio, &exposure, &options).map_err(refused)?;
            attacks.extend(found.release.auc.value);
            founds.extend(found.release.tpr_at_1_percent.value);
            if first.is_none() {
                first = Some(First {
                    membership: found,
                    copies: copies(&exposure).map_err(refused)?,
                    claim_sheet: release.claim_sheet(),
                    rows: made,
                });
            }
        }
        let First { membership, copies, claim_sheet, rows } = first.expect("there are two repeats or more");
        // Every figure lies between 0 and 1; Student's interval of few repeats knows nothing of that.
        let mean = |values: &[f64]| {
            let own = repeated_mean(values, 0.0);
            let within = |end: Option<f64>| end.map(|end| end.clamp(0.0, 1.0));
            Estimate { lower: within(own.lower), upper: within(own.upper), ..own }
        };
        Ok(Row {
            generator,
            epsilon,
            quality: mean(&qualities),
            pearson: mean(&pearsons),
            utility: utilities.iter().map(|values| mean(values)).collect(),
            attack: mean(&attacks),
            found: mean(&founds),
            membership,
            copies,
            fit_seconds,
            claim_sheet,
            rows,
        })
    }
}

/// The row to judge in full: of those at epsilon 1 or below, or else at the least, the one whose rows teach most.
pub(crate) fn to_judge(rows: &[Row]) -> Option<usize> {
    let taught = |row: &Row| row.utility.first().and_then(|utility| utility.value).unwrap_or(0.0);
    let least = rows.iter().filter_map(|row| row.epsilon).fold(f64::INFINITY, f64::min);
    let within = |row: &Row| row.epsilon.is_some_and(|epsilon| epsilon <= least.max(1.0));
    (0..rows.len())
        .filter(|place| within(&rows[*place]) || least.is_infinite())
        .max_by(|one, other| taught(&rows[*one]).total_cmp(&taught(&rows[*other])))
}

/// Tables under one schema: bounds that any of them has, and every word.
///
/// A private fit may know a column's bounds and words only as far as noise told them.
pub(crate) fn alike<const N: usize>(tables: [&Table; N]) -> Result<[Table; N]> {
    let mut columns = tables[0].schema().columns().to_vec();
    for table in &tables[1..] {
        for column in &mut columns {
            let Ok(other) = table.schema().column(&column.name) else { continue };
            match (&mut column.kind, &other.kind) {
                (
                    ColumnKind::Category { categories, .. },
                    ColumnKind::Category { categories: others, .. },
                ) => {
                    let new: Vec<_> =
                        others.iter().filter(|word| !categories.contains(word)).cloned().collect();
                    categories.extend(new);
                }
                (
                    ColumnKind::Integer { bounds }
                    | ColumnKind::Number { bounds, .. }
                    | ColumnKind::Date { bounds, .. },
                    other,
                ) => {
                    *bounds = bounds.zip(other.bounds().copied()).map(|(own, other)| Bounds {
                        least: own.least.min(other.least),
                        greatest: own.greatest.max(other.greatest),
                        ..own
                    });
                }
                (ColumnKind::Category { .. }, _) => {}
            }
            if other.missing != column.missing {
                column.missing = twinloom_table::Missing::Modelled;
            }
            if let (ColumnKind::Number { decimals, .. }, ColumnKind::Number { decimals: others, .. }) =
                (&mut column.kind, &other.kind)
            {
                *decimals = decimals.zip(*others).map(|(own, other)| own.max(other));
            }
        }
    }
    let schema = Schema::new(columns, tables[0].schema().constraints().to_vec(), None).map_err(refused)?;
    let mut read = tables.map(Table::clone);
    for table in &mut read {
        *table = Table::read(&schema, &table.to_rows()).map_err(refused)?;
    }
    Ok(read)
}
