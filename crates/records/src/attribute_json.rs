//! Attributes as JSON that names each value's type and loses no digit.

use serde_json::{Map, Value, json};
use twinloom_event::{Attribute, Attributes, Timestamp};

use crate::spill::AttributeView;

/// `{"integer": 5}`; a float is written as text, since JSON readers round it.
pub(crate) fn to_value(value: AttributeView<'_>) -> Value {
    match value {
        AttributeView::Integer(value) => json!({ "integer": value }),
        AttributeView::Float(value) => json!({ "float": value.to_string() }),
        AttributeView::Boolean(value) => json!({ "boolean": value }),
        AttributeView::Text(value) => json!({ "text": value }),
        AttributeView::Time(micros) => json!({ "time": micros }),
    }
}

/// The inverse of [`to_value`].
pub(crate) fn from_value(value: &Value) -> Option<Attribute> {
    let (kind, value) = value.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "integer" => Attribute::Integer(value.as_i64()?),
        "float" => Attribute::Float(value.as_str()?.parse().ok()?),
        "boolean" => Attribute::Boolean(value.as_bool()?),
        "text" => Attribute::Text(value.as_str()?.into()),
        "time" => Attribute::Time(Timestamp::from_micros(value.as_i64()?).ok()?),
        _ => return None,
    })
}

/// All attributes as one JSON object.
pub(crate) fn attributes_to_json(attributes: &Attributes) -> String {
    let entries =
        attributes.iter().map(|(name, value)| (name.to_string(), to_value(AttributeView::of(value))));
    Value::Object(entries.collect::<Map<_, _>>()).to_string()
}

/// The inverse of [`attributes_to_json`].
pub(crate) fn attributes_from_json(text: &str) -> Option<Attributes> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.as_object()?.iter().map(|(name, value)| Some((name.as_str().into(), from_value(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_attributes_round_trip() {
        let attributes = Attributes::from([
            ("a".into(), Attribute::Float(-4.059_196_569_139_661_7e298)),
            ("b".into(), Attribute::Float(f64::NEG_INFINITY)),
            ("c".into(), Attribute::Integer(i64::MIN)),
            ("d".into(), Attribute::Text("{\"é\"}".into())),
            ("e".into(), Attribute::Time(Timestamp::from_micros(-1).unwrap())),
            ("f".into(), Attribute::Boolean(false)),
        ]);
        assert_eq!(attributes_from_json(&attributes_to_json(&attributes)), Some(attributes));
    }
}
