//! The realism table: what was simulated beside what was published.

use serde::Serialize;

use super::measured::Measured;
use super::target::{Band, Standing, Targets};

/// The realism table of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RealismTable {
    /// One row for each target, in the order of the file.
    pub rows: Vec<RealismRow>,
    /// The population at the start beside the standard.
    pub pyramid: Vec<PyramidBand>,
    /// People of the run.
    pub people: u64,
}

/// One target and what the run gave for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RealismRow {
    /// Its name for machines.
    pub name: String,
    /// Its name in tables.
    pub title: String,
    /// The heading under which it stands.
    pub group: String,
    /// Simulated.
    pub simulated: Measured,
    /// Published.
    pub target: f64,
    /// Unit of both.
    pub unit: String,
    /// Simulated less published.
    pub error: Option<f64>,
    /// The same as a share of the published value, where that is not 0.
    pub relative_error: Option<f64>,
    /// What passes, fixed before the run.
    pub band: Band,
    /// Never used for tuning.
    pub held_out: bool,
    /// Where the published value is from.
    pub source: String,
    /// How far it can be relied on.
    pub standing: Standing,
    /// The judgement.
    pub verdict: Verdict,
}

/// The judgement on one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Within the band.
    Pass,
    /// Outside it.
    Fail,
    /// The run holds nothing to measure it by.
    NotMeasured,
}

impl Verdict {
    /// The word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotMeasured => "not measured",
        }
    }
}

/// One band of the pyramid, as shares of everybody.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PyramidBand {
    /// First age.
    pub age_from: u32,
    /// Simulated women.
    pub female_share: f64,
    /// Simulated men.
    pub male_share: f64,
    /// Women of the standard.
    pub female_standard: f64,
    /// Men of the standard.
    pub male_standard: f64,
}

impl RealismTable {
    pub(super) fn new(
        targets: &Targets,
        measured: &[Measured],
        pyramid: Vec<PyramidBand>,
        people: u64,
    ) -> Self {
        let rows = targets.targets.iter().zip(measured).map(|(target, simulated)| {
            let error = simulated.value.map(|value| value - target.value);
            RealismRow {
                name: target.name.clone(),
                title: target.title.clone(),
                group: target.group.clone(),
                simulated: *simulated,
                target: target.value,
                unit: target.unit.clone(),
                error,
                relative_error: error.filter(|_| target.value != 0.0).map(|error| error / target.value),
                band: target.band,
                held_out: target.held_out,
                source: target.source.clone(),
                standing: target.standing,
                verdict: match simulated.value {
                    None => Verdict::NotMeasured,
                    Some(value) if target.band.admits(value) => Verdict::Pass,
                    Some(_) => Verdict::Fail,
                },
            }
        });
        Self { rows: rows.collect(), pyramid, people }
    }

    /// Targets that pass, and all: one that was not measured does not pass.
    pub fn passed(&self) -> (usize, usize) {
        Self::count(self.rows.iter())
    }

    /// The same among those never used for tuning.
    pub fn passed_held_out(&self) -> (usize, usize) {
        Self::count(self.rows.iter().filter(|row| row.held_out))
    }

    fn count<'r>(rows: impl Iterator<Item = &'r RealismRow>) -> (usize, usize) {
        rows.fold((0, 0), |(passed, all), row| (passed + usize::from(row.verdict == Verdict::Pass), all + 1))
    }

    /// Mean over targets of the squared error in half-widths of the band, each at most 100; the loss that
    /// calibration lowers. `held_out` picks which targets.
    pub fn loss(&self, held_out: bool) -> Option<f64> {
        let errors: Vec<f64> = self
            .rows
            .iter()
            .filter(|row| row.held_out == held_out)
            .filter_map(|row| {
                let half = (row.band.to - row.band.from) / 2.0;
                let centre = f64::midpoint(row.band.from, row.band.to);
                let error = row.simulated.value? - centre;
                (half > 0.0).then(|| (error / half).powi(2).min(100.0))
            })
            .collect();
        (!errors.is_empty()).then(|| errors.iter().sum::<f64>() / errors.len() as f64)
    }
}
