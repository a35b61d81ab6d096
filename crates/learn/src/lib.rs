//! Tensors: layers, trainer, graph networks and the baselines beside them.
//!
//! [`benchmark`] fits every [`ModelKind`] on one task with the same splits and the same information
//! and returns predictions on subjects that no fit saw. Metrics belong to whoever judges.
//!
//! Networks compute on burn's CPU device with autodiff; message passing is one operation of our own
//! ([`Aggregator`]) whose gradient is a product with the transposed adjacency. Optimisation is ours,
//! on plain numbers, so that a seed gives the same weights whatever the number of threads.

mod adam;
mod aggregate;
mod benchmark;
mod embedding;
mod folds;
mod inputs;
mod lbfgs;
mod logistic;
mod loss;
mod model;
mod parameters;
mod sage;
mod sparse;
mod trainer;
mod trees;

pub use aggregate::Aggregator;
pub use benchmark::{
    Benchmark, BenchmarkData, BenchmarkError, BenchmarkParameters, ModelPredictions, Prediction, Progress,
    benchmark, cross_validated,
};
pub use embedding::EmbeddingParameters;
pub use folds::Design;
pub use logistic::{LogisticError, LogisticParameters, LogisticRegression};
pub use model::ModelKind;
pub use sage::SageParameters;
pub use sparse::{SparseError, SparseMatrix};
pub use trainer::{TrainerError, TrainerParameters};
pub use trees::{BoostedTrees, ColumnTable, TreesError, TreesParameters};
