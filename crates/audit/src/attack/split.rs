//! A bound on epsilon from one release and people dealt at random into members and others.

use super::epsilon::{AuditError, AuditMethod, AuditedEpsilon, Claimed, one_run_audit};
use crate::bootstrap::{shuffled, stream};

/// Slots for each person of the smaller side: three in two, so that coins run out of either side hardly ever.
const SLOTS: f64 = 1.5;
/// Fewest slots to bound anything by.
const FEWEST: usize = 20;
/// Stream of the coins.
const COINS: u64 = 0x434f_494e;

/// How a single release is audited by people who were dealt at random into its training data and outside.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `guesses` | 0.1 | share of slots that are guessed about, fixed before scores are seen | above 0, at most 1 |
/// | `confidence` | 0.95 | chance of at least this that a sound claim is not refuted | above 0, below 1 |
/// | `seed` | 0 | keys coins and ties | any |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SplitAudit {
    /// Share of slots guessed about.
    pub guesses: f64,
    /// Chance that a sound claim is not refuted.
    pub confidence: f64,
    /// Keys coins and ties.
    pub seed: u64,
}

impl Default for SplitAudit {
    fn default() -> Self {
        Self { guesses: 0.1, confidence: 0.95, seed: 0 }
    }
}

/// Bounds the epsilon of a claim about adding or removing one person, from an attack's scores of members and others.
///
/// People are drawn into slots: a fair coin for each says whether it takes the next member or the next other person.
/// Where the two groups are a random split of the same people, who stands in a slot tells nothing of its coin, so that
/// the coins are those of a one-run audit whose canaries are real people. Turning one coin replaces one person of the
/// training data by another, of which a claim of (epsilon, delta) for adding or removing one allows twice epsilon at
/// (1 + e^epsilon) delta; the bound is halved for it.
///
/// # Source
/// Steinke, Nasr and Jagielski, Privacy auditing with one (1) training run, NeurIPS 2023, theorem 5.2; group privacy of
/// two: Dwork and Roth (2014), theorem 2.2, with delta as Vadhan, The complexity of differential privacy (2017),
/// lemma 2.2.
///
/// # Errors
/// [`AuditError`] where the claim or a setting is out of range, a score is not finite, or either side has too few people.
///
/// # Limits
/// Real people are weak canaries: a mechanism that leaks only those made to be found passes. The split must have been
/// random; people of another place or year look like others for a reason that is no leak. A bound of nought says
/// nothing.
pub fn split_audit(
    members: &[f64],
    others: &[f64],
    claimed: Claimed,
    audit: &SplitAudit,
) -> Result<AuditedEpsilon, AuditError> {
    if !(claimed.epsilon.is_finite() && claimed.epsilon >= 0.0) {
        return Err(AuditError::Epsilon { epsilon: claimed.epsilon });
    }
    // Beyond this the chance of failure that the claim allows for two people is no longer one.
    let delta = claimed.delta * (1.0 + claimed.epsilon.exp());
    if !(0.0..1.0).contains(&delta) {
        return Err(AuditError::Delta { delta });
    }
    let slots = (SLOTS * members.len().min(others.len()) as f64) as usize;
    let guesses = (slots as f64 * audit.guesses).round();
    if slots < FEWEST || !(guesses >= 1.0 && guesses <= slots as f64) {
        let (canaries, guesses) = (slots as u64, guesses.max(0.0) as u64);
        return Err(AuditError::Counts { canaries, guesses, correct: 0 });
    }
    let mut next = [others, members].map(|side| (side, shuffled(side.len(), audit.seed, 1).into_iter()));
    let mut coins = stream(audit.seed, COINS);
    let (mut scores, mut included) = (Vec::with_capacity(slots), Vec::with_capacity(slots));
    for _ in 0..slots {
        let coin = rand::RngExt::random::<bool>(&mut coins);
        let (side, order) = &mut next[usize::from(coin)];
        let Some(person) = order.next() else {
            // Coins that ran out of people on one side show nothing.
            let (method, confidence) = (AuditMethod::OneRun, audit.confidence);
            return Ok(AuditedEpsilon { method, lower: 0.0, delta: claimed.delta, confidence });
        };
        scores.push(side[person]);
        included.push(coin);
    }
    let replaced = one_run_audit(&scores, &included, guesses as usize, delta, audit.confidence, audit.seed)?;
    Ok(AuditedEpsilon { lower: replaced.lower / 2.0, delta: claimed.delta, ..replaced })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIM: Claimed = Claimed { epsilon: 1.0, delta: 1e-6 };

    #[test]
    fn law_a_copy_refutes_a_claim_of_one() {
        let (members, others) = (vec![1.0; 1_000], vec![0.0; 1_000]);
        let audited = split_audit(&members, &others, CLAIM, &SplitAudit::default()).unwrap();
        // All 150 of 150 guesses right: q^150 >= 0.05 at the bound, so epsilon of replacing is near ln(q / (1 - q)).
        let q = 0.05_f64.powf(1.0 / 150.0);
        assert!((audited.lower - (q / (1.0 - q)).ln() / 2.0).abs() < 0.02, "{audited:?}");
        assert!(audited.lower > CLAIM.epsilon);
    }

    #[test]
    fn law_noise_is_bounded_by_nought_as_often_as_the_confidence_says() {
        // Scores drawn alike for both sides. Of 200 audits at 0.95, 10 are expected to exceed nought at most; more than
        // 22 has a chance of 1e-4.
        let exceeding = (0..200).filter(|&seed| {
            let mut draws = stream(seed, 7);
            let mut side = || (0..300).map(|_| rand::RngExt::random::<f64>(&mut draws)).collect::<Vec<f64>>();
            let (members, others) = (side(), side());
            let audit = SplitAudit { seed, guesses: 1.0, ..SplitAudit::default() };
            split_audit(&members, &others, CLAIM, &audit).unwrap().lower > 0.0
        });
        let exceeding = exceeding.count();
        assert!(exceeding <= 22, "{exceeding}");
    }

    #[test]
    fn regress_claims_and_sides_that_can_not_be_audited() {
        let scores = vec![0.5; 100];
        let run = |members: &[f64], claimed| split_audit(members, &scores, claimed, &SplitAudit::default());
        assert!(run(&scores[..5], CLAIM).is_err());
        assert!(run(&scores, Claimed { epsilon: f64::NAN, delta: 0.0 }).is_err());
        assert!(run(&scores, Claimed { epsilon: 1.0, delta: 0.5 }).is_err());
        assert!(run(&[f64::NAN; 50], CLAIM).is_err());
        assert_eq!(run(&scores, CLAIM).map(|audited| audited.lower < 1.0), Ok(true));
    }
}
