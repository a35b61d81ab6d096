//! Columns of node properties, one value or none per row.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::Timestamp;

use crate::array::Array;

/// Stands for no value where a number is stored.
pub(crate) const NO_INTEGER: i64 = i64::MIN;
pub(crate) const NO_WORD: u32 = u32::MAX;

/// One property of all nodes of one label.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    /// Texts that are mostly distinct, end to end.
    Text { offsets: Array<u32>, bytes: Array<u8> },
    /// Texts that repeat: numbers into a sorted list of words.
    Category { numbers: Array<u32>, words: Vec<Arc<str>> },
    /// Whole numbers.
    Integer(Array<i64>),
    /// Small whole numbers, one every row.
    Count(Array<u32>),
    /// Finite numbers; NaN stands for none.
    Float(Array<f64>),
    /// Microseconds since 1970.
    Time(Array<i64>),
}

/// A property's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PropertyValue<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A point in time.
    Time(Timestamp),
}

impl<'a> PropertyValue<'a> {
    /// The text, if it is text.
    pub fn as_text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The time, if it is a time.
    pub fn as_time(self) -> Option<Timestamp> {
        match self {
            Self::Time(time) => Some(time),
            _ => None,
        }
    }
}

impl std::fmt::Display for PropertyValue<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(text),
            Self::Integer(number) => number.fmt(formatter),
            Self::Float(number) => number.fmt(formatter),
            Self::Time(time) => time.fmt(formatter),
        }
    }
}

/// What kind of value a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyKind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// A point in time.
    Time,
}

/// Texts on their way into a column, written end to end.
#[derive(Default)]
pub(crate) struct Texts {
    offsets: Vec<u32>,
    bytes: String,
}

impl Texts {
    pub(crate) fn with_capacity(texts: usize) -> Self {
        Self { offsets: Vec::with_capacity(texts + 1), bytes: String::new() }
    }

    /// Adds what `write` appends as one text.
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut String)) -> Result<(), TextTooLong> {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        write(&mut self.bytes);
        self.offsets.push(u32::try_from(self.bytes.len()).map_err(|_| TextTooLong)?);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Column {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.bytes.shrink_to_fit();
        Column::Text { offsets: self.offsets.into(), bytes: self.bytes.into_bytes().into() }
    }
}

impl Column {
    /// Texts, the empty one standing for none.
    pub(crate) fn text<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, TextTooLong> {
        let mut column = Texts::default();
        for text in texts {
            column.push(|bytes| bytes.push_str(text))?;
        }
        Ok(column.finish())
    }

    /// Repeating texts.
    pub(crate) fn category(values: &[Option<Arc<str>>]) -> Self {
        let mut numbers_by_word: FxHashMap<&str, u32> = FxHashMap::default();
        let mut words: Vec<&Arc<str>> = Vec::new();
        for word in values.iter().flatten() {
            if numbers_by_word.insert(word, 0).is_none() {
                words.push(word);
            }
        }
        words.sort_unstable();
        for (word, number) in words.iter().zip(0_u32..) {
            numbers_by_word.insert(word, number);
        }
        let numbers = values
            .iter()
            .map(|word| word.as_ref().map_or(NO_WORD, |word| numbers_by_word[&**word]))
            .collect();
        Self::Category { numbers, words: words.into_iter().cloned().collect() }
    }

    /// Whole numbers.
    pub(crate) fn integers(values: impl IntoIterator<Item = Option<i64>>) -> Self {
        Self::Integer(values.into_iter().map(|value| value.unwrap_or(NO_INTEGER)).collect())
    }

    /// Finite numbers.
    pub(crate) fn floats(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        Self::Float(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }

    /// Times.
    pub(crate) fn times(values: impl IntoIterator<Item = Option<Timestamp>>) -> Self {
        Self::Time(values.into_iter().map(|value| value.map_or(NO_INTEGER, Timestamp::micros)).collect())
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text { offsets, .. } => offsets.len().saturating_sub(1),
            Self::Category { numbers, .. } => numbers.len(),
            Self::Count(values) => values.len(),
            Self::Integer(values) | Self::Time(values) => values.len(),
            Self::Float(values) => values.len(),
        }
    }

    /// The value of one row, if it has one.
    pub(crate) fn get(&self, row: usize) -> Option<PropertyValue<'_>> {
        match self {
            Self::Text { offsets, bytes } => {
                let [start, end] = offsets.get(row..row + 2)? else {
                    return None;
                };
                let text = std::str::from_utf8(bytes.get(*start as usize..*end as usize)?).ok()?;
                (!text.is_empty()).then_some(PropertyValue::Text(text))
            }
            Self::Category { numbers, words } => {
                words.get(*numbers.get(row)? as usize).map(|word| PropertyValue::Text(word))
            }
            Self::Integer(values) => values
                .get(row)
                .filter(|value| **value != NO_INTEGER)
                .map(|value| PropertyValue::Integer(*value)),
            Self::Count(values) => values.get(row).map(|value| PropertyValue::Integer(i64::from(*value))),
            Self::Float(values) => {
                values.get(row).filter(|value| !value.is_nan()).map(|value| PropertyValue::Float(*value))
            }
            Self::Time(values) => {
                let micros = *values.get(row).filter(|micros| **micros != NO_INTEGER)?;
                Timestamp::from_micros(micros).ok().map(PropertyValue::Time)
            }
        }
    }

    /// The same column with these rows only; `None` when none of them has a value.
    pub(crate) fn select(&self, rows: &[u32]) -> Option<Self> {
        if !rows.iter().any(|row| self.get(*row as usize).is_some()) {
            return None;
        }
        let text = |row: &u32| self.get(*row as usize).and_then(PropertyValue::as_text);
        Some(match self {
            // Fewer texts can't be too long.
            Self::Text { .. } => Self::text(rows.iter().map(|row| text(row).unwrap_or_default())).ok()?,
            Self::Category { .. } => {
                let words: Vec<Option<Arc<str>>> = rows.iter().map(|row| text(row).map(Arc::from)).collect();
                Self::category(&words)
            }
            Self::Count(values) => Self::Count(picked(values, rows, 0)),
            Self::Integer(values) => Self::Integer(picked(values, rows, NO_INTEGER)),
            Self::Float(values) => Self::Float(picked(values, rows, f64::NAN)),
            Self::Time(values) => Self::Time(picked(values, rows, NO_INTEGER)),
        })
    }

    /// A column of the same kind in which no row has a value.
    pub(crate) fn emptied(&self, rows: usize) -> Self {
        match self {
            Self::Text { .. } => Self::Text { offsets: vec![0; rows + 1].into(), bytes: Array::default() },
            Self::Category { .. } => {
                Self::Category { numbers: vec![NO_WORD; rows].into(), words: Vec::new() }
            }
            Self::Count(_) => Self::Count(vec![0; rows].into()),
            Self::Integer(_) => Self::Integer(vec![NO_INTEGER; rows].into()),
            Self::Float(_) => Self::Float(vec![f64::NAN; rows].into()),
            Self::Time(_) => Self::Time(vec![NO_INTEGER; rows].into()),
        }
    }

    /// What it holds.
    pub(crate) fn kind(&self) -> PropertyKind {
        match self {
            Self::Text { .. } | Self::Category { .. } => PropertyKind::Text,
            Self::Integer(_) | Self::Count(_) => PropertyKind::Integer,
            Self::Float(_) => PropertyKind::Float,
            Self::Time(_) => PropertyKind::Time,
        }
    }
}

fn picked<T: Copy>(values: &[T], rows: &[u32], none: T) -> Array<T> {
    rows.iter().map(|row| values.get(*row as usize).copied().unwrap_or(none)).collect()
}

/// The texts of one column pass what 32 bits can address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one column's texts are too long; permitted: 4294967295 bytes in all")]
pub(crate) struct TextTooLong;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_columns_give_back_what_they_took(
            words in prop::collection::vec(prop::option::of("[a-c]{1,2}"), 0..20),
            numbers in prop::collection::vec(prop::option::of(any::<i32>()), 0..20)
        ) {
            let shared: Vec<Option<Arc<str>>> = words.iter().map(|word| word.as_deref().map(Arc::from)).collect();
            let category = Column::category(&shared);
            let text = Column::text(words.iter().map(|word| word.as_deref().unwrap_or(""))).unwrap();
            prop_assert_eq!((category.len(), text.len()), (words.len(), words.len()));
            for (row, word) in words.iter().enumerate() {
                prop_assert_eq!(category.get(row).and_then(PropertyValue::as_text), word.as_deref());
                prop_assert_eq!(text.get(row).and_then(PropertyValue::as_text), word.as_deref());
            }
            let integers = Column::integers(numbers.iter().map(|number| number.map(i64::from)));
            for (row, number) in numbers.iter().enumerate() {
                prop_assert_eq!(integers.get(row), number.map(|number| PropertyValue::Integer(i64::from(number))));
            }
            prop_assert_eq!(integers.get(numbers.len()), None);
        }
    }
}
