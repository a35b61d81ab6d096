//! A table as numbers for models and distances.

use std::sync::Arc;

use twinloom_table::{Column, Missing, Table};

use super::error::SyntheticError;

/// Categories with a column of their own; the rarer share one.
const COMMON: usize = 50;

/// Rows of numbers, one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    values: Vec<f64>,
    names: Arc<[Arc<str>]>,
}

impl Encoded {
    /// One row's numbers.
    ///
    /// # Panics
    /// Past the last row, as an index does.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width()..(row + 1) * self.width()]
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.width()
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Numbers of a row, 1 or more.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// What each number is: the column, and the category where it has some.
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// All numbers by rows.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Its rows, then those of another encoded alike.
    pub(crate) fn then(&self, other: &Self) -> Self {
        let values = self.values.iter().chain(&other.values).copied().collect();
        Self { values, names: Arc::clone(&self.names) }
    }

    /// Some rows, in the order given.
    #[must_use]
    pub fn rows_of(&self, rows: &[usize]) -> Self {
        let values = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self { values, names: Arc::clone(&self.names) }
    }
}

/// How a table's columns become numbers, as one table says.
#[derive(Clone, Debug)]
pub struct Encoder {
    columns: Vec<(Arc<str>, Coding)>,
    names: Arc<[Arc<str>]>,
}

#[derive(Clone, Debug)]
enum Coding {
    /// Less the mean, over the standard deviation; then whether it is missing, where it may be.
    Number { mean: f64, spread: f64, missing: bool },
    /// A place for each common category, one for the others, one for what is missing where it may be.
    Category { places: Vec<usize>, width: usize, missing: bool },
}

impl Encoder {
    /// Numbers are centred and scaled as in `table`, what is missing standing at the mean with a mark beside; each of the
    /// 50 commonest categories is a number 0 or 1, the rarer share one. `without` columns and the subject's are left out.
    ///
    /// # Errors
    /// [`SyntheticError`] where a name is unknown or no column is left.
    pub fn new(table: &Table, without: &[&str]) -> Result<Self, SyntheticError> {
        for name in without {
            table.schema().place(name)?;
        }
        let subject = table.schema().subject();
        let mut columns = Vec::new();
        let mut names: Vec<Arc<str>> = Vec::new();
        for (schema, column) in table.schema().columns().iter().zip(table.columns()) {
            if subject == Some(&*schema.name) || without.contains(&&*schema.name) {
                continue;
            }
            let missing = schema.missing != Missing::Never;
            let coding = match column {
                Column::Number(values) => {
                    names.push(Arc::clone(&schema.name));
                    let (mean, spread) = mean_and_spread(values);
                    Coding::Number { mean, spread, missing }
                }
                Column::Category(values) => {
                    let categories = schema.kind.categories().unwrap_or_default();
                    let mut counts = vec![0_usize; categories.len()];
                    values.iter().flatten().for_each(|place| counts[*place as usize] += 1);
                    let mut order: Vec<usize> = (0..counts.len()).collect();
                    order.sort_by_key(|&place| (std::cmp::Reverse(counts[place]), place));
                    let mut places = vec![0; counts.len()];
                    for (rank, &place) in order.iter().enumerate() {
                        places[place] = rank.min(COMMON);
                    }
                    let width = counts.len().min(COMMON + 1);
                    let own = order.iter().take(COMMON.min(width));
                    names.extend(own.map(|&at| format!("{}: {}", schema.name, categories[at]).into()));
                    if width > COMMON {
                        names.push(format!("{}: others", schema.name).into());
                    }
                    Coding::Category { places, width, missing }
                }
            };
            if missing {
                names.push(format!("{}: missing", schema.name).into());
            }
            columns.push((Arc::clone(&schema.name), coding));
        }
        if columns.is_empty() {
            return Err(SyntheticError::NoColumn);
        }
        Ok(Self { columns, names: names.into() })
    }

    /// A table's rows as numbers.
    ///
    /// # Errors
    /// [`SyntheticError`] where the table lacks a column, or one is of another kind or has other categories.
    pub fn encode(&self, table: &Table) -> Result<Encoded, SyntheticError> {
        let width = self.names.len();
        let mut values = vec![0.0; table.len() * width];
        let mut at = 0;
        for (name, coding) in &self.columns {
            let rows = values.chunks_mut(width);
            at += match (coding, table.column(name)?) {
                (Coding::Number { mean, spread, missing }, Column::Number(own)) => {
                    for (row, value) in rows.zip(own) {
                        match value {
                            Some(value) => row[at] = (value / spread - mean / spread).clamp(-MOST, MOST),
                            None if *missing => row[at + 1] = 1.0,
                            None => {}
                        }
                    }
                    1 + usize::from(*missing)
                }
                (Coding::Category { places, width, missing }, Column::Category(own)) => {
                    for (row, value) in rows.zip(own) {
                        match value {
                            Some(value) => {
                                let place = places.get(*value as usize);
                                let schema = || SyntheticError::Schema { column: name.to_string() };
                                row[at + place.ok_or_else(schema)?] = 1.0;
                            }
                            None if *missing => row[at + width] = 1.0,
                            None => {}
                        }
                    }
                    width + usize::from(*missing)
                }
                _ => return Err(SyntheticError::Schema { column: name.to_string() }),
            };
        }
        Ok(Encoded { values, names: Arc::clone(&self.names) })
    }
}

/// Standard deviations beyond which a value lies no further off.
const MOST: f64 = 1e6;

fn mean_and_spread(values: &[Option<f64>]) -> (f64, f64) {
    let (mut count, mut mean, mut square) = (0.0, 0.0, 0.0);
    for value in values.iter().flatten() {
        count += 1.0;
        let step = value - mean;
        mean += step / count;
        square += step * (value - mean);
    }
    let spread = (square / f64::max(count, 1.0)).sqrt();
    // Bounds of a finite column: where its squares are not, it is scaled by its size instead.
    match (spread > 0.0, spread.is_finite() && mean.is_finite()) {
        (true, true) => (mean, spread),
        (_, true) => (mean, 1.0),
        _ => (0.0, values.iter().flatten().fold(1.0, |most, value| f64::max(most, value.abs()))),
    }
}
