//! The rule by which counts are withheld and rounded.

use serde::Serialize;

/// Which counts are withheld, how uncertain they have to stay, and how the others are rounded.
///
/// # Source
/// NHS England's guide to the disclosure of hospital episode statistics withholds 1 to 7 and rounds
/// the rest to 5; secure data environments commonly withhold below 10 (both recalled from memory: the
/// owner of the data decides). The default is the more careful threshold, with rounding to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DisclosureRule {
    /// Counts from 1 to one less are withheld.
    pub threshold: u64,
    /// A withheld count must have at least this many more possible values than one.
    pub width: u64,
    /// Counts told are rounded to the nearest multiple, halves up; 1 leaves them as they are.
    pub round_to: u64,
    /// Whether the difference between two told counts, one set within the other, is a count as well:
    /// those with some conditions and without another.
    pub differences: bool,
}

impl DisclosureRule {
    /// A rule of a threshold, with half of it as width, without rounding.
    ///
    /// # Errors
    /// [`DisclosureRuleError`] when the threshold is below 2 or too large.
    pub fn new(threshold: u64) -> Result<Self, DisclosureRuleError> {
        if !(2..=1_000_000).contains(&threshold) {
            return Err(DisclosureRuleError::Threshold { found: threshold });
        }
        Ok(Self { threshold, width: threshold.div_ceil(2), round_to: 1, differences: true })
    }

    /// The same with counts told rounded.
    ///
    /// # Errors
    /// [`DisclosureRuleError`] when the base is 0 or more than twice the threshold, which would tell
    /// counts of 0 where there are people.
    pub fn rounded(self, round_to: u64) -> Result<Self, DisclosureRuleError> {
        if round_to == 0 || round_to > 2 * self.threshold {
            return Err(DisclosureRuleError::Base { found: round_to, most: 2 * self.threshold });
        }
        Ok(Self { round_to, ..self })
    }

    /// Whether a count is withheld for being small.
    pub(crate) fn is_small(&self, count: u64) -> bool {
        (1..self.threshold).contains(&count)
    }

    /// A count as it is told.
    pub(crate) fn told(&self, count: u64) -> u64 {
        let base = self.round_to.max(1);
        (count + base / 2) / base * base
    }

    /// The smallest and the largest count that would be told like a told one.
    pub(crate) fn told_alike(&self, count: u64) -> (u64, u64) {
        let base = self.round_to.max(1);
        let told = self.told(count);
        let least = told.saturating_sub(base / 2).max(self.threshold);
        (least, told + (base - 1 - base / 2))
    }
}

impl Default for DisclosureRule {
    fn default() -> Self {
        Self { threshold: 10, width: 5, round_to: 5, differences: true }
    }
}

/// Why a rule is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureRuleError {
    /// The threshold.
    #[error("counts below {found} are to be withheld; permitted: a threshold from 2 to 1000000")]
    Threshold {
        /// The threshold.
        found: u64,
    },
    /// The base of rounding.
    #[error("counts are to be rounded to {found}; permitted: 1 to {most}, twice the threshold")]
    Base {
        /// The base.
        found: u64,
        /// The largest.
        most: u64,
    },
}
