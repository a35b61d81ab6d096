//! Which onsets vaccines avert.
//!
//! Onsets come at the rates of people without protection and are averted one by one, each with the
//! protection of its moment: the rest are a process of the lowered rate exactly (thinning). What the averted
//! onset would have made more frequent is thinned by the same argument.
//!
//! # Source
//! `data/vaccines.toml` names a source beside each number. Lewis and Shedler 1979, Naval Research Logistics
//! 26:403, for thinning.

use serde::Deserialize;

use super::condition::ConditionId;
use super::{Need, NeedError};

const FILE: &str = "vaccines.toml";
const TABLE: &str = include_str!("../../data/vaccines.toml");

/// What one sort of vaccine does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Vaccine {
    /// ATC codes.
    pub(crate) codes: Vec<String>,
    pub(crate) against: ConditionId,
    /// Share of onsets averted at the dose.
    effectiveness: f64,
    half_life_days: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    vaccine: Vec<RawVaccine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVaccine {
    vaccines: Vec<String>,
    against: String,
    effectiveness: f64,
    half_life_days: f64,
    #[serde(rename = "source")]
    _source: String,
}

impl Vaccine {
    /// The vaccines that ship with the crate.
    ///
    /// # Panics
    /// Never: the tests read the file.
    pub(crate) fn england(need: &Need) -> Vec<Self> {
        Self::parse(FILE, TABLE, need).expect("the embedded file is sound")
    }

    fn parse(file: &str, text: &str, need: &Need) -> Result<Vec<Self>, NeedError> {
        let raw: RawTable = toml::from_str(text)
            .map_err(|fault| NeedError::Syntax { file: file.to_owned(), detail: fault.to_string() })?;
        raw.vaccine.into_iter().map(|raw| Self::settle(file, raw, need)).collect()
    }

    fn settle(file: &str, raw: RawVaccine, need: &Need) -> Result<Self, NeedError> {
        let against = need.find(&raw.against).ok_or_else(|| NeedError::Unknown {
            file: file.to_owned(),
            entry: "vaccine".to_owned(),
            field: "against".to_owned(),
            name: raw.against.clone(),
            kind: "entry",
        })?;
        let wrong = |field: &str, value: f64, permitted| NeedError::Value {
            file: file.to_owned(),
            entry: raw.against.clone(),
            field: field.to_owned(),
            value: value.to_string(),
            permitted,
        };
        if !(0.0..=1.0).contains(&raw.effectiveness) {
            return Err(wrong("effectiveness", raw.effectiveness, "0 to 1"));
        }
        if !(1.0..=36_500.0).contains(&raw.half_life_days) {
            return Err(wrong("half_life_days", raw.half_life_days, "1 to 36500"));
        }
        let (effectiveness, half_life_days) = (raw.effectiveness, raw.half_life_days);
        Ok(Self { codes: raw.vaccines, against, effectiveness, half_life_days })
    }

    /// The probability that an onset so many days after the last dose is averted.
    pub(crate) fn averts(&self, days_since_dose: f64) -> f64 {
        self.effectiveness * (-days_since_dose.max(0.0) / self.half_life_days).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_protection_halves_in_its_half_life() {
        for vaccine in Vaccine::england(&Need::england()) {
            let at = |days| vaccine.averts(days);
            assert!(at(0.0) > 0.0 && at(0.0) <= 1.0);
            assert!((at(vaccine.half_life_days) / at(0.0) - 0.5).abs() < 1e-12);
            assert!(at(-1.0) >= at(0.0) && at(36_500.0) < at(1.0));
        }
    }

    #[test]
    fn regress_faults_name_file_entry_and_field() {
        let need = Need::england();
        let with = |against: &str, effectiveness: f64, days: f64| {
            let text = format!(
                "[[vaccine]]\nvaccines = [\"J07\"]\nagainst = \"{against}\"\neffectiveness = {effectiveness}\n\
                 half_life_days = {days}\nsource = \"test\""
            );
            Vaccine::parse("v.toml", &text, &need).unwrap_err().to_string()
        };
        assert!(with("plague", 0.5, 9.0).starts_with("v.toml: vaccine: against names \"plague\""));
        assert!(with("influenza", 1.5, 9.0).starts_with("v.toml: influenza: effectiveness is 1.5"));
        assert!(with("influenza", 0.5, 0.0).starts_with("v.toml: influenza: half_life_days is 0"));
    }
}
