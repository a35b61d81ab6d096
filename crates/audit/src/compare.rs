//! The difference between two models on the same instances.

use serde::{Deserialize, Serialize};

use crate::bootstrap::{SubjectBootstrap, percentile_interval};
use crate::estimate::{Estimate, Undefined};
use crate::evaluate::{Metrics, Options, Prepared};
use crate::normal::two_sided_p;
use crate::predictions::{Predictions, PredictionsError};

/// A model's figures minus the reference's, with 95 % intervals that resample subjects in pairs.
///
/// # Limits
/// One comparison; with several models the p values need a correction for their number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Difference of AUROC; positive when the model ranks better.
    pub auroc: Estimate,
    /// Two-sided p value of no difference of AUROC (DeLong, by subject); absent if not defined.
    pub auroc_p: Option<f64>,
    /// Difference of average precision; positive when the model is better.
    pub auprc: Estimate,
    /// Difference of the Brier score; negative when the model is better.
    pub brier: Estimate,
}

/// Compares a model with a reference.
///
/// # Errors
/// [`PredictionsError::OtherInstances`] unless both hold the same subjects and labels in the same order.
pub fn compare(
    model: &Predictions,
    reference: &Predictions,
    options: &Options,
) -> Result<Comparison, PredictionsError> {
    let shorter = model.len().min(reference.len());
    let differs = (0..shorter).find(|&index| {
        model.subjects()[index] != reference.subjects()[index]
            || model.labels()[index] != reference.labels()[index]
    });
    if let Some(index) = differs.or((model.len() != reference.len()).then_some(shorter)) {
        return Err(PredictionsError::OtherInstances { index });
    }

    let (ours, theirs) = (Prepared::new(model), Prepared::new(reference));
    let both = |weights: &[f64]| (ours.discrimination(weights), theirs.discrimination(weights));
    let bootstrap = SubjectBootstrap::new(model.subjects(), options.seed);
    let point = both(&vec![1.0; model.len()]);
    let replicates = bootstrap.replicates(options.replicates, both);
    let estimate = |metric: fn(&Metrics) -> Result<f64, Undefined>| {
        let difference = |pair: &(Metrics, Metrics)| Ok(metric(&pair.0)? - metric(&pair.1)?);
        Estimate::new(
            difference(&point),
            percentile_interval(replicates.iter().map(|pair| difference(pair).ok())),
        )
    };
    let p = || {
        let difference = ours.placements().ok()?.minus(&theirs.placements().ok()?);
        let error =
            difference.standard_error(model.labels(), bootstrap.clusters(), bootstrap.subjects()).ok()?;
        if error > 0.0 {
            Some(two_sided_p(difference.auroc / error))
        } else {
            // Without spread the difference is certain: none, or one that no resampling would change.
            Some(if difference.auroc.abs() > 0.0 { 0.0 } else { 1.0 })
        }
    };
    Ok(Comparison {
        auroc: estimate(|metrics| metrics.auroc),
        auroc_p: p(),
        auprc: estimate(|metrics| metrics.auprc),
        brier: estimate(|metrics| metrics.brier),
    })
}
