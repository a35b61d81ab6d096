//! The vectors that a fitted row gives people and concepts, and what can be read from them.

mod fitted;
mod neighbours;
mod principal;
mod probe;
mod umap;
mod vectors;

pub use neighbours::{Neighbour, nearest};
pub use principal::{PrincipalAxes, PrincipalError};
pub use probe::{Probe, ProbeError, probe};
pub use umap::{UmapError, UmapParameters, umap};
pub use vectors::{VectorError, Vectors};
