//! Numbers and dates as text, both ways.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::schema::{Bounds, ColumnKind};

const MICROSECONDS_PER_DAY: f64 = 86_400e6;

/// What stands for a missing value in files: nothing, or one of the usual words.
pub(crate) fn is_missing(text: &str) -> bool {
    matches!(text.trim(), "" | "NA" | "N/A" | "NaN" | "nan" | "NULL" | "null" | "None" | "?")
}

/// A number, finite.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// A whole number that a double holds exactly; `2.0` is one.
pub(crate) fn integer(text: &str) -> Option<f64> {
    number(text).filter(|value| value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0)
}

/// Days since 1970-01-01 of a date, or of a date with a time of day.
pub(crate) fn date_days(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(micros_to_days(date.and_hms_opt(0, 0, 0)?));
    }
    let with_time = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let text = text.strip_suffix('Z').unwrap_or(text);
    with_time.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(micros_to_days)
}

fn micros_to_days(at: NaiveDateTime) -> f64 {
    at.and_utc().timestamp_micros() as f64 / MICROSECONDS_PER_DAY
}

/// A value as its column writes it.
pub(crate) fn write(value: f64, kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Integer { .. } => format!("{value:.0}"),
        ColumnKind::Number { decimals: Some(decimals), .. } => format!("{value:.*}", usize::from(*decimals)),
        ColumnKind::Date { with_time, .. } => {
            let micros = (value * MICROSECONDS_PER_DAY).round() as i64;
            let Some(at) = DateTime::from_timestamp_micros(micros).map(|at| at.naive_utc()) else {
                return String::new();
            };
            if *with_time { format!("{at:?}") } else { at.date().to_string() }
        }
        ColumnKind::Number { decimals: None, .. } | ColumnKind::Category { .. } => value.to_string(),
    }
}

/// A cell's value in its column, or none where it is missing.
pub(crate) fn read(
    text: &str,
    kind: &ColumnKind,
    row: usize,
    column: &str,
) -> Result<Option<f64>, CellError> {
    if is_missing(text) {
        return Ok(None);
    }
    let found = match kind {
        ColumnKind::Category { .. } => None,
        ColumnKind::Integer { .. } => integer(text),
        ColumnKind::Number { .. } => number(text),
        ColumnKind::Date { .. } => date_days(text),
    };
    let column = column.to_owned();
    let Some(value) = found else {
        return Err(CellError::Unreadable { row, column, permitted: kind.word() });
    };
    match kind.bounds() {
        Some(Bounds { least, greatest, .. }) if value < *least || value > *greatest => {
            Err(CellError::OutOfBounds { row, column, least: *least, greatest: *greatest })
        }
        _ => Ok(Some(value)),
    }
}

/// Why a cell can't stand in its column; never says what stands there, which may be a person's.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CellError {
    /// Not of the column's type.
    #[error("row {row}, column {column}: can't be read; permitted: {permitted}, or nothing")]
    Unreadable {
        /// Which row, from 1.
        row: usize,
        /// Which column.
        column: String,
        /// What its type takes.
        permitted: &'static str,
    },
    /// Outside the column's bounds.
    #[error("row {row}, column {column}: lies out of bounds; permitted: {least} to {greatest}")]
    OutOfBounds {
        /// Which row, from 1.
        row: usize,
        /// Which column.
        column: String,
        /// Lower bound.
        least: f64,
        /// Upper bound.
        greatest: f64,
    },
    /// None of the column's categories.
    #[error(
        "row {row}, column {column}: none of its {categories} categories; list it in the schema, or let it be inferred"
    )]
    UnknownCategory {
        /// Which row, from 1.
        row: usize,
        /// Which column.
        column: String,
        /// How many it has.
        categories: usize,
    },
    /// Missing where the schema says that nothing is.
    #[error(
        "row {row}, column {column}: missing; permitted: a value (set missing to modelled, if it may be)"
    )]
    Missing {
        /// Which row, from 1.
        row: usize,
        /// Which column.
        column: String,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_dates_are_days_since_1970() {
        assert_eq!(date_days("1970-01-02"), Some(1.0));
        assert_eq!(date_days("2000-02-29"), Some(11_016.0));
        assert_eq!(date_days("1970-01-01 12:00:00"), Some(0.5));
        assert_eq!(date_days("1969-12-31T18:00"), Some(-0.25));
        assert_eq!(date_days("2001-02-29"), None);
        assert_eq!(number("inf"), None);
        assert_eq!((integer("2.0"), integer("2.5")), (Some(2.0), None));
    }

    proptest! {
        #[test]
        fn law_dates_come_back_as_written(day in -20_000_i32..40_000, second in 0..86_400_u32) {
            let kind = |with_time| ColumnKind::Date { bounds: None, with_time };
            let date = write(f64::from(day), &kind(false));
            prop_assert_eq!(date_days(&date), Some(f64::from(day)));
            let at = f64::from(day) + f64::from(second) / 86_400.0;
            let back = date_days(&write(at, &kind(true))).unwrap();
            prop_assert!((back - at).abs() < 1e-10, "{} against {}", back, at);
        }

        #[test]
        fn law_any_text_is_read_without_panic(text in "\\PC*") {
            let _ = (number(&text), integer(&text), date_days(&text), is_missing(&text));
        }
    }
}
