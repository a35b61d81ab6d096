//! One file per verb.

pub(crate) mod ask;
pub(crate) mod bench_public;
pub(crate) mod demo;
pub(crate) mod graph;
pub(crate) mod hypergraph;
pub(crate) mod import;
pub(crate) mod learn;
pub(crate) mod learn_drugs;
pub(crate) mod learn_medications;
pub(crate) mod privacy;
pub(crate) mod study;
pub(crate) mod study_table;
pub(crate) mod synth;
pub(crate) mod tables;
pub(crate) mod twin;
