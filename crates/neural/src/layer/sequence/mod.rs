//! Layers over sequences of different lengths, laid one after another without padding.

mod attention;
mod gru;
mod runs;
mod transformer;

pub use attention::{attention_shares, self_attention};
pub use gru::{Direction, Gru};
pub use runs::Runs;
pub use transformer::TransformerBlock;
