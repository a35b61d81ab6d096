//! One file per verb of `twinloom twin`.

pub(crate) mod calibrate;
pub(crate) mod compare;
pub(crate) mod gmf;
pub(crate) mod fork;
mod histories;
pub(crate) mod run;
pub(crate) mod setting;
pub(crate) mod validate;
