//! Bounds from below on epsilon, and what they say of a claim.

use serde::{Deserialize, Serialize};

use crate::binomial::{at_least, chance_of, exact_interval};
use crate::bootstrap::shuffled;

/// Greatest epsilon that is looked for: beyond it no number of canaries that fits a table tells anything.
const GREATEST: f64 = 50.0;

/// How a bound was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditMethod {
    /// Many trained models, each with or without one canary.
    Classic,
    /// One trained model with many canaries.
    OneRun,
}

/// An epsilon that the mechanism can't be below, unless chance misled the audit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditedEpsilon {
    /// How it was found.
    pub method: AuditMethod,
    /// The bound; 0 where the audit shows nothing.
    pub lower: f64,
    /// The delta that it is for.
    pub delta: f64,
    /// Chance of at least this that the true epsilon is not below it.
    pub confidence: f64,
}

/// How often trained models with and without a canary were told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// With the canary, and so guessed.
    pub true_positives: u64,
    /// With it, and guessed without.
    pub false_negatives: u64,
    /// Without it, and guessed with.
    pub false_positives: u64,
    /// Without it, and so guessed.
    pub true_negatives: u64,
}

/// Bounds epsilon from how often models with and without a canary are told apart.
///
/// # Source
/// Jagielski, Ullman and Oprea, Auditing differentially private machine learning, NeurIPS 2020, section 4 (a pair
/// of Clopper-Pearson limits, each at half the chance of error); delta as Nasr et al., Adversary
/// instantiation, IEEE S&P 2021, section IV: epsilon >= ln((TPR - delta) / FPR), and the same of the two negatives.
///
/// # Errors
/// [`AuditError`] where delta or the confidence is out of range, or no model was with or without.
///
/// # Limits
/// The threshold must have been chosen on other models; each model trained on its own.
pub fn classic_audit(outcomes: &Outcomes, delta: f64, confidence: f64) -> Result<AuditedEpsilon, AuditError> {
    check(delta, confidence)?;
    let with = outcomes.true_positives + outcomes.false_negatives;
    let without = outcomes.false_positives + outcomes.true_negatives;
    if with == 0 || without == 0 {
        return Err(AuditError::NoModel { with, without });
    }
    let one_sided = (1.0 - confidence) / 2.0;
    let (least_true, _) = exact_interval(outcomes.true_positives, with, one_sided);
    let (_, most_false) = exact_interval(outcomes.false_positives, without, one_sided);
    let bound =
        |above: f64, below: f64| if above > below && below > 0.0 { (above / below).ln() } else { 0.0 };
    let positives = bound(least_true - delta, most_false);
    let negatives = bound(1.0 - most_false - delta, 1.0 - least_true);
    Ok(AuditedEpsilon { method: AuditMethod::Classic, lower: positives.max(negatives), delta, confidence })
}

/// The greatest chance that an epsilon allows of at least `correct` right guesses.
///
/// # Source
/// Steinke, Nasr and Jagielski, Privacy auditing with one (1) training run, NeurIPS 2023, theorem 5.2 and appendix
/// D: with q = e^epsilon / (1 + e^epsilon) and W binomial of `guesses` trials at q, P[W >= v] + 2 m delta max over i of
/// P[v - i <= W < v] / i.
///
/// # Errors
/// [`AuditError`] where the counts don't nest or a number is out of range.
pub fn one_run_p_value(
    canaries: u64,
    guesses: u64,
    correct: u64,
    epsilon: f64,
    delta: f64,
) -> Result<f64, AuditError> {
    check(delta, 0.5)?;
    check_counts(canaries, guesses, correct)?;
    if !(epsilon.is_finite() && epsilon >= 0.0) {
        return Err(AuditError::Epsilon { epsilon });
    }
    Ok(p_value(canaries, guesses, correct, epsilon, delta))
}

fn p_value(canaries: u64, guesses: u64, correct: u64, epsilon: f64, delta: f64) -> f64 {
    let q = 1.0 / (1.0 + (-epsilon).exp());
    let beta = at_least(correct, guesses, q);
    let (mut within, mut alpha) = (0.0, 0.0_f64);
    for i in 1..=correct {
        within += chance_of(correct - i, guesses, q);
        alpha = alpha.max(within / i as f64);
    }
    (beta + 2.0 * canaries as f64 * alpha * delta).min(1.0)
}

/// Bounds epsilon from right guesses about canaries of one model, each canary in by the toss of a coin.
///
/// # Errors
/// [`AuditError`] as [`one_run_p_value`]'s.
pub fn one_run_bound(
    canaries: u64,
    guesses: u64,
    correct: u64,
    delta: f64,
    confidence: f64,
) -> Result<AuditedEpsilon, AuditError> {
    check(delta, confidence)?;
    check_counts(canaries, guesses, correct)?;
    let refuted = |epsilon: f64| p_value(canaries, guesses, correct, epsilon, delta) < 1.0 - confidence;
    let lower = if refuted(0.0) {
        let (mut low, mut high) = (0.0, GREATEST);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if refuted(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    } else {
        0.0
    };
    Ok(AuditedEpsilon { method: AuditMethod::OneRun, lower, delta, confidence })
}

/// Guesses that the canaries that score highest were in and those that score lowest were not, half of the guesses
/// each, and bounds epsilon by how many are right. Equal scores are ranked by a keyed draw, not by place, which might tell.
///
/// # Errors
/// [`AuditError`] where scores and coins don't pair, a score is not finite, or there are more guesses than canaries.
///
/// # Limits
/// Coins must be fair and independent, and the number of guesses fixed beforehand: the best of several is no bound.
pub fn one_run_audit(
    scores: &[f64],
    included: &[bool],
    guesses: usize,
    delta: f64,
    confidence: f64,
    seed: u64,
) -> Result<AuditedEpsilon, AuditError> {
    if scores.len() != included.len() {
        return Err(AuditError::Lengths { scores: scores.len(), coins: included.len() });
    }
    if let Some(index) = scores.iter().position(|score| !score.is_finite()) {
        return Err(AuditError::Score { index });
    }
    check_counts(scores.len() as u64, guesses as u64, 0)?;
    let mut order = shuffled(scores.len(), seed, 0);
    order.sort_by(|&left, &right| scores[right].total_cmp(&scores[left]));
    let highest = guesses.div_ceil(2);
    let lowest = guesses - highest;
    let correct = order[..highest].iter().filter(|&&canary| included[canary]).count()
        + order[order.len() - lowest..].iter().filter(|&&canary| !included[canary]).count();
    one_run_bound(scores.len() as u64, guesses as u64, correct as u64, delta, confidence)
}

/// What a release claims.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claimed {
    /// Bound from above.
    pub epsilon: f64,
    /// Delta of the bound.
    pub delta: f64,
}

/// Whether a release may stand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It claims no bound, so that none is refuted.
    NothingClaimed,
    /// No audit contradicts the claim.
    NotRefuted {
        /// What is claimed.
        claimed: Claimed,
        /// The greatest bound from below, if there was an audit.
        greatest: Option<AuditedEpsilon>,
    },
    /// The mechanism leaks more than claimed: there is an error in it, and nothing may be released.
    Refused {
        /// What is claimed.
        claimed: Claimed,
        /// The bound from below that exceeds it.
        audited: AuditedEpsilon,
    },
}

/// Refuses a release whose claimed epsilon an audit exceeds.
///
/// # Errors
/// [`AuditError`] where the claim is none, or an audit's delta is below the claim's, which bounds another epsilon.
///
/// # Limits
/// Each audit refuses a sound release by chance, one time in 20 at a confidence of 0.95: with several, ask each for
/// more.
pub fn verdict(claimed: Option<Claimed>, audits: &[AuditedEpsilon]) -> Result<Verdict, AuditError> {
    let Some(claimed) = claimed else { return Ok(Verdict::NothingClaimed) };
    if !(claimed.epsilon.is_finite() && claimed.epsilon >= 0.0) {
        return Err(AuditError::Epsilon { epsilon: claimed.epsilon });
    }
    check(claimed.delta, 0.5)?;
    if let Some(audit) = audits.iter().find(|audit| audit.delta < claimed.delta) {
        return Err(AuditError::OtherDelta { audited: audit.delta, claimed: claimed.delta });
    }
    let greatest = audits.iter().copied().max_by(|left, right| left.lower.total_cmp(&right.lower));
    Ok(match greatest {
        Some(audited) if audited.lower > claimed.epsilon => Verdict::Refused { claimed, audited },
        greatest => Verdict::NotRefuted { claimed, greatest },
    })
}

fn check(delta: f64, confidence: f64) -> Result<(), AuditError> {
    if !(0.0..1.0).contains(&delta) {
        return Err(AuditError::Delta { delta });
    }
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(AuditError::Confidence { confidence });
    }
    Ok(())
}

fn check_counts(canaries: u64, guesses: u64, correct: u64) -> Result<(), AuditError> {
    if guesses == 0 || guesses > canaries || correct > guesses {
        return Err(AuditError::Counts { canaries, guesses, correct });
    }
    Ok(())
}

/// Why there is no audit.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum AuditError {
    /// No chance.
    #[error("delta is {delta}; permitted: 0 to below 1")]
    Delta {
        /// Given.
        delta: f64,
    },
    /// No confidence.
    #[error("confidence is {confidence}; permitted: above 0 and below 1")]
    Confidence {
        /// Given.
        confidence: f64,
    },
    /// No epsilon.
    #[error("epsilon is {epsilon}; permitted: 0 or above, finite")]
    Epsilon {
        /// Given.
        epsilon: f64,
    },
    /// Counts that don't nest.
    #[error(
        "{correct} right of {guesses} guesses about {canaries} canaries; permitted: right <= guesses <= canaries, 1 guess or more"
    )]
    Counts {
        /// Canaries.
        canaries: u64,
        /// Guesses.
        guesses: u64,
        /// Right ones.
        correct: u64,
    },
    /// Models of one kind only.
    #[error("{with} models with the canary and {without} without; permitted: 1 or more of each")]
    NoModel {
        /// With it.
        with: u64,
        /// Without.
        without: u64,
    },
    /// Lists that don't pair.
    #[error("{scores} scores and {coins} coins do not pair; permitted: equally many")]
    Lengths {
        /// Scores.
        scores: usize,
        /// Coins.
        coins: usize,
    },
    /// No number.
    #[error("score {index} is not finite; permitted: finite scores")]
    Score {
        /// Which.
        index: usize,
    },
    /// An audit at a lesser delta than the claim's.
    #[error("audited at delta {audited}; permitted: {claimed} or above, the claim's")]
    OtherDelta {
        /// The audit's.
        audited: f64,
        /// The claim's.
        claimed: f64,
    },
}
