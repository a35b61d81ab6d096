//! The numbers of a privacy guarantee, each held to its range.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! budget {
    ($(#[$doc:meta])* $name:ident, $what:literal, $range:literal, $holds:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        impl $name {
            /// Takes a value.
            ///
            /// # Errors
            #[doc = concat!("[`BudgetError`] unless the value is ", $range, ".")]
            pub fn new(value: f64) -> Result<Self, BudgetError> {
                let holds: fn(f64) -> bool = $holds;
                if holds(value) {
                    Ok(Self(value))
                } else {
                    Err(BudgetError { quantity: $what, value, range: $range })
                }
            }

            /// The number itself.
            pub fn get(self) -> f64 {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = BudgetError;

            fn try_from(value: f64) -> Result<Self, BudgetError> {
                Self::new(value)
            }
        }

        impl From<$name> for f64 {
            fn from(value: $name) -> f64 {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

budget!(
    /// The bound on the log of how much likelier one subject may make an outcome.
    ///
    /// # Source
    /// Dwork and Roth 2014, *The Algorithmic Foundations of Differential Privacy*, definition 2.4.
    Epsilon,
    "epsilon",
    "above 0 and finite",
    |value| value > 0.0 && value.is_finite()
);

budget!(
    /// The chance that the bound of epsilon does not hold.
    ///
    /// # Source
    /// Dwork and Roth 2014, definition 2.4.
    Delta,
    "delta",
    "at least 0 and below 1",
    |value| (0.0..1.0).contains(&value)
);

budget!(
    /// Zero-concentrated differential privacy: the Rényi divergence of every order a is at most rho times a.
    ///
    /// # Source
    /// Bun and Steinke 2016, *Concentrated Differential Privacy*, definition 1.1.
    Rho,
    "rho",
    "above 0 and finite",
    |value| value > 0.0 && value.is_finite()
);

/// A number that no guarantee can have.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("{quantity} {value} is not {range}")]
pub struct BudgetError {
    quantity: &'static str,
    value: f64,
    range: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_numbers_out_of_range_are_refused() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Epsilon::new(wrong).is_err() && Rho::new(wrong).is_err(), "{wrong}");
        }
        for wrong in [1.0, -1e-9, f64::NAN] {
            assert!(Delta::new(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Delta::new(0.0).map(Delta::get), Ok(0.0));
        let said = Delta::new(1.0).map_err(|error| error.to_string());
        assert_eq!(said, Err("delta 1 is not at least 0 and below 1".to_owned()));
    }
}
