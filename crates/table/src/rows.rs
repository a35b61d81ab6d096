//! Rows of text, as a file has them.

use std::sync::Arc;

/// Cells of text under named columns; an empty cell is missing.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rows {
    names: Vec<Arc<str>>,
    cells: Vec<Vec<Arc<str>>>,
    count: usize,
}

impl Rows {
    /// Takes rows of cells.
    ///
    /// # Errors
    /// [`RowsError`] where a name is empty or stands twice, or a row has more or fewer cells than there are names.
    pub fn new<R, C>(names: &[&str], rows: impl IntoIterator<Item = R>) -> Result<Self, RowsError>
    where
        R: IntoIterator<Item = C>,
        C: AsRef<str>,
    {
        let mut all = Self::empty(names)?;
        for row in rows {
            let cells: Vec<Arc<str>> = row.into_iter().map(|cell| Arc::from(cell.as_ref())).collect();
            all.push(&cells)?;
        }
        Ok(all)
    }

    /// No rows yet.
    ///
    /// # Errors
    /// [`RowsError`] where a name is empty or stands twice.
    pub fn empty(names: &[&str]) -> Result<Self, RowsError> {
        for (place, name) in names.iter().enumerate() {
            if name.trim().is_empty() {
                return Err(RowsError::NoName { column: place + 1 });
            }
            if names[..place].contains(name) {
                return Err(RowsError::NameTwice { name: (*name).to_owned() });
            }
        }
        let names: Vec<Arc<str>> = names.iter().map(|name| Arc::from(*name)).collect();
        Ok(Self { cells: vec![Vec::new(); names.len()], names, count: 0 })
    }

    /// Takes columns of as many cells each under names that stand once each.
    pub(crate) fn of_columns(names: Vec<Arc<str>>, cells: Vec<Vec<Arc<str>>>, count: usize) -> Self {
        Self { names, cells, count }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`RowsError::Width`] where it has more or fewer cells than there are names.
    pub fn push(&mut self, row: &[Arc<str>]) -> Result<(), RowsError> {
        if row.len() != self.names.len() {
            return Err(RowsError::Width {
                row: self.count + 1,
                cells: row.len(),
                columns: self.names.len(),
            });
        }
        for (column, cell) in self.cells.iter_mut().zip(row) {
            column.push(Arc::clone(cell));
        }
        self.count += 1;
        Ok(())
    }

    /// Adds the rows of another table that has the same columns, in any order.
    ///
    /// # Errors
    /// [`RowsError::NoSuchColumn`] where a column lacks there.
    pub fn append(&mut self, other: &Self) -> Result<(), RowsError> {
        let missing = |name: &Arc<str>| RowsError::NoSuchColumn { name: name.to_string() };
        let places: Vec<&[Arc<str>]> = self
            .names
            .iter()
            .map(|name| other.column(name).ok_or_else(|| missing(name)))
            .collect::<Result<_, _>>()?;
        for (own, cells) in self.cells.iter_mut().zip(places) {
            own.extend(cells.iter().cloned());
        }
        self.count += other.count;
        Ok(())
    }

    /// Names of the columns.
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A column's cells.
    pub fn column(&self, name: &str) -> Option<&[Arc<str>]> {
        let place = self.names.iter().position(|own| **own == *name)?;
        Some(&self.cells[place])
    }
}

/// Why cells are no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// A column has no name.
    #[error("column {column} has no name")]
    NoName {
        /// Which, from 1.
        column: usize,
    },
    /// Two columns have one name.
    #[error("column {name} stands twice; permitted: once")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// A column lacks.
    #[error("there is no column {name}")]
    NoSuchColumn {
        /// The name.
        name: String,
    },
    /// A row of another width.
    #[error("row {row} has {cells} cells; permitted: {columns}, one per column")]
    Width {
        /// Which, from 1.
        row: usize,
        /// Its cells.
        cells: usize,
        /// Columns.
        columns: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_rows_have_one_cell_per_name() {
        let rows = Rows::new(&["a", "b"], [["1", "x"], ["2", ""]]).unwrap();
        assert_eq!((rows.len(), rows.column("b").unwrap()[1].as_ref()), (2, ""));
        assert_eq!(rows.column("c"), None);
        let mut both = rows.clone();
        both.append(&Rows::new(&["b", "c", "a"], [["y", "-", "3"]]).unwrap()).unwrap();
        assert_eq!((both.len(), both.column("a").unwrap()[2].as_ref()), (3, "3"));
        assert!(both.append(&Rows::new(&["a"], [["1"]]).unwrap()).is_err() && both.len() == 3);
        assert!(matches!(Rows::new(&["a", "a"], [["1", "2"]]), Err(RowsError::NameTwice { .. })));
        assert!(matches!(Rows::new(&["a", " "], [["1", "2"]]), Err(RowsError::NoName { column: 2 })));
        assert!(matches!(Rows::new(&["a", "b"], [["1"]]), Err(RowsError::Width { row: 1, .. })));
    }
}
