//! The database's values as JSON.

use grafeo::Value;
use serde_json::{Map, Value as Json};
use twinloom_event::Timestamp;

/// Times become ISO 8601 texts of the local clock, without a zone; numbers JSON can't hold become null.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int64(number) => Json::from(*number),
        Value::Float64(number) => Json::from(*number),
        Value::String(text) => Json::from(text.as_str()),
        Value::Timestamp(time) => Timestamp::from_micros(time.as_micros())
            .map_or_else(|_| Json::from(time.to_string()), |time| Json::from(time.to_string())),
        Value::List(values) => values.iter().map(json).collect(),
        Value::Map(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.as_str().to_owned(), json(value))).collect())
        }
        Value::Vector(numbers) => numbers.iter().map(|number| Json::from(*number)).collect(),
        Value::Path { nodes, edges } => {
            let mut path = Map::new();
            path.insert("nodes".to_owned(), nodes.iter().map(json).collect());
            path.insert("edges".to_owned(), edges.iter().map(json).collect());
            Json::Object(path)
        }
        other => Json::from(other.to_string()),
    }
}
