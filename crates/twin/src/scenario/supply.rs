//! Changes of the supply file: numbers set anew or multiplied, by their dotted path.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::error::{NEAREST_SHOWN, ScenarioError};
use crate::nearest::nearest;

/// Changes of the supply, applied to the TOML before it is read.
///
/// Keys are paths into the supply file, written dotted in quotes (`"beds.medical" = 30`) or as nested
/// tables. `ratio` multiplies what stands there (a whole number stays whole, rounded to the nearest; each
/// number of a list is multiplied); `set` replaces it by a value of the same sort.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyChanges {
    /// Path to the ratio by which the number there is multiplied.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub ratio: Table,
    /// Path to the value that replaces the one there.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub set: Table,
}

impl SupplyChanges {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.ratio.is_empty() && self.set.is_empty()
    }

    /// Says whether every number is finite and not negative.
    pub(super) fn check(&self, file: &str) -> Result<(), ScenarioError> {
        for (section, changes) in [("supply.ratio", &self.ratio), ("supply.set", &self.set)] {
            for (path, value) in flattened(changes) {
                let field = format!("{section}.{path}");
                if section == "supply.ratio" && number(value).is_none() {
                    let found = sort_of(value);
                    return Err(ScenarioError::Sort {
                        file: file.to_owned(),
                        field,
                        found,
                        permitted: "a number",
                    });
                }
                not_negative(file, &field, value)?;
            }
        }
        Ok(())
    }

    /// The supply file with the changes made.
    pub(super) fn apply(&self, file: &str, base: &Table) -> Result<Table, ScenarioError> {
        let mut changed = base.clone();
        for (path, value) in flattened(&self.ratio) {
            let field = format!("supply.ratio.{path}");
            let ratio = number(value).unwrap_or(1.0);
            let place = place(file, &field, &path, base, &mut changed)?;
            multiply(file, &field, place, ratio)?;
        }
        for (path, value) in flattened(&self.set) {
            let field = format!("supply.set.{path}");
            let place = place(file, &field, &path, base, &mut changed)?;
            *place = match (&*place, value) {
                (Value::Float(_), Value::Integer(whole)) => Value::Float(*whole as f64),
                (Value::Integer(_), Value::Float(given)) if given.fract() == 0.0 => {
                    Value::Integer(*given as i64)
                }
                (old, new) if std::mem::discriminant(old) == std::mem::discriminant(new) => new.clone(),
                (old, new) => {
                    return Err(ScenarioError::Sort {
                        file: file.to_owned(),
                        field,
                        found: sort_of(new),
                        permitted: sort_of(old),
                    });
                }
            };
        }
        Ok(changed)
    }
}

/// The leaves of a table with their dotted paths, in key order.
fn flattened(table: &Table) -> Vec<(String, &Value)> {
    fn descend<'t>(prefix: &str, table: &'t Table, leaves: &mut Vec<(String, &'t Value)>) {
        for (key, value) in table {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value {
                Value::Table(inner) => descend(&path, inner, leaves),
                leaf => leaves.push((path, leaf)),
            }
        }
    }
    let mut leaves = Vec::new();
    descend("", table, &mut leaves);
    leaves
}

fn place<'t>(
    file: &str,
    field: &str,
    path: &str,
    base: &Table,
    table: &'t mut Table,
) -> Result<&'t mut Value, ScenarioError> {
    let unknown = || {
        let leaves = flattened(base);
        ScenarioError::Unknown {
            file: file.to_owned(),
            field: field.to_owned(),
            sort: "number of the supply file",
            permitted: nearest(path, leaves.iter().map(|(path, _)| path.as_str()), NEAREST_SHOWN),
        }
    };
    let mut parts = path.split('.');
    let first = parts.next().unwrap_or_default();
    let mut value = table.get_mut(first).ok_or_else(unknown)?;
    for part in parts {
        value = match value {
            Value::Table(inner) => inner.get_mut(part).ok_or_else(unknown)?,
            _ => return Err(unknown()),
        };
    }
    if value.is_table() { Err(unknown()) } else { Ok(value) }
}

fn multiply(file: &str, field: &str, value: &mut Value, ratio: f64) -> Result<(), ScenarioError> {
    match value {
        Value::Integer(whole) => *whole = (*whole as f64 * ratio).round() as i64,
        Value::Float(number) => *number *= ratio,
        Value::Array(values) => {
            for inner in values {
                multiply(file, field, inner, ratio)?;
            }
        }
        other => {
            return Err(ScenarioError::Sort {
                file: file.to_owned(),
                field: field.to_owned(),
                found: sort_of(other),
                permitted: "a ratio of a number or a list of numbers",
            });
        }
    }
    Ok(())
}

fn not_negative(file: &str, field: &str, value: &Value) -> Result<(), ScenarioError> {
    if let Value::Array(values) = value {
        return values.iter().try_for_each(|inner| not_negative(file, field, inner));
    }
    match number(value) {
        Some(number) if !(number.is_finite() && number >= 0.0) => Err(ScenarioError::Range {
            file: file.to_owned(),
            field: field.to_owned(),
            value: number.to_string(),
            permitted: "0 or more".into(),
        }),
        _ => Ok(()),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(whole) => Some(*whole as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

fn sort_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date or time",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}
