//! Distributions of many columns, each in several tables.

use serde::{Deserialize, Serialize};

/// Panels of bars: what share of each table's rows lies in each bin of a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distributions {
    /// What they show, and of how many.
    pub caption: String,
    /// How to read them.
    pub reading: String,
    /// The tables' names, at most three; the first is what the others are held against.
    pub tables: Vec<String>,
    /// The panels in the order to show.
    pub panels: Vec<DistributionPanel>,
}

/// One column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DistributionPanel {
    /// The column.
    pub title: String,
    /// What stands beside the heading (`differs in 0.04`); may be empty.
    pub note: String,
    /// The bins' names in order.
    pub bins: Vec<String>,
    /// Share of rows by table, then by bin, 0 to 1.
    pub shares: Vec<Vec<f64>>,
}
