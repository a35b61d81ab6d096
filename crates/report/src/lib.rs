//! Self-contained HTML reports: tables, SVG plots, timelines and drawn graphs.
//!
//! A [`Report`] holds plain values; [`Report::to_html`] makes one HTML file that loads nothing and
//! gives the same bytes for the same values. All text is escaped where the markup is
//! written. Each figure has a caption, a sentence on how to read it, a name for screen readers and its
//! numbers as a table. The neighbourhood of a node can be explored where JavaScript runs; the page's
//! policy lets that one script run and no other.
//!
//! ```
//! use twinloom_report::{Origin, Prevalence, PrevalenceRow, Report, Study};
//!
//! let study = Study::new(Origin::Simulated, "Twinloom digital twin", 1_000, 82_310);
//! let hypertension = PrevalenceRow::new("Hypertension", 148, 1_000).target(0.144, "QOF 2023/24");
//! let prevalence = Prevalence { population: "all ages".into(), rows: vec![hypertension] };
//! let html = Report::new("A small study", study).section(prevalence).to_html();
//! assert!(html.starts_with("<!DOCTYPE html>") && html.contains("14.8%"));
//! ```
//!
//! # Limits
//! This crate reads no study and computes no result beyond binomial intervals and the grouping of
//! predictions for the calibration plot: who calls it decides what is said. It does not suppress small
//! numbers.

mod chart;
mod figure;
mod format;
mod html;
mod layout;
mod markup;
mod measure;
mod model;
mod scale;
mod svg;

pub use model::*;

impl Report {
    /// The report as one HTML file.
    pub fn to_html(&self) -> String {
        html::page(self)
    }
}
