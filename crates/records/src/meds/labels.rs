//! The MEDS label schema, both ways.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float32Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use twinloom_event::{Label, LabelValue, SubjectId, Timestamp};

use super::MedsError;
use super::columns::{ParquetTable, integers, numbers, texts, times};
use super::parquet_file::TableWriter;
use super::read::collect_parquet;
use super::schema::microseconds;

/// Writes labels of one form to a Parquet file with the MEDS label schema.
///
/// # Units
/// Floats are 32-bit in the file.
///
/// # Errors
/// [`MedsError::MixedLabels`], or that the file can't be written.
pub fn write_labels(file: &Path, labels: &[Label]) -> Result<(), MedsError> {
    let (name, data_type, values) = values(labels)?;
    let mut fields = vec![
        Field::new("subject_id", DataType::Int64, false),
        Field::new("prediction_time", microseconds(), false),
    ];
    let subjects = labels.iter().map(|label| label.subject_id.get());
    let times = labels.iter().map(|label| label.prediction_time.micros());
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(subjects)),
        Arc::new(TimestampMicrosecondArray::from_iter_values(times)),
    ];
    if let Some(values) = values {
        fields.push(Field::new(name, data_type, false));
        arrays.push(values);
    }
    let mut table = TableWriter::create(file, Arc::new(Schema::new(fields)))?;
    table.write(arrays)?;
    table.close()
}

type Values = (&'static str, DataType, Option<ArrayRef>);

fn values(labels: &[Label]) -> Result<Values, MedsError> {
    fn all<T>(labels: &[Label], get: impl Fn(&LabelValue) -> Option<T>) -> Result<Vec<T>, MedsError> {
        labels.iter().map(|label| get(&label.value).ok_or(MedsError::MixedLabels)).collect()
    }
    Ok(match labels.first().map(|label| &label.value) {
        None => ("", DataType::Null, None),
        Some(LabelValue::Boolean(_)) => {
            let values = all(labels, |value| match value {
                LabelValue::Boolean(value) => Some(*value),
                _ => None,
            })?;
            ("boolean_value", DataType::Boolean, Some(Arc::new(BooleanArray::from(values))))
        }
        Some(LabelValue::Integer(_)) => {
            let values = all(labels, |value| match value {
                LabelValue::Integer(value) => Some(*value),
                _ => None,
            })?;
            ("integer_value", DataType::Int64, Some(Arc::new(Int64Array::from(values))))
        }
        Some(LabelValue::Float(_)) => {
            let values = all(labels, |value| match value {
                LabelValue::Float(value) => Some(*value as f32),
                _ => None,
            })?;
            ("float_value", DataType::Float32, Some(Arc::new(Float32Array::from(values))))
        }
        Some(LabelValue::Categorical(_)) => {
            let values = all(labels, |value| match value {
                LabelValue::Categorical(value) => Some(Arc::clone(value)),
                _ => None,
            })?;
            ("categorical_value", DataType::Utf8, Some(Arc::new(StringArray::from_iter_values(values))))
        }
    })
}

/// Reads labels from a Parquet file, or from all of a folder's in path order.
///
/// # Errors
/// [`MedsError`] when a file breaks the label schema: no subject, time or value, or two values.
pub fn read_labels(path: &Path) -> Result<Vec<Label>, MedsError> {
    let mut files = Vec::new();
    if path.is_dir() {
        collect_parquet(path, &mut files)?;
        files.sort();
    } else {
        files.push(path.to_owned());
    }
    if files.is_empty() {
        return Err(MedsError::NoData { folder: path.display().to_string() });
    }
    let mut labels = Vec::new();
    for file in files {
        let mut table = ParquetTable::open(&file)?;
        let mut row = 0;
        while let Some(batch) = table.next_batch()? {
            read_batch(&table, &batch, &mut row, &mut labels)?;
        }
    }
    Ok(labels)
}

fn read_batch(
    table: &ParquetTable,
    batch: &RecordBatch,
    row: &mut u64,
    labels: &mut Vec<Label>,
) -> Result<(), MedsError> {
    let subjects = integers(table, batch, "subject_id")?.ok_or_else(|| table.missing("subject_id"))?;
    let at = times(table, batch, "prediction_time")?.ok_or_else(|| table.missing("prediction_time"))?;
    let booleans = batch.column_by_name("boolean_value").and_then(|array| array.as_boolean_opt().cloned());
    let whole = integers(table, batch, "integer_value")?;
    let floats = numbers(table, batch, "float_value")?;
    let words = texts(table, batch, "categorical_value")?;
    for index in 0..batch.num_rows() {
        *row += 1;
        let refuse = |reason: &str| MedsError::Row {
            file: table.file().to_owned(),
            row: *row,
            reason: reason.to_owned(),
        };
        let mut values = [
            booleans.as_ref().filter(|v| v.is_valid(index)).map(|v| LabelValue::Boolean(v.value(index))),
            whole.as_ref().filter(|v| v.is_valid(index)).map(|v| LabelValue::Integer(v.value(index))),
            floats.as_ref().filter(|v| v.is_valid(index)).map(|v| LabelValue::Float(v.value(index))),
            words
                .as_ref()
                .filter(|v| v.is_valid(index))
                .map(|v| LabelValue::Categorical(v.value(index).into())),
        ]
        .into_iter()
        .flatten();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(refuse("label has no value or several; permitted: exactly one"));
        };
        if subjects.is_null(index) || at.is_null(index) {
            return Err(refuse("subject_id or prediction_time is null; permitted: a value"));
        }
        let prediction_time =
            Timestamp::from_micros(at.value(index)).map_err(|error| refuse(&error.to_string()))?;
        labels.push(Label { subject_id: SubjectId::new(subjects.value(index)), prediction_time, value });
    }
    Ok(())
}
