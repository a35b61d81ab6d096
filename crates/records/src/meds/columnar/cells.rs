//! What a row group holds, column by column, as slices of numbers.

use arrow::datatypes::{DataType, Field};

use crate::meds::schema::{END_TIME, SOURCE, leading_fields, microseconds};

/// No word, in a slice of keys.
pub const NO_WORD: u32 = u32::MAX;
/// No time, in a slice of microseconds.
pub const NO_TIME: i64 = i64::MIN;

/// The text behind a key.
pub type Texts<'a> = &'a dyn Fn(u32) -> &'a str;

/// Words as keys: what a key means is asked once for each that a row group holds.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// A key for each row, [`NO_WORD`] for none.
    pub keys: &'a [u32],
    /// What the keys mean.
    pub texts: Texts<'a>,
}

/// The cells of a column beyond the standard's.
#[derive(Clone, Copy)]
pub enum Cells<'a> {
    /// Words in most rows.
    Words(Words<'a>),
    /// Words in the rows named, ascending.
    SparseWords {
        /// The rows.
        rows: &'a [u32],
        /// A key for each of them.
        words: Words<'a>,
    },
    /// Whole numbers in the rows named, ascending.
    SparseIntegers {
        /// The rows.
        rows: &'a [u32],
        /// A number for each of them.
        values: &'a [i64],
    },
    /// Yes in the rows named, ascending; nothing elsewhere.
    SparseFlags {
        /// The rows.
        rows: &'a [u32],
    },
}

/// What a column beyond the standard's holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FurtherType {
    /// Text.
    Word,
    /// A 64-bit whole number.
    Integer,
    /// Yes or no.
    Flag,
}

/// A column beyond the standard's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FurtherColumn {
    /// Its name, none of the standard's.
    pub name: &'static str,
    /// What it holds.
    pub holds: FurtherType,
}

/// Events of whole subjects, in order of subject and time, as columns of equal length.
#[derive(Clone, Copy)]
pub struct EventColumns<'a> {
    /// Whose.
    pub subject_id: &'a [i64],
    /// When, in microseconds since 1970; [`NO_TIME`] for static events, which come first.
    pub time: &'a [i64],
    /// What; every row has one.
    pub code: Words<'a>,
    /// The number; NaN for none.
    pub numeric_value: &'a [f32],
    /// The text.
    pub text_value: Words<'a>,
    /// The sort of event; every row has one.
    pub kind: Words<'a>,
    /// The unit of the number.
    pub unit: Words<'a>,
    /// During which encounter.
    pub encounter_id: Words<'a>,
    /// When it ended; [`NO_TIME`] for not.
    pub end_time: &'a [i64],
    /// Which system says so, the same for all rows.
    pub source: &'a str,
    /// The further columns, in the order in which they were announced.
    pub further: &'a [Cells<'a>],
}

impl EventColumns<'_> {
    /// Whether the columns have one length, and every sparse row is one.
    pub(super) fn is_even(&self) -> bool {
        let rows = self.subject_id.len();
        let lengths = [
            self.time.len(),
            self.code.keys.len(),
            self.numeric_value.len(),
            self.text_value.keys.len(),
            self.kind.keys.len(),
            self.unit.keys.len(),
            self.encounter_id.keys.len(),
            self.end_time.len(),
        ];
        let is_within = |sparse: &[u32]| {
            sparse.is_sorted_by(|left, right| left < right)
                && sparse.last().is_none_or(|last| (*last as usize) < rows)
        };
        lengths.into_iter().all(|length| length == rows)
            && self.further.iter().all(|cells| match cells {
                Cells::Words(words) => words.keys.len() == rows,
                Cells::SparseWords { rows, words } => is_within(rows) && rows.len() == words.keys.len(),
                Cells::SparseIntegers { rows, values } => is_within(rows) && rows.len() == values.len(),
                Cells::SparseFlags { rows } => is_within(rows),
            })
    }
}

/// The Arrow fields of a data file.
pub(super) fn fields(further: &[FurtherColumn]) -> Vec<Field> {
    let mut fields = leading_fields();
    fields.push(Field::new(END_TIME, microseconds(), true));
    fields.push(Field::new(SOURCE, DataType::Utf8, false));
    fields.extend(further.iter().map(|column| {
        let holds = match column.holds {
            FurtherType::Word => DataType::LargeUtf8,
            FurtherType::Integer => DataType::Int64,
            FurtherType::Flag => DataType::Boolean,
        };
        Field::new(column.name, holds, true)
    }));
    fields
}
