use twinloom_privacy::{Adjacency, Claim, Cost, Epsilon, PrivacyUnit};
use twinloom_table::{Bounds, InferParameters, Missing, Origin, Rows, infer};

use super::*;

fn ledger(epsilon: f64, delta: f64) -> Ledger {
    Ledger::new(Claim {
        epsilon: Epsilon::new(epsilon).unwrap(),
        delta: Delta::new(delta).unwrap(),
        adjacency: Adjacency::AddRemove,
        unit: PrivacyUnit::Subject,
    })
}

/// 4000 people of 18 to 97, a weight with one decimal, a ward of three, a grade of four, and one of each in no other row.
fn table() -> Table {
    let mut cells: Vec<[String; 4]> = (0..4000)
        .map(|at| {
            let weight = format!("{:.1}", 50.0 + f64::from(at % 400) / 10.0);
            let ward = ["north", "south", "west"][at as usize % 3];
            [format!("{}", 18 + at % 80), weight, ward.to_owned(), format!("grade {}", at % 4)]
        })
        .collect();
    cells.push(["900000".into(), "70.123456".into(), "the only one".into(), String::new()]);
    let rows = Rows::new(&["age", "weight", "ward", "grade"], cells).unwrap();
    let schema = infer(&rows, &InferParameters::default()).unwrap();
    Table::read(&schema, &rows).unwrap()
}

fn paid(table: &Table, ledger: &mut Ledger, share: f64, seed: u64) -> Result<Table, PaidError> {
    let mut noise = NoiseSource::from_seed(seed);
    declared(table, Privacy::Private { ledger, noise: &mut noise }, share)
}

#[test]
fn law_what_one_person_brought_in_is_gone_and_all_is_entered() {
    let mut ledger = ledger(2.0, 1e-6);
    let before = ledger.remaining().rho.unwrap().get();
    let found = paid(&table(), &mut ledger, 0.2, 1).unwrap();
    let schema = found.schema();
    assert!(schema.columns().iter().all(|column| !column.kind.is_inferred()));
    let bounds = *schema.column("age").unwrap().kind.bounds().unwrap();
    assert_eq!(bounds, Bounds { least: 16.0, greatest: 128.0, origin: Origin::Declared });
    let ward = schema.column("ward").unwrap().kind.categories().unwrap();
    assert_eq!(ward.iter().map(|word| &**word).collect::<Vec<_>>(), ["north", "south", "west"]);
    let ColumnKind::Number { decimals, .. } = schema.column("weight").unwrap().kind else {
        panic!("a number")
    };
    assert_eq!(decimals, Some(1));
    // Theirs was moved inside, or taken for missing.
    assert_eq!(found.number("age").unwrap()[4000], Some(128.0));
    assert_eq!(found.category("ward").unwrap()[4000], None);
    assert_eq!(found.len(), 4001);
    assert_eq!(ledger.entries().len(), 5);
    assert!(ledger.entries().iter().all(|entry| !matches!(entry.cost(), Cost::Declared | Cost::Unaccounted)));
    let left = ledger.remaining().rho.unwrap().get();
    assert!(left < 0.81 * before && left > 0.75 * before, "{before} {left}");
}

#[test]
fn law_rare_words_together_become_other() {
    let cells = (0..6000).map(|at| [if at < 3000 { "common".to_owned() } else { format!("word {at}") }]);
    let rows = Rows::new(&["code"], cells).unwrap();
    let schema = infer(&rows, &InferParameters::default()).unwrap();
    let found = paid(&Table::read(&schema, &rows).unwrap(), &mut ledger(1.0, 1e-6), 0.5, 2).unwrap();
    let words = found.schema().columns()[0].kind.categories().unwrap();
    assert_eq!(words.iter().map(|word| &**word).collect::<Vec<_>>(), ["common", "other"]);
    assert_eq!(found.columns()[0].missing(), 0);
}

#[test]
fn law_what_is_declared_stays_and_costs_nothing() {
    let table = table();
    let columns = table.schema().columns().iter().cloned().map(|mut column| {
        match &mut column.kind {
            ColumnKind::Category { origin, .. } => *origin = Origin::Declared,
            ColumnKind::Integer { bounds }
            | ColumnKind::Number { bounds, .. }
            | ColumnKind::Date { bounds, .. } => {
                if let Some(bounds) = bounds {
                    bounds.origin = Origin::Declared;
                }
            }
        }
        column
    });
    let schema = Schema::new(columns.collect(), Vec::new(), None).unwrap();
    let table = Table::new(schema, table.columns().to_vec()).unwrap();
    let mut ledger = ledger(1.0, 0.0);
    assert_eq!(paid(&table, &mut ledger, 0.1, 3).unwrap(), table);
    assert!(ledger.entries().iter().all(|entry| *entry.cost() == Cost::Declared));
    assert_eq!(declared(&table, Privacy::None, 7.0).unwrap(), table);
}

#[test]
fn law_ordered_words_move_to_their_neighbours() {
    let cells = (0..3001).map(|at| [if at == 3000 { "9" } else { ["1", "2", "3"][at % 3] }]);
    let rows = Rows::new(&["grade"], cells).unwrap();
    let schema = infer(&rows, &InferParameters::default()).unwrap();
    let found = paid(&Table::read(&schema, &rows).unwrap(), &mut ledger(1.0, 1e-6), 0.5, 4).unwrap();
    assert_eq!(found.schema().columns()[0].kind.categories().unwrap().len(), 3);
    assert_eq!(found.category("grade").unwrap()[3000], Some(2));
}

#[test]
fn law_bad_input_spends_nothing() {
    let table = table();
    for share in [0.0, -1.0, 1.1, f64::NAN] {
        let mut ledger = ledger(1.0, 1e-6);
        assert!(matches!(paid(&table, &mut ledger, share, 5), Err(PaidError::Share { .. })));
        assert!(ledger.entries().is_empty());
    }
    let mut without_delta = ledger(1.0, 0.0);
    assert_eq!(paid(&table, &mut without_delta, 0.5, 6), Err(PaidError::NoDelta));
    assert!(without_delta.entries().is_empty());
    let mut spent = ledger(1.0, 1e-6);
    let all = spent.remaining().rho.unwrap();
    spent.spend_zcdp(Access::Marginals, all, "").unwrap();
    assert!(paid(&table, &mut spent, 0.5, 7).is_err());
    assert_eq!(spent.entries().len(), 1);
}

#[test]
fn law_a_hidden_column_is_said_to_be_and_missing_is_no_longer_never() {
    let rows = Rows::new(&["value"], [["3"], ["400"]]).unwrap();
    let schema = infer(&rows, &InferParameters { few: 0, ..Default::default() }).unwrap();
    let table = Table::read(&schema, &rows).unwrap();
    let mut ledger = ledger(0.1, 1e-6);
    assert_eq!(paid(&table, &mut ledger, 0.5, 8), Err(PaidError::Hidden { column: "value".into() }));
    let found = paid(&super::tests::table(), &mut super::tests::ledger(2.0, 1e-6), 0.2, 9).unwrap();
    assert!(found.schema().columns().iter().all(|column| column.missing == Missing::Modelled));
}
