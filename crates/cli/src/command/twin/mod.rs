//! One file per verb of `twinloom twin`.

pub(crate) mod compare;
pub(crate) mod run;
pub(crate) mod setting;
