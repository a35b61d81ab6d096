//! From values to places on the page, and the ticks between.

mod decades;
mod linear;
mod log;
mod time;

pub(crate) use decades::Decades;
pub(crate) use linear::{Linear, Ticks};
pub(crate) use log::Log;
pub(crate) use time::TimeScale;
