//! A table that its schema allows.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::cell::{self, CellError};
use crate::constraint::Constraint;
use crate::rows::{Rows, RowsError};
use crate::schema::{ColumnKind, ColumnSchema, Missing, Schema, SchemaError};

/// A column's values.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Places among the schema's categories.
    Category(Vec<Option<u32>>),
    /// Numbers; dates as days since 1970-01-01.
    Number(Vec<Option<f64>>),
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Category(values) => values.len(),
            Self::Number(values) => values.len(),
        }
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of its values are missing.
    pub fn missing(&self) -> usize {
        match self {
            Self::Category(values) => values.iter().filter(|value| value.is_none()).count(),
            Self::Number(values) => values.iter().filter(|value| value.is_none()).count(),
        }
    }

    fn at(&self, places: &[usize]) -> Self {
        match self {
            Self::Category(values) => Self::Category(places.iter().map(|&place| values[place]).collect()),
            Self::Number(values) => Self::Number(places.iter().map(|&place| values[place]).collect()),
        }
    }
}

/// Rows of a schema's columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    schema: Schema,
    columns: Vec<Column>,
    rows: usize,
}

impl Table {
    /// Takes a schema's columns.
    ///
    /// # Errors
    /// [`TableError`] where columns are too few or many, of another kind or length, or hold what the schema forbids.
    /// Constraints are not asked for: [`violations`](Self::violations) counts what breaks them.
    pub fn new(schema: Schema, columns: Vec<Column>) -> Result<Self, TableError> {
        if columns.len() != schema.columns().len() {
            return Err(TableError::Columns { given: columns.len(), columns: schema.columns().len() });
        }
        let rows = columns.first().map_or(0, Column::len);
        for (column, values) in schema.columns().iter().zip(&columns) {
            if values.len() != rows {
                return Err(TableError::Rows { column: column.name.to_string(), given: values.len(), rows });
            }
            check_values(column, values)?;
        }
        Ok(Self { schema, columns, rows })
    }

    /// Reads rows of text by a schema, whose columns they must have; others are left out.
    ///
    /// # Errors
    /// [`TableError`] at the first cell that its column does not allow, or where a column lacks.
    pub fn read(schema: &Schema, rows: &Rows) -> Result<Self, TableError> {
        let columns = schema.columns().iter().map(|column| {
            let cells = rows.column(&column.name);
            let cells = cells.ok_or_else(|| SchemaError::NoSuchColumn { name: column.name.to_string() })?;
            read_column(column, cells)
        });
        Self::new(schema.clone(), columns.collect::<Result<_, _>>()?)
    }

    /// What its columns hold.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The columns in the schema's order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column by its name.
    ///
    /// # Errors
    /// [`SchemaError::NoSuchColumn`].
    pub fn column(&self, name: &str) -> Result<&Column, SchemaError> {
        Ok(&self.columns[self.schema.place(name)?])
    }

    /// A column's numbers.
    ///
    /// # Errors
    /// [`TableError`] where there is none of that name, or it holds categories.
    pub fn number(&self, name: &str) -> Result<&[Option<f64>], TableError> {
        match self.column(name)? {
            Column::Number(values) => Ok(values),
            Column::Category(_) => {
                Err(TableError::Kind { column: name.to_owned(), permitted: "a column of numbers" })
            }
        }
    }

    /// A column's places among its categories.
    ///
    /// # Errors
    /// [`TableError`] where there is none of that name, or it holds numbers.
    pub fn category(&self, name: &str) -> Result<&[Option<u32>], TableError> {
        match self.column(name)? {
            Column::Category(values) => Ok(values),
            Column::Number(_) => {
                Err(TableError::Kind { column: name.to_owned(), permitted: "a column of categories" })
            }
        }
    }

    /// A cell as text; empty where it is missing.
    ///
    /// # Errors
    /// [`TableError`] past the last row, or where there is no such column.
    pub fn text(&self, row: usize, name: &str) -> Result<String, TableError> {
        let place = self.schema.place(name)?;
        if row >= self.rows {
            return Err(TableError::NoSuchRow { row, rows: self.rows });
        }
        Ok(self.cell(row, place))
    }

    fn cell(&self, row: usize, place: usize) -> String {
        let kind = &self.schema.columns()[place].kind;
        match &self.columns[place] {
            Column::Category(values) => {
                let categories = kind.categories().unwrap_or_default();
                values[row].map_or_else(String::new, |at| categories[at as usize].to_string())
            }
            Column::Number(values) => values[row].map_or_else(String::new, |value| cell::write(value, kind)),
        }
    }

    /// All cells as text.
    pub fn to_rows(&self) -> Rows {
        let names = self.schema.columns().iter().map(|column| Arc::clone(&column.name)).collect();
        let column = |place| (0..self.rows).map(|row| self.cell(row, place).into()).collect();
        Rows::of_columns(names, (0..self.columns.len()).map(column).collect(), self.rows)
    }

    /// Some rows, in the order given, which may name a row twice.
    ///
    /// # Panics
    /// Past the last row, as an index does.
    #[must_use]
    pub fn rows_of(&self, places: &[usize]) -> Self {
        let columns = self.columns.iter().map(|column| column.at(places)).collect();
        Self { schema: self.schema.clone(), columns, rows: places.len() }
    }

    /// The same without some columns.
    ///
    /// # Errors
    /// [`SchemaError`] where a name is unknown or nothing would be left.
    pub fn without(&self, names: &[&str]) -> Result<Self, SchemaError> {
        let schema = self.schema.without(names)?;
        let own = self.schema.columns().iter().zip(&self.columns);
        let columns =
            own.filter(|(column, _)| !names.contains(&&*column.name)).map(|(_, values)| values.clone());
        Ok(Self { schema, columns: columns.collect(), rows: self.rows })
    }

    /// How many rows break each constraint that some row breaks. Combinations are broken by none here: which are real
    /// only the real table knows.
    pub fn violations(&self) -> Vec<(Constraint, usize)> {
        let broken = |constraint: &Constraint| {
            let places: Vec<usize> =
                constraint.columns().iter().filter_map(|name| self.schema.place(name).ok()).collect();
            let value = |row: usize, place: usize| match &self.columns[place] {
                Column::Number(values) => values[row],
                Column::Category(_) => None,
            };
            let breaks = |row: &usize| {
                let values: Vec<Option<f64>> = places.iter().map(|&place| value(*row, place)).collect();
                !constraint.holds(&values)
            };
            (0..self.rows).filter(breaks).count()
        };
        let counted =
            self.schema.constraints().iter().map(|constraint| (constraint.clone(), broken(constraint)));
        counted.filter(|(_, count)| *count > 0).collect()
    }
}

fn read_column(column: &ColumnSchema, cells: &[Arc<str>]) -> Result<Column, TableError> {
    let Some(categories) = column.kind.categories() else {
        let value = |(row, text): (usize, &Arc<str>)| cell::read(text, &column.kind, row + 1, &column.name);
        return Ok(Column::Number(cells.iter().enumerate().map(value).collect::<Result<_, _>>()?));
    };
    let places: FxHashMap<&str, u32> = categories.iter().map(|word| &**word).zip(0..).collect();
    let place = |(row, text): (usize, &Arc<str>)| match places.get(text.trim()) {
        Some(place) => Ok(Some(*place)),
        None if cell::is_missing(text) => Ok(None),
        None => Err(CellError::UnknownCategory {
            row: row + 1,
            column: column.name.to_string(),
            categories: categories.len(),
        }),
    };
    Ok(Column::Category(cells.iter().enumerate().map(place).collect::<Result<_, _>>()?))
}

fn check_values(column: &ColumnSchema, values: &Column) -> Result<(), TableError> {
    let name = || column.name.to_string();
    if column.missing == Missing::Never {
        let first = match values {
            Column::Category(values) => values.iter().position(Option::is_none),
            Column::Number(values) => values.iter().position(Option::is_none),
        };
        if let Some(row) = first {
            return Err(CellError::Missing { row: row + 1, column: name() }.into());
        }
    }
    match (&column.kind, values) {
        (ColumnKind::Category { categories, .. }, Column::Category(values)) => {
            let known = |place: &Option<u32>| place.is_none_or(|place| (place as usize) < categories.len());
            match values.iter().position(|place| !known(place)) {
                Some(row) => {
                    let categories = categories.len();
                    Err(CellError::UnknownCategory { row: row + 1, column: name(), categories }.into())
                }
                None => Ok(()),
            }
        }
        (ColumnKind::Category { .. }, Column::Number(_)) => {
            Err(TableError::Kind { column: name(), permitted: "categories" })
        }
        (_, Column::Category(_)) => Err(TableError::Kind { column: name(), permitted: "numbers" }),
        (kind, Column::Number(values)) => {
            for (row, value) in
                values.iter().enumerate().filter_map(|(row, value)| value.map(|value| (row, value)))
            {
                let whole = !matches!(kind, ColumnKind::Integer { .. }) || value.fract() == 0.0;
                if !value.is_finite() || !whole {
                    let unreadable =
                        CellError::Unreadable { row: row + 1, column: name(), permitted: kind.word() };
                    return Err(unreadable.into());
                }
                if let Some(bounds) = kind.bounds().filter(|own| value < own.least || value > own.greatest) {
                    let (least, greatest) = (bounds.least, bounds.greatest);
                    return Err(
                        CellError::OutOfBounds { row: row + 1, column: name(), least, greatest }.into()
                    );
                }
            }
            Ok(())
        }
    }
}

/// Why values are no table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TableError {
    /// Too few or too many columns.
    #[error("{given} columns given; permitted: {columns}, as the schema has")]
    Columns {
        /// Given.
        given: usize,
        /// The schema's.
        columns: usize,
    },
    /// A column of another length.
    #[error("column {column} has {given} rows; permitted: {rows}, as the first")]
    Rows {
        /// Which.
        column: String,
        /// Its rows.
        given: usize,
        /// The first column's.
        rows: usize,
    },
    /// A column of another kind.
    #[error("column {column} is of another kind; permitted: {permitted}")]
    Kind {
        /// Which.
        column: String,
        /// What was asked for.
        permitted: &'static str,
    },
    /// Past the last row.
    #[error("there is no row {row}; permitted: 0 to below {rows}")]
    NoSuchRow {
        /// Which, from 0.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// A cell that its column does not allow.
    #[error(transparent)]
    Cell(#[from] CellError),
    /// A column that there is not.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Cells that are no rows.
    #[error(transparent)]
    Text(#[from] RowsError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infer::infer;

    fn rows() -> Rows {
        Rows::new(
            &["age", "word", "born"],
            [["71", "b", "1950-02-03"], ["", "a", "1970-12-31"], ["5", "", ""]],
        )
        .unwrap()
    }

    #[test]
    fn law_text_comes_back_as_read() {
        let schema = infer(&rows(), &crate::InferParameters { few: 0, ..Default::default() }).unwrap();
        let table = Table::read(&schema, &rows()).unwrap();
        assert_eq!(table.to_rows(), rows());
        assert_eq!(table.number("age").unwrap(), [Some(71.0), None, Some(5.0)]);
        assert_eq!(table.category("word").unwrap(), [Some(1), Some(0), None]);
        assert_eq!(table.column("born").unwrap().missing(), 1);
        assert_eq!(table.rows_of(&[2, 0, 2]).text(1, "age").unwrap(), "71");
        assert_eq!(table.without(&["word"]).unwrap().columns().len(), 2);
        assert!(
            table.number("word").is_err() && table.text(3, "age").is_err() && table.text(0, "x").is_err()
        );
    }

    #[test]
    fn regress_what_a_schema_forbids_is_refused_and_not_repeated() {
        let schema = infer(&rows(), &crate::InferParameters { few: 0, ..Default::default() }).unwrap();
        let other = |cells: [&str; 3]| {
            let message =
                Table::read(&schema, &Rows::new(&["age", "word", "born"], [cells]).unwrap()).unwrap_err();
            message.to_string()
        };
        for (cells, part) in [
            (["72", "a", ""], "permitted: 5 to 71"),
            (["5.5", "a", ""], "a whole number"),
            (["secret", "a", ""], "can't be read"),
            (["6", "secret", ""], "none of its 2 categories"),
        ] {
            let message = other(cells);
            assert!(message.contains(part) && !message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn ref_broken_constraints_are_counted() {
        let rows = Rows::new(&["a", "b"], [["1", "30"], ["40", "30"], ["", "30"]]).unwrap();
        let inferred = infer(&rows, &crate::InferParameters { few: 0, ..Default::default() }).unwrap();
        let constraint: Constraint = "a < b".parse().unwrap();
        let schema = Schema::new(inferred.columns().to_vec(), vec![constraint.clone()], None).unwrap();
        assert_eq!(Table::read(&schema, &rows).unwrap().violations(), [(constraint, 1)]);
    }
}
