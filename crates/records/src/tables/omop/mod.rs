//! OMOP Common Data Model 5.4.
//!
//! Subject: `person_source_value` is an identifier of another system, so `person_id` is the subject.
//! Encounters: `visit_occurrence/ID`. A fact's code is its standard concept where the concept table
//! knows it, else its source concept, else its source value (`OMOP_SOURCE//...`), else the concept's
//! number (`OMOP//...`); the source concept stands in `other_codes` when it differs.
//!
//! # Time
//! `*_datetime` where it has a clock; a midnight stands for the whole day, as ETL programs write it.
//!
//! # Limits
//! The CONCEPT table is held in memory, about 100 bytes a concept. Eras are derived from occurrences
//! and are not read again; costs, cohorts and addresses are left aside. All are counted.
//!
//! # Source
//! OHDSI Common Data Model v5.4, ohdsi.github.io/CommonDataModel/cdm54.html.

mod facts;
mod person;
mod surroundings;
#[cfg(test)]
mod tests;
mod vocabulary;

use super::TableError;
use super::out::Out;
use super::source::TableSource;
use vocabulary::Vocabulary;

/// Tables whose rows are counted but not kept, with the reason.
const LEFT_ASIDE: [(&str, &str); 16] = [
    ("condition_era", "derived from condition_occurrence, which is read"),
    ("drug_era", "derived from drug_exposure, which is read"),
    ("dose_era", "derived from drug_exposure, which is read"),
    ("cost", "costs are no events of a person"),
    ("cohort", "a result of a study, not a source"),
    ("cohort_definition", "a result of a study, not a source"),
    ("location", "addresses are left behind"),
    ("note_nlp", "derived from note, which is read"),
    ("fact_relationship", "relates facts by number; not read"),
    ("cdm_source", "describes the dataset"),
    ("metadata", "describes the dataset"),
    ("vocabulary", "describes the vocabularies"),
    ("domain", "describes the vocabularies"),
    ("concept_class", "describes the vocabularies"),
    ("relationship", "describes the vocabularies"),
    ("drug_strength", "describes the vocabularies"),
];

pub(super) fn import(source: &TableSource, out: &mut Out<'_>) -> Result<(), TableError> {
    let mut vocabulary = Vocabulary::read(source, out)?;
    person::import(source, out, &mut vocabulary)?;
    facts::import(source, out, &mut vocabulary)?;
    surroundings::import(source, out, &mut vocabulary)?;
    vocabulary.describe(source, out)?;
    let mut known: Vec<&str> = Vec::new();
    known.extend(vocabulary::TABLES);
    known.extend(person::TABLES);
    known.extend(facts::FACTS.iter().map(|fact| fact.table));
    known.extend(surroundings::TABLES);
    out.leave_aside(source, &LEFT_ASIDE, &known)
}
