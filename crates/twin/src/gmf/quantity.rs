//! Durations and values in modules: `exact`, `range` or `distribution`.

use super::PathwayError;
use super::condition::{read_days, unit_days};
use super::names::Names;
use super::node::Node;
use crate::distribution::Distribution;

/// A duration in days: `exact`, `range` or `distribution` with its unit.
pub(super) fn read_duration(node: &Node<'_>, names: &Names) -> Result<Option<Distribution>, PathwayError> {
    if let Some(exact) = node.get("exact") {
        return Ok(Some(Distribution::Exact { value: read_days(&exact, names)? }));
    }
    if let Some(range) = node.get("range") {
        return read_range(&range, names);
    }
    read_distribution_of(node)
}

/// `low` and `high`, stretched alike where `middle_from` names a parameter that gives their middle.
pub(super) fn read_range(range: &Node<'_>, names: &Names) -> Result<Option<Distribution>, PathwayError> {
    let unit = match range.get("unit") {
        Some(unit) => unit_days(&unit)?,
        None => 1.0,
    };
    let (low, high) = (range.need("low")?.number()?, range.need("high")?.number()?);
    let stretch = match names.number_or_parameter(range, "middle")? {
        Some(middle) if low + high > 0.0 => 2.0 * middle / (low + high),
        _ => 1.0,
    };
    let (low, high) = (low * unit * stretch, high * unit * stretch);
    Ok(Some(Distribution::Uniform { low, high }))
}

/// `distribution` in the state's `unit`, as days.
pub(super) fn read_distribution_of(node: &Node<'_>) -> Result<Option<Distribution>, PathwayError> {
    let Some(distribution) = node.get("distribution") else { return Ok(None) };
    let unit = match node.get("unit") {
        Some(unit) => unit_days(&unit)?,
        None => 1.0,
    };
    Ok(Some(match read_distribution(&distribution)? {
        Distribution::Exact { value } => Distribution::Exact { value: value * unit },
        Distribution::Uniform { low, high } => Distribution::Uniform { low: low * unit, high: high * unit },
        Distribution::Gaussian { mean, standard_deviation, min, max } => Distribution::Gaussian {
            mean: mean * unit,
            standard_deviation: standard_deviation * unit,
            min: min.map(|bound| bound * unit),
            max: max.map(|bound| bound * unit),
        },
        Distribution::Exponential { mean } => Distribution::Exponential { mean: mean * unit },
        Distribution::Triangular { min, mode, max } => {
            Distribution::Triangular { min: min * unit, mode: mode * unit, max: max * unit }
        }
    }))
}

/// A value: `exact`, `range` or `distribution` without a unit of time.
pub(super) fn read_value(node: &Node<'_>) -> Result<Option<Distribution>, PathwayError> {
    if let Some(exact) = node.get("exact") {
        return Ok(Some(Distribution::Exact { value: exact.need("quantity")?.number()? }));
    }
    if let Some(range) = node.get("range") {
        let (low, high) = (range.need("low")?.number()?, range.need("high")?.number()?);
        return Ok(Some(Distribution::Uniform { low, high }));
    }
    node.get("distribution").map(|distribution| read_distribution(&distribution)).transpose()
}

/// `{"kind", "parameters"}`.
pub(super) fn read_distribution(node: &Node<'_>) -> Result<Distribution, PathwayError> {
    let (kind, parameters) = (node.need("kind")?, node.need("parameters")?);
    let number = |name: &str| parameters.need(name)?.number();
    let distribution = match kind.text()? {
        "EXACT" => Distribution::Exact { value: number("value")? },
        "UNIFORM" => Distribution::Uniform { low: number("low")?, high: number("high")? },
        "GAUSSIAN" => Distribution::Gaussian {
            mean: number("mean")?,
            standard_deviation: number("standardDeviation")?,
            min: parameters.number_of("min")?,
            max: parameters.number_of("max")?,
        },
        "EXPONENTIAL" => Distribution::Exponential { mean: number("mean")? },
        "TRIANGULAR" => {
            Distribution::Triangular { min: number("min")?, mode: number("mode")?, max: number("max")? }
        }
        other => {
            return Err(kind.error(format!(
                "distribution {other:?} is unknown; permitted: EXACT, UNIFORM, GAUSSIAN, EXPONENTIAL, TRIANGULAR"
            )));
        }
    };
    let in_order = match distribution {
        Distribution::Uniform { low, high } => low <= high,
        Distribution::Gaussian { standard_deviation, min, max, .. } => {
            standard_deviation >= 0.0 && min.unwrap_or(f64::MIN) <= max.unwrap_or(f64::MAX)
        }
        Distribution::Exponential { mean } => mean >= 0.0,
        Distribution::Triangular { min, mode, max } => min <= mode && mode <= max,
        Distribution::Exact { .. } => true,
    };
    if in_order {
        Ok(distribution)
    } else {
        Err(node.error("parameters contradict each other; permitted: bounds in order, spreads of 0 or more"))
    }
}
