//! The columns of a data file: MEDS's own, ours, and one per attribute.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use rustc_hash::FxHashMap;
use twinloom_event::{AttributeType, Event};

pub(crate) const SUBJECT_ID: &str = "subject_id";
pub(crate) const TIME: &str = "time";
pub(crate) const CODE: &str = "code";
pub(crate) const NUMERIC_VALUE: &str = "numeric_value";
pub(crate) const TEXT_VALUE: &str = "text_value";
pub(crate) const KIND: &str = "kind";
pub(crate) const UNIT: &str = "unit";
pub(crate) const ENCOUNTER_ID: &str = "encounter_id";
pub(crate) const SEQ: &str = "seq";
pub(crate) const END_TIME: &str = "end_time";
pub(crate) const RECORDED_TIME: &str = "recorded_time";
pub(crate) const TIME_PRECISION: &str = "time_precision";
pub(crate) const SOURCE: &str = "source";
pub(crate) const RECORD_ID: &str = "record_id";
/// Present only when a number would change on the way through 32 bits.
pub(crate) const NUMERIC_VALUE_F64: &str = "numeric_value_f64";

/// Every column name with a meaning of its own.
pub(crate) const NAMED: [&str; 15] = [
    SUBJECT_ID,
    TIME,
    CODE,
    NUMERIC_VALUE,
    TEXT_VALUE,
    KIND,
    UNIT,
    ENCOUNTER_ID,
    SEQ,
    END_TIME,
    RECORDED_TIME,
    TIME_PRECISION,
    SOURCE,
    RECORD_ID,
    NUMERIC_VALUE_F64,
];

/// Stands before an attribute whose name is already a column's.
const ATTRIBUTE_PREFIX: &str = "attribute.";
/// Field metadata that marks a column of JSON-written attributes of several types.
pub(crate) const ATTRIBUTE_KEY: &str = "twinloom:attribute";
pub(crate) const ATTRIBUTE_JSON: &str = "json";

/// The column in which an attribute is written.
fn column_of(attribute: &str) -> String {
    if NAMED.contains(&attribute) || attribute.starts_with(ATTRIBUTE_PREFIX) || attribute.is_empty() {
        format!("{ATTRIBUTE_PREFIX}{attribute}")
    } else {
        attribute.to_owned()
    }
}

/// The attribute that a further column holds; the inverse of [`column_of`].
pub(crate) fn attribute_of(column: &str) -> &str {
    match column.strip_prefix(ATTRIBUTE_PREFIX) {
        Some(name) if name.is_empty() || NAMED.contains(&name) || name.starts_with(ATTRIBUTE_PREFIX) => name,
        _ => column,
    }
}

/// How the values of one attribute are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttributeColumn {
    Integer,
    Float,
    Boolean,
    Text,
    Time,
    /// Of several types, each written as JSON that names its type.
    Mixed,
}

impl AttributeColumn {
    fn of(attribute_type: AttributeType) -> Self {
        match attribute_type {
            AttributeType::Integer => Self::Integer,
            AttributeType::Float => Self::Float,
            AttributeType::Boolean => Self::Boolean,
            AttributeType::Text => Self::Text,
            AttributeType::Time => Self::Time,
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Text | Self::Mixed => DataType::LargeUtf8,
            Self::Time => microseconds(),
        }
    }
}

/// What must be known of all events before the first row is written.
#[derive(Debug, Default)]
pub(crate) struct ColumnFacts {
    needs_f64: bool,
    attributes: FxHashMap<Arc<str>, AttributeColumn>,
}

impl ColumnFacts {
    /// Takes note of an event's columns.
    pub(crate) fn note(&mut self, event: &Event) {
        if let Some(value) = event.numeric_value() {
            self.needs_f64 |= f64::from(value as f32).to_bits() != value.to_bits();
        }
        for (name, value) in event.attributes() {
            let column = AttributeColumn::of(value.attribute_type());
            match self.attributes.get_mut(name) {
                Some(known) if *known == column => {}
                Some(known) => *known = AttributeColumn::Mixed,
                None => {
                    self.attributes.insert(Arc::clone(name), column);
                }
            }
        }
    }

    /// What is declared of events that are yet to come; their numbers may need 64 bits.
    pub(crate) fn declared(attributes: &[(&str, AttributeType)]) -> Self {
        let column = |(name, own): &(&str, AttributeType)| (Arc::from(*name), AttributeColumn::of(*own));
        Self { needs_f64: true, attributes: attributes.iter().map(column).collect() }
    }

    pub(crate) fn columns(&self) -> Columns {
        let attributes: BTreeMap<_, _> =
            self.attributes.iter().map(|(name, column)| (Arc::clone(name), *column)).collect();
        let mut fields = leading_fields();
        fields.extend([
            Field::new(SEQ, DataType::UInt32, false),
            Field::new(END_TIME, microseconds(), true),
            Field::new(RECORDED_TIME, microseconds(), true),
            Field::new(TIME_PRECISION, DataType::Utf8, false),
            Field::new(SOURCE, DataType::Utf8, true),
            Field::new(RECORD_ID, DataType::Utf8, true),
        ]);
        if self.needs_f64 {
            fields.push(Field::new(NUMERIC_VALUE_F64, DataType::Float64, true));
        }
        for (name, column) in &attributes {
            let field = Field::new(column_of(name), column.data_type(), true);
            fields.push(if *column == AttributeColumn::Mixed {
                field.with_metadata(HashMap::from([(ATTRIBUTE_KEY.to_owned(), ATTRIBUTE_JSON.to_owned())]))
            } else {
                field
            });
        }
        Columns {
            schema: Arc::new(Schema::new(fields)),
            needs_f64: self.needs_f64,
            places: attributes.keys().enumerate().map(|(place, name)| (Arc::clone(name), place)).collect(),
            attributes: attributes.into_iter().collect(),
        }
    }
}

/// The columns of every data file of one dataset.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    pub(crate) schema: SchemaRef,
    pub(crate) needs_f64: bool,
    /// Attributes and how each is written, in name order.
    pub(crate) attributes: Vec<(Arc<str>, AttributeColumn)>,
    places: FxHashMap<Arc<str>, usize>,
}

impl Columns {
    pub(crate) fn names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The place of an attribute among [`Columns::attributes`].
    pub(crate) fn place(&self, attribute: &str) -> Option<usize> {
        self.places.get(attribute).copied()
    }
}

pub(crate) fn microseconds() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, None)
}

/// The fields with which every data file begins, whoever writes it.
pub(super) fn leading_fields() -> Vec<Field> {
    vec![
        Field::new(SUBJECT_ID, DataType::Int64, false),
        Field::new(TIME, microseconds(), true),
        Field::new(CODE, DataType::Utf8, false),
        Field::new(NUMERIC_VALUE, DataType::Float32, true),
        Field::new(TEXT_VALUE, DataType::LargeUtf8, true),
        Field::new(KIND, DataType::Utf8, false),
        Field::new(UNIT, DataType::Utf8, true),
        Field::new(ENCOUNTER_ID, DataType::Utf8, true),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_columns_and_attributes_are_one_to_one(name in "(attribute\\.){0,2}(kind|code|[a-z]{0,3})") {
            let column = column_of(&name);
            prop_assert!(!NAMED.contains(&column.as_str()));
            prop_assert_eq!(attribute_of(&column), name.as_str());
        }
    }
}
