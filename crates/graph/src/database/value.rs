//! The database's values as JSON.

use std::cmp::Ordering;

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

/// Orders rows value by value: null, then truths, numbers, texts, lists, objects.
pub(super) fn compare_rows(one: &[Json], other: &[Json]) -> Ordering {
    one.iter()
        .zip(other)
        .map(|(one, other)| compare(one, other))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| one.len().cmp(&other.len()))
}

fn compare(one: &Json, other: &Json) -> Ordering {
    match (one, other) {
        (Json::Bool(one), Json::Bool(other)) => one.cmp(other),
        (Json::Number(first), Json::Number(second)) => match (first.as_i64(), second.as_i64()) {
            (Some(first), Some(second)) => first.cmp(&second),
            _ => first.as_f64().unwrap_or_default().total_cmp(&second.as_f64().unwrap_or_default()),
        },
        (Json::String(one), Json::String(other)) => one.cmp(other),
        (Json::Array(one), Json::Array(other)) => compare_rows(one, other),
        (Json::Object(_), Json::Object(_)) => one.to_string().cmp(&other.to_string()),
        _ => rank(one).cmp(&rank(other)),
    }
}

fn rank(value: &Json) -> u8 {
    match value {
        Json::Null => 0,
        Json::Bool(_) => 1,
        Json::Number(_) => 2,
        Json::String(_) => 3,
        Json::Array(_) => 4,
        Json::Object(_) => 5,
    }
}
