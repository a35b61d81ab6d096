//! The canonical record: every source becomes this, every model starts from this.
//!
//! A [`Cohort`] holds one [`Timeline`] per subject; a timeline holds [`Event`]s in a total order
//! (time, then `seq`; static events first). An event is one coded fact: who, when, what, how much,
//! during which encounter, and which artefact of which system said so. Around the events stand the
//! [`Link`]s between artefacts, the [`Entity`]s that are not subjects (organisations, clinicians,
//! places) and the [`Concept`]s that describe codes; a [`Dataset`] is all of them together.
//!
//! The shape is MEDS 0.4 plus typed open columns. This crate has no input or output, no clock, no
//! randomness and nothing asynchronous.
//!
//! ```
//! use twinloom_event::{Cohort, Code, Event, EventKind, SubjectId, Timeline, Timestamp, Unit};
//!
//! let subject = SubjectId::new(7);
//! let taken = Timestamp::from_ymd_hms(2024, 3, 1, 9, 30, 0)?;
//! let hba1c = Event::new(subject, Some(taken), Code::new("SNOMED", "999791000000106")?)
//!     .with_kind(EventKind::Observation)
//!     .with_numeric_value(61.0)?
//!     .with_unit(Unit::new("mmol/mol")?);
//! let cohort = Cohort::new(vec![Timeline::from_unordered(subject, vec![hba1c])?])?;
//! assert_eq!(cohort.event_count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Source
//! Medical Event Data Standard 0.4 (data schema); FHIR R4 for the open columns' meaning.

mod artefact;
mod attribute;
mod code;
mod cohort;
mod concept;
mod dataset;
mod entity;
mod event;
mod id;
mod kind;
mod label;
mod link;
mod relation;
mod split;
mod time;
mod timeline;
mod unit;

pub use artefact::Artefact;
pub use attribute::{Attribute, AttributeType, Attributes};
pub use code::{Code, CodeError};
pub use cohort::{Cohort, CohortError};
pub use concept::Concept;
pub use dataset::Dataset;
pub use entity::Entity;
pub use event::{Event, EventError};
pub use id::{EncounterId, IdError, RecordId, Source, SubjectId};
pub use kind::{EventKind, UnknownKind};
pub use label::{Label, LabelValue};
pub use link::Link;
pub use relation::{Relation, RelationKind, Terminology};
pub use split::{Split, UnknownSplit};
pub use time::{MICROSECONDS_PER_DAY, TimePrecision, Timestamp, TimestampError};
pub use timeline::{Timeline, TimelineError};
pub use unit::{Unit, UnitError};
