//! `records/artefacts.parquet`: the file, line and entry that every artefact was read from.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, Int64Builder, LargeStringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use twinloom_event::{Artefact, RecordId};

use super::records::{BATCH_ROWS, damaged};
use crate::meds::{MedsError, ParquetTable, TableWriter, integers, texts};
use crate::spill::Sorted;

const NUMBER_BYTES: usize = 8;

/// An artefact's place as bytes; its record id is the key.
pub(super) fn encode_artefact(file: &str, line: u64, entry: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&line.to_le_bytes());
    out.extend_from_slice(&entry.to_le_bytes());
    out.extend_from_slice(file.as_bytes());
}

/// Line, entry and file; a number past what Parquet's integers hold counts as unknown.
fn decode(value: &[u8]) -> Option<(i64, i64, &str)> {
    let (numbers, file) = value.split_at_checked(2 * NUMBER_BYTES)?;
    let number = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.try_into().ok()?));
    let (line, entry) = numbers.split_at(NUMBER_BYTES);
    let signed = |number: u64| i64::try_from(number).unwrap_or(0);
    Some((signed(number(line)?), signed(number(entry)?), std::str::from_utf8(file).ok()?))
}

/// Writes each artefact once, at its first place.
pub(super) fn write_artefacts(path: &Path, sorted: &Sorted) -> Result<(), MedsError> {
    let schema = Schema::new(vec![
        Field::new("record_id", DataType::LargeUtf8, false),
        Field::new("file", DataType::LargeUtf8, false),
        Field::new("line", DataType::Int64, false),
        Field::new("entry", DataType::Int64, false),
    ]);
    let mut table = TableWriter::create(path, Arc::new(schema))?;
    let mut batch = Batch::default();
    let mut last: Vec<u8> = Vec::new();
    sorted.for_each(|key, value| {
        if last == key {
            return Ok(());
        }
        last.clear();
        last.extend_from_slice(key);
        let record_id = std::str::from_utf8(key).ok();
        let (record_id, (line, entry, file)) = record_id.zip(decode(value)).ok_or_else(|| damaged(path))?;
        batch.record_ids.append_value(record_id);
        batch.files.append_value(file);
        batch.lines.append_value(line);
        batch.entries.append_value(entry);
        batch.rows += 1;
        if batch.rows == BATCH_ROWS { table.write(batch.take()) } else { Ok(()) }
    })?;
    table.write(batch.take())?;
    table.close()
}

#[derive(Default)]
struct Batch {
    record_ids: LargeStringBuilder,
    files: LargeStringBuilder,
    lines: Int64Builder,
    entries: Int64Builder,
    rows: usize,
}

impl Batch {
    fn take(&mut self) -> Vec<ArrayRef> {
        self.rows = 0;
        vec![
            Arc::new(self.record_ids.finish()),
            Arc::new(self.files.finish()),
            Arc::new(self.lines.finish()),
            Arc::new(self.entries.finish()),
        ]
    }
}

pub(super) fn read_artefacts(path: &Path) -> Result<Vec<Artefact>, MedsError> {
    let mut table = ParquetTable::open(path)?;
    let mut artefacts: Vec<Artefact> = Vec::new();
    let mut row = 0;
    while let Some(batch) = table.next_batch()? {
        let record_ids = texts(&table, &batch, "record_id")?.ok_or_else(|| table.missing("record_id"))?;
        let files = texts(&table, &batch, "file")?.ok_or_else(|| table.missing("file"))?;
        let lines = integers(&table, &batch, "line")?.ok_or_else(|| table.missing("line"))?;
        let entries = integers(&table, &batch, "entry")?.ok_or_else(|| table.missing("entry"))?;
        for index in 0..batch.num_rows() {
            row += 1;
            let number = |array: &Int64Array| {
                array.is_valid(index).then(|| u64::try_from(array.value(index)).ok()).flatten()
            };
            let record_id =
                record_ids.is_valid(index).then(|| RecordId::new(record_ids.value(index)).ok()).flatten();
            let place = number(&lines).zip(number(&entries)).filter(|_| files.is_valid(index));
            let Some((record_id, (line, entry))) = record_id.zip(place) else {
                let reason = "row is not as Twinloom writes it".to_owned();
                return Err(MedsError::Row { file: path.display().to_string(), row, reason });
            };
            // Neighbours often stand in one file.
            let file = match artefacts.last() {
                Some(last) if *last.file == *files.value(index) => Arc::clone(&last.file),
                _ => files.value(index).into(),
            };
            artefacts.push(Artefact { record_id, file, line, entry });
        }
    }
    Ok(artefacts)
}
