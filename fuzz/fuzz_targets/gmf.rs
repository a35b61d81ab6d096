//! A module or a lookup table of any bytes loads or is refused with faults, never with a panic; one
//! that loads runs for a person and ends.

#![no_main]

use libfuzzer_sys::fuzz_target;
use twinloom_gmf::{Library, Parameters, simulate};

const TABLED: &str = r#"{ "name": "t", "states": {
    "Initial": { "type": "Initial", "lookup_table_transition": [
        { "transition": "Wait", "default_probability": 0.5, "lookup_table_name": "t.csv" },
        { "transition": "End", "default_probability": 0.5, "lookup_table_name": "t.csv" }] },
    "Wait": { "type": "Delay", "exact": { "quantity": 9, "unit": "years" }, "direct_transition": "Initial" },
    "End": { "type": "Terminal" } } }"#;

fuzz_target!(|data: &[u8]| {
    let [choice, rest @ ..] = data else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).expect("a temporary file can be written");
    };
    if choice % 4 == 0 {
        std::fs::create_dir(folder.path().join("lookup_tables")).expect("a temporary folder can be made");
        write("m.json", TABLED.as_bytes());
        write("lookup_tables/t.csv", rest);
    } else {
        write("m.json", rest);
    }
    match Library::load(folder.path()) {
        Ok(library) => {
            let parameters = Parameters { threads: 1, step_cap: 200, ..Parameters::new(1, 1) };
            let _ = simulate(&library, &parameters, |_| Ok::<(), std::convert::Infallible>(()));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
