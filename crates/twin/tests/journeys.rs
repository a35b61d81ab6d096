//! Laws that every simulated life obeys.

use std::collections::BTreeSet;

use twinloom_event::{Attribute, Event, EventKind, MICROSECONDS_PER_DAY, Timeline, Timestamp};
use twinloom_twin::{
    Journey, NhsNumber, Pathway, RunSummary, Scenario, TwinError, TwinParameters, concepts, run,
};

fn simulate(parameters: &TwinParameters) -> (Vec<Journey>, RunSummary) {
    let mut journeys = Vec::new();
    let summary = run::<TwinError>(
        parameters,
        |journey| {
            journeys.push(journey);
            Ok(())
        },
        |_| {},
    )
    .expect("the parameters are sound");
    (journeys, summary)
}

fn small() -> TwinParameters {
    TwinParameters {
        population: 300,
        seed: 17,
        start: Timestamp::from_ymd(2023, 1, 1).expect("1 January exists"),
        record_from: Timestamp::from_ymd(2018, 1, 1).expect("1 January exists"),
        ..TwinParameters::default()
    }
}

fn of_kind(timeline: &Timeline, kind: EventKind) -> impl Iterator<Item = &Event> {
    timeline.events().iter().filter(move |event| event.kind() == kind)
}

fn service(event: &Event) -> Option<&str> {
    event.attribute("service").and_then(Attribute::as_text)
}

#[test]
fn law_the_same_for_any_number_of_threads() {
    let (one, counted) = simulate(&TwinParameters { threads: 1, ..small() });
    let (two, _) = simulate(&TwinParameters { threads: 2, ..small() });
    let (four, _) = simulate(&TwinParameters { threads: 4, ..small() });
    assert!(one == two && one == four, "threads change the journeys");
    assert_eq!((counted.patients, counted.halted_modules), (300, 0));
    let order: Vec<i64> = one.iter().map(|journey| journey.person.subject_id.get()).collect();
    assert_eq!(order, (1..=300).collect::<Vec<i64>>());
}

#[test]
fn law_one_conditions_rate_shifts_no_other_conditions_draws() {
    // Without pathways nothing couples people but infections in the household: what need brings is all.
    let alone = TwinParameters { pathways: Vec::new(), ..small() };
    let mut more = alone.clone();
    more.scenario = Scenario::parse("name = \"more\"\n[need.rates]\nimpacted_earwax = 3.0", "more.toml")
        .expect("the scenario is sound");
    let onsets = |parameters: &TwinParameters| {
        let (journeys, _) = simulate(parameters);
        let (mut own, mut others) = (0, Vec::new());
        for journey in &journeys {
            for event in of_kind(&journey.truth, EventKind::Condition) {
                if event.code().as_str() == "SNOMED//18070006" {
                    own += 1;
                } else {
                    others.push((
                        event.subject_id(),
                        event.time(),
                        event.end_time(),
                        event.code().to_string(),
                    ));
                }
            }
        }
        (own, others)
    };
    let ((few, usual), (many, changed)) = (onsets(&alone), onsets(&more));
    assert!(many > 2 * few && few > 30, "{few} {many}");
    assert!(usual.len() > 1_000);
    assert!(usual == changed, "onsets of other conditions shifted");
}

#[test]
fn law_nothing_happens_before_birth_after_death_or_after_the_end() {
    let parameters = TwinParameters { population: 1_000, ..small() };
    let (journeys, summary) = simulate(&parameters);
    assert!(summary.deaths > 10);
    for journey in &journeys {
        let person = &journey.person;
        let last = person.death.unwrap_or(parameters.end);
        assert!(person.death.is_none_or(|death| death >= parameters.start && death < parameters.end));
        assert_eq!(journey.truth.death(), person.death);
        for event in journey.truth.timed_events().iter().chain(journey.gp_record.timed_events()) {
            assert!(event.time() <= Some(last), "{event:?}");
            assert!(event.end_time().is_none_or(|end| end <= last), "{event:?}");
            assert!(event.recorded_time().is_none_or(|at| at < parameters.end), "{event:?}");
            // A date known by its year stands at 1 January, which may precede the birthday.
            let earliest = Timestamp::from_ymd(person.birth.year(), 1, 1).unwrap();
            assert!(event.time() >= Some(earliest), "{event:?}");
        }
    }
}

#[test]
fn law_contacts_do_not_overlap_and_the_practice_keeps_its_hours() {
    let (journeys, _) = simulate(&TwinParameters { population: 1_000, ..small() });
    let mut at_practice = 0;
    for journey in &journeys {
        let mut contacts: Vec<&Event> = of_kind(&journey.truth, EventKind::Encounter).collect();
        contacts.sort_by_key(|event| event.time());
        for pair in contacts.windows(2) {
            assert!(pair[0].end_time().is_some_and(|end| Some(end) <= pair[1].time()), "{pair:?}");
        }
        let routine = ["general_practitioner", "nurse", "telephone", "home_visit", "outpatient"];
        for contact in contacts.iter().filter(|event| routine.contains(&service(event).unwrap_or_default())) {
            at_practice += 1;
            let micros = contact.time().unwrap().micros();
            let weekday = (micros.div_euclid(MICROSECONDS_PER_DAY) + 3).rem_euclid(7);
            let minute = micros.rem_euclid(MICROSECONDS_PER_DAY) / 60_000_000;
            assert!(weekday < 5 && (480..1110).contains(&minute), "{contact:?}");
            let date = contact.time().unwrap();
            // New Year's Day has been a holiday since 1974.
            assert!((date.month(), date.day()) != (12, 25));
            assert!((date.month(), date.day()) != (1, 1) || date.year() < 1974, "{contact:?}");
        }
    }
    assert!(at_practice > 10_000);
}

#[test]
fn law_the_pharmacy_hands_out_what_the_practice_prescribes_in_its_hours() {
    let (journeys, _) = simulate(&small());
    let (mut handed_out, mut not_yet) = (0, 0);
    for event in journeys.iter().flat_map(|journey| of_kind(&journey.truth, EventKind::Medication)) {
        let by_practice =
            event.attribute("prescriber").and_then(Attribute::as_text) == Some("general_practice");
        let ordered = event.time().expect("medicines of the truth have a beginning");
        let Some(Attribute::Time(at)) = event.attribute("dispensed") else {
            not_yet += usize::from(by_practice && ordered >= small().start);
            continue;
        };
        assert!(by_practice && ordered >= small().start && *at > ordered, "{event:?}");
        assert!((9..18).contains(&at.hour()), "{at}");
        handed_out += 1;
    }
    // Left out are those of the last days and of people who died before they fetched them.
    assert!(handed_out > 100 && not_yet * 20 < handed_out, "{handed_out} handed out, {not_yet} not");
}

#[test]
fn law_every_recorded_artefact_has_a_truth_behind_it() {
    let (journeys, _) = simulate(&small());
    let (mut found, mut missed) = (0, 0);
    for journey in &journeys {
        let artefacts = |timeline: &Timeline| -> BTreeSet<String> {
            let ids = timeline.events().iter().filter_map(|event| event.record_id());
            // What was written twice has an id of its own, told from the first's.
            ids.map(|id| id.as_str().trim_end_matches("-second").to_owned()).collect()
        };
        let (truth, recorded) = (artefacts(&journey.truth), artefacts(&journey.gp_record));
        assert!(recorded.is_subset(&truth));
        found += recorded.len();
        missed += truth.len() - recorded.len();
        let source = |timeline: &Timeline, name: &str| {
            timeline.events().iter().all(|event| event.source().is_some_and(|own| own.as_str() == name))
        };
        assert!(source(&journey.truth, "truth") && source(&journey.gp_record, "gp"));
        // A diagnosis is never recorded before the condition began.
        for recorded in of_kind(&journey.gp_record, EventKind::Condition) {
            let id = recorded.record_id().unwrap().as_str().trim_end_matches("-second");
            let same = |event: &&Event| event.record_id().is_some_and(|own| own.as_str() == id);
            let onset = of_kind(&journey.truth, EventKind::Condition).find(same).unwrap().time();
            assert!(recorded.known_time() >= onset, "{recorded:?}");
        }
    }
    assert!(found > 10_000 && missed > 100, "{found} {missed}");
}

#[test]
fn law_encounters_named_by_events_are_in_the_same_record() {
    let (journeys, _) = simulate(&small());
    for journey in &journeys {
        for timeline in [&journey.truth, &journey.gp_record] {
            let contacts: BTreeSet<&str> = of_kind(timeline, EventKind::Encounter)
                .map(|event| {
                    assert_eq!(event.encounter_id().unwrap().as_str(), event.record_id().unwrap().as_str());
                    event.record_id().unwrap().as_str()
                })
                .collect();
            for event in timeline.events() {
                assert!(event.encounter_id().is_none_or(|id| contacts.contains(id.as_str())), "{event:?}");
            }
        }
    }
}

#[test]
fn law_a_panel_shares_its_artefact_and_measurements_scatter() {
    let (journeys, _) = simulate(&small());
    let (mut panels, mut differing) = (0, 0);
    for journey in &journeys {
        let events = journey.gp_record.events();
        for (index, panel) in events.iter().enumerate() {
            if panel.code().as_str() != "SNOMED//75367002" {
                continue;
            }
            panels += 1;
            let parts = &events[index + 1..index + 3];
            let codes: Vec<&str> = parts.iter().map(|part| part.code().as_str()).collect();
            assert_eq!(codes, ["SNOMED//271649006", "SNOMED//271650006"]);
            assert!(parts.iter().all(|part| part.record_id() == panel.record_id()));
            let truth = journey.truth.events().iter().find(|event| {
                let id = panel.record_id().unwrap().as_str().trim_end_matches("-second");
                event.record_id().is_some_and(|own| own.as_str() == id) && event.code() == parts[0].code()
            });
            differing += usize::from(truth.unwrap().numeric_value() != parts[0].numeric_value());
        }
    }
    assert!(panels > 300 && differing * 10 > panels * 9, "{panels} {differing}");
}

#[test]
fn law_identities_are_distinct_and_every_code_is_described() {
    let (journeys, _) = simulate(&small());
    let numbers: BTreeSet<u64> =
        journeys.iter().map(|journey| journey.person.identity.nhs_number.get()).collect();
    assert_eq!(numbers.len(), journeys.len());
    assert!(numbers.iter().all(|number| NhsNumber::is_valid(*number)));
    let described = concepts(&Pathway::library()).unwrap();
    assert!(described.iter().all(|concept| concept.description.is_some()));
    for event in
        journeys.iter().flat_map(|journey| journey.gp_record.events().iter().chain(journey.truth.events()))
    {
        let known = described.binary_search_by(|concept| concept.code.cmp(event.code()));
        // A practice's code and words without a code describe themselves.
        let own_words = matches!(event.code().system(), Some("REGISTRATION" | "TEXT"));
        assert!(known.is_ok() || own_words, "{}", event.code());
    }
}

#[test]
fn ref_snomed_identifiers_have_their_check_digit() {
    // Verhoeff's dihedral check, SNOMED CT release file specifications 2.9.
    const MULTIPLY: [[usize; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const PERMUTE: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let valid = |digits: &str| {
        let mut check = 0;
        for (place, digit) in digits.bytes().rev().enumerate() {
            let permuted = (0..place % 8).fold(usize::from(digit - b'0'), |digit, _| PERMUTE[digit]);
            check = MULTIPLY[check][permuted];
        }
        check == 0
    };
    assert!(valid("44054006") && !valid("44054007"));
    let mut checked = 0;
    for concept in concepts(&Pathway::library()).unwrap() {
        if matches!(concept.code.system(), Some("SNOMED" | "DMD")) {
            checked += 1;
            assert!(valid(concept.code.value()), "{}", concept.code);
        }
    }
    assert!(checked > 35, "{checked}");
}

#[test]
fn regress_a_receiver_that_refuses_ends_the_run() {
    #[derive(Debug)]
    enum Refusal {
        Full,
        Twin,
    }
    impl From<TwinError> for Refusal {
        fn from(_: TwinError) -> Self {
            Self::Twin
        }
    }
    let outcome = run(&small(), |_| Err(Refusal::Full), |_| {});
    assert!(matches!(outcome, Err(Refusal::Full)));
    let nobody = TwinParameters { population: 0, ..small() };
    assert!(matches!(run(&nobody, |_| Ok(()), |_| {}), Err(Refusal::Twin)));
}
