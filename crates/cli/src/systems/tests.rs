//! A study as written, read back: truth and ledger explain all that the systems hold.

use std::collections::BTreeMap;

use anyhow::Result;
use twinloom_event::Dataset;
use twinloom_records::study::read_dataset;
use twinloom_records::{Sink as _, meds, study};
use twinloom_twin::systems::{Book, LedgerEntry, Observer, System, SystemRates, replay};
use twinloom_twin::{Pathway, TwinParameters, concepts};

use super::{SystemsWriter, books, each_ledger_entry, people, system_counts};

#[test]
fn law_the_truth_and_the_ledger_on_disk_replay_the_systems_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let parameters = TwinParameters { population: 60, seed: 31, ..TwinParameters::default() };
    write(folder.path(), &parameters).unwrap();

    let truth: Dataset = read_dataset(&folder.path().join("truth")).unwrap();
    let mut ledgers = BTreeMap::<u64, Vec<LedgerEntry>>::new();
    each_ledger_entry(folder.path(), |subject, entry| {
        ledgers.entry(subject).or_default().push(entry);
        Ok(())
    })
    .unwrap();
    let held: BTreeMap<u64, Book> = books(folder.path()).unwrap();
    let people = people(folder.path()).unwrap();
    assert_eq!(people.len(), 60);

    let rates = SystemRates::embedded();
    let observer = Observer::new(&parameters, &rates, &concepts(&Pathway::library()).unwrap());
    let (mut artefacts, mut entries) = (0, 0);
    for person in &people {
        let own = truth.cohort.timelines().iter().find(|own| own.subject_id().get() as u64 == person.subject);
        let ledger = ledgers.remove(&person.subject).unwrap_or_default();
        let faithful = observer.faithful(person, own.unwrap());
        let replayed = replay(&faithful, &ledger).unwrap();
        let read = held.get(&person.subject).cloned().unwrap_or_default();
        for (ours, theirs) in replayed.artefacts().zip(read.artefacts()) {
            assert_eq!(ours, theirs);
        }
        assert_eq!(replayed.len(), read.len());
        artefacts += read.len();
        entries += ledger.len();
    }
    assert!(ledgers.is_empty() && artefacts > 5_000 && entries > 100, "{artefacts} {entries}");
    let counted: u64 = System::ALL
        .into_iter()
        .map(|system| system_counts(folder.path(), system).unwrap().iter().sum::<u64>())
        .sum();
    assert_eq!(counted, artefacts as u64);
}

/// Writes truth and systems as `twin run` does.
fn write(folder: &std::path::Path, parameters: &TwinParameters) -> Result<()> {
    let metadata = meds::DatasetMetadata::new("truth", "");
    let mut truth = study::StudyWriter::create(&folder.join("truth"), study::StudyOptions::new(metadata))?;
    let mut systems = SystemsWriter::create(folder)?;
    twinloom_twin::run(
        parameters,
        |journey| -> Result<()> {
            systems.write(&journey)?;
            truth.subject(journey.person.subject_id, &journey.person.subject_id.to_string())?;
            for event in journey.truth.into_events() {
                truth.event(event)?;
            }
            Ok(())
        },
        |_| {},
    )?;
    systems.finish()?;
    truth.finish(&|_| twinloom_event::Split::Train)?;
    Ok(())
}
