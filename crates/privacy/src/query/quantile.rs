//! Quantiles by the exponential mechanism.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{QueryError, in_order, share};
use crate::budget::{Epsilon, Rho};
use crate::mechanism::exact::index;
use crate::mechanism::selection::{choose, exact_share};
use crate::noise::NoiseSource;
use crate::rounding::{down, up};

/// Bits by which equal values are told apart, at random.
const APART: u32 = 16;

/// A line of evenly spaced points, known beforehand, that quantiles are chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    least: f64,
    greatest: f64,
    points: u32,
}

impl Line {
    /// `points` points, the first at `least` and the last at `greatest`.
    ///
    /// # Errors
    /// [`QueryError`] for bounds that are not finite and in order, or fewer than 2 points.
    pub fn new(least: f64, greatest: f64, points: u32) -> Result<Self, QueryError> {
        in_order(least, greatest)?;
        if points < 2 {
            let value = f64::from(points);
            return Err(QueryError::Parameter { parameter: "points", value, range: "at least 2" });
        }
        Ok(Self { least, greatest, points })
    }

    /// Its first and last point.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.least, self.greatest)
    }

    /// The point after one of its points.
    pub(super) fn after(&self, point: f64) -> f64 {
        self.value(self.place(point) + 1)
    }

    fn step(&self) -> f64 {
        (self.greatest - self.least) / f64::from(self.points - 1)
    }

    /// The nearest point to a value; bounds take what lies beyond.
    fn place(&self, value: f64) -> u64 {
        let steps = (value.clamp(self.least, self.greatest) - self.least) / self.step();
        (steps.round() as u64).min(u64::from(self.points) - 1)
    }

    fn value(&self, place: u64) -> f64 {
        (self.least + place as f64 * self.step()).clamp(self.least, self.greatest)
    }
}

/// Quantiles of `values` at `probabilities`, which rise; with noise that costs `rho` in all. They rise too, weakly.
///
/// The middle one is found first, then each half of the others among the values on its side.
///
/// # Source
/// Kaplan, Schnapp and Stemmer 2022, *Differentially Private Approximate Quantiles*, algorithm 1; each by Smith 2011,
/// *Privacy-Preserving Statistical Estimation with Optimal Convergence Rates*, algorithm 2, over points known beforehand
/// rather than an interval, so that no floating-point number is drawn. The score of a point t is
/// -|values below t - probability times all|. One value more moves the first by 0 or 1 and the second by the probability,
/// so the score by at most 1. On each level a value is on one side only, so m quantiles cost as much as
/// floor(log2 m) + 1 choices, each epsilon^2 / 8 by [`exponential_mechanism_rho`](crate::exponential_mechanism_rho).
/// Values that share a point are first put apart by 16 random bits each, drawn for each value alone, which leaves
/// neighbours neighbours; else one side would have none of many equal values.
///
/// # Errors
/// [`QueryError`] for probabilities not between 0 and 1 or falling, or a rho for which epsilon is below 1e-6. Values that
/// are not finite are left out.
pub fn quantiles(
    values: &[f64],
    line: &Line,
    probabilities: &[f64],
    rho: Rho,
    noise: &mut NoiseSource,
) -> Result<Vec<f64>, QueryError> {
    let mut last = 0.0;
    for &probability in probabilities {
        if share("probability", probability)? < last {
            let range = "at least the one before";
            return Err(QueryError::Parameter { parameter: "probability", value: probability, range });
        }
        last = probability;
    }
    if probabilities.is_empty() {
        return Ok(Vec::new());
    }
    let epsilon = exact_share(quantile_epsilon(probabilities.len(), rho)?)?;
    let kept = values.iter().filter(|value| value.is_finite());
    let mut places: Vec<u64> = kept
        .map(|&value| (line.place(value) << APART) | u64::from(noise.next_u32() >> (32 - APART)))
        .collect();
    places.sort_unstable();
    let ends = (0, u64::from(line.points) << APART);
    let mut found = Vec::with_capacity(probabilities.len());
    halve(&places, ends, (0.0, 1.0), probabilities, epsilon, noise, &mut found)?;
    Ok(found.into_iter().map(|place| line.value(place >> APART)).collect())
}

/// The epsilon of each choice when `number` quantiles cost `rho` in all.
///
/// # Errors
/// [`QueryError`] for no quantile, or an epsilon out of range.
pub fn quantile_epsilon(number: usize, rho: Rho) -> Result<Epsilon, QueryError> {
    let Some(levels) = number.checked_ilog2() else {
        return Err(QueryError::Parameter { parameter: "quantiles", value: 0.0, range: "at least 1" });
    };
    Ok(Epsilon::new(down((8.0 * rho.get() / f64::from(levels + 1)).sqrt()))?)
}

/// How many values a quantile is off by at most, with a chance of `1 - failure` for all of `number` together.
///
/// # Source
/// Kaplan, Schnapp and Stemmer 2022, theorem 3.3: errors of the levels add up; each is that of the exponential mechanism,
/// 2 (ln points + ln (number / failure)) / epsilon (Dwork and Roth 2014, corollary 3.12).
///
/// # Errors
/// [`QueryError`] for a failure not between 0 and 1, or as [`quantile_epsilon`].
pub fn quantile_rank_error(number: usize, line: &Line, rho: Rho, failure: f64) -> Result<f64, QueryError> {
    let epsilon = exact_share(quantile_epsilon(number, rho)?)?;
    let points = f64::from(line.points).ln() + f64::from(APART) * std::f64::consts::LN_2;
    let levels = f64::from(number.ilog2() + 1);
    Ok(up(levels * 2.0 * (points + (number as f64 / share("failure", failure)?).ln()) / epsilon))
}

/// Quantiles within `ends` (the upper not among them), where `places` lie sorted, and hold the shares between `shares`.
fn halve(
    places: &[u64],
    ends: (u64, u64),
    shares: (f64, f64),
    probabilities: &[f64],
    epsilon: f64,
    noise: &mut NoiseSource,
    found: &mut Vec<u64>,
) -> Result<(), QueryError> {
    if probabilities.is_empty() {
        return Ok(());
    }
    let middle = probabilities.len() / 2;
    let width = shares.1 - shares.0;
    let relative =
        if width > 0.0 { ((probabilities[middle] - shares.0) / width).clamp(0.0, 1.0) } else { 0.5 };
    let place = one(places, ends, relative, epsilon, noise)?;
    let (below, above) = places.split_at(places.partition_point(|&other| other < place));
    let (low, high) = ((shares.0, probabilities[middle]), (probabilities[middle], shares.1));
    halve(below, (ends.0, place.max(ends.0 + 1)), low, &probabilities[..middle], epsilon, noise, found)?;
    found.push(place);
    halve(above, (place, ends.1), high, &probabilities[middle + 1..], epsilon, noise, found)
}

/// One quantile: a place with chance in proportion to e^(epsilon score / 2).
fn one(
    places: &[u64],
    ends: (u64, u64),
    probability: f64,
    epsilon: f64,
    noise: &mut NoiseSource,
) -> Result<u64, QueryError> {
    // Places up to and with places[k], and past places[k - 1], have k values below them: one score, so one group.
    let groups: Vec<(u64, u64, usize)> = (0..=places.len())
        .map(|below| {
            let from = if below == 0 { ends.0 } else { places[below - 1] + 1 };
            let to = places.get(below).map_or(ends.1, |place| place + 1);
            (from.max(ends.0), to.min(ends.1), below)
        })
        .filter(|(from, to, _)| from < to)
        .collect();
    let target = probability * places.len() as f64;
    let exponents: Vec<f64> = groups
        .iter()
        .map(|&(from, to, below)| epsilon * (below as f64 - target).abs() / 2.0 - ((to - from) as f64).ln())
        .collect();
    let (from, to, _) = groups[choose(&exponents, noise)?];
    Ok(from + index((to - from) as usize, noise) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(values: &[f64], probabilities: &[f64], rho: f64, seed: u64) -> Vec<f64> {
        let line = Line::new(0.0, 1000.0, 1001).unwrap();
        let mut noise = NoiseSource::from_seed(seed);
        quantiles(values, &line, probabilities, Rho::new(rho).unwrap(), &mut noise).unwrap()
    }

    #[test]
    fn ref_a_choice_follows_the_stated_chances() {
        // Two values, at 1 and 3 of places 0 to 4; the median's scores are -1, -1, 0, 0, -1 when ties are not put apart.
        let (mut noise, mut counts) = (NoiseSource::from_seed(61), [0.0; 5]);
        for _ in 0..40_000 {
            counts[one(&[1, 3], (0, 5), 0.5, 1.4, &mut noise).unwrap() as usize] += 1.0;
        }
        let weights = [-0.7_f64, -0.7, 0.0, 0.0, -0.7].map(f64::exp);
        let total: f64 = weights.iter().sum();
        let statistic: f64 = counts
            .iter()
            .zip(weights)
            .map(|(count, weight)| (count - 40_000.0 * weight / total).powi(2) / (40_000.0 * weight / total))
            .sum();
        // Chi-square with 4 degrees of freedom exceeds 33.4 with chance 1e-6.
        assert!(statistic < 33.4, "{statistic}");
    }

    #[test]
    fn law_quantiles_err_by_no_more_ranks_than_stated() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let probabilities: Vec<f64> = (1..10).map(|tenth| f64::from(tenth) / 10.0).collect();
        let line = Line::new(0.0, 1000.0, 1001).unwrap();
        let limit = quantile_rank_error(9, &line, Rho::new(2.0).unwrap(), 1e-6).unwrap();
        assert!(limit < 200.0, "{limit}");
        let found = asked(&values, &probabilities, 2.0, 62);
        for (value, probability) in found.iter().zip(&probabilities) {
            assert!((value - probability * 1000.0).abs() <= limit + 1.0, "{probability}: {value}");
        }
        assert!(found.is_sorted());
    }

    #[test]
    fn law_many_equal_values_keep_their_quantiles() {
        let values: Vec<f64> =
            (0..5000).map(|at| if at < 3000 { 0.0 } else { f64::from(at) / 5.0 }).collect();
        let found = asked(&values, &[0.2, 0.4, 0.8], 1.0, 63);
        assert!(found[0] == 0.0 && found[1] == 0.0 && (found[2] - 800.0).abs() < 30.0, "{found:?}");
    }

    #[test]
    fn law_no_value_and_bad_input_are_met() {
        assert_eq!(asked(&[], &[0.5], 0.1, 64).len(), 1);
        assert_eq!(asked(&[f64::NAN, f64::INFINITY], &[], 0.1, 65).len(), 0);
        let (line, mut noise) = (Line::new(0.0, 1.0, 2).unwrap(), NoiseSource::from_seed(66));
        for wrong in [[0.5, 0.4], [0.0, 0.5], [0.5, 1.0], [f64::NAN, 0.5]] {
            assert!(
                quantiles(&[0.5], &line, &wrong, Rho::new(1.0).unwrap(), &mut noise).is_err(),
                "{wrong:?}"
            );
        }
        assert!(quantiles(&[0.5], &line, &[0.5], Rho::new(1e-30).unwrap(), &mut noise).is_err());
        assert!(Line::new(1.0, 1.0, 5).is_err() && Line::new(f64::MIN, f64::MAX, 5).is_err());
        assert!(Line::new(0.0, 1.0, 1).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn law_no_input_panics_and_answers_rise_within_the_line(
            values in proptest::collection::vec(any::<f64>(), 0..20),
            ends in (any::<f64>(), any::<f64>()),
            points: u32,
            mut probabilities in proptest::collection::vec(0.001..0.999_f64, 0..12),
        ) {
            probabilities.sort_by(f64::total_cmp);
            if let Ok(line) = Line::new(ends.0, ends.1, points) {
                let mut noise = NoiseSource::from_seed(67);
                let found = quantiles(&values, &line, &probabilities, Rho::new(0.1)?, &mut noise)?;
                prop_assert!(found.is_sorted() && found.len() == probabilities.len());
                prop_assert!(found.iter().all(|value| (ends.0..=ends.1).contains(value)));
            }
        }
    }
}
