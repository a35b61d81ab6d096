//! A MEDS root written from events in any order and of any number.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twinloom_event::{Concept, Event, Split, SubjectId};

use super::schema::ColumnFacts;
use super::shards::write_shards;
use super::{DatasetMetadata, MedsError, codes, splits};
use crate::SinkError;
use crate::spill::{EventCoder, Sorter, event_key};

/// Longest text a Parquet value holds safely.
const LONGEST_TEXT: usize = 1 << 30;
/// One part in this many of the budget goes to concepts.
const CONCEPT_SHARE: usize = 8;

/// Collects events in bounded memory and writes them as a MEDS root, in one order whatever the
/// number of threads or the budget.
///
/// # Limits
/// Memory grows by eight bytes a subject beyond the budget, and by about four times the budget's
/// eighth for codes.
#[derive(Debug)]
pub struct MedsWriter {
    root: PathBuf,
    metadata: DatasetMetadata,
    spill: TempDir,
    events: Sorter,
    concepts: Sorter,
    coder: EventCoder,
    columns: ColumnFacts,
}

/// What [`MedsWriter::finish`] wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MedsSummary {
    /// Subjects that have events, ascending.
    pub subjects: Vec<SubjectId>,
    /// Events.
    pub events: u64,
    /// Data files.
    pub shards: u64,
    /// Codes in `codes.parquet`.
    pub codes: u64,
}

impl MedsWriter {
    /// Makes the folder; temporary files stand inside it until the writer is finished or dropped.
    ///
    /// # Errors
    /// [`MedsError::Io`] when the folder can't be made.
    pub fn create(
        root: &Path,
        metadata: DatasetMetadata,
        memory_budget_bytes: usize,
    ) -> Result<Self, MedsError> {
        let io = |source| MedsError::Io { file: root.display().to_string(), source };
        fs::create_dir_all(root).map_err(io)?;
        let spill = tempfile::Builder::new().prefix(".spill-").tempdir_in(root).map_err(io)?;
        Ok(Self {
            root: root.to_owned(),
            metadata,
            events: Sorter::new(spill.path(), "events", memory_budget_bytes),
            concepts: Sorter::new(spill.path(), "concepts", memory_budget_bytes / CONCEPT_SHARE),
            spill,
            coder: EventCoder::default(),
            columns: ColumnFacts::default(),
        })
    }

    /// Takes an event; ties of (time, `seq`) keep the order of arrival.
    ///
    /// # Errors
    /// [`SinkError::Io`] when a text is over 1 GiB or the temporary files can't be written.
    pub fn event(&mut self, event: &Event) -> Result<(), SinkError> {
        if longest_text(event) > LONGEST_TEXT {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "text over 1 GiB").into());
        }
        self.columns.note(event);
        let coder = &mut self.coder;
        self.events.push(&event_key(event), |out| coder.encode(event, out))?;
        Ok(())
    }

    /// Takes a code's description; the first of a code wins.
    ///
    /// # Errors
    /// [`SinkError::Io`] when the temporary files can't be written.
    pub fn concept(&mut self, concept: &Concept) -> Result<(), SinkError> {
        codes::push(&mut self.concepts, concept).map_err(SinkError::Io)
    }

    /// The folder for temporary files, for whoever writes beside the events.
    pub(crate) fn spill_folder(&self) -> &Path {
        self.spill.path()
    }

    /// Writes `data/` anew, and `metadata/`; `split_of` may leave subjects out of the splits.
    ///
    /// # Errors
    /// [`MedsError`] when a file can't be written or a subject has too many events.
    pub fn finish(
        self,
        split_of: &(dyn Fn(SubjectId) -> Option<Split> + Sync),
    ) -> Result<MedsSummary, MedsError> {
        let Self { root, metadata, spill, events, mut concepts, coder, columns } = self;
        let io = |file: &Path| {
            let file = file.display().to_string();
            move |source| MedsError::Io { file, source }
        };
        let sorted = events.finish().map_err(io(spill.path()))?;
        let columns = columns.columns();
        let fresh = spill.path().join("data");
        let shards = write_shards(&fresh, &sorted, &coder, &columns)?;
        drop(sorted);

        let mut summary = MedsSummary { shards: shards.len() as u64, ..MedsSummary::default() };
        for shard in shards {
            summary.events += shard.rows;
            summary.subjects.extend(shard.subjects.into_iter().map(SubjectId::new));
            let mut used: Vec<_> = shard.codes.into_iter().collect();
            used.sort_unstable();
            for code in used {
                codes::push_used(&mut concepts, &code).map_err(io(spill.path()))?;
            }
        }

        let data = root.join("data");
        if data.exists() {
            fs::remove_dir_all(&data).map_err(io(&data))?;
        }
        fs::rename(&fresh, &data).map_err(io(&data))?;
        let folder = root.join("metadata");
        fs::create_dir_all(&folder).map_err(io(&folder))?;
        let concepts = concepts.finish().map_err(io(spill.path()))?;
        summary.codes = codes::write(&folder.join("codes.parquet"), &concepts)?;
        splits::write(&folder.join("subject_splits.parquet"), &summary.subjects, split_of)?;
        let further = columns.schema.fields().iter().map(|field| field.name().clone());
        metadata.with_columns(further).write(&folder.join("dataset.json"))?;
        spill.close().map_err(io(&root))?;
        Ok(summary)
    }
}

fn longest_text(event: &Event) -> usize {
    let attributes = event.attributes().filter_map(|(_, value)| value.as_text()).map(str::len).max();
    [
        event.code().as_str().len(),
        event.text_value().map_or(0, str::len),
        event.unit().map_or(0, |unit| unit.as_str().len()),
        event.encounter_id().map_or(0, |id| id.as_str().len()),
        event.record_id().map_or(0, |id| id.as_str().len()),
        attributes.unwrap_or(0),
    ]
    .into_iter()
    .max()
    .unwrap_or(0)
}
