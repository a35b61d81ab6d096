//! One person's life as it was and as their practice recorded it.

use twinloom_event::{Event, Timeline};

use crate::person::Person;
use crate::supply::Measures;
use crate::systems::{Book, LedgerEntry};

/// What a run yields for each person.
///
/// The two timelines have the same subject id. An artefact of the GP record and the fact behind it in
/// the truth share their record id (`Condition/12-7`), so what was recorded late, wrongly or not at
/// all can be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    /// Who it is; the only place where direct identifiers stand.
    pub person: Person,
    /// What happened, source `truth`: true onsets and true values.
    pub truth: Timeline,
    /// What the practice has written down of it under this person, source `gp`.
    pub gp_record: Timeline,
    /// What the practice has filed of it under somebody else, each event naming whom.
    pub misfiled: Vec<Event>,
    /// What the practice has filed under this person of somebody else: the other's ids stand in it.
    pub of_others: Vec<Event>,
    /// What every system of record holds, errors included.
    pub recorded: Book,
    /// Each departure of `recorded` from what perfect recorders would have written.
    pub ledger: Vec<LedgerEntry>,
}

impl Journey {
    /// The same with the practice's whole belief in `gp_record`: what it filed there of somebody else, too.
    ///
    /// # Panics
    /// Never: what stands in `of_others` names this person.
    #[must_use]
    pub fn with_others(mut self) -> Self {
        if self.of_others.is_empty() {
            return self;
        }
        let mut events = self.gp_record.into_events();
        events.append(&mut self.of_others);
        let record = Timeline::from_unordered(self.person.subject_id, events);
        Self { gp_record: record.expect("events of this person"), ..self }
    }
}

/// Counts over a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunSummary {
    /// People simulated.
    pub patients: u64,
    /// People who died before the end.
    pub deaths: u64,
    /// Events of the truth.
    pub truth_events: u64,
    /// Events of the GP records.
    pub gp_events: u64,
    /// Artefacts in all systems.
    pub artefacts: u64,
    /// Entries of the error ledger.
    pub ledger_entries: u64,
    /// Modules that were halted because they ran in circles or had no way out; 0 for sound modules.
    pub halted_modules: u64,
    /// What the services did.
    pub supply: Measures,
}

impl RunSummary {
    pub(crate) fn count(&mut self, journey: &Journey, halted_modules: u64) {
        self.halted_modules += halted_modules;
        self.patients += 1;
        self.deaths += u64::from(journey.person.death.is_some());
        self.truth_events += journey.truth.events().len() as u64;
        self.gp_events += (journey.gp_record.events().len() + journey.of_others.len()) as u64;
        self.artefacts += journey.recorded.len() as u64;
        self.ledger_entries += journey.ledger.len() as u64;
    }
}
