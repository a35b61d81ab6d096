//! What a model is asked to predict of a table's rows.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_table::{Column, ColumnKind, Table};

use super::error::SyntheticError;

/// A yes-or-no question about a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Whether a column holds a category.
    Category {
        /// The column.
        column: Arc<str>,
        /// The category.
        category: Arc<str>,
    },
    /// Whether a column's number is above another.
    Above {
        /// The column.
        column: Arc<str>,
        /// The number.
        threshold: f64,
    },
}

impl Target {
    /// The column it asks about.
    pub fn column(&self) -> &Arc<str> {
        match self {
            Self::Category { column, .. } | Self::Above { column, .. } => column,
        }
    }

    /// A question about each column of a table: whether it holds the last of two categories or the commonest of more, or
    /// a number above the middle one.
    ///
    /// # Limits
    /// Columns with one value only, and the subject column, are not asked about.
    pub fn of_each(table: &Table) -> Vec<Self> {
        let columns = table.schema().columns().iter().zip(table.columns());
        let asked = columns.filter(|(schema, _)| table.schema().subject() != Some(&*schema.name));
        asked
            .filter_map(|(schema, column)| match column {
                Column::Number(values) => {
                    let mut present: Vec<f64> = values.iter().flatten().copied().collect();
                    present.sort_unstable_by(f64::total_cmp);
                    let middle = *present.get(present.len().checked_sub(1)? / 2)?;
                    // Where more than half hold the greatest value, above the middle there is none.
                    let threshold = present.iter().rev().find(|v| **v < *present.last().unwrap_or(&middle));
                    let threshold = threshold.map(|below| middle.min(*below))?;
                    Some(Self::Above { column: Arc::clone(&schema.name), threshold })
                }
                Column::Category(values) => {
                    let categories = schema.kind.categories()?;
                    let mut counts = vec![0_usize; categories.len()];
                    values.iter().flatten().for_each(|place| counts[*place as usize] += 1);
                    let seen: Vec<usize> = (0..counts.len()).filter(|place| counts[*place] > 0).collect();
                    let place = match seen.as_slice() {
                        [] | [_] => return None,
                        [_, last] => *last,
                        more => {
                            *more.iter().max_by_key(|place| (counts[**place], std::cmp::Reverse(**place)))?
                        }
                    };
                    let category = Arc::clone(&categories[place]);
                    Some(Self::Category { column: Arc::clone(&schema.name), category })
                }
            })
            .collect()
    }

    /// The answer for each row; none where it is missing.
    ///
    /// # Errors
    /// [`SyntheticError`] where the column or category is unknown, or the column is of another kind.
    pub fn labels(&self, table: &Table) -> Result<Vec<Option<bool>>, SyntheticError> {
        match self {
            Self::Above { column, threshold } => {
                let values = table.number(column)?;
                Ok(values.iter().map(|value| value.map(|value| value > *threshold)).collect())
            }
            Self::Category { column, category } => {
                let values = table.category(column)?;
                let ColumnKind::Category { categories, .. } = &table.schema().column(column)?.kind else {
                    return Ok(Vec::new());
                };
                let place = categories.iter().position(|own| own == category).ok_or_else(|| {
                    SyntheticError::Category { column: column.to_string(), categories: categories.len() }
                })?;
                Ok(values.iter().map(|value| value.map(|value| value as usize == place)).collect())
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Category { column, category } => write!(f, "{column} is {category}"),
            Self::Above { column, threshold } => write!(f, "{column} above {threshold}"),
        }
    }
}
