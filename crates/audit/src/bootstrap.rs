//! Resampling of subjects, the same bytes on any number of threads.
//!
//! # Source
//! Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 (clusters) and 13
//! (percentile intervals).

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use twinloom_event::SubjectId;

/// Least share of replicates that must define a metric for it to have an interval: an interval over
/// the few that happen to define it would describe other data.
const LEAST_DEFINED_SHARE: f64 = 0.9;

/// Draws subjects with replacement; a subject's instances come and go together.
pub(crate) struct SubjectBootstrap {
    /// Cluster of each instance.
    clusters: Vec<u32>,
    count: u32,
    seed: u64,
}

impl SubjectBootstrap {
    pub(crate) fn new(subjects: &[SubjectId], seed: u64) -> Self {
        let mut distinct = subjects.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let clusters =
            subjects.iter().map(|subject| distinct.partition_point(|other| other < subject) as u32).collect();
        Self { clusters, count: distinct.len() as u32, seed }
    }

    /// Number of subjects.
    pub(crate) fn subjects(&self) -> usize {
        self.count as usize
    }

    /// Cluster of each instance, numbered from 0 in order of subject id.
    pub(crate) fn clusters(&self) -> &[u32] {
        &self.clusters
    }

    /// Calls `statistic` with the instance weights of each replicate, in parallel; results in order.
    pub(crate) fn replicates<T: Send>(
        &self,
        replicates: u32,
        statistic: impl Fn(&[f64]) -> T + Sync,
    ) -> Vec<T> {
        if self.count == 0 {
            return Vec::new();
        }
        (0..replicates)
            .into_par_iter()
            .map_init(
                || (vec![0_u32; self.count as usize], vec![0.0; self.clusters.len()]),
                |(drawn, weights), replicate| {
                    self.draw(replicate, drawn);
                    for (weight, &cluster) in weights.iter_mut().zip(&self.clusters) {
                        *weight = f64::from(drawn[cluster as usize]);
                    }
                    statistic(weights)
                },
            )
            .collect()
    }

    /// How often each subject is drawn: a stream of its own for each replicate.
    fn draw(&self, replicate: u32, drawn: &mut [u32]) {
        let mut random = stream(self.seed, u64::from(replicate));
        drawn.fill(0);
        for _ in 0..self.count {
            drawn[below(&mut random, self.count) as usize] += 1;
        }
    }
}

/// A keyed stream of random numbers: the same for the same seed and number, and no two alike.
pub(crate) fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number);
    random
}

/// The numbers below `count` in random order (Fisher and Yates).
pub(crate) fn shuffled(count: usize, seed: u64, number: u64) -> Vec<usize> {
    let mut random = stream(seed, number);
    let mut order: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        order.swap(at, below(&mut random, at as u32 + 1) as usize);
    }
    order
}

/// A uniform number in 0 to below 1.
pub(crate) fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A uniform number below `bound`, without bias.
///
/// # Source
/// Lemire, Fast random integer generation in an interval, ACM TOMACS 29 (2019), algorithm 5.
pub(crate) fn below(random: &mut ChaCha8Rng, bound: u32) -> u32 {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u64::from(random.next_u32()) * u64::from(bound);
        if product as u32 >= threshold {
            return (product >> 32) as u32;
        }
    }
}

/// The central 95 % of the defined replicates; `None` when too few are defined.
pub(crate) fn percentile_interval(values: impl Iterator<Item = Option<f64>>) -> Option<(f64, f64)> {
    let mut total = 0_usize;
    let mut defined: Vec<f64> = values.inspect(|_| total += 1).flatten().collect();
    if defined.len() < 2 || (defined.len() as f64) < LEAST_DEFINED_SHARE * total as f64 {
        return None;
    }
    defined.sort_unstable_by(f64::total_cmp);
    Some((quantile(&defined, 0.025), quantile(&defined, 0.975)))
}

/// Linear interpolation between order statistics (Hyndman and Fan's type 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_subjects_are_drawn_whole_and_as_many_as_there_are() {
        let subjects: Vec<_> = [5, 9, 5, 7, 9, 9].into_iter().map(SubjectId::new).collect();
        let bootstrap = SubjectBootstrap::new(&subjects, 1);
        for weights in bootstrap.replicates(200, <[f64]>::to_vec) {
            assert!((weights[0] - weights[2]).abs() < 1e-12 && (weights[1] - weights[5]).abs() < 1e-12);
            assert!((weights[0] + weights[3] + weights[1] - 3.0).abs() < 1e-12);
        }
    }

    #[test]
    fn law_threads_do_not_change_the_draws() {
        let subjects: Vec<_> = (0..100).map(SubjectId::new).collect();
        let bootstrap = SubjectBootstrap::new(&subjects, 42);
        let draws = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bootstrap.replicates(64, <[f64]>::to_vec))
        };
        assert_eq!(draws(1), draws(3));
        // A replicate does not depend on how many are asked for.
        assert_eq!(draws(1)[..8], bootstrap.replicates(8, <[f64]>::to_vec));
    }

    #[test]
    fn ref_quantiles_against_numpy() {
        // numpy 2: numpy.quantile([1, 2, 4, 8], [0.025, 0.975])
        let sorted = [1.0, 2.0, 4.0, 8.0];
        assert!((quantile(&sorted, 0.025) - 1.075).abs() < 1e-12);
        assert!((quantile(&sorted, 0.975) - 7.7).abs() < 1e-12);
        assert_eq!(percentile_interval([Some(1.0), None, None].into_iter()), None);
    }
}
