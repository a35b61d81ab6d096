//! What a unit of each service costs in money and in carbon.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Cost and carbon of each service, from `data/unit_costs.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitCosts {
    /// Year of the prices.
    pub price_year: String,
    /// By service.
    pub service: BTreeMap<String, UnitCost>,
}

/// Cost and carbon of one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitCost {
    /// What one unit is.
    pub unit: String,
    /// Pounds sterling.
    pub pounds: f64,
    /// Kilograms of carbon dioxide equivalent.
    pub kilograms_co2e: f64,
    /// Where the numbers are from.
    pub source: String,
}

/// The services that must have a cost.
const SERVICES: [&str; 12] = [
    "general_practitioner",
    "nurse",
    "telephone",
    "home_visit",
    "out_of_hours",
    "emergency",
    "outpatient",
    "bed_day",
    "day_case",
    "imaging",
    "laboratory",
    "medication_item",
];

impl UnitCosts {
    /// The file that ships with the crate.
    pub fn embedded() -> Self {
        Self::parse(include_str!("../../data/unit_costs.toml"))
            .expect("the embedded file is checked by a test")
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// [`UnitCostsError`] for text that is no such file, a service without cost, or a number below 0.
    pub fn parse(text: &str) -> Result<Self, UnitCostsError> {
        let costs: Self =
            toml::from_str(text).map_err(|error| UnitCostsError::Syntax(error.message().to_owned()))?;
        for service in SERVICES {
            let Some(cost) = costs.service.get(service) else {
                return Err(UnitCostsError::Missing { service });
            };
            for value in [cost.pounds, cost.kilograms_co2e] {
                if !(value.is_finite() && value >= 0.0) {
                    return Err(UnitCostsError::Range { service, value: value.to_string() });
                }
            }
        }
        Ok(costs)
    }

    /// Pounds and kilograms of one unit of a service; nothing for one without a cost.
    pub fn of(&self, service: &str) -> (f64, f64) {
        self.service.get(service).map_or((0.0, 0.0), |cost| (cost.pounds, cost.kilograms_co2e))
    }
}

/// Why a file of unit costs can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitCostsError {
    /// Not such a file.
    #[error("unit costs: {0}")]
    Syntax(String),
    /// A service has no cost.
    #[error("unit costs: service.{service} is missing")]
    Missing {
        /// Which.
        service: &'static str,
    },
    /// A number is out of range.
    #[error("unit costs: service.{service} holds {value}; permitted: 0 or more")]
    Range {
        /// Which.
        service: &'static str,
        /// The number.
        value: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_the_embedded_file_is_whole_and_faults_are_named() {
        let costs = UnitCosts::embedded();
        assert!(costs.service.values().all(|cost| !cost.source.is_empty()));
        assert_eq!(costs.of("no_such_service"), (0.0, 0.0));
        let negative = toml::to_string(&costs).unwrap().replacen("pounds = ", "pounds = -", 1);
        assert!(matches!(UnitCosts::parse(&negative), Err(UnitCostsError::Range { .. })));
        assert!(matches!(
            UnitCosts::parse("price_year = \"x\"\n[service]"),
            Err(UnitCostsError::Missing { service: "general_practitioner" })
        ));
    }
}
