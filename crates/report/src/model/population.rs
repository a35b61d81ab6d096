//! Ages by sex.

use serde::{Deserialize, Serialize};

/// Counts by age band and sex.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PopulationPyramid {
    /// The day at which ages are taken, in words (`on 31 December 2025`).
    pub age_at: String,
    /// Bands from the youngest to the oldest.
    pub bands: Vec<AgeBand>,
    /// Where the expected counts come from (`ONS mid-2024 estimates, scaled to 1,000`).
    pub expected_source: Option<String>,
}

/// Counts in one age band.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AgeBand {
    /// `0-4`, `90+`.
    pub label: String,
    /// Females.
    pub female: u64,
    /// Males.
    pub male: u64,
    /// Other or unknown sex; told in the table, not drawn.
    pub other: u64,
    /// Females expected from a reference population.
    pub expected_female: Option<f64>,
    /// Males expected from a reference population.
    pub expected_male: Option<f64>,
}
