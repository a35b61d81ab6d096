//! Whether a model finds what is not there.

use serde::{Deserialize, Serialize};

use crate::estimate::{Estimate, Undefined};
use crate::evaluate::Prepared;
use crate::predictions::Predictions;

/// What models trained on permuted labels score, each on a permutation of its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// Mean AUROC over the permutations, with Student's 99 % interval over them.
    pub auroc: Estimate,
    /// Permutations.
    pub permutations: usize,
    /// Whether 0.5 lies in the interval; unknown if there is none. A sound model fails one time in a hundred.
    pub at_chance: Option<bool>,
}

/// Judges whether predictions of models trained on permuted labels rank no better and no worse than chance on labels
/// of the same permutation that they did not see: one entry per permutation, and in it one per outcome and fold, whose mean counts. (Put together they
/// would not do. Commoner outcomes rank above rarer ones whatever a model learned; and of two folds, the one with
/// more outcomes held out has fewer to learn from, so that a model of nothing but the mean ranks below chance.)
///
/// # Source
/// Parker, Günter and Bedo, Stratification bias in low signal microarray studies, BMC Bioinformatics 8 (2007), for
/// the folds.
///
/// # Limits
/// The labels must be permuted among all instances, those judged too. Judged on the true labels instead, the mean
/// would lie off 0.5 without fault: of a rare outcome and a column with a long tail, most permutations put nobody
/// with the outcome into the tail, and so rank it low. The interval is over permutations: two at least, ten for a
/// narrow one.
pub fn stands_at_chance(permutations: &[Vec<Predictions>]) -> Chance {
    let area = |parts: &Vec<Predictions>| {
        let areas = parts.iter().map(|predictions| {
            let weights = vec![1.0; predictions.len()];
            Prepared::new(predictions).discrimination(&weights).auroc
        });
        let areas = areas.collect::<Result<Vec<f64>, Undefined>>()?;
        if areas.is_empty() {
            Err(Undefined::NoInstances)
        } else {
            Ok(areas.iter().sum::<f64>() / areas.len() as f64)
        }
    };
    let areas: Result<Vec<f64>, Undefined> = permutations.iter().map(area).collect();
    let (value, interval) = match areas {
        Ok(areas) if !areas.is_empty() => {
            let count = areas.len() as f64;
            let mean = areas.iter().sum::<f64>() / count;
            let squares: f64 = areas.iter().map(|area| (area - mean).powi(2)).sum();
            let half = || student_99(areas.len() - 1) * (squares / (count - 1.0) / count).sqrt();
            (Ok(mean), (areas.len() > 1).then(|| (mean - half(), mean + half())))
        }
        Ok(_) => (Err(Undefined::NoInstances), None),
        Err(undefined) => (Err(undefined), None),
    };
    Chance {
        auroc: Estimate::new(value, interval),
        permutations: permutations.len(),
        at_chance: interval.map(|(lower, upper)| lower <= 0.5 && 0.5 <= upper),
    }
}

/// The 99.5th percentile of Student's distribution.
///
/// # Source
/// Fisher and Yates, Statistical Tables (1963), table III, for 1 to 10 degrees of freedom; beyond that the
/// expansion of Cornish and Fisher in the reciprocal of the degrees (Abramowitz and Stegun, 26.7.5).
fn student_99(degrees: usize) -> f64 {
    const TABLE: [f64; 10] = [63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.250, 3.169];
    match degrees {
        0 => f64::INFINITY,
        1..=10 => TABLE[degrees - 1],
        _ => {
            let (z, n) = (Z_99, degrees as f64);
            z + (z.powi(3) + z) / (4.0 * n)
                + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * n.powi(2))
                + (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / (384.0 * n.powi(3))
        }
    }
}

/// The normal distribution's 99.5th percentile.
const Z_99: f64 = 2.575_829_303_548_9;

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::seq::SliceRandom;
    use rand_chacha::ChaCha8Rng;
    use twinloom_event::SubjectId;

    use super::*;

    /// Scores that know who of 400 is in the first quarter, and labels of as many, dealt by a seed.
    fn dealt(seed: u64) -> Vec<Predictions> {
        let scores: Vec<f64> =
            (0..400).map(|id| if id % 4 == 0 { 0.6 } else { 0.2 } + f64::from(id) / 4e3).collect();
        let mut labels: Vec<bool> = (0..400).map(|id| id % 4 == 0).collect();
        labels.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        vec![Predictions::new((0..400).map(SubjectId::new).collect(), labels, scores).unwrap()]
    }

    #[test]
    fn law_permuted_labels_are_at_chance_and_true_ones_are_not() {
        // Of 40 runs 0.4 fall outside a 99 % interval; more than 4 do in fewer than 1 of 10,000.
        let is_outside = |run: u64| {
            let ten: Vec<_> = (0..10).map(|permutation| dealt(run * 10 + permutation)).collect();
            stands_at_chance(&ten).at_chance == Some(false)
        };
        let outside = (0..40).filter(|&run| is_outside(run)).count();
        assert!(outside <= 4, "{outside} of 40");
        let honest = |shift: usize| {
            let scores = (0..400).map(|id| if (id + shift) % 4 < 2 { 0.6 } else { 0.2 }).collect();
            let labels = (0..400).map(|id| id % 4 == 0).collect();
            vec![Predictions::new((0..400).map(SubjectId::new).collect(), labels, scores).unwrap()]
        };
        assert_eq!(stands_at_chance(&[honest(0), honest(1), honest(0)]).at_chance, Some(false));
        assert!(stands_at_chance(&[]).at_chance.is_none());
        let nobody = Predictions::new(vec![], vec![], vec![]).unwrap();
        assert!(stands_at_chance(&[vec![nobody]]).at_chance.is_none());
    }

    #[test]
    fn ref_students_percentiles() {
        // R 4: qt(0.995, c(1, 9, 11, 30, 100)).
        for (degrees, expected) in
            [(1, 63.656_74), (9, 3.249_836), (11, 3.105_807), (30, 2.749_996), (100, 2.625_891)]
        {
            assert!((student_99(degrees) - expected).abs() < 3e-3, "{degrees}: {}", student_99(degrees));
        }
    }
}
