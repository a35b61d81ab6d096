//! Bad modules: a precise fault each, never a hang or a panic.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs,
    reason = "a test may panic, and exact values are meant"
)]

mod common;

use proptest::prelude::*;

use common::{Run, delay, faults, folder, initial, snomed, table, terminal, to};
use serde_json::{Value as Json, json};
use twinloom_gmf::{Library, LoadError, LoadOptions, Parameters, Problem, SimulationError, simulate};

fn with(states: &[(&str, Json)]) -> Json {
    let mut all = json!({ "Initial": initial("S"), "End": terminal() });
    for (name, state) in states {
        all[*name] = state.clone();
    }
    all
}

/// The one fault of a module with one state, as it is printed.
fn fault(state: Json) -> String {
    let found = faults(&[("m", with(&[("S", state)]))]);
    assert!(!found.is_empty(), "no fault");
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn says(state: Json, field: &str, problem: &str) {
    let text = fault(state);
    assert!(text.starts_with("m.json, state \"S\""), "{text}");
    assert!(text.contains(&format!("field {field}")) && text.contains(problem), "{text}");
}

#[test]
fn regress_faults_name_file_state_and_field() {
    says(to("End", json!({ "type": "Sleep" })), "type", "\"Sleep\" is unknown");
    says(to("End", json!({ "type": "Encouter" })), "type", "Encounter is nearest");
    says(to("Nowhere", json!({ "type": "Simple" })), "direct_transition", "\"Nowhere\"");
    says(json!({ "type": "Simple" }), "transition", "no transition");
    says(to("End", json!({ "type": "Delay" })), "distribution", "missing");
    says(delay("End", 1.0, "fortnights"), "exact.unit", "not usable");
    says(to("End", json!({ "type": "CallSubmodule", "submodule": "a/b" })), "submodule", "\"a/b\"");
    says(to("End", json!({ "type": "Guard" })), "allow", "missing");
    says(
        to("End", json!({ "type": "Guard", "allow": { "condition_type": "Mood" } })),
        "allow.condition_type",
        "\"Mood\"",
    );
    says(
        to(
            "End",
            json!({ "type": "Guard", "allow": { "condition_type": "Age", "operator": "=>", "quantity": 1, "unit": "years" } }),
        ),
        "allow.operator",
        "=>",
    );
    says(to("End", json!({ "type": "ConditionOnset", "codes": [] })), "codes", "at least one code");
    says(
        to("End", json!({ "type": "VitalSign", "vital_sign": "Mood", "exact": { "quantity": 1 } })),
        "vital_sign",
        "Mood",
    );
    says(
        to(
            "End",
            json!({ "type": "Procedure", "codes": snomed("1"), "unit": "days", "distribution": { "kind": "GAMMA", "parameters": {} } }),
        ),
        "distribution.kind",
        "GAMMA",
    );
    assert_eq!(fault(json!(3)), "m.json, state \"S\": 3 is not usable; permitted: an object");
}

#[test]
fn regress_probabilities_must_make_a_distribution() {
    let shares = |a: f64, b: f64| {
        json!({ "type": "Simple", "distributed_transition": [
            { "transition": "End", "distribution": a }, { "transition": "End", "distribution": b }] })
    };
    says(shares(0.5, 1.5), "distributed_transition[1].distribution", "1.5");
    says(shares(-0.1, 1.0), "distributed_transition[0].distribution", "-0.1");
    let folder = folder(&[("m", with(&[("S", shares(0.3, 0.3))]))]);
    let options = LoadOptions { probability_tolerance: 0.01 };
    let Err(LoadError::Faults(found)) = Library::load_with(folder.path(), options) else {
        panic!("no fault")
    };
    assert!(matches!(found[0].problem, Problem::Sum { sum, .. } if (sum - 0.6).abs() < 1e-12), "{found:?}");
    let library = Library::load(folder.path()).unwrap();
    assert_eq!(library.findings().len(), 1, "within the default tolerance it is worth saying");
    let text = library.findings()[0].to_string();
    assert!(text.starts_with("m.json, state \"S\": field distributed_transition"), "{text}");
    assert!(text.contains("sum to 0.6") && text.contains("the last option takes what is missing"), "{text}");
    says(shares(0.0, 0.0), "distributed_transition", "sum to 0");
}

#[test]
fn regress_states_that_a_module_lacks_are_found_wherever_they_are_named() {
    let module = with(&[
        ("S", to("T", json!({ "type": "ConditionOnset", "codes": snomed("1"), "target_encounter": "Nope" }))),
        (
            "T",
            to(
                "End",
                json!({ "type": "Guard", "allow": { "condition_type": "PriorState", "name": "Nada" } }),
            ),
        ),
    ]);
    let library = Library::load(folder(&[("m", module)]).path()).unwrap();
    let found: Vec<String> = library.findings().iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("state \"S\": field target_encounter: \"Nope\" is no state"), "{found:?}");
    assert!(found[1].contains("state \"T\": field allow.name: \"Nada\" is no state"), "{found:?}");
}

#[test]
fn regress_circles_without_delay_are_found_before_anyone_runs_them() {
    let found = faults(&[(
        "m",
        with(&[("S", to("T", json!({ "type": "Simple" }))), ("T", delay("S", 0.0, "days"))]),
    )]);
    assert!(matches!(&found[0].problem, Problem::Circle { circle } if circle == "S > T"), "{found:?}");
    let waits = faults(&[(
        "m",
        with(&[("S", to("T", json!({ "type": "Simple" }))), ("T", delay("S", 1.0, "days"))]),
    )]);
    assert!(waits.is_empty());
}

#[test]
fn regress_submodules_may_not_call_each_other_in_circles() {
    let call = |path: &str| json!({ "Initial": initial("S"), "S": to("End", json!({ "type": "CallSubmodule", "submodule": path })), "End": terminal() });
    let found = faults(&[("m", call("x/a")), ("x/a", call("x/b")), ("x/b", call("x/a"))]);
    assert!(
        matches!(&found[0].problem, Problem::Recursion { circle } if circle == "x/a > x/b > x/a"),
        "{found:?}"
    );
}

#[test]
fn regress_a_circle_with_a_way_out_nobody_takes_is_halted_and_reported() {
    let folder = folder(&[(
        "m",
        with(&[(
            "S",
            json!({ "type": "Simple", "distributed_transition": [
            { "transition": "S", "distribution": 1.0 }, { "transition": "End", "distribution": 0.0 }] }),
        )]),
    )]);
    let run = Run::of(&folder, 3);
    assert_eq!(run.summary.halted.values().sum::<u64>(), 3);
    assert!(run.summary.halted.contains_key("m.json, state \"S\""));
}

#[test]
fn regress_tables_must_be_there_and_fit() {
    let state = json!({ "type": "Simple", "lookup_table_transition": [
        { "transition": "End", "default_probability": 1, "lookup_table_name": "t.csv" }] });
    let modules = [("m", with(&[("S", state)]))];
    let reason = |text: Option<&str>| {
        let folder = folder(&modules);
        if let Some(text) = text {
            table(folder.path(), "t.csv", text);
        }
        match Library::load(folder.path()) {
            Err(error) => error.to_string(),
            Ok(_) => String::new(),
        }
    };
    assert!(reason(None).contains("lookup table \"t.csv\" can't be read"));
    assert!(reason(Some("age,Other\n1-2,1\n")).contains("column \"Other\" is no option"));
    assert!(reason(Some("age,End\nold,1\n")).contains("line 2: \"old\" is no age range"));
    assert!(reason(Some("age,End\n1-2,7\n")).contains("7 is no probability"));
    assert!(reason(Some("age,End\n")).contains("no rows"));
    assert_eq!(reason(Some("age,End\n1-2,1\n")), "");
}

#[test]
fn regress_files_that_are_no_modules() {
    assert!(matches!(Library::load("no/such/folder".as_ref()), Err(LoadError::Unreadable { .. })));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Library::load(empty.path()), Err(LoadError::Empty { .. })));
    for (text, expected) in [
        ("{", "not JSON"),
        ("[]", "field name: missing"),
        ("{\"name\": 3, \"states\": {}}", "field name: 3 is not usable"),
        ("{\"name\": \"x\", \"states\": {}}", "a state named Initial"),
        (
            "{\"name\": \"x\", \"gmf_version\": 3, \"states\": {\"Initial\": {\"type\": \"Terminal\"}}}",
            "field gmf_version",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), text).unwrap();
        let error = Library::load(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("m.json") && error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn regress_deep_and_long_things_are_refused_not_followed() {
    let mut condition = json!({ "condition_type": "True" });
    for _ in 0..70 {
        condition = json!({ "condition_type": "Not", "condition": condition });
    }
    assert!(fault(to("End", json!({ "type": "Guard", "allow": condition }))).contains("64 deep"));
}

#[test]
fn regress_expressions_are_unsupported_and_said_so() {
    let folder = folder(&[(
        "m",
        with(&[("S", to("End", json!({ "type": "SetAttribute", "attribute": "x", "expression": "1 + 1" })))]),
    )]);
    let library = Library::load(folder.path()).unwrap();
    assert_eq!(library.unsupported().len(), 1);
    assert!(library.unsupported()[0].to_string().contains("CQL"));
}

#[test]
fn regress_nobody_is_no_population() {
    let folder = folder(&[("m", with(&[("S", terminal())]))]);
    let library = Library::load(folder.path()).unwrap();
    let run = |population| simulate(&library, &Parameters::new(population, 1), |_| Ok::<(), ()>(()));
    assert!(matches!(run(0), Err(SimulationError::Population { found: 0, .. })));
    assert!(matches!(run(u64::MAX), Err(SimulationError::Population { .. })));
    let refused = simulate(&library, &Parameters::new(1, 1), |_| Err::<(), &str>("full"));
    assert!(matches!(refused, Err(SimulationError::Receive("full"))));
}

/// A sound module with every construct that nests, for mutation.
fn sound() -> String {
    let states = with(&[
        (
            "S",
            json!({ "type": "Simple", "complex_transition": [
            { "condition": { "condition_type": "And", "conditions": [
                { "condition_type": "Age", "operator": ">", "quantity": 3, "unit": "years" },
                { "condition_type": "PriorState", "name": "T", "within": { "quantity": 2, "unit": "weeks" } } ] },
              "distributions": [{ "transition": "T", "distribution": 0.5 }, { "transition": "U", "distribution": 0.5 }] },
            { "transition": "U" }] }),
        ),
        ("T", to("U", json!({ "type": "Encounter", "encounter_class": "emergency", "codes": snomed("1") }))),
        (
            "U",
            to(
                "V",
                json!({ "type": "Delay", "unit": "days", "distribution": { "kind": "GAUSSIAN",
            "parameters": { "mean": 40, "standardDeviation": 9, "min": 1 } } }),
            ),
        ),
        ("V", to("S", json!({ "type": "ConditionOnset", "codes": snomed("2"), "target_encounter": "T" }))),
    ]);
    json!({ "name": "m", "states": states }).to_string()
}

#[test]
fn regress_a_long_straight_chain_is_no_circle() {
    const STATES: usize = 30_000;
    let mut states = serde_json::Map::new();
    for place in 0..STATES {
        let (name, next) = (format!("S{place}"), format!("S{}", place + 1));
        states.insert(name, json!({ "type": "Simple", "direct_transition": next }));
    }
    states.insert("Initial".to_owned(), json!({ "type": "Initial", "direct_transition": "S0" }));
    states.insert(format!("S{STATES}"), json!({ "type": "Terminal" }));
    let folder = tempfile::tempdir().unwrap();
    let module = json!({ "name": "m", "states": states });
    std::fs::write(folder.path().join("m.json"), module.to_string()).unwrap();
    let library = Library::load(folder.path()).unwrap();
    let parameters = Parameters { threads: 1, events: false, ..Parameters::new(1, 1) };
    let summary = simulate(&library, &parameters, |_| Ok::<(), ()>(())).unwrap();
    assert!(summary.halted.is_empty(), "{:?}", summary.halted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Bytes are changed at random: a module loads and runs to its end, or is refused; no panic, no hang.
    #[test]
    fn law_any_bytes_load_or_are_refused(changes in proptest::collection::vec((0_usize..2000, any::<u8>()), 0..6)) {
        let mut bytes = sound().into_bytes();
        for (place, byte) in changes {
            let length = bytes.len();
            bytes[place % length] = byte;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), bytes).unwrap();
        match Library::load(folder.path()) {
            Ok(library) => {
                let parameters = Parameters { threads: 1, step_cap: 100, ..Parameters::new(1, 1) };
                prop_assert!(simulate(&library, &parameters, |_| Ok::<(), ()>(())).is_ok());
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    /// Words of a module are exchanged for each other, which keeps it JSON.
    #[test]
    fn law_exchanged_words_load_or_are_refused(from in 0_usize..80, to in 0_usize..80) {
        let text = sound();
        let words: Vec<&str> = text.split('"').collect();
        let word = |place: usize| words[(2 * place + 1) % words.len()];
        let exchanged = text.replacen(&format!("\"{}\"", word(from)), &format!("\"{}\"", word(to)), 1);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), exchanged).unwrap();
        if let Ok(library) = Library::load(folder.path()) {
            let parameters = Parameters { threads: 1, step_cap: 100, ..Parameters::new(1, 1) };
            prop_assert!(simulate(&library, &parameters, |_| Ok::<(), ()>(())).is_ok());
        }
    }
}
