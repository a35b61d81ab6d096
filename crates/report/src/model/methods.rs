//! How it was done, what it can't show, and the hashes that prove it.

use serde::{Deserialize, Serialize};

/// Methods, limits and manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Methods {
    /// The methods, a heading each.
    pub blocks: Vec<MethodsBlock>,
    /// What the results can't show, a sentence or two each.
    pub limits: Vec<String>,
    /// Inputs and outputs with their hashes.
    pub manifest: Vec<ManifestEntry>,
}

/// Paragraphs under a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodsBlock {
    /// The heading.
    pub heading: String,
    /// The paragraphs.
    pub paragraphs: Vec<String>,
}

impl MethodsBlock {
    /// One paragraph under a heading.
    pub fn new(heading: impl Into<String>, paragraph: impl Into<String>) -> Self {
        Self { heading: heading.into(), paragraphs: vec![paragraph.into()] }
    }
}

/// A file of the study.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// What part it plays (`input`, `output`).
    pub role: String,
    /// Its path in the study, or its name.
    pub name: String,
    /// Its size.
    pub bytes: Option<u64>,
    /// Its hash, lower-case hexadecimal.
    pub sha256: String,
}
