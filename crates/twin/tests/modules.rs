//! Modules of the Generic Module Framework behave as it says, and unsound ones are refused.

use twinloom_event::{Event, EventKind};
use twinloom_twin::{Journey, Pathway, PathwayError, TwinError, TwinParameters, run};

/// Runs one or more modules given as the inside of their `states` object.
fn simulate(population: u64, modules: &[(&str, &str)]) -> Vec<Journey> {
    let pathways =
        modules.iter().map(|(name, states)| parse(name, states).expect("the module is sound")).collect();
    let parameters = TwinParameters { population, seed: 5, pathways, ..TwinParameters::default() };
    let mut journeys = Vec::new();
    run::<TwinError>(
        &parameters,
        |journey| {
            journeys.push(journey);
            Ok(())
        },
        |_| {},
    )
    .expect("the module is sound");
    journeys
}

fn parse(name: &str, states: &str) -> Result<Pathway, PathwayError> {
    let submodule = name.starts_with("sub");
    Pathway::parse(
        &format!("{name}.json"),
        &format!(r#"{{"name": "{name}", "submodule": {submodule}, "states": {{{states}}}}}"#),
    )
}

fn conditions(journey: &Journey) -> Vec<&Event> {
    let events = journey.truth.events().iter();
    // Need brings conditions of its own.
    events.filter(|event| event.code().as_str() == PAIN).collect()
}

const PAIN: &str = "SNOMED//22253000";
const CODE: &str = r#""codes": [{"system": "SNOMED-CT", "code": "22253000", "display": "Pain"}]"#;
const VISIT: &str = r#""type": "Encounter", "encounter_class": "ambulatory", "codes": [{"system": "SNOMED-CT", "code": "185349003"}]"#;

#[test]
fn law_guard_opens_at_the_exact_age_and_delay_lasts_its_time() {
    let states = format!(
        r#""Initial": {{"type": "Initial", "direct_transition": "Thirty"}},
        "Thirty": {{"type": "Guard", "allow": {{"condition_type": "Age", "operator": ">=", "quantity": 30, "unit": "years"}}, "direct_transition": "Wait"}},
        "Wait": {{"type": "Delay", "exact": {{"quantity": 10, "unit": "days"}}, "direct_transition": "Onset"}},
        "Onset": {{"type": "ConditionOnset", {CODE}, "direct_transition": "End"}},
        "End": {{"type": "Terminal"}}"#
    );
    let journeys = simulate(200, &[("m", &states)]);
    let mut seen = 0;
    for journey in &journeys {
        for onset in conditions(journey) {
            seen += 1;
            let days = onset.time().unwrap().days_since(journey.person.birth);
            assert!((days - (30.0 * 365.2425 + 10.0)).abs() < 1e-6, "{days}");
        }
    }
    assert!(seen > 80);
}

#[test]
fn law_target_encounter_separates_onset_from_diagnosis() {
    let states = format!(
        r#""Initial": {{"type": "Initial", "direct_transition": "Grow"}},
        "Grow": {{"type": "Delay", "exact": {{"quantity": 5, "unit": "years"}}, "direct_transition": "Onset"}},
        "Onset": {{"type": "ConditionOnset", "target_encounter": "Visit", {CODE}, "direct_transition": "Ignored"}},
        "Ignored": {{"type": "Delay", "exact": {{"quantity": 2, "unit": "years"}}, "direct_transition": "Visit"}},
        "Visit": {{{VISIT}, "direct_transition": "Visit_End"}},
        "Visit_End": {{"type": "EncounterEnd", "direct_transition": "End"}},
        "End": {{"type": "Terminal"}}"#
    );
    let mut pairs = 0;
    for journey in simulate(300, &[("m", &states)]) {
        let is_it = |event: &&Event| event.kind() == EventKind::Condition && event.code().as_str() == PAIN;
        let recorded = journey.gp_record.events().iter().find(is_it);
        let Some(recorded) = recorded.filter(|event| event.recorded_time().is_none()) else { continue };
        pairs += 1;
        let onset = conditions(&journey)[0].time().unwrap();
        assert!((730.0..760.0).contains(&recorded.time().unwrap().days_since(onset)));
        assert!(recorded.encounter_id().is_some());
    }
    assert!(pairs > 20, "{pairs}");
}

#[test]
fn ref_hazard_gives_its_survival_also_when_a_factor_changes_midway() {
    // Rate 0.02 a year from 20; from 40 on the other module sets an attribute that doubles it. Among
    // those who reach 60 the share without the event is exp(-0.4 - 0.8) = 0.301. 3,000 people, seed 5,
    // about 750 of that age: 4.5 standard errors, false alarm 1 in 150,000.
    let risk = r#""Initial": {"type": "Initial", "direct_transition": "Forty"},
        "Forty": {"type": "Delay", "exact": {"quantity": 40, "unit": "years"}, "direct_transition": "Set"},
        "Set": {"type": "SetAttribute", "attribute": "risk", "value": true, "direct_transition": "End"},
        "End": {"type": "Terminal"}"#;
    let disease = format!(
        r#""Initial": {{"type": "Initial", "direct_transition": "Wait"}},
        "Wait": {{"type": "Delay", "hazard_per_year": {{"by_age": [[20, 0.02]], "factors": [{{"ratio": 2, "condition":
            {{"condition_type": "Attribute", "attribute": "risk", "operator": "==", "value": true}}}}]}}, "direct_transition": "Onset"}},
        "Onset": {{"type": "ConditionOnset", {CODE}, "direct_transition": "End"}},
        "End": {{"type": "Terminal"}}"#
    );
    let (mut old, mut free) = (0.0_f64, 0.0);
    for journey in simulate(3_000, &[("a_risk", risk), ("disease", &disease)]) {
        let sixty = journey.person.birth.plus_days(60.0 * 365.2425).unwrap();
        if sixty < TwinParameters::default().start {
            old += 1.0;
            let earlier = conditions(&journey).iter().any(|onset| onset.time() < Some(sixty));
            free += f64::from(u8::from(!earlier));
        }
    }
    let expected = (-1.2_f64).exp();
    assert!(old > 500.0);
    assert!(
        (free / old - expected).abs() < 4.5 * (expected * (1.0 - expected) / old).sqrt(),
        "{}",
        free / old
    );
}

#[test]
fn law_submodule_returns_and_counter_counts() {
    let main = format!(
        r#""Initial": {{"type": "Initial", "direct_transition": "Call"}},
        "Call": {{"type": "CallSubmodule", "submodule": "sub", "direct_transition": "Enough"}},
        "Enough": {{"type": "Simple", "conditional_transition": [
            {{"condition": {{"condition_type": "Attribute", "attribute": "n", "operator": "<", "value": 3}}, "transition": "Pause"}},
            {{"condition": {{"condition_type": "And", "conditions": [
                {{"condition_type": "PriorState", "name": "Call"}},
                {{"condition_type": "Not", "condition": {{"condition_type": "PriorState", "name": "Never"}}}}]}}, "transition": "Onset"}},
            {{"transition": "Never"}}]}},
        "Pause": {{"type": "Delay", "exact": {{"quantity": 1, "unit": "days"}}, "direct_transition": "Call"}},
        "Never": {{"type": "Terminal"}},
        "Onset": {{"type": "ConditionOnset", {CODE}, "direct_transition": "Cure"}},
        "Cure": {{"type": "ConditionEnd", "condition_onset": "Onset", "direct_transition": "Never"}}"#
    );
    let sub = r#""Initial": {"type": "Initial", "direct_transition": "Count"},
        "Count": {"type": "Counter", "attribute": "n", "action": "increment", "direct_transition": "End"},
        "End": {"type": "Terminal"}"#;
    for journey in simulate(20, &[("main", &main), ("sub", sub)]) {
        let found = conditions(&journey);
        if journey.person.birth.plus_days(4.0).unwrap() < TwinParameters::default().start {
            assert_eq!(found.len(), 1);
            assert!((found[0].time().unwrap().days_since(journey.person.birth) - 2.0).abs() < 1e-9);
            assert_eq!(found[0].end_time(), found[0].time());
        }
    }
}

#[test]
fn regress_unsound_modules_are_refused_with_their_place() {
    let first = r#""Initial": {"type": "Initial", "direct_transition": "A"}, "#;
    let cases = [
        (
            r#""A": {"type": "Physiology", "direct_transition": "A"}"#,
            "state type \"Physiology\" is not supported",
        ),
        (r#""A": {"type": "Simple", "direct_transition": "B"}"#, "state \"B\" does not exist"),
        (r#""A": {"type": "Simple"}"#, "has no transition"),
        (r#""A": {"type": "Simple", "direct_transition": "A"}"#, "without delay"),
        (
            r#""A": {"type": "Simple", "distributed_transition": [{"distribution": 0.4, "transition": "A"}]}"#,
            "probabilities sum to 0.4",
        ),
        (r#""A": {"type": "Delay", "direct_transition": "A"}"#, "permitted: exact, range, distribution"),
        (
            r#""A": {"type": "Delay", "hazard_per_year": {"by_age": [[9, 0.1], [5, 0.1]]}, "direct_transition": "A"}"#,
            "hazard_per_year.by_age[1]",
        ),
        (
            r#""A": {"type": "Guard", "allow": {"condition_type": "Weather"}, "direct_transition": "A"}"#,
            "condition type \"Weather\" is unknown",
        ),
        (r#""A": {"type": "Encountr", "direct_transition": "A"}"#, "nearest: Encounter"),
        (
            r#""A": {"type": "Delay", "exact": {"quantity": 1, "unit": "days", "quantty_from": "m.p"}, "direct_transition": "A"}"#,
            "exact: nothing reads the key \"quantty_from\" here; nearest: quantity_from",
        ),
        (
            r#""A": {"type": "Observation", "codes": [{"system": "T", "code": "1"}], "laboratry": true, "direct_transition": "B"}, "B": {"type": "Terminal"}"#,
            "the whole: nothing reads the key \"laboratry\" here; nearest: laboratory",
        ),
        (
            r#""A": {"type": "Encounter", "encounter_class": "ambulatory", "codes": [{"system": "T", "code": "1"}], "on_mised": "A", "direct_transition": "A"}"#,
            "nothing reads the key \"on_mised\" here; nearest: on_missed",
        ),
        (
            r#""A": {"type": "Guard", "allow": {"condition_type": "Not", "condition": {"condition_type": "Age", "operater": "<", "operator": "<", "quantity": 3}}, "direct_transition": "A"}"#,
            "allow.condition: nothing reads the key \"operater\" here; nearest: operator",
        ),
    ];
    for (states, expected) in cases {
        let error = parse("m", &format!("{first}{states}")).unwrap_err().to_string();
        assert!(error.contains("m.json") && error.contains("\"A\"") && error.contains(expected), "{error}");
    }
    assert!(matches!(Pathway::parse("x.json", "{"), Err(PathwayError::Json { .. })));
    assert!(Pathway::parse("x.json", r#"{"name": "x", "states": {}}"#).is_err());
    let module = r#"{"name": "x", "begins_wiht": {}, "states": {"Initial": {"type": "Initial", "remarks": [], "direct_transition": "End"}, "End": {"type": "Terminal"}}}"#;
    let error = Pathway::parse("x.json", module).unwrap_err().to_string();
    assert!(error.contains("nearest: begins_with"), "{error}");
    assert!(Pathway::parse("x.json", &module.replace("begins_wiht", "remarks")).is_ok());
    let caller = format!(
        r#"{first}"A": {{"type": "CallSubmodule", "submodule": "nowhere", "direct_transition": "End"}}, "End": {{"type": "Terminal"}}"#
    );
    let pathways = vec![parse("m", &caller).unwrap()];
    let outcome =
        run::<TwinError>(&TwinParameters { pathways, ..TwinParameters::default() }, |_| Ok(()), |_| {});
    assert!(matches!(outcome, Err(TwinError::Pathway(PathwayError::MissingSubmodule { .. }))));
}

#[test]
fn law_a_module_that_never_rests_is_halted_and_counted() {
    let states = r#""Initial": {"type": "Initial", "direct_transition": "A"},
        "A": {"type": "Simple", "distributed_transition": [{"distribution": 0.5, "transition": "A"}, {"distribution": 0.5, "transition": "B"}]},
        "B": {"type": "Simple", "direct_transition": "A"}"#;
    let pathways = vec![parse("m", states).unwrap()];
    let parameters = TwinParameters { population: 3, pathways, ..TwinParameters::default() };
    let summary = run::<TwinError>(&parameters, |_| Ok(()), |_| {}).unwrap();
    assert_eq!(summary.halted_modules, 3);
}

#[test]
fn law_a_module_begins_with_each_of_its_conditions() {
    let episodes = format!(
        r#""Initial": {{"type": "Initial", "direct_transition": "Wait"}},
        "Wait": {{"type": "Delay", "exact": {{"quantity": 2, "unit": "years"}}, "direct_transition": "Onset"}},
        "Onset": {{"type": "ConditionOnset", {CODE}, "direct_transition": "Last"}},
        "Last": {{"type": "Delay", "exact": {{"quantity": 30, "unit": "days"}}, "direct_transition": "Cure"}},
        "Cure": {{"type": "ConditionEnd", "condition_onset": "Onset", "direct_transition": "Wait"}}"#
    );
    let reaction = r#"{"name": "reaction", "begins_with": {"condition": [{"system": "SNOMED-CT", "code": "22253000"}]},
        "parameters": {"delay": {"value": 3, "unit": "days", "source": "this test"}},
        "states": {
        "Initial": {"type": "Initial", "conditional_transition": [
            {"condition": {"condition_type": "Attribute", "attribute": "reaction.delay", "operator": "==", "value": 3},
              "transition": "Wait"}, {"transition": "End"}]},
        "Wait": {"type": "Delay", "exact": {"quantity": 3, "unit": "days"}, "direct_transition": "Treat"},
        "Treat": {"type": "Procedure", "codes": [{"system": "TEST", "code": "treated"}], "direct_transition": "End"},
        "End": {"type": "Terminal"}}}"#;
    let pathways =
        vec![parse("episodes", &episodes).unwrap(), Pathway::parse("reaction.json", reaction).unwrap()];
    let parameters = TwinParameters { population: 30, seed: 5, pathways, ..TwinParameters::default() };
    let mut treated = 0;
    let receive = |journey: Journey| {
        let of = |code: &str| -> Vec<_> {
            let own = journey.truth.events().iter().filter(|event| event.code().as_str() == code);
            own.filter_map(Event::time).collect()
        };
        let (onsets, treatments) = (of("SNOMED//22253000"), of("TEST//treated"));
        for at in &treatments {
            treated += 1;
            assert!(onsets.iter().any(|onset| (at.days_since(*onset) - 3.0).abs() < 1e-6));
        }
        assert!(onsets.len() - treatments.len() <= 1, "each onset is treated, but the run's last");
        Ok(())
    };
    let summary = run::<TwinError>(&parameters, receive, |_| {}).unwrap();
    assert_eq!(summary.halted_modules, 0);
    assert!(treated > 200, "{treated}");
}

#[test]
fn regress_a_module_that_begins_itself_is_halted() {
    let circle = format!(
        r#"{{"name": "circle", "begins_with": {{"condition": [{{"system": "SNOMED-CT", "code": "22253000"}}]}},
        "states": {{
        "Initial": {{"type": "Initial", "direct_transition": "Onset"}},
        "Onset": {{"type": "ConditionOnset", {CODE}, "direct_transition": "End"}},
        "End": {{"type": "Terminal"}}}}}}"#
    );
    let first = format!(
        r#""Initial": {{"type": "Initial", "direct_transition": "Onset"}},
        "Onset": {{"type": "ConditionOnset", {CODE}, "direct_transition": "End"}},
        "End": {{"type": "Terminal"}}"#
    );
    let pathways = vec![parse("first", &first).unwrap(), Pathway::parse("circle.json", &circle).unwrap()];
    let parameters = TwinParameters { population: 2, pathways, ..TwinParameters::default() };
    let summary = run::<TwinError>(&parameters, |_| Ok(()), |_| {}).unwrap();
    assert_eq!(summary.halted_modules, 2);
}

#[test]
fn law_a_module_can_read_how_long_its_contact_was_waited_for() {
    let states = |module: &str, least_days: u32| {
        format!(
            r#""Initial": {{"type": "Initial", "direct_transition": "Thirty"}},
            "Thirty": {{"type": "Guard", "allow": {{"condition_type": "Age", "operator": ">=", "quantity": 30, "unit": "years"}}, "direct_transition": "Visit"}},
            "Visit": {{{VISIT}, "wait_days": {{"kind": "EXACT", "parameters": {{"value": 40}}}}, "direct_transition": "Waited"}},
            "Waited": {{"type": "Simple", "conditional_transition": [
                {{"condition": {{"condition_type": "Attribute", "attribute": "{module}.waiting_days", "operator": ">=", "value": {least_days}}}, "transition": "Onset"}},
                {{"transition": "Leave"}}]}},
            "Onset": {{"type": "ConditionOnset", {CODE}, "direct_transition": "Leave"}},
            "Leave": {{"type": "EncounterEnd", "direct_transition": "End"}},
            "End": {{"type": "Terminal"}}"#
        )
    };
    let start = TwinParameters::default().start;
    // Who was 30 before the start waited the module's forty days and at most some weeks of holidays.
    let late = simulate(200, &[("m", &states("m", 40))]);
    let long_ago = |journey: &&Journey| start.days_since(journey.person.birth) > 32.0 * 365.25;
    let mut seen = 0;
    for journey in late.iter().filter(long_ago) {
        seen += 1;
        assert_eq!(conditions(journey).len(), 1);
    }
    assert!(seen > 50);
    let later = simulate(200, &[("m", &states("m", 100))]);
    assert!(later.iter().filter(long_ago).all(|journey| conditions(journey).is_empty()));
}
