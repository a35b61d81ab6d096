//! Whether every recorded fact can be traced: truth and ledger must explain what the systems hold.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use twinloom_event::Timeline;
use twinloom_twin::systems::{Book, LedgerEntry, Observer as Recorder, Particulars, replay};
use twinloom_twin::validation::{Law, Observer, filed_before_arrival};
use twinloom_twin::{TwinParameters, concepts};

use crate::systems::{self, books_up_to, each_ledger_entry, people};

/// People whose records are traced: the first of the study, enough for a million artefacts at most.
const TRACED: u64 = 500;

/// The records of the people who are traced.
pub(crate) struct Tracing {
    recorder: Recorder,
    people: BTreeMap<u64, Particulars>,
    books: BTreeMap<u64, Book>,
    ledgers: BTreeMap<u64, Vec<LedgerEntry>>,
}

impl Tracing {
    /// Reads the records of the first people of a study, by the rates that they were recorded by.
    pub(crate) fn read(study: &Path, parameters: &TwinParameters) -> Result<Self> {
        systems::require(study)?;
        let mut ledgers = BTreeMap::<u64, Vec<LedgerEntry>>::new();
        each_ledger_entry(study, |subject, entry| {
            if subject <= TRACED {
                ledgers.entry(subject).or_default().push(entry);
            }
            Ok(())
        })?;
        let named = people(study)?.into_iter().filter(|person| person.subject <= TRACED);
        let rates = parameters.systems.clone().unwrap_or_default();
        Ok(Self {
            recorder: Recorder::new(parameters, &rates, &concepts(&parameters.pathways)?),
            people: named.map(|person| (person.subject, person)).collect(),
            books: books_up_to(study, TRACED)?,
            ledgers,
        })
    }

    /// Counts one person's artefacts that truth and ledger do not explain, and entries made before their letter
    /// arrived.
    pub(crate) fn count(&mut self, truth: &Timeline, observer: &mut Observer<'_>) {
        let subject = truth.subject_id().get() as u64;
        let Some(person) = self.people.get(&subject) else { return };
        let faithful = self.recorder.faithful(person, truth);
        let ledger = self.ledgers.remove(&subject).unwrap_or_default();
        let held = self.books.remove(&subject).unwrap_or_default();
        let unexplained = match replay(&faithful, &ledger) {
            Ok(explained) => unexplained(&explained, &held),
            Err(_) => held.len() as u64,
        };
        observer.count_law(Law::Untraceable, unexplained as f64, held.len() as f64);
        let (early, entries) = filed_before_arrival(&faithful, truth);
        observer.count_law(Law::ActionBeforeLetter, early as f64, entries as f64);
    }
}

/// Artefacts held that differ from the explained one of the same id, or have none.
fn unexplained(explained: &Book, held: &Book) -> u64 {
    let by_id: BTreeMap<_, _> =
        explained.artefacts().map(|artefact| (artefact.heading.id, artefact)).collect();
    held.artefacts().filter(|artefact| by_id.get(&artefact.heading.id) != Some(artefact)).count() as u64
}
