//! The study folder's store: events as MEDS, and the records around them.

use std::path::Path;

use twinloom_event::{Concept, Dataset, Entity, Event, Link, Split, SubjectId};

use crate::meds::{DatasetMetadata, MedsError};
use crate::{Sink, SinkError};

/// How a study is written.
#[derive(Clone, Debug)]
pub struct StudyOptions {
    /// What `events/metadata/dataset.json` says.
    pub metadata: DatasetMetadata,
    /// Bytes of findings held in memory before they go to temporary files.
    pub memory_budget_bytes: usize,
}

impl StudyOptions {
    /// The default budget of 192 MiB.
    pub fn new(metadata: DatasetMetadata) -> Self {
        Self { metadata, memory_budget_bytes: 192 << 20 }
    }
}

/// What [`StudyWriter::finish`] wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StudySummary {
    /// Subjects with a source identifier or an event.
    pub subjects: u64,
    /// Events.
    pub events: u64,
    /// Data files under `events/data`.
    pub shards: u64,
    /// Distinct links.
    pub links: u64,
    /// Distinct entities.
    pub entities: u64,
    /// Codes in `codes.parquet`.
    pub codes: u64,
}

/// Receives any amount of findings in bounded memory and writes `STUDY/events` and `STUDY/records`.
#[derive(Debug)]
pub struct StudyWriter {}

impl StudyWriter {
    /// Prepares the study folder.
    ///
    /// # Errors
    /// [`MedsError::Io`] when the folder can't be made.
    pub fn create(_study: &Path, _options: StudyOptions) -> Result<Self, MedsError> {
        Ok(Self {})
    }

    /// Orders everything and writes the files; `split_of` says each subject's part.
    ///
    /// # Errors
    /// [`MedsError`] when subjects collide or a file can't be written.
    pub fn finish(self, _split_of: &(dyn Fn(SubjectId) -> Split + Sync)) -> Result<StudySummary, MedsError> {
        Ok(StudySummary::default())
    }
}

impl Sink for StudyWriter {
    fn subject(&mut self, _subject_id: SubjectId, _source_id: &str) -> Result<(), SinkError> {
        Ok(())
    }
    fn event(&mut self, _event: Event) -> Result<(), SinkError> {
        Ok(())
    }
    fn link(&mut self, _link: Link) -> Result<(), SinkError> {
        Ok(())
    }
    fn entity(&mut self, _entity: Entity) -> Result<(), SinkError> {
        Ok(())
    }
    fn concept(&mut self, _concept: Concept) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Reads `STUDY/events` and `STUDY/records` into memory.
///
/// # Errors
/// [`MedsError`] when a file is absent or damaged.
pub fn read_dataset(_study: &Path) -> Result<Dataset, MedsError> {
    Ok(Dataset::default())
}
