//! The digital twin: population, need, pathways and the systems that record them.
//!
//! [`run`] simulates people of England, locality by locality, and yields for each, in subject order, a
//! [`Journey`]: who it is, what truly happened, and what eight systems recorded of it. Need (the
//! [`need`] table) says who gets which condition when; pathways, modules of the Generic Module
//! Framework ([`Pathway`]), say what is done about it; the services of the locality ([`supply`]) say
//! when. [`fork`] lives one person's futures with and without an intervention.
//!
//! ```
//! use twinloom_twin::{TwinError, TwinParameters, run};
//!
//! let parameters = TwinParameters { population: 20, seed: 7, ..TwinParameters::default() };
//! let mut diagnoses = 0;
//! let summary = run::<TwinError>(
//!     &parameters,
//!     |journey| {
//!         diagnoses += journey.gp_record.events().iter().filter(|event| {
//!             event.kind() == twinloom_event::EventKind::Condition
//!         }).count();
//!         Ok(())
//!     },
//!     |_people_done| {},
//! )?;
//! assert_eq!(summary.patients, 20);
//! assert!(diagnoses > 0);
//! # Ok::<(), TwinError>(())
//! ```
//!
//! # Who is simulated
//! Everyone alive at `start`, settled in localities and households, and those born between `start` and
//! `end`. Conditions before `start` are drawn on the condition that the person lived to it; pathways act
//! on them from birth on, each person alone, with waits that modules state. From `start` on everyone
//! shares the services of the locality, infections pass within households, and people die by the life
//! table of their age, sex and deprivation, sooner with conditions than without. Only contacts since
//! `record_from` are on the practice's system; older diagnoses and medicines in force are summarised
//! onto it, with coarser dates and a later recorded time. The truth keeps no measurements from before.
//!
//! # What agrees between truth and record
//! An artefact has one record id in both; what was entered a second time has `-second` behind it. The
//! truth has each condition at its onset, measurements without scatter, and the contacts before the
//! record; the record has what was diagnosed, when it was, as it was read off, with the errors of the
//! ledger ([`systems`]).
//!
//! # Determinism
//! Every process draws from its own stream for each subject ([`StreamKey`]): results depend on the
//! parameters alone, not on threads, and another process or subject shifts nobody's draws.
//!
//! # Limits
//! Services start with the backlog that their file states, not with the people's own. Nobody joins or
//! leaves the population but by birth and death; moves are within the locality. Whoever waits for a bed
//! waits for as long as it takes. Not for care.

mod calendar;
pub mod calibration;
mod comparison;
mod contact;
mod distribution;
pub mod engine;
mod fork;
mod gmf;
mod identity;
mod inventory;
mod journey;
mod life;
pub mod measure;
mod misfiling;
mod mortality;
mod nearest;
pub mod need;
mod parameters;
mod patient;
mod person;
mod physiology;
mod population;
mod run;
mod scenario;
mod smoking;
mod stream;
pub mod supply;
pub mod systems;
mod truth;
pub mod validation;
mod vocabulary;
mod world;

pub use comparison::{Comparison, Difference};
pub use distribution::{Distribution, event_time, standard_normal, weighted_choice};
pub use fork::{ForkError, Future, Intervention, MOST_FUTURES, fork};
pub use gmf::{Pathway, PathwayError, PathwayParameter};
pub use identity::{Identity, NhsNumber};
pub use inventory::{ConditionEntry, Inventory, PathwayEntry};
pub use journey::{Journey, RunSummary};
pub use parameters::{ParameterError, TwinParameters};
pub use person::{
    Address, Area, EthnicGroup, Ethnicity, Person, Practice, Registration, Residence, Sex, SmokingHistory,
    SmokingStatus,
};
pub use run::{TwinError, run};
pub use scenario::{HouseholdSmoking, NeedChanges, Plants, Scenario, ScenarioError, SupplyChanges, Wave};
pub use stream::{Stream, StreamKey};
pub use truth::truth_attributes;
pub use vocabulary::{concepts, embedded_tables};
