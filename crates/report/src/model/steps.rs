//! Curves that fall in steps, such as survival, on one pair of axes.

use serde::{Deserialize, Serialize};

/// Steps of several groups over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepCurves {
    /// What they show, and of how many.
    pub caption: String,
    /// How to read them.
    pub reading: String,
    /// What runs along the bottom (`Days`).
    pub across: String,
    /// What runs upwards (`Share alive`).
    pub upwards: String,
    /// The groups, at most three: a name, and from each place on a value, in order.
    pub series: Vec<(String, Vec<(f64, f64)>)>,
}
