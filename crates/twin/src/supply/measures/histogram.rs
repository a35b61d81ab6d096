//! Counts of waits in buckets that widen with the wait.

/// Buckets to a doubling: a quantile is within 1/16 of the true value.
const BUCKETS_PER_DOUBLING: u64 = 16;

/// How often each length of time occurred.
///
/// # Units
/// Whole minutes. Up to 31 minutes are told apart exactly; beyond, 16 buckets to each doubling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum_minutes: u64,
}

impl Histogram {
    /// Counts one wait; a negative one counts as none.
    pub(crate) fn add(&mut self, minutes: i64) {
        let minutes = minutes.max(0) as u64;
        let bucket = bucket_of(minutes);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.sum_minutes = self.sum_minutes.saturating_add(minutes);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
        self.sum_minutes = self.sum_minutes.saturating_add(other.sum_minutes);
    }

    /// Waits counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Mean in minutes, exact; `None` without waits.
    pub fn mean_minutes(&self) -> Option<f64> {
        (self.total > 0).then(|| self.sum_minutes as f64 / self.total as f64)
    }

    /// The least bucket's start such that at least `share` of waits are at most in it; `None` without
    /// waits.
    pub fn quantile_minutes(&self, share: f64) -> Option<u64> {
        let wanted = (share.clamp(0.0, 1.0) * self.total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Some(start_of(bucket));
            }
        }
        None
    }

    /// Share of waits in buckets that start at or below `minutes`; `None` without waits.
    pub fn share_within(&self, minutes: u64) -> Option<f64> {
        let last = bucket_of(minutes);
        let within: u64 = self.counts.iter().take(last + 1).sum();
        (self.total > 0).then(|| within as f64 / self.total as f64)
    }

    /// Each occupied bucket's start in minutes and its count.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let occupied = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        occupied.map(|(bucket, count)| (start_of(bucket), *count))
    }
}

fn bucket_of(minutes: u64) -> usize {
    if minutes < 2 * BUCKETS_PER_DOUBLING {
        return minutes as usize;
    }
    let doublings = u64::from(minutes.ilog2() - BUCKETS_PER_DOUBLING.ilog2());
    (doublings * BUCKETS_PER_DOUBLING + (minutes >> doublings)) as usize
}

fn start_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * BUCKETS_PER_DOUBLING {
        return bucket;
    }
    let doublings = bucket / BUCKETS_PER_DOUBLING - 1;
    (bucket - doublings * BUCKETS_PER_DOUBLING) << doublings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_a_bucket_holds_its_start_and_starts_rise() {
        for bucket in 0..600 {
            assert_eq!(bucket_of(start_of(bucket)), bucket);
            assert!(start_of(bucket) < start_of(bucket + 1));
            assert_eq!(bucket_of(start_of(bucket + 1) - 1), bucket);
        }
    }

    #[test]
    fn ref_quantiles_and_mean_of_a_known_sample() {
        // 1 to 1000 minutes once each: median 500, mean 500.5; buckets near 500 are 16 wide.
        let (mut low, mut all) = (Histogram::default(), Histogram::default());
        (1..=400).for_each(|minutes| low.add(minutes));
        (401..=1000).for_each(|minutes| all.add(minutes));
        all.merge(&low);
        assert_eq!(all.mean_minutes(), Some(500.5));
        let median = all.quantile_minutes(0.5).unwrap();
        assert!((484..=500).contains(&median), "{median}");
        assert!((all.share_within(500).unwrap() - 0.5).abs() < 0.02);
        assert_eq!(all.buckets().map(|(_, count)| count).sum::<u64>(), 1000);
        assert_eq!(Histogram::default().quantile_minutes(0.5), None);
    }
}
