//! One drawing per kind of section.

mod calibration;
mod curves;
mod decision;
mod difference;
mod dot_plot;
mod ego;
mod neighbourhood;
mod network;
mod node;
mod prevalence;
mod progression;
mod pyramid;
mod results;
mod schema;
mod timeline;
mod transitions;
mod weights;

pub(crate) use calibration::calibration;
pub(crate) use curves::curves;
pub(crate) use decision::decision;
pub(crate) use difference::difference;
pub(crate) use dot_plot::dot_plot;
pub(crate) use ego::ego;
pub(crate) use neighbourhood::neighbourhood;
pub(crate) use network::network;
pub(crate) use prevalence::prevalence;
pub(crate) use progression::progression;
pub(crate) use pyramid::pyramid;
pub(crate) use results::results;
pub(crate) use schema::{schema, tiles};
pub(crate) use timeline::timeline;
pub(crate) use transitions::transitions;
pub(crate) use weights::weight_bars;
