//! FHIR R4: bundles, NDJSON and single resources in; what the twin and the studies state, out.
//!
//! # Source
//! HL7 FHIR R4 (4.0.1); UK Core 2.0.0 and US Core for the demographic extensions.
//!
//! # What becomes what
//! A table (`mapping`) says for each resource type which elements hold subject, code, time, end,
//! encounter and standing; every resource of a type in it becomes one event or more (a panel and its
//! components, a form and its answers). Organisations, clinicians, places, devices, medicines and
//! Provenance become entities, contained resources too. Every Reference becomes a link once it is
//! resolved. A Patient becomes a subject with static demographic events, a birth and perhaps a death.
//!
//! Resources marked as errors, not done, cancelled or refuted are skipped with that reason. Time
//! comes from the element that says when the fact held; failing that from when it was recorded
//! (`time_source` then names the element); a fact without any time is kept as a static event with
//! `time_source` `none`, one with only an impossible date is skipped. Offsets are dropped: times are
//! the recording system's local clock.
//!
//! # Limits
//! Memory does not grow with the input, except by about 100 bytes a file name and by the names of
//! patients referred to in other ways than `Patient/id` before they are described. One resource may
//! have [`ImportOptions::max_document_bytes`] bytes and about four million elements. Of the same id
//! read twice, the first is kept, whatever `meta.lastUpdated` says; the report tells which were newer.
//! XML and versions before R4 are not read.

mod assemble;
mod coding;
mod draft;
mod entity;
mod exact;
mod fact;
mod frame;
mod json;
mod links;
mod mapping;
mod mapping_table;
mod moment;
mod options;
mod origin;
mod patient;
mod pipeline;
mod questionnaire;
mod recent;
mod reference;
mod resource;
mod scan;
mod seen;
mod spool;
mod tape;
mod types;
mod value;
pub mod write;

use std::path::PathBuf;

pub use options::{ImportError, ImportOptions, Progress};

use crate::{ImportReport, Sink};

/// Imports FHIR R4 from files, folders and archives.
///
/// Files may be JSON or NDJSON, plain, gzip, xz, or in a zip or tar. What can't be used is in the
/// report, with place and reason; nothing kept at all is seen from [`ImportReport::kept`] being 0.
/// The calls on the sink and the report are the same for any number of threads.
///
/// ```
/// use twinloom_records::{MemorySink, fhir};
///
/// let folder = std::env::temp_dir().join("twinloom-doc-fhir-import");
/// std::fs::create_dir_all(&folder)?;
/// let path = folder.join("patient.json");
/// std::fs::write(&path, r#"{"resourceType":"Patient","id":"7","gender":"female","birthDate":"1961-04"}"#)?;
/// let mut sink = MemorySink::default();
/// let report = fhir::import(&[path], &fhir::ImportOptions::default(), &mut sink, &|_| {})?;
/// assert_eq!((report.subjects, report.kept()), (1, 1));
/// assert_eq!(sink.into_dataset()?.cohort.event_count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ImportError`] when a path does not exist, or the sink or a temporary file can't be written.
/// Faults in the data are no errors.
pub fn import(
    paths: &[PathBuf],
    options: &ImportOptions,
    sink: &mut dyn Sink,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<ImportReport, ImportError> {
    pipeline::run(paths, options, sink, progress)
}
