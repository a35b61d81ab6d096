//! One data file: rows in, Parquet out.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use rustc_hash::FxHashSet;
use twinloom_event::SubjectId;

use super::MedsError;
use super::parquet_file::writer_properties;
use super::rows::Rows;
use super::schema::Columns;
use crate::spill::{EventCoder, EventView};

/// What a finished shard holds.
#[derive(Debug, Default)]
pub(crate) struct ShardFacts {
    /// Its subjects, ascending.
    pub(crate) subjects: Vec<i64>,
    /// Its events.
    pub(crate) rows: u64,
    /// Distinct codes, in no order.
    pub(crate) codes: FxHashSet<Arc<str>>,
    next_seq: u32,
}

impl ShardFacts {
    /// Counts the next event; returns its number within its subject.
    pub(super) fn count(&mut self, view: &EventView<'_>) -> Result<u32, MedsError> {
        if self.subjects.last() != Some(&view.subject_id) {
            self.subjects.push(view.subject_id);
            self.next_seq = 0;
        }
        let seq = self.next_seq;
        self.next_seq =
            seq.checked_add(1).ok_or(MedsError::TooLong { subject_id: SubjectId::new(view.subject_id) })?;
        if !self.codes.contains(view.code) {
            self.codes.insert(view.code.into());
        }
        self.rows += 1;
        Ok(seq)
    }
}

/// A data file that takes rows in batches.
pub(super) struct DataFile {
    file: String,
    writer: ArrowWriter<File>,
}

impl DataFile {
    pub(super) fn create(path: &Path, columns: &Columns) -> Result<Self, MedsError> {
        let file = path.display().to_string();
        let output = File::create(path).map_err(|source| MedsError::Io { file: file.clone(), source })?;
        let writer = ArrowWriter::try_new(output, Arc::clone(&columns.schema), Some(writer_properties()))
            .map_err(|source| MedsError::Parquet { file: file.clone(), source })?;
        Ok(Self { file, writer })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), MedsError> {
        let refused = |source| MedsError::Parquet { file: self.file.clone(), source };
        self.writer.write(batch).map_err(refused)
    }

    pub(super) fn close(self) -> Result<(), MedsError> {
        let Self { file, writer } = self;
        writer.close().map(|_| ()).map_err(|source| MedsError::Parquet { file, source })
    }

    /// Rows under construction as a batch.
    pub(super) fn batch(&self, rows: &mut Rows, columns: &Columns) -> Result<RecordBatch, MedsError> {
        RecordBatch::try_new(Arc::clone(&columns.schema), rows.finish())
            .map_err(|source| MedsError::Parquet { file: self.file.clone(), source: source.into() })
    }
}

/// Writes one data file from events in timeline order.
pub(crate) struct ShardWriter<'a> {
    coder: &'a EventCoder,
    columns: &'a Columns,
    file: DataFile,
    rows: Rows,
    facts: ShardFacts,
}

impl<'a> ShardWriter<'a> {
    pub(crate) fn create(
        path: &Path,
        coder: &'a EventCoder,
        columns: &'a Columns,
    ) -> Result<Self, MedsError> {
        Ok(Self {
            coder,
            columns,
            file: DataFile::create(path, columns)?,
            rows: Rows::new(columns),
            facts: ShardFacts::default(),
        })
    }

    /// Appends an event given as its key and body.
    pub(crate) fn push(&mut self, key: &[u8], body: &[u8]) -> Result<(), MedsError> {
        let mut attributes = Vec::new();
        let view = self.coder.decode(key, body, &mut attributes);
        let seq = self.facts.count(&view)?;
        self.rows.push(&view, seq);
        for (name, value) in attributes {
            if let Some(place) = self.columns.place(name) {
                // The columns were made to suit every event.
                let _ = self.rows.attribute(place, value);
            }
        }
        if self.rows.is_full() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), MedsError> {
        let batch = self.file.batch(&mut self.rows, self.columns)?;
        self.file.write(&batch)
    }

    pub(crate) fn finish(mut self) -> Result<ShardFacts, MedsError> {
        if !self.rows.is_empty() {
            self.flush()?;
        }
        self.file.close().map(|()| self.facts)
    }
}
