//! eICU Collaborative Research Database 2.0.
//!
//! Subject: `uniquepid`. Encounters: the hospital stay (`hospitalstay/ID`) and the unit stay
//! (`unitstay/ID`), of which all of a unit stay's events are part.
//!
//! # Time
//! eICU gives minutes from unit admission and, of the calendar, only the year of hospital discharge
//! and the clock at admission. A hospital stay is placed at 1 January of its discharge year at
//! `hospitaladmittime24`; unit admission is that minus `hospitaladmitoffset`. Stays of one person
//! follow each other: a stay ending in death last, the others by age, year and id; a stay that would
//! begin before the one before it has ended begins on the next day instead.
//!
//! # Leaks avoided
//! - Discharge status, places and weight are known at discharge only; `actual*` columns of
//!   `apachepatientresult`, `diedinhospital` and `dischargelocation` of `apachepredvar` are left out.
//! - `activeupondischarge` is left out everywhere.
//! - APACHE variables and predictions describe the first 24 hours and are known at their end.
//! - Culture results have no time; they count as known at hospital discharge.
//! - What happened before hospital admission is known at hospital admission at the earliest.
//!
//! # Source
//! Pollard et al., The eICU Collaborative Research Database, Scientific Data 5, 180178 (2018);
//! eicu-crd.mit.edu/eicutables.

mod apache;
mod facts;
mod patient;
mod specs;
mod stay;
#[cfg(test)]
mod tests;

use super::TableError;
use super::out::Out;
use super::source::TableSource;

/// The system name of eICU's own codes.
const SYSTEM: &str = "EICU";

pub(super) fn import(source: &TableSource, out: &mut Out<'_>) -> Result<(), TableError> {
    facts::hospitals(source, out)?;
    let stays = patient::import(source, out)?;
    apache::import(source, out, &stays)?;
    facts::import(source, out, &stays)?;
    let mut known: Vec<&str> = vec!["hospital", "patient"];
    known.extend(apache::TABLES);
    known.extend(facts::TABLES);
    known.extend(specs::SPECS.iter().map(|spec| spec.table));
    out.leave_aside(source, &[], &known)
}
