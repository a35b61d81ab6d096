//! Rows in, Parquet out: columns fill on the caller's thread, encoding runs on one of its own.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
    StringDictionaryBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef, TimeUnit};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::{Cell, Column, ColumnType, TableError};

/// Rows handed to the encoding thread together.
const BATCH_ROWS: usize = 1 << 15;
/// Batches that wait for the encoding thread; more would only hold memory.
const BATCHES_WAITING: usize = 2;
const ROW_GROUP_ROWS: usize = 1 << 19;

/// Writes one table; the same rows give the same bytes.
///
/// # Limits
/// Memory holds a few batches of 32,768 rows and the encoded pages of one row group.
pub struct TableWriter {
    file: String,
    schema: SchemaRef,
    columns: Vec<(Column, Builder)>,
    rows_in_batch: usize,
    rows: u64,
    sender: Option<SyncSender<RecordBatch>>,
    thread: Option<JoinHandle<Result<(), ParquetError>>>,
}

impl TableWriter {
    /// Makes the file.
    ///
    /// # Errors
    /// [`TableError`] when the file can't be made.
    pub fn create(path: &Path, columns: &[Column]) -> Result<Self, TableError> {
        let file = path.display().to_string();
        let output = File::create(path).map_err(|source| TableError::Io { file: file.clone(), source })?;
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| Field::new(column.name, data_type(column.column_type), column.nullable))
            .collect();
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let writer = ArrowWriter::try_new(output, Arc::clone(&schema), Some(properties(columns)))
            .map_err(|source| TableError::Parquet { file: file.clone(), source })?;
        let (sender, receiver) = sync_channel(BATCHES_WAITING);
        let thread = std::thread::Builder::new()
            .spawn(move || encode(writer, &receiver))
            .map_err(|source| TableError::Io { file: file.clone(), source })?;
        let columns = columns.iter().map(|column| (*column, Builder::new(column.column_type))).collect();
        Ok(Self {
            file,
            schema,
            columns,
            rows_in_batch: 0,
            rows: 0,
            sender: Some(sender),
            thread: Some(thread),
        })
    }

    /// Adds a row; columns that it does not name stay empty. A column named twice keeps its first value.
    ///
    /// # Errors
    /// [`TableError::Cell`] for a value of another type or in no column; [`TableError::Unfinished`] when
    /// encoding has ended with an error, which [`TableWriter::finish`] tells.
    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = (usize, Cell<'c>)>) -> Result<(), TableError> {
        let row = self.rows_in_batch;
        for (place, cell) in cells {
            let fits = self.columns.get_mut(place).is_some_and(|(_, builder)| builder.push(row, cell));
            if !fits {
                return Err(self.misfit(place));
            }
        }
        self.rows_in_batch += 1;
        self.rows += 1;
        if self.rows_in_batch >= BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    fn misfit(&self, place: usize) -> TableError {
        let column = self.columns.get(place).map(|(column, _)| *column);
        TableError::Cell {
            file: self.file.clone(),
            row: self.rows + 1,
            column: column.map_or("", |column| column.name),
            permitted: column.map_or_else(
                || format!("columns 0 to {}", self.columns.len().saturating_sub(1)),
                |column| format!("{:?}", column.column_type),
            ),
        }
    }

    fn flush(&mut self) -> Result<(), TableError> {
        let rows = self.rows_in_batch;
        self.rows_in_batch = 0;
        let arrays = self.columns.iter_mut().map(|(_, builder)| builder.finish(rows)).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|source| TableError::Parquet { file: self.file.clone(), source: source.into() })?;
        match &self.sender {
            Some(sender) if sender.send(batch).is_ok() => Ok(()),
            _ => Err(TableError::Unfinished { file: self.file.clone() }),
        }
    }

    /// Ends the file; returns the number of rows.
    ///
    /// # Errors
    /// [`TableError`] when the file could not be written.
    pub fn finish(mut self) -> Result<u64, TableError> {
        let flushed = if self.rows_in_batch > 0 { self.flush() } else { Ok(()) };
        self.sender = None;
        // The encoder's own error says more than that it could not be reached.
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Ok(()))) => flushed.map(|()| self.rows),
            Some(Ok(Err(source))) => Err(TableError::Parquet { file: self.file.clone(), source }),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Err(TableError::Unfinished { file: self.file.clone() }),
        }
    }
}

impl Drop for TableWriter {
    /// Waits for the encoding thread, so that nobody writes into the file any more.
    fn drop(&mut self) {
        self.sender = None;
        // A table that is given up has no reader to whom an error matters.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn encode(mut writer: ArrowWriter<File>, batches: &Receiver<RecordBatch>) -> Result<(), ParquetError> {
    for batch in batches {
        writer.write(&batch)?;
    }
    writer.close().map(|_| ())
}

fn properties(columns: &[Column]) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_created_by("twinloom".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in columns {
        let path = ColumnPath::from(column.name);
        properties = match column.column_type {
            // Neighbouring rows differ little: differences pack well and need no dictionary.
            ColumnType::Integer | ColumnType::Time => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            ColumnType::Number | ColumnType::Text | ColumnType::Flag => {
                properties.set_column_dictionary_enabled(path, false)
            }
            ColumnType::Word | ColumnType::Day => properties,
        };
    }
    properties.build()
}

/// The Arrow type of a column.
pub(super) fn data_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Integer => DataType::Int64,
        ColumnType::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Day => DataType::Date32,
        ColumnType::Number => DataType::Float64,
        ColumnType::Word => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        ColumnType::Text => DataType::Utf8,
        ColumnType::Flag => DataType::Boolean,
    }
}

/// A column under construction; rows left out are filled in when the next value comes.
enum Builder {
    Integer(Int64Builder, usize),
    Time(TimestampMicrosecondBuilder, usize),
    Day(Date32Builder, usize),
    Number(Float64Builder, usize),
    Word(Box<StringDictionaryBuilder<Int32Type>>, usize),
    Text(StringBuilder, usize),
    Flag(BooleanBuilder, usize),
}

macro_rules! fill {
    ($builder:expr, $length:expr, $row:expr, $value:expr) => {{
        if *$length > $row {
            return true;
        }
        if *$length < $row {
            $builder.append_nulls($row - *$length);
        }
        $builder.append_value($value);
        *$length = $row + 1;
        true
    }};
}

macro_rules! finished {
    ($builder:expr, $length:expr, $rows:expr) => {{
        $builder.append_nulls($rows - *$length);
        *$length = 0;
        Arc::new($builder.finish())
    }};
}

impl Builder {
    fn new(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Integer => Self::Integer(Int64Builder::new(), 0),
            ColumnType::Time => Self::Time(TimestampMicrosecondBuilder::new(), 0),
            ColumnType::Day => Self::Day(Date32Builder::new(), 0),
            ColumnType::Number => Self::Number(Float64Builder::new(), 0),
            ColumnType::Word => Self::Word(Box::default(), 0),
            ColumnType::Text => Self::Text(StringBuilder::new(), 0),
            ColumnType::Flag => Self::Flag(BooleanBuilder::new(), 0),
        }
    }

    /// Puts a value into a row; the answer is no for a value of another type.
    fn push(&mut self, row: usize, cell: Cell<'_>) -> bool {
        match (self, cell) {
            (_, Cell::Absent) => true,
            (Self::Integer(builder, length), Cell::Integer(number)) => fill!(builder, length, row, number),
            (Self::Time(builder, length), Cell::Time(micros)) => fill!(builder, length, row, micros),
            (Self::Day(builder, length), Cell::Day(day)) => fill!(builder, length, row, day),
            (Self::Number(builder, length), Cell::Number(number)) => fill!(builder, length, row, number),
            (Self::Word(builder, length), Cell::Text(text)) => fill!(builder, length, row, text),
            (Self::Text(builder, length), Cell::Text(text)) => fill!(builder, length, row, text),
            (Self::Flag(builder, length), Cell::Flag(flag)) => fill!(builder, length, row, flag),
            _ => false,
        }
    }

    fn finish(&mut self, rows: usize) -> ArrayRef {
        match self {
            Self::Integer(builder, length) => finished!(builder, length, rows),
            Self::Time(builder, length) => finished!(builder, length, rows),
            Self::Day(builder, length) => finished!(builder, length, rows),
            Self::Number(builder, length) => finished!(builder, length, rows),
            Self::Word(builder, length) => finished!(builder, length, rows),
            Self::Text(builder, length) => finished!(builder, length, rows),
            Self::Flag(builder, length) => finished!(builder, length, rows),
        }
    }
}
