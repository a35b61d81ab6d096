//! The cross-entropy method for continuous optimisation.
//!
//! Each iteration draws candidates from independent normal distributions, keeps the elite share with the
//! lowest loss, and moves the distributions' means and standard deviations towards the elite's. For
//! calibration the coordinates are logarithms of rate ratios, so 0 is the model as shipped.
//!
//! # Source
//! Rubinstein 1999, The cross-entropy method for combinatorial and continuous optimization, Methodology and
//! Computing in Applied Probability 1, 127-190; smoothing and its dynamic form for the deviations as in
//! Rubinstein and Kroese 2004, The Cross-Entropy Method, section 5.1.
//!
//! # Limits
//! The coordinates are drawn independently; the answer is a good point, not a posterior distribution.

use serde::Serialize;

use crate::distribution::standard_normal;
use crate::stream::StreamKey;

/// How the search is run.
///
/// | field | default | meaning | permitted |
/// |---|---|---|---|
/// | `candidates` | 16 | drawn in each iteration | 4 to 10,000 |
/// | `elite_share` | 0.25 | share of them that the next distribution is fitted to | 0 to 1, at least 2 candidates |
/// | `smoothing` | 0.7 | weight of the elite against the last distribution's mean | above 0 to 1 |
/// | `spread` | 0.4 | first standard deviation: about ratios from 0.45 to 2.2 | above 0 |
/// | `bound` | 2.3 | largest absolute coordinate: ratios from 0.1 to 10 | above 0 |
/// | `seed` | 1 | picks the random stream | any |
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Candidates of each iteration.
    pub candidates: usize,
    /// Share of candidates that the next distribution is fitted to.
    pub elite_share: f64,
    /// Weight of the elite against the last distribution.
    pub smoothing: f64,
    /// First standard deviation of each coordinate.
    pub spread: f64,
    /// Largest absolute coordinate.
    pub bound: f64,
    /// Picks the random stream.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { candidates: 16, elite_share: 0.25, smoothing: 0.7, spread: 0.4, bound: 2.3, seed: 1 }
    }
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct CrossEntropy {
    settings: Settings,
    key: StreamKey,
    means: Vec<f64>,
    spreads: Vec<f64>,
    best: Option<(Vec<f64>, f64)>,
    iterations: u32,
}

/// What one iteration found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Iteration {
    /// Counted from 1.
    pub number: u32,
    /// Lowest loss so far.
    pub best_loss: f64,
    /// Mean loss of the elite.
    pub elite_loss: f64,
    /// Largest standard deviation left.
    pub largest_spread: f64,
}

impl CrossEntropy {
    /// A search over so many coordinates, centred on 0.
    ///
    /// # Errors
    /// [`SettingsError`] for settings out of range.
    pub fn new(coordinates: usize, settings: Settings) -> Result<Self, SettingsError> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let fault = |setting, value: f64, permitted| Err(SettingsError { setting, value, permitted });
        if coordinates == 0 {
            return fault("coordinates", 0.0, "at least 1");
        }
        if !(4..=10_000).contains(&settings.candidates) {
            return fault("candidates", settings.candidates as f64, "4 to 10000");
        }
        let elite = settings.elite_share * settings.candidates as f64;
        if !(settings.elite_share <= 1.0 && elite >= 2.0) {
            return fault("elite_share", settings.elite_share, "up to 1, with at least 2 candidates in it");
        }
        if !(positive(settings.smoothing) && settings.smoothing <= 1.0) {
            return fault("smoothing", settings.smoothing, "above 0 to 1");
        }
        for (setting, value) in [("spread", settings.spread), ("bound", settings.bound)] {
            if !positive(value) {
                return fault(setting, value, "above 0");
            }
        }
        Ok(Self {
            key: StreamKey::new(settings.seed, "cross-entropy"),
            means: vec![0.0; coordinates],
            spreads: vec![settings.spread; coordinates],
            best: None,
            iterations: 0,
            settings,
        })
    }

    /// The candidates of the next iteration. The first of all is the model as shipped, later ones begin
    /// with the present mean, so that neither is missed by chance.
    pub fn candidates(&self) -> Vec<Vec<f64>> {
        let first = u64::from(self.iterations) * self.settings.candidates as u64;
        (0..self.settings.candidates as u64)
            .map(|candidate| {
                if candidate == 0 {
                    return self.means.clone();
                }
                let mut stream = self.key.open(first + candidate);
                let coordinates = self.means.iter().zip(&self.spreads);
                coordinates
                    .map(|(mean, spread)| {
                        (mean + spread * standard_normal(&mut stream))
                            .clamp(-self.settings.bound, self.settings.bound)
                    })
                    .collect()
            })
            .collect()
    }

    /// Learns from the candidates' losses, given in the same order; a loss that is no number counts as the
    /// worst of all.
    pub fn learn(&mut self, candidates: &[Vec<f64>], losses: &[f64]) -> Iteration {
        let loss =
            |index: usize| losses.get(index).copied().filter(|loss| loss.is_finite()).unwrap_or(f64::MAX);
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by(|left, right| loss(*left).total_cmp(&loss(*right)).then(left.cmp(right)));
        let elite_count = ((self.settings.elite_share * candidates.len() as f64).round() as usize)
            .clamp(2, candidates.len().max(2));
        let elite = &order[..elite_count.min(order.len())];
        self.iterations += 1;
        if let Some(&winner) = order.first()
            && self.best.as_ref().is_none_or(|(_, best)| loss(winner) < *best)
        {
            self.best = Some((candidates[winner].clone(), loss(winner)));
        }
        let count = elite.len().max(1) as f64;
        // Dynamic smoothing of the deviations, with exponent 5: they move ever less, down to a tenth of the
        // means' weight, lest the search freezes before it has arrived.
        let share = 1.0 / f64::from(self.iterations);
        let dynamic = self.settings.smoothing * (1.0 - (1.0 - share).powi(5).min(0.9));
        let smoothing = self.settings.smoothing;
        for (coordinate, (mean, spread)) in self.means.iter_mut().zip(&mut self.spreads).enumerate() {
            let values = || elite.iter().map(|index| candidates[*index][coordinate]);
            let of_elite = values().sum::<f64>() / count;
            let variance = values().map(|value| (value - of_elite).powi(2)).sum::<f64>() / count;
            *mean = smoothing * of_elite + (1.0 - smoothing) * *mean;
            *spread = dynamic * variance.sqrt() + (1.0 - dynamic) * *spread;
        }
        Iteration {
            number: self.iterations,
            best_loss: self.best.as_ref().map_or(f64::MAX, |(_, loss)| *loss),
            elite_loss: elite.iter().map(|index| loss(*index)).sum::<f64>() / count,
            largest_spread: self.spreads.iter().copied().fold(0.0, f64::max),
        }
    }

    /// The best candidate so far with its loss.
    pub fn best(&self) -> Option<(&[f64], f64)> {
        self.best.as_ref().map(|(coordinates, loss)| (coordinates.as_slice(), *loss))
    }
}

/// A setting out of range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{setting} = {value} is out of range; permitted: {permitted}")]
pub struct SettingsError {
    setting: &'static str,
    value: f64,
    permitted: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(
        settings: Settings,
        coordinates: usize,
        iterations: u32,
        loss: impl Fn(&[f64]) -> f64,
    ) -> CrossEntropy {
        let mut search = CrossEntropy::new(coordinates, settings).unwrap();
        for _ in 0..iterations {
            let candidates = search.candidates();
            let losses: Vec<f64> = candidates.iter().map(|candidate| loss(candidate)).collect();
            search.learn(&candidates, &losses);
        }
        search
    }

    #[test]
    fn ref_the_optimum_of_a_quadratic_is_found() {
        let optimum = [0.7, -0.4, 0.1];
        let quadratic = |x: &[f64]| -> f64 { x.iter().zip(optimum).map(|(x, o)| (x - o).powi(2)).sum() };
        let found = search(Settings { candidates: 60, ..Settings::default() }, 3, 40, quadratic);
        let (best, loss) = found.best().unwrap();
        for (found, expected) in best.iter().zip(optimum) {
            assert!((found - expected).abs() < 0.02, "{best:?}");
        }
        assert!(loss < 1e-3);
    }

    #[test]
    fn ref_the_optimum_of_rosenbrocks_valley_is_found() {
        // Rosenbrock 1960: minimum 0 at (1, 1), along a bent valley.
        let valley = |x: &[f64]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
        let settings = Settings { candidates: 200, elite_share: 0.1, spread: 1.0, ..Settings::default() };
        let (best, loss) = search(settings, 2, 120, valley).best().map(|(b, l)| (b.to_vec(), l)).unwrap();
        assert!(loss < 0.02, "{best:?} with {loss}");
    }

    #[test]
    fn law_the_same_seed_gives_the_same_search_and_losses_never_rise() {
        let loss = |x: &[f64]| x[0].powi(2) + (x[1] - 1.0).abs();
        let settings = Settings::default();
        assert_eq!(search(settings, 2, 5, loss).best, search(settings, 2, 5, loss).best);
        let other = Settings { seed: 2, ..settings };
        assert_ne!(search(other, 2, 5, loss).best, search(settings, 2, 5, loss).best);
        let mut last = f64::MAX;
        for iterations in 1..6 {
            let (_, loss) =
                search(settings, 2, iterations, loss).best().map(|(b, l)| (b.to_vec(), l)).unwrap();
            assert!(loss <= last);
            last = loss;
        }
    }

    #[test]
    fn regress_candidates_stay_in_bounds_and_faults_are_named() {
        let settings = Settings { spread: 50.0, bound: 1.0, ..Settings::default() };
        let search = CrossEntropy::new(2, settings).unwrap();
        assert!(search.candidates().iter().flatten().all(|x| x.abs() <= 1.0));
        for broken in [
            Settings { candidates: 1, ..settings },
            Settings { elite_share: 0.0, ..settings },
            Settings { smoothing: 0.0, ..settings },
            Settings { spread: f64::NAN, ..settings },
        ] {
            assert!(CrossEntropy::new(2, broken).is_err(), "{broken:?}");
        }
        assert!(CrossEntropy::new(0, settings).is_err());
        let mut search = CrossEntropy::new(1, settings).unwrap();
        let candidates = search.candidates();
        search.learn(&candidates, &vec![f64::NAN; candidates.len()]);
        assert!(search.best().unwrap().1 >= f64::MAX);
    }
}
