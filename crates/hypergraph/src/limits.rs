//! How much may be enumerated.

/// Limits of an enumeration, so that no input exhausts the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest set, a terminal included. `None`: the largest whose sets need no more than `entries`,
    /// and 1,000 at most.
    pub max_size: Option<usize>,
    /// What may be enumerated: members of all sets of all histories, with repeats, and what goes with them.
    pub entries: u64,
    /// Conditions of one day whose orders are all counted. A larger day is counted by as many orders as
    /// leave each condition in each place, and each two conditions in each order, equally often.
    pub tied: usize,
}

/// Nobody has more conditions; who seems to is not worth the square of them.
const LONGEST: usize = 1_000;

impl Default for Limits {
    fn default() -> Self {
        Self { max_size: None, entries: 80_000_000, tied: 10 }
    }
}

impl Limits {
    /// The size up to which sets are enumerated, `None` for all, given what a size would cost.
    pub(crate) fn choose(
        &self,
        largest: usize,
        entries: impl Fn(usize) -> u64,
    ) -> Result<Option<usize>, LimitError> {
        let fits = |size: usize| entries(size) <= self.entries;
        let too_many = |size: usize| LimitError { size, found: entries(size), permitted: self.entries };
        match self.max_size {
            Some(size) if fits(size.min(largest)) => Ok((size < largest).then_some(size)),
            Some(size) => Err(too_many(size)),
            None if largest <= LONGEST && fits(largest) => Ok(None),
            None if largest > LONGEST && fits(LONGEST) => Ok(Some(LONGEST)),
            None => {
                let (mut fitting, mut not) = (1, largest.min(LONGEST));
                if !fits(fitting) {
                    return Err(too_many(fitting));
                }
                while not - fitting > 1 {
                    let middle = usize::midpoint(fitting, not);
                    if fits(middle) { fitting = middle } else { not = middle }
                }
                Ok(Some(fitting))
            }
        }
    }
}

/// Too much to enumerate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "sets of up to {size} conditions need {found} entries; permitted: {permitted}; \
     a smaller size, fewer conditions or a larger permission helps"
)]
pub struct LimitError {
    /// The size of set.
    pub size: usize,
    /// Entries needed, or the largest number there is.
    pub found: u64,
    /// Entries permitted.
    pub permitted: u64,
}

/// n choose k, or the largest number there is.
pub(crate) fn choose(n: usize, k: usize) -> u64 {
    if k > n {
        return 0;
    }
    let mut value: u128 = 1;
    for step in 0..k.min(n - k) {
        value = value * (n - step) as u128 / (step + 1) as u128;
        if value > u128::from(u64::MAX) {
            return u64::MAX;
        }
    }
    value as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_the_largest_size_that_fits_is_chosen() {
        let limits = Limits { entries: 100, ..Limits::default() };
        let square = |size: usize| (size * size) as u64;
        assert_eq!(limits.choose(10, square), Ok(None));
        assert_eq!(limits.choose(50, square), Ok(Some(10)));
        assert_eq!(limits.choose(5_000, |_| 100), Ok(Some(1_000)));
        assert_eq!(limits.choose(50, |_| 101), Err(LimitError { size: 1, found: 101, permitted: 100 }));
        let chosen = Limits { max_size: Some(12), ..limits };
        assert!(chosen.choose(50, square).is_err());
        assert_eq!(chosen.choose(5, square), Ok(None));
        assert_eq!((choose(5, 2), choose(3, 4), choose(10_000, 5_000)), (10, 0, u64::MAX));
    }
}
