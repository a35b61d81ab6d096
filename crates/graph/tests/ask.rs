//! Laws of the analyst's questions: what is not known yet changes nothing, nor does the order of the input.
#![expect(clippy::unwrap_used, reason = "the values are written here and valid")]

use proptest::prelude::*;
use twinloom_codes::ClinicalTables;
use twinloom_event::{
    Attribute, Code, Cohort, Dataset, EncounterId, Event, EventKind, MICROSECONDS_PER_DAY, RecordId,
    Relation, RelationKind, SubjectId, Terminology, Timestamp, Unit,
};
use twinloom_graph::{Answer, Asking, Cell, PropertyGraph, QUESTIONS, Surroundings, Table, question};

const SUBJECTS: i64 = 4;

/// Codes that the questions look for, each with a kind it may have.
const FACTS: [(EventKind, &str); 14] = [
    (EventKind::Condition, "SNOMED//44054006"),
    (EventKind::Condition, "ICD10//E11.9"),
    (EventKind::Condition, "SNOMED//709044004"),
    (EventKind::Condition, "SNOMED//59621000"),
    (EventKind::Condition, "SNOMED//84114007"),
    (EventKind::Medication, "ATC//M01AE02"),
    (EventKind::Medication, "RXNORM//849574"),
    (EventKind::Medication, "ATC//C09AA05"),
    (EventKind::Medication, "DMD//325278007"),
    (EventKind::Medication, "ATC//C03CA01"),
    (EventKind::Procedure, "SNOMED//265764009"),
    (EventKind::Observation, "LOINC//62238-1"),
    (EventKind::Observation, "LOINC//2823-3"),
    (EventKind::Death, "MEDS_DEATH"),
];

fn day(day: i64) -> Timestamp {
    Timestamp::from_micros(day * MICROSECONDS_PER_DAY).unwrap()
}

/// Facts and encounters of four subjects over three years, some recorded late, some ended.
fn record() -> impl Strategy<Value = Vec<Event>> {
    let fact = (
        (0..SUBJECTS, 0_i64..1000, prop::option::of(0_i64..1200)),
        (0..FACTS.len(), prop::option::of(0_i64..90), prop::option::of(0_u8..5)),
        (1.0_f64..100.0, any::<bool>()),
    );
    let stay = (
        (0..SUBJECTS, 0_i64..1000, 0_i64..20),
        prop::sample::select(&["IMP", "EMER", "AMB"][..]),
        prop::option::of(0_i64..1200),
    );
    (prop::collection::vec(fact, 0..60), prop::collection::vec(stay, 0..20)).prop_map(|(facts, stays)| {
        let mut events: Vec<Event> = (0..SUBJECTS)
            .map(|subject| {
                Event::new(SubjectId::new(subject), None, Code::parse("SEX//female").unwrap())
                    .with_kind(EventKind::Demographic)
            })
            .collect();
        for (place, ((subject, start, length), class, recorded)) in stays.into_iter().enumerate() {
            let name = format!("Encounter/{subject}-{}", place % 5);
            let event = Event::new(
                SubjectId::new(subject),
                Some(day(start)),
                Code::parse("SNOMED//32485007").unwrap(),
            )
            .with_kind(EventKind::Encounter)
            .with_encounter_id(EncounterId::new(format!("{name}-{place}")).unwrap())
            .with_record_id(RecordId::new(format!("{name}-{place}")).unwrap())
            .with_attribute("class", Attribute::Text(class.into()))
            .with_end_time(day(start + length))
            .unwrap();
            let event = match place % 3 {
                0 => event.with_attribute("reason", Attribute::Text("SNOMED//10509002".into())),
                _ => event,
            };
            events.push(recorded.map_or(event.clone(), |recorded| event.with_recorded_time(day(recorded))));
        }
        for (place, ((subject, time, recorded), (fact, lasts, encounter), (value, ended))) in
            facts.into_iter().enumerate()
        {
            let (kind, code) = FACTS[fact];
            let mut event = Event::new(SubjectId::new(subject), Some(day(time)), Code::parse(code).unwrap())
                .with_kind(kind)
                .with_record_id(RecordId::new(format!("Fact/{place}")).unwrap());
            if let Some(recorded) = recorded {
                event = event.with_recorded_time(day(recorded));
            }
            if let Some(encounter) = encounter {
                event = event.with_encounter_id(
                    EncounterId::new(format!("Encounter/{subject}-{encounter}-{encounter}")).unwrap(),
                );
            }
            if kind == EventKind::Observation {
                let unit = if code == "LOINC//62238-1" { "mL/min/{1.73_m2}" } else { "mmol/L" };
                event = event.with_numeric_value(value).unwrap().with_unit(Unit::new(unit).unwrap());
            }
            let word = |name: &'static str, word: &str| (name, Attribute::Text(word.into()));
            let said = match (kind, place % 4) {
                (EventKind::Condition, 0) => Some(word("verification_status", "refuted")),
                (EventKind::Condition, 1) => Some(word("verification_status", "confirmed")),
                (EventKind::Medication, 0) => Some(word("reason", "SNOMED//59621000")),
                (EventKind::Observation, 0) => Some(word("interpretation", "OBSERVATION//H")),
                (EventKind::Observation, 1) => Some(("reference_high", Attribute::Float(40.0))),
                _ => None,
            };
            if let Some((name, attribute)) = said {
                event = event.with_attribute(name, attribute);
            }
            if let (Some(lasts), EventKind::Medication, true) = (lasts, kind, ended) {
                event = event.with_end_time(day(time + lasts)).unwrap();
            }
            events.push(event);
        }
        events
    })
}

fn graph(events: Vec<Event>) -> PropertyGraph {
    let dataset = Dataset { cohort: Cohort::from_events(events).unwrap(), ..Dataset::default() };
    PropertyGraph::build(&dataset).unwrap()
}

/// Every question's tables; the rows of single persons in order of their cells, since events without an order have none.
fn answers(graph: &PropertyGraph, as_of: Option<Timestamp>) -> Vec<Vec<Table>> {
    let tables = ClinicalTables::built_in().unwrap();
    let interactions = [(Code::parse("ATC//M01A").unwrap(), Code::parse("ATC//C09A").unwrap())];
    // Lineage is of the edges as built, so that it differs where the input does.
    let asked = QUESTIONS.iter().filter(|question| question.name != "provenance");
    asked
        .map(|question| {
            let mut told: Vec<(String, String)> = Vec::new();
            for parameter in question.parameters {
                match parameter.name {
                    "patient" => told.push(("patient".into(), "1".into())),
                    "drugs" | "least" => told.push((parameter.name.into(), "1".into())),
                    "from" if question.name == "next-condition" => {
                        told.push(("from".into(), "hypertension".into()));
                    }
                    "between" => told.push(("between".into(), "services".into())),
                    _ => {}
                }
            }
            let asking = Asking { told: &told, tables: &tables, interactions: &interactions, as_of };
            let Answer { mut tables, .. } = graph.ask(question, asking).unwrap();
            for table in tables.iter_mut().filter(|table| table.of_persons) {
                table.rows.sort_by_key(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>());
            }
            tables
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn law_what_is_not_known_yet_changes_nothing(events in record(), at in 0_i64..1200) {
        let as_of = day(at);
        let known = |event: &&Event| event.known_time().is_none_or(|known| known <= as_of);
        let earlier: Vec<Event> = events.iter().filter(known).cloned().collect();
        prop_assert_eq!(answers(&graph(events), Some(as_of)), answers(&graph(earlier), Some(as_of)));
    }

    #[test]
    fn law_a_record_known_in_full_is_answered_in_full(events in record(), later in 0_i64..400) {
        let moments = events.iter().flat_map(|event| [event.known_time(), event.end_time()]).flatten();
        let as_of = moments.max().unwrap_or(day(0)).plus_micros(later * MICROSECONDS_PER_DAY).unwrap();
        let graph = graph(events);
        prop_assert_eq!(answers(&graph, Some(as_of)), answers(&graph, None));
    }

    #[test]
    fn law_the_order_of_the_input_changes_nothing(
        (events, shuffled) in record().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle()))
    ) {
        prop_assert_eq!(answers(&graph(events), None), answers(&graph(shuffled), None));
    }

    #[test]
    fn law_no_number_is_infinite_or_none(events in record()) {
        for table in answers(&graph(events), None).into_iter().flatten() {
            for cell in table.rows.iter().flatten() {
                let text = cell.to_json().to_string();
                if let Cell::Number(number) | Cell::People(number) = cell {
                    prop_assert!(number.is_finite(), "{}", table.name);
                }
                prop_assert!(!text.contains("NaN") && !cell.to_string().contains("inf"), "{text}");
            }
        }
    }
}

#[test]
fn regress_nobody_is_no_reason_to_stop() {
    let empty = PropertyGraph::build(&Dataset::default()).unwrap();
    let tables = ClinicalTables::built_in().unwrap();
    for question in QUESTIONS {
        let told = if question.parameters.iter().any(|own| own.name == "patient") {
            vec![("patient".to_owned(), "1".to_owned())]
        } else {
            Vec::new()
        };
        let answer =
            empty.ask(question, Asking { told: &told, tables: &tables, interactions: &[], as_of: None });
        assert_eq!(
            answer.is_err(),
            !told.is_empty(),
            "{}: only a patient who is not there can't be asked about",
            question.name
        );
    }
}

/// One patient's event of a day.
fn event(kind: EventKind, code: &str, at: i64) -> Event {
    Event::new(SubjectId::new(1), Some(day(at)), Code::parse(code).unwrap()).with_kind(kind)
}

/// The rows of a table of an answer as text.
fn rows(graph: &PropertyGraph, name: &str, told: &[(&str, &str)], table: &str) -> Vec<Vec<String>> {
    let tables = ClinicalTables::built_in().unwrap();
    let told: Vec<_> = told.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let asking = Asking { told: &told, tables: &tables, interactions: &[], as_of: None };
    let answer = graph.ask(question(name).unwrap(), asking).unwrap();
    let table = answer.tables.iter().find(|own| own.name == table).unwrap();
    table.rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

/// How many people have diabetes and kidney disease.
fn with_both(graph: &PropertyGraph) -> String {
    rows(graph, "nsaid-in-ckd-diabetes", &[], "steps")[2][1].clone()
}

#[test]
fn regress_stages_1_and_2_are_not_stage_3() {
    let is_a = |code: &str, above: &str| Relation {
        from: Code::parse(code).unwrap(),
        kind: RelationKind::IsA,
        to: Code::parse(above).unwrap(),
        source: "release".into(),
        severity: None,
    };
    let release = Terminology::new(
        vec![
            is_a("SNOMED//431856006", "SNOMED//709044004"),
            is_a("SNOMED//284991000119104", "SNOMED//431856006"),
            is_a("SNOMED//433144002", "SNOMED//709044004"),
            is_a("SNOMED//90721000119101", "SNOMED//433144002"),
        ],
        Vec::new(),
    );
    for (code, counts) in [
        ("SNOMED//709044004", "1"),
        ("SNOMED//431856006", "0"),
        ("SNOMED//284991000119104", "0"),
        ("SNOMED//90721000119101", "1"),
    ] {
        let events =
            vec![event(EventKind::Condition, "SNOMED//44054006", 1), event(EventKind::Condition, code, 2)];
        let dataset = Dataset { cohort: Cohort::from_events(events).unwrap(), ..Dataset::default() };
        let surroundings = Surroundings { terminology: Some(&release), ..Surroundings::default() };
        let graph = PropertyGraph::build_within(&dataset, &surroundings).unwrap();
        assert_eq!(with_both(&graph), counts, "{code}");
    }
}

#[test]
fn regress_a_condition_is_one_that_is_stated_and_held() {
    let kidney = || event(EventKind::Condition, "SNOMED//433144002", 1);
    let both = |diabetes: Event| with_both(&graph(vec![kidney(), diabetes]));
    let diabetes = |kind| event(kind, "SNOMED//44054006", 2);
    assert_eq!(both(diabetes(EventKind::Condition)), "1");
    assert_eq!(both(diabetes(EventKind::Observation)), "0");
    assert_eq!(both(diabetes(EventKind::Document)), "0");
    let verified = |word: &str| {
        let word = Attribute::Text(word.into());
        both(diabetes(EventKind::Condition).with_attribute("verification_status", word))
    };
    assert_eq!(verified("confirmed"), "1");
    for word in ["refuted", "entered-in-error", "differential", "provisional", "unconfirmed"] {
        assert_eq!(verified(word), "0", "{word}");
    }
}

#[test]
fn regress_any_of_several_codings_is_in_a_set() {
    let other = Attribute::Text(r#"["ICD10//E11.9"]"#.into());
    let coded = |other_codes: Option<Attribute>| {
        let local = event(EventKind::Condition, "LOCAL//sugar", 2);
        let local = match other_codes {
            Some(codes) => local.with_attribute("other_codes", codes),
            None => local,
        };
        with_both(&graph(vec![event(EventKind::Condition, "SNOMED//433144002", 1), local]))
    };
    assert_eq!((coded(None), coded(Some(other))), ("0".to_owned(), "1".to_owned()));
}
