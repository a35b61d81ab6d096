//! Conditions that go together, and how strongly.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Some conditions of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    /// All of them, in whatever order they came: a hyperedge.
    Together(Vec<String>),
    /// One after all the others: a hyperarc. Nothing before it: the only condition.
    Progression {
        /// The conditions before, in whatever order.
        tail: Vec<String>,
        /// The condition after.
        head: String,
    },
}

impl Combination {
    /// The conditions in words: `A + B`, `A, B → C`, `only A`.
    pub fn words(&self) -> String {
        match self {
            Self::Together(conditions) => conditions.join(" + "),
            Self::Progression { tail, head } if tail.is_empty() => format!("only {head}"),
            Self::Progression { tail, head } => format!("{} → {head}", tail.join(", ")),
        }
    }
}

/// Bars of weights with intervals, the heaviest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WeightBars {
    /// Of whom (`20,000 simulated patients`).
    pub population: String,
    /// How values and intervals came about, a sentence.
    pub method: String,
    /// The weight's name (`Overlap coefficient`).
    pub measure: String,
    /// What the weight says, a sentence for clinicians.
    pub meaning: String,
    /// The bars in the order to show.
    pub rows: Vec<WeightBar>,
    /// Combinations that are not shown.
    pub left_out: u64,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightBar {
    /// What it is about.
    pub combination: Combination,
    /// Its weight; not below 0.
    pub weight: Estimate,
    /// People behind it, as may be released (`1,240`, `fewer than 5`).
    pub people: String,
}
