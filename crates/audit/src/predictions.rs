//! Labels and predicted probabilities of the same instances.

use serde::{Deserialize, Serialize};
use twinloom_event::SubjectId;

/// One model's predictions and what came of them.
///
/// Invariants: the three columns are equally long; probabilities lie in 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Columns")]
pub struct Predictions {
    subjects: Vec<SubjectId>,
    labels: Vec<bool>,
    probabilities: Vec<f64>,
}

impl Predictions {
    /// Takes one entry of each column per instance; a subject may have several instances.
    ///
    /// # Errors
    /// [`PredictionsError`] when the columns differ in length or a probability is not one.
    pub fn new(
        subjects: Vec<SubjectId>,
        labels: Vec<bool>,
        probabilities: Vec<f64>,
    ) -> Result<Self, PredictionsError> {
        if subjects.len() != labels.len() || labels.len() != probabilities.len() {
            return Err(PredictionsError::Lengths {
                subjects: subjects.len(),
                labels: labels.len(),
                probabilities: probabilities.len(),
            });
        }
        match probabilities.iter().position(|probability| !(0.0..=1.0).contains(probability)) {
            Some(index) => Err(PredictionsError::Probability { index, probability: probabilities[index] }),
            None => Ok(Self { subjects, labels, probabilities }),
        }
    }

    /// Whose instance each is.
    pub fn subjects(&self) -> &[SubjectId] {
        &self.subjects
    }

    /// What happened.
    pub fn labels(&self) -> &[bool] {
        &self.labels
    }

    /// What the model said.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// Number of instances.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no instances.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

#[derive(Deserialize)]
struct Columns {
    subjects: Vec<SubjectId>,
    labels: Vec<bool>,
    probabilities: Vec<f64>,
}

impl TryFrom<Columns> for Predictions {
    type Error = PredictionsError;

    fn try_from(columns: Columns) -> Result<Self, PredictionsError> {
        Self::new(columns.subjects, columns.labels, columns.probabilities)
    }
}

/// Why columns make no predictions.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PredictionsError {
    /// The columns differ in length.
    #[error(
        "{subjects} subjects, {labels} labels and {probabilities} probabilities do not pair; permitted: equally many"
    )]
    Lengths {
        /// Entries given.
        subjects: usize,
        /// Entries given.
        labels: usize,
        /// Entries given.
        probabilities: usize,
    },
    /// A number is no probability.
    #[error("probability {probability} of instance {index} is out of range; permitted: 0 to 1")]
    Probability {
        /// Which instance.
        index: usize,
        /// The value given.
        probability: f64,
    },
    /// Two models were not asked about the same instances.
    #[error(
        "instance {index} differs between the two models; permitted: the same subjects and labels in the same order"
    )]
    OtherInstances {
        /// First that differs.
        index: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_what_is_no_probability_is_refused() {
        let one = |probability| Predictions::new(vec![SubjectId::new(1)], vec![true], vec![probability]);
        assert!(one(0.0).is_ok() && one(1.0).is_ok());
        assert!(one(f64::NAN).is_err() && one(1.01).is_err() && one(-0.01).is_err());
        assert!(Predictions::new(vec![], vec![true], vec![0.5]).is_err());
    }
}
