//! Medical Event Data Standard 0.4, both ways.
//!
//! Written: `data/NNNNN.parquet` with the standard's five columns, our open columns and one column per
//! attribute; `metadata/codes.parquet`, `metadata/dataset.json`, `metadata/subject_splits.parquet`.
//! Read: that, and any MEDS folder of another program; columns that mean nothing to us become
//! attributes.
//!
//! # Source
//! Medical Event Data Standard 0.4.1: data, label, subject split, code metadata and dataset metadata
//! schemas.
//!
//! # Units
//! `numeric_value` has 32 bits in the standard. When a number needs more, all are written again in the
//! column `numeric_value_f64`, which the reader prefers.
//!
//! # Limits
//! A text is at most 1 GiB long; splits have MEDS's three names.

mod codes;
pub mod columnar;
mod columns;
mod data_file;
mod error;
mod extra;
mod labels;
mod metadata;
mod ordered;
mod parquet_file;
mod read;
mod rows;
mod schema;
mod shard;
mod shards;
mod splits;
#[cfg(test)]
pub(crate) mod tests;
mod writer;

use std::collections::BTreeMap;
use std::path::Path;

use twinloom_event::{Dataset, Split, SubjectId};

pub use error::MedsError;
pub use labels::{read_labels, write_labels};
pub use metadata::{DatasetMetadata, MEDS_VERSION};
pub use read::{MedsDataset, import, read, read_splits};
pub use writer::{MedsSummary, MedsWriter};

pub(crate) use columns::{ParquetTable, integers, texts};
pub(crate) use parquet_file::{TableWriter, writer_properties};

/// Bytes of findings a writer holds unless told otherwise.
pub const MEMORY_BUDGET_BYTES: usize = 192 << 20;

/// Writes a dataset's cohort and concepts as a MEDS root; `splits` may be empty.
///
/// # Errors
/// [`MedsError`] when the folder can't be written.
pub fn write(
    root: &Path,
    dataset: &Dataset,
    metadata: &DatasetMetadata,
    splits: &BTreeMap<SubjectId, Split>,
) -> Result<MedsSummary, MedsError> {
    let mut writer = MedsWriter::create(root, metadata.clone(), MEMORY_BUDGET_BYTES)?;
    for event in dataset.cohort.events() {
        writer.event(event)?;
    }
    for concept in &dataset.concepts {
        writer.concept(concept)?;
    }
    writer.finish(&|subject| splits.get(&subject).copied())
}
