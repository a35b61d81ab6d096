//! `metadata/subject_splits.parquet`: each subject's part.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use twinloom_event::{Split, SubjectId};

use super::MedsError;
use super::columns::{ParquetTable, integers, texts};
use super::parquet_file::TableWriter;
use crate::{ImportReport, Location};

const BATCH_ROWS: usize = 65_536;
const TABLE: &str = "subject_splits";

/// Writes the subjects' parts, in the order given; subjects without one are left out.
pub(super) fn write(
    path: &Path,
    subjects: &[SubjectId],
    split_of: &(dyn Fn(SubjectId) -> Option<Split> + Sync),
) -> Result<(), MedsError> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("subject_id", DataType::Int64, false),
        Field::new("split", DataType::Utf8, false),
    ]));
    let mut table = TableWriter::create(path, schema)?;
    for some in subjects.chunks(BATCH_ROWS) {
        let (ids, parts): (Vec<i64>, Vec<&str>) = some
            .iter()
            .filter_map(|subject| split_of(*subject).map(|split| (subject.get(), split.as_str())))
            .unzip();
        table.write(vec![Arc::new(Int64Array::from(ids)), Arc::new(StringArray::from(parts))])?;
    }
    table.close()
}

/// Reads the parts; names other than MEDS's three are left out and counted.
pub(super) fn read(path: &Path, report: &mut ImportReport) -> Result<BTreeMap<SubjectId, Split>, MedsError> {
    let mut table = ParquetTable::open(path)?;
    let at = |row| Location { file: path.display().to_string(), position: row };
    let mut splits = BTreeMap::new();
    let mut row = 0;
    while let Some(batch) = table.next_batch()? {
        let subjects = integers(&table, &batch, "subject_id")?.ok_or_else(|| table.missing("subject_id"))?;
        let parts = texts(&table, &batch, "split")?.ok_or_else(|| table.missing("split"))?;
        for index in 0..batch.num_rows() {
            row += 1;
            if subjects.is_null(index) || parts.is_null(index) {
                report.skip(TABLE, "subject or split is null", || at(row));
                continue;
            }
            match parts.value(index).parse::<Split>() {
                Ok(split) => {
                    report.keep(TABLE, 0);
                    splits.insert(SubjectId::new(subjects.value(index)), split);
                }
                Err(unknown) => report.skip(TABLE, &unknown.to_string(), || at(row)),
            }
        }
    }
    Ok(splits)
}
