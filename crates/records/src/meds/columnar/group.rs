//! A row group, encoded where its events are made.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::schema::types::SchemaDescPtr;

use super::cells::{Cells, EventColumns, FurtherColumn, fields};
use super::chunk::{Chunk, ChunkEncoder};
use crate::meds::MedsError;

/// The columns of a dataset: the standard's, ours and further ones.
#[derive(Clone, Debug)]
pub struct EventLayout {
    pub(super) schema: SchemaRef,
    pub(super) descriptor: SchemaDescPtr,
    further: usize,
}

impl EventLayout {
    /// The standard's columns and ours, then `further`.
    ///
    /// # Errors
    /// [`MedsError::Parquet`] when Parquet has no form for a column.
    pub fn new(further: &[FurtherColumn]) -> Result<Self, MedsError> {
        let schema = Arc::new(Schema::new(fields(further)));
        let descriptor = ArrowSchemaConverter::new()
            .convert(&schema)
            .map_err(|source| MedsError::Parquet { file: "the schema".to_owned(), source })?;
        Ok(Self { schema, descriptor: Arc::new(descriptor), further: further.len() })
    }
}

/// Events of whole subjects, encoded; a file takes it as it is.
pub struct EncodedGroup {
    pub(super) chunks: Vec<Chunk>,
    pub(super) rows: usize,
    /// Its subjects, in order.
    pub(super) subjects: Vec<i64>,
    /// Keys of its codes.
    pub(super) codes: Vec<u32>,
}

/// Encodes row groups. What it makes of columns depends on nothing else.
pub struct GroupEncoder {
    layout: EventLayout,
    chunks: ChunkEncoder,
}

impl GroupEncoder {
    /// An encoder with working memory of its own; each thread wants one.
    pub fn new(layout: &EventLayout) -> Self {
        Self { layout: layout.clone(), chunks: ChunkEncoder::default() }
    }

    /// Encodes events of whole subjects.
    ///
    /// # Errors
    /// [`MedsError::Columns`] when the columns differ in length or number, [`MedsError::Parquet`] when
    /// a column can't be compressed.
    pub fn encode(&mut self, events: &EventColumns<'_>) -> Result<EncodedGroup, MedsError> {
        if !events.is_even() || events.further.len() != self.layout.further {
            return Err(MedsError::Columns);
        }
        let mut codes = Vec::new();
        let chunks = self
            .columns(events, &mut codes)
            .map_err(|source| MedsError::Parquet { file: "a row group".to_owned(), source })?;
        let mut subjects = events.subject_id.to_vec();
        subjects.dedup();
        Ok(EncodedGroup { chunks, rows: events.subject_id.len(), subjects, codes })
    }

    fn columns(
        &mut self,
        events: &EventColumns<'_>,
        codes: &mut Vec<u32>,
    ) -> Result<Vec<Chunk>, parquet::errors::ParquetError> {
        let rows = events.subject_id.len();
        let (layout, encoder) = (&self.layout, &mut self.chunks);
        let mut chunks = Vec::with_capacity(layout.descriptor.num_columns());
        let column = |chunks: &Vec<Chunk>| layout.descriptor.column(chunks.len());
        chunks.push(encoder.integers(&column(&chunks), events.subject_id)?);
        chunks.push(encoder.integers(&column(&chunks), events.time)?);
        chunks.push(encoder.words(&column(&chunks), events.code, None, rows)?);
        codes.extend_from_slice(encoder.used());
        chunks.push(encoder.numbers(&column(&chunks), events.numeric_value)?);
        for words in [events.text_value, events.kind, events.unit, events.encounter_id] {
            chunks.push(encoder.words(&column(&chunks), words, None, rows)?);
        }
        chunks.push(encoder.integers(&column(&chunks), events.end_time)?);
        chunks.push(encoder.constant(&column(&chunks), events.source, rows)?);
        for cells in events.further {
            let column = column(&chunks);
            chunks.push(match *cells {
                Cells::Words(words) => encoder.words(&column, words, None, rows)?,
                Cells::SparseWords { rows: sparse, words } => {
                    encoder.words(&column, words, Some(sparse), rows)?
                }
                Cells::SparseIntegers { rows: sparse, values } => {
                    encoder.sparse_integers(&column, sparse, values, rows)?
                }
                Cells::SparseFlags { rows: sparse } => encoder.sparse_flags(&column, sparse, rows)?,
            });
        }
        Ok(chunks)
    }
}
