//! Descriptions of models under the headings of the ODD protocol.
//!
//! # Source
//! Grimm et al. 2020, The ODD Protocol for Describing Agent-Based and Other Simulation Models: A Second
//! Update, JASSS 23(2) 7, table 1.

use serde::{Deserialize, Serialize};

/// A model under ODD's seven headings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ModelDescription {
    /// 1. Purpose and patterns.
    pub(crate) purpose_and_patterns: String,
    /// 2. Entities, state variables, and scales.
    pub(crate) entities_state_variables_and_scales: String,
    /// 3. Process overview and scheduling.
    pub(crate) process_overview_and_scheduling: String,
    /// 4. Design concepts.
    pub(crate) design_concepts: String,
    /// 5. Initialization.
    pub(crate) initialization: String,
    /// 6. Input data.
    pub(crate) input_data: String,
    /// 7. Submodels.
    pub(crate) submodels: String,
}

impl ModelDescription {
    /// The digital twin as it stands.
    pub(crate) fn of_the_twin() -> Self {
        Self {
            purpose_and_patterns: "To make records of which the truth is known, so that what records, graphs and models lose can be measured. Patterns: the age and sex pyramid, life expectancy, and the recorded prevalence of hypertension, diabetes and COPD in England. The prevalences are calibration targets; none is held out for validation.".to_owned(),
            entities_state_variables_and_scales: "People (age, sex, ethnicity, deprivation decile, smoking, physiology, conditions, treatments) and the general practice that keeps their record. Time is continuous, in microseconds, from birth to the end of the run.".to_owned(),
            process_overview_and_scheduling: "A queue of plans ordered by time, subject and sequence. Each pathway is a state machine that plans its own next transition; birth and death bound them all. People share no service in this version, so they may be simulated in any order.".to_owned(),
            design_concepts: "Stochasticity: counter-based streams keyed by seed, process and person, so that a further person or pathway shifts no one else's draws. Observation: the practice sees a condition when it is diagnosed, measures with error, and records late or not at all; the truth is kept apart. Every rate of delay, error and omission is an assumption, not an estimate.".to_owned(),
            initialization: "People are drawn from the joint distribution of age and deprivation, with sex by age and ethnicity by deprivation, as of the start, and so are alive at it; their earlier life is simulated from birth. No death can precede the start.".to_owned(),
            input_data: "For England: population estimates for mid-2020, Census 2021 ethnicity and babies' names (Office for National Statistics) and the Index of Multiple Deprivation 2019, all under the Open Government Licence v3.0; for England and Wales: death rates of 2018 from the Human Mortality Database (CC BY 4.0). Each embedded table names its source.".to_owned(),
            submodels: "Mortality by life table, age, sex and deprivation only: no condition and no habit changes when a person dies. Hypertension, type 2 diabetes, COPD and its exacerbations, the NHS Health Check and routine consultations as Generic Module Framework files. Beside each number stands a guideline with section and year, or the word assumption; guideline sections were cited from memory and await checking.".to_owned(),
        }
    }

    /// The headings with their texts, in the protocol's order.
    pub(crate) fn paragraphs(&self) -> Vec<String> {
        [
            ("Purpose and patterns", &self.purpose_and_patterns),
            ("Entities, state variables, and scales", &self.entities_state_variables_and_scales),
            ("Process overview and scheduling", &self.process_overview_and_scheduling),
            ("Design concepts", &self.design_concepts),
            ("Initialisation", &self.initialization),
            ("Input data", &self.input_data),
            ("Submodels", &self.submodels),
        ]
        .into_iter()
        .map(|(heading, text)| format!("{heading}. {text}"))
        .collect()
    }
}
