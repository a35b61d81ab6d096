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

/// Rows of the same attribute values, by time.
#[derive(Clone, Debug)]
struct Group {
    /// Distinct time ranges in order of their beginning, and the rows of each.
    spans: Vec<(i64, i64, Vec<u32>)>,
    /// Whether no two ranges overlap, so that the one that holds a time is found by halving.
    is_disjoint: bool,
}

impl Group {
    fn new(rows: &[Row], places: Vec<u32>) -> Self {
        let mut spans: Vec<(i64, i64, Vec<u32>)> = Vec::new();
        for place in places {
            let (low, high) = rows[place as usize].time_ms.unwrap_or((i64::MIN, i64::MAX));
            match spans.iter_mut().rev().find(|span| (span.0, span.1) == (low, high)) {
                Some(span) => span.2.push(place),
                None => spans.push((low, high, vec![place])),
            }
        }
        let mut sorted = spans.clone();
        sorted.sort_by_key(|span| (span.0, span.1));
        let is_disjoint = sorted.windows(2).all(|pair| pair[0].1 < pair[1].0);
        // Overlapping ranges keep the order of the rows: the first that holds the time counts.
        Self { spans: if is_disjoint { sorted } else { spans }, is_disjoint }
    }

    fn rows_at(&self, time_ms: i64) -> impl Iterator<Item = u32> + '_ {
        let spans = if self.is_disjoint {
            let after = self.spans.partition_point(|span| span.0 <= time_ms);
            &self.spans[after.saturating_sub(1)..after]
        } else {
            &self.spans[..]
        };
        spans
            .iter()
            .filter(move |span| (span.0..=span.1).contains(&time_ms))
            .flat_map(|span| span.2.iter().copied())
    }
}

/// A lookup table as one transition uses it.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) columns: Box<[TableColumn]>,
    rows: Vec<Row>,
    groups: FxHashMap<u64, Group>,
    /// From the first instant of any row to the last.
    span_ms: (i64, i64),
    has_age: bool,
}

impl Table {
    pub(crate) fn new(columns: Box<[TableColumn]>, rows: Vec<Row>) -> Self {
        let mut places: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        for (place, row) in rows.iter().enumerate() {
            places.entry(hash(&row.values)).or_default().push(place as u32);
        }
        let groups = places.into_iter().map(|(hash, places)| (hash, Group::new(&rows, places))).collect();
        let ranges = || rows.iter().map(|row| row.time_ms.unwrap_or((i64::MIN, i64::MAX)));
        let first = ranges().map(|range| range.0).min().unwrap_or(i64::MAX);
        let last = ranges().map(|range| range.1).max().unwrap_or(i64::MIN);
        let has_age = columns.contains(&TableColumn::Age);
        Self { columns, rows, groups, span_ms: (first, last), has_age }
    }

    /// Whether any row can hold at a time.
    pub(crate) fn has_time(&self, time_ms: i64) -> bool {
        (self.span_ms.0..=self.span_ms.1).contains(&time_ms)
    }

    /// Whether the table asks for age.
    pub(crate) fn has_age(&self) -> bool {
        self.has_age
    }

    /// The first row for a person's attributes, age and time.
    pub(crate) fn find(&self, values: &[TextId], age_years: i32, time_ms: i64) -> Option<&Row> {
        self.groups.get(&hash(values))?.rows_at(time_ms).map(|place| &self.rows[place as usize]).find(|row| {
            *row.values == *values && row.age.is_none_or(|(low, high)| (low..=high).contains(&age_years))
        })
    }
}

fn hash(values: &[TextId]) -> u64 {
    values
        .iter()
        .fold(0x9e37_79b9, |hash: u64, value| (hash ^ u64::from(value.0)).wrapping_mul(0x0000_0100_0000_01b3))
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
    }
}
