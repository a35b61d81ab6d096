//! How good a row's explanations are, over people that it never saw.

use rand::seq::SliceRandom;
use serde::Serialize;
use twinloom_neural::stream;

use super::{ExplainError, Explainer, Explanation, Fidelity, Mean, fidelity, rank_agreement};

/// Number of the stream that draws the people judged.
const PEOPLE: u64 = 0x0a5c_ed00;

/// On whom explanations are judged.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `people` | 60 | held-out instances drawn; all where there are fewer | >= 2 |
/// | `codes` | 3 | most telling codes taken as the explanation | >= 1 |
/// | `seed` | 0 | of who is drawn, of the codes drawn to compare with, and of the model made meaningless | |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QualityParameters {
    /// Held-out instances drawn.
    pub people: usize,
    /// Codes taken as the explanation.
    pub codes: usize,
    /// Of what is drawn.
    pub seed: u64,
}

impl Default for QualityParameters {
    fn default() -> Self {
        Self { people: 60, codes: 3, seed: 0 }
    }
}

impl QualityParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] naming the value out of range.
    pub fn check(&self) -> Result<(), ExplainError> {
        let refuse = |name, value: usize, permitted| {
            Err(ExplainError::Parameter { name, value: value as f64, permitted })
        };
        if self.people < 2 {
            return refuse("people judged", self.people, "2 or more");
        }
        if self.codes == 0 {
            return refuse("codes judged", 0, "1 or more");
        }
        Ok(())
    }

    /// The held-out instances judged, drawn without regard to what is predicted of them, in order.
    pub fn drawn(&self, explainer: &Explainer<'_>) -> Vec<usize> {
        let mut people = explainer.held_out().to_vec();
        people.shuffle(&mut stream(self.seed, PEOPLE));
        people.truncate(self.people);
        people.sort_unstable();
        people
    }
}

/// How good explanations are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// What deletions do to predictions.
    pub fidelity: Fidelity,
    /// Rank correlation with the explanations of the same row trained from another seed: stability.
    pub reseeded: Mean,
    /// Rank correlation with the explanations of the row made meaningless: what stability must exceed.
    pub randomised: Mean,
}

/// Judges explanations by deletion, by another seed and by a model made meaningless.
///
/// # Arguments
/// `explained` are the row's explanations with their instances; `reseeded` is the same row on the same data, fitted
/// from another seed. The row is taken apart at the end and so is used up.
///
/// # Errors
/// As [`fidelity`] and [`Explainer::randomised`].
pub fn quality(
    explainer: Explainer<'_>,
    reseeded: &Explainer<'_>,
    explained: &[(usize, Explanation)],
    parameters: QualityParameters,
) -> Result<Quality, ExplainError> {
    parameters.check()?;
    let fidelity = fidelity(&explainer, explained, parameters.codes, parameters.seed)?;
    let agreement = |other: &Explainer<'_>| -> Result<Mean, ExplainError> {
        let mut found = Vec::with_capacity(explained.len());
        for (instance, explanation) in explained {
            found.extend(rank_agreement(&explanation.evidence, &other.explain(*instance)?.evidence));
        }
        Ok(Mean::of(&found))
    };
    let reseeded = agreement(reseeded)?;
    let randomised = agreement(&explainer.randomised(parameters.seed)?)?;
    Ok(Quality { fidelity, reseeded, randomised })
}
