//! Rows of a data file under construction: views of events in, arrays out.

use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBuilder, Float32Builder, Float64Builder, Int64Builder, LargeStringBuilder,
    StringBuilder, TimestampMicrosecondBuilder, UInt32Builder,
};

use super::schema::{AttributeColumn, Columns};
use crate::attribute_json::to_value;
use crate::spill::{AttributeView, EventView};

/// Rows handed to the Parquet writer together; fewer when their texts are long.
const BATCH_ROWS: usize = 8192;
const BATCH_TEXT_BYTES: usize = 32 << 20;

/// The columns under construction.
pub(super) struct Rows {
    held: usize,
    text_bytes: usize,
    subject_id: Int64Builder,
    time: Sparse<TimestampMicrosecondBuilder>,
    code: StringBuilder,
    numeric_value: Sparse<Float32Builder>,
    text_value: Sparse<LargeStringBuilder>,
    kind: StringBuilder,
    unit: Sparse<StringBuilder>,
    encounter_id: Sparse<StringBuilder>,
    seq: UInt32Builder,
    end_time: Sparse<TimestampMicrosecondBuilder>,
    recorded_time: Sparse<TimestampMicrosecondBuilder>,
    time_precision: StringBuilder,
    source: Sparse<StringBuilder>,
    record_id: Sparse<StringBuilder>,
    numeric_value_f64: Option<Sparse<Float64Builder>>,
    attributes: Vec<AttributeBuilder>,
}

impl Rows {
    pub(super) fn new(columns: &Columns) -> Self {
        Self {
            held: 0,
            text_bytes: 0,
            subject_id: Int64Builder::new(),
            time: Sparse::default(),
            code: StringBuilder::new(),
            numeric_value: Sparse::default(),
            text_value: Sparse::default(),
            kind: StringBuilder::new(),
            unit: Sparse::default(),
            encounter_id: Sparse::default(),
            seq: UInt32Builder::new(),
            end_time: Sparse::default(),
            recorded_time: Sparse::default(),
            time_precision: StringBuilder::new(),
            source: Sparse::default(),
            record_id: Sparse::default(),
            numeric_value_f64: columns.needs_f64.then(Sparse::default),
            attributes: columns.attributes.iter().map(|(_, column)| AttributeBuilder::new(*column)).collect(),
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.held == 0
    }

    /// Whether it is time to hand them on.
    pub(super) fn is_full(&self) -> bool {
        self.held >= BATCH_ROWS || self.text_bytes >= BATCH_TEXT_BYTES
    }

    /// Appends an event without its attributes, which [`Rows::attribute`] adds to the row.
    pub(super) fn push(&mut self, view: &EventView<'_>, seq: u32) {
        let row = self.held;
        self.held += 1;
        self.subject_id.append_value(view.subject_id);
        self.code.append_value(view.code);
        self.kind.append_value(view.kind.as_str());
        self.seq.append_value(seq);
        self.time_precision.append_value(view.time_precision.as_str());
        for (column, value) in [
            (&mut self.time, view.time),
            (&mut self.end_time, view.end_time),
            (&mut self.recorded_time, view.recorded_time),
        ] {
            if let Some(value) = value {
                column.at(row).append_value(value);
            }
        }
        for (column, value) in [
            (&mut self.unit, view.unit),
            (&mut self.encounter_id, view.encounter_id),
            (&mut self.source, view.source),
            (&mut self.record_id, view.record_id),
        ] {
            if let Some(value) = value {
                column.at(row).append_value(value);
                self.text_bytes += value.len();
            }
        }
        if let Some(value) = view.numeric_value {
            self.numeric_value.at(row).append_value(value as f32);
            if let Some(column) = &mut self.numeric_value_f64 {
                column.at(row).append_value(value);
            }
        }
        if let Some(value) = view.text_value {
            self.text_value.at(row).append_value(value);
            self.text_bytes += value.len();
        }
        self.text_bytes += view.code.len();
    }

    /// Sets an attribute of the row pushed last, by its place among [`Columns::attributes`]; the answer is
    /// no when the column is of another type.
    #[must_use]
    pub(super) fn attribute(&mut self, place: usize, value: AttributeView<'_>) -> bool {
        if let AttributeView::Text(text) = value {
            self.text_bytes += text.len();
        }
        let row = self.held.saturating_sub(1);
        self.attributes.get_mut(place).is_some_and(|column| column.set(row, value))
    }

    /// The rows as arrays, in the schema's order; none are left.
    pub(super) fn finish(&mut self) -> Vec<ArrayRef> {
        let rows = std::mem::take(&mut self.held);
        self.text_bytes = 0;
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(self.subject_id.finish()),
            self.time.finish(rows),
            Arc::new(self.code.finish()),
            self.numeric_value.finish(rows),
            self.text_value.finish(rows),
            Arc::new(self.kind.finish()),
            self.unit.finish(rows),
            self.encounter_id.finish(rows),
            Arc::new(self.seq.finish()),
            self.end_time.finish(rows),
            self.recorded_time.finish(rows),
            Arc::new(self.time_precision.finish()),
            self.source.finish(rows),
            self.record_id.finish(rows),
        ];
        if let Some(column) = &mut self.numeric_value_f64 {
            arrays.push(column.finish(rows));
        }
        arrays.extend(self.attributes.iter_mut().map(|column| column.finish(rows)));
        arrays
    }
}

/// A column of which most rows may be empty: they are filled in when the next value comes.
#[derive(Default)]
struct Sparse<B> {
    builder: B,
    length: usize,
}

impl<B: Nulls> Sparse<B> {
    /// The builder, about to take the value of a row.
    fn at(&mut self, row: usize) -> &mut B {
        if self.length < row {
            self.builder.nulls(row - self.length);
        }
        self.length = row + 1;
        &mut self.builder
    }

    fn finish(&mut self, rows: usize) -> ArrayRef {
        self.builder.nulls(rows - self.length);
        self.length = 0;
        ArrayBuilder::finish(&mut self.builder)
    }
}

/// A builder that takes many nulls at once.
trait Nulls: ArrayBuilder {
    fn nulls(&mut self, number: usize);
}

macro_rules! nulls {
    ($($builder:ty),+) => {
        $(impl Nulls for $builder {
            fn nulls(&mut self, number: usize) {
                self.append_nulls(number);
            }
        })+
    };
}

nulls!(
    BooleanBuilder,
    Float32Builder,
    Float64Builder,
    Int64Builder,
    LargeStringBuilder,
    StringBuilder,
    TimestampMicrosecondBuilder
);

/// One attribute's column under construction.
enum AttributeBuilder {
    Integer(Sparse<Int64Builder>),
    Float(Sparse<Float64Builder>),
    Boolean(Sparse<BooleanBuilder>),
    Text(Sparse<LargeStringBuilder>),
    Time(Sparse<TimestampMicrosecondBuilder>),
    Mixed(Sparse<LargeStringBuilder>),
}

impl AttributeBuilder {
    fn new(column: AttributeColumn) -> Self {
        match column {
            AttributeColumn::Integer => Self::Integer(Sparse::default()),
            AttributeColumn::Float => Self::Float(Sparse::default()),
            AttributeColumn::Boolean => Self::Boolean(Sparse::default()),
            AttributeColumn::Text => Self::Text(Sparse::default()),
            AttributeColumn::Time => Self::Time(Sparse::default()),
            AttributeColumn::Mixed => Self::Mixed(Sparse::default()),
        }
    }

    fn set(&mut self, row: usize, value: AttributeView<'_>) -> bool {
        match (self, value) {
            (Self::Integer(column), AttributeView::Integer(value)) => column.at(row).append_value(value),
            (Self::Float(column), AttributeView::Float(value)) => column.at(row).append_value(value),
            (Self::Boolean(column), AttributeView::Boolean(value)) => column.at(row).append_value(value),
            (Self::Text(column), AttributeView::Text(value)) => column.at(row).append_value(value),
            (Self::Time(column), AttributeView::Time(value)) => column.at(row).append_value(value),
            (Self::Mixed(column), value) => column.at(row).append_value(to_value(value).to_string()),
            _ => return false,
        }
        true
    }

    fn finish(&mut self, rows: usize) -> ArrayRef {
        match self {
            Self::Integer(column) => column.finish(rows),
            Self::Float(column) => column.finish(rows),
            Self::Boolean(column) => column.finish(rows),
            Self::Text(column) | Self::Mixed(column) => column.finish(rows),
            Self::Time(column) => column.finish(rows),
        }
    }
}
