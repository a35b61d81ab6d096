//! Laws of people and services together: where a module asks, and what the truth then holds.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use twinloom_event::{Attribute, Event, EventKind, Timestamp};
use twinloom_twin::{Journey, Pathway, RunSummary, TwinError, TwinParameters, run};

/// Everybody is referred, tested, imaged, admitted and attends the emergency department about once in
/// two years each.
const CARE: &str = r#"{"name": "care", "parameters": {"rate": {"value": 0.5, "unit": "1/a", "source": "this test"}},
  "states": {
    "Initial": {"type": "Initial", "direct_transition": "Wait"},
    "Wait": {"type": "Delay", "hazard_per_year": {"by_age": [[0, 4.0]], "scale_from": "care.rate"},
      "distributed_transition": [
        {"distribution": 0.4, "transition": "Clinic"}, {"distribution": 0.2, "transition": "Surgery"},
        {"distribution": 0.2, "transition": "Department"}, {"distribution": 0.2, "transition": "Ward"}]},
    "Clinic": {"type": "Encounter", "service": "outpatient", "specialty": "cardiology", "first": true, CODE,
      "on_missed": "Not_Seen", "direct_transition": "Scan"},
    "Not_Seen": {"type": "Procedure", "codes": [{"system": "TEST", "code": "not_seen"}], "direct_transition": "Wait"},
    "Scan": {"type": "Procedure", "imaging": "ultrasound", "codes": [{"system": "TEST", "code": "scan"}],
      "direct_transition": "Clinic_End"},
    "Clinic_End": {"type": "EncounterEnd", "direct_transition": "Letter"},
    "Letter": {"type": "Simple", "awaits_letter": true, "direct_transition": "After_Letter"},
    "After_Letter": {"type": "Procedure", "codes": [{"system": "TEST", "code": "after_letter"}],
      "direct_transition": "Wait"},
    "Surgery": {"type": "Encounter", "service": "general_practitioner", "urgency": "soon", CODE,
      "direct_transition": "Blood"},
    "Blood": {"type": "Observation", "laboratory": true, "vital_sign": "HbA1c",
      "codes": [{"system": "TEST", "code": "blood"}], "direct_transition": "Result"},
    "Result": {"type": "Procedure", "codes": [{"system": "TEST", "code": "result"}],
      "direct_transition": "Surgery_End"},
    "Surgery_End": {"type": "EncounterEnd", "direct_transition": "Wait"},
    "Department": {"type": "Encounter", "service": "emergency", "acuity": 3, CODE, "direct_transition": "Test"},
    "Test": {"type": "Observation", "laboratory": true, "vital_sign": "HbA1c",
      "codes": [{"system": "TEST", "code": "blood"}], "direct_transition": "Department_End"},
    "Department_End": {"type": "EncounterEnd", "distributed_transition": [
        {"distribution": 0.5, "transition": "Ward"}, {"distribution": 0.5, "transition": "Wait"}]},
    "Ward": {"type": "Encounter", "service": "inpatient", "ward": "medical", CODE,
      "stay_days": {"kind": "EXPONENTIAL", "parameters": {"mean": 3}}, "direct_transition": "Ward_End"},
    "Ward_End": {"type": "EncounterEnd", "direct_transition": "Wait"}
  }}"#;

fn care() -> Pathway {
    let code = r#""codes": [{"system": "SNOMED-CT", "code": "185349003"}]"#;
    Pathway::parse("care.json", &CARE.replace("CODE", code)).expect("the module is sound")
}

fn crowd() -> TwinParameters {
    let day = |year| Timestamp::from_ymd(year, 1, 1).expect("1 January of these years exists");
    TwinParameters {
        population: 1_500,
        seed: 11,
        start: day(2023),
        record_from: day(2022),
        people_per_locality: 1_000,
        pathways: vec![care()],
        ..TwinParameters::default()
    }
}

fn simulate(parameters: &TwinParameters) -> (Vec<Journey>, RunSummary) {
    let mut journeys = Vec::new();
    let receive = |journey| {
        journeys.push(journey);
        Ok(())
    };
    let summary = run::<TwinError>(parameters, receive, |_| {}).expect("the parameters are sound");
    (journeys, summary)
}

/// The crowd's journeys, simulated once for all tests.
fn lived() -> &'static [Journey] {
    static LIVED: OnceLock<Vec<Journey>> = OnceLock::new();
    LIVED.get_or_init(|| simulate(&TwinParameters { threads: 1, ..crowd() }).0)
}

fn of_kind(journey: &Journey, kind: EventKind) -> impl Iterator<Item = &Event> {
    journey.truth.events().iter().filter(move |event| event.kind() == kind)
}

fn time(event: &Event, name: &str) -> Option<Timestamp> {
    match event.attribute(name)? {
        Attribute::Time(at) => Some(*at),
        _ => None,
    }
}

fn text<'e>(event: &'e Event, name: &str) -> &'e str {
    event.attribute(name).and_then(Attribute::as_text).unwrap_or_default()
}

#[test]
fn law_localities_and_threads_leave_the_bytes_alone() {
    let one = lived();
    let (three, counted) = simulate(&TwinParameters { threads: 3, ..crowd() });
    assert!(one == three, "threads change the run");
    let subjects: Vec<i64> = one.iter().map(|journey| journey.person.subject_id.get()).collect();
    assert_eq!(subjects, (1..=1_500).collect::<Vec<i64>>());
    assert_eq!(counted.halted_modules, 0);
}

#[test]
fn law_nobody_is_in_two_places_at_once() {
    let mut seen = BTreeMap::<String, u32>::new();
    for journey in lived() {
        let mut contacts: Vec<&Event> = of_kind(journey, EventKind::Encounter).collect();
        contacts.sort_by_key(|event| event.time());
        for pair in contacts.windows(2) {
            assert!(pair[0].end_time().is_some_and(|end| Some(end) <= pair[1].time()), "{pair:#?}");
        }
        for contact in contacts {
            *seen.entry(text(contact, "service").to_owned()).or_default() += 1;
        }
    }
    for service in ["general_practitioner", "outpatient", "emergency", "inpatient"] {
        assert!(seen.get(service).is_some_and(|count| *count > 200), "{seen:?}");
    }
}

#[test]
fn law_no_bed_holds_two_people() {
    let (start, end) = (crowd().start, crowd().end);
    let mut beds = BTreeMap::<(String, String, i64), Vec<(Timestamp, Timestamp)>>::new();
    for journey in lived() {
        for stay in of_kind(journey, EventKind::Encounter) {
            let Some(Attribute::Integer(bed)) = stay.attribute("bed") else { continue };
            if stay.time() < Some(start) {
                continue;
            }
            let key = (text(stay, "organisation").to_owned(), text(stay, "ward").to_owned(), *bed);
            let end = stay.end_time().unwrap_or(end);
            beds.entry(key).or_default().push((stay.time().unwrap(), end));
        }
    }
    let mut stays = 0;
    for (bed, mut taken) in beds {
        taken.sort_unstable();
        stays += taken.len();
        for pair in taken.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "{bed:?} {pair:?}");
        }
    }
    assert!(stays > 300, "{stays}");
}

#[test]
fn law_results_follow_specimens_and_letters_come_before_what_they_cause() {
    let start = crowd().start;
    let (mut tests, mut letters, mut actions) = (0, 0, 0);
    for journey in lived() {
        let mut arrived = Vec::new();
        for event in journey.truth.events() {
            if let (Some(received), Some(resulted)) = (time(event, "received"), time(event, "resulted")) {
                tests += 1;
                let (ordered, taken) = (time(event, "requested").unwrap(), event.time().unwrap());
                assert!(ordered <= taken && taken <= received && received <= resulted, "{event:?}");
            }
            if let (Some(ordered), Some(reported)) = (time(event, "requested"), time(event, "reported")) {
                tests += 1;
                assert!(Some(ordered) <= event.time() && event.time() <= Some(reported), "{event:?}");
            }
            if event.code().system() == Some("LETTER") {
                letters += 1;
                assert!(time(event, "sent").is_none_or(|sent| Some(sent) >= event.time()), "{event:?}");
                arrived.extend(time(event, "received"));
            }
            if event.code().as_str() == "TEST//after_letter" && event.time() > Some(start) {
                actions += 1;
                assert!(arrived.contains(&event.time().unwrap()), "acts the moment a letter arrives");
            }
        }
    }
    assert!(tests > 500 && letters > 500 && actions > 50, "{tests} {letters} {actions}");
}

#[test]
fn law_who_does_not_come_is_not_seen() {
    let (mut missed, mut not_seen) = (0, 0);
    for journey in lived() {
        let contacts: Vec<&str> = of_kind(journey, EventKind::Encounter)
            .filter_map(|own| Some(own.encounter_id()?.as_str()))
            .collect();
        for slot in of_kind(journey, EventKind::Administrative) {
            match slot.code().as_str() {
                "APPOINTMENT//attended" => {
                    assert!(
                        slot.encounter_id().is_some_and(|id| contacts.contains(&id.as_str())),
                        "{slot:?}"
                    );
                }
                "APPOINTMENT//did_not_attend" => {
                    assert_eq!(slot.encounter_id(), None);
                    missed += u32::from(text(slot, "service") == "outpatient");
                }
                _ => {}
            }
            assert!(time(slot, "booked").is_none_or(|booked| Some(booked) <= slot.time()), "{slot:?}");
        }
        not_seen += of_kind(journey, EventKind::Procedure)
            .filter(|own| own.code().as_str() == "TEST//not_seen")
            .count() as u32;
    }
    assert!(missed > 3 && not_seen >= missed * 9 / 10, "{missed} {not_seen}");
}

#[test]
fn law_referral_clocks_stop_at_the_first_attendance() {
    let (mut stopped, mut running) = (0, 0);
    for journey in lived() {
        let attended: Vec<_> = of_kind(journey, EventKind::Encounter)
            .filter(|own| text(own, "service") == "outpatient")
            .filter_map(Event::time)
            .collect();
        for referral in of_kind(journey, EventKind::CarePlan) {
            match time(referral, "clock_stop") {
                Some(stop) => {
                    stopped += 1;
                    assert!(Some(stop) >= referral.time() && attended.contains(&stop), "{referral:?}");
                }
                None => running += 1,
            }
        }
    }
    assert!(stopped > 100 && running > 0, "{stopped} {running}");
}
