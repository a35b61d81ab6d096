//! Weights of conditions and of sets of them, given from outside.

use std::io::Read;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord, Trim};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::Node;

/// Reads weights: CSV with a header and two columns, conditions (several of them with `;` between) and
/// weight. Sets have their members in ascending order.
///
/// # Errors
/// [`WeightsError`], with the line.
pub fn read_weights(file: impl Read, names: &[Arc<str>]) -> Result<Vec<(Vec<Node>, f64)>, WeightsError> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(file);
    let places: FxHashMap<&str, Node> =
        names.iter().enumerate().map(|(place, name)| (&**name, place as Node)).collect();
    let mut known: FxHashSet<Vec<Node>> = FxHashSet::default();
    let mut weights: Vec<(Vec<Node>, f64)> = Vec::new();
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).map_err(|error| WeightsError::Csv { reason: error.to_string() })? {
        let line = row.position().map_or(0, csv::Position::line);
        let (Some(conditions), Some(weight)) = (row.get(0), row.get(1)) else {
            return Err(WeightsError::Columns { line, found: row.len() });
        };
        let mut members = Vec::new();
        for name in conditions.split(';').map(str::trim) {
            let node = places.get(name).copied();
            members.push(node.ok_or_else(|| WeightsError::Unknown { line, name: name.to_owned() })?);
        }
        members.sort_unstable();
        members.dedup();
        let value = weight.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
        let value = value.ok_or_else(|| WeightsError::NotAWeight { line, found: weight.to_owned() })?;
        if !known.insert(members.clone()) {
            return Err(WeightsError::Repeated { line });
        }
        weights.push((members, value));
    }
    Ok(weights)
}

/// Why weights can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// Not CSV, or unreadable.
    #[error("the weights can't be read as CSV: {reason}")]
    Csv {
        /// Why.
        reason: String,
    },
    /// A row is too short.
    #[error("line {line} of the weights has {found} columns; permitted: conditions and a weight")]
    Columns {
        /// The line, from 1.
        line: u64,
        /// The columns there are.
        found: usize,
    },
    /// A condition is unknown.
    #[error("line {line} of the weights names {name}; permitted: the conditions of the people")]
    Unknown {
        /// The line, from 1.
        line: u64,
        /// The name.
        name: String,
    },
    /// A weight is not one.
    #[error("line {line} of the weights has the weight {found}; permitted: a finite number of at least 0")]
    NotAWeight {
        /// The line, from 1.
        line: u64,
        /// What was found.
        found: String,
    },
    /// A set is weighed twice.
    #[error("line {line} of the weights is of conditions that an earlier line weighs; permitted: once")]
    Repeated {
        /// The line, from 1.
        line: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_weights_are_of_sets_and_finite() {
        let names: Vec<Arc<str>> = ["a", "b", "c"].map(Arc::from).to_vec();
        let read = |text: &str| read_weights(text.as_bytes(), &names);
        assert_eq!(read("conditions,weight\nc; a,0.5\nb,2\n"), Ok(vec![(vec![0, 2], 0.5), (vec![1], 2.0)]));
        for wrong in ["a,b\nd,1\n", "a,b\na,-1\n", "a,b\na,inf\n", "a,b\na;b,1\nb;a,1\n", "a\na\n"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
