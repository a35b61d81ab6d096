//! Tables drawn along a causal graph, as things are and as interventions make them.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit, Rho};
use twinloom_synth::Privacy;
use twinloom_synth::causal::{
    CausalError, CausalParameters, Dag, EffectOptions, FittedCausal, Intervention, Numbers, Outcome,
    Structure, average_effect, fit,
};
use twinloom_table::{Bounds, Column, ColumnKind, ColumnSchema, Missing, Origin, Schema, Table};

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    (-2.0 * (1.0 - uniform(random)).ln()).sqrt() * (std::f64::consts::TAU * uniform(random)).cos()
}

fn words(name: &str, categories: &[&str]) -> ColumnSchema {
    let categories = categories.iter().map(|word| Arc::from(*word)).collect();
    let kind = ColumnKind::Category { categories, ordered: false, origin: Origin::Declared };
    ColumnSchema { name: name.into(), kind, unit: None, missing: Missing::Modelled }
}

fn numbers(name: &str, least: f64, greatest: f64) -> ColumnSchema {
    let bounds = Some(Bounds { least, greatest, origin: Origin::Declared });
    let kind = ColumnKind::Number { bounds, decimals: None };
    ColumnSchema { name: name.into(), kind, unit: None, missing: Missing::Modelled }
}

/// The sick are treated more often and die more often; treatment takes 0.2 off the risk of each.
fn treated(rows: usize, seed: u64) -> Table {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut columns = vec![Vec::new(); 3];
    for _ in 0..rows {
        let sick = uniform(&mut random) < 0.4;
        let treated = uniform(&mut random) < if sick { 0.8 } else { 0.1 };
        let risk = 0.3 + if sick { 0.5 } else { 0.0 } - if treated { 0.2 } else { 0.0 };
        let died = uniform(&mut random) < risk;
        for (column, yes) in columns.iter_mut().zip([sick, treated, died]) {
            column.push(Some(u32::from(yes)));
        }
    }
    let schema =
        ["sick", "treated", "died"].iter().map(|name| words(name, &["no", "yes"])).collect::<Vec<_>>();
    Table::new(
        Schema::new(schema, vec![], None).unwrap(),
        columns.into_iter().map(Column::Category).collect(),
    )
    .unwrap()
}

fn treated_graph() -> Dag {
    let columns = ["sick", "treated", "died"].map(Arc::from).to_vec();
    Dag::new(columns, [("sick", "treated"), ("sick", "died"), ("treated", "died")]).unwrap()
}

fn given(dag: Dag) -> CausalParameters {
    CausalParameters { structure: Structure::Given(dag), ..CausalParameters::default() }
}

/// How often the dead are among those treated, or not.
fn share_died(table: &Table, treated: u32) -> f64 {
    let (given, died) = (table.category("treated").unwrap(), table.category("died").unwrap());
    let of: Vec<u32> = given
        .iter()
        .zip(died)
        .filter(|(given, _)| **given == Some(treated))
        .map(|(_, died)| died.unwrap())
        .collect();
    f64::from(of.iter().sum::<u32>()) / of.len() as f64
}

#[test]
fn ref_an_intervention_is_not_an_observation() {
    let table = treated(20_000, 1);
    let died = Outcome::Share { column: "died".into(), category: "yes".into() };
    let options = EffectOptions { replicates: 60, rows: 20_000, seed: 3 };
    let effect = average_effect(
        &table,
        &given(treated_graph()),
        &died,
        &Intervention::new("treated", "yes"),
        &Intervention::new("treated", "no"),
        &options,
    )
    .unwrap();
    // The truth lies outside a 95 % interval for one seed in twenty.
    assert!(effect.lower < -0.2 && -0.2 < effect.upper && effect.upper < -0.1, "{effect:?}");
    // Among the treated more die: 0.16 more, by Bayes.
    let observed = share_died(&table, 1) - share_died(&table, 0);
    assert!(observed > 0.1, "{observed}");
    // The synthetic table is confounded alike.
    let made = fit(&table, &given(treated_graph()), Privacy::None, 0).unwrap().sample(50_000, 1).unwrap();
    assert!((share_died(&made, 1) - share_died(&made, 0) - observed).abs() < 0.03);
}

#[test]
fn ref_lines_recover_a_slope_that_a_common_cause_hides() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut columns = vec![Vec::new(); 3];
    for _ in 0..4000 {
        let severity = normal(&mut random);
        let dose = severity + normal(&mut random);
        let outcome = 2.0 * dose - 3.0 * severity + normal(&mut random);
        for (column, value) in columns.iter_mut().zip([severity, dose, outcome]) {
            column.push(Some(value));
        }
    }
    let schema = ["severity", "dose", "outcome"].map(|name| numbers(name, -30.0, 30.0)).to_vec();
    let table = Table::new(
        Schema::new(schema, vec![], None).unwrap(),
        columns.into_iter().map(Column::Number).collect(),
    )
    .unwrap();
    let names = ["severity", "dose", "outcome"].map(Arc::from).to_vec();
    let dag = Dag::new(names, [("severity", "dose"), ("severity", "outcome"), ("dose", "outcome")]).unwrap();
    let parameters = CausalParameters { numbers: Numbers::Lines, ..given(dag) };
    let options = EffectOptions { replicates: 60, rows: 4000, seed: 1 };
    let effect = average_effect(
        &table,
        &parameters,
        &Outcome::Mean("outcome".into()),
        &Intervention::new("dose", "1"),
        &Intervention::new("dose", "0"),
        &options,
    )
    .unwrap();
    assert!(effect.lower < 2.0 && 2.0 < effect.upper && effect.upper - effect.lower < 0.3, "{effect:?}");
    // Without the common cause the slope is 2 - 3 / 2.
    let (dose, outcome) = (table.number("dose").unwrap(), table.number("outcome").unwrap());
    let product: f64 = dose.iter().zip(outcome).map(|(x, y)| x.unwrap() * y.unwrap()).sum();
    let square: f64 = dose.iter().map(|x| x.unwrap().powi(2)).sum();
    assert!((product / square - 0.5).abs() < 0.1);
}

/// Words, numbers, whole numbers, missing values that depend on words.
fn mixed(rows: usize) -> Table {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let (mut word, mut number, mut whole) = (vec![], vec![], vec![]);
    for _ in 0..rows {
        let own = u32::from(uniform(&mut random) < 0.3);
        word.push((uniform(&mut random) < 0.95).then_some(own));
        let value = (10.0 + 5.0 * f64::from(own) + 2.0 * normal(&mut random)).clamp(0.0, 30.0);
        number.push((uniform(&mut random) < if own == 1 { 0.5 } else { 0.95 }).then_some(value));
        whole.push(Some((value / 3.0).round()));
    }
    let kind =
        ColumnKind::Integer { bounds: Some(Bounds { least: 0.0, greatest: 10.0, origin: Origin::Declared }) };
    let whole_schema = ColumnSchema { name: "whole".into(), kind, unit: None, missing: Missing::Never };
    let schema = vec![words("word", &["a", "b"]), numbers("number", 0.0, 30.0), whole_schema];
    let columns = vec![Column::Category(word), Column::Number(number), Column::Number(whole)];
    Table::new(Schema::new(schema, vec![], None).unwrap(), columns).unwrap()
}

/// Mean of a column's numbers, and the share that is missing, among rows with a word.
fn by_word(table: &Table, word: u32) -> (f64, f64) {
    let rows = table.category("word").unwrap().iter().zip(table.number("number").unwrap());
    let own: Vec<Option<f64>> =
        rows.filter(|(own, _)| **own == Some(word)).map(|(_, value)| *value).collect();
    let there: Vec<f64> = own.iter().flatten().copied().collect();
    (there.iter().sum::<f64>() / there.len() as f64, 1.0 - there.len() as f64 / own.len() as f64)
}

fn near(real: &Table, made: &Table, mean: f64, missing: f64) {
    for word in 0..2 {
        let (one, other) = (by_word(real, word), by_word(made, word));
        assert!((one.0 - other.0).abs() < mean && (one.1 - other.1).abs() < missing, "{one:?} {other:?}");
    }
}

#[test]
fn law_means_and_missing_values_come_back_by_group() {
    let real = mixed(5000);
    for numbers in [Numbers::Bins, Numbers::Lines] {
        let names = real.schema().columns().iter().map(|column| Arc::clone(&column.name)).collect();
        let dag = Dag::new(names, [("word", "number"), ("word", "whole"), ("number", "whole")]).unwrap();
        let parameters = CausalParameters { numbers, ..given(dag) };
        let fitted = fit(&real, &parameters, Privacy::None, 0).unwrap();
        let made = fitted.sample(20_000, 2).unwrap();
        // Standard errors of 0.06 and 0.013 at most; bins and lines are off by less.
        near(&real, &made, 0.35, 0.06);
        assert_eq!(fitted.sample(20_000, 2).unwrap(), made);
        assert_ne!(fitted.sample(20_000, 3).unwrap(), made);
        let again: FittedCausal = serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap();
        // A number may come back from text with another last digit.
        near(&again.sample(20_000, 2).unwrap(), &made, 1e-9, 1e-9);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(pool.install(|| fitted.sample(20_000, 2).unwrap()), made);
        // The first rows don't depend on how many are asked for, and none may be.
        let few = fitted.sample(10, 2).unwrap();
        assert_eq!(few, made.rows_of(&(0..10).collect::<Vec<_>>()));
        assert!(fitted.sample(0, 2).unwrap().is_empty());
    }
}

fn claim(epsilon: f64) -> Claim {
    Claim {
        epsilon: Epsilon::new(epsilon).unwrap(),
        delta: Delta::new(1e-6).unwrap(),
        adjacency: Adjacency::AddRemove,
        unit: PrivacyUnit::Subject,
    }
}

#[test]
fn law_a_private_fit_pays_for_what_it_sees() {
    let real = mixed(5000);
    let (mut ledger, mut noise) = (Ledger::new(claim(3.0)), NoiseSource::from_seed(1));
    let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
    let made = fit(&real, &CausalParameters::default(), privacy, 0).unwrap().sample(20_000, 1).unwrap();
    // Bins of the same width over the bounds are 1.5 wide, and causes are seen in bins of 6: the whole number still tells
    // most of the number.
    let spread = |table: &Table| {
        let pairs = table.number("number").unwrap().iter().zip(table.number("whole").unwrap());
        let off: Vec<f64> = pairs.filter_map(|(one, other)| Some((*one)? - 3.0 * (*other)?)).collect();
        (off.iter().map(|off| off * off).sum::<f64>() / off.len() as f64).sqrt()
    };
    assert!(spread(&real) < 1.0 && spread(&made) < 3.0, "{} {}", spread(&real), spread(&made));
    assert_eq!(ledger.entries().len(), 2);
    let spent = ledger.remaining().spent;
    assert!(spent <= 3.0 && spent > 2.99, "{spent}");
    // A graph that is given costs nothing, and the noise falls with what is left.
    let names = real.schema().columns().iter().map(|column| Arc::clone(&column.name)).collect();
    let dag = Dag::new(names, [("word", "number"), ("number", "whole")]).unwrap();
    let (mut ledger, mut noise) = (Ledger::new(claim(3.0)), NoiseSource::from_seed(1));
    let rho = Rho::new(0.05).unwrap();
    let parameters = CausalParameters { rho: Some(rho), ..given(dag) };
    let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
    near(&real, &fit(&real, &parameters, privacy, 0).unwrap().sample(20_000, 1).unwrap(), 0.8, 0.12);
    assert_eq!(ledger.entries().len(), 2);
    assert!(ledger.remaining().spent < 2.5);
}

#[test]
fn regress_bad_input_is_refused_before_anything_is_spent() {
    let real = mixed(200);
    let refused = |table: &Table, parameters: &CausalParameters| {
        let (mut ledger, mut noise) = (Ledger::new(claim(1.0)), NoiseSource::from_seed(1));
        let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
        let error = fit(table, parameters, privacy, 0).unwrap_err();
        assert!(ledger.entries().is_empty(), "{error}");
        error
    };
    let names: Vec<Arc<str>> =
        real.schema().columns().iter().map(|column| Arc::clone(&column.name)).collect();
    let empty = Dag::new::<&str>(names.clone(), []).unwrap();
    let learned =
        CausalParameters { structure: Structure::Learned(empty.clone()), ..CausalParameters::default() };
    assert_eq!(refused(&real, &learned), CausalError::OpenStructure);
    let lines = CausalParameters { numbers: Numbers::Lines, ..CausalParameters::default() };
    assert_eq!(refused(&real, &lines), CausalError::OpenLines);
    let bins = CausalParameters { bins: 1, ..CausalParameters::default() };
    assert!(matches!(refused(&real, &bins), CausalError::Parameter { name: "bins", .. }));
    let other = given(Dag::new::<&str>(names[1..].to_vec(), []).unwrap());
    assert!(matches!(refused(&real, &other), CausalError::Columns { graph: 2, table: 3 }));
    let few = CausalParameters { most_cells: 10, ..CausalParameters::default() };
    assert!(matches!(refused(&real, &few), CausalError::Cells { .. }));
    let overspend = CausalParameters { rho: Some(Rho::new(10.0).unwrap()), ..given(empty) };
    assert!(matches!(refused(&real, &overspend), CausalError::Budget { .. }));
    // Bounds that the data made.
    let mut columns = real.schema().columns().to_vec();
    if let ColumnKind::Number { bounds: Some(bounds), .. } = &mut columns[1].kind {
        bounds.origin = Origin::Inferred;
    }
    let schema = Schema::new(columns, vec![], None).unwrap();
    let inferred = Table::new(schema, real.columns().to_vec()).unwrap();
    assert!(matches!(refused(&inferred, &CausalParameters::default()), CausalError::Undeclared { .. }));
    // Without a claim too few rows, and values that no column holds.
    assert!(fit(&real.rows_of(&[0]), &CausalParameters::default(), Privacy::None, 0).is_err());
    let fitted = fit(&real, &CausalParameters::default(), Privacy::None, 0).unwrap();
    for (column, value) in [("word", "c"), ("number", "31"), ("number", "x"), ("age", "1"), ("whole", "")] {
        let error = fitted.sample_do(1, 0, &[Intervention::new(column, value)]).unwrap_err();
        assert!(matches!(error, CausalError::Intervention { .. }), "{error}");
    }
}

#[test]
fn regress_columns_that_tell_nothing_are_drawn() {
    let categories: Vec<String> = (0..10_000).map(|at| format!("code {at}")).collect();
    let categories: Vec<&str> = categories.iter().map(String::as_str).collect();
    let schema = vec![
        words("many", &categories),
        numbers("missing", 0.0, 1.0),
        numbers("constant", 0.0, 9.0),
        numbers("huge", f64::MIN, f64::MAX),
    ];
    let rows = 300;
    let columns = vec![
        Column::Category((0..rows).map(|row| Some(row * 7 % 10_000)).collect()),
        Column::Number(vec![None; rows as usize]),
        Column::Number(vec![Some(4.0); rows as usize]),
        Column::Number((0..rows).map(|row| Some(if row % 2 == 0 { f64::MAX } else { f64::MIN })).collect()),
    ];
    let table = Table::new(Schema::new(schema, vec![], None).unwrap(), columns).unwrap();
    for numbers in [Numbers::Bins, Numbers::Lines] {
        let parameters = CausalParameters { numbers, ..CausalParameters::default() };
        let made = fit(&table, &parameters, Privacy::None, 0).unwrap().sample(500, 1).unwrap();
        assert_eq!(made.column("missing").unwrap().missing(), 500);
        assert!(made.number("constant").unwrap().iter().all(|&value| value == Some(4.0)));
        assert_eq!(made.column("huge").unwrap().missing(), 0);
    }
    let (mut ledger, mut noise) = (Ledger::new(claim(1.0)), NoiseSource::from_seed(1));
    let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
    // Pairs of 10,000 categories are too many to count with noise; alone they are not.
    let names = table.schema().columns().iter().map(|column| Arc::clone(&column.name)).collect();
    let alone = given(Dag::new::<&str>(names, []).unwrap());
    let few = CausalParameters { most_cells: 20_000, ..CausalParameters::default() };
    assert!(fit(&table, &few, Privacy::None, 0).is_ok());
    assert_eq!(fit(&table, &alone, privacy, 0).unwrap().sample(50, 1).unwrap().len(), 50);
    let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
    assert!(matches!(fit(&table, &few, privacy, 0), Err(CausalError::Cells { .. })));
}
