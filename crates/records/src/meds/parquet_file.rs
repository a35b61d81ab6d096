//! How Parquet is written: the same bytes for the same rows.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::MedsError;

const ROW_GROUP_ROWS: usize = 1 << 17;

/// Properties without anything that varies between runs.
pub(crate) fn writer_properties() -> WriterProperties {
    WriterProperties::builder()
        .set_created_by("twinloom".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build()
}

/// Writes a small table in one go, batch after batch.
pub(crate) struct TableWriter {
    file: String,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
}

impl TableWriter {
    pub(crate) fn create(path: &Path, schema: SchemaRef) -> Result<Self, MedsError> {
        let file = path.display().to_string();
        let output = File::create(path).map_err(|source| MedsError::Io { file: file.clone(), source })?;
        let writer = ArrowWriter::try_new(output, Arc::clone(&schema), Some(writer_properties()))
            .map_err(|source| MedsError::Parquet { file: file.clone(), source })?;
        Ok(Self { file, schema, writer })
    }

    pub(crate) fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), MedsError> {
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(parquet::errors::ParquetError::from)
            .and_then(|batch| self.writer.write(&batch))
            .map_err(|source| MedsError::Parquet { file: self.file.clone(), source })
    }

    pub(crate) fn close(self) -> Result<(), MedsError> {
        self.writer.close().map(|_| ()).map_err(|source| MedsError::Parquet { file: self.file, source })
    }
}
