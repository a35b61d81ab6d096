//! Measures of disclosure against tables counted by hand, and a sample against its population.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod public;

use twinloom_audit::disclosure::{
    Classes, DisclosureError, delta_presence, k_map, population_uniqueness, risk_by_field,
};
use twinloom_table::{InferParameters, Rows, Table, infer};

/// Li et al. 2007, table 3: three classes of three, whose salaries are theirs alone in the first.
fn salaries() -> Table {
    let rows = Rows::new(
        &["zip", "age", "salary", "disease"],
        [
            ["476", "2", "3000", "gastric ulcer"],
            ["476", "2", "4000", "gastritis"],
            ["476", "2", "5000", "stomach cancer"],
            ["4790", "40", "6000", "gastritis"],
            ["4790", "40", "11000", "flu"],
            ["4790", "40", "8000", "bronchitis"],
            ["476", "3", "7000", "bronchitis"],
            ["476", "3", "9000", "pneumonia"],
            ["476", "3", "10000", "stomach cancer"],
        ],
    )
    .unwrap();
    Table::read(&infer(&rows, &InferParameters::default()).unwrap(), &rows).unwrap()
}

#[test]
fn ref_diversity_and_closeness_as_printed() {
    let table = salaries();
    let classes = Classes::new(&table, &["zip", "age"]).unwrap();
    assert_eq!((classes.k_anonymity(), classes.rows().count()), (3, 3));
    let salary = classes.sensitive("salary").unwrap();
    // Li et al. 2007, section 5.3: D[P1, Q] = 0.375 is the greatest.
    assert!((salary.t - 0.375).abs() < 1e-12, "{salary:?}");
    let disease = classes.sensitive("disease").unwrap();
    assert_eq!(disease.distinct_l, 3);
    assert!((disease.entropy_l - 3.0).abs() < 1e-12);
    assert!(classes.below(4).len() == 9 && classes.unique_share() == 0.0);
}

#[test]
fn ref_maps_and_presence_by_hand() {
    let population = salaries();
    let table = population.rows_of(&[0, 3, 4]);
    assert_eq!(k_map(&table, &population, &["zip", "age"]).unwrap(), 3);
    assert_eq!(k_map(&table, &population, &["salary"]).unwrap(), 1);
    assert_eq!(delta_presence(&table, &population, &["zip", "age"]).unwrap(), (0.0, 2.0 / 3.0));
    assert_eq!(k_map(&table, &population, &[]), Err(DisclosureError::NoField));
    assert!(k_map(&table, &population, &["height"]).is_err());
}

#[test]
fn law_shares_of_risk_sum_to_the_unique() {
    let Some(table) = public::table("data/adult/adult.csv", &["fnlwgt"]) else { return };
    let table = table.rows_of(&(0..500).collect::<Vec<_>>());
    let names: Vec<String> = table.schema().columns().iter().map(|column| column.name.to_string()).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    // Ten fields by every subset, fourteen by drawn orders.
    for fields in [&all[..10], &all[..]] {
        let unique = Classes::new(&table, fields).unwrap().unique_share();
        let shares = risk_by_field(&table, fields, 1).unwrap();
        let sum: f64 = shares.iter().map(|share| share.share.value.unwrap()).sum();
        assert!((sum - unique).abs() < 1e-9, "{sum} is not {unique}");
        let of = |name: &str| shares.iter().find(|share| share.field == name).unwrap().share.value.unwrap();
        assert!(of("age") > of("sex"), "age tells more people apart than sex");
    }
    assert!(risk_by_field(&table, &[], 1).is_err());
}

#[test]
fn ref_a_sample_tells_how_many_are_unique_in_its_population() {
    let Some(population) = public::table("data/adult/adult.csv", &["fnlwgt"]) else { return };
    let sample = population.rows_of(&(0..population.len()).step_by(10).collect::<Vec<_>>());
    for fields in [
        &["age", "sex", "race", "marital-status"][..],
        &["age", "occupation", "race", "sex", "hours-per-week"],
        &["age", "education", "occupation", "native-country", "hours-per-week", "race"],
    ] {
        let truth = {
            let everyone = Classes::new(&population, fields).unwrap();
            let alone = everyone.below(2).into_iter().filter(|row| row % 10 == 0).count();
            alone as f64 / sample.len() as f64
        };
        let found = population_uniqueness(&sample, fields, population.len() as u64, 1).unwrap();
        println!("{fields:?}: truly {truth:.3}, found {:.3}", found.unique.value.unwrap());
        // The paper's mean absolute error is 0.01 to 0.04 from samples of 1 to 10 %.
        assert!((found.unique.value.unwrap() - truth).abs() < 0.08, "{found:?}, truly {truth}");
        assert!(found.correct.value >= found.unique.value);
    }
    assert!(population_uniqueness(&sample, &["age"], 10, 1).is_err());
}
