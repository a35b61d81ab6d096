//! Vectors as points on maps.

use serde::{Deserialize, Serialize};

/// Maps of the same points side by side, coloured by group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PointMap {
    /// What it shows, and of how many.
    pub caption: String,
    /// How to read it.
    pub reading: String,
    /// The groups' names, at most four; colour and form tell them apart.
    pub groups: Vec<String>,
    /// The maps.
    pub panels: Vec<MapPanel>,
}

/// One map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapPanel {
    /// How it was made.
    pub title: String,
    /// Its points; those that are no numbers are not drawn.
    pub points: Vec<MapPoint>,
}

/// One point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapPoint {
    /// Across.
    pub x: f64,
    /// Upwards.
    pub y: f64,
    /// The place of its group among the map's.
    pub group: usize,
    /// What is written beside it; empty for nothing.
    pub name: String,
}
