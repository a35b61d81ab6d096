//! Neighbourhoods of a few nodes, drawn from graphs too large to compute on at once.

mod neighbours;
mod recent;

pub use neighbours::{NeighbourSample, sample_neighbours};
pub use recent::{EventLog, EventLogError, TimedEdge};
