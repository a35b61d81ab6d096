//! Eight systems of record that observe one truth, each imperfectly in its own way.
//!
//! An [`Observer`] turns a person's true timeline into the artefacts of every system: first what a
//! perfect recorder would write in the system's own conventions ([`Observer::faithful`]), then the
//! errors of the rates in `data/systems.toml`, each entered into a ledger. [`replay`] puts the two
//! together again: the truth and the ledger explain every recorded fact.
//!
//! # Limits
//! A stay is one consultant episode. Whether an issue is collected, and how long coding and filing
//! take, the truth does not tell: each system draws it by itself. No system feeds back into the
//! simulation.

mod book;
mod draws;
mod errors;
mod faithful;
mod field;
mod gp_record;
mod keying;
mod ledger;
mod observer;
mod rates;
mod registers;
mod subject;
mod system;
mod terms;

pub use book::{Artefact, ArtefactId, Book, Heading};
pub use field::{Field, FieldType, FieldValue};
pub use gp_record::gp_record_attributes;
pub use ledger::{LedgerEntry, ReplayError, replay};
pub use observer::{Observation, Observer};
pub use rates::{RatesError, Rounding, SystemConventions, SystemRates};
pub use subject::Particulars;
pub use system::{ArtefactKind, ErrorKind, System, UnknownWord};
