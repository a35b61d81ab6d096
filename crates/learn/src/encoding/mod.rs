//! Ways to encode a record for a network, each from the literature, all read the same record.

mod bag;
mod behrt;
mod code_sets;
mod encoder;
mod gct;
mod gru;
mod head;
mod interactions;
mod parameters;
mod people;
mod pretraining;
mod relational;
mod retain;
mod steps;
mod temporal;
mod transformer;
mod typed;
mod vgnn;
mod visits;

pub(crate) use bag::BagNetwork;
pub(crate) use behrt::{BehrtNetwork, Sentences, ages_years};
pub(crate) use code_sets::CodeSets;
pub(crate) use gct::GctNetwork;
pub(crate) use gru::GruNetwork;
pub(crate) use head::Head;
pub(crate) use interactions::Interactions;
pub use parameters::{GraphParameters, SequenceParameters};
pub(crate) use people::{Links, People};
pub(crate) use relational::RelationalNetwork;
pub(crate) use retain::RetainNetwork;
pub(crate) use steps::Steps;
pub(crate) use temporal::TemporalNetwork;
pub(crate) use transformer::TransformerNetwork;
pub(crate) use typed::TypedNetwork;
pub(crate) use vgnn::{Nodes, VgnnNetwork};
pub(crate) use visits::VisitsNetwork;
