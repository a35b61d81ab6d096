//! Medical Event Data Standard 0.4, both ways.

mod error;
mod metadata;

use std::collections::BTreeMap;
use std::path::Path;

use twinloom_event::{Dataset, Label, Split, SubjectId};

use crate::{ImportReport, Sink};

pub use error::MedsError;
pub use metadata::{DatasetMetadata, MEDS_VERSION};

/// A MEDS folder in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MedsDataset {
    /// Events and concepts; MEDS has no links or entities.
    pub dataset: Dataset,
    /// `metadata/dataset.json`, if present.
    pub metadata: DatasetMetadata,
    /// `metadata/subject_splits.parquet`, if present.
    pub splits: BTreeMap<SubjectId, Split>,
    /// What was read, repaired or skipped.
    pub report: ImportReport,
}

/// Writes a dataset's cohort and concepts as a MEDS root; `splits` may be empty.
///
/// # Errors
/// [`MedsError`] when the folder can't be written.
pub fn write(
    _root: &Path,
    _dataset: &Dataset,
    _metadata: &DatasetMetadata,
    _splits: &BTreeMap<SubjectId, Split>,
) -> Result<(), MedsError> {
    Ok(())
}

/// Reads a MEDS root into memory.
///
/// # Errors
/// [`MedsError`] when nothing can be read.
pub fn read(_root: &Path) -> Result<MedsDataset, MedsError> {
    Ok(MedsDataset::default())
}

/// Reads a MEDS root file by file into a sink; `progress` gets bytes read since its last call.
///
/// # Errors
/// [`MedsError`] when nothing can be read or the sink refuses.
pub fn import(
    _root: &Path,
    _sink: &mut dyn Sink,
    _progress: &mut dyn FnMut(u64),
) -> Result<ImportReport, MedsError> {
    Ok(ImportReport::new("meds"))
}

/// Writes labels of one kind to a Parquet file with the MEDS label schema.
///
/// # Errors
/// [`MedsError::MixedLabels`], or that the file can't be written.
pub fn write_labels(_file: &Path, _labels: &[Label]) -> Result<(), MedsError> {
    Ok(())
}

/// Reads labels from a Parquet file, or from all of a folder's, with the MEDS label schema.
///
/// # Errors
/// [`MedsError`] when a file breaks the label schema.
pub fn read_labels(_path: &Path) -> Result<Vec<Label>, MedsError> {
    Ok(Vec::new())
}
