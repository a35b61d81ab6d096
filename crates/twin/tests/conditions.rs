//! Every condition, transition and state type of the framework does what its name says.
//!
//! Everybody passes one module on the thirtieth birthday; a check that holds leaves a procedure.

use std::collections::BTreeSet;

use twinloom_event::{EventKind, Timestamp};
use twinloom_twin::{Journey, Pathway, TwinError, TwinParameters, run};

const DAYS_PER_YEAR: f64 = 365.2425;

fn simulate(population: u64, name: &str, states: &[String]) -> Vec<Journey> {
    let json = format!(r#"{{"name": "{name}", "states": {{{}}}}}"#, states.join(",\n"));
    let pathways = vec![Pathway::parse("m.json", &json).unwrap_or_else(|error| panic!("{error}"))];
    let parameters =
        TwinParameters { population, seed: 5, pathways, systems: None, ..TwinParameters::default() };
    let mut journeys = Vec::new();
    let receive = |journey| {
        journeys.push(journey);
        Ok(())
    };
    run::<TwinError>(&parameters, receive, |_| {}).expect("the module is sound");
    journeys
}

fn code(word: &str) -> String {
    format!(r#"[{{"system": "TEST", "code": "{word}", "display": "{word}"}}]"#)
}

fn thirtieth(journey: &Journey) -> Timestamp {
    journey.person.birth.plus_days(30.0 * DAYS_PER_YEAR).expect("within the calendar")
}

/// Those who were thirty before the run, when no service keeps anybody waiting.
fn passed(journeys: &[Journey]) -> Vec<&Journey> {
    let start = TwinParameters::default().start;
    let passed: Vec<&Journey> = journeys.iter().filter(|journey| thirtieth(journey) < start).collect();
    assert!(passed.len() > 60, "{}", passed.len());
    passed
}

fn codes(journey: &Journey, kind: EventKind) -> BTreeSet<String> {
    let events = journey.truth.events().iter().filter(|event| event.kind() == kind);
    let words = events.filter_map(|event| event.code().as_str().strip_prefix("TEST//"));
    words.map(str::to_owned).collect()
}

/// A chain of states: what is set up, and checks by name.
struct Chain {
    states: Vec<String>,
}

impl Chain {
    fn begin() -> Self {
        let first = r#""Initial": {"type": "Initial", "direct_transition": "Thirty"},
            "Thirty": {"type": "Delay", "exact": {"quantity": 30, "unit": "years"}, "direct_transition": "#;
        Self { states: vec![first.to_owned()] }
    }

    /// Closes the last state with the one that follows it.
    fn lead_to(&mut self, name: &str) {
        let last = self.states.last_mut().expect("the chain has begun");
        *last = format!("{last}\"{name}\"}}");
    }

    fn set_up(mut self, name: &str, state: &str) -> Self {
        self.lead_to(name);
        self.states.push(format!(r#""{name}": {{{state}, "direct_transition": "#));
        self
    }

    /// Leaves the procedure `name` where the condition holds.
    fn check(mut self, name: &str, condition: &str) -> Self {
        self.lead_to(&format!("If_{name}"));
        self.states.push(format!(
            r#""If_{name}": {{"type": "Simple", "conditional_transition": [
                {{"condition": {{{condition}}}, "transition": "{name}"}}, {{"transition": "After_{name}"}}]}},
            "{name}": {{"type": "Procedure", "codes": {}, "direct_transition": "After_{name}"}},
            "After_{name}": {{"type": "Simple", "direct_transition": "#,
            code(name)
        ));
        self
    }

    fn end(mut self) -> Vec<String> {
        self.lead_to("End");
        self.states.push(r#""End": {"type": "Terminal"}"#.to_owned());
        self.states
    }
}

const TRUE: &str = r#"{"condition_type": "True"}"#;
const FALSE: &str = r#"{"condition_type": "False"}"#;

fn group(kind: &str, of: &[&str]) -> String {
    format!(r#""condition_type": {kind}, "conditions": [{}]"#, of.join(", "))
}

#[test]
fn law_conditions_on_logic_person_and_date() {
    let chain = Chain::begin()
        .check("true", r#""condition_type": "True""#)
        .check("no_false", r#""condition_type": "False""#)
        .check("and", &group(r#""And""#, &[TRUE, TRUE]))
        .check("no_and", &group(r#""And""#, &[TRUE, FALSE]))
        .check("or", &group(r#""Or""#, &[FALSE, TRUE]))
        .check("no_or", &group(r#""Or""#, &[FALSE, FALSE]))
        .check("not", &format!(r#""condition_type": "Not", "condition": {FALSE}"#))
        .check("no_not", &format!(r#""condition_type": "Not", "condition": {TRUE}"#))
        .check("at_least", &group(r#""At Least", "minimum": 2"#, &[TRUE, FALSE, TRUE]))
        .check("no_at_least", &group(r#""At Least", "minimum": 3"#, &[TRUE, FALSE, TRUE]))
        .check("at_most", &group(r#""At Most", "maximum": 2"#, &[TRUE, FALSE, TRUE]))
        .check("no_at_most", &group(r#""At Most", "maximum": 1"#, &[TRUE, FALSE, TRUE]))
        .check("age", r#""condition_type": "Age", "operator": ">", "quantity": 359, "unit": "months""#)
        .check("no_age", r#""condition_type": "Age", "operator": ">", "quantity": 31, "unit": "years""#)
        .check("female", r#""condition_type": "Gender", "gender": "F""#)
        .check("male", r#""condition_type": "Gender", "gender": "M""#)
        .check("White", r#""condition_type": "Race", "race": "White""#)
        .check("Asian", r#""condition_type": "Race", "race": "asian""#)
        .check("Low", r#""condition_type": "Socioeconomic Status", "category": "Low""#)
        .check("Middle", r#""condition_type": "Socioeconomic Status", "category": "Middle""#)
        .check("High", r#""condition_type": "Socioeconomic Status", "category": "High""#)
        .check("year", r#""condition_type": "Date", "operator": ">=", "year": 1990"#)
        .check("month", r#""condition_type": "Date", "operator": "==", "month": 6"#)
        .check(
            "date",
            r#""condition_type": "Date", "operator": "<", "date": {"year": 1995, "month": 7, "day": 1}"#,
        );
    let mut seen = BTreeSet::new();
    let journeys = simulate(250, "m", &chain.end());
    for journey in passed(&journeys) {
        let (person, at) = (&journey.person, thirtieth(journey));
        let ymd = |year, month| Timestamp::from_ymd(year, month, 1).unwrap();
        let mut expected: BTreeSet<&str> = ["true", "and", "or", "not", "at_least", "at_most", "age"].into();
        expected.insert(person.sex.as_str());
        let group = person.ethnicity.group().as_str();
        if ["White", "Asian"].contains(&group) {
            expected.insert(group);
        }
        expected.insert(match person.imd_decile {
            ..=3 => "Low",
            4..=7 => "Middle",
            8.. => "High",
        });
        let dates = [("year", at >= ymd(1990, 1)), ("month", at.month() == 6), ("date", at < ymd(1995, 7))];
        expected.extend(dates.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name));
        let found = codes(journey, EventKind::Procedure);
        assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
        seen.extend(found);
    }
    assert_eq!(seen.len(), 17, "each case was met: {seen:?}");
}

#[test]
fn law_conditions_on_what_was_set_begun_measured_and_passed() {
    let active =
        |kind: &str, word: &str| format!(r#""condition_type": "Active {kind}", "codes": {}"#, code(word));
    let begin = |kind: &str, word: &str| format!(r#""type": "{kind}", "codes": {}"#, code(word));
    let mut chain = Chain::begin();
    let kinds = [
        ("Condition", "ConditionOnset", "ConditionEnd", "condition_onset"),
        ("Allergy", "AllergyOnset", "AllergyEnd", "allergy_onset"),
        ("Medication", "MedicationOrder", "MedicationEnd", "medication_order"),
        ("CarePlan", "CarePlanStart", "CarePlanEnd", "careplan"),
    ];
    for (kind, onset, end, by) in kinds {
        let ended = format!(r#""type": "{end}", "{by}": "Begin_{kind}""#);
        chain = chain
            .check(&format!("no_{kind}_before"), &active(kind, kind))
            .set_up(&format!("Begin_{kind}"), &begin(onset, kind))
            .check(&format!("{kind}_active"), &active(kind, kind))
            .check(&format!("no_other_{kind}"), &active(kind, "another"))
            .set_up(&format!("End_{kind}"), &ended)
            .check(&format!("no_{kind}_after"), &active(kind, kind));
    }
    let assigned = format!(r#"{}, "assign_to_attribute": "pill""#, begin("MedicationOrder", "pill"));
    let chain = chain
        .set_up("Assigned", &assigned)
        .check("referred", r#""condition_type": "Active Medication", "referenced_by_attribute": "pill""#)
        .set_up("End_Assigned", r#""type": "MedicationEnd", "referenced_by_attribute": "pill""#)
        .check("no_referred", r#""condition_type": "Active Medication", "referenced_by_attribute": "pill""#)
        .set_up("Symptom", r#""type": "Symptom", "symptom": "Pain", "exact": {"quantity": 40}"#)
        .check("symptom", r#""condition_type": "Symptom", "symptom": "Pain", "operator": ">=", "value": 40"#)
        .check("no_symptom", r#""condition_type": "Symptom", "symptom": "Itch", "operator": ">", "value": 0"#)
        .set_up("Sign", r#""type": "VitalSign", "vital_sign": "Heart Rate", "exact": {"quantity": 111}"#)
        .check(
            "sign",
            r#""condition_type": "Vital Sign", "vital_sign": "Heart Rate", "operator": "==", "value": 111"#,
        )
        .check(
            "no_sign",
            r#""condition_type": "Vital Sign", "vital_sign": "Heart Rate", "operator": "<", "value": 100"#,
        )
        .set_up("Measure", &format!(r#"{}, "exact": {{"quantity": 5}}"#, begin("Observation", "five")))
        .check(
            "measured",
            &format!(
                r#""condition_type": "Observation", "codes": {}, "operator": ">", "value": 4"#,
                code("five")
            ),
        )
        .check(
            "no_measured",
            &format!(
                r#""condition_type": "Observation", "codes": {}, "operator": ">", "value": 6"#,
                code("five")
            ),
        )
        .check(
            "unmeasured",
            &format!(r#""condition_type": "Observation", "codes": {}, "operator": "is nil""#, code("never")),
        )
        .check("nil", r#""condition_type": "Attribute", "attribute": "a", "operator": "is nil""#)
        .set_up("Set_A", r#""type": "SetAttribute", "attribute": "a", "value": 3"#)
        .set_up("Set_B", r#""type": "SetAttribute", "attribute": "b", "range": {"low": 4, "high": 5}"#)
        .set_up("Set_C", r#""type": "SetAttribute", "attribute": "c", "value": "word""#)
        .set_up("Count", r#""type": "Counter", "attribute": "a", "action": "decrement", "amount": 2"#)
        .check("counted", r#""condition_type": "Attribute", "attribute": "a", "operator": "==", "value": 1"#)
        .check(
            "compared",
            r#""condition_type": "Attribute", "attribute": "a", "operator": "<=", "value_attribute": "b""#,
        )
        .check(
            "word",
            r#""condition_type": "Attribute", "attribute": "c", "operator": "==", "value": "word""#,
        )
        .check(
            "no_word",
            r#""condition_type": "Attribute", "attribute": "c", "operator": "!=", "value": "word""#,
        )
        .check("no_nil", r#""condition_type": "Attribute", "attribute": "a", "operator": "is nil""#)
        .check("prior", r#""condition_type": "PriorState", "name": "Count", "since": "Set_A""#)
        .set_up("Day", r#""type": "Delay", "exact": {"quantity": 1, "unit": "days"}"#)
        .check(
            "no_within",
            r#""condition_type": "PriorState", "name": "Count", "within": {"quantity": 2, "unit": "hours"}"#,
        )
        .check(
            "within",
            r#""condition_type": "PriorState", "name": "Count", "within": {"quantity": 25, "unit": "hours"}"#,
        )
        .check("no_prior", r#""condition_type": "PriorState", "name": "Set_A", "since": "After_no_within""#);
    let expected: BTreeSet<String> = [
        "Allergy_active",
        "CarePlan_active",
        "Condition_active",
        "Medication_active",
        "compared",
        "counted",
        "measured",
        "nil",
        "prior",
        "referred",
        "sign",
        "symptom",
        "unmeasured",
        "within",
        "word",
    ]
    .map(str::to_owned)
    .into();
    let journeys = simulate(150, "m", &chain.end());
    for journey in passed(&journeys) {
        assert_eq!(codes(journey, EventKind::Procedure), expected);
        for kind in [EventKind::Allergy, EventKind::CarePlan, EventKind::Condition, EventKind::Medication] {
            let own = journey.truth.events().iter().filter(|event| event.kind() == kind);
            let mut own = own.filter(|event| event.code().as_str().starts_with("TEST//"));
            assert!(own.all(|event| event.end_time() == event.time() && event.time().is_some()), "{kind:?}");
        }
    }
}

#[test]
fn law_states_that_act_leave_what_they_do_and_death_comes_on_its_date() {
    let act = |kind: &str, word: &str| format!(r#""type": "{kind}", "codes": {}"#, code(word));
    let part = format!(r#"{{"codes": {}, "exact": {{"quantity": 1}}}}"#, code("part"));
    // Of the time before the run less is kept.
    let in_run = r#""type": "Guard", "allow": {"condition_type": "Date", "operator": ">=", "year": 2021}"#;
    let chain = Chain::begin()
        .set_up("In_Run", in_run)
        .set_up("Vaccine", &act("Vaccine", "vaccine"))
        .set_up("Device", &act("Device", "device"))
        .set_up("Remove", r#""type": "DeviceEnd", "device": "Device""#)
        .set_up("Study", r#""type": "ImagingStudy", "procedure_code": {"system": "TEST", "code": "study"}"#)
        .set_up("Panel", &format!(r#"{}, "observations": [{part}]"#, act("MultiObservation", "panel")))
        .set_up("Report", &format!(r#"{}, "observations": [{part}]"#, act("DiagnosticReport", "report")))
        .set_up(
            "Last_Day",
            r#""type": "Guard", "allow": {"condition_type": "Date", "operator": ">=", "date": {"year": 2022, "month": 6}}"#,
        )
        .set_up("Death", &format!(r#""type": "Death", "exact": {{"quantity": 2, "unit": "days"}}, "codes": {}"#, code("fate")));
    let journeys = simulate(150, "m", &chain.end());
    let fated = Timestamp::from_ymd(2022, 6, 3).unwrap();
    let mut together = 0;
    let begun = Timestamp::from_ymd(2021, 1, 2).unwrap();
    for journey in passed(&journeys).into_iter().filter(|own| own.person.death.is_none_or(|at| at > begun)) {
        for (kind, word) in [
            (EventKind::Immunisation, "vaccine"),
            (EventKind::Device, "device"),
            (EventKind::Document, "study"),
            (EventKind::Document, "report"),
            (EventKind::Observation, "part"),
        ] {
            assert!(codes(journey, kind).contains(word), "{word}");
        }
        let death = journey.person.death.expect("nobody survives the date");
        assert!(death.days_since(fated) < 1e-6, "{death}");
        together += usize::from(death.days_since(fated) > -1e-6);
    }
    assert!(together > 60, "{together}");
}

/// Shares by number, by attribute and within a condition. 2,000 people, some 1,250 of them thirty: each
/// within 4.5 standard errors, false alarm 1 in 50,000.
#[test]
fn ref_transitions_share_out_as_they_say() {
    let mark = |name: &str, next: &str| {
        format!(
            r#""{name}": {{"type": "Procedure", "codes": {}, "direct_transition": "{next}"}}"#,
            code(name)
        )
    };
    let states = vec![
        r#""Initial": {"type": "Initial", "direct_transition": "Thirty"}"#.to_owned(),
        r#""Thirty": {"type": "Delay", "exact": {"quantity": 30, "unit": "years"}, "direct_transition": "Set"}"#.to_owned(),
        r#""Set": {"type": "SetAttribute", "attribute": "p", "value": 0.8, "direct_transition": "First"}"#.to_owned(),
        r#""First": {"type": "Simple", "distributed_transition": [{"distribution": 0.3, "transition": "fixed"}, {"distribution": 0.7, "transition": "Second"}]}"#.to_owned(),
        mark("fixed", "Second"),
        r#""Second": {"type": "Simple", "distributed_transition": [
            {"distribution": {"attribute": "p", "default": 0.1}, "transition": "by_attribute"},
            {"distribution": {"attribute": "q", "default": 0.2}, "transition": "Third"}]}"#.to_owned(),
        mark("by_attribute", "Third"),
        r#""Third": {"type": "Simple", "complex_transition": [
            {"condition": {"condition_type": "Gender", "gender": "F"}, "distributions": [
                {"distribution": 0.6, "transition": "complex"}, {"distribution": 0.4, "transition": "End"}]},
            {"transition": "End"}]}"#.to_owned(),
        mark("complex", "End"),
        r#""End": {"type": "Terminal"}"#.to_owned(),
    ];
    let journeys = simulate(2_000, "m", &states);
    let all = passed(&journeys);
    let (women, men): (Vec<_>, Vec<_>) =
        all.iter().partition(|journey| journey.person.sex.as_str() == "female");
    let near = |of: &[&Journey], word: &str, expected: f64| {
        let marked = of.iter().filter(|journey| codes(journey, EventKind::Procedure).contains(word)).count();
        let (share, error) =
            (marked as f64 / of.len() as f64, (expected * (1.0 - expected) / of.len() as f64).sqrt());
        assert!((share - expected).abs() <= 4.5 * error, "{word}: {share} for {expected}");
    };
    near(&all, "fixed", 0.3);
    near(&all, "by_attribute", 0.8);
    near(&women, "complex", 0.6);
    near(&men, "complex", 0.0);
}
