//! Tasks written in the configuration language of ACES.
//!
//! A configuration names predicates, a trigger, and windows that are bound to the trigger, to each
//! other or to events; it is read from YAML by [`Configuration::parse`] and applied by
//! [`Configuration::realisations`], or made a [`Task`](crate::Task) by `Task::from_aces`.
//!
//! # Source
//! Xu, Gallifant, Johnson, McDermott: ACES, automatic cohort extraction system for event-stream
//! datasets (ICLR 2025), and its configuration language specification. Where the program and its
//! specification differ, the program (es-aces 0.7.3) is followed, for its labels are those in use:
//! whether the event that bounds a window may stand at the very moment from which it is sought depends
//! on whether the *bound* is inclusive, not on whether the start is.
//!
//! # Limits
//! Three differences from the program: a code also matches the other codings of an event
//! (`other_codes`); a trigger whose windows have no end is left out and counted, also where the program
//! keeps a row without a trigger time; and `index_timestamp: start` of a window that reaches back from
//! its end is its start. YAML anchors and aliases are refused. An event dated to the day counts at its
//! stated time, midnight, as in the program.

mod boundary;
mod configuration;
mod counts;
mod decode;
mod document;
mod fields;
mod predicate;
mod realise;
mod window;

pub use configuration::{Configuration, ConfigurationError};
pub use realise::{Realisation, Shortfall, WindowSpan};
