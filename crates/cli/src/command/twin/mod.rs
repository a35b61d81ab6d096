//! One file per verb of `twinloom twin`.

pub(crate) mod run;
