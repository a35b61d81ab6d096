//! Feature tables: what is known of an instance, as sparse numbers.

mod map;
mod scaling;
mod table;

pub use map::{FeatureMap, FeatureOptions};
pub use scaling::Scaling;
pub use table::{Feature, FeatureRole, FeatureTable};
