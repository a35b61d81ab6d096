//! Clinical pathways in the Generic Module Framework, run at exact times.
//!
//! # Source
//! Synthea's Generic Module Framework (Walonoski et al. 2018, JAMIA 25:230), its state, condition and
//! transition types; see `pathways/README.md` for the extension keys.

mod action;
mod appointments;
mod condition;
mod contacts;
mod dispensing;
mod encounter_spec;
mod encounters;
mod error;
mod hazard;
mod instance;
mod interpreter;
mod keys;
mod module;
mod names;
mod node;
mod parameter;
mod pathway;
mod program;
mod quantity;
mod results;
mod spec;
mod state;
mod topics;
mod transition;
mod value;
mod words;

pub use error::PathwayError;
pub use parameter::PathwayParameter;
pub use pathway::Pathway;

pub(crate) use dispensing::Dispensing;
pub(crate) use instance::Instance;
pub(crate) use interpreter::{Instances, Interpreter};
pub(crate) use module::States;
pub(crate) use names::Names;
pub(crate) use program::Program;
pub(crate) use spec::BeginSpec;
pub(crate) use topics::Topics;
pub(crate) use value::Value;
