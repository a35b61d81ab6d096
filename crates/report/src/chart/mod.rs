//! One drawing per kind of section.

mod calibration;
mod curves;
mod dot_plot;
mod neighbourhood;
mod prevalence;
mod pyramid;
mod results;
mod schema;
mod timeline;

pub(crate) use calibration::calibration;
pub(crate) use curves::curves;
pub(crate) use dot_plot::dot_plot;
pub(crate) use neighbourhood::neighbourhood;
pub(crate) use prevalence::prevalence;
pub(crate) use pyramid::pyramid;
pub(crate) use results::results;
pub(crate) use schema::{schema, tiles};
pub(crate) use timeline::timeline;
