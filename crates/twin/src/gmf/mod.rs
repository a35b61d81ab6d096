//! Clinical pathways in the Generic Module Framework.

mod pathway;

pub use pathway::{Pathway, PathwayError};
