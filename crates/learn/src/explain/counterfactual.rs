//! Which codes a prediction rests on, found by taking them out.

use std::sync::Arc;

use super::{Counterfactual, Counterfactuals, Deletion, ExplainError, Explainer, Explanation};

/// Which deletions are tried.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `candidates` | 8 | codes tried: those that an explanation finds most telling | >= 1 |
/// | `most` | 4 | codes in the set that grows | >= 1 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterfactualParameters {
    /// Codes tried.
    pub candidates: usize,
    /// Codes in the set that grows.
    pub most: usize,
}

impl Default for CounterfactualParameters {
    fn default() -> Self {
        Self { candidates: 8, most: 4 }
    }
}

impl Explainer<'_> {
    /// Takes the most telling codes of an explanation out of the record, alone, in pairs, and one after another.
    ///
    /// Singles and pairs are exhaustive among the candidates; the growing set is greedy, and so may miss a set of
    /// three or more whose parts do little by themselves.
    ///
    /// # Errors
    /// As [`Explainer::without`].
    pub fn counterfactuals(
        &self,
        instance: usize,
        explanation: &Explanation,
        parameters: CounterfactualParameters,
    ) -> Result<Counterfactuals, ExplainError> {
        let dated =
            explanation.evidence.iter().filter(|one| one.records.iter().any(|record| record.time.is_some()));
        let codes: Vec<Arc<str>> =
            dated.map(|evidence| Arc::clone(&evidence.what)).take(parameters.candidates.max(1)).collect();
        let mut sets: Vec<Vec<Arc<str>>> = codes.iter().map(|code| vec![Arc::clone(code)]).collect();
        for (place, one) in codes.iter().enumerate() {
            sets.extend(codes[place + 1..].iter().map(|other| vec![Arc::clone(one), Arc::clone(other)]));
        }
        let (mut single, mut pairs): (Vec<_>, Vec<_>) =
            self.tried(instance, sets)?.into_iter().partition(|tried| tried.codes.len() == 1);
        for tried in [&mut single, &mut pairs] {
            tried.sort_by(|one, other| one.after.total_cmp(&other.after));
        }
        let mut greedy: Vec<Counterfactual> = Vec::new();
        while greedy.len() < parameters.most {
            let last = greedy.last().map_or(&[][..], |last| &last.codes);
            let more = |code: &Arc<str>| [last, &[Arc::clone(code)]].concat();
            let next: Vec<Counterfactual> = match last {
                [] => single.clone(),
                // The order within a pair is that of the candidates.
                [first] => pairs.iter().filter(|pair| pair.codes.contains(first)).cloned().collect(),
                _ => self
                    .tried(instance, codes.iter().filter(|code| !last.contains(code)).map(more).collect())?,
            };
            let least = next.into_iter().min_by(|one, other| one.after.total_cmp(&other.after));
            match least {
                Some(least) if least.after < greedy.last().map_or(least.before, |last| last.after) => {
                    greedy.push(least);
                }
                _ => break,
            }
        }
        Ok(Counterfactuals { single, pairs, greedy })
    }

    fn tried(&self, instance: usize, sets: Vec<Vec<Arc<str>>>) -> Result<Vec<Counterfactual>, ExplainError> {
        if sets.is_empty() {
            return Ok(Vec::new());
        }
        let before = self.predict(&[instance])?[0];
        let deletions: Vec<Deletion> = sets.into_iter().map(|codes| Deletion { instance, codes }).collect();
        let after = self.without(&deletions)?;
        Ok(deletions
            .into_iter()
            .zip(after)
            .map(|(Deletion { codes, .. }, after)| Counterfactual { codes, before, after })
            .collect())
    }
}
