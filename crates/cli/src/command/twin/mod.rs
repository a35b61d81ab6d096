//! One file per verb of `twinloom twin`.

pub(crate) mod compare;
mod histories;
pub(crate) mod run;
pub(crate) mod setting;
pub(crate) mod validate;
