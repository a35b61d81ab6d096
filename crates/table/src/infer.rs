//! A schema found in the data.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cell;
use crate::rows::Rows;
use crate::schema::{Bounds, ColumnKind, ColumnSchema, Missing, Origin, Schema, SchemaError};

/// How a schema is found.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `few` | 10 | whole numbers of at most so many distinct values, from 0 to 20, are categories | >= 0 |
/// | `most_categories` | 10,000 | categories that a column of words may have | >= 1 |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InferParameters {
    /// Distinct whole numbers that are still categories.
    pub few: usize,
    /// Categories that a column of words may have.
    pub most_categories: usize,
}

impl Default for InferParameters {
    fn default() -> Self {
        Self { few: 10, most_categories: 10_000 }
    }
}

/// Whole numbers beyond this are quantities however few they are.
const GREATEST_CODE: f64 = 20.0;

/// Digits after the point beyond which a number is not rounded.
const MOST_DECIMALS: usize = 6;

/// Finds what each column holds: dates, numbers, or else words.
///
/// # Errors
/// [`InferError`] where there is no row, a column is missing throughout, or its words are too many to be categories.
///
/// # Limits
/// Bounds and categories are marked as inferred: a claim of privacy has to pay for them or have them declared.
pub fn infer(rows: &Rows, parameters: &InferParameters) -> Result<Schema, InferError> {
    if rows.is_empty() {
        return Err(InferError::NoRow);
    }
    let columns =
        rows.names().iter().map(|name| column(name, rows.column(name).unwrap_or_default(), parameters));
    Ok(Schema::new(columns.collect::<Result<_, _>>()?, Vec::new(), None)?)
}

fn column(
    name: &Arc<str>,
    cells: &[Arc<str>],
    parameters: &InferParameters,
) -> Result<ColumnSchema, InferError> {
    let present: Vec<&str> =
        cells.iter().map(|cell| cell.trim()).filter(|cell| !cell::is_missing(cell)).collect();
    if present.is_empty() {
        return Err(InferError::AllMissing { name: name.to_string(), rows: cells.len() });
    }
    let missing = if present.len() == cells.len() { Missing::Never } else { Missing::Modelled };
    let all =
        |read: fn(&str) -> Option<f64>| present.iter().map(|cell| read(cell)).collect::<Option<Vec<f64>>>();
    let bounds = |values: &[f64]| {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Bounds { least, greatest, origin: Origin::Inferred }
    };
    let kind = if let Some(values) = all(cell::number) {
        numeric(&present, &values, bounds(&values), parameters)
    } else if let Some(values) = all(cell::date_days) {
        let with_time = present.iter().any(|cell| cell.len() > "2026-01-31".len());
        ColumnKind::Date { bounds: Some(bounds(&values)), with_time }
    } else {
        words(name, &present, parameters)?
    };
    Ok(ColumnSchema { name: Arc::clone(name), kind, unit: None, missing })
}

fn numeric(present: &[&str], values: &[f64], bounds: Bounds, parameters: &InferParameters) -> ColumnKind {
    let whole = present.iter().all(|cell| cell::integer(cell).is_some());
    if !whole {
        let places = present.iter().map(|cell| cell.split_once('.').map_or(0, |(_, digits)| digits.len()));
        let most = places.max().unwrap_or(0);
        let scientific = present.iter().any(|cell| cell.contains(['e', 'E']));
        let decimals = (most <= MOST_DECIMALS && !scientific).then_some(most as u8);
        return ColumnKind::Number { bounds: Some(bounds), decimals };
    }
    let mut distinct: Vec<i64> = values.iter().map(|value| *value as i64).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let code = distinct.len() <= parameters.few && bounds.least >= 0.0 && bounds.greatest <= GREATEST_CODE;
    // Spelt as the file spells them (1.0), or reading them again would find other words.
    let spelt: BTreeMap<i64, &str> =
        values.iter().map(|value| *value as i64).zip(present.iter().copied()).collect();
    let one_way = spelt.len() == {
        let mut all: Vec<&str> = present.to_vec();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    if code && one_way {
        let categories = spelt.into_values().map(Arc::from).collect();
        return ColumnKind::Category { categories, ordered: true, origin: Origin::Inferred };
    }
    ColumnKind::Integer { bounds: Some(bounds) }
}

fn words(name: &Arc<str>, present: &[&str], parameters: &InferParameters) -> Result<ColumnKind, InferError> {
    let mut categories: Vec<&str> = present.to_vec();
    categories.sort_unstable();
    categories.dedup();
    if categories.len() > parameters.most_categories {
        let (name, categories) = (name.to_string(), categories.len());
        return Err(InferError::TooManyCategories { name, categories, most: parameters.most_categories });
    }
    let categories = categories.into_iter().map(Arc::from).collect();
    Ok(ColumnKind::Category { categories, ordered: false, origin: Origin::Inferred })
}

/// Why no schema is found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InferError {
    /// There is nothing to look at.
    #[error("there is no row; permitted: 1 or more")]
    NoRow,
    /// Nothing of a column is known.
    #[error(
        "column {name} is missing in all {rows} rows; permitted: a value in one or more (drop the column)"
    )]
    AllMissing {
        /// Which.
        name: String,
        /// Rows.
        rows: usize,
    },
    /// More words than categories may be.
    #[error(
        "column {name} holds {categories} different words; permitted: {most} or fewer (drop identifiers and free text)"
    )]
    TooManyCategories {
        /// Which.
        name: String,
        /// Its words.
        categories: usize,
        /// How many may be.
        most: usize,
    },
    /// What was found is no schema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_columns_are_what_they_look_like() {
        let rows = [
            ["2001-05-06", "1.0", "38.25", "120", "yes", "2020-01-01 10:00", "1e-3"],
            ["2001-05-07", "0.0", "", "99", "no", "2020-01-02 11:30", "2.5"],
        ];
        let rows =
            Rows::new(&["dob", "code", "temperature", "pressure", "smoker", "seen", "level"], rows).unwrap();
        let schema = infer(&rows, &InferParameters::default()).unwrap();
        let kind = |name: &str| schema.column(name).unwrap().kind.clone();
        assert!(matches!(kind("dob"), ColumnKind::Date { with_time: false, .. }));
        assert!(matches!(kind("seen"), ColumnKind::Date { with_time: true, .. }));
        assert_eq!(
            kind("code").categories().unwrap().to_vec(),
            ["0.0".into(), "1.0".into()] as [Arc<str>; 2]
        );
        assert!(matches!(kind("temperature"), ColumnKind::Number { decimals: Some(2), .. }));
        assert!(matches!(kind("level"), ColumnKind::Number { decimals: None, .. }));
        assert_eq!(
            kind("pressure").bounds().map(|bounds| (bounds.least, bounds.greatest)),
            Some((99.0, 120.0))
        );
        assert_eq!(schema.column("temperature").unwrap().missing, Missing::Modelled);
        assert!(kind("smoker").is_inferred());
    }

    #[test]
    fn regress_what_can_not_be_a_column_is_refused() {
        let parameters = InferParameters { most_categories: 2, ..InferParameters::default() };
        let found =
            |cells: &[&str]| infer(&Rows::new(&["a"], cells.iter().map(|cell| [cell])).unwrap(), &parameters);
        assert_eq!(found(&[]), Err(InferError::NoRow));
        assert!(matches!(found(&["", "NA"]), Err(InferError::AllMissing { rows: 2, .. })));
        assert!(matches!(found(&["x", "y", "z"]), Err(InferError::TooManyCategories { categories: 3, .. })));
        // An infinity is no number, so the column is of words.
        assert!(found(&["1", "inf"]).unwrap().columns()[0].kind.categories().is_some());
    }
}
