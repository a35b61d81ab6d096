//! What moved one prediction, and which way.

use serde::{Deserialize, Serialize};

/// Signed bars of what each reason adds to one prediction, the most telling first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReasonBars {
    /// What it shows, and of whom.
    pub caption: String,
    /// How to read it.
    pub reading: String,
    /// The bars in the order to show.
    pub rows: Vec<ReasonBar>,
    /// Reasons that are not shown.
    pub left_out: u64,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReasonBar {
    /// What it is about.
    pub label: String,
    /// What it adds to the log odds.
    pub weight: f64,
    /// Where it stands in the record.
    pub place: String,
}
