//! Votes to one label.

use std::f64::consts::SQRT_2;

use serde::{Deserialize, Serialize};

use super::PateError;
use crate::budget::{BudgetError, Rho};
use crate::mechanism::MechanismError;
use crate::mechanism::additive::GaussianMechanism;
use crate::noise::NoiseSource;
use crate::rounding::up;

/// How votes become a label: by the largest count after noise, perhaps only where it is large enough.
///
/// # Source
/// Papernot et al. 2018, section 4.1 and algorithm 1. Who sways a teacher takes a vote from one count and gives it to
/// another, sqrt(2) in Euclidean norm, so an answer is 1 / sigma^2 zCDP (the paper states the same in Rényi
/// divergences); and moves the largest count by at most 1, so a check is 1 / (2 sigma^2).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aggregation {
    answer: GaussianMechanism,
    check: Option<(GaussianMechanism, f64)>,
}

impl Aggregation {
    /// Answers every question with noise of standard deviation `sigma` on each count.
    ///
    /// # Errors
    /// [`MechanismError::Parameter`] unless sigma lies between 1e-100 and 1e100.
    pub fn new(sigma: f64) -> Result<Self, MechanismError> {
        Ok(Self { answer: GaussianMechanism::new(up(SQRT_2), sigma)?, check: None })
    }

    /// Answers only where the largest count, with noise of standard deviation `sigma`, reaches `threshold`.
    ///
    /// # Errors
    /// [`PateError`] unless sigma lies between 1e-100 and 1e100 and the threshold is finite.
    pub fn confident(self, threshold: f64, sigma: f64) -> Result<Self, PateError> {
        if !threshold.is_finite() {
            let range = "finite";
            return Err(PateError::Parameter { parameter: "threshold", value: threshold, range });
        }
        Ok(Self { check: Some((GaussianMechanism::new(1.0, sigma)?, threshold)), ..self })
    }

    /// Whether some questions stay without answer.
    pub fn is_confident(&self) -> bool {
        self.check.is_some()
    }

    /// What `questions` cost of which at most `answers` are answered.
    ///
    /// # Errors
    /// [`BudgetError`] when there is none, or a cost is out of range.
    pub fn rho(&self, questions: usize, answers: usize) -> Result<Rho, BudgetError> {
        let answered = up(self.answer.rho()?.get() * answers.min(questions) as f64);
        let checked = match &self.check {
            Some((check, _)) => up(check.rho()?.get() * questions as f64),
            None => 0.0,
        };
        Rho::new(up(answered + checked))
    }

    /// The label of one question: the class with most votes after noise, or none where teachers disagree.
    ///
    /// # Errors
    /// [`MechanismError`] for no class, or more than 2^24.
    pub fn one(&self, votes: &[u32], noise: &mut NoiseSource) -> Result<Option<usize>, MechanismError> {
        let most = votes.iter().copied().max().ok_or(MechanismError::Empty)?;
        if let Some((check, threshold)) = &self.check
            && check.release(&[f64::from(most)], noise)?[0] < *threshold
        {
            return Ok(None);
        }
        let counts: Vec<f64> = votes.iter().map(|&votes| f64::from(votes)).collect();
        let noisy = self.answer.release(&counts, noise)?;
        let label = noisy.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
        Ok(label.map(|(class, _)| class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_labels_follow_the_stated_chances() {
        // Of two classes the one 10 ahead wins with chance F(10 / (sigma sqrt 2)), here F(1).
        let aggregation = Aggregation::new(10.0 / SQRT_2).unwrap();
        let mut noise = NoiseSource::from_seed(91);
        let won = (0..20_000).filter(|_| aggregation.one(&[30, 20], &mut noise) == Ok(Some(0))).count();
        // 0.841345 of 20,000 is 16,827 with standard deviation 51.7; five of them, false alarm 6e-7.
        assert!(won.abs_diff(16_827) < 259, "{won}");
    }

    #[test]
    fn ref_checks_pass_with_the_stated_chance() {
        let aggregation = Aggregation::new(0.1).unwrap().confident(60.0, 20.0).unwrap();
        let mut noise = NoiseSource::from_seed(92);
        let passed = (0..20_000).filter(|_| aggregation.one(&[10, 40], &mut noise) == Ok(Some(1))).count();
        // F(-1) is 0.158655: 3173 of 20,000, standard deviation 51.7.
        assert!(passed.abs_diff(3173) < 259, "{passed}");
    }

    #[test]
    fn ref_costs_are_those_of_the_paper() {
        // Section 4.1: the Rényi divergence of order a is a / sigma^2 for an answer, a / (2 sigma^2) for a check.
        let aggregation = Aggregation::new(40.0).unwrap();
        assert!((aggregation.rho(100, 100).unwrap().get() / (100.0 / 1600.0) - 1.0).abs() < 1e-9);
        let confident = aggregation.confident(300.0, 150.0).unwrap();
        let expected = 1000.0 / 45_000.0 + 50.0 / 1600.0;
        assert!((confident.rho(1000, 50).unwrap().get() / expected - 1.0).abs() < 1e-8);
        assert!(aggregation.rho(0, 5).is_err());
        assert!(Aggregation::new(0.0).is_err() && aggregation.confident(f64::NAN, 1.0).is_err());
        assert_eq!(aggregation.one(&[], &mut NoiseSource::from_seed(93)), Err(MechanismError::Empty));
    }
}
