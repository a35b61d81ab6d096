//! A rule for each group, so that a criterion of fairness holds between them.
//!
//! # Source
//! Hardt, Price and Srebro, Equality of opportunity in supervised learning, NeurIPS 2016, sections 3.2 and 4.

mod decide;
mod hull;
mod odds;
mod opportunity;
mod parity;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use decide::decide;
pub use odds::equalised_odds_thresholds;
pub use opportunity::equal_opportunity_thresholds;
pub use parity::demographic_parity_thresholds;

/// A group's rule: one threshold or another, by a toss that the shares weigh; and at times a lot alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupThreshold {
    /// Which group.
    pub group: Arc<str>,
    /// With this chance ...
    pub chance: f64,
    /// ... predictions of at least this are selected ...
    pub threshold: f64,
    /// ... and otherwise those of at least this; 2 selects nobody.
    pub otherwise: f64,
    /// With this chance none of it is asked, ...
    pub by_lot: f64,
    /// ... and people are selected with this chance, whatever is predicted.
    pub lot: f64,
    /// Share selected.
    pub selected: f64,
    /// Share selected of those with the outcome.
    pub true_positives: f64,
    /// Share selected of those without.
    pub false_positives: f64,
}

impl GroupThreshold {
    /// The chance that someone of the group is selected.
    pub fn chance_selected(&self, prediction: f64) -> f64 {
        let above = |threshold: f64| f64::from(u8::from(prediction >= threshold));
        let asked = self.chance * above(self.threshold) + (1.0 - self.chance) * above(self.otherwise);
        self.by_lot * self.lot + (1.0 - self.by_lot) * asked
    }
}
