//! The discrete-event engine: one clock, plans in a total order, subjects in parallel.
//!
//! A [`Model`] reacts to [`Plan`]s; a [`Context`] holds one subject's clock and plan queue. Subjects
//! meet only in shared [`Service`]s: a subject sends a [`Request`], and what the service answers
//! arrives as a plan no sooner than the service's lookahead. So within a window of that length
//! subjects can't affect each other and advance in parallel; at its border the requests are handed to
//! the services in the order (time, subject, sequence), the same for any number of threads. Without
//! services the window is the whole run and each subject runs from start to end alone.
//!
//! # Source
//! Conservative parallel synchronisation with lookahead (Chandy and Misra 1979); the context with
//! plans follows ixa, the CDC's agent-based framework.

mod context;
mod moment;
mod simulation;

pub use context::{Context, Plan, Request};
pub(crate) use moment::DAYS_PER_YEAR;
pub use moment::Moment;
pub use simulation::{Answer, Model, Service, run_alone, run_together};
