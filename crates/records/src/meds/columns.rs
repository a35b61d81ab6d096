//! Parquet files as batches, and columns brought to the few types we read.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, LargeStringArray, ListArray,
    TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, SchemaRef, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::MedsError;
use super::schema::microseconds;

const BATCH_ROWS: usize = 8192;

/// A Parquet file read batch by batch.
pub(crate) struct ParquetTable {
    file: String,
    schema: SchemaRef,
    reader: ParquetRecordBatchReader,
}

impl ParquetTable {
    pub(crate) fn open(path: &Path) -> Result<Self, MedsError> {
        let file = path.display().to_string();
        let input = File::open(path).map_err(|source| MedsError::Io { file: file.clone(), source })?;
        let builder = sheltered(&file, || ParquetRecordBatchReaderBuilder::try_new(input))?
            .map_err(|source| MedsError::Parquet { file: file.clone(), source })?;
        let schema = builder.schema().clone();
        let reader = sheltered(&file, || builder.with_batch_size(BATCH_ROWS).build())?
            .map_err(|source| MedsError::Parquet { file: file.clone(), source })?;
        Ok(Self { file, schema, reader })
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(crate) fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    pub(crate) fn next_batch(&mut self) -> Result<Option<RecordBatch>, MedsError> {
        let next = sheltered(&self.file, || self.reader.next())?;
        next.transpose().map_err(|source| MedsError::Parquet {
            file: self.file.clone(),
            source: parquet::errors::ParquetError::from(source),
        })
    }

    pub(crate) fn missing(&self, column: &'static str) -> MedsError {
        MedsError::MissingColumn { file: self.file.clone(), column, found: self.column_names().join(", ") }
    }

    fn column_type(&self, column: &str, found: &DataType, permitted: &'static str) -> MedsError {
        MedsError::ColumnType {
            file: self.file.clone(),
            column: column.to_owned(),
            found: found.to_string(),
            permitted,
        }
    }

    /// A column of lists of text, `None` when absent.
    pub(crate) fn text_lists(
        &self,
        batch: &RecordBatch,
        column: &str,
    ) -> Result<Option<TextLists>, MedsError> {
        let Some(array) = batch.column_by_name(column) else {
            return Ok(None);
        };
        let permitted = "list of text";
        let list = DataType::List(Field::new("item", DataType::LargeUtf8, true).into());
        let refused = || self.column_type(column, array.data_type(), permitted);
        match array.data_type() {
            DataType::Null => Ok(None),
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(_, _) => {
                let array = cast(array, &list).map_err(|_| refused())?;
                Ok(Some(TextLists(array.as_list::<i32>().clone())))
            }
            _ => Err(refused()),
        }
    }
}

/// Runs the Parquet reader where its panics end. On hostile bytes it has some, in the types that an
/// embedded Arrow schema may name and in page decoders; the file is given up after one.
fn sheltered<T>(file: &str, read: impl FnOnce() -> T) -> Result<T, MedsError> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| MedsError::Damaged { file: file.to_owned() })
}

/// A column of lists of text.
pub(crate) struct TextLists(ListArray);

impl TextLists {
    /// The texts in one row; none for a null.
    pub(crate) fn row(&self, index: usize) -> Vec<String> {
        if self.0.is_null(index) {
            return Vec::new();
        }
        let values = self.0.value(index);
        values.as_string::<i64>().iter().flatten().map(str::to_owned).collect()
    }
}

/// The type of a column's values, looking through a dictionary.
pub(crate) fn value_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => values,
        other => other,
    }
}

pub(crate) fn is_text(data_type: &DataType) -> bool {
    matches!(value_type(data_type), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

pub(crate) fn is_time(data_type: &DataType) -> bool {
    matches!(value_type(data_type), DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64)
}

/// A text column, `None` when absent or all null by type.
pub(crate) fn texts(
    table: &ParquetTable,
    batch: &RecordBatch,
    column: &str,
) -> Result<Option<LargeStringArray>, MedsError> {
    let Some(array) = batch.column_by_name(column) else {
        return Ok(None);
    };
    if array.data_type() == &DataType::Null {
        return Ok(None);
    }
    let refused = || table.column_type(column, array.data_type(), "text");
    if !is_text(array.data_type()) {
        return Err(refused());
    }
    as_texts(array).map(Some).ok_or_else(refused)
}

/// A column of whole numbers, `None` when absent; what overflows 64 bits is null.
pub(crate) fn integers(
    table: &ParquetTable,
    batch: &RecordBatch,
    column: &str,
) -> Result<Option<Int64Array>, MedsError> {
    let Some(array) = batch.column_by_name(column) else {
        return Ok(None);
    };
    let refused = || table.column_type(column, array.data_type(), "whole numbers");
    if !value_type(array.data_type()).is_integer() {
        return Err(refused());
    }
    as_integers(array).map(Some).ok_or_else(refused)
}

/// A column of numbers, `None` when absent or all null by type.
pub(crate) fn numbers(
    table: &ParquetTable,
    batch: &RecordBatch,
    column: &str,
) -> Result<Option<Float64Array>, MedsError> {
    let Some(array) = batch.column_by_name(column) else {
        return Ok(None);
    };
    if array.data_type() == &DataType::Null {
        return Ok(None);
    }
    let refused = || table.column_type(column, array.data_type(), "numbers");
    if !value_type(array.data_type()).is_numeric() {
        return Err(refused());
    }
    as_numbers(array).map(Some).ok_or_else(refused)
}

/// A column of times, `None` when absent or all null by type. A zone's offset is not applied: the
/// clock is that of the stored instant.
pub(crate) fn times(
    table: &ParquetTable,
    batch: &RecordBatch,
    column: &str,
) -> Result<Option<TimestampMicrosecondArray>, MedsError> {
    let Some(array) = batch.column_by_name(column) else {
        return Ok(None);
    };
    if array.data_type() == &DataType::Null {
        return Ok(None);
    }
    let refused = || table.column_type(column, array.data_type(), "timestamp or date");
    if !is_time(array.data_type()) {
        return Err(refused());
    }
    as_times(array).map(Some).ok_or_else(refused)
}

pub(crate) fn as_texts(array: &ArrayRef) -> Option<LargeStringArray> {
    cast(array, &DataType::LargeUtf8).ok()?.as_string_opt::<i64>().cloned()
}

pub(crate) fn as_integers(array: &ArrayRef) -> Option<Int64Array> {
    cast(array, &DataType::Int64).ok()?.as_primitive_opt::<Int64Type>().cloned()
}

pub(crate) fn as_numbers(array: &ArrayRef) -> Option<Float64Array> {
    cast(array, &DataType::Float64).ok()?.as_primitive_opt::<Float64Type>().cloned()
}

pub(crate) fn as_booleans(array: &ArrayRef) -> Option<BooleanArray> {
    cast(array, &DataType::Boolean).ok()?.as_boolean_opt().cloned()
}

pub(crate) fn as_times(array: &ArrayRef) -> Option<TimestampMicrosecondArray> {
    let plain = cast(array, value_type(array.data_type())).ok()?;
    let micros = match plain.data_type() {
        DataType::Timestamp(unit, Some(zone)) => {
            // In microseconds of the same zone first, so that only the label is dropped.
            let _ = unit;
            let zoned = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some(zone.clone()));
            let zoned = cast(&plain, &zoned).ok()?;
            let values = zoned.as_primitive_opt::<TimestampMicrosecondType>()?;
            return Some(TimestampMicrosecondArray::new(values.values().clone(), values.nulls().cloned()));
        }
        _ => cast(&plain, &microseconds()).ok()?,
    };
    micros.as_primitive_opt::<TimestampMicrosecondType>().cloned()
}
