//! The digital twin: population, need, pathways and the systems that record them.

mod gmf;
mod identity;
mod journey;
mod parameters;
mod person;
mod run;
mod stream;
mod world;

pub use gmf::{Pathway, PathwayError};
pub use identity::{Identity, NhsNumber};
pub use journey::{Journey, RunSummary};
pub use parameters::{ParameterError, TwinParameters};
pub use person::{EthnicGroup, Ethnicity, Person, Practice, Sex, SmokingHistory, SmokingStatus};
pub use run::{TwinError, run};
