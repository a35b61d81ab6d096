//! A study folder written from encoded row groups.

use std::fs;
use std::path::{Path, PathBuf};

use twinloom_event::{Concept, Split, SubjectId};

use super::StudySummary;
use super::records::{subject_key, write_entities, write_links, write_subjects};
use crate::meds::columnar::{ColumnarWriter, EncodedGroup, EventLayout, Texts};
use crate::meds::{DatasetMetadata, MedsError};
use crate::spill::Sorter;

/// Bytes of subjects held before they go to temporary files.
const SUBJECTS_BYTES: usize = 24 << 20;

/// Writes `STUDY/events` and `STUDY/records` of a simulator that makes its events in columns: without
/// links and entities, every subject under its own number.
pub struct ColumnarStudyWriter {
    study: PathBuf,
    events: ColumnarWriter,
}

impl ColumnarStudyWriter {
    /// Prepares the study folder; what it already holds stays until [`ColumnarStudyWriter::finish`].
    ///
    /// # Errors
    /// [`MedsError::Io`] when the folder can't be made.
    pub fn create(study: &Path, metadata: DatasetMetadata, layout: &EventLayout) -> Result<Self, MedsError> {
        let events = ColumnarWriter::create(&study.join("events"), metadata, layout)?;
        Ok(Self { study: study.to_owned(), events })
    }

    /// Appends a row group; its subjects come after all before.
    ///
    /// # Errors
    /// As [`ColumnarWriter::append`].
    pub fn append(&mut self, group: EncodedGroup) -> Result<(), MedsError> {
        self.events.append(group)
    }

    /// Writes what surrounds the events. `code` says what the codes' keys mean, `concepts` what the codes
    /// mean; `split_of` says each subject's part.
    ///
    /// # Errors
    /// [`MedsError`] when a file can't be written.
    pub fn finish(
        self,
        code: Texts<'_>,
        concepts: impl Iterator<Item = Concept>,
        split_of: &(dyn Fn(SubjectId) -> Split + Sync),
    ) -> Result<StudySummary, MedsError> {
        let folder = self.study.join("records");
        let io = |source| MedsError::Io { file: folder.display().to_string(), source };
        fs::create_dir_all(&folder).map_err(io)?;
        let spill = tempfile::Builder::new().prefix(".spill-").tempdir_in(&folder).map_err(io)?;
        let written = self.events.finish(code, concepts, &|subject| Some(split_of(subject)))?;
        let mut subjects = Sorter::new(spill.path(), "subjects", SUBJECTS_BYTES);
        for subject in &written.subjects {
            let name = subject.to_string();
            subjects
                .push(&subject_key(*subject), |out| out.extend_from_slice(name.as_bytes()))
                .map_err(io)?;
        }
        write_subjects(&folder.join("subjects.parquet"), &subjects.finish().map_err(io)?)?;
        let none = |name| Sorter::new(spill.path(), name, 0).finish().map_err(io);
        let links = write_links(&folder.join("links.parquet"), &none("links")?)?;
        let entities = write_entities(&folder.join("entities.parquet"), &none("entities")?)?;
        spill.close().map_err(io)?;
        Ok(StudySummary {
            subjects: written.subjects.len() as u64,
            events: written.events,
            shards: written.shards,
            links,
            entities,
            codes: written.codes,
        })
    }
}
