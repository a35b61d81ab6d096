//! Laws of the systems of record: the truth and the ledger explain everything that they hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use twinloom_event::Timeline;
use twinloom_twin::systems::{
    ArtefactKind, ErrorKind, Field, Observer, Particulars, System, SystemRates, replay,
};
use twinloom_twin::{Pathway, TwinError, TwinParameters, concepts, run};

/// The people of [`small`], simulated once for all tests.
fn people() -> &'static [(Particulars, Timeline)] {
    static PEOPLE: OnceLock<Vec<(Particulars, Timeline)>> = OnceLock::new();
    PEOPLE.get_or_init(|| {
        let mut people = Vec::new();
        run::<Box<TwinError>>(
            &small(),
            |journey| {
                people.push((Particulars::from(&journey.person), journey.truth));
                Ok(())
            },
            |_| {},
        )
        .expect("the parameters are sound");
        people
    })
}

fn small() -> TwinParameters {
    TwinParameters { population: 150, seed: 23, systems: None, ..TwinParameters::default() }
}

/// Rates at which errors are frequent, so that few people show each.
fn frequent() -> SystemRates {
    let mut text = String::from(
        "base = \"perfect\"\n[workings]\nletter_days_mean = 5\nresult_days_most = 3\nstale_issues_most = 3\n",
    );
    for system in System::ALL {
        writeln!(text, "[{system}]\nclock_rounding = \"minute\"\nclock_offset_seconds = 40")
            .expect("a string takes all");
        for kind in ArtefactKind::ALL.into_iter().filter(|kind| kind.systems().contains(&system)) {
            writeln!(text, "[{system}.{kind}]\nlate_days_mean = 20").expect("a string takes all");
            for error in ErrorKind::ALL {
                writeln!(text, "{error} = 0.08").expect("a string takes all");
            }
        }
    }
    SystemRates::parse(&text).expect("rates of known names")
}

#[test]
fn law_truth_and_ledger_replay_the_record() {
    let parameters = small();
    let concepts = concepts(&Pathway::library()).unwrap();
    for rates in [SystemRates::embedded(), frequent()] {
        let observer = Observer::new(&parameters, &rates, &concepts);
        let (mut artefacts, mut errors) = (0, BTreeMap::<&str, usize>::new());
        for (person, truth) in people() {
            let observed = observer.observe(person, truth);
            let faithful = observer.faithful(person, truth);
            assert_eq!(replay(&faithful, &observed.ledger), Ok(observed.recorded.clone()));
            artefacts += observed.recorded.len();
            for entry in &observed.ledger {
                *errors.entry(entry.kind.as_str()).or_default() += 1;
                assert_ne!(entry.truth, entry.recorded);
                // What files hold of a value is the value.
                if let (Some(field), Some(text)) = (entry.field, entry.recorded.to_ledger_text()) {
                    let read =
                        twinloom_twin::systems::FieldValue::from_ledger_text(field.field_type(), &text);
                    assert_eq!(read.as_ref(), Some(&entry.recorded));
                }
            }
        }
        assert!(artefacts > 10_000, "{artefacts}");
        // Frequent errors are of every kind; with the rates of use some are too rare for these people.
        let least = if rates == frequent() { ErrorKind::ALL.len() } else { 12 };
        assert!(errors.len() >= least, "{errors:?}");
    }
}

#[test]
fn law_words_and_misfiled_entries_stand_where_the_ledger_says() {
    let parameters = TwinParameters { systems: Some(frequent()), ..small() };
    let mut journeys = Vec::new();
    let receive = |journey| {
        journeys.push(journey);
        Ok(())
    };
    run::<Box<TwinError>>(&parameters, receive, |_| {}).expect("the parameters are sound");
    let (mut words, mut sent) = (0, Vec::new());
    for journey in &journeys {
        let own = journey.person.subject_id;
        // Every artefact without a code is an event with the words.
        let wordy = |kind: ArtefactKind| !matches!(kind, ArtefactKind::Slot | ArtefactKind::Issue);
        let spoken = journey.recorded.artefacts().filter(|artefact| {
            artefact.heading.system == System::GeneralPractice
                && wordy(artefact.heading.kind)
                && artefact.get(Field::Code).is_absent()
                && !artefact.get(Field::FreeText).is_absent()
        });
        let events = || journey.gp_record.events().iter().chain(&journey.misfiled);
        let texts = events().filter(|event| event.code().system() == Some("TEXT"));
        assert!(texts.clone().all(|event| !event.code().value().is_empty()));
        assert_eq!(texts.count(), spoken.count());
        words += events().filter(|event| event.code().system() == Some("TEXT")).count();
        // What was misfiled stands under one of the next people, and what stands here came from before.
        let next = own.get() + 1..=own.get() + 50;
        assert!(journey.misfiled.iter().all(|event| next.contains(&event.subject_id().get())));
        assert!(journey.of_others.iter().all(|event| event.subject_id() == own));
        let contacts: Vec<_> = journey.of_others.iter().filter_map(|event| event.record_id()).collect();
        for event in &journey.of_others {
            let named = event.encounter_id().map(twinloom_event::EncounterId::as_str);
            assert!(named.is_none_or(|id| contacts.iter().any(|own| own.as_str() == id)), "{event:?}");
        }
        let told = |entry: &&twinloom_twin::systems::LedgerEntry| {
            entry.kind == ErrorKind::WrongPatient && entry.system == System::GeneralPractice
        };
        let misfiled = journey.ledger.iter().filter(told).count();
        assert!(journey.misfiled.len() <= 2 * misfiled);
        sent.extend(journey.misfiled.iter().cloned());
    }
    let mut received: Vec<_> = journeys.iter().flat_map(|journey| journey.of_others.clone()).collect();
    let key = |event: &twinloom_event::Event| {
        (event.subject_id(), event.record_id().cloned(), event.code().clone(), event.time())
    };
    sent.sort_by_key(key);
    received.sort_by_key(key);
    assert_eq!(sent, received);
    assert!(sent.len() > 100 && words > 100, "{} {words}", sent.len());
    let all: usize = journeys.iter().map(|own| own.gp_record.events().len() + own.of_others.len()).sum();
    let believed = journeys.into_iter().map(|own| own.with_others().gp_record.events().len());
    assert_eq!(believed.sum::<usize>(), all);
}

#[test]
fn law_without_errors_the_record_is_faithful() {
    let parameters = small();
    let observer =
        Observer::new(&parameters, &SystemRates::perfect(), &concepts(&Pathway::library()).unwrap());
    for (person, truth) in people() {
        let observed = observer.observe(person, truth);
        assert_eq!(observed.ledger, []);
        assert_eq!(observed.recorded, observer.faithful(person, truth));
        // Fields stand in order, each once, and belong to the system.
        for artefact in observed.recorded.artefacts() {
            let fields: Vec<Field> = artefact.fields().map(|(field, _)| field).collect();
            assert!(fields.windows(2).all(|pair| pair[0] < pair[1]), "{artefact:?}");
            let own: Vec<Field> = Field::of_system(artefact.heading.system).collect();
            assert!(fields.iter().all(|field| own.contains(field)), "{artefact:?}");
            assert!(artefact.heading.kind.systems().contains(&artefact.heading.system));
        }
    }
}

#[test]
fn law_another_rate_moves_no_other_error() {
    let parameters = small();
    let concepts = concepts(&Pathway::library()).unwrap();
    let text = SystemRates::embedded_text();
    let more = text.replace("[gp.value]\nmissing = 0.005", "[gp.value]\nmissing = 0.2");
    assert_ne!(text, more);
    let [usual, other] =
        [text, &more].map(|text| Observer::new(&parameters, &SystemRates::parse(text).unwrap(), &concepts));
    let mut compared = 0;
    for (person, truth) in people() {
        let [own, changed] = [&usual, &other].map(|observer| observer.observe(person, truth));
        // Copies are numbered in order, so what is compared is the original's entries.
        let lost = |entry: &&twinloom_twin::systems::LedgerEntry| {
            entry.kind == ErrorKind::Missing && entry.system == System::GeneralPractice
        };
        let gone: Vec<_> = changed.ledger.iter().filter(lost).map(|entry| entry.artefact).collect();
        let untouched = |entry: &&twinloom_twin::systems::LedgerEntry| {
            !gone.contains(&entry.artefact)
                && entry.kind != ErrorKind::Duplicated
                && entry.kind != ErrorKind::StaleMedication
        };
        let kept: Vec<_> = own.ledger.iter().filter(untouched).collect();
        let still: Vec<_> = changed.ledger.iter().filter(untouched).collect();
        assert_eq!(kept, still);
        compared += kept.len();
    }
    assert!(compared > 200, "{compared}");
}
