//! Vectors with names.

use std::path::Path;
use std::sync::Arc;

use twinloom_neural::{CheckpointError, Weights};

/// A vector for each of some people or concepts.
///
/// # Shapes
/// `names` has one entry per row, `values` is `[rows, width]`, row by row; all values are finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    names: Vec<Arc<str>>,
    width: usize,
    values: Vec<f32>,
}

impl Vectors {
    /// Vectors of these names.
    ///
    /// # Errors
    /// [`VectorError`] where names and values don't match, or a value is not finite.
    pub fn new(names: Vec<Arc<str>>, width: usize, values: Vec<f32>) -> Result<Self, VectorError> {
        if width == 0 || values.len() != names.len() * width {
            return Err(VectorError::Shape { names: names.len(), width, values: values.len() });
        }
        match values.iter().find(|value| !value.is_finite()) {
            Some(&value) => Err(VectorError::NotFinite { value }),
            None => Ok(Self { names, width, values }),
        }
    }

    /// Whose they are.
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// Numbers in each.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All numbers, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Number of vectors.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// A vector; empty past the last.
    pub fn row(&self, row: usize) -> &[f32] {
        self.values.get(row * self.width..(row + 1) * self.width).unwrap_or(&[])
    }

    /// Writes the numbers as a safetensors file of one matrix; names, which the format has no place for, are for
    /// a table beside it.
    ///
    /// # Errors
    /// [`CheckpointError`] when the file can't be written.
    pub fn write_safetensors(&self, file: &Path, matrix: &str) -> Result<(), CheckpointError> {
        let mut weights = Weights::new();
        let id = weights.filled(matrix, [self.len(), self.width], 0.0);
        weights.values_mut(id).copy_from_slice(&self.values);
        weights.write(file)
    }
}

/// Why numbers are no vectors.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum VectorError {
    /// Names and numbers don't match.
    #[error("{values} numbers for {names} vectors of {width}; permitted: 1 or more in each, all given")]
    Shape {
        /// Number of names.
        names: usize,
        /// Numbers in each.
        width: usize,
        /// Numbers given.
        values: usize,
    },
    /// A number that is none.
    #[error("{value}; permitted: finite numbers")]
    NotFinite {
        /// What was given.
        value: f32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_safetensors_come_back_as_written() {
        let names = ["a", "b", "c"].map(Arc::from).to_vec();
        let vectors = Vectors::new(names, 2, vec![0.5, -1.0, 3.25, 1e-7, 0.0, 9.0]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("concepts.safetensors");
        vectors.write_safetensors(&file, "concepts").unwrap();
        let mut read = Weights::new();
        read.filled("concepts", [3, 2], 0.0);
        read.read_into(&file).unwrap();
        assert_eq!(read.blocks()[0].values(), vectors.values());
        assert_eq!((vectors.row(1), vectors.row(3)), (&[3.25, 1e-7][..], &[][..]));
    }

    #[test]
    fn regress_odd_shapes_and_numbers_are_refused() {
        let names = || vec![Arc::from("a")];
        assert!(Vectors::new(names(), 0, Vec::new()).is_err());
        assert!(Vectors::new(names(), 2, vec![1.0]).is_err());
        assert!(Vectors::new(names(), 1, vec![f32::NAN]).is_err());
    }
}
