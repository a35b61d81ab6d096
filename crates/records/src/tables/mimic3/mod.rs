//! MIMIC-III 1.4.
//!
//! Subject: `subject_id`. Encounters: the admission (`hadm/ID`), to which events belong, and the unit
//! stay (`icustay/ID`), which is part of it. Times are MIMIC's own, shifted into the future per person.
//!
//! # Leaks avoided
//! - Diagnoses, procedures and DRGs are coded at discharge and timed then; procedures billed (CPT)
//!   without a date likewise.
//! - Discharge place, last unit and length of stay are known at discharge or at the end of the stay.
//! - Culture results have no time; they count as known at discharge.
//! - Orders that were rewritten were not given and are skipped.
//!
//! # Limits
//! People over 89 are born 300 years before their first admission in MIMIC; the birth is kept so, with
//! attribute `shifted`.
//!
//! # Source
//! Johnson et al., MIMIC-III, Scientific Data 3, 160035 (2016); mimic.mit.edu/docs/iii/tables.

mod coded;
mod dictionary;
mod events;
mod people;
#[cfg(test)]
mod tests;

use super::TableError;
use super::out::Out;
use super::source::TableSource;

pub(super) fn import(source: &TableSource, out: &mut Out<'_>) -> Result<(), TableError> {
    let dictionary = dictionary::import(source, out)?;
    let admissions = people::import(source, out)?;
    coded::import(source, out, &admissions)?;
    events::import(source, out, &admissions, &dictionary)?;
    let mut known: Vec<&str> = Vec::new();
    known.extend(dictionary::TABLES);
    known.extend(people::TABLES);
    known.extend(coded::TABLES);
    known.extend(events::TABLES);
    out.leave_aside(source, &[], &known)
}
