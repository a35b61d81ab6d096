//! A reference from one artefact to another.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::RecordId;

/// One resolved reference: artefact `from` names artefact `to` at element `path`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// The artefact that holds the reference.
    pub from: RecordId,
    /// The element that holds it, without the artefact's type and indices (`result`,
    /// `participant.individual`).
    pub path: Arc<str>,
    /// The artefact referred to.
    pub to: RecordId,
}
