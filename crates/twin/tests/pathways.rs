//! Laws of the pathway library: every file of `pathways/` is whole, reachable, ended, coded and sourced.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value};
use twinloom_twin::Pathway;
use twinloom_twin::validation::Targets;

/// The library's files by name, from the folder itself.
fn files() -> BTreeMap<String, Value> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../pathways"));
    let entries = std::fs::read_dir(folder).expect("the folder stands beside the crates");
    entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a pathway can be read");
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).expect("a pathway is JSON"))
        })
        .collect()
}

fn states(module: &Value) -> &Map<String, Value> {
    module["states"].as_object().expect("a pathway has states")
}

fn kind(state: &Value) -> &str {
    state["type"].as_str().expect("a state has a type")
}

/// Calls `visit` with every object within a value.
fn objects<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            visit(map);
            map.values().for_each(|inner| objects(inner, visit));
        }
        Value::Array(list) => list.iter().for_each(|inner| objects(inner, visit)),
        _ => {}
    }
}

/// The states that may follow a state.
fn next(state: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    for (key, value) in state.as_object().expect("a state is an object") {
        if key == "direct_transition" || key == "on_missed" {
            found.extend(value.as_str());
        } else if key.ends_with("_transition") {
            objects(value, &mut |map| found.extend(map.get("transition").and_then(Value::as_str)));
        }
    }
    found
}

/// The codes that a value names.
fn codes(value: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    objects(value, &mut |map| found.extend(map.get("code").and_then(Value::as_str)));
    found
}

fn has_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Object(map) => map.values().any(has_number),
        Value::Array(list) => list.iter().any(has_number),
        _ => false,
    }
}

fn has_source(value: &Value) -> bool {
    let mut found = false;
    objects(value, &mut |map| found |= map.contains_key("source") || map.contains_key("remarks"));
    found
}

#[test]
fn law_library_holds_every_file_and_conditions_enough() {
    let shipped: BTreeSet<String> = Pathway::library().iter().map(|own| own.name().to_owned()).collect();
    let present: BTreeSet<String> =
        files().values().map(|module| module["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(shipped, present, "the list in gmf/pathway.rs and the folder differ");
    let conditions = files().values().filter(|module| module.get("begins_with").is_some()).count();
    assert!(conditions >= 25, "{conditions} pathways begin with a condition");
}

#[test]
fn law_every_state_is_reachable() {
    for (file, module) in files() {
        let states = states(&module);
        let (mut seen, mut todo) = (BTreeSet::new(), vec!["Initial"]);
        while let Some(name) = todo.pop() {
            if seen.insert(name) {
                todo.extend(next(&states[name]));
            }
        }
        let lost: Vec<&String> = states.keys().filter(|name| !seen.contains(name.as_str())).collect();
        assert!(lost.is_empty(), "{file}: no way leads to {lost:?}");
    }
}

/// From an encounter no way leads to another, to a wait or to the end without ending it. A test or the
/// stay itself may take time within.
#[test]
fn law_every_encounter_is_ended() {
    for (file, module) in files() {
        let states = states(&module);
        for (start, state) in states.iter().filter(|(_, state)| kind(state) == "Encounter") {
            let missed = state["on_missed"].as_str();
            let (mut seen, mut todo) = (BTreeSet::new(), next(state));
            todo.retain(|name| Some(*name) != missed);
            while let Some(name) = todo.pop() {
                let inside = &states[name];
                match kind(inside) {
                    "EncounterEnd" | "Death" => {}
                    "Encounter" | "Terminal" | "Guard" => {
                        panic!("{file}: {start} leads to {name} without its end")
                    }
                    _ if seen.insert(name) => todo.extend(next(inside)),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn law_every_medicine_is_lifelong_or_ended() {
    for (file, module) in files() {
        let states = states(&module);
        let ends = states.values().filter(|state| kind(state) == "MedicationEnd");
        let ended: BTreeSet<&str> = ends.clone().flat_map(codes).collect();
        let by_state: BTreeSet<&str> = ends.filter_map(|state| state["medication_order"].as_str()).collect();
        for (name, state) in states.iter().filter(|(_, state)| kind(state) == "MedicationOrder") {
            let lifelong = state["chronic"] == Value::Bool(true);
            let ends = by_state.contains(name.as_str()) || codes(&state["codes"]).is_subset(&ended);
            assert!(lifelong || ends, "{file}, {name}: a course that nothing ends");
            if lifelong {
                let days = state["issue_days"].as_f64();
                assert!(days.is_some_and(|days| days >= 7.0), "{file}, {name}: no issue_days");
            }
        }
    }
}

#[test]
fn law_every_code_has_system_and_display_and_one_display() {
    let library = files();
    let mut displays = BTreeMap::<(&str, &str), BTreeSet<&str>>::new();
    for (file, module) in &library {
        objects(module, &mut |map| {
            let Some(code) = map.get("code").and_then(Value::as_str) else { return };
            let system = map.get("system").and_then(Value::as_str);
            let display = map.get("display").and_then(Value::as_str).filter(|text| !text.is_empty());
            let (Some(system), Some(display)) = (system, display) else {
                panic!("{file}: code {code} lacks system or display")
            };
            displays.entry((system, code)).or_default().insert(display);
        });
    }
    for (code, words) in displays {
        assert_eq!(words.len(), 1, "{code:?} has several displays: {words:?}");
    }
}

#[test]
fn law_every_number_has_a_source_and_every_target_its_split() {
    let (mut targets, mut held_out) = (0_u32, 0_u32);
    for (file, module) in files() {
        for (name, state) in states(&module) {
            let plain =
                matches!(kind(state), "SetAttribute" | "Counter") && !state["risk_percent"].is_object();
            assert!(
                plain || !has_number(state) || has_source(state),
                "{file}, {name}: a number without source"
            );
        }
        for parameter in module["parameters"].as_object().into_iter().flat_map(Map::values) {
            assert!(parameter["value"].is_number() && parameter["source"].is_string(), "{file}: {parameter}");
        }
        for target in module["calibration_targets"].as_array().into_iter().flatten() {
            assert!(target["value"].is_number() && target["source"].is_string(), "{file}: {target}");
            targets += 1;
            held_out += u32::from(target["held_out"].as_bool().unwrap_or_else(|| panic!("{file}: {target}")));
        }
    }
    assert!(
        3 * held_out >= targets,
        "{held_out} of {targets} targets are held out; at least a third must be"
    );
}

/// Each target that a pathway claims to be evaluated by stands in the file of targets, with value and split;
/// the others say that nothing evaluates them.
#[test]
fn law_targets_are_those_of_the_file_or_say_that_nothing_evaluates_them() {
    let known = Targets::embedded();
    let mut evaluated = 0;
    for (file, module) in files() {
        for claim in module["calibration_targets"].as_array().into_iter().flatten() {
            let Some(name) = claim["evaluated_as"].as_str() else {
                assert_eq!(claim["not_evaluated"], Value::Bool(true), "{file}: {claim}");
                continue;
            };
            let target = known.targets.iter().find(|target| target.name == name);
            let target = target.unwrap_or_else(|| panic!("{file}: no target is named {name}"));
            assert_eq!(claim["value"].as_f64(), Some(target.value), "{file}: {name}");
            assert_eq!(claim["held_out"].as_bool(), Some(target.held_out), "{file}: {name}");
            assert!(claim.get("not_evaluated").is_none(), "{file}: {name}");
            evaluated += 1;
        }
    }
    assert!(evaluated >= 25, "{evaluated}");
}

/// Every condition with which a pathway begins stands in the table of need under the same words.
#[test]
fn law_pathways_begin_with_conditions_of_the_table_of_need() {
    let table = include_str!("../data/need.toml").parse::<toml::Table>().unwrap();
    let entries = table["condition"].as_array().unwrap();
    let known: BTreeMap<&str, &str> = entries
        .iter()
        .map(|entry| (entry["snomed"].as_str().unwrap(), entry["display"].as_str().unwrap()))
        .collect();
    for (file, module) in files() {
        for code in module["begins_with"]["condition"].as_array().into_iter().flatten() {
            let (code, display) = (code["code"].as_str().unwrap(), code["display"].as_str().unwrap());
            assert_eq!(known.get(code), Some(&display), "{file} begins with {code} {display}");
        }
    }
}
