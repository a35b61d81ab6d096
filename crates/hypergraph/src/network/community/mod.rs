//! Communities of a weighted graph.

mod divide;
mod leiden;
mod level;

pub use divide::{Communities, CommunityError, CommunityParams, Division, Quality, divide};
