//! Patients, encounters and events made together.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
use twinloom_synth::Privacy;
use twinloom_synth::causal::{CausalParameters, Dag, FittedCausal, Structure, fit as fit_patients};
use twinloom_synth::longitudinal::{
    Drawn, FittedLongitudinal, Layout, LongitudinalError, LongitudinalParameters, Records, fit,
};
use twinloom_table::{Bounds, Column, ColumnKind, ColumnSchema, Missing, Origin, Schema, Table};

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn words(name: &str, categories: &[&str]) -> ColumnSchema {
    let categories = categories.iter().map(|word| Arc::from(*word)).collect();
    let kind = ColumnKind::Category { categories, ordered: false, origin: Origin::Declared };
    ColumnSchema { name: name.into(), kind, unit: None, missing: Missing::Never }
}

fn whole(name: &str, least: f64, greatest: f64) -> ColumnSchema {
    let kind = ColumnKind::Integer { bounds: Some(Bounds { least, greatest, origin: Origin::Declared }) };
    ColumnSchema { name: name.into(), kind, unit: None, missing: Missing::Never }
}

/// The old come more often; a fall is always followed by an X-ray, and a cough most often by another.
struct Made {
    patients: Table,
    encounters: Table,
    events: Table,
}

const CODES: [&str; 4] = ["fall", "x-ray", "cough", "check"];

fn made(count: usize) -> Made {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let (mut ids, mut old) = (vec![], vec![]);
    let (mut whose, mut visit, mut day, mut ward) = (vec![], vec![], vec![], vec![]);
    let (mut of, mut code, mut value) = (vec![], vec![], vec![]);
    for patient in 0..count {
        let is_old = uniform(&mut random) < 0.4;
        ids.push(Some(patient as f64));
        old.push(Some(u32::from(is_old)));
        let visits = if is_old { 3 } else { 1 } + usize::from(uniform(&mut random) < 0.5);
        let mut at = (uniform(&mut random) * 100.0).floor();
        for _ in 0..visits {
            let inside = uniform(&mut random) < 0.3;
            whose.push(Some(patient as f64));
            visit.push(Some(visit.len() as f64));
            day.push(Some(at));
            ward.push(Some(u32::from(inside)));
            at += 8.0 + (uniform(&mut random) * 7.0).floor();
            let mut add = |event: u32, random: &mut ChaCha8Rng| {
                of.push(Some(visit.len() as f64 - 1.0));
                code.push(Some(event));
                // Only a check has a value.
                value.push((event == 3).then(|| (100.0 + 20.0 * uniform(random)).round()));
            };
            if inside {
                add(0, &mut random);
                add(1, &mut random);
            } else if uniform(&mut random) < 0.5 {
                add(2, &mut random);
                add(2, &mut random);
            } else {
                add(3, &mut random);
            }
        }
    }
    let table = |schema: Vec<ColumnSchema>, columns| {
        Table::new(Schema::new(schema, vec![], None).unwrap(), columns).unwrap()
    };
    let many = 1e6;
    Made {
        patients: table(
            vec![whole("patient", 0.0, many), words("old", &["no", "yes"])],
            vec![Column::Number(ids), Column::Category(old)],
        ),
        encounters: table(
            vec![
                whole("patient", 0.0, many),
                whole("visit", 0.0, many),
                whole("day", 0.0, 400.0),
                words("ward", &["out", "in"]),
            ],
            vec![Column::Number(whose), Column::Number(visit), Column::Number(day), Column::Category(ward)],
        ),
        events: table(
            vec![
                whole("visit", 0.0, many),
                words("code", &CODES),
                ColumnSchema { missing: Missing::Modelled, ..whole("value", 0.0, 200.0) },
            ],
            vec![Column::Number(of), Column::Category(code), Column::Number(value)],
        ),
    }
}

fn layout() -> Layout {
    Layout { kind: Some("ward".into()), ..Layout::new("patient", "visit", "day", "code") }
}

fn parameters() -> LongitudinalParameters {
    LongitudinalParameters {
        conditions: vec!["old".into()],
        most_encounters: 6,
        most_events: 12,
        ..LongitudinalParameters::default()
    }
}

fn parents(made: &Made, privacy: Privacy<'_>, rho: Option<f64>) -> FittedCausal {
    let table = made.patients.without(&["patient"]).unwrap();
    let dag = Dag::new::<&str>(vec!["old".into()], []).unwrap();
    let rho = rho.map(|rho| twinloom_privacy::Rho::new(rho).unwrap());
    let parameters =
        CausalParameters { structure: Structure::Given(dag), rho, ..CausalParameters::default() };
    fit_patients(&table, &parameters, privacy, 0).unwrap()
}

fn open(made: &Made) -> FittedLongitudinal<FittedCausal> {
    let records = Records { patients: &made.patients, encounters: &made.encounters, events: &made.events };
    fit(&records, &layout(), parents(made, Privacy::None, None), &parameters(), Privacy::None, 0).unwrap()
}

/// Every key belongs to a row, and encounters and events are within what is permitted.
fn whole_records(drawn: &Drawn, patients: usize) {
    assert_eq!(drawn.patients.len(), patients);
    let numbers = |table: &Table, name: &str| -> Vec<usize> {
        table.number(name).unwrap().iter().map(|key| key.unwrap() as usize).collect()
    };
    let mut visits: BTreeMap<usize, usize> = BTreeMap::new();
    let owners = numbers(&drawn.encounters, "patient");
    for &owner in &owners {
        assert!((1..=patients).contains(&owner));
        *visits.entry(owner).or_default() += 1;
    }
    assert!(visits.values().all(|&count| count <= 6));
    let own = numbers(&drawn.encounters, "visit");
    assert_eq!(own, (1..=own.len()).collect::<Vec<_>>());
    assert!(numbers(&drawn.events, "visit").iter().all(|visit| (1..=own.len()).contains(visit)));
    // In time, each patient's.
    let days = numbers(&drawn.encounters, "day");
    assert!((1..own.len()).all(|at| owners[at] != owners[at - 1] || days[at] >= days[at - 1]));
}

fn visits_by_age(patients: &Table, encounters: &Table, first: usize) -> [f64; 2] {
    let old = patients.category("old").unwrap();
    let mut sums = [[0.0; 2]; 2];
    for value in old {
        sums[value.unwrap() as usize][0] += 1.0;
    }
    for owner in encounters.number("patient").unwrap() {
        sums[old[owner.unwrap() as usize - first].unwrap() as usize][1] += 1.0;
    }
    sums.map(|[people, visits]| visits / people)
}

/// Shares of codes, and how often a fall is followed by an X-ray.
fn codes(events: &Table) -> ([f64; 4], f64) {
    let codes: Vec<usize> =
        events.category("code").unwrap().iter().map(|code| code.unwrap() as usize).collect();
    let mut shares = [0.0; 4];
    for &code in &codes {
        shares[code] += 1.0 / codes.len() as f64;
    }
    let falls = codes.iter().filter(|code| **code == 0).count();
    let followed = codes.windows(2).filter(|pair| pair[0] == 0 && pair[1] == 1).count();
    (shares, followed as f64 / falls as f64)
}

#[test]
fn law_records_hold_together_and_look_alike() {
    let made = made(3000);
    let fitted = open(&made);
    let drawn = fitted.sample(3000, 1).unwrap();
    whole_records(&drawn, 3000);
    let (real, own) = (
        visits_by_age(&made.patients, &made.encounters, 0),
        visits_by_age(&drawn.patients, &drawn.encounters, 1),
    );
    // 1.5 and 3.5, their standard errors below 0.02.
    assert!((real[0] - own[0]).abs() < 0.1 && (real[1] - own[1]).abs() < 0.1, "{real:?} {own:?}");
    let (real, own) = (codes(&made.events), codes(&drawn.events));
    assert!(real.0.iter().zip(own.0).all(|(real, own)| (real - own).abs() < 0.02), "{real:?} {own:?}");
    assert!((real.1 - 1.0).abs() < 1e-12 && own.1 > 0.95, "{own:?}");
    // Checks alone have values.
    let pairs = drawn.events.category("code").unwrap().iter().zip(drawn.events.number("value").unwrap());
    let odd = pairs.filter(|(code, value)| (**code == Some(3)) != value.is_some()).count();
    assert!((odd as f64) < 0.01 * drawn.events.len() as f64, "{odd}");
    // Gaps of 8 to 14 days stay gaps of 4 to 16, whole days.
    let days = drawn.encounters.number("day").unwrap();
    let owners = drawn.encounters.number("patient").unwrap();
    let gaps: Vec<f64> = (1..days.len())
        .filter(|&at| owners[at] == owners[at - 1])
        .map(|at| days[at].unwrap() - days[at - 1].unwrap())
        .collect();
    let within = gaps.iter().filter(|gap| (4.0..=16.0).contains(*gap)).count();
    assert!(within as f64 > 0.99 * gaps.len() as f64, "{within} of {}", gaps.len());
    // The same on any number of threads.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(pool.install(|| fitted.sample(3000, 1).unwrap()), drawn);
    let text = serde_json::to_string(&fitted).unwrap();
    let again: FittedLongitudinal<FittedCausal> = serde_json::from_str(&text).unwrap();
    whole_records(&again.sample(50, 2).unwrap(), 50);
}

fn claim() -> Claim {
    Claim {
        epsilon: Epsilon::new(8.0).unwrap(),
        delta: Delta::new(1e-6).unwrap(),
        adjacency: Adjacency::AddRemove,
        unit: PrivacyUnit::Subject,
    }
}

#[test]
fn law_a_private_fit_pays_for_every_table() {
    let made = made(3000);
    let (mut ledger, mut noise) = (Ledger::new(claim()), NoiseSource::from_seed(3));
    let mut privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
    let parents = parents(&made, privacy.reborrow(), Some(0.1));
    let records = Records { patients: &made.patients, encounters: &made.encounters, events: &made.events };
    let fitted = fit(&records, &layout(), parents, &parameters(), privacy, 0).unwrap();
    // One table of patients and its graph; five rules, values by code, and codes.
    assert_eq!(ledger.entries().len(), 2 + 7);
    let spent = ledger.remaining().spent;
    assert!(spent <= 8.0 && spent > 7.9, "{spent}");
    let drawn = fitted.sample(3000, 1).unwrap();
    whole_records(&drawn, 3000);
    let own = visits_by_age(&drawn.patients, &drawn.encounters, 1);
    assert!((own[0] - 1.5).abs() < 0.3 && (own[1] - 3.5).abs() < 0.4, "{own:?}");
    let (real, own) = (codes(&made.events), codes(&drawn.events));
    assert!(real.0.iter().zip(own.0).all(|(real, own)| (real - own).abs() < 0.08), "{real:?} {own:?}");
    assert!(own.1 > 0.6, "{own:?}");
}

/// A patient with very many encounters and events changes no count by more than is stated.
#[test]
fn law_one_patient_counts_for_no_more_than_the_bound() {
    let made = made(40);
    let mut crowd = [made.encounters.columns().to_vec(), made.events.columns().to_vec()];
    let push = |column: &mut Column, value: f64| match column {
        Column::Number(values) => values.push(Some(value)),
        Column::Category(values) => values.push(Some(value as u32)),
    };
    for visit in 0..500 {
        for (column, value) in crowd[0].iter_mut().zip([0.0, 10_000.0 + f64::from(visit), 50.0, 1.0]) {
            push(column, value);
        }
        for (column, value) in crowd[1].iter_mut().zip([10_000.0 + f64::from(visit), 0.0, 7.0]) {
            push(column, value);
        }
    }
    let [encounters, events] = crowd;
    let encounters = Table::new(made.encounters.schema().clone(), encounters).unwrap();
    let events = Table::new(made.events.schema().clone(), events).unwrap();
    let parents = parents(&made, Privacy::None, None);
    let records = Records { patients: &made.patients, encounters: &encounters, events: &events };
    let fitted = fit(&records, &layout(), parents, &parameters(), Privacy::None, 0).unwrap();
    let drawn = fitted.sample(2000, 1).unwrap();
    whole_records(&drawn, 2000);
    // Of 500 falls 12 at most were counted beside some 100 events of the others.
    let (with, without) =
        (codes(&drawn.events).0[0], codes(&open(&made).sample(2000, 1).unwrap().events).0[0]);
    assert!(with - without < 0.15, "{with} {without}");
}

#[test]
fn regress_records_that_do_not_hold_together_are_refused() {
    let made = made(20);
    let refused =
        |patients: &Table, encounters: &Table, events: &Table, parameters: &LongitudinalParameters| {
            let (mut ledger, mut noise) = (Ledger::new(claim()), NoiseSource::from_seed(3));
            let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
            let records = Records { patients, encounters, events };
            let error = fit(&records, &layout(), made.patients.clone(), parameters, privacy, 0).unwrap_err();
            assert!(ledger.entries().is_empty(), "{error}");
            error
        };
    let Made { patients, encounters, events } = &made;
    let own = parameters();
    let fewer = patients.rows_of(&[0, 1, 2]);
    assert!(matches!(refused(&fewer, encounters, events, &own), LongitudinalError::Orphan { .. }));
    let fewer = encounters.rows_of(&[0]);
    assert!(matches!(refused(patients, &fewer, events, &own), LongitudinalError::Orphan { .. }));
    let twice = patients.rows_of(&[0, 0]);
    assert!(matches!(refused(&twice, encounters, events, &own), LongitudinalError::KeyTwice { row: 2, .. }));
    let none = patients.rows_of(&[]);
    assert!(matches!(refused(&none, encounters, events, &own), LongitudinalError::NoPatient));
    let zero = LongitudinalParameters { most_events: 0, ..own.clone() };
    assert!(matches!(refused(patients, encounters, events, &zero), LongitudinalError::Parameter { .. }));
    let small = LongitudinalParameters { most_cells: 20, ..own.clone() };
    assert!(matches!(refused(patients, encounters, events, &small), LongitudinalError::Cells { .. }));
    let key = LongitudinalParameters { conditions: vec!["patient".into()], ..own.clone() };
    assert!(matches!(refused(patients, encounters, events, &key), LongitudinalError::Key { .. }));
    let much = LongitudinalParameters { rho: Some(twinloom_privacy::Rho::new(100.0).unwrap()), ..own };
    assert!(matches!(refused(patients, encounters, events, &much), LongitudinalError::Budget { .. }));
}
