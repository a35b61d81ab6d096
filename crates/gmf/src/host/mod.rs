//! What the Java engine does in code beside the modules: people, growth, vital signs, risks.

mod body;
mod facts;
mod growth;
mod names;
mod normal;
mod people;
mod risk;
mod vital_sign;
mod vitals;

pub(crate) use body::{Age, Body};
pub(crate) use facts::Facts;
pub(crate) use names::Host;
pub(crate) use people::{Person, born_for_age_ms, person};
pub(crate) use risk::risk_of;
pub(crate) use vital_sign::VitalSign;
pub(crate) use vitals::{Asked, Vitals};
