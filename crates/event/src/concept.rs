//! What a code means.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Code;

/// A code's description and its parents (a row of MEDS `metadata/codes.parquet`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concept {
    /// The code described.
    pub code: Code,
    /// Its meaning in words.
    pub description: Option<Arc<str>>,
    /// The codes it is a case of.
    pub parents: Vec<Code>,
}
