//! The need table as it stands in the file.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Age from which a value holds, and the value.
pub(super) type Steps = Vec<(u32, f64)>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTable {
    pub(super) sources: BTreeMap<String, String>,
    pub(super) co_occurrence: RawCrowding,
    pub(super) condition: Vec<RawCondition>,
    pub(super) other_cause: Vec<RawCause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCrowding {
    pub(super) physical_per_physical: f64,
    pub(super) physical_per_mental: f64,
    pub(super) mental_per_physical: f64,
    pub(super) mental_per_mental: f64,
    #[serde(rename = "source")]
    pub(super) _source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCondition {
    pub(super) name: String,
    pub(super) display: String,
    pub(super) snomed: String,
    pub(super) icd10: String,
    pub(super) group: RawGroup,
    pub(super) morbidity: Option<String>,
    /// Read by the validation alone.
    #[serde(rename = "counts_if_issued")]
    pub(super) _counts_if_issued: Option<toml::Table>,
    /// What the number is about, and the key of its source.
    pub(super) sources: BTreeMap<String, String>,
    #[serde(rename = "remarks")]
    pub(super) _remarks: Option<String>,
    #[serde(default)]
    pub(super) incidence: Steps,
    pub(super) incidence_female: Option<Steps>,
    pub(super) incidence_male: Option<Steps>,
    #[serde(default = "one")]
    pub(super) female: f64,
    #[serde(default = "one")]
    pub(super) male: f64,
    #[serde(default = "one")]
    pub(super) per_imd_decile: f64,
    #[serde(default)]
    pub(super) ethnicity: RawEthnicity,
    #[serde(default = "one")]
    pub(super) former_smoker: f64,
    #[serde(default = "one")]
    pub(super) smoker: f64,
    #[serde(default)]
    pub(super) signs: Vec<RawSign>,
    #[serde(default)]
    pub(super) active: BTreeMap<String, f64>,
    pub(super) per_physical: Option<f64>,
    pub(super) per_mental: Option<f64>,
    #[serde(default = "one")]
    pub(super) scale: f64,
    pub(super) duration_days: Option<RawDuration>,
    pub(super) season: Option<RawSeason>,
    pub(super) severity: Option<RawSpread>,
    #[serde(default)]
    pub(super) effects: Vec<RawEffect>,
    #[serde(default)]
    pub(super) mortality_ratio: Steps,
    #[serde(default)]
    pub(super) fatality: Steps,
    pub(super) fatal_after_days: Option<f64>,
    #[serde(default)]
    pub(super) brings: BTreeMap<String, f64>,
    pub(super) infectious: Option<RawInfectious>,
    #[serde(default)]
    pub(super) targets: Vec<RawTarget>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawGroup {
    Physical,
    Mental,
    Acute,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawEthnicity {
    pub(super) white: f64,
    pub(super) mixed: f64,
    pub(super) asian: f64,
    pub(super) black: f64,
    pub(super) other: f64,
}

impl Default for RawEthnicity {
    fn default() -> Self {
        Self { white: 1.0, mixed: 1.0, asian: 1.0, black: 1.0, other: 1.0 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSign {
    pub(super) sign: String,
    pub(super) reference: f64,
    pub(super) ratio_per_unit: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDuration {
    pub(super) median: f64,
    #[serde(default)]
    pub(super) spread: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSeason {
    pub(super) peak_day: f64,
    pub(super) amplitude: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSpread {
    pub(super) mean: f64,
    pub(super) sd: f64,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEffect {
    pub(super) sign: String,
    #[serde(default)]
    pub(super) change: f64,
    #[serde(default)]
    pub(super) change_per_year: f64,
    #[serde(default)]
    pub(super) usually_treated: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInfectious {
    pub(super) household_probability: f64,
    pub(super) serial_interval_days: f64,
    #[serde(default)]
    pub(super) immune_days: f64,
    #[serde(default)]
    pub(super) susceptible: Steps,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTarget {
    pub(super) prevalence: Option<f64>,
    pub(super) incidence: Option<f64>,
    #[serde(default)]
    pub(super) from_age: u32,
    #[serde(default = "one")]
    pub(super) known: f64,
    #[serde(default)]
    pub(super) held_out: bool,
    pub(super) source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCause {
    pub(super) icd10: String,
    pub(super) display: String,
    pub(super) female: Steps,
    pub(super) male: Steps,
    #[serde(rename = "source")]
    pub(super) _source: String,
}

const fn one() -> f64 {
    1.0
}
