//! The conditions that targets name: their codes, groups and places in the international classification.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Conditions by the names that the need table gives them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    by_name: BTreeMap<String, Entry>,
    by_snomed: BTreeMap<String, String>,
}

/// What targets need to know of a condition.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Entry {
    name: String,
    snomed: String,
    icd10: Option<String>,
    #[serde(default)]
    group: String,
    /// The long-term condition of the published list that it counts as.
    morbidity: Option<String>,
    /// Medicines without which it doesn't count there.
    counts_if_issued: Option<TreatmentRule>,
}

/// Issues of medicines within a year from which on a condition counts as a morbidity.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct TreatmentRule {
    /// How many.
    pub(super) least: f64,
    /// Codes of the medicines.
    pub(super) of: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    condition: Vec<Entry>,
}

impl Catalogue {
    /// The need table that ships with the crate.
    ///
    /// # Panics
    /// Never: a test reads the embedded table.
    pub fn embedded() -> Self {
        Self::parse(include_str!("../../data/need.toml")).expect("the embedded table is checked by a test")
    }

    /// Reads names, codes and groups of a need table; its rates are left alone.
    ///
    /// # Errors
    /// [`CatalogueError`] for text that is no such table.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let file: File =
            toml::from_str(text).map_err(|error| CatalogueError { message: error.message().to_owned() })?;
        let mut catalogue = Self::default();
        for entry in file.condition {
            catalogue.by_snomed.insert(entry.snomed.clone(), entry.name.clone());
            catalogue.by_name.insert(entry.name.clone(), entry);
        }
        Ok(catalogue)
    }

    /// Names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.by_name.keys().map(String::as_str)
    }

    /// The name of the condition with a code, written with or without its system.
    pub fn name_of(&self, code: &str) -> Option<&str> {
        let value = code.rsplit("//").next().unwrap_or(code);
        self.by_snomed.get(value).map(String::as_str)
    }

    /// The long-term condition of the published list that a code counts as, and whether it is mental.
    pub fn morbidity_of(&self, code: &str) -> Option<(&str, bool)> {
        let entry = self.by_name.get(self.name_of(code)?)?;
        Some((entry.morbidity.as_deref()?, entry.group == "mental"))
    }

    /// The medicines that a code's condition must be treated with to count.
    pub(super) fn treatment_rule(&self, code: &str) -> Option<&TreatmentRule> {
        self.by_name.get(self.name_of(code)?)?.counts_if_issued.as_ref()
    }

    /// The three-character category of the international classification, such as `I21`.
    pub fn category_of(&self, code: &str) -> Option<&str> {
        let entry = self.by_name.get(self.name_of(code)?)?;
        entry.icd10.as_deref()?.get(..3)
    }

    /// Number of different long-term conditions of the published list.
    pub fn morbidities(&self) -> usize {
        let mut names: Vec<&str> =
            self.by_name.values().filter_map(|entry| entry.morbidity.as_deref()).collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    }
}

/// Whether a category lies in a block such as `I20-I25`.
pub(crate) fn in_block(category: &str, block: &str) -> bool {
    let (first, last) = block.split_once('-').unwrap_or((block, block));
    category >= first && category <= last
}

/// Why a need table can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("need table: {message}")]
pub struct CatalogueError {
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_codes_lead_to_names_groups_and_categories() {
        let catalogue = Catalogue::parse(
            "[[condition]]\nname = \"infarction\"\nsnomed = \"22298006\"\nicd10 = \"I21.9\"\ngroup = \"physical\"\n\
             morbidity = \"coronary heart disease\"\nincidence = [[18, 0.1]]",
        )
        .unwrap();
        assert_eq!(catalogue.name_of("SNOMED//22298006"), Some("infarction"));
        assert_eq!(catalogue.category_of("22298006"), Some("I21"));
        assert_eq!(catalogue.morbidity_of("22298006"), Some(("coronary heart disease", false)));
        assert!(in_block("I21", "I20-I25") && !in_block("I26", "I20-I25") && in_block("C50", "C50"));
        assert!(Catalogue::parse("condition = 3").is_err());
    }
}
