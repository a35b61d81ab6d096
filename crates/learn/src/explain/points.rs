//! A second opinion on models of tables: what each reason adds to the probability itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::seq::SliceRandom;
use serde::Serialize;
use twinloom_neural::{SparseMatrix, stream};

use super::evidence::Naming;
use super::explainer::Row;
use super::{ExplainError, Explainer, Explanation, KernelParameters, kernel_shap_of_row};
use crate::{ColumnTable, LogisticRegression};

/// How much is asked.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `reasons` | 9 | most telling reasons told apart; all else is one player | >= 1 |
/// | `background` | 50 | training instances that stand for what is not known | >= 1 |
/// | `kernel` | | see [`KernelParameters`]; by default 10 players are exact | |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointsParameters {
    /// Reasons told apart.
    pub reasons: usize,
    /// Training instances that stand for what is not known.
    pub background: usize,
    /// Subsets asked.
    pub kernel: KernelParameters,
}

impl Default for PointsParameters {
    fn default() -> Self {
        Self { reasons: 9, background: 50, kernel: KernelParameters::default() }
    }
}

/// A probability shared out: the mean of the background, each reason's part, and everything else's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Points {
    /// The mean probability of the background.
    pub expected: f64,
    /// What each reason adds to the probability, in the explanation's order.
    pub reasons: Vec<(Arc<str>, f64)>,
    /// What all else adds; with the others it sums to the probability.
    pub rest: f64,
}

/// A model of tables, to be asked for probabilities.
type Asked<'m> = Box<dyn Fn(&ColumnTable) -> Vec<f64> + 'm>;

impl Explainer<'_> {
    /// KernelSHAP of a model of tables on the probability, whose columns are taken together by what they are of.
    ///
    /// The parts of [`Explainer::explain`] are of the log odds and use the model's form; these use nothing but its
    /// predictions, so that agreement of the two speaks for both.
    ///
    /// # Errors
    /// [`ExplainError`] past the last instance, on parameters out of range, or where the row is a network.
    pub fn points(
        &self,
        instance: usize,
        explanation: &Explanation,
        parameters: PointsParameters,
    ) -> Result<Points, ExplainError> {
        self.check(instance)?;
        for (name, value) in [("reasons", parameters.reasons), ("background", parameters.background)] {
            if value == 0 {
                return Err(ExplainError::Parameter { name, value: 0.0, permitted: "1 or more" });
            }
        }
        let mut drawn = self.train().to_vec();
        drawn.shuffle(&mut stream(parameters.kernel.seed, instance as u64));
        drawn.truncate(parameters.background);
        let inputs = self.inputs();
        let (predict, own, background, names): (Asked<'_>, Vec<f64>, ColumnTable, Vec<Arc<str>>) =
            match self.row() {
                Row::Logistic { model, .. } => {
                    let features = inputs.table.features().iter();
                    let own = columns_of(&inputs.scaled.select_rows(&[instance]));
                    let background = columns_of(&inputs.scaled.select_rows(&drawn));
                    let names = features.map(|feature| Arc::clone(&feature.name)).collect();
                    (Box::new(|table| predicted(model, table)), own.values, background, names)
                }
                Row::Trees { model, .. } => {
                    let names = inputs.tree_features().collect();
                    let own = inputs.columns(&[instance]).values;
                    (Box::new(|table| model.predict(table)), own, inputs.columns(&drawn), names)
                }
                Row::Network(_) => return Err(ExplainError::Unread { kind: self.kind() }),
            };
        let reasons: Vec<Arc<str>> =
            explanation.evidence.iter().take(parameters.reasons).map(|one| Arc::clone(&one.what)).collect();
        let player: BTreeMap<&str, usize> = reasons.iter().map(AsRef::as_ref).zip(0..).collect();
        let naming = Naming::of(&self.view(instance)?);
        let mut groups = vec![Vec::new(); reasons.len() + 1];
        for (column, name) in names.iter().enumerate() {
            let group = player.get(&*naming.what(name)).copied().unwrap_or(reasons.len());
            groups[group].push(column);
        }
        let found = kernel_shap_of_row(&*predict, &own, &background, &groups, parameters.kernel)?;
        let mut parts = found.contributions;
        let rest = parts.pop().unwrap_or(0.0);
        Ok(Points { expected: found.expected, reasons: reasons.into_iter().zip(parts).collect(), rest })
    }
}

/// The rows column by column.
fn columns_of(rows: &SparseMatrix) -> ColumnTable {
    let mut values = vec![0.0; rows.rows() * rows.columns()];
    for row in 0..rows.rows() {
        let (columns, entries) = rows.row(row);
        for (&column, &value) in columns.iter().zip(entries) {
            values[column as usize * rows.rows() + row] = f64::from(value);
        }
    }
    ColumnTable { values, rows: rows.rows(), columns: rows.columns() }
}

/// The regression's probabilities of rows that are given column by column.
fn predicted(model: &LogisticRegression, table: &ColumnTable) -> Vec<f64> {
    let mut log_odds = vec![model.intercept; table.rows];
    for (weight, column) in model.coefficients.iter().zip(table.values.chunks(table.rows.max(1))) {
        if *weight != 0.0 {
            log_odds.iter_mut().zip(column).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    log_odds.into_iter().map(crate::loss::sigmoid).collect()
}
