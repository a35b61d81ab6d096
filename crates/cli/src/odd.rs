//! Descriptions of models under the headings of the ODD protocol, generated from the model and the run.
//!
//! # Source
//! Grimm et al. 2020, The ODD Protocol for Describing Agent-Based and Other Simulation Models: A Second
//! Update, JASSS 23(2) 7, table 1.

use serde::{Deserialize, Serialize};
use twinloom_twin::{Inventory, TwinParameters};

/// A model under ODD's seven headings; paragraphs of one heading stand on lines of their own.
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
    /// The digital twin as a run has it: counts, names, settings and sources are read from the model, only the
    /// sentences around them are written here.
    pub(crate) fn of_run(parameters: &TwinParameters) -> Self {
        let inventory = Inventory::of(parameters);
        let patterns: Vec<String> = inventory
            .targets
            .iter()
            .map(|(group, all, held_out)| {
                format!("{} ({all}, of which {held_out} held out)", group.to_lowercase())
            })
            .collect();
        let named = |group: &str| -> Vec<&str> {
            let found = inventory.conditions.iter().filter(|condition| condition.group == group);
            found.map(|condition| condition.display.as_str()).collect()
        };
        let settings = |settings: &[(String, String)]| -> String {
            settings.iter().map(|(path, value)| format!("{path} = {value}")).collect::<Vec<_>>().join("; ")
        };
        let localities = parameters.population.div_ceil(parameters.people_per_locality.max(1));
        let states: usize = inventory.pathways.iter().map(|pathway| pathway.states).sum();
        let mut submodels = Vec::new();
        for group in ["physical", "mental", "acute"] {
            let names = named(group);
            submodels.push(format!("Need, {group} ({}): {}.", names.len(), names.join(", ")));
        }
        for pathway in &inventory.pathways {
            let parameters = match pathway.parameters.join("; ") {
                none if none.is_empty() => none,
                some => format!(" Parameters: {some}."),
            };
            submodels.push(format!(
                "Pathway {} ({} states). {}{parameters}",
                pathway.name,
                pathway.states,
                pathway.remarks.join(" ")
            ));
        }
        submodels.push(format!("Services, per 1,000 registered people: {}.", settings(&inventory.supply)));
        submodels.push(format!("Systems of record: {}.", settings(&inventory.systems)));
        if inventory.scenario.is_empty() {
            submodels.push("Scenario: none; the model as shipped.".to_owned());
        } else {
            submodels.push(format!("Scenario: {}", inventory.scenario.replace('\n', " | ")));
        }
        Self {
            purpose_and_patterns: format!(
                "To make records of which the truth is known, so that what records, graphs and models lose can be measured, \
                 and to ask what a change of need, pathways or services would do.\nPatterns that the model is held against \
                 by `twin validate`: {}.",
                patterns.join("; ")
            ),
            entities_state_variables_and_scales: format!(
                "{} people in {localities} localities of at most {} who share practices and a part of a hospital. People: \
                 age, sex, ethnicity, deprivation decile, household, practice, smoking, physiology, adherence, {} \
                 conditions and problems with their severity, treatments. Services: general practice, out-of-hours care, \
                 emergency department, clinics, wards, imaging, laboratory, pharmacy. Time is continuous, in microseconds, \
                 from birth to {}.",
                parameters.population,
                parameters.people_per_locality,
                inventory.conditions.len(),
                parameters.end
            ),
            process_overview_and_scheduling: format!(
                "A queue of plans ordered by time, subject and sequence. {} pathways with {states} states in all plan their \
                 own next transition; a need table draws each year's onsets once; birth and death bound them all. Until {} \
                 lives run alone and waits are drawn; from then on every demand goes to the locality's services, served at \
                 the borders of windows in order of time, person and sequence, and people wait for the answers.",
                inventory.pathways.len(),
                parameters.start
            ),
            design_concepts: "Stochasticity: counter-based streams keyed by seed, process and person, so that a further \
                              person, process or rate shifts no one else's draws and two scenarios can be paired. \
                              Interaction: people compete for appointments, beds and slots, and households share infections; \
                              waiting feeds back into disease. Observation: one truth is observed by several systems of \
                              record, each with its own clock, codes, delays and errors, and every deviation stands in a \
                              ledger."
                .to_owned(),
            initialization: format!(
                "People are drawn as of {} from the joint distributions named under input data and are alive then; their \
                 earlier life is simulated from birth without services. The practice's system went live on {}. Seed {}.",
                parameters.start, parameters.record_from, parameters.seed
            ),
            input_data: inventory
                .data
                .iter()
                .map(|(file, source)| format!("{file}: {source}"))
                .collect::<Vec<_>>()
                .join("\n"),
            submodels: submodels.join("\n"),
        }
    }

    /// The headings with their texts, in the protocol's order.
    pub(crate) fn paragraphs(&self) -> Vec<String> {
        let headings = [
            ("Purpose and patterns", &self.purpose_and_patterns),
            ("Entities, state variables, and scales", &self.entities_state_variables_and_scales),
            ("Process overview and scheduling", &self.process_overview_and_scheduling),
            ("Design concepts", &self.design_concepts),
            ("Initialisation", &self.initialization),
            ("Input data", &self.input_data),
            ("Submodels", &self.submodels),
        ];
        let mut paragraphs = Vec::new();
        for (heading, text) in headings {
            let mut lines = text.lines();
            paragraphs.push(format!("{heading}. {}", lines.next().unwrap_or_default()));
            paragraphs.extend(lines.map(str::to_owned));
        }
        paragraphs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_the_description_follows_the_run() {
        let usual = ModelDescription::of_run(&TwinParameters::default());
        assert!(
            usual.submodels.contains("Type 2 diabetes") && usual.submodels.contains("Pathway hypertension")
        );
        assert!(usual.submodels.contains("slots_per_1000_per_week = "));
        let crowd = TwinParameters { population: 54_321, seed: 77, ..TwinParameters::default() };
        let described = ModelDescription::of_run(&crowd);
        assert!(described.entities_state_variables_and_scales.contains("54321 people in 3 localities"));
        assert!(described.initialization.contains("Seed 77"));
        let few = TwinParameters { pathways: crowd.pathways[..2].to_vec(), ..crowd };
        assert!(ModelDescription::of_run(&few).process_overview_and_scheduling.contains("2 pathways"));
        assert!(usual.paragraphs()[0].starts_with("Purpose and patterns. "));
    }
}
