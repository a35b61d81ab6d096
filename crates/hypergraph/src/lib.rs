//! Hypergraphs of multimorbidity: which conditions go together, which follow which, and how surely.
//!
//! [`People`] holds who has which condition since when; every model here is a function of it.
//!
//! ```
//! use twinloom_hypergraph::{Onset, People};
//!
//! let mut builder = People::builder();
//! let (hypertension, stroke) = (builder.condition("hypertension"), builder.condition("stroke"));
//! builder.person(&[Onset::on(hypertension, 100), Onset::on(stroke, 900)], None);
//! builder.person(&[Onset::undated(hypertension)], Some(1_200));
//! let people = builder.build();
//! assert_eq!(people.len(), 2);
//! let hypertension = people.conditions().find("hypertension").expect("two people have it");
//! assert_eq!(people.with_condition(hypertension), 2);
//! ```

mod condition;
pub mod directed;
mod distribution;
mod false_discovery;
mod history;
pub mod incidence;
mod lattice;
mod limits;
mod mass;
pub mod network;
mod people;
pub mod read;
mod slices;
mod sparse;
mod spectral;
mod stationary;
pub mod statistics;
mod traits;
pub mod undirected;
mod weight;

pub use condition::{ConditionId, Conditions};
pub use false_discovery::{FalseDiscovery, FalseDiscoveryError};
pub use history::{Histories, History, HistoryError, HistoryOptions, Node, Terminal, Ties, Undated};
pub use limits::{LimitError, Limits};
pub use mass::MassError;
pub use people::{Day, Onset, People, PeopleBuilder, Person};
pub use spectral::Eigen;
pub use traits::{Trait, TraitError};
pub use weight::Weighting;
