//! Capacities, hours, rules and rates of the services, from one TOML file.
//!
//! Capacities are given for 1,000 registered people and scaled to the locality. The file embedded in
//! the crate holds the defaults with their sources and the targets they were tuned to.

mod check;
mod error;
mod hospital;
mod hours;
mod primary_care;

use serde::{Deserialize, Serialize};

pub use error::SupplyError;
pub use hospital::{
    BedParameters, EmergencyParameters, ImagingParameters, LaboratoryParameters, LaneParameters,
    ModalityParameters, OutpatientParameters, SpecialtyParameters, WardParameters,
};
pub(crate) use hours::MINUTES_PER_DAY;
pub use hours::{Hours, HoursError};
pub use primary_care::{
    AttendanceParameters, CallsSpread, ChosenLead, ChosenLeads, LeadRates, OutOfHoursParameters,
    PharmacyParameters, PracticeParameters, SessionParameters,
};

/// The embedded file's name in error messages.
const EMBEDDED_FILE: &str = "supply.toml";
const EMBEDDED: &str = include_str!("../../../data/supply.toml");

/// Settings of all services.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyParameters {
    /// How booked people behave.
    pub attendance: AttendanceParameters,
    /// Sessions of general practices.
    pub practice: PracticeParameters,
    /// Care at nights, weekends and bank holidays.
    pub out_of_hours: OutOfHoursParameters,
    /// Dispensing in the community.
    pub pharmacy: PharmacyParameters,
    /// The emergency department.
    pub emergency: EmergencyParameters,
    /// Hospital clinics.
    pub outpatient: OutpatientParameters,
    /// Wards.
    pub beds: BedParameters,
    /// Imaging.
    pub imaging: ImagingParameters,
    /// The laboratory.
    pub laboratory: LaboratoryParameters,
}

/// What one contact or bed day costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitCost {
    /// Pounds sterling.
    pub gbp: f64,
    /// Kilograms of carbon dioxide equivalent.
    pub carbon_kg: f64,
}

/// Who is taken first from a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// In order of asking.
    FirstComeFirstServed,
    /// By clinical priority, then in order of asking.
    ClinicalPriority,
    /// Who waits longest beyond the time before which they were not to come.
    LongestWaitFirst,
    /// Longest wait first, but each step of clinical priority counts as 4 weeks of waiting.
    PriorityWithAgeing,
    /// Clinical priority; within it each step of deprivation decile counts as a week of waiting.
    DeprivationWeighted,
}

impl Default for SupplyParameters {
    fn default() -> Self {
        Self::from_toml(EMBEDDED, EMBEDDED_FILE).expect("a test reads the embedded file")
    }
}

impl SupplyParameters {
    /// Reads a complete file.
    ///
    /// # Errors
    /// [`SupplyError`] with file, field, value and permitted range.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, SupplyError> {
        let parameters: Self = toml::from_str(text).map_err(|source| SupplyError::Read {
            file: file.to_owned(),
            reason: source.to_string().trim_end().to_owned(),
        })?;
        check::check(&parameters, file)?;
        Ok(parameters)
    }

    /// The text of the embedded defaults, to start one's own file from.
    pub fn embedded_toml() -> &'static str {
        EMBEDDED
    }

    /// Reads a table in the shape of the file.
    ///
    /// # Errors
    /// [`SupplyError`] with field, value and permitted range; `file` says where the table comes from.
    pub fn from_table(table: toml::Table, file: &str) -> Result<Self, SupplyError> {
        let parameters: Self = table.try_into().map_err(|source: toml::de::Error| SupplyError::Read {
            file: file.to_owned(),
            reason: source.to_string().trim_end().to_owned(),
        })?;
        check::check(&parameters, file)?;
        Ok(parameters)
    }

    /// The settings as a table in the shape of the file.
    ///
    /// # Panics
    /// Never: settings are tables of numbers, lists and texts.
    pub fn table(&self) -> toml::Table {
        toml::Table::try_from(self).expect("settings are tables of numbers, lists and texts")
    }
}

#[cfg(test)]
mod tests;
