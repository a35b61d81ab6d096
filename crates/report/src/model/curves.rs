//! Small curves side by side.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Panels with one curve each, such as prevalence by age.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// What they show, and of how many.
    pub caption: String,
    /// How to read them.
    pub reading: String,
    /// What runs along the bottom (`Age`).
    pub across: String,
    /// What runs upwards (`Share, %`).
    pub upwards: String,
    /// The panels in the order to show.
    pub panels: Vec<CurvePanel>,
}

/// One panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePanel {
    /// Its heading.
    pub title: String,
    /// Places along the bottom with their value; in order.
    pub points: Vec<(f64, Estimate)>,
}
