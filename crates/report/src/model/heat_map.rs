//! A number for each pair of names.

use serde::{Deserialize, Serialize};

/// Squares coloured by a signed number for each pair, several maps side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeatMap {
    /// What they show.
    pub caption: String,
    /// How to read them.
    pub reading: String,
    /// The names, down and across.
    pub names: Vec<String>,
    /// The size at which colour is full; above 0.
    pub full: f64,
    /// The maps.
    pub panels: Vec<HeatPanel>,
}

/// One map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeatPanel {
    /// Its heading.
    pub title: String,
    /// By the name down, then across; none where there is no number.
    pub cells: Vec<Vec<Option<f64>>>,
}
