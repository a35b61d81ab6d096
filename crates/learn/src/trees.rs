//! Gradient-boosted trees, stopped on the tuning split.

use forust_ml::gradientbooster::GradientBooster;
use forust_ml::metric::Metric;
use serde::{Deserialize, Serialize};

use crate::explain::{Tree, TreeEnsemble, TreeError, TreeNode};
use crate::loss::{log_loss, sigmoid};

/// What to try for [`BoostedTrees`].
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `depths` | 1, 3, 2, 4 | depths tried | each >= 1 |
/// | `trees` | 300 | most trees | >= 1 |
/// | `patience` | 20 | trees without a better tuning loss before stopping | >= 1 |
/// | `learning_rate` | 0.1 | shrinkage of each tree | > 0 |
/// | `minimum_leaf_weight` | 2 | least sum of p(1-p) in a leaf | >= 0 |
/// | `l2` | 5 | penalty on leaf values | >= 0 |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TreesParameters {
    /// Depths tried.
    pub depths: Vec<usize>,
    /// Most trees.
    pub trees: usize,
    /// Trees without a better tuning loss before stopping.
    pub patience: usize,
    /// Shrinkage of each tree.
    pub learning_rate: f32,
    /// Least sum of p(1-p) in a leaf.
    pub minimum_leaf_weight: f32,
    /// Penalty on leaf values.
    pub l2: f32,
}

impl Default for TreesParameters {
    fn default() -> Self {
        Self {
            depths: vec![1, 3, 2, 4],
            trees: 300,
            patience: 20,
            learning_rate: 0.1,
            minimum_leaf_weight: 2.0,
            l2: 5.0,
        }
    }
}

impl TreesParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`TreesError::Parameter`] naming the value out of range.
    pub fn check(&self) -> Result<(), TreesError> {
        let refuse = |name, value, permitted| Err(TreesError::Parameter { name, value, permitted });
        if self.depths.is_empty() || self.depths.contains(&0) {
            return refuse("depth", 0.0, "one or more depths of 1 or more");
        }
        if self.trees == 0 || self.patience == 0 {
            return refuse("trees or patience", 0.0, "1 or more");
        }
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            return refuse("learning rate", self.learning_rate.into(), "greater than 0");
        }
        for (name, value) in [("minimum leaf weight", self.minimum_leaf_weight), ("l2", self.l2)] {
            if !(value.is_finite() && value >= 0.0) {
                return refuse(name, value.into(), "0 or more");
            }
        }
        Ok(())
    }
}

/// Values of some instances, one column after another; NaN where missing.
///
/// # Shapes
/// `values` holds `columns` runs of `rows` numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnTable {
    /// The numbers, column by column.
    pub values: Vec<f64>,
    /// Number of instances.
    pub rows: usize,
    /// Number of features.
    pub columns: usize,
}

impl ColumnTable {
    fn matrix(&self) -> forust_ml::Matrix<'_, f64> {
        forust_ml::Matrix::new(&self.values, self.rows, self.columns)
    }
}

/// A fitted ensemble of trees.
pub struct BoostedTrees {
    booster: GradientBooster,
    /// Depth chosen.
    pub depth: usize,
    /// Trees kept.
    pub trees: usize,
}

impl BoostedTrees {
    /// Fits one ensemble per depth on `train`, each stopped when `tuning` no longer gains, and keeps
    /// the one with the least log loss on `tuning`.
    ///
    /// The library runs on one thread: its sums would be the same for any number, but ensembles
    /// are already fitted side by side.
    ///
    /// # Errors
    /// [`TreesError`] on parameters out of range, labels that don't match, or the library's own.
    pub fn fit(
        train: (&ColumnTable, &[bool]),
        tuning: (&ColumnTable, &[bool]),
        parameters: &TreesParameters,
        seed: u64,
    ) -> Result<Self, TreesError> {
        parameters.check()?;
        for (table, labels) in [train, tuning] {
            if table.rows != labels.len() || table.values.len() != table.rows * table.columns {
                return Err(TreesError::Rows { rows: table.rows, labels: labels.len() });
            }
        }
        let as_numbers = |labels: &[bool]| labels.iter().map(|&label| f64::from(u8::from(label))).collect();
        let (train_labels, tuning_labels): (Vec<f64>, Vec<f64>) = (as_numbers(train.1), as_numbers(tuning.1));
        let (train_weights, tuning_weights) = (vec![1.0; train_labels.len()], vec![1.0; tuning_labels.len()]);
        let mut best: Option<(f64, Self)> = None;
        for &depth in &parameters.depths {
            let mut booster = booster(parameters, depth, seed)
                .set_evaluation_metric(Some(Metric::LogLoss))
                .set_early_stopping_rounds((tuning.0.rows > 0).then_some(parameters.patience));
            let evaluation = (tuning.0.rows > 0)
                .then(|| vec![(tuning.0.matrix(), tuning_labels.as_slice(), tuning_weights.as_slice())]);
            booster
                .fit(&train.0.matrix(), &train_labels, &train_weights, evaluation)
                .map_err(|error| TreesError::Library { message: error.to_string() })?;
            let trees = booster.best_iteration.map_or(booster.trees.len(), |iteration| iteration + 1);
            let fitted = Self { booster, depth, trees };
            let judged = if tuning.0.rows > 0 { tuning } else { train };
            let loss = log_loss(&fitted.predict(judged.0), judged.1);
            if best.as_ref().is_none_or(|(least, _)| loss < *least) {
                best = Some((loss, fitted));
            }
        }
        let nothing = TreesError::Parameter { name: "depth", value: 0.0, permitted: "one or more depths" };
        best.map(|(_, fitted)| fitted).ok_or(nothing)
    }

    /// Grows as many trees of the depth chosen on these rows.
    ///
    /// # Errors
    /// As [`BoostedTrees::fit`].
    pub(crate) fn refit(
        &self,
        rows: (&ColumnTable, &[bool]),
        parameters: &TreesParameters,
        seed: u64,
    ) -> Result<Self, TreesError> {
        let fixed = TreesParameters { depths: vec![self.depth], trees: self.trees, ..parameters.clone() };
        Self::fit(rows, (&ColumnTable::default(), &[]), &fixed, seed)
    }

    /// Number of leaves of all trees.
    pub(crate) fn leaves(&self) -> usize {
        self.booster.trees.iter().flat_map(|tree| &tree.nodes).filter(|node| node.is_leaf).count()
    }

    /// Probabilities, one per row.
    pub fn predict(&self, table: &ColumnTable) -> Vec<f64> {
        if table.rows == 0 {
            return Vec::new();
        }
        self.booster.predict(&table.matrix(), false).into_iter().map(sigmoid).collect()
    }

    /// The trees themselves, which add up to log odds; a node's cover is its sum of p(1-p) in training.
    ///
    /// # Errors
    /// [`TreeError`] where the library's trees are none, which none of its growers makes.
    pub fn ensemble(&self, columns: usize) -> Result<TreeEnsemble, TreeError> {
        let asked = self.booster.prediction_iteration.unwrap_or(self.booster.trees.len());
        let trees = self.booster.trees.iter().take(asked).map(|tree| {
            let nodes = tree.nodes.iter().map(|node| {
                let cover = f64::from(node.hessian_sum);
                if node.is_leaf {
                    return TreeNode::Leaf { value: f64::from(node.weight_value), cover };
                }
                TreeNode::Split {
                    column: node.split_feature,
                    threshold: node.split_value,
                    below: node.left_child,
                    above: node.right_child,
                    missing: node.missing_node,
                    cover,
                }
            });
            Tree::new(nodes.collect())
        });
        TreeEnsemble::new(self.booster.base_score, trees.collect::<Result<_, _>>()?, columns)
    }
}

fn booster(parameters: &TreesParameters, depth: usize, seed: u64) -> GradientBooster {
    GradientBooster::default()
        .set_iterations(parameters.trees)
        .set_learning_rate(parameters.learning_rate)
        .set_max_depth(depth)
        .set_min_leaf_weight(parameters.minimum_leaf_weight)
        .set_l2(parameters.l2)
        .set_nbins(64)
        .set_seed(seed)
        .set_initialize_base_score(true)
        .set_parallel(false)
}

/// Why trees can't be grown.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TreesError {
    /// A parameter is out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which parameter.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// Rows and labels don't match.
    #[error("{rows} rows and {labels} labels; permitted: one label per row, every row complete")]
    Rows {
        /// Rows of features.
        rows: usize,
        /// Labels.
        labels: usize,
    },
    /// The boosting library refused.
    #[error("boosting: {message}")]
    Library {
        /// Its words.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One informative column (a step at 0.5, missing in every tenth row) and one of noise.
    fn rows(from: usize, to: usize) -> (ColumnTable, Vec<bool>) {
        let value = |row: usize| ((row * 37) % 101) as f64 / 101.0;
        let noise = |row: usize| ((row * 53) % 97) as f64 / 97.0;
        let observed = |row: usize| if row.is_multiple_of(10) { f64::NAN } else { value(row) };
        let values = (from..to).map(observed).chain((from..to).map(noise)).collect();
        let labels = (from..to).map(|row| (value(row) > 0.5) != (row.is_multiple_of(13))).collect();
        (ColumnTable { values, rows: to - from, columns: 2 }, labels)
    }

    #[test]
    fn law_trees_find_a_step() {
        let ((train, train_labels), (tuning, tuning_labels)) = (rows(0, 600), rows(600, 800));
        let parameters = TreesParameters::default();
        let fitted =
            BoostedTrees::fit((&train, &train_labels), (&tuning, &tuning_labels), &parameters, 1).unwrap();
        let (unseen, labels) = rows(800, 1200);
        let right = fitted
            .predict(&unseen)
            .iter()
            .zip(&labels)
            .filter(|(probability, label)| (**probability > 0.5) == **label)
            .count();
        // One label in 13 is flipped and one value in 10 missing: 0.88 is the best to be had.
        assert!(right > 330, "{right} of 400");
        assert!(fitted.trees <= parameters.trees);
    }

    #[test]
    fn law_the_trees_explained_are_those_that_predict() {
        let ((train, train_labels), (tuning, tuning_labels)) = (rows(0, 600), rows(600, 800));
        let parameters = TreesParameters::default();
        let fitted =
            BoostedTrees::fit((&train, &train_labels), (&tuning, &tuning_labels), &parameters, 1).unwrap();
        let ensemble = fitted.ensemble(2).unwrap();
        let mut told = [0.0, 0.0];
        for (row, predicted) in fitted.predict(&tuning).into_iter().enumerate() {
            let own = [tuning.values[row], tuning.values[tuning.rows + row]];
            let explained = ensemble.shapley(&own);
            let log_odds = explained.expected + explained.contributions.iter().sum::<f64>();
            assert!((sigmoid(log_odds) - predicted).abs() < 1e-9, "{row}: {log_odds} and {predicted}");
            told.iter_mut().zip(explained.contributions).for_each(|(sum, own)| *sum += own.abs());
        }
        assert!(told[0] > 5.0 * told[1], "the step tells {}, the noise {}", told[0], told[1]);
    }

    #[test]
    fn law_refit_keeps_depth_and_number() {
        let ((train, train_labels), (tuning, tuning_labels)) = (rows(0, 600), rows(600, 800));
        let parameters = TreesParameters::default();
        let fitted =
            BoostedTrees::fit((&train, &train_labels), (&tuning, &tuning_labels), &parameters, 1).unwrap();
        let again = fitted.refit((&train, &train_labels), &parameters, 1).unwrap();
        assert_eq!((again.depth, again.trees), (fitted.depth, fitted.trees));
        assert_eq!(again.predict(&tuning), fitted.predict(&tuning));
    }

    #[test]
    fn regress_bad_parameters_and_rows_are_refused() {
        let (table, labels) = rows(0, 50);
        let none = TreesParameters { depths: Vec::new(), ..TreesParameters::default() };
        assert!(BoostedTrees::fit((&table, &labels), (&table, &labels), &none, 1).is_err());
        let default = TreesParameters::default();
        assert!(BoostedTrees::fit((&table, &labels[1..]), (&table, &labels), &default, 1).is_err());
    }
}
