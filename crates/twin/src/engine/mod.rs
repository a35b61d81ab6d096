//! The discrete-event engine: one clock, plans in a total order, subjects in parallel.
//!
//! A [`Model`] reacts to [`Plan`]s; a [`Context`] holds one subject's clock and plan queue. Subjects
//! meet only in the [`Services`] of their [`Locality`]: what is demanded within a window of two hours,
//! aligned to the clock, is served at its border in the order (time, person, sequence), and no answer
//! arrives before it. So within a window subjects can't affect each other and advance in parallel, with
//! the same result for any number of threads.
//!
//! # Source
//! Conservative parallel synchronisation with lookahead (Chandy and Misra 1979); the context with
//! plans follows ixa, the CDC's agent-based framework.

mod context;
mod locality;
mod moment;
#[cfg(test)]
mod tests;

pub use context::{ANSWERED, Context, Plan, Signal};
pub use locality::{Locality, Services, WINDOW_MICROS, border_after};
pub(crate) use moment::DAYS_PER_YEAR;
pub use moment::Moment;

/// What happens to subjects.
pub trait Model: Sync {
    /// One subject's state.
    type State: Send;

    /// Makes the subject and schedules their first plans.
    fn begin(&self, context: &mut Context) -> Self::State;

    /// Carries out a plan that is due.
    fn wake(&self, state: &mut Self::State, context: &mut Context, plan: Plan);

    /// Says whom a signal of one subject touches. Runs at the border of the window, in order of
    /// (time, subject), and reaches nobody before it.
    fn pass_on(&self, _signal: &Signal, _out: &mut Vec<Passed>) {}
}

/// What a signal brings another subject: a plan of its process 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Whom.
    pub subject: u64,
    /// When.
    pub at: Moment,
    /// With what note.
    pub note: u32,
}
