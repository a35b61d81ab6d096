//! Columns beyond those with a meaning of their own, as attributes.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, LargeStringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field};
use arrow::util::display::array_value_to_string;
use serde_json::{Map, Value};
use twinloom_event::{Attribute, Timestamp};

use super::columns::{
    as_booleans, as_integers, as_numbers, as_texts, as_times, is_text, is_time, value_type,
};
use super::schema::{ATTRIBUTE_JSON, ATTRIBUTE_KEY, attribute_of};
use crate::attribute_json::from_value;

/// One further column of a file: where it stands and what its attribute is called.
#[derive(Clone, Debug)]
pub(super) struct ExtraColumn {
    pub(super) index: usize,
    /// The column's own name.
    pub(super) column: String,
    pub(super) name: Arc<str>,
    is_mixed: bool,
}

impl ExtraColumn {
    pub(super) fn new(index: usize, field: &Field) -> Self {
        let is_mixed = field.metadata().get(ATTRIBUTE_KEY).is_some_and(|kind| kind == ATTRIBUTE_JSON);
        Self { index, column: field.name().clone(), name: attribute_of(field.name()).into(), is_mixed }
    }

    /// Whether values of this type become JSON text.
    pub(super) fn becomes_json(data_type: &DataType) -> bool {
        let plain = value_type(data_type);
        !(plain.is_integer()
            || plain.is_floating()
            || is_text(plain)
            || is_time(plain)
            || matches!(plain, DataType::Boolean | DataType::Null))
    }

    pub(super) fn values(&self, array: &ArrayRef) -> ExtraValues {
        let plain = value_type(array.data_type());
        let typed = if self.is_mixed && is_text(plain) {
            as_texts(array).map(ExtraValues::Mixed)
        } else if plain == &DataType::UInt64 {
            // Beyond 63 bits a number stays exact as text.
            None
        } else if plain.is_integer() {
            as_integers(array).map(ExtraValues::Integer)
        } else if plain.is_floating() {
            as_numbers(array).map(ExtraValues::Float)
        } else if is_text(plain) {
            as_texts(array).map(ExtraValues::Text)
        } else if is_time(plain) {
            as_times(array).map(ExtraValues::Time)
        } else if plain == &DataType::Boolean {
            as_booleans(array).map(ExtraValues::Boolean)
        } else {
            None
        };
        typed.unwrap_or_else(|| ExtraValues::Json(Arc::clone(array)))
    }
}

/// The values of one further column in one batch.
pub(super) enum ExtraValues {
    Integer(Int64Array),
    Float(Float64Array),
    Boolean(BooleanArray),
    Text(LargeStringArray),
    Time(TimestampMicrosecondArray),
    Mixed(LargeStringArray),
    Json(ArrayRef),
}

impl ExtraValues {
    /// The attribute in one row, if not null.
    pub(super) fn get(&self, row: usize) -> Option<Attribute> {
        match self {
            Self::Integer(values) => values.is_valid(row).then(|| Attribute::Integer(values.value(row))),
            Self::Float(values) => values.is_valid(row).then(|| Attribute::Float(values.value(row))),
            Self::Boolean(values) => values.is_valid(row).then(|| Attribute::Boolean(values.value(row))),
            Self::Text(values) => values.is_valid(row).then(|| Attribute::Text(values.value(row).into())),
            Self::Time(values) => values.is_valid(row).then(|| {
                let micros = values.value(row);
                Timestamp::from_micros(micros)
                    .map_or_else(|_| Attribute::Text(micros.to_string().into()), Attribute::Time)
            }),
            Self::Mixed(values) => values.is_valid(row).then(|| {
                let text = values.value(row);
                let value = serde_json::from_str(text).ok();
                value.as_ref().and_then(from_value).unwrap_or_else(|| Attribute::Text(text.into()))
            }),
            Self::Json(values) => match to_json(values, row) {
                Value::Null => None,
                Value::Number(number) => Some(
                    number
                        .as_i64()
                        .map_or_else(|| Attribute::Text(number.to_string().into()), Attribute::Integer),
                ),
                Value::String(text) => Some(Attribute::Text(text.into())),
                nested => Some(Attribute::Text(nested.to_string().into())),
            },
        }
    }
}

/// A value of any type as JSON: numbers, texts, lists and structures as such, all others as the text
/// that names them.
fn to_json(array: &dyn Array, row: usize) -> Value {
    // An array of type null has no bitmap that says so.
    if array.is_null(row) || array.data_type() == &DataType::Null {
        return Value::Null;
    }
    let items = |list: ArrayRef| Value::Array((0..list.len()).map(|place| to_json(&list, place)).collect());
    match array.data_type() {
        DataType::List(_) => items(array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => items(array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(_, _) => items(array.as_fixed_size_list().value(row)),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let entries = fields
                .iter()
                .zip(columns)
                .map(|(field, column)| (field.name().clone(), to_json(column, row)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        DataType::Binary => Value::String(hex(array.as_binary::<i32>().value(row))),
        DataType::LargeBinary => Value::String(hex(array.as_binary::<i64>().value(row))),
        DataType::FixedSizeBinary(_) => Value::String(hex(array.as_fixed_size_binary().value(row))),
        other => {
            let text = array_value_to_string(array, row).unwrap_or_default();
            match value_type(other) {
                DataType::Boolean => Value::Bool(text == "true"),
                plain if plain.is_integer() || plain.is_floating() => {
                    serde_json::from_str(&text).unwrap_or(Value::String(text))
                }
                _ => Value::String(text),
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
