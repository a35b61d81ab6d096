//! Synthea's Generic Module Framework, complete, with the Java engine's weekly clock.
//!
//! [`Library::load`] reads a folder of modules and lookup tables, checks them and compiles them to
//! numbers; [`simulate`] runs them for an American population, person by person from birth to a
//! reference date, and hands over each life's canonical events; [`simulate_columns`] does the same and hands over
//! columns of numbers, many lives at a time, which is how a million people go to disk. What a state did for how many people,
//! and where it led, is counted in a [`VisitTable`], the same form in which the Java engine's counts
//! are kept, so that [`compare`] can hold one against the other.
//!
//! All 30 state types of the shipped modules and AllergyEnd, 21 condition types and all forms of
//! transition run. A Physiology state takes its alternative, as the Java engine does by default; CQL
//! expressions, which no shipped module uses, are reported as unsupported.
//!
//! # Source
//! Behaviour of the Java engine, Synthea at 2b0a55ba (2026-06-30), read and described again.
//!
//! # Limits
//! One person at a time: nobody meets anybody, and no service is ever full. The British twin with its
//! queues is another crate, with another clock.

mod calendar;
mod columns;
mod compare;
mod draw;
mod error;
mod events;
mod groups;
mod host;
mod ir;
mod library;
mod life;
mod names;
mod nearest;
mod read;
mod simulate;
mod value;
mod visits;
mod wording;

pub use columns::{Columns, NO_TIME, Sparse};
pub use compare::{Comparison, Difference, DifferenceKind, compare};
pub use error::{Fault, Finding, LoadError, Problem};
pub use groups::{Group, simulate_columns};
pub use library::{Library, LoadOptions};
pub use simulate::{Lifetime, Parameters, SimulationError, Summary, simulate};
pub use visits::{StateVisits, VisitTable};
pub use wording::{NO_WORD, Wording};
