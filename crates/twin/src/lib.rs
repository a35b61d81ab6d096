//! The digital twin: population, need, pathways and the systems that record them.

mod calendar;
mod distribution;
pub mod engine;
mod gmf;
mod identity;
mod journey;
mod mortality;
mod parameters;
mod patient;
mod person;
mod physiology;
mod population;
mod record;
mod run;
mod smoking;
mod stream;
mod world;

pub use gmf::{Pathway, PathwayError};
pub use identity::{Identity, NhsNumber};
pub use journey::{Journey, RunSummary};
pub use parameters::{ParameterError, TwinParameters};
pub use person::{EthnicGroup, Ethnicity, Person, Practice, Sex, SmokingHistory, SmokingStatus};
pub use record::concepts;
pub use run::{TwinError, run};
