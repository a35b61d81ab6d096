//! Small versioned code tables: systems, hierarchies and maps, each with its licence note.
//!
//! Twinloom ships identifiers only of the code systems it uses, never a licensed release's tables:
//! SNOMED CT UK, dm+d, ICD-10 and OPCS-4 need a (free) licence in the UK.

mod clinical;
mod hierarchy;
mod system;
mod words;

pub use clinical::{
    ClinicalSet, ClinicalTables, Companion, DrugWords, Indication, ReferenceRange, TablesError, atc_holds,
};
pub use hierarchy::parents;
pub use system::{CodeSystem, system_name, system_uri};
pub use words::{TEXT_SYSTEM, code_of_words};
