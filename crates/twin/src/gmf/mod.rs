//! Clinical pathways in the Generic Module Framework, run at exact times.
//!
//! # Source
//! Synthea's Generic Module Framework (Walonoski et al. 2018, JAMIA 25:230), its state, condition and
//! transition types; see `pathways/README.md` for the extension keys.

mod action;
mod condition;
mod error;
mod hazard;
mod interpreter;
mod module;
mod names;
mod node;
mod pathway;
mod program;
mod state;
mod transition;
mod value;

pub use error::PathwayError;
pub use pathway::Pathway;

pub(crate) use interpreter::{Instance, Interpreter};
pub(crate) use module::States;
pub(crate) use program::Program;
pub(crate) use value::Value;
