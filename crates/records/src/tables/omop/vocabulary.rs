//! Concepts: from numbers to codes, descriptions and parents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::{Code, Concept};

use crate::tables::TableError;
use crate::tables::out::{Out, Outcome};
use crate::tables::source::TableSource;

pub(super) const TABLES: [&str; 5] =
    ["concept", "concept_relationship", "concept_ancestor", "concept_synonym", "source_to_concept_map"];

/// Names of vocabularies where ours differ.
///
/// # Source
/// OHDSI standardised vocabularies, athena.ohdsi.org.
const SYSTEMS: [(&str, &str); 10] = [
    ("RxNorm", "RXNORM"),
    ("RxNorm Extension", "RXNORM_EXTENSION"),
    ("ICD9Proc", "ICD9CM"),
    ("dm+d", "DMD"),
    ("Read", "READ"),
    ("CPT4", "CPT"),
    ("SNOMED", "SNOMED"),
    ("LOINC", "LOINC"),
    ("OPCS4", "OPCS4"),
    ("UCUM", "UCUM"),
];

/// The concept table: vocabulary, code and name by number, texts end to end.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    places: FxHashMap<i64, Place>,
    texts: String,
    systems: Vec<String>,
    used: BTreeMap<i64, Code>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    code_length: u16,
    name_length: u16,
    system: u16,
}

impl Vocabulary {
    /// Reads the concept table, if there is one.
    pub(super) fn read(source: &TableSource, out: &mut Out<'_>) -> Result<Self, TableError> {
        let mut vocabulary = Self::default();
        let mut systems: FxHashMap<String, u16> = FxHashMap::default();
        let needed = ["concept_id", "concept_name", "vocabulary_id", "concept_code"];
        let mut scratch = |_: u64| ();
        let mut nowhere = crate::MemorySink::default();
        let mut scan = Out::new("omop", &mut nowhere, &mut scratch);
        scan.read_table(source, "concept", &needed, &mut |_, row| {
            let (Some(id), Some(system), Some(code)) =
                (row.integer("concept_id"), row.get("vocabulary_id"), row.get("concept_code"))
            else {
                return Ok(Outcome::Skipped("no concept_id, vocabulary_id or concept_code"));
            };
            let name = row.get("concept_name").unwrap_or_default();
            let next = systems.len() as u16;
            let system = *systems.entry(system.to_owned()).or_insert(next);
            let place = Place {
                start: vocabulary.texts.len(),
                code_length: code.len().min(usize::from(u16::MAX)) as u16,
                name_length: name.len().min(usize::from(u16::MAX)) as u16,
                system,
            };
            if code.len() > usize::from(u16::MAX) || name.len() > usize::from(u16::MAX) {
                return Ok(Outcome::Skipped("concept_code or concept_name is over 65535 bytes"));
            }
            vocabulary.texts.push_str(code);
            vocabulary.texts.push_str(name);
            vocabulary.places.insert(id, place);
            Ok(Outcome::Kept(0))
        })?;
        // Rows that were read count when it is known which are used; the others are reported now.
        let mut report = scan.report;
        if let Some(table) = report.tables.get_mut("concept") {
            table.read -= table.kept;
            table.kept = 0;
        }
        report.bytes = 0;
        out.report.merge(report);
        let mut names = vec![String::new(); systems.len()];
        for (name, number) in systems {
            let own = SYSTEMS.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| (*ours).to_owned());
            names[usize::from(number)] = own.unwrap_or_else(|| name.replace("//", "/").replace(' ', "_"));
        }
        vocabulary.systems = names;
        Ok(vocabulary)
    }

    fn parts(&self, id: i64) -> Option<(&str, &str, &str)> {
        let place = self.places.get(&id)?;
        let middle = place.start + usize::from(place.code_length);
        let code = self.texts.get(place.start..middle)?;
        let name = self.texts.get(middle..middle + usize::from(place.name_length))?;
        Some((self.systems.get(usize::from(place.system))?, code, name))
    }

    /// The code of a known concept other than 0, "no matching concept".
    pub(super) fn code(&mut self, out: &mut Out<'_>, id: Option<i64>) -> Option<Code> {
        let id = id.filter(|id| *id != 0)?;
        if let Some(code) = self.used.get(&id) {
            return Some(code.clone());
        }
        let (system, code, _) = self.parts(id)?;
        let code = out.code(&[system, code])?;
        self.used.insert(id, code.clone());
        Some(code)
    }

    /// The name of a known concept.
    pub(super) fn name(&self, id: Option<i64>) -> Option<&str> {
        self.parts(id?).map(|(_, _, name)| name)
    }

    /// Describes the concepts used and their parents, and counts the others.
    pub(super) fn describe(&mut self, source: &TableSource, out: &mut Out<'_>) -> Result<(), TableError> {
        let mut parents: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        let used = &self.used;
        let needed = ["concept_id_1", "concept_id_2", "relationship_id"];
        out.read_table(source, "concept_relationship", &needed, &mut |_, row| {
            let (Some(child), Some(parent)) = (row.integer("concept_id_1"), row.integer("concept_id_2"))
            else {
                return Ok(Outcome::Skipped("no concept_id_1 or concept_id_2"));
            };
            if row.get("relationship_id") != Some("Is a") {
                return Ok(Outcome::Skipped("relationship is other than Is a"));
            }
            if row.get("invalid_reason").is_some() {
                return Ok(Outcome::Skipped("relationship is no longer valid"));
            }
            if !used.contains_key(&child) || child == parent {
                return Ok(Outcome::Skipped("concept is used by no event"));
            }
            parents.entry(child).or_default().insert(parent);
            Ok(Outcome::Kept(0))
        })?;
        let needed = ["ancestor_concept_id", "descendant_concept_id", "min_levels_of_separation"];
        out.read_table(source, "concept_ancestor", &needed, &mut |_, row| {
            let (Some(parent), Some(child)) =
                (row.integer("ancestor_concept_id"), row.integer("descendant_concept_id"))
            else {
                return Ok(Outcome::Skipped("no ancestor_concept_id or descendant_concept_id"));
            };
            if row.integer("min_levels_of_separation") != Some(1) {
                return Ok(Outcome::Skipped("ancestor is no parent"));
            }
            if !used.contains_key(&child) || child == parent {
                return Ok(Outcome::Skipped("concept is used by no event"));
            }
            parents.entry(child).or_default().insert(parent);
            Ok(Outcome::Kept(0))
        })?;
        for table in ["concept_synonym", "source_to_concept_map"] {
            out.read_table(source, table, &[], &mut |_, _| Ok(Outcome::Skipped("other names are not read")))?;
        }
        self.tell(out, &parents)
    }

    fn tell(&mut self, out: &mut Out<'_>, parents: &BTreeMap<i64, BTreeSet<i64>>) -> Result<(), TableError> {
        let used: Vec<i64> = self.used.keys().copied().collect();
        for parent in parents.values().flatten() {
            // A parent is described too, though no event uses it.
            let _ = self.code(out, Some(*parent));
        }
        for (id, code) in &self.used {
            let parents: Vec<Code> = match parents.get(id) {
                Some(parents) => parents.iter().filter_map(|parent| self.used.get(parent).cloned()).collect(),
                None => twinloom_codes::parents(code),
            };
            let description = self.name(Some(*id)).filter(|name| !name.is_empty()).map(Arc::from);
            out.concept(Concept { code: code.clone(), description, parents })?;
        }
        let kept = used.len().max(self.used.len()) as u64;
        let unused = self.places.len() as u64 - kept.min(self.places.len() as u64);
        for _ in 0..kept {
            out.report.keep("concept", 0);
        }
        for _ in 0..unused {
            let file = source_of_concepts();
            out.report.skip("concept", "concept is used by no event", || file);
        }
        Ok(())
    }
}

fn source_of_concepts() -> crate::Location {
    crate::Location { file: "concept.csv".to_owned(), position: 0 }
}
