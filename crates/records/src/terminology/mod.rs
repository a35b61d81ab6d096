//! Terminologies as users have them: what is a case of what, what maps to what, what interacts.
//!
//! Nothing of a release is shipped; users name their own. A file's kind is told by its first line or
//! its name, so a whole release may be given as it was downloaded, a zip within a zip too:
//!
//! | input | gives |
//! |---|---|
//! | SNOMED CT RF2 snapshot: relationships | `IS_A` (active, inferred) |
//! | SNOMED CT RF2 snapshot: descriptions | names (active, fully specified, then synonyms) |
//! | SNOMED CT RF2 snapshot: simple and extended map reference sets | `MAPS_TO` ICD-10, ICD-10-CM, CTV3 |
//! | NHSBSA dm+d XML and its bonus files (VMP, AMP, VMPP, AMPP) | `MAPS_TO` BNF and ATC, `IS_A`, names |
//! | ICD-10-CM to ICD-9-CM general equivalence mappings, CSV | `MAPS_TO` |
//! | ICD-10-CM to CCSR, JSON; ICD-10-CM names, JSON | `IS_A` CCSR; names |
//! | CSV `source_system,source_code,target_system,target_code,relation[,source][,severity]` | what it says |
//! | CSV `atc_a,atc_b[,severity]` | `INTERACTS_WITH` between ATC classes |
//!
//! # Source
//! SNOMED CT Release File Specifications (RF2); NHSBSA dm+d bonus file schema `bnf_v1_0.xsd`; CMS
//! general equivalence mappings 2018; AHRQ CCSR. The element names of the main dm+d files and the map
//! reference sets' identifiers are recalled from memory.
//!
//! # Limits
//! A text line may have 1 MiB, an XML or JSON file 512 MiB, zips may lie three deep.

mod collector;
mod dmd;
mod icd;
mod open;
mod rf2;
mod table;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use twinloom_event::Terminology;

use self::collector::Collector;
use crate::ImportReport;

/// Reads terminologies from files, folders and zips. What can't be used is counted and located in the
/// report, by file and line.
///
/// # Errors
/// [`TerminologyError`] when a path can't be read or nothing in it is a terminology.
pub fn read(paths: &[PathBuf]) -> Result<(Terminology, ImportReport), TerminologyError> {
    let mut collector = Collector::new();
    for path in paths {
        let before = collector.found();
        open::visit(path, &mut collector)?;
        if collector.found() == before {
            let path = path.clone();
            let first = collector.first_problem().map(|problem| format!("; {problem}")).unwrap_or_default();
            return Err(TerminologyError::Nothing { path, first });
        }
    }
    Ok(collector.finish())
}

/// Why a terminology can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TerminologyError {
    /// A path does not exist or can't be read.
    #[error("{path}: the terminology can't be read")]
    Open {
        /// The path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Nothing that could be used.
    #[error(
        "{path} holds no relation, map or name that can be used{first}; permitted: SNOMED CT RF2 snapshot files, dm+d XML, ICD-10-CM equivalence mappings, CCSR or names, CSV with source_system,source_code,target_system,target_code,relation or atc_a,atc_b"
    )]
    Nothing {
        /// The path.
        path: PathBuf,
        /// The first thing that went wrong, if something did.
        first: String,
    },
}

impl TerminologyError {
    fn open(path: &Path, source: std::io::Error) -> Self {
        Self::Open { path: path.to_owned(), source }
    }
}
