//! Where in the input an artefact stood.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::RecordId;

/// The file and line that an artefact was read from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Artefact {
    /// The artefact (`Observation/4f2a`, `patient/141168`).
    pub record_id: RecordId,
    /// The file, and the member within an archive (`dev.tar.xz/patient_3.json`).
    pub file: Arc<str>,
    /// The line of the file on which the artefact begins, from 1; 0 where the import can't tell.
    pub line: u64,
    /// The entry of the Bundle that the artefact is, from 1; 0 for one that stands alone.
    pub entry: u64,
}
