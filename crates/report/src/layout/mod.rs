//! Where nodes, boxes and labels stand.

mod force;
mod label;
mod layered;

pub(crate) use force::spread;
pub(crate) use label::{LabelRequest, place_labels};
pub(crate) use layered::{Bundle, Layered, layered};
