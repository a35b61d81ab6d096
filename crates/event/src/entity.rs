//! Things the record speaks of that are not subjects.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Attributes, RecordId};

/// An organisation, clinician, place, device or medicine that artefacts refer to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// The artefact that describes it (`Organization/17`).
    pub record_id: RecordId,
    /// Its sort, in the source's word (`Organization`, `Practitioner`).
    pub kind: Arc<str>,
    /// What people call it, if stated.
    pub name: Option<Arc<str>>,
    /// Further facts by name.
    pub attributes: Attributes,
}
