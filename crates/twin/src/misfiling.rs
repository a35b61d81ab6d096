//! Hands entries that were filed under somebody else to the journey of whom they stand under.
//!
//! Something is only ever filed under one of the next people ([`MISFILED_WITHIN`]), and journeys come in subject
//! order: so an entry waits for a few journeys at most, whatever the population and the number of threads.

use std::collections::BTreeMap;

use twinloom_event::Event;

use crate::journey::Journey;

/// How many subjects further on something may be filed by mistake.
pub(crate) const MISFILED_WITHIN: u64 = 50;

/// Entries on their way to journeys that are still to come.
#[derive(Debug, Default)]
pub(crate) struct Misfiling {
    waiting: BTreeMap<i64, Vec<Event>>,
}

impl Misfiling {
    /// Takes what was misfiled of a journey and gives it what was filed there of those before it.
    pub(crate) fn exchange(&mut self, journey: &mut Journey) {
        let subject = journey.person.subject_id.get();
        for event in &journey.misfiled {
            self.waiting.entry(event.subject_id().get()).or_default().push(event.clone());
        }
        if self.waiting.first_key_value().is_some_and(|(first, _)| *first <= subject) {
            journey.of_others = self.waiting.remove(&subject).unwrap_or_default();
        }
    }
}
