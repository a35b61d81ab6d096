//! The variance of AUROC without resampling, also of the difference between two models.
//!
//! # Source
//! DeLong, DeLong, Clarke-Pearson, Biometrics 44 (1988); the fast form by midranks of Sun and Xu, IEEE
//! Signal Processing Letters 21 (2014); sums over a subject's instances as in Obuchowski, Biometrics 53
//! (1997), which is DeLong's variance when each subject has one instance.

use crate::estimate::Undefined;
use crate::ranking::Ranking;

/// AUROC with what each instance contributes to it.
pub(crate) struct Placements {
    pub(crate) auroc: f64,
    /// For a positive the share of negatives ranked below it, for a negative the share of positives
    /// ranked above it; ties count half.
    placements: Vec<f64>,
}

impl Placements {
    pub(crate) fn new(ranking: &Ranking, labels: &[bool], probabilities: &[f64]) -> Result<Self, Undefined> {
        if labels.is_empty() {
            return Err(Undefined::NoInstances);
        }
        let overall = ranking.midranks();
        let within = |wanted: bool| {
            let members: Vec<usize> = (0..labels.len()).filter(|&index| labels[index] == wanted).collect();
            let scores: Vec<f64> = members.iter().map(|&index| probabilities[index]).collect();
            (members, Ranking::new(&scores).midranks())
        };
        let ((positives, ranks_positive), (negatives, ranks_negative)) = (within(true), within(false));
        if positives.is_empty() || negatives.is_empty() {
            return Err(Undefined::OneClass);
        }
        let mut placements = vec![0.0; labels.len()];
        for (&index, rank) in positives.iter().zip(&ranks_positive) {
            placements[index] = (overall[index] - rank) / negatives.len() as f64;
        }
        for (&index, rank) in negatives.iter().zip(&ranks_negative) {
            placements[index] = 1.0 - (overall[index] - rank) / positives.len() as f64;
        }
        let auroc = positives.iter().map(|&index| placements[index]).sum::<f64>() / positives.len() as f64;
        Ok(Self { auroc, placements })
    }

    /// The difference to another model on the same instances.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        Self {
            auroc: self.auroc - other.auroc,
            placements: self
                .placements
                .iter()
                .zip(&other.placements)
                .map(|(own, theirs)| own - theirs)
                .collect(),
        }
    }

    /// Standard error of [`Placements::auroc`] when subjects, not instances, are independent.
    pub(crate) fn standard_error(
        &self,
        labels: &[bool],
        clusters: &[u32],
        subjects: usize,
    ) -> Result<f64, Undefined> {
        #[derive(Clone, Copy, Default)]
        struct Cluster {
            positives: f64,
            negatives: f64,
            deviation_positive: f64,
            deviation_negative: f64,
        }
        let mut by_subject = vec![Cluster::default(); subjects];
        for ((&label, &placement), &cluster) in labels.iter().zip(&self.placements).zip(clusters) {
            let own = &mut by_subject[cluster as usize];
            let deviation = placement - self.auroc;
            if label {
                own.positives += 1.0;
                own.deviation_positive += deviation;
            } else {
                own.negatives += 1.0;
                own.deviation_negative += deviation;
            }
        }
        let count = |has: fn(&Cluster) -> f64| {
            let with = by_subject.iter().filter(|cluster| has(cluster) > 0.0).count() as f64;
            (with, by_subject.iter().map(has).sum::<f64>())
        };
        let (with_positives, positives) = count(|cluster| cluster.positives);
        let (with_negatives, negatives) = count(|cluster| cluster.negatives);
        if with_positives < 2.0 || with_negatives < 2.0 {
            return Err(Undefined::TooFew);
        }
        let total = |product: fn(&Cluster) -> f64| by_subject.iter().map(product).sum::<f64>();
        let spread_positive =
            total(|own| own.deviation_positive.powi(2)) * with_positives / (with_positives - 1.0);
        let spread_negative =
            total(|own| own.deviation_negative.powi(2)) * with_negatives / (with_negatives - 1.0);
        let subjects = subjects as f64;
        let shared =
            total(|own| own.deviation_positive * own.deviation_negative) * subjects / (subjects - 1.0);
        let variance = spread_positive / (positives * positives)
            + spread_negative / (negatives * negatives)
            + 2.0 * shared / (positives * negatives);
        Ok(variance.max(0.0).sqrt())
    }
}
