//! Lifetimes of a small module library: the weekly clock with and without the waiting list.

use std::convert::Infallible;
use std::fs;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use twinloom_gmf::{Columns, Library, Parameters, Wording, simulate, simulate_columns};

const MODULE: &str = r#"{ "name": "bench", "gmf_version": 2, "states": {
    "Initial": { "type": "Initial", "direct_transition": "Well" },
    "Well": { "type": "Delay", "range": { "low": 1, "high": 12, "unit": "months" }, "direct_transition": "Chance" },
    "Chance": { "type": "Simple", "distributed_transition": [
        { "transition": "Ill", "distribution": 0.3 }, { "transition": "Well", "distribution": 0.7 }] },
    "Ill": { "type": "ConditionOnset", "codes": [{ "system": "SNOMED-CT", "code": "1", "display": "x" }],
        "target_encounter": "Visit", "direct_transition": "Visit" },
    "Visit": { "type": "Encounter", "wellness": true, "direct_transition": "Weigh" },
    "Weigh": { "type": "Observation", "category": "exam", "unit": "kg", "vital_sign": "Weight",
        "codes": [{ "system": "LOINC", "code": "29463-7", "display": "w" }], "direct_transition": "Leave" },
    "Leave": { "type": "EncounterEnd", "direct_transition": "Over" },
    "Over": { "type": "ConditionEnd", "condition_onset": "Ill", "direct_transition": "Well" } } }"#;

fn lifetimes(criterion: &mut Criterion) {
    let folder = std::env::temp_dir().join(format!("twinloom-gmf-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    fs::write(folder.join("bench.json"), MODULE).expect("the temporary folder can be written");
    let library = Library::load(&folder).expect("the module is sound");
    fs::remove_dir_all(&folder).expect("the temporary folder is ours");
    for (name, every_week) in [("when it can move", false), ("every week", true)] {
        let parameters = Parameters { threads: 1, every_week, ..Parameters::new(50, 1) };
        criterion.bench_function(&format!("50 lifetimes, {name}"), |bencher| {
            bencher.iter(|| simulate(&library, black_box(&parameters), |_| Ok::<(), Infallible>(())));
        });
    }
    let wording = Wording::new(&library);
    let parameters = Parameters { threads: 1, ..Parameters::new(50, 1) };
    criterion.bench_function("50 lifetimes, as columns", |bencher| {
        bencher.iter(|| {
            let encoder = || |columns: &Columns| columns.len();
            simulate_columns(
                &library,
                &wording,
                black_box(&parameters),
                encoder,
                |_| Ok::<(), Infallible>(()),
            )
        });
    });
}

criterion_group!(benches, lifetimes);
criterion_main!(benches);
