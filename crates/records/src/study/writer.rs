//! A sink that spills to disk and ends as a study folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use twinloom_event::{Artefact, AttributeType, Concept, Entity, Event, Link, Split, SubjectId};

use super::artefacts::{encode_artefact, write_artefacts};
use super::records::{encode_entity, encode_link, subject_key, write_entities, write_links, write_subjects};
use crate::meds::{DatasetMetadata, MEMORY_BUDGET_BYTES, MedsError, MedsWriter};
use crate::spill::Sorter;
use crate::{Sink, SinkError};

/// One part in this many of the budget goes to each of links, entities and subjects.
const RECORDS_SHARE: usize = 8;

/// How a study is written.
#[derive(Clone, Debug)]
pub struct StudyOptions {
    /// What `events/metadata/dataset.json` says.
    pub metadata: DatasetMetadata,
    /// Bytes of events held in memory before they go to temporary files inside the study folder;
    /// links, entities, subjects and concepts may hold an eighth of it each beside.
    pub memory_budget_bytes: usize,
}

impl StudyOptions {
    /// The default budget of 192 MiB.
    pub fn new(metadata: DatasetMetadata) -> Self {
        Self { metadata, memory_budget_bytes: MEMORY_BUDGET_BYTES }
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
///
/// Events are ordered by subject, time, `seq` and arrival, and numbered anew, as
/// [`crate::MemorySink`] does. Of one entity or concept the first counts.
#[derive(Debug)]
pub struct StudyWriter {
    study: PathBuf,
    events: MedsWriter,
    links: Sorter,
    entities: Sorter,
    subjects: Sorter,
    artefacts: Sorter,
    /// The last file name given, and as it is written.
    file: Option<(Arc<str>, Arc<str>)>,
}

impl StudyWriter {
    /// Prepares the study folder; what it already holds stays until [`StudyWriter::finish`].
    ///
    /// # Errors
    /// [`MedsError::Io`] when the folder can't be made.
    pub fn create(study: &Path, options: StudyOptions) -> Result<Self, MedsError> {
        let StudyOptions { metadata, memory_budget_bytes } = options;
        let events = MedsWriter::create(&study.join("events"), metadata, memory_budget_bytes)?;
        Ok(Self::around(study, events, memory_budget_bytes))
    }

    /// Prepares the study folder for events that come in order with declared attributes: they are written
    /// as they come.
    ///
    /// # Errors
    /// [`MedsError::Io`] when the folder can't be made.
    pub fn create_ordered(
        study: &Path,
        metadata: DatasetMetadata,
        attributes: &[(&str, AttributeType)],
    ) -> Result<Self, MedsError> {
        let events = MedsWriter::create_ordered(&study.join("events"), metadata, attributes)?;
        Ok(Self::around(study, events, MEMORY_BUDGET_BYTES))
    }

    fn around(study: &Path, events: MedsWriter, memory_budget_bytes: usize) -> Self {
        let sorter = |name| Sorter::new(events.spill_folder(), name, memory_budget_bytes / RECORDS_SHARE);
        Self {
            study: study.to_owned(),
            links: sorter("links"),
            entities: sorter("entities"),
            subjects: sorter("subjects"),
            artefacts: sorter("artefacts"),
            file: None,
            events,
        }
    }

    /// A file's name as it is written: within the study relative to it, so that a study's bytes do not
    /// depend on where it stands.
    fn inside(&mut self, name: &Arc<str>) -> Arc<str> {
        let written: Arc<str> = match Path::new(&**name).strip_prefix(&self.study) {
            Ok(inside) => inside.to_string_lossy().into(),
            Err(_) => Arc::clone(name),
        };
        self.file = Some((Arc::clone(name), Arc::clone(&written)));
        written
    }

    /// Orders everything and writes the files; `split_of` says each subject's part.
    ///
    /// # Errors
    /// [`MedsError::SubjectCollision`] when two source identifiers have one subject id, other
    /// [`MedsError`]s when a file can't be written.
    pub fn finish(self, split_of: &(dyn Fn(SubjectId) -> Split + Sync)) -> Result<StudySummary, MedsError> {
        let Self { study, events, links, entities, subjects, artefacts, file: _ } = self;
        let folder = study.join("records");
        let io = |source| MedsError::Io { file: folder.display().to_string(), source };
        fs::create_dir_all(&folder).map_err(io)?;
        let subjects = subjects.finish().map_err(io)?;
        let declared = write_subjects(&folder.join("subjects.parquet"), &subjects)?;
        let links = write_links(&folder.join("links.parquet"), &links.finish().map_err(io)?)?;
        let entities = write_entities(&folder.join("entities.parquet"), &entities.finish().map_err(io)?)?;
        write_artefacts(&folder.join("artefacts.parquet"), &artefacts.finish().map_err(io)?)?;
        let written = events.finish(&|subject| Some(split_of(subject)))?;
        let silent = {
            let with_events: BTreeSet<_> = written.subjects.iter().copied().collect();
            declared.iter().filter(|subject| !with_events.contains(subject)).count()
        };
        Ok(StudySummary {
            subjects: (written.subjects.len() + silent) as u64,
            events: written.events,
            shards: written.shards,
            links,
            entities,
            codes: written.codes,
        })
    }
}

impl Sink for StudyWriter {
    fn subject(&mut self, subject_id: SubjectId, source_id: &str) -> Result<(), SinkError> {
        let value = source_id.as_bytes();
        Ok(self.subjects.push(&subject_key(subject_id), |out| out.extend_from_slice(value))?)
    }

    fn event(&mut self, event: Event) -> Result<(), SinkError> {
        self.events.event(&event)
    }

    fn link(&mut self, link: Link) -> Result<(), SinkError> {
        let (key, value) = encode_link(&link);
        Ok(self.links.push(&key, |out| out.extend_from_slice(&value))?)
    }

    fn entity(&mut self, entity: Entity) -> Result<(), SinkError> {
        Ok(self.entities.push(entity.record_id.as_str().as_bytes(), |out| encode_entity(&entity, out))?)
    }

    fn concept(&mut self, concept: Concept) -> Result<(), SinkError> {
        self.events.concept(&concept)
    }

    fn artefact(&mut self, artefact: Artefact) -> Result<(), SinkError> {
        let file = match &self.file {
            Some((given, written)) if Arc::ptr_eq(given, &artefact.file) => Arc::clone(written),
            _ => self.inside(&artefact.file),
        };
        let key = artefact.record_id.as_str().as_bytes();
        Ok(self.artefacts.push(key, |out| encode_artefact(&file, artefact.line, artefact.entry, out))?)
    }
}
