//! Models of a record: networks and the baselines beside them, on the same splits.
//!
//! [`benchmark`] fits every [`ModelKind`] on one task with the same splits and the same information
//! and returns predictions on subjects that no fit saw. Metrics belong to whoever judges.
//!
//! Networks are made of `twinloom-neural`'s layers and trained by its trainer, so that a seed gives the
//! same weights whatever the number of threads. Here is what knows of records: what the networks read,
//! what they predict, and what they are compared with.

mod benchmark;
mod embedding;
pub mod embeddings;
mod encoding;
pub mod explain;
mod folds;
mod housemates;
mod inputs;
pub mod interactions;
mod kind;
mod labels;
mod lbfgs;
mod logistic;
mod loss;
pub mod medication;
mod model;
mod network;
mod output;
mod sage;
mod scales;
mod trainer;
mod trees;

pub use benchmark::{
    Benchmark, BenchmarkData, BenchmarkError, BenchmarkParameters, Dealing, ModelPredictions, Prediction,
    Progress, benchmark, cross_validated,
};
pub use embedding::EmbeddingParameters;
pub use encoding::{GraphParameters, SequenceParameters};
pub use folds::Design;
pub use kind::{ModelKind, Purpose};
pub use logistic::{LogisticError, LogisticParameters, LogisticRegression};
pub use sage::SageParameters;
pub use trainer::{TrainerError, TrainerParameters, Weighting};
pub use trees::{BoostedTrees, ColumnTable, TreesError, TreesParameters};
