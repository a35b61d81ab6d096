//! Fourfold tables of two conditions, one per stratum.

use std::ops::AddAssign;

use serde::Serialize;

/// How many people have both of two conditions, one of them, or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Both conditions.
    pub both: u64,
    /// The first alone.
    pub first_only: u64,
    /// The second alone.
    pub second_only: u64,
    /// Neither.
    pub neither: u64,
}

impl Table {
    /// A table from its first cell and its margins.
    pub(crate) const fn from_margins(both: u64, first: u64, second: u64, people: u64) -> Self {
        Self {
            both,
            first_only: first - both,
            second_only: second - both,
            neither: people + both - first - second,
        }
    }

    /// People with the first condition.
    pub const fn first(&self) -> u64 {
        self.both + self.first_only
    }

    /// People with the second condition.
    pub const fn second(&self) -> u64 {
        self.both + self.second_only
    }

    /// Everybody.
    pub const fn people(&self) -> u64 {
        self.first() + self.second_only + self.neither
    }

    /// Whether some have and some lack each condition. Otherwise the margins fix every cell, and the
    /// table says nothing of the two together.
    pub const fn is_informative(&self) -> bool {
        let (first, second, people) = (self.first(), self.second(), self.people());
        first > 0 && second > 0 && first < people && second < people
    }

    /// The fewest and the most people who can have both, given the margins.
    pub(crate) const fn range_of_both(&self) -> (u64, u64) {
        let (first, second) = (self.first(), self.second());
        let most = if first < second { first } else { second };
        ((first + second).saturating_sub(self.people()), most)
    }

    /// The table with the two conditions exchanged.
    pub(crate) const fn reversed(&self) -> Self {
        Self { first_only: self.second_only, second_only: self.first_only, ..*self }
    }

    /// The four cells as floats: both, first alone, second alone, neither.
    pub(crate) const fn cells(&self) -> [f64; 4] {
        [self.both as f64, self.first_only as f64, self.second_only as f64, self.neither as f64]
    }
}

impl AddAssign for Table {
    fn add_assign(&mut self, other: Self) {
        self.both += other.both;
        self.first_only += other.first_only;
        self.second_only += other.second_only;
        self.neither += other.neither;
    }
}
