//! Membership by how near the release is.

use twinloom_table::Table;

use super::distance::Scales;
use super::error::AttackError;
use super::exposure::{Knowledge, MembershipAttack};
use super::nearest::nearest_distances;

/// Nearer to the release than to people like oneself: the distance to the closest synthetic row over that to the closest
/// reference row, over all synthetic rows.
///
/// # Source
/// The closest neighbour alone (k = 1), calibrated by a reference, as Hilprecht, Härterich and Bernau, Monte Carlo
/// and reconstruction membership inference attacks against generative models, PoPETs 2019(4), section 4, with the
/// calibration of Watson et al., On the importance of difficulty calibration in membership inference attacks, ICLR
/// 2022. Scores are (reference - synthetic) / (reference + synthetic), which ranks as the ratio does and
/// stands 0 / 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct DistanceRatio;

impl MembershipAttack for DistanceRatio {
    fn name(&self) -> &'static str {
        "distance ratio"
    }

    fn scores(&self, targets: &Table, knowledge: Knowledge<'_>) -> Result<Vec<f64>, AttackError> {
        let scales = Scales::of(knowledge.reference);
        let targets = scales.points(targets);
        let synthetic = nearest_distances(&targets, &scales.points(knowledge.synthetic));
        let reference = nearest_distances(&targets, &scales.points(knowledge.reference));
        let score = |(synthetic, reference): (f64, f64)| {
            let sum = synthetic + reference;
            if sum > 0.0 { (reference - synthetic) / sum } else { 0.0 }
        };
        Ok(synthetic.into_iter().zip(reference).map(score).collect())
    }
}

/// The distance to the closest synthetic row: a check of sanity alone. It finds copies; that it finds nothing says
/// nothing.
///
/// # Source
/// Yao et al., The DCR delusion: measuring the privacy risk of synthetic data, arXiv 2505.01524.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClosestRecord;

impl MembershipAttack for ClosestRecord {
    fn name(&self) -> &'static str {
        "distance to closest record (sanity check only)"
    }

    fn scores(&self, targets: &Table, knowledge: Knowledge<'_>) -> Result<Vec<f64>, AttackError> {
        let scales = Scales::of(knowledge.reference);
        let distances = nearest_distances(&scales.points(targets), &scales.points(knowledge.synthetic));
        Ok(distances.into_iter().map(|distance| -distance).collect())
    }
}
