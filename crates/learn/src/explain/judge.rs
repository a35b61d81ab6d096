//! Whether explanations are any good.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::seq::SliceRandom;
use serde::Serialize;
use twinloom_neural::stream;

use super::{Deletion, Evidence, ExplainError, Explainer, Explanation};

/// A mean over people with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Number of people.
    pub people: usize,
}

impl Mean {
    /// The mean and 1.96 standard errors on either side; of fewer than two people the interval is everything, and
    /// of none the mean is 0.
    pub fn of(values: &[f64]) -> Self {
        let (people, count) = (values.len(), values.len().max(1) as f64);
        let value = values.iter().sum::<f64>() / count;
        if people < 2 {
            return Self { value, low: f64::NEG_INFINITY, high: f64::INFINITY, people };
        }
        let squares: f64 = values.iter().map(|other| (other - value).powi(2)).sum();
        let half = 1.96 * (squares / (count - 1.0) / count).sqrt();
        Self { value, low: value - half, high: value + half, people }
    }
}

/// What predictions lose when the codes that an explanation names are taken out, and when all others are.
///
/// Each is a change of the probability of what was predicted: of the outcome for those above its share in
/// training, of its absence for the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fidelity {
    /// Codes taken as the explanation.
    pub codes: usize,
    /// Without them: greater is better (fidelity+).
    pub plus: Mean,
    /// With nothing else that is dated: nearer 0 is better (fidelity-).
    pub minus: Mean,
    /// Without as many codes drawn at random from the record: what fidelity+ must exceed.
    pub random: Mean,
}

/// Fidelity of explanations, given with their instances, by their `codes` most telling codes.
///
/// # Source
/// Yuan et al., Explainability in Graph Neural Networks: A Taxonomic Survey (IEEE TPAMI 2023), equations 23 and 25,
/// the probabilities' version.
///
/// # Errors
/// As [`Explainer::without`].
pub fn fidelity(
    explainer: &Explainer<'_>,
    explained: &[(usize, Explanation)],
    codes: usize,
    seed: u64,
) -> Result<Fidelity, ExplainError> {
    let mut deletions = Vec::with_capacity(3 * explained.len());
    let mut signs = Vec::with_capacity(explained.len());
    for (instance, explanation) in explained {
        let instance = *instance;
        let sign = if explanation.probability >= explainer.share() { 1.0 } else { -1.0 };
        signs.push(sign);
        let all = explainer.codes(instance)?;
        let mut ranked: Vec<&Evidence> =
            explanation.evidence.iter().filter(|one| all.contains(&one.what)).collect();
        ranked.sort_by(|one, other| (sign * other.weight).total_cmp(&(sign * one.weight)));
        let named: Vec<Arc<str>> = ranked.iter().take(codes).map(|one| Arc::clone(&one.what)).collect();
        let others = all.iter().filter(|code| !named.contains(code)).cloned().collect();
        let mut drawn = all.clone();
        drawn.shuffle(&mut stream(seed, instance as u64));
        drawn.truncate(named.len());
        deletions.extend([named, others, drawn].map(|codes| Deletion { instance, codes }));
    }
    let after = if deletions.is_empty() { Vec::new() } else { explainer.without(&deletions)? };
    let lost = |part: usize| {
        let one = |((after, sign), (_, explanation)): ((&[f64], &f64), &(usize, Explanation))| {
            sign * (explanation.probability - after[part])
        };
        Mean::of(&after.chunks(3).zip(&signs).zip(explained).map(one).collect::<Vec<f64>>())
    };
    Ok(Fidelity { codes, plus: lost(0), minus: lost(1), random: lost(2) })
}

/// Spearman's rank correlation of two explanations' weights, over all that either names; what one does not name
/// weighs 0 in it. None where either gives everything the same weight.
///
/// High between two seeds of a model, an explanation is stable; high between a model and itself made meaningless
/// ([`Explainer::randomised`]), it says nothing of the model.
pub fn rank_agreement(one: &[Evidence], other: &[Evidence]) -> Option<f64> {
    let mut pairs: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    for (place, evidence) in [one, other].into_iter().enumerate() {
        for Evidence { what, weight, .. } in evidence {
            pairs.entry(what).or_default()[place] = *weight;
        }
    }
    let ranks = [0, 1].map(|place| mid_ranks(&pairs.values().map(|pair| pair[place]).collect::<Vec<f64>>()));
    let middle = f64::midpoint(pairs.len() as f64, 1.0);
    let product =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let spread = (product(&ranks[0], &ranks[0]) * product(&ranks[1], &ranks[1])).sqrt();
    (spread > 0.0).then(|| product(&ranks[0], &ranks[1]) / spread)
}

/// Ranks from 1, equal values sharing the mean of theirs.
fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for run in order.chunk_by(|&one, &other| values[one].total_cmp(&values[other]).is_eq()) {
        let rank = first as f64 + f64::midpoint(run.len() as f64, 1.0);
        for &place in run {
            ranks[place] = rank;
        }
        first += run.len();
    }
    ranks
}

/// The share of an explanation's first reasons that are true causes, as many reasons as the person has causes in
/// the record; people without any are left out.
///
/// # Arguments
/// Each explanation comes with the codes that truly moved that person's outcome, as made-up data know them.
pub fn causes_found(explained: &[(&Explanation, Vec<Arc<str>>)]) -> Mean {
    let share = |(explanation, causes): &(&Explanation, Vec<Arc<str>>)| {
        let named =
            explanation.evidence.iter().filter(|evidence| !evidence.records.is_empty()).take(causes.len());
        let right = named.filter(|evidence| causes.contains(&evidence.what)).count();
        (!causes.is_empty()).then(|| right as f64 / causes.len() as f64)
    };
    Mean::of(&explained.iter().filter_map(share).collect::<Vec<f64>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(weights: &[(&str, f64)]) -> Vec<Evidence> {
        let one = |(what, weight): &(&str, f64)| Evidence {
            what: (*what).into(),
            weight: *weight,
            records: Vec::new(),
        };
        weights.iter().map(one).collect()
    }

    #[test]
    fn ref_rank_agreement_is_spearmans() {
        // By hand: ranks 1 2.5 2.5 4 beside 1 3 2 4: 4.5 / sqrt(4.5 * 5).
        let one = evidence(&[("a", 0.0), ("b", 1.0), ("c", 1.0), ("d", 3.0)]);
        let other = evidence(&[("b", 8.0), ("c", 0.2), ("d", 9.0)]);
        let found = rank_agreement(&one, &other).unwrap();
        assert!((found - 4.5 / (4.5_f64 * 5.0).sqrt()).abs() < 1e-12, "{found}");
        assert_eq!(rank_agreement(&one, &evidence(&[])), None);
        assert_eq!(rank_agreement(&[], &[]), None);
    }

    #[test]
    fn ref_mean_has_its_normal_interval() {
        let mean = Mean::of(&[1.0, 2.0, 3.0, 4.0]);
        let half = 1.96 * (5.0_f64 / 3.0 / 4.0).sqrt();
        assert!((mean.value - 2.5).abs() < 1e-12 && (mean.high - 2.5 - half).abs() < 1e-12);
        assert_eq!(
            (Mean::of(&[]).people, Mean::of(&[]).value, Mean::of(&[2.0]).high),
            (0, 0.0, f64::INFINITY)
        );
    }
}
