//! Replacing some settings by others.

use toml::{Table, Value};

use super::{SupplyError, SupplyParameters};

/// The key by which a number is multiplied instead of replaced.
const RATIO: &str = "ratio";

/// Puts `overrides` over `base`.
pub(super) fn apply(
    base: &SupplyParameters,
    overrides: &Table,
    file: &str,
) -> Result<SupplyParameters, SupplyError> {
    let read =
        |reason: String| SupplyError::Read { file: file.to_owned(), reason: reason.trim_end().to_owned() };
    let mut merged = Table::try_from(base).map_err(|source| read(source.to_string()))?;
    merge(&mut merged, overrides, "", file)?;
    merged.try_into().map_err(|source: toml::de::Error| read(source.to_string()))
}

fn merge(into: &mut Table, overrides: &Table, path: &str, file: &str) -> Result<(), SupplyError> {
    for (key, value) in overrides {
        let field = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let known: Vec<&str> = into.keys().map(String::as_str).collect();
        let permitted = known.join(", ");
        let Some(old) = into.get_mut(key) else {
            return Err(SupplyError::Unknown { file: file.to_owned(), field, permitted });
        };
        match (old, value) {
            (Value::Table(old), Value::Table(new)) => merge(old, new, &field, file)?,
            (old, Value::Table(new)) => *old = scaled(old, new, &field, file)?,
            // Whole numbers are welcome where the setting is a fraction.
            (old @ Value::Float(_), Value::Integer(new)) => *old = Value::Float(*new as f64),
            (old, new) => *old = new.clone(),
        }
    }
    Ok(())
}

/// A number, or each number of a list, times `{ ratio = ... }`.
fn scaled(old: &Value, new: &Table, field: &str, file: &str) -> Result<Value, SupplyError> {
    let shape = |found: String| SupplyError::Shape {
        file: file.to_owned(),
        field: field.to_owned(),
        found,
        permitted: "a value of the setting's type or { ratio = number }",
    };
    let ratio = match new.get(RATIO) {
        Some(Value::Float(ratio)) if new.len() == 1 => *ratio,
        Some(Value::Integer(ratio)) if new.len() == 1 => *ratio as f64,
        _ => return Err(shape(format!("a table of {:?}", new.keys().collect::<Vec<_>>()))),
    };
    match old {
        Value::Float(number) => Ok(Value::Float(number * ratio)),
        Value::Integer(number) => Ok(Value::Integer((*number as f64 * ratio).round() as i64)),
        Value::Array(numbers) => numbers
            .iter()
            .map(|number| scaled(number, new, field, file))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        other => Err(shape(format!("a ratio for a {}", other.type_str()))),
    }
}
