//! FHIR R4, both ways.

pub mod write;
