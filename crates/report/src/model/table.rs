//! A table for which no drawing exists.

use serde::{Deserialize, Serialize};

/// A plain table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What it shows, one sentence; also its caption.
    pub caption: String,
    /// Column headings.
    pub columns: Vec<String>,
    /// Rows; the first cell of each is its heading.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Words, to the left.
    Text(String),
    /// A count with thousands separators, to the right.
    Count(u64),
    /// A number with so many decimals, to the right.
    Number {
        /// The number.
        value: f64,
        /// Decimals shown.
        decimals: u8,
    },
    /// Nothing to say: an en rule.
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}
