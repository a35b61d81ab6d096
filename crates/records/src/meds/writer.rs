//! A MEDS root written from events in any order and of any number.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twinloom_event::{AttributeType, Concept, Event, Split, SubjectId};

use super::ordered::OrderedShards;
use super::schema::ColumnFacts;
use super::shard::ShardFacts;
use super::shards::write_shards;
use super::{DatasetMetadata, MEMORY_BUDGET_BYTES, MedsError, codes, splits};
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
    // Before the folder that it writes into, which is removed when dropped.
    events: Events,
    concepts: Sorter,
    spill: TempDir,
}

/// Events on their way into data files.
#[derive(Debug)]
enum Events {
    /// In any order, to be sorted when all have come.
    Any { sorter: Sorter, coder: Box<EventCoder>, columns: ColumnFacts },
    /// In the order of the files.
    Ordered(Box<OrderedShards>),
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
        Self::make(root, metadata, memory_budget_bytes, |spill| {
            Ok(Events::Any {
                sorter: Sorter::new(spill, "events", memory_budget_bytes),
                coder: Box::default(),
                columns: ColumnFacts::default(),
            })
        })
    }

    /// Makes the folder for events that come subject by subject, ascending, each subject's in the order of
    /// its timeline, with no other attributes than those declared: they are written as they come.
    ///
    /// # Errors
    /// [`MedsError::Io`] when the folder can't be made.
    pub fn create_ordered(
        root: &Path,
        metadata: DatasetMetadata,
        attributes: &[(&str, AttributeType)],
    ) -> Result<Self, MedsError> {
        Self::make(root, metadata, MEMORY_BUDGET_BYTES, |spill| {
            let folder = spill.join("data");
            fs::create_dir_all(&folder)
                .map_err(|source| MedsError::Io { file: folder.display().to_string(), source })?;
            Ok(Events::Ordered(Box::new(OrderedShards::create(&folder, attributes)?)))
        })
    }

    fn make(
        root: &Path,
        metadata: DatasetMetadata,
        memory_budget_bytes: usize,
        events: impl FnOnce(&Path) -> Result<Events, MedsError>,
    ) -> Result<Self, MedsError> {
        let io = |source| MedsError::Io { file: root.display().to_string(), source };
        fs::create_dir_all(root).map_err(io)?;
        let spill = tempfile::Builder::new().prefix(".spill-").tempdir_in(root).map_err(io)?;
        Ok(Self {
            root: root.to_owned(),
            metadata,
            events: events(spill.path())?,
            concepts: Sorter::new(spill.path(), "concepts", memory_budget_bytes / CONCEPT_SHARE),
            spill,
        })
    }

    /// Takes an event; ties of (time, `seq`) keep the order of arrival.
    ///
    /// # Errors
    /// [`SinkError::Io`] when a text is over 1 GiB or files can't be written; of a writer that takes events in
    /// order also [`SinkError::OutOfOrder`] and [`SinkError::Undeclared`].
    pub fn event(&mut self, event: &Event) -> Result<(), SinkError> {
        if longest_text(event) > LONGEST_TEXT {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "text over 1 GiB").into());
        }
        match &mut self.events {
            Events::Any { sorter, coder, columns } => {
                columns.note(event);
                Ok(sorter.push(&event_key(event), |out| coder.encode(event, out))?)
            }
            Events::Ordered(shards) => shards.event(event),
        }
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
        let Self { root, metadata, events, mut concepts, spill } = self;
        let io = |file: &Path| {
            let file = file.display().to_string();
            move |source| MedsError::Io { file, source }
        };
        let fresh = spill.path().join("data");
        let (shards, columns): (Vec<ShardFacts>, Vec<String>) = match events {
            Events::Any { sorter, coder, columns } => {
                let sorted = sorter.finish().map_err(io(spill.path()))?;
                let columns = columns.columns();
                (write_shards(&fresh, &sorted, &coder, &columns)?, columns.names())
            }
            Events::Ordered(shards) => {
                let columns = shards.columns().names();
                (shards.finish()?, columns)
            }
        };

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
        metadata.with_columns(columns.into_iter()).write(&folder.join("dataset.json"))?;
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
