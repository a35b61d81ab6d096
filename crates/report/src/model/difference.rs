//! The same weights in two groups of people.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Two groups side by side, and their difference.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupDifference {
    /// Of whom (`20,000 simulated patients`).
    pub population: String,
    /// How values, intervals and p-values came about, a sentence.
    pub method: String,
    /// What is compared (`Overlap coefficient`).
    pub measure: String,
    /// Whether values are shares, to be shown as percentages.
    pub percent: bool,
    /// The first group (`most deprived fifth`).
    pub first: String,
    /// The second group, taken off the first (`least deprived fifth`).
    pub second: String,
    /// The rows in the order to show.
    pub rows: Vec<DifferenceRow>,
    /// Rows that are not shown.
    pub left_out: u64,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DifferenceRow {
    /// What it is about.
    pub label: String,
    /// The first group's value.
    pub first: Estimate,
    /// The second group's value.
    pub second: Estimate,
    /// First minus second.
    pub difference: Estimate,
    /// Whether the difference would stand after control of the false discovery rate.
    pub discovered: bool,
    /// The adjusted p-value, if there is one.
    pub q: Option<f64>,
}
