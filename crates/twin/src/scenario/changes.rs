//! A scenario and its file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::Table;
use twinloom_event::Timestamp;

use super::error::{NEAREST_SHOWN, ScenarioError};
use super::plant::{HouseholdSmoking, Plants};
use super::supply::SupplyChanges;
use super::wave::Wave;
use crate::gmf::PathwayParameter;
use crate::nearest::nearest;
use crate::supply::SupplyParameters;

/// What a run changes against the model as shipped; [`Scenario::default`] changes nothing.
///
/// ```toml
/// name = "A hard winter"
/// description = "Influenza six times as common at its peak, and a tenth more general practice."
///
/// [need.rates]                    # ratio to the onset rate of a condition or acute problem
/// depression = 1.1
///
/// [[need.waves]]                  # a season
/// problem = "influenza"
/// start = 2021-12-01
/// days = 90
/// peak_ratio = 6.0
/// yearly = true                   # optional
///
/// [pathway.parameters]            # "module.parameter" of a pathway file
/// "cardiovascular_prevention.risk_threshold_percent" = 5
///
/// [supply.ratio]                  # paths into the supply file
/// "general_practice.general_practitioner_sessions" = 1.1
///
/// [plant.household_smoking]       # an effect put in on purpose
/// condition = "asthma"
/// hazard_ratio = 8
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name in reports.
    pub name: String,
    /// What it asks, in a sentence.
    #[serde(default)]
    pub description: String,
    /// Changes of need.
    #[serde(default, skip_serializing_if = "NeedChanges::is_empty")]
    pub need: NeedChanges,
    #[serde(default, skip_serializing_if = "PathwayChanges::is_empty")]
    pathway: PathwayChanges,
    /// Changes of supply.
    #[serde(default, skip_serializing_if = "SupplyChanges::is_empty")]
    pub supply: SupplyChanges,
    /// Effects put in on purpose.
    #[serde(default, skip_serializing_if = "Plants::is_empty")]
    pub plant: Plants,
    /// The file it was read from, for messages.
    #[serde(skip)]
    file: String,
}

/// Changes of need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedChanges {
    /// Name of a condition or problem to the ratio by which its onset rate is multiplied.
    #[serde(default)]
    pub rates: BTreeMap<String, f64>,
    /// Seasons.
    #[serde(default)]
    pub waves: Vec<Wave>,
}

impl NeedChanges {
    fn is_empty(&self) -> bool {
        self.rates.is_empty() && self.waves.is_empty()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PathwayChanges {
    #[serde(default)]
    parameters: BTreeMap<String, f64>,
}

impl PathwayChanges {
    fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }
}

const MAX_RATIO: f64 = 1_000.0;
const MAX_FILE_BYTES: u64 = 1 << 20;

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// [`ScenarioError`] with the file and the line or key.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let file = path.display().to_string();
        let unreadable = |reason: String| ScenarioError::Unreadable { file: file.clone(), reason };
        let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if size > MAX_FILE_BYTES {
            return Err(unreadable(format!("{size} bytes; permitted: at most {MAX_FILE_BYTES}")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        Self::parse(&text, &file)
    }

    /// Reads a scenario from text; `file` names it in errors.
    ///
    /// # Errors
    /// [`ScenarioError`] with the line or key.
    pub fn parse(text: &str, file: &str) -> Result<Self, ScenarioError> {
        let mut scenario: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let before = text.get(..start).unwrap_or_default();
            ScenarioError::Syntax {
                file: file.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
                message: error.message().to_owned(),
            }
        })?;
        file.clone_into(&mut scenario.file);
        scenario.check()?;
        Ok(scenario)
    }

    /// The same with the onset rates multiplied by further ratios.
    #[must_use]
    pub fn with_rates(&self, ratios: &BTreeMap<String, f64>) -> Self {
        let mut changed = self.clone();
        for (name, ratio) in ratios {
            *changed.need.rates.entry(name.clone()).or_insert(1.0) *= ratio;
        }
        changed
    }

    /// The same under another name.
    #[must_use]
    pub fn renamed(&self, name: impl Into<String>, description: impl Into<String>) -> Self {
        Self { name: name.into(), description: description.into(), ..self.clone() }
    }

    /// The services with the scenario's changes.
    ///
    /// # Errors
    /// [`ScenarioError`] for a path that the supply file lacks, or a value that no service can have.
    ///
    /// # Panics
    /// Never: the embedded supply file is read by a test, and what was read as TOML can be written as TOML.
    pub fn supply_parameters(&self) -> Result<SupplyParameters, ScenarioError> {
        if self.supply.is_empty() {
            return Ok(SupplyParameters::default());
        }
        let base: Table = SupplyParameters::embedded_toml().parse().expect("a test reads the embedded file");
        let changed = self.supply_table(&base)?;
        let text =
            toml::to_string(&changed).expect("a table of tables, numbers, text and lists has a TOML form");
        SupplyParameters::from_toml(&text, self.file())
            .map_err(|error| ScenarioError::Supply { reason: error.to_string() })
    }

    /// The scenario as a TOML file.
    ///
    /// # Panics
    /// Never: a scenario holds only tables, text, numbers and dates.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a scenario holds only tables, text, numbers and dates")
    }

    /// Whether it changes nothing.
    #[expect(clippy::float_cmp, reason = "a ratio of exactly 1 changes nothing, one near it does")]
    pub fn changes_nothing(&self) -> bool {
        self.need.rates.values().all(|ratio| *ratio == 1.0)
            && self.need.waves.iter().all(|wave| wave.peak_ratio == 1.0)
            && self.pathway.is_empty()
            && self.supply.is_empty()
            && self.plant.household_smoking.as_ref().is_none_or(|plant| plant.hazard_ratio == 1.0)
    }

    /// The ratio by which an onset rate is multiplied at all times; 1 where the scenario is silent.
    pub fn rate_ratio(&self, name: &str) -> f64 {
        self.need.rates.get(name).copied().unwrap_or(1.0)
    }

    /// The waves of a problem.
    pub fn waves_of<'s>(&'s self, problem: &'s str) -> impl Iterator<Item = &'s Wave> {
        self.need.waves.iter().filter(move |wave| wave.problem == problem)
    }

    /// The ratio by which an onset rate is multiplied at a time: the standing one times those of the waves.
    pub fn rate_ratio_at(&self, name: &str, at: Timestamp) -> f64 {
        self.waves_of(name).fold(self.rate_ratio(name), |ratio, wave| ratio * wave.ratio_at(at))
    }

    /// The value of a pathway's parameter, if the scenario sets it.
    pub fn pathway_parameter(&self, module: &str, parameter: &str) -> Option<f64> {
        self.pathway.parameters.get(&format!("{module}.{parameter}")).copied()
    }

    /// Pathway parameters that the scenario sets, as `module.parameter`, in name order.
    pub fn pathway_parameters(&self) -> impl Iterator<Item = (&str, f64)> {
        self.pathway.parameters.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Says whether every rate, wave and planted effect names something of the need table.
    ///
    /// # Errors
    /// [`ScenarioError::Unknown`] with the nearest names.
    pub fn check_need<'n>(&self, known: impl Iterator<Item = &'n str> + Clone) -> Result<(), ScenarioError> {
        let rates = self.need.rates.keys().map(|name| (format!("need.rates.{name}"), name));
        let waves = self.need.waves.iter().enumerate();
        let waves = waves.map(|(index, wave)| (format!("need.waves[{index}].problem"), &wave.problem));
        let plant = self.plant.household_smoking.as_ref();
        let plant = plant.map(|plant| ("plant.household_smoking.condition".to_owned(), &plant.condition));
        for (field, name) in rates.chain(waves).chain(plant) {
            if !known.clone().any(|other| other == name) {
                let field = format!("{field} ({name:?})");
                return Err(self.unknown(field, "condition or problem", nearest(name, known, NEAREST_SHOWN)));
            }
        }
        Ok(())
    }

    /// Says whether every pathway parameter exists and is in its range.
    ///
    /// # Errors
    /// [`ScenarioError::Unknown`] with the nearest names, [`ScenarioError::Range`] with the pathway's range.
    pub fn check_pathways(&self, known: &[PathwayParameter]) -> Result<(), ScenarioError> {
        for (name, value) in &self.pathway.parameters {
            let field = format!("pathway.parameters.{name:?}");
            let Some(own) = known.iter().find(|own| own.name == *name) else {
                let names = known.iter().map(|own| own.name.as_str());
                return Err(self.unknown(field, "pathway parameter", nearest(name, names, NEAREST_SHOWN)));
            };
            if !own.permits(*value) {
                return Err(ScenarioError::Range {
                    file: self.file().to_owned(),
                    field,
                    value: value.to_string(),
                    permitted: own.range().into(),
                });
            }
        }
        Ok(())
    }

    /// The supply file's table with the scenario's changes made.
    ///
    /// # Errors
    /// [`ScenarioError::Unknown`] for a path that the supply file lacks, [`ScenarioError::Sort`] for a value
    /// of another sort.
    pub fn supply_table(&self, base: &Table) -> Result<Table, ScenarioError> {
        self.supply.apply(self.file(), base)
    }

    /// The name of the file for messages.
    fn file(&self) -> &str {
        if self.file.is_empty() { "scenario" } else { &self.file }
    }

    fn unknown(&self, field: String, sort: &'static str, permitted: String) -> ScenarioError {
        ScenarioError::Unknown { file: self.file().to_owned(), field, sort, permitted }
    }

    fn check(&self) -> Result<(), ScenarioError> {
        let range = |field: String, value: String, permitted: &'static str| {
            let permitted = permitted.into();
            Err(ScenarioError::Range { file: self.file().to_owned(), field, value, permitted })
        };
        if self.name.trim().is_empty() {
            return range("name".to_owned(), format!("{:?}", self.name), "a name that is not empty");
        }
        for (name, ratio) in &self.need.rates {
            if !(0.0..=MAX_RATIO).contains(ratio) {
                return range(format!("need.rates.{name}"), ratio.to_string(), "a ratio from 0 to 1000");
            }
        }
        for (name, value) in self.pathway_parameters() {
            if !value.is_finite() {
                return range(format!("pathway.parameters.{name:?}"), value.to_string(), "a finite number");
            }
        }
        if let Some(plant) = &self.plant.household_smoking
            && !(1.0..=HouseholdSmoking::MOST_HAZARD_RATIO).contains(&plant.hazard_ratio)
        {
            let field = "plant.household_smoking.hazard_ratio".to_owned();
            return range(field, plant.hazard_ratio.to_string(), "a ratio from 1 to 100");
        }
        let mut ends: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for (index, wave) in self.need.waves.iter().enumerate() {
            let field = |key: &str| format!("need.waves[{index}].{key}");
            let Some(begins) = wave.begins().filter(|begins| (1948..=2200).contains(&begins.year())) else {
                return range(field("start"), wave.start.to_string(), "a date from 1948 to 2200");
            };
            if !(1.0..=Wave::MAX_DAYS).contains(&wave.days) {
                return range(field("days"), wave.days.to_string(), "1 to 365");
            }
            if !(0.0..=MAX_RATIO).contains(&wave.peak_ratio) {
                return range(field("peak_ratio"), wave.peak_ratio.to_string(), "a ratio from 0 to 1000");
            }
            let end = begins.plus_days(wave.days).expect("a year after a date up to 2200 exists");
            if let Some(previous) = ends.insert(&wave.problem, end).filter(|previous| begins < *previous) {
                return Err(ScenarioError::Order {
                    file: self.file().to_owned(),
                    field: field("start"),
                    problem: wave.problem.clone(),
                    start: begins.to_string(),
                    previous_end: previous.to_string(),
                });
            }
        }
        self.supply.check(self.file())
    }
}
