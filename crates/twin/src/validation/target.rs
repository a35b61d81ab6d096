//! Targets: published figures with the band that passes, fixed before any run.

use serde::{Deserialize, Serialize};

use super::catalogue::Catalogue;
use super::quantity::Quantity;

/// All targets of a file, in its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// The targets.
    #[serde(rename = "target")]
    pub targets: Vec<Target>,
}

/// One published figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its name for machines.
    pub name: String,
    /// Its name in tables.
    pub title: String,
    /// The heading under which it stands.
    pub group: String,
    /// What is compared.
    pub quantity: Quantity,
    /// The published value.
    pub value: f64,
    /// Unit of the value: `share`, `per person-year`, `years`, `ratio`, `percentage points`.
    pub unit: String,
    /// What passes.
    pub band: Band,
    /// Never used for tuning.
    pub held_out: bool,
    /// Where the value is from.
    pub source: String,
    /// How far the value can be relied on.
    pub standing: Standing,
}

/// The values that pass.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Least value that passes.
    pub from: f64,
    /// Greatest value that passes.
    pub to: f64,
}

impl Band {
    /// Whether a value passes.
    pub fn admits(self, value: f64) -> bool {
        (self.from..=self.to).contains(&value)
    }
}

/// How far a target's value can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Read in the source named.
    Cited,
    /// Computed from an open data file named in the source.
    Derived,
    /// From memory; to be checked before anybody relies on it.
    Recalled,
    /// Holds by what the words mean.
    Law,
}

/// Least share of targets that must never be used for tuning.
const LEAST_HELD_OUT: f64 = 1.0 / 3.0;

impl Targets {
    /// The file that ships with the crate.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    pub fn embedded() -> Self {
        Self::parse(include_str!("../../data/targets.toml"), "targets.toml", &Catalogue::embedded())
            .expect("the embedded file is checked by a test")
    }

    /// Reads a file's text; `file` names it in errors.
    ///
    /// # Errors
    /// [`TargetsError`] with the file and the target's name or the line.
    pub fn parse(text: &str, file: &str, catalogue: &Catalogue) -> Result<Self, TargetsError> {
        let targets: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let before = text.get(..start).unwrap_or_default();
            TargetsError::Syntax {
                file: file.to_owned(),
                line: before.matches('\n').count() + 1,
                message: error.message().to_owned(),
            }
        })?;
        targets.check(file, catalogue)?;
        Ok(targets)
    }

    /// Those that may be used for tuning.
    pub fn tuned(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|target| !target.held_out)
    }

    fn check(&self, file: &str, catalogue: &Catalogue) -> Result<(), TargetsError> {
        let fault = |target: &Target, field: &'static str, found: String, permitted: String| {
            Err(TargetsError::Value {
                file: file.to_owned(),
                target: target.name.clone(),
                field,
                found,
                permitted,
            })
        };
        for (index, target) in self.targets.iter().enumerate() {
            if self.targets[..index].iter().any(|other| other.name == target.name) {
                return fault(target, "name", target.name.clone(), "names that differ".to_owned());
            }
            if !target.value.is_finite() {
                return fault(target, "value", target.value.to_string(), "a finite number".to_owned());
            }
            if !(target.band.from <= target.band.to && target.band.from.is_finite()) {
                let found = format!("{} to {}", target.band.from, target.band.to);
                return fault(target, "band", found, "a least and a greatest value, in order".to_owned());
            }
            if let Quantity::Prevalence { conditions, .. } = &target.quantity
                && let Some(unknown) =
                    conditions.iter().find(|name| !catalogue.names().any(|known| known == *name))
            {
                let known = catalogue.names().collect::<Vec<_>>().join(", ");
                return fault(target, "quantity.conditions", unknown.clone(), known);
            }
        }
        let held_out = self.targets.iter().filter(|target| target.held_out).count();
        if self.targets.is_empty() || (held_out as f64) < LEAST_HELD_OUT * self.targets.len() as f64 {
            return Err(TargetsError::TooFewHeldOut {
                file: file.to_owned(),
                held_out,
                targets: self.targets.len(),
            });
        }
        Ok(())
    }
}

/// Why a targets file can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetsError {
    /// Not such a file.
    #[error("{file}, line {line}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// The parser's words.
        message: String,
    },
    /// A value that a target can't have.
    #[error("{file}: target {target:?}: {field} holds {found}; permitted: {permitted}")]
    Value {
        /// The file.
        file: String,
        /// The target.
        target: String,
        /// The key.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What may stand there.
        permitted: String,
    },
    /// Too many targets are used for tuning.
    #[error("{file}: {held_out} of {targets} targets are held out; permitted: at least a third")]
    TooFewHeldOut {
        /// The file.
        file: String,
        /// How many are held out.
        held_out: usize,
        /// How many there are.
        targets: usize,
    },
}
