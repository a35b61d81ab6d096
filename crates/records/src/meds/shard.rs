//! One data file: rows in, Parquet out.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Float32Builder, Float64Builder, Int64Builder, LargeStringBuilder,
    StringBuilder, TimestampMicrosecondBuilder, UInt32Builder,
};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use rustc_hash::FxHashSet;
use twinloom_event::SubjectId;

use super::MedsError;
use super::parquet_file::writer_properties;
use super::schema::{AttributeColumn, Columns};
use crate::attribute_json::to_value;
use crate::spill::{AttributeView, EventCoder, EventView};

/// Rows handed to the Parquet writer together; fewer when their texts are long.
const BATCH_ROWS: usize = 8192;
const BATCH_TEXT_BYTES: usize = 32 << 20;

/// What a finished shard holds.
#[derive(Debug, Default)]
pub(crate) struct ShardFacts {
    /// Its subjects, ascending.
    pub(crate) subjects: Vec<i64>,
    /// Its events.
    pub(crate) rows: u64,
    /// Distinct codes, in no order.
    pub(crate) codes: FxHashSet<Arc<str>>,
}

/// Writes one data file from events in timeline order.
pub(crate) struct ShardWriter<'a> {
    file: String,
    coder: &'a EventCoder,
    columns: &'a Columns,
    writer: ArrowWriter<File>,
    builders: Builders,
    next_seq: u32,
    facts: ShardFacts,
}

impl<'a> ShardWriter<'a> {
    pub(crate) fn create(
        path: &Path,
        coder: &'a EventCoder,
        columns: &'a Columns,
    ) -> Result<Self, MedsError> {
        let file = path.display().to_string();
        let output = File::create(path).map_err(|source| MedsError::Io { file: file.clone(), source })?;
        let writer = ArrowWriter::try_new(output, Arc::clone(&columns.schema), Some(writer_properties()))
            .map_err(|source| MedsError::Parquet { file: file.clone(), source })?;
        Ok(Self {
            file,
            coder,
            columns,
            writer,
            builders: Builders::new(columns),
            next_seq: 0,
            facts: ShardFacts::default(),
        })
    }

    /// Appends an event given as its key and body.
    pub(crate) fn push(&mut self, key: &[u8], body: &[u8]) -> Result<(), MedsError> {
        let mut attributes = Vec::new();
        let view = self.coder.decode(key, body, &mut attributes);
        if self.facts.subjects.last() != Some(&view.subject_id) {
            self.facts.subjects.push(view.subject_id);
            self.next_seq = 0;
        }
        let seq = self.next_seq;
        self.next_seq =
            seq.checked_add(1).ok_or(MedsError::TooLong { subject_id: SubjectId::new(view.subject_id) })?;
        if !self.facts.codes.contains(view.code) {
            self.facts.codes.insert(view.code.into());
        }
        self.facts.rows += 1;
        self.builders.push(&view, seq, &attributes, self.columns);
        if self.builders.rows >= BATCH_ROWS || self.builders.text_bytes >= BATCH_TEXT_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), MedsError> {
        let arrays = self.builders.finish();
        RecordBatch::try_new(Arc::clone(&self.columns.schema), arrays)
            .map_err(parquet::errors::ParquetError::from)
            .and_then(|batch| self.writer.write(&batch))
            .map_err(|source| MedsError::Parquet { file: self.file.clone(), source })
    }

    pub(crate) fn finish(mut self) -> Result<ShardFacts, MedsError> {
        if self.builders.rows > 0 {
            self.flush()?;
        }
        match self.writer.close() {
            Ok(_) => Ok(self.facts),
            Err(source) => Err(MedsError::Parquet { file: self.file, source }),
        }
    }
}

/// The columns under construction.
struct Builders {
    rows: usize,
    text_bytes: usize,
    subject_id: Int64Builder,
    time: TimestampMicrosecondBuilder,
    code: StringBuilder,
    numeric_value: Float32Builder,
    text_value: LargeStringBuilder,
    kind: StringBuilder,
    unit: StringBuilder,
    encounter_id: StringBuilder,
    seq: UInt32Builder,
    end_time: TimestampMicrosecondBuilder,
    recorded_time: TimestampMicrosecondBuilder,
    time_precision: StringBuilder,
    source: StringBuilder,
    record_id: StringBuilder,
    numeric_value_f64: Option<Float64Builder>,
    attributes: Vec<AttributeBuilder>,
}

impl Builders {
    fn new(columns: &Columns) -> Self {
        Self {
            rows: 0,
            text_bytes: 0,
            subject_id: Int64Builder::new(),
            time: TimestampMicrosecondBuilder::new(),
            code: StringBuilder::new(),
            numeric_value: Float32Builder::new(),
            text_value: LargeStringBuilder::new(),
            kind: StringBuilder::new(),
            unit: StringBuilder::new(),
            encounter_id: StringBuilder::new(),
            seq: UInt32Builder::new(),
            end_time: TimestampMicrosecondBuilder::new(),
            recorded_time: TimestampMicrosecondBuilder::new(),
            time_precision: StringBuilder::new(),
            source: StringBuilder::new(),
            record_id: StringBuilder::new(),
            numeric_value_f64: columns.needs_f64.then(Float64Builder::new),
            attributes: columns.attributes.iter().map(|(_, column)| AttributeBuilder::new(*column)).collect(),
        }
    }

    fn push(
        &mut self,
        view: &EventView<'_>,
        seq: u32,
        attributes: &[(&str, AttributeView<'_>)],
        columns: &Columns,
    ) {
        self.rows += 1;
        self.subject_id.append_value(view.subject_id);
        self.time.append_option(view.time);
        self.code.append_value(view.code);
        self.numeric_value.append_option(view.numeric_value.map(|value| value as f32));
        self.text_value.append_option(view.text_value);
        self.kind.append_value(view.kind.as_str());
        self.unit.append_option(view.unit);
        self.encounter_id.append_option(view.encounter_id);
        self.seq.append_value(seq);
        self.end_time.append_option(view.end_time);
        self.recorded_time.append_option(view.recorded_time);
        self.time_precision.append_value(view.time_precision.as_str());
        self.source.append_option(view.source);
        self.record_id.append_option(view.record_id);
        if let Some(builder) = &mut self.numeric_value_f64 {
            builder.append_option(view.numeric_value);
        }
        for text in
            [view.text_value, view.encounter_id, view.record_id, Some(view.code)].into_iter().flatten()
        {
            self.text_bytes += text.len();
        }
        // Both lists are in name order.
        let mut own = attributes.iter().peekable();
        for ((name, _), builder) in columns.attributes.iter().zip(&mut self.attributes) {
            let value = own.next_if(|(own_name, _)| **own_name == **name).map(|(_, value)| *value);
            if let Some(AttributeView::Text(text)) = value {
                self.text_bytes += text.len();
            }
            builder.push(value);
        }
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        self.rows = 0;
        self.text_bytes = 0;
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(self.subject_id.finish()),
            Arc::new(self.time.finish()),
            Arc::new(self.code.finish()),
            Arc::new(self.numeric_value.finish()),
            Arc::new(self.text_value.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.unit.finish()),
            Arc::new(self.encounter_id.finish()),
            Arc::new(self.seq.finish()),
            Arc::new(self.end_time.finish()),
            Arc::new(self.recorded_time.finish()),
            Arc::new(self.time_precision.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.record_id.finish()),
        ];
        if let Some(builder) = &mut self.numeric_value_f64 {
            arrays.push(Arc::new(builder.finish()));
        }
        arrays.extend(self.attributes.iter_mut().map(AttributeBuilder::finish));
        arrays
    }
}

/// One attribute's column under construction.
enum AttributeBuilder {
    Integer(Int64Builder),
    Float(Float64Builder),
    Boolean(BooleanBuilder),
    Text(LargeStringBuilder),
    Time(TimestampMicrosecondBuilder),
    Mixed(LargeStringBuilder),
}

impl AttributeBuilder {
    fn new(column: AttributeColumn) -> Self {
        match column {
            AttributeColumn::Integer => Self::Integer(Int64Builder::new()),
            AttributeColumn::Float => Self::Float(Float64Builder::new()),
            AttributeColumn::Boolean => Self::Boolean(BooleanBuilder::new()),
            AttributeColumn::Text => Self::Text(LargeStringBuilder::new()),
            AttributeColumn::Time => Self::Time(TimestampMicrosecondBuilder::new()),
            AttributeColumn::Mixed => Self::Mixed(LargeStringBuilder::new()),
        }
    }

    fn push(&mut self, value: Option<AttributeView<'_>>) {
        match (self, value) {
            (Self::Integer(builder), Some(AttributeView::Integer(value))) => builder.append_value(value),
            (Self::Float(builder), Some(AttributeView::Float(value))) => builder.append_value(value),
            (Self::Boolean(builder), Some(AttributeView::Boolean(value))) => builder.append_value(value),
            (Self::Text(builder), Some(AttributeView::Text(value))) => builder.append_value(value),
            (Self::Time(builder), Some(AttributeView::Time(value))) => builder.append_value(value),
            (Self::Mixed(builder), Some(value)) => builder.append_value(to_value(value).to_string()),
            (Self::Integer(builder), _) => builder.append_null(),
            (Self::Float(builder), _) => builder.append_null(),
            (Self::Boolean(builder), _) => builder.append_null(),
            (Self::Text(builder) | Self::Mixed(builder), _) => builder.append_null(),
            (Self::Time(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Text(builder) | Self::Mixed(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
        }
    }
}
