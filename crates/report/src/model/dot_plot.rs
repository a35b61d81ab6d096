//! Estimates of many things beside one another, on one scale.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Rows of estimates with their intervals on one scale, with a band or a line to hold them against.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DotPlot {
    /// What it shows, and of how many.
    pub caption: String,
    /// How to read it.
    pub reading: String,
    /// What the scale measures.
    pub axis: String,
    /// Heading of the texts at the right.
    pub value_heading: String,
    /// Where a dashed line stands.
    pub reference: Option<f64>,
    /// The values that are marked as good.
    pub band: Option<(f64, f64)>,
    /// The widest scale drawn; what lies beyond ends in an arrow.
    pub limits: (f64, f64),
    /// What the marks mean, for those in use.
    pub legend: Vec<(DotMark, String)>,
    /// The rows in the order to show.
    pub rows: Vec<DotRow>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DotRow {
    /// What it is about; a row without estimate and text is a heading.
    pub label: String,
    /// Where its dot and whisker stand.
    pub estimate: Option<Estimate>,
    /// The numbers in words, in their own unit.
    pub shown: String,
    /// How the dot is drawn.
    pub mark: DotMark,
}

/// A dot's form; colour is never needed to tell them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DotMark {
    /// A full disc.
    #[default]
    Disc,
    /// A ring.
    Ring,
    /// A square.
    Square,
}

impl DotRow {
    /// A heading over the rows that follow.
    pub fn heading(label: impl Into<String>) -> Self {
        Self { label: label.into(), estimate: None, shown: String::new(), mark: DotMark::Disc }
    }

    /// Whether this row is a heading.
    pub(crate) fn is_heading(&self) -> bool {
        self.estimate.is_none() && self.shown.is_empty()
    }
}
