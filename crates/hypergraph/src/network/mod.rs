//! The network of pairs of conditions: which go together more often than chance, in which order.
//!
//! [`PairsParams::measure`] compares every two conditions within strata of like people (same sex, same
//! age band) and pools the strata. It keeps strata with an empty cell: Mantel and Haenszel's sums need
//! no other, and leaving them out would bias rare conditions.
//!
//! ```
//! use twinloom_hypergraph::network::PairsParams;
//! use twinloom_hypergraph::{Onset, People};
//!
//! let mut builder = People::builder();
//! let (asthma, eczema) = (builder.condition("asthma"), builder.condition("eczema"));
//! for person in 0..100 {
//!     let both = [Onset::on(eczema, 10), Onset::on(asthma, 400)];
//!     builder.person(if person < 30 { &both } else { &[] }, None);
//! }
//! builder.person(&[Onset::on(asthma, 7)], None);
//! let pairs = PairsParams::default().measure(&builder.build())?;
//! let pair = &pairs.pairs[0];
//! assert_eq!((pair.table.both, pair.order.second_before), (30, 30));
//! assert!(pair.odds_ratio.estimate.is_none(), "nobody has eczema alone, so the ratio is unbounded");
//! assert!(pair.q_association.is_some_and(|q| q < 1e-6));
//! # Ok::<(), twinloom_hypergraph::network::PairsError>(())
//! ```

mod adjacency;
mod centrality;
mod columns;
mod community;
mod enrichment;
mod exact;
mod graphml;
mod homogeneity;
mod model;
mod null_test;
mod order;
mod pair;
mod ratio;
mod strata;
mod table;

pub use community::{Communities, CommunityError, CommunityParams, Division, Quality, divide};
pub use enrichment::{Enrichment, EnrichmentParams, Group};
pub use exact::Exact;
pub use homogeneity::Homogeneity;
pub use model::{Arrow, Edge, Network, NetworkError, NetworkParams, Node};
pub use null_test::NullTest;
pub use order::{Gap, Order, OrderTest};
pub use pair::{MOST_PAIRS, Pair, Pairs, PairsError, PairsParams};
pub use ratio::{Absent, Interval, Ratio, pooled_odds_ratio, pooled_risk_ratio};
pub use strata::Stratum;
pub use table::Table;
