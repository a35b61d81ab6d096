//! One person's life as it was and as their practice recorded it.

use twinloom_event::Timeline;

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
    /// What the practice believes, source `gp`.
    pub gp_record: Timeline,
    /// What every system of record holds, errors included.
    pub recorded: Book,
    /// Each departure of `recorded` from what perfect recorders would have written.
    pub ledger: Vec<LedgerEntry>,
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
        self.gp_events += journey.gp_record.events().len() as u64;
        self.artefacts += journey.recorded.len() as u64;
        self.ledger_entries += journey.ledger.len() as u64;
    }
}
