//! One file per verb of `twinloom twin`.

pub(crate) mod calibrate;
pub(crate) mod compare;
pub(crate) mod fork;
pub(crate) mod gmf;
mod gmf_study;
mod histories;
pub(crate) mod ledger;
pub(crate) mod run;
pub(crate) mod setting;
mod tracing;
pub(crate) mod validate;
