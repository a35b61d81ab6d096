//! Lookup tables: probabilities by age, time and attributes.

use rustc_hash::FxHashMap;

use crate::ir::Share;
use crate::names::{AttributeId, TextId};

/// A column by which a table is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableColumn {
    Age,
    Time,
    Attribute(AttributeId),
}

/// A row of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The attributes' values, in column order.
    pub(crate) values: Box<[TextId]>,
    /// Age in years, both ends included.
    pub(crate) age: Option<(i32, i32)>,
    /// Milliseconds since 1970, both ends included.
    pub(crate) time_ms: Option<(i64, i64)>,
    pub(crate) shares: Box<[Share]>,
}

/// A lookup table as one transition uses it.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) columns: Box<[TableColumn]>,
    rows: Vec<Row>,
    places: FxHashMap<u64, Vec<u32>>,
}

impl Table {
    pub(crate) fn new(columns: Box<[TableColumn]>, rows: Vec<Row>) -> Self {
        let mut places: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        for (place, row) in rows.iter().enumerate() {
            places.entry(hash(&row.values)).or_default().push(place as u32);
        }
        Self { columns, rows, places }
    }

    /// The first row for a person's attributes, age and time.
    pub(crate) fn find(&self, values: &[TextId], age_years: i32, time_ms: i64) -> Option<&Row> {
        let within = |range: Option<(i64, i64)>, value: i64| {
            range.is_none_or(|(low, high)| (low..=high).contains(&value))
        };
        self.places.get(&hash(values))?.iter().map(|place| &self.rows[*place as usize]).find(|row| {
            *row.values == *values
                && within(row.age.map(|(low, high)| (low.into(), high.into())), age_years.into())
                && within(row.time_ms, time_ms)
        })
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }
}

fn hash(values: &[TextId]) -> u64 {
    values.iter().fold(0x9e37_79b9, |hash: u64, value| {
        (hash ^ u64::from(value.0)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_rows_match_by_values_age_and_time() {
        let row = |value, age, time_ms| Row {
            values: Box::new([TextId(value)]),
            age,
            time_ms,
            shares: Box::default(),
        };
        let rows = vec![row(1, Some((0, 9)), None), row(1, Some((10, 19)), Some((0, 5))), row(2, None, None)];
        let table = Table::new(Box::new([TableColumn::Age]), rows);
        assert!(table.find(&[TextId(1)], 9, 77).is_some_and(|row| row.age == Some((0, 9))));
        assert!(table.find(&[TextId(1)], 10, 5).is_some());
        assert!(table.find(&[TextId(1)], 10, 6).is_none());
        assert!(table.find(&[TextId(1)], 20, 0).is_none());
        assert!(table.find(&[TextId(2)], 99, 0).is_some());
        assert!(table.find(&[TextId(3)], 1, 0).is_none());
        assert_eq!(table.rows().len(), 3);
    }
}
