//! Data files written while events come, for a source that gives them in order and says beforehand which
//! attributes they have: nothing waits on disk, and encoding runs beside the source.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use arrow::record_batch::RecordBatch;
use twinloom_event::{AttributeType, Event, TimelineError, Timestamp};

use super::MedsError;
use super::rows::Rows;
use super::schema::{ColumnFacts, Columns};
use super::shard::{DataFile, ShardFacts};
use super::shards::{SHARD_ROWS, shard_path};
use crate::SinkError;
use crate::spill::{AttributeView, EventView};

/// Batches that wait for the encoding thread; more would only hold memory.
const BATCHES_WAITING: usize = 4;

/// A batch of rows and the number of the data file that it goes to.
type Numbered = (usize, RecordBatch);

/// Writes the data files of a dataset from events in its order.
pub(super) struct OrderedShards {
    columns: Arc<Columns>,
    rows: Rows,
    /// The place of the last event in the order.
    last: Option<(i64, Option<Timestamp>, u32)>,
    facts: Vec<ShardFacts>,
    sender: Option<SyncSender<Numbered>>,
    thread: Option<JoinHandle<Result<(), MedsError>>>,
}

impl fmt::Debug for OrderedShards {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OrderedShards").field("shards", &self.facts.len()).finish_non_exhaustive()
    }
}

impl OrderedShards {
    /// Writes `00000.parquet` and so on into a folder, which exists.
    pub(super) fn create(folder: &Path, attributes: &[(&str, AttributeType)]) -> Result<Self, MedsError> {
        let columns = Arc::new(ColumnFacts::declared(attributes).columns());
        let (sender, receiver) = sync_channel(BATCHES_WAITING);
        let (own, path) = (Arc::clone(&columns), folder.to_owned());
        let thread = std::thread::Builder::new()
            .name("events".to_owned())
            .spawn(move || encode(&path, &own, &receiver))
            .map_err(|source| MedsError::Io { file: folder.display().to_string(), source })?;
        Ok(Self {
            rows: Rows::new(&columns),
            columns,
            last: None,
            facts: vec![ShardFacts::default()],
            sender: Some(sender),
            thread: Some(thread),
        })
    }

    /// The columns of every data file.
    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Takes the next event.
    pub(super) fn event(&mut self, event: &Event) -> Result<(), SinkError> {
        let (subject, seq) = (event.subject_id(), event.seq());
        let place = (subject.get(), event.time(), seq);
        if self.last.is_some_and(|last| place < last) {
            return Err(SinkError::OutOfOrder { subject_id: subject });
        }
        let opens_subject = self.last.is_none_or(|(last, ..)| last != subject.get());
        self.last = Some(place);
        // A shard ends with a subject, so it is looked at only where one begins.
        if opens_subject && self.facts.last().is_some_and(|shard| shard.rows >= SHARD_ROWS) {
            self.flush()?;
            self.facts.push(ShardFacts::default());
        }
        let view = EventView::of(event);
        let Some(shard) = self.facts.last_mut() else { return Ok(()) };
        let number = shard
            .count(&view)
            .map_err(|_| SinkError::Timeline(TimelineError::TooLong { subject_id: subject }))?;
        self.rows.push(&view, number);
        for (name, value) in event.attributes() {
            let place = self.columns.place(name);
            let fits = place.is_some_and(|place| self.rows.attribute(place, AttributeView::of(value)));
            if !fits {
                return Err(SinkError::Undeclared {
                    attribute: name.to_string(),
                    found: value.attribute_type(),
                });
            }
        }
        if self.rows.is_full() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let batch = RecordBatch::try_new(Arc::clone(&self.columns.schema), self.rows.finish())
            .map_err(parquet::errors::ParquetError::from)?;
        let numbered = (self.facts.len() - 1, batch);
        if self.sender.as_ref().is_some_and(|sender| sender.send(numbered).is_ok()) {
            return Ok(());
        }
        // The encoder's own error says more than that it could not be reached.
        match self.join() {
            Err(MedsError::Io { source, .. }) => Err(SinkError::Io(source)),
            Err(MedsError::Parquet { source, .. }) => Err(SinkError::Parquet(source)),
            _ => Err(SinkError::Io(std::io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Waits for the encoding thread.
    fn join(&mut self) -> Result<(), MedsError> {
        self.sender = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(outcome)) => outcome,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(()),
        }
    }

    /// Ends the files; what each holds, in order.
    pub(super) fn finish(mut self) -> Result<Vec<ShardFacts>, MedsError> {
        self.flush()?;
        self.join()?;
        Ok(std::mem::take(&mut self.facts))
    }
}

impl Drop for OrderedShards {
    /// Waits for the encoding thread, so that nobody writes into the folder any more.
    fn drop(&mut self) {
        self.sender = None;
        // Files that are given up have no reader to whom an error matters.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn encode(folder: &Path, columns: &Columns, batches: &Receiver<Numbered>) -> Result<(), MedsError> {
    // An empty dataset still has a data file, so that readers find the schema.
    let mut open = (0, DataFile::create(&shard_path(folder, 0), columns)?);
    for (number, batch) in batches {
        if number != open.0 {
            let next = DataFile::create(&shard_path(folder, number), columns)?;
            std::mem::replace(&mut open, (number, next)).1.close()?;
        }
        open.1.write(&batch)?;
    }
    open.1.close()
}
