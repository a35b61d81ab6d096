//! A table read row by row.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use super::write::data_type;
use super::{Cell, Column, ColumnType, TableError};

const BATCH_ROWS: usize = 8192;

/// Reads one table, in the order of its rows.
pub struct TableReader {
    file: String,
    columns: Vec<Column>,
    reader: ParquetRecordBatchReader,
    rows: u64,
}

impl TableReader {
    /// Opens the file.
    ///
    /// # Errors
    /// [`TableError`] when it can't be read or lacks a column.
    pub fn open(path: &Path, columns: &[Column]) -> Result<Self, TableError> {
        let file = path.display().to_string();
        let input = File::open(path).map_err(|source| TableError::Io { file: file.clone(), source })?;
        let builder = sheltered(&file, || ParquetRecordBatchReaderBuilder::try_new(input))?;
        let schema = builder.schema().clone();
        let rows = builder.metadata().file_metadata().num_rows().unsigned_abs();
        if let Some(column) = columns.iter().find(|column| schema.column_with_name(column.name).is_none()) {
            let found: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            return Err(TableError::MissingColumn { file, column: column.name, found: found.join(", ") });
        }
        let reader = sheltered(&file, || builder.with_batch_size(BATCH_ROWS).build())?;
        Ok(Self { file, columns: columns.to_vec(), reader, rows })
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Hands over each row, its cells in the order of the columns asked for.
    ///
    /// # Errors
    /// [`TableError`] when the file is damaged or a column is of another type.
    pub fn for_each(mut self, mut take: impl FnMut(&[Cell<'_>])) -> Result<(), TableError> {
        loop {
            let next = sheltered(&self.file, || match self.reader.next() {
                Some(batch) => batch.map(Some).map_err(ParquetError::from),
                None => Ok(None),
            })?;
            let Some(batch) = next else { return Ok(()) };
            let mut arrays = Vec::with_capacity(self.columns.len());
            for column in &self.columns {
                let array = batch.column_by_name(column.name).ok_or_else(|| TableError::MissingColumn {
                    file: self.file.clone(),
                    column: column.name,
                    found: String::new(),
                })?;
                arrays.push(self.brought(array, *column)?);
            }
            let mut cells = Vec::with_capacity(arrays.len());
            for row in 0..batch.num_rows() {
                cells.clear();
                cells.extend(
                    self.columns.iter().zip(&arrays).map(|(column, array)| cell(array, *column, row)),
                );
                take(&cells);
            }
        }
    }

    /// The array in the column's own type.
    fn brought(&self, array: &ArrayRef, column: Column) -> Result<ArrayRef, TableError> {
        let wanted = match data_type(column.column_type) {
            DataType::Dictionary(_, values) => *values,
            plain => plain,
        };
        // Another type that holds the same values (dictionaries, wider texts) is as good.
        cast(array, &wanted).map_err(|_| TableError::ColumnType {
            file: self.file.clone(),
            column: column.name,
            found: array.data_type().to_string(),
            permitted: wanted.to_string(),
        })
    }
}

fn cell(array: &ArrayRef, column: Column, row: usize) -> Cell<'_> {
    if array.is_null(row) {
        return Cell::Absent;
    }
    match column.column_type {
        ColumnType::Integer => Cell::Integer(array.as_primitive::<Int64Type>().value(row)),
        ColumnType::Time => Cell::Time(array.as_primitive::<TimestampMicrosecondType>().value(row)),
        ColumnType::Day => Cell::Day(array.as_primitive::<Date32Type>().value(row)),
        ColumnType::Number => Cell::Number(array.as_primitive::<Float64Type>().value(row)),
        ColumnType::Word | ColumnType::Text => Cell::Text(array.as_string::<i32>().value(row)),
        ColumnType::Flag => Cell::Flag(array.as_boolean().value(row)),
    }
}

/// The Parquet library panics at some damaged files; that is an error of the file.
fn sheltered<T>(file: &str, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, TableError> {
    let outcome = catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(ParquetError::General("the file is damaged".to_owned())));
    outcome.map_err(|source| TableError::Parquet { file: file.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::typed_table::TableWriter;

    const COLUMNS: [Column; 7] = [
        Column::required("id", ColumnType::Integer),
        Column::nullable("at", ColumnType::Time),
        Column::nullable("day", ColumnType::Day),
        Column::nullable("number", ColumnType::Number),
        Column::nullable("word", ColumnType::Word),
        Column::nullable("text", ColumnType::Text),
        Column::nullable("flag", ColumnType::Flag),
    ];

    type Row = (Option<i64>, Option<i32>, Option<f64>, Option<String>, Option<String>, Option<bool>);

    fn cells(id: i64, row: &Row) -> [Cell<'_>; 7] {
        fn or_absent<'c, T>(value: Option<T>, cell: impl Fn(T) -> Cell<'c>) -> Cell<'c> {
            value.map_or(Cell::Absent, cell)
        }
        [
            Cell::Integer(id),
            or_absent(row.0, Cell::Time),
            or_absent(row.1, Cell::Day),
            or_absent(row.2, Cell::Number),
            or_absent(row.3.as_deref(), Cell::Text),
            or_absent(row.4.as_deref(), Cell::Text),
            or_absent(row.5, Cell::Flag),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn law_what_is_written_is_read(rows in prop::collection::vec(any::<Row>(), 0..60)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("t.parquet");
            let mut writer = TableWriter::create(&path, &COLUMNS).unwrap();
            for (id, row) in rows.iter().enumerate() {
                writer.row(cells(id as i64, row).into_iter().enumerate()).unwrap();
            }
            prop_assert_eq!(writer.finish().unwrap(), rows.len() as u64);
            let reader = TableReader::open(&path, &COLUMNS).unwrap();
            prop_assert_eq!(reader.rows(), rows.len() as u64);
            let (mut place, mut same) = (0, true);
            reader.for_each(|read| {
                same &= rows.get(place).is_some_and(|row| read == cells(place as i64, row));
                place += 1;
            }).unwrap();
            prop_assert!(same && place == rows.len());
        }
    }

    #[test]
    fn regress_misfits_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let mut writer = TableWriter::create(&path, &COLUMNS).unwrap();
        let misfit = writer.row([(0, Cell::Flag(true))]).unwrap_err().to_string();
        assert!(misfit.contains("row 1") && misfit.contains("\"id\"; permitted: Integer"), "{misfit}");
        assert!(writer.row([(9, Cell::Flag(true))]).unwrap_err().to_string().contains("columns 0 to 6"));
        drop(writer);
        let mut writer = TableWriter::create(&path, &COLUMNS[..1]).unwrap();
        writer.row([(0, Cell::Integer(1))]).unwrap();
        writer.finish().unwrap();
        assert!(matches!(
            TableReader::open(&path, &COLUMNS),
            Err(TableError::MissingColumn { column: "at", .. })
        ));
        std::fs::write(&path, "PAR1nonsensePAR1").unwrap();
        assert!(matches!(TableReader::open(&path, &COLUMNS), Err(TableError::Parquet { .. })));
        // A required column left out is refused when the rows are handed on.
        let mut writer = TableWriter::create(&path, &COLUMNS).unwrap();
        writer.row([]).unwrap();
        assert!(matches!(writer.finish(), Err(TableError::Parquet { .. })));
    }
}
