//! One data file read: rows in, events out, breaches of the schema repaired or located.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::record_batch::RecordBatch;
use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, RecordId, Source, SubjectId, TimePrecision, Timestamp,
    Unit,
};

use super::MedsError;
use super::columns::{ParquetTable, integers, is_text, is_time, numbers, texts, times, value_type};
use super::extra::{ExtraColumn, ExtraValues};
use super::schema::{
    CODE, ENCOUNTER_ID, END_TIME, KIND, NUMERIC_VALUE, NUMERIC_VALUE_F64, RECORD_ID, RECORDED_TIME, SEQ,
    SOURCE, SUBJECT_ID, TEXT_VALUE, TIME, TIME_PRECISION, UNIT,
};
use crate::{ImportReport, Location, ProblemKind};

/// The report's table for events.
pub(super) const TABLE: &str = "data";
/// Most distinct codes, units and sources kept to be shared between events of a file.
const SHARED_TEXTS: usize = 1 << 18;

/// Reads a file's events in file order.
///
/// # Errors
/// [`MedsError`] when the file is damaged, lacks a column or has one of a hopeless type; else what
/// `take` returns.
pub(super) fn read_file(
    path: &Path,
    report: &mut ImportReport,
    take: &mut dyn FnMut(Event) -> Result<(), MedsError>,
) -> Result<(), MedsError> {
    let mut table = ParquetTable::open(path)?;
    for column in [SUBJECT_ID, TIME, CODE] {
        if table.schema().column_with_name(column).is_none() {
            return Err(table.missing(column));
        }
    }
    let mut reading = Reading::new(&table, report);
    while let Some(batch) = table.next_batch()? {
        let columns = Columns::new(&table, &batch, &reading)?;
        let (mut kept, mut row) = (0, 0);
        let taken = (0..batch.num_rows()).try_for_each(|index| {
            row += 1;
            reading.row += 1;
            match reading.event(&columns, index) {
                Some(event) => {
                    kept += 1;
                    take(event)
                }
                None => Ok(()),
            }
        });
        let counts = reading.report.tables.entry(TABLE.to_owned()).or_default();
        counts.read += kept;
        counts.kept += kept;
        counts.events += kept;
        taken?;
    }
    Ok(())
}

/// The columns of one batch.
struct Columns {
    subject_id: Int64Array,
    time: Option<TimestampMicrosecondArray>,
    code: LargeStringArray,
    numeric_value: Option<Float64Array>,
    numeric_value_f64: Option<Float64Array>,
    text_value: Option<LargeStringArray>,
    kind: Option<LargeStringArray>,
    unit: Option<LargeStringArray>,
    encounter_id: Option<LargeStringArray>,
    seq: Option<Int64Array>,
    end_time: Option<TimestampMicrosecondArray>,
    recorded_time: Option<TimestampMicrosecondArray>,
    time_precision: Option<LargeStringArray>,
    source: Option<LargeStringArray>,
    record_id: Option<LargeStringArray>,
    extras: Vec<(Arc<str>, ExtraValues)>,
}

impl Columns {
    fn new(table: &ParquetTable, batch: &RecordBatch, reading: &Reading<'_>) -> Result<Self, MedsError> {
        // A column with the name of one of ours but another type is a further column.
        let ours = |column: &str| reading.extras.iter().all(|extra| extra.column != column);
        let own_texts = |column| if ours(column) { texts(table, batch, column) } else { Ok(None) };
        let own_times = |column| if ours(column) { times(table, batch, column) } else { Ok(None) };
        Ok(Self {
            subject_id: integers(table, batch, SUBJECT_ID)?.ok_or_else(|| table.missing(SUBJECT_ID))?,
            time: times(table, batch, TIME)?,
            code: texts(table, batch, CODE)?.ok_or_else(|| table.missing(CODE))?,
            numeric_value: numbers(table, batch, NUMERIC_VALUE)?,
            numeric_value_f64: if ours(NUMERIC_VALUE_F64) {
                numbers(table, batch, NUMERIC_VALUE_F64)?
            } else {
                None
            },
            text_value: texts(table, batch, TEXT_VALUE)?,
            kind: own_texts(KIND)?,
            unit: own_texts(UNIT)?,
            encounter_id: own_texts(ENCOUNTER_ID)?,
            seq: if ours(SEQ) { integers(table, batch, SEQ)? } else { None },
            end_time: own_times(END_TIME)?,
            recorded_time: own_times(RECORDED_TIME)?,
            time_precision: own_texts(TIME_PRECISION)?,
            source: own_texts(SOURCE)?,
            record_id: own_texts(RECORD_ID)?,
            extras: reading
                .extras
                .iter()
                .map(|extra| (Arc::clone(&extra.name), extra.values(batch.column(extra.index))))
                .collect(),
        })
    }
}

fn text(column: Option<&LargeStringArray>, index: usize) -> Option<&str> {
    column.filter(|column| column.is_valid(index)).map(|column| column.value(index))
}

fn micros(column: Option<&TimestampMicrosecondArray>, index: usize) -> Option<i64> {
    column.filter(|column| column.is_valid(index)).map(|column| column.value(index))
}

/// What is remembered from row to row.
struct Reading<'r> {
    file: String,
    report: &'r mut ImportReport,
    extras: Vec<ExtraColumn>,
    row: u64,
    codes: FxHashMap<Box<str>, Code>,
    units: FxHashMap<Box<str>, Unit>,
    sources: FxHashMap<Box<str>, Source>,
    encounter_id: Option<EncounterId>,
    last: Option<(SubjectId, Option<Timestamp>)>,
    seen: FxHashSet<SubjectId>,
}

impl<'r> Reading<'r> {
    fn new(table: &ParquetTable, report: &'r mut ImportReport) -> Self {
        let mut reading = Self {
            file: table.file().to_owned(),
            report,
            extras: Vec::new(),
            row: 0,
            codes: FxHashMap::default(),
            units: FxHashMap::default(),
            sources: FxHashMap::default(),
            encounter_id: None,
            last: None,
            seen: FxHashSet::default(),
        };
        for (index, field) in table.schema().fields().iter().enumerate() {
            let data_type = field.data_type();
            reading.note_repairs(field.name(), data_type);
            let is_null = data_type == &DataType::Null;
            let is_ours = match field.name().as_str() {
                SUBJECT_ID | TIME | CODE | NUMERIC_VALUE | TEXT_VALUE => true,
                KIND | UNIT | ENCOUNTER_ID | TIME_PRECISION | SOURCE | RECORD_ID => {
                    is_null || is_text(data_type)
                }
                END_TIME | RECORDED_TIME => is_null || is_time(data_type),
                SEQ => data_type == &DataType::UInt32,
                NUMERIC_VALUE_F64 => is_null || data_type == &DataType::Float64,
                _ => false,
            };
            if !is_ours {
                reading.extras.push(ExtraColumn::new(index, field));
                if ExtraColumn::becomes_json(data_type) {
                    let reason = format!("column {} of type {data_type} is kept as JSON text", field.name());
                    reading.note(ProblemKind::Partial, &reason);
                }
            }
        }
        reading
    }

    /// Notes types that MEDS does not allow but that can be read.
    fn note_repairs(&mut self, column: &str, data_type: &DataType) {
        let wanted: &[DataType] = match column {
            SUBJECT_ID => &[DataType::Int64],
            TIME => &[DataType::Timestamp(TimeUnit::Microsecond, None)],
            CODE => &[DataType::Utf8],
            NUMERIC_VALUE => &[DataType::Float32],
            TEXT_VALUE => &[DataType::LargeUtf8],
            _ => return,
        };
        // A dictionary is only a way to store the same values.
        if !wanted.contains(value_type(data_type)) {
            let reason = format!("column {column} has type {data_type}, read as {}", wanted[0]);
            self.note(ProblemKind::Partial, &reason);
        }
        if let DataType::Timestamp(_, Some(zone)) = data_type {
            let reason = format!("column {column} has zone {zone}; its stored clock is kept");
            self.note(ProblemKind::Date, &reason);
        }
    }

    fn note(&mut self, kind: ProblemKind, reason: &str) {
        let (file, position) = (&self.file, self.row);
        self.report.note(TABLE, kind, reason, || Location { file: file.clone(), position });
    }

    fn skip(&mut self, reason: &str) {
        let (file, position) = (&self.file, self.row);
        self.report.skip(TABLE, reason, || Location { file: file.clone(), position });
    }

    fn event(&mut self, columns: &Columns, index: usize) -> Option<Event> {
        if columns.subject_id.is_null(index) {
            self.skip("subject_id is null");
            return None;
        }
        let Some(code) = Some(&columns.code)
            .filter(|codes| codes.is_valid(index))
            .and_then(|codes| shared(&mut self.codes, codes.value(index), |text| Code::parse(text)))
        else {
            self.skip("code is null or empty");
            return None;
        };
        let subject_id = SubjectId::new(columns.subject_id.value(index));
        let Ok(time) = micros(columns.time.as_ref(), index).map(Timestamp::from_micros).transpose() else {
            self.skip("time is outside the years 1 to 9999");
            return None;
        };
        self.check_order(subject_id, time);
        let mut event = Event::new(subject_id, time, code);
        event = self.with_values(event, columns, index);
        event = self.with_open_columns(event, columns, index);
        for (name, values) in &columns.extras {
            if let Some(value) = values.get(index) {
                event = event.with_attribute(Arc::clone(name), value);
            }
        }
        Some(event)
    }

    fn check_order(&mut self, subject_id: SubjectId, time: Option<Timestamp>) {
        match self.last {
            Some((last, last_time)) if last == subject_id => {
                if time < last_time {
                    self.note(ProblemKind::Date, "rows of a subject are not in time order; put in order");
                }
            }
            _ => {
                if !self.seen.insert(subject_id) {
                    self.note(
                        ProblemKind::Partial,
                        "rows of a subject do not stand together; brought together",
                    );
                }
            }
        }
        self.last = Some((subject_id, time));
    }

    fn with_values(&mut self, mut event: Event, columns: &Columns, index: usize) -> Event {
        let number = |column: &Option<Float64Array>| {
            column.as_ref().filter(|column| column.is_valid(index)).map(|column| column.value(index))
        };
        if let Some(value) = number(&columns.numeric_value_f64).or_else(|| number(&columns.numeric_value)) {
            if value.is_finite() {
                event = event.with_numeric_value(value).expect("checked finite on the line above");
            } else {
                self.note(ProblemKind::Partial, "numeric_value is not finite; left out");
            }
        }
        if let Some(text) = text(columns.text_value.as_ref(), index) {
            event = event.with_text_value(text);
        }
        event
    }

    fn with_open_columns(&mut self, mut event: Event, columns: &Columns, index: usize) -> Event {
        if let Some(word) = text(columns.kind.as_ref(), index) {
            event = if let Ok(kind) = word.parse::<EventKind>() {
                event.with_kind(kind)
            } else {
                self.note(ProblemKind::Partial, "kind is none of ours; kept as an attribute");
                event.with_attribute(KIND, Attribute::Text(word.into()))
            };
        } else {
            let kind = implied_kind(&event);
            event = event.with_kind(kind);
        }
        if let Some(word) = text(columns.time_precision.as_ref(), index) {
            event = if let Some(precision) = precision(word) {
                event.with_time_precision(precision)
            } else {
                self.note(ProblemKind::Partial, "time_precision is none of ours; kept as an attribute");
                event.with_attribute(TIME_PRECISION, Attribute::Text(word.into()))
            };
        }
        if let Some(unit) = text(columns.unit.as_ref(), index)
            .and_then(|text| shared(&mut self.units, text, |text| Unit::new(text)))
        {
            event = event.with_unit(unit);
        }
        if let Some(source) = text(columns.source.as_ref(), index)
            .and_then(|text| shared(&mut self.sources, text, |text| Source::new(text)))
        {
            event = event.with_source(source);
        }
        if let Some(id) = text(columns.encounter_id.as_ref(), index).and_then(|text| self.encounter_id(text))
        {
            event = event.with_encounter_id(id);
        }
        if let Some(id) = text(columns.record_id.as_ref(), index).and_then(|text| RecordId::new(text).ok()) {
            event = event.with_record_id(id);
        }
        if let Some(seq) = columns.seq.as_ref().filter(|seq| seq.is_valid(index)) {
            event = event.with_seq(u32::try_from(seq.value(index)).unwrap_or_default());
        }
        if let Some(at) = self.time(columns.recorded_time.as_ref(), index, RECORDED_TIME) {
            event = event.with_recorded_time(at);
        }
        if let Some(end) = self.time(columns.end_time.as_ref(), index, END_TIME) {
            event = if event.time().is_some_and(|start| end >= start) {
                event.with_end_time(end).expect("compared on the line above")
            } else {
                self.note(ProblemKind::Date, "end_time without or before time; kept as an attribute");
                event.with_attribute(END_TIME, Attribute::Time(end))
            };
        }
        event
    }

    fn time(
        &mut self,
        column: Option<&TimestampMicrosecondArray>,
        index: usize,
        name: &str,
    ) -> Option<Timestamp> {
        let time = Timestamp::from_micros(micros(column, index)?);
        if time.is_err() {
            self.note(ProblemKind::Date, &format!("{name} is outside the years 1 to 9999; left out"));
        }
        time.ok()
    }

    /// The id, sharing its text with the row before when they are equal.
    fn encounter_id(&mut self, text: &str) -> Option<EncounterId> {
        if self.encounter_id.as_ref().is_none_or(|last| last.as_str() != text) {
            self.encounter_id = EncounterId::new(text).ok();
        }
        self.encounter_id.clone()
    }
}

fn precision(word: &str) -> Option<TimePrecision> {
    [TimePrecision::Instant, TimePrecision::Day, TimePrecision::Month, TimePrecision::Year]
        .into_iter()
        .find(|precision| precision.as_str() == word)
}

/// The value made from a text, made once per distinct text.
fn shared<T: Clone, E>(
    known: &mut FxHashMap<Box<str>, T>,
    text: &str,
    make: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    if let Some(value) = known.get(text) {
        return Some(value.clone());
    }
    let value = make(text).ok()?;
    if known.len() < SHARED_TEXTS {
        known.insert(text.into(), value.clone());
    }
    Some(value)
}

/// What the standard's own codes say of an event whose writer knew no kinds.
fn implied_kind(event: &Event) -> EventKind {
    let system = event.code().system().unwrap_or_default();
    let is_static = event.time().is_none();
    if event.code().is_birth() {
        EventKind::Birth
    } else if event.code().is_death() {
        EventKind::Death
    } else if is_static && ["GENDER", "SEX", "RACE", "ETHNICITY"].contains(&system) {
        EventKind::Demographic
    } else {
        EventKind::Unknown
    }
}
