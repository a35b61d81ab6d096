//! Self-contained HTML reports: tables, SVG plots, timelines and drawn graphs.
//!
//! A [`Report`] holds plain values; rendering makes one HTML file that loads nothing, runs no script
//! and gives the same bytes for the same values. All text is escaped where the markup is written.
//!
//! This crate reads no study and computes no result beyond binomial intervals and the grouping of
//! predictions for the calibration plot: who calls it decides what is said.

mod model;

pub use model::*;
