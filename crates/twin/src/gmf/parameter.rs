//! A number of a module that a scenario may set.

use serde_json::Value as Json;

use super::PathwayError;
use super::node::Node;

/// A number of a module that a scenario may set: its value as shipped and what is permitted.
///
/// # Units
/// Those of `unit`, in words; `value`, `least` and `greatest` share them.
#[derive(Clone, Debug, PartialEq)]
pub struct PathwayParameter {
    /// `module.parameter`.
    pub name: String,
    /// The value as shipped.
    pub value: f64,
    /// The least value permitted; unsaid, none.
    pub least: f64,
    /// The greatest value permitted; unsaid, none.
    pub greatest: f64,
    /// The unit, in words; empty where a module does not say.
    pub unit: String,
}

impl PathwayParameter {
    /// The parameters of a module.
    pub(super) fn read_all(file: &str, json: &Json) -> Result<Vec<Self>, PathwayError> {
        Self::read_list(&Node::new(file, "", json))
    }

    pub(super) fn read_list(module: &Node<'_>) -> Result<Vec<Self>, PathwayError> {
        let Some(list) = module.get("parameters") else { return Ok(Vec::new()) };
        let name = module.need("name")?.text()?;
        let map = list
            .json()
            .as_object()
            .ok_or_else(|| list.error("permitted: an object of parameters by name"))?;
        map.keys().map(|parameter| Self::read(&list.need(parameter)?, name, parameter)).collect()
    }

    fn read(node: &Node<'_>, module: &str, parameter: &str) -> Result<Self, PathwayError> {
        let own = Self {
            name: format!("{module}.{parameter}"),
            value: node.need("value")?.number()?,
            least: node.number_of("least")?.unwrap_or(f64::NEG_INFINITY),
            greatest: node.number_of("greatest")?.unwrap_or(f64::INFINITY),
            unit: node.text_of("unit")?.unwrap_or_default().to_owned(),
        };
        if own.permits(own.value) {
            Ok(own)
        } else {
            Err(node.error(format!("value is {}; permitted: {}", own.value, own.range())))
        }
    }

    /// Whether a scenario may set it to this value.
    pub fn permits(&self, value: f64) -> bool {
        value.is_finite() && (self.least..=self.greatest).contains(&value)
    }

    /// What is permitted, in words.
    pub fn range(&self) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        match (self.least.is_finite(), self.greatest.is_finite()) {
            (true, true) => format!("{} to {}{unit}", self.least, self.greatest),
            (true, false) => format!("{}{unit} or more", self.least),
            (false, true) => format!("{}{unit} or less", self.greatest),
            (false, false) => "a finite number".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameter: &str) -> Result<Vec<PathwayParameter>, PathwayError> {
        let module = format!(r#"{{"name": "m", "parameters": {{"p": {parameter}}}}}"#);
        PathwayParameter::read_all("m.json", &serde_json::from_str(&module).expect("it is JSON"))
    }

    #[test]
    fn regress_bounds_are_inclusive_and_hold_for_the_value_shipped() {
        let own = &read(r#"{"value": 10, "least": 0, "greatest": 100, "unit": "%"}"#).unwrap()[0];
        assert!(own.permits(0.0) && own.permits(100.0));
        assert!(!own.permits(-1e-9) && !own.permits(-1e9) && !own.permits(f64::NAN));
        assert_eq!(own.range(), "0 to 100 %");
        let error = read(r#"{"value": 10, "least": 11}"#).unwrap_err().to_string();
        assert!(error.contains("parameters.p: value is 10; permitted: 11 or more"), "{error}");
    }
}
