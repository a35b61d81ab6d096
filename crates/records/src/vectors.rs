//! Vectors of people or concepts as a Parquet table.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeListArray, Float32Array, Float64Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;

use crate::meds::writer_properties;

/// Vectors with their names, and where each lies on maps.
///
/// # Shapes
/// `values` is `[names, width]`, row by row; each map has a point for each name.
#[derive(Clone, Copy, Debug)]
pub struct VectorTable<'a> {
    /// Whose vectors.
    pub names: &'a [Arc<str>],
    /// Numbers in each.
    pub width: usize,
    /// The numbers.
    pub values: &'a [f32],
    /// Maps by name, with points in two dimensions.
    pub maps: &'a [(&'a str, &'a [[f64; 2]])],
}

impl VectorTable<'_> {
    /// Writes the columns `name`, `vector` (a list of fixed size) and, for each map, `MAP_x` and `MAP_y`; the same rows
    /// give the same bytes.
    ///
    /// # Errors
    /// [`VectorTableError`] where the shapes don't match or the file can't be written.
    pub fn write(&self, path: &Path) -> Result<(), VectorTableError> {
        let Self { names, width, values, maps } = *self;
        let size = i32::try_from(width).ok().filter(|size| *size > 0);
        let odd = maps.iter().map(|(_, points)| points.len()).find(|points| *points != names.len());
        let points = odd.unwrap_or(names.len());
        let shape = VectorTableError::Shape { names: names.len(), width, values: values.len(), points };
        let Some(size) =
            size.filter(|_| names.len().checked_mul(width) == Some(values.len()) && odd.is_none())
        else {
            return Err(shape);
        };
        let number = Arc::new(Field::new("item", DataType::Float32, false));
        let mut fields = vec![
            Field::new("name", DataType::Utf8, false),
            Field::new("vector", DataType::FixedSizeList(Arc::clone(&number), size), false),
        ];
        let file = path.display().to_string();
        let parquet = |source| VectorTableError::Parquet { file: file.clone(), source };
        let vectors =
            FixedSizeListArray::try_new(number, size, Arc::new(Float32Array::from(values.to_vec())), None);
        let vectors = vectors.map_err(ParquetError::from).map_err(parquet)?;
        let names = StringArray::from_iter_values(names);
        let mut columns: Vec<ArrayRef> = vec![Arc::new(names), Arc::new(vectors)];
        for (map, points) in maps {
            for (axis, name) in ["x", "y"].into_iter().enumerate() {
                fields.push(Field::new(format!("{map}_{name}"), DataType::Float64, false));
                let along = points.iter().map(|point| Some(point[axis]));
                columns.push(Arc::new(along.collect::<Float64Array>()));
            }
        }
        let schema = Arc::new(Schema::new(fields));
        let output =
            File::create(path).map_err(|source| VectorTableError::Io { file: file.clone(), source })?;
        let mut writer =
            ArrowWriter::try_new(output, Arc::clone(&schema), Some(writer_properties())).map_err(parquet)?;
        let batch = RecordBatch::try_new(schema, columns).map_err(ParquetError::from).map_err(parquet)?;
        writer.write(&batch).and_then(|()| writer.close()).map_err(parquet)?;
        Ok(())
    }
}

/// Why a table of vectors can't be written.
#[derive(Debug, thiserror::Error)]
pub enum VectorTableError {
    /// Names, numbers and points don't match.
    #[error(
        "{values} numbers and {points} points for {names} vectors of {width}; permitted: 1 or more in each, all given, a point each on every map"
    )]
    Shape {
        /// Number of names.
        names: usize,
        /// Numbers in each.
        width: usize,
        /// Numbers given.
        values: usize,
        /// Points given.
        points: usize,
    },
    /// The file can't be made.
    #[error("{file}")]
    Io {
        /// Which file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The format can't be written.
    #[error("{file}")]
    Parquet {
        /// Which file.
        file: String,
        /// Why.
        source: ParquetError,
    },
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;
    use arrow::datatypes::{Float32Type, Float64Type};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    #[test]
    fn law_vectors_come_back_as_written_and_bytes_repeat() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<Arc<str>> = ["a", "b", "c"].map(Arc::from).to_vec();
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.5];
        let maps: [(&str, &[[f64; 2]]); 2] = [
            ("pca", &[[0.5, -0.5], [1.0, 2.0], [0.0, 9.0]]),
            ("umap", &[[1.0, 7.0], [2.0, 8.0], [3.0, 9.5]]),
        ];
        let table = VectorTable { names: &names, width: 2, values: &values, maps: &maps };
        let files = ["one.parquet", "two.parquet"].map(|file| folder.path().join(file));
        for file in &files {
            table.write(file).unwrap();
        }
        assert_eq!(std::fs::read(&files[0]).unwrap(), std::fs::read(&files[1]).unwrap());
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&files[0]).unwrap()).unwrap();
        let batch = reader.build().unwrap().next().unwrap().unwrap();
        let numbers =
            batch["vector"].as_fixed_size_list().values().as_primitive::<Float32Type>().values().to_vec();
        assert_eq!((numbers, batch["name"].as_string::<i32>().value(2)), (values.to_vec(), "c"));
        let along = |column: &str| batch[column].as_primitive::<Float64Type>().values().to_vec();
        assert_eq!((along("pca_y"), along("umap_x")), (vec![-0.5, 2.0, 9.0], vec![1.0, 2.0, 3.0]));
        let short_map = [("pca", &maps[0].1[1..])];
        assert!(matches!(
            VectorTable { maps: &short_map, ..table }.write(&files[0]),
            Err(VectorTableError::Shape { .. })
        ));
        let short = VectorTable { values: &values[1..], ..table };
        assert!(matches!(short.write(&files[0]), Err(VectorTableError::Shape { .. })));
    }
}
