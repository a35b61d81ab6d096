//! The Hypergraph Interchange Format.

use serde_json::{Map, Value};

use crate::incidence::{Direction, Hypergraph, HypergraphBuilder, HypergraphError, Id, Item, NetworkType};

/// Whole numbers to this size are exact in JSON numbers that are written with a point.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a hypergraph in the Hypergraph Interchange Format.
///
/// Nodes and hyperedges are numbered as `nodes` and `edges` list them, and then as `incidences` name
/// them. Hyperedges that are listed but have no incidence are empty and kept, as the standard says.
/// Metadata, attributes and further fields of a record are kept as they stand.
///
/// # Source
/// The format's JSON schema, version 0.1.0; Coll et al., "HIF: The hypergraph interchange format for
/// higher-order networks", Network Science 13, e21, 2025, doi:10.1017/nws.2025.10018.
///
/// # Errors
/// [`HifError`] with the place, the value found and what is permitted. Stricter than the schema in two
/// ways: an incidence of a directed network must say its direction, and the weight of a hyperedge must not
/// be negative.
///
/// # Limits
/// The document is held in memory. Names that are numbers must fit 64 bits.
pub fn read_hif(bytes: &[u8]) -> Result<Hypergraph, HifError> {
    let document: Value = serde_json::from_slice(bytes).map_err(|error| HifError::Json {
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    })?;
    let Value::Object(mut document) = document else {
        return Err(wrong(String::new(), &document, "an object"));
    };
    if let Some(field) = document.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(HifError::UnknownField { field: field.clone() });
    }
    let network = match document.get("network-type") {
        None => NetworkType::default(),
        Some(Value::String(word)) if word == "undirected" => NetworkType::Undirected,
        Some(Value::String(word)) if word == "directed" => NetworkType::Directed,
        Some(Value::String(word)) if word == "asc" => NetworkType::Asc,
        Some(other) => {
            return Err(wrong("/network-type".into(), other, "\"undirected\", \"directed\" or \"asc\""));
        }
    };
    let mut builder = Hypergraph::builder(network);
    match document.remove("metadata") {
        None => {}
        Some(Value::Object(metadata)) => builder.metadata(metadata),
        Some(other) => return Err(wrong("/metadata".into(), &other, "an object")),
    }
    for (list, name) in [("nodes", "node"), ("edges", "edge")] {
        for (index, value) in records(&mut document, list)?.into_iter().enumerate() {
            read_item(&mut builder, value, &format!("/{list}/{index}"), name)?;
        }
    }
    if !document.contains_key("incidences") {
        return Err(HifError::Missing { path: String::new(), field: "incidences" });
    }
    for (index, value) in records(&mut document, "incidences")?.into_iter().enumerate() {
        read_incidence(&mut builder, value, &format!("/incidences/{index}"), network)?;
    }
    Ok(builder.build())
}

const FIELDS: [&str; 5] = ["network-type", "metadata", "incidences", "nodes", "edges"];

fn records(document: &mut Map<String, Value>, list: &'static str) -> Result<Vec<Value>, HifError> {
    match document.remove(list) {
        None => Ok(Vec::new()),
        Some(Value::Array(records)) => Ok(records),
        Some(other) => Err(wrong(format!("/{list}"), &other, "an array")),
    }
}

fn read_item(
    builder: &mut HypergraphBuilder,
    value: Value,
    path: &str,
    name: &'static str,
) -> Result<(), HifError> {
    let mut record = object(value, path)?;
    let id = take_id(&mut record, path, name)?;
    let is_edge = name == "edge";
    let weight = take_weight(&mut record, path, is_edge)?;
    check_attributes(&record, path)?;
    let item: Option<&mut Item> = if is_edge {
        let number = builder.edge(id)?;
        builder.edge_mut(number)
    } else {
        let number = builder.node(id)?;
        builder.node_mut(number)
    };
    let item = item.expect("the number was given out on the line above");
    item.weight = weight.or(item.weight);
    if !record.is_empty() {
        item.rest.get_or_insert_default().extend(record);
    }
    Ok(())
}

fn read_incidence(
    builder: &mut HypergraphBuilder,
    value: Value,
    path: &str,
    network: NetworkType,
) -> Result<(), HifError> {
    let mut record = object(value, path)?;
    let edge = take_id(&mut record, path, "edge")?;
    let node = take_id(&mut record, path, "node")?;
    let weight = take_weight(&mut record, path, false)?;
    check_attributes(&record, path)?;
    let direction = match record.shift_remove("direction") {
        None if network == NetworkType::Directed => {
            return Err(HifError::Missing { path: path.into(), field: "direction" });
        }
        None => None,
        Some(Value::String(word)) if word == "head" => Some(Direction::Head),
        Some(Value::String(word)) if word == "tail" => Some(Direction::Tail),
        Some(other) => return Err(wrong(format!("{path}/direction"), &other, "\"head\" or \"tail\"")),
    };
    let (edge, node) = (builder.edge(edge)?, builder.node(node)?);
    let rest = (!record.is_empty()).then(|| Box::new(record));
    Ok(builder.incidence(edge, node, direction, weight, rest)?)
}

fn object(value: Value, path: &str) -> Result<Map<String, Value>, HifError> {
    match value {
        Value::Object(record) => Ok(record),
        other => Err(wrong(path.into(), &other, "an object")),
    }
}

fn take_id(record: &mut Map<String, Value>, path: &str, field: &'static str) -> Result<Id, HifError> {
    let permitted = "text or a whole number of 64 bits";
    match record.shift_remove(field) {
        None => Err(HifError::Missing { path: path.into(), field }),
        Some(Value::String(text)) => Ok(Id::Text(text.into())),
        Some(Value::Number(number)) => {
            let whole = |value: &f64| value.fract() == 0.0 && value.abs() <= EXACT;
            number
                .as_i64()
                .or_else(|| number.as_f64().filter(whole).map(|value| value as i64))
                .map(Id::Integer)
                .ok_or_else(|| wrong(format!("{path}/{field}"), &Value::Number(number), permitted))
        }
        Some(other) => Err(wrong(format!("{path}/{field}"), &other, permitted)),
    }
}

fn take_weight(record: &mut Map<String, Value>, path: &str, of_edge: bool) -> Result<Option<f64>, HifError> {
    let permitted = if of_edge { "a finite number, 0 or more" } else { "a finite number" };
    match record.shift_remove("weight") {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            Some(weight) if weight.is_finite() && (weight >= 0.0 || !of_edge) => Ok(Some(weight)),
            _ => Err(wrong(format!("{path}/weight"), &value, permitted)),
        },
    }
}

fn check_attributes(record: &Map<String, Value>, path: &str) -> Result<(), HifError> {
    match record.get("attrs") {
        None | Some(Value::Object(_)) => Ok(()),
        Some(other) => Err(wrong(format!("{path}/attrs"), other, "an object")),
    }
}

fn wrong(path: String, found: &Value, permitted: &'static str) -> HifError {
    const SHOWN: usize = 60;
    let mut text = match found {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        plain => plain.to_string(),
    };
    if let Some((end, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    HifError::Value { path, found: text, permitted }
}

/// Why a document is not in the Hypergraph Interchange Format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HifError {
    /// Not JSON.
    #[error("no JSON at line {line}, column {column}: {reason}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// A value outside what is permitted.
    #[error("{path} is {found}; permitted: {permitted}")]
    Value {
        /// The place as a JSON pointer; empty for the document.
        path: String,
        /// What stands there.
        found: String,
        /// What may stand there.
        permitted: &'static str,
    },
    /// A required field is absent.
    #[error("{path}/{field} is missing; permitted: any document with it")]
    Missing {
        /// The place as a JSON pointer; empty for the document.
        path: String,
        /// The field.
        field: &'static str,
    },
    /// A field that the format doesn't have.
    #[error("the document has a field {field:?}; permitted: {}", FIELDS.join(", "))]
    UnknownField {
        /// The field.
        field: String,
    },
    /// Too large.
    #[error(transparent)]
    Hypergraph(#[from] HypergraphError),
}
