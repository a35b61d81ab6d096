//! Why a model said what it said of one person: what each thing it read added to the log odds.

mod counterfactual;
mod deletion;
mod evidence;
mod explainer;
mod gnn;
mod gradients;
mod judge;
mod kernel_shap;
mod points;
mod quality;
mod tree;
mod tree_shap;

pub(crate) use gradients::concepts;

pub use counterfactual::CounterfactualParameters;
pub use deletion::{Counterfactual, Counterfactuals, Deletion};
pub use evidence::{Evidence, Explanation, Method, Share, SourceRecord, percent};
pub use explainer::{ExplainError, Explainer};
pub use gnn::{EdgeExplanation, EdgeParameters};
pub use judge::{Fidelity, Mean, causes_found, fidelity, rank_agreement};
pub use kernel_shap::{KernelError, KernelParameters, kernel_shap, kernel_shap_of_row};
pub use points::{Points, PointsParameters};
pub use quality::{Quality, QualityParameters, quality};
pub use tree::{Tree, TreeEnsemble, TreeError, TreeNode};

/// A prediction shared out among what was read.
///
/// # Units
/// Those of the function explained; log odds for trees.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapleyValues {
    /// What is predicted knowing nothing.
    pub expected: f64,
    /// What knowing each of them adds; with `expected` they sum to the prediction.
    pub contributions: Vec<f64>,
}

#[cfg(test)]
mod tests {
    /// Shapley (1953): each player's gain over all orders of arrival, subset by subset.
    pub(super) fn shapley_by_all_subsets(players: usize, value: impl Fn(&[bool]) -> f64) -> Vec<f64> {
        let flags = |set: usize| (0..players).map(|player| set >> player & 1 == 1).collect::<Vec<bool>>();
        let values: Vec<f64> = (0..1_usize << players).map(|set| value(&flags(set))).collect();
        let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
        let one = |player: usize| {
            let without = (0..values.len()).filter(|set| set >> player & 1 == 0);
            let gain = |set: usize| {
                let size = set.count_ones() as usize;
                let orders = factorial(size) * factorial(players - size - 1) / factorial(players);
                orders * (values[set | 1 << player] - values[set])
            };
            without.map(gain).sum()
        };
        (0..players).map(one).collect()
    }
}
