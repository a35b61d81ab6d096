//! Tunes onset rates so that a run comes close to the targets that may be tuned to.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cross_entropy::{CrossEntropy, Iteration, Settings, SettingsError};
use crate::measure::{Followed, History};
use crate::parameters::TwinParameters;
use crate::run::{TwinError, run};
use crate::scenario::{Scenario, ScenarioError};
use crate::validation::{Catalogue, Observer, RealismTable, Recorded, Targets};

/// What a calibration found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tuned {
    /// Rate ratios by name.
    pub ratios: BTreeMap<String, f64>,
    /// The search, one entry for each iteration.
    pub iterations: Vec<Iteration>,
    /// The realism table of the model as given.
    pub before: RealismTable,
    /// The realism table with the ratios found.
    pub after: RealismTable,
}

/// Searches for the ratios of the named onset rates that bring the targets not held out closest.
///
/// Every candidate is run on the same people with the same random numbers, so candidates differ by their
/// rates alone and the search is the same for any number of threads. The objective is
/// [`RealismTable::loss`] of the targets that may be tuned to; held-out targets are looked at once before and
/// once after, for the report only. Ratios multiply those of the parameters' own scenario.
///
/// # Errors
/// [`CalibrationError`] for nothing to tune, a name that the need table lacks, settings out of range, or a run
/// that can't be made.
pub fn tune(
    parameters: &TwinParameters,
    targets: &Targets,
    followed: Followed,
    names: &[String],
    iterations: u32,
    settings: Settings,
    mut progress: impl FnMut(&Iteration),
) -> Result<Tuned, CalibrationError> {
    let catalogue = Catalogue::embedded();
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            return Err(CalibrationError::Twice { name: name.clone() });
        }
    }
    if targets.tuned().next().is_none() {
        return Err(CalibrationError::NothingToTuneTo);
    }
    let own = &parameters.scenario;
    own.with_rates(&names.iter().map(|name| (name.clone(), 1.0)).collect())
        .check_need(catalogue.names())
        .map_err(Box::new)?;
    let ratios_of = |coordinates: &[f64]| -> BTreeMap<String, f64> {
        names.iter().cloned().zip(coordinates.iter().map(|logarithm| logarithm.exp())).collect()
    };
    let judge = |coordinates: &[f64]| -> Result<RealismTable, Box<TwinError>> {
        let scenario: Scenario = own.with_rates(&ratios_of(coordinates));
        let parameters = TwinParameters { scenario, ..parameters.clone() };
        let mut observer = Observer::new(targets, &catalogue, followed);
        run::<TwinError>(
            &parameters,
            |journey| {
                // Without systems of record nothing is recorded: what was diagnosed stands for it.
                let recorded = || Recorded::of(&journey.gp_record, followed.to);
                let recorded = (!journey.gp_record.events().is_empty()).then(recorded);
                observer.add(&History::of(&journey.truth), recorded.as_ref());
                Ok(())
            },
            |_| {},
        )
        .map_err(Box::new)?;
        Ok(observer.finish())
    };
    let mut search = CrossEntropy::new(names.len(), settings)?;
    let before = judge(&vec![0.0; names.len()])?;
    let mut history = Vec::new();
    let mut known: Option<f64> = before.loss(false);
    for _ in 0..iterations {
        let candidates = search.candidates();
        let mut losses = Vec::with_capacity(candidates.len());
        for candidate in &candidates {
            // The first candidate of all is the model as given, which has been run.
            let loss = match known.take() {
                Some(loss) => loss,
                None => judge(candidate)?.loss(false).unwrap_or(f64::MAX),
            };
            losses.push(loss);
        }
        let iteration = search.learn(&candidates, &losses);
        progress(&iteration);
        history.push(iteration);
    }
    let best = search.best().map_or_else(|| vec![0.0; names.len()], |(coordinates, _)| coordinates.to_vec());
    let after = judge(&best)?;
    Ok(Tuned { ratios: ratios_of(&best), iterations: history, before, after })
}

/// Why a calibration can't be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    /// A name is given twice.
    #[error("{name:?} is to be tuned twice; permitted: names that differ")]
    Twice {
        /// The name.
        name: String,
    },
    /// Every target is held out.
    #[error("every target is held out; permitted: at least one that may be tuned to")]
    NothingToTuneTo,
    /// A setting is out of range.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A name is not in the need table.
    #[error(transparent)]
    Scenario(#[from] Box<ScenarioError>),
    /// A run can't be made.
    #[error(transparent)]
    Twin(#[from] Box<TwinError>),
}
