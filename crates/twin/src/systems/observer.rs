//! Observes a truth: what each system holds of it, and how that departs from a perfect record.

use rustc_hash::FxHashMap;
use twinloom_codes::CodeSystem;
use twinloom_event::{Concept, Event, MICROSECONDS_PER_DAY, Source, Timeline, Timestamp};

use super::book::Book;
use super::draws::DrawKeys;
use super::errors::{self, ErrorModel};
use super::faithful;
use super::gp_record;
use super::ledger::LedgerEntry;
use super::rates::SystemRates;
use super::registers::Registers;
use super::subject::Particulars;
use super::system::System;
use super::terms::Terms;
use crate::calendar::Calendar;
use crate::engine::Moment;
use crate::need::Need;
use crate::parameters::TwinParameters;

/// Days of issues that the practice's system still lists at the start.
const ISSUE_HISTORY_DAYS: f64 = 365.0;

/// All that the observation of every person shares.
///
/// A pure function of the truth, the person and the parameters: nothing that a system records feeds
/// back into the simulation.
#[derive(Debug)]
pub struct Observer {
    pub(super) rates: SystemRates,
    pub(super) error_model: ErrorModel,
    pub(super) terms: Terms,
    pub(super) registers: Registers,
    /// Streams of what routine leaves to chance.
    pub(super) routine: DrawKeys,
    /// Streams of errors.
    pub(super) errors: DrawKeys,
    /// People of the run, under any of whom something may be filed.
    pub(super) population: u64,
    pub(super) end: Timestamp,
    pub(super) record_from: Timestamp,
    /// Since when each system holds what happened.
    pub(super) held_from: [Timestamp; System::COUNT],
    /// Since when issues are listed one by one.
    pub(super) issues_from: Timestamp,
    pub(super) source: Source,
    pub(super) words: gp_record::Words,
    calendar: Calendar,
}

/// What the systems hold of one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// What the practice knows, as canonical events of source `gp`.
    pub gp_record: Timeline,
    /// The practice's entries that stand in other people's records by mistake, each naming whose.
    pub misfiled: Vec<Event>,
    /// Every artefact of every system, errors included.
    pub recorded: Book,
    /// Each departure of `recorded` from a perfect record.
    pub ledger: Vec<LedgerEntry>,
}

impl Observer {
    /// Prepares the observation of a run; `concepts` describe the codes of its truth.
    ///
    /// # Panics
    /// Never: the name of the source is fixed.
    pub fn new(parameters: &TwinParameters, rates: &SystemRates, concepts: &[Concept]) -> Self {
        let held_from = System::ALL.map(|system| {
            let days = -365.25 * rates.conventions(system).history_years;
            let earliest = parameters.start.plus_days(days).unwrap_or(parameters.record_from);
            earliest.max(parameters.record_from)
        });
        let issues_from = parameters.start.plus_days(-ISSUE_HISTORY_DAYS).unwrap_or(parameters.start);
        Self {
            rates: rates.clone(),
            error_model: ErrorModel::new(rates),
            terms: Terms::new(concepts, &stated_icd10()),
            registers: Registers::new(parameters.seed),
            routine: DrawKeys::new(parameters.seed, "systems/routine"),
            errors: DrawKeys::new(parameters.seed, "systems/errors"),
            population: parameters.population,
            end: parameters.end,
            record_from: parameters.record_from,
            held_from,
            issues_from: issues_from.max(parameters.record_from),
            source: Source::new("gp").expect("not empty"),
            words: gp_record::Words::new(),
            calendar: Calendar::england(),
        }
    }

    /// What a perfect recorder would write into each system, in that system's own conventions.
    pub fn faithful(&self, person: &Particulars, truth: &Timeline) -> Book {
        faithful::write(self, person, truth)
    }

    /// What the systems hold: the faithful record with the errors of the ledger.
    pub fn observe(&self, person: &Particulars, truth: &Timeline) -> Observation {
        let mut book = self.faithful(person, truth);
        let ledger = errors::make(self, person, truth.events(), &mut book);
        let (gp_record, misfiled) = gp_record::timeline(self, person, truth, &book);
        Observation { gp_record, misfiled, recorded: book, ledger }
    }

    /// The number of a person's registration (0 the first) in a system.
    pub fn local_number(&self, system: System, subject: u64, registration: u64) -> i64 {
        self.registers.number(system, subject, registration)
    }

    /// The time itself on a working day, else the same hour of the next working day.
    pub(super) fn practice_opens(&self, at: Timestamp) -> Timestamp {
        let mut day = at.micros().div_euclid(MICROSECONDS_PER_DAY);
        let first = day;
        while !self.calendar.is_working_day(day) {
            day += 1;
        }
        if day == first {
            return at;
        }
        Moment::from(at).plus_micros((day - first) * MICROSECONDS_PER_DAY).timestamp()
    }
}

/// The ICD-10 codes that the need table states for its conditions, by SNOMED CT code.
fn stated_icd10() -> FxHashMap<String, String> {
    let need = Need::england();
    let system = CodeSystem::Snomed.name();
    let conditions = need.conditions().iter();
    conditions.map(|own| (format!("{system}//{}", own.snomed), own.icd10.clone())).collect()
}
