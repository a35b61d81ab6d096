//! The sets and tables that ship with the crate, read once and checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use twinloom_event::{Code, EventKind};

use super::ClinicalSet;
use super::drugs::drug_atc;

const SETS: &str = include_str!("../../data/sets.toml");
const RANGES: &str = include_str!("../../data/reference_ranges.toml");
const INDICATIONS: &str = include_str!("../../data/indications.toml");
const COMPANIONS: &str = include_str!("../../data/companions.toml");

/// Named sets and what is known of them.
#[derive(Clone, Debug)]
pub struct ClinicalTables {
    sets: BTreeMap<Arc<str>, ClinicalSet>,
    ranges: Vec<ReferenceRange>,
    indications: Vec<Indication>,
    companions: Vec<Companion>,
    drug_atc: BTreeMap<Box<str>, Box<str>>,
}

/// The limits of a usual result.
///
/// # Units
/// `low` and `high` are in `unit`, and hold for results in exactly that unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceRange {
    /// What is measured.
    pub name: String,
    /// Full codes of the test.
    pub codes: Vec<String>,
    /// UCUM unit.
    pub unit: String,
    /// Below it a result is abnormal.
    pub low: Option<f64>,
    /// Above it a result is abnormal.
    pub high: Option<f64>,
}

/// What a class of drugs is given for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indication {
    /// Name of the set of drugs.
    pub drugs: String,
    /// Names of the sets of conditions.
    pub conditions: Vec<String>,
}

/// What a code needs beside it in the same record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// What a breach is called.
    pub name: String,
    /// The set looked at.
    pub when: String,
    /// Names of sets of which one must stand in the record; empty if none need.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// Sex that the patient must have.
    pub sex: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSet {
    name: String,
    title: String,
    source: String,
    #[serde(default)]
    long_term: bool,
    codes: Vec<String>,
    words: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    kinds: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct SetsFile {
    set: Vec<RawSet>,
}

#[derive(Deserialize)]
struct RangesFile {
    range: Vec<ReferenceRange>,
}

#[derive(Deserialize)]
struct IndicationsFile {
    indication: Vec<Indication>,
}

#[derive(Deserialize)]
struct CompanionsFile {
    rule: Vec<Companion>,
}

impl ClinicalTables {
    /// The tables that ship with the crate.
    ///
    /// # Errors
    /// None as shipped: a test reads every file.
    pub fn built_in() -> Result<Self, TablesError> {
        let mut sets = BTreeMap::new();
        for raw in toml::from_str::<SetsFile>(SETS)?.set {
            let codes = ClinicalSet::members(&raw.codes, &raw.words)?;
            let kind = |text: &String| {
                text.parse::<EventKind>().map_err(|_| TablesError::NotAKind { text: text.clone() })
            };
            let kinds = match &raw.kinds {
                None => ClinicalSet::usual_kinds(&codes),
                Some(kinds) => kinds.iter().map(kind).collect::<Result<_, _>>()?,
            };
            let set = ClinicalSet {
                name: raw.name.as_str().into(),
                title: raw.title.into(),
                source: raw.source.into(),
                long_term: raw.long_term,
                codes,
                excluded: ClinicalSet::members(&raw.exclude, &[])?,
                kinds,
            };
            if sets.insert(set.name.clone(), set).is_some() {
                return Err(TablesError::TwoSets { name: raw.name });
            }
        }
        let tables = Self {
            sets,
            ranges: toml::from_str::<RangesFile>(RANGES)?.range,
            indications: toml::from_str::<IndicationsFile>(INDICATIONS)?.indication,
            companions: toml::from_str::<CompanionsFile>(COMPANIONS)?.rule,
            drug_atc: drug_atc()?,
        };
        tables.check()?;
        Ok(tables)
    }

    /// Every name that a table uses is a set's, every code parses.
    fn check(&self) -> Result<(), TablesError> {
        let named =
            self.indications.iter().flat_map(|row| std::iter::once(&row.drugs).chain(&row.conditions)).chain(
                self.companions.iter().flat_map(|rule| std::iter::once(&rule.when).chain(&rule.any_of)),
            );
        for name in named {
            self.set(name)?;
        }
        for text in self.ranges.iter().flat_map(|range| &range.codes) {
            Code::parse(text.as_str()).map_err(|_| TablesError::NotACode { line: 0, text: text.clone() })?;
        }
        Ok(())
    }

    /// Adds a set, or puts it in the place of the one of its name; it keeps that one's part in
    /// multimorbidity, and the kinds of events that it is stated by.
    pub fn replace(&mut self, mut set: ClinicalSet) {
        if let Some(own) = self.sets.get(&set.name) {
            set.long_term = own.long_term;
            set.kinds.clone_from(&own.kinds);
        }
        self.sets.insert(set.name.clone(), set);
    }

    /// The set of that name.
    ///
    /// # Errors
    /// [`TablesError::NoSuchSet`] with the names there are.
    pub fn set(&self, name: &str) -> Result<&ClinicalSet, TablesError> {
        self.sets.get(name).ok_or_else(|| TablesError::NoSuchSet {
            name: name.to_owned(),
            permitted: self.sets.keys().map(|name| &**name).collect::<Vec<_>>().join(", "),
        })
    }

    /// Every set in order of name.
    pub fn sets(&self) -> impl Iterator<Item = &ClinicalSet> {
        self.sets.values()
    }

    /// The limits of usual results.
    pub fn ranges(&self) -> &[ReferenceRange] {
        &self.ranges
    }

    /// What classes of drugs are given for.
    pub fn indications(&self) -> &[Indication] {
        &self.indications
    }

    /// What codes need beside them.
    pub fn companions(&self) -> &[Companion] {
        &self.companions
    }

    /// The ATC value that a product's full code stands for.
    pub fn atc_of(&self, code: &str) -> Option<&str> {
        self.drug_atc.get(code).map(|atc| &**atc)
    }
}

/// Why a set or a table can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TablesError {
    /// Not such a table.
    #[error("a table can't be read")]
    Toml(#[from] toml::de::Error),
    /// Not a code.
    #[error("line {line}: {text:?} is no code; permitted: a code of a system, such as SNOMED//44054006")]
    NotACode {
        /// Line of the file, 0 where there are none.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// A file without the column that matters.
    #[error(
        "the heading {heading:?} has no column `code`; permitted: columns system,code or code alone with full codes"
    )]
    NoCodeColumn {
        /// The first line.
        heading: String,
    },
    /// A set of nothing.
    #[error("the set {name} holds no code; permitted: at least one")]
    NoCodes {
        /// Its name.
        name: String,
    },
    /// A name given twice.
    #[error("two sets are called {name}; permitted: one")]
    TwoSets {
        /// The name.
        name: String,
    },
    /// A name of no set.
    #[error("no set is called {name:?}; permitted: {permitted}")]
    NoSuchSet {
        /// The name.
        name: String,
        /// The names there are.
        permitted: String,
    },
    /// A word of no kind of event.
    #[error("{text:?} is no kind of event; permitted: condition, procedure, medication and the others")]
    NotAKind {
        /// The word.
        text: String,
    },
    /// A row that maps nothing.
    #[error("the drug row {row:?} maps nothing; permitted: code,atc,ingredient")]
    DrugRow {
        /// The row.
        row: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_the_shipped_tables_are_whole() {
        let tables = ClinicalTables::built_in().unwrap();
        assert!(tables.sets().count() > 50);
        for set in tables.sets() {
            assert!(set.codes().count() > 0 && !set.source().is_empty(), "{}", set.name());
            assert!(!set.kinds().is_empty(), "{}", set.name());
            assert!(set.excluded().all(|code| set.codes().all(|own| own != code)), "{}", set.name());
        }
        assert!(tables.ranges().iter().all(|range| range.low.is_some() || range.high.is_some()));
        assert!(tables.companions().iter().all(|rule| rule.sex.is_some() == rule.any_of.is_empty()));
        assert_eq!(tables.atc_of("RXNORM//849574"), Some("M01AE02"));
        assert!(tables.set("nonsense").unwrap_err().to_string().contains("type-2-diabetes"));
    }

    #[test]
    fn regress_a_users_set_replaces_ours() {
        let mut tables = ClinicalTables::built_in().unwrap();
        tables.replace(ClinicalSet::from_csv("hypertension", "code\nSNOMED//1\n").unwrap());
        let set = tables.set("hypertension").unwrap();
        assert!(set.is_long_term());
        assert_eq!(set.codes().map(Code::as_str).collect::<Vec<_>>(), ["SNOMED//1"]);
    }
}
