//! Embeddings of knowledge graphs, and how well they rank what they were not told.

mod embedding;
mod ranking;
mod training;
mod triple;

pub use embedding::{KnowledgeEmbedding, Scoring};
pub use ranking::{RankingQuality, filtered_rank};
pub use training::{KnowledgeTraining, SamplingParameters};
pub use triple::{KnowledgeError, KnowledgeGraph, Triple};
