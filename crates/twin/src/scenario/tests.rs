use super::{Scenario, ScenarioError};

const FULL: &str = r#"
name = "A hard winter"
description = "Influenza and more general practice."

[need.rates]
depression = 1.25

[[need.waves]]
problem = "influenza"
start = 2021-12-01
days = 90
peak_ratio = 6

[pathway.parameters]
"cardiovascular_prevention.risk_threshold_percent" = 5

[supply.ratio]
"general_practice.sessions" = 1.5
beds = { medical = 0.5 }

[supply.set]
"laboratory.hours" = [8, 12]

[plant.household_smoking]
hazard_ratio = 5
"#;

const SUPPLY: &str = r"
[general_practice]
sessions = 3
[beds]
medical = 100.0
surgical = 50.0
[laboratory]
hours = [9, 13, 17]
";

fn refused(text: &str) -> String {
    Scenario::parse(text, "winter.toml").unwrap_err().to_string()
}

#[test]
fn regress_a_scenario_says_what_it_changes() {
    let scenario = Scenario::parse(FULL, "winter.toml").unwrap();
    assert!((scenario.rate_ratio("depression") - 1.25).abs() < 1e-12);
    assert!((scenario.rate_ratio("gout") - 1.0).abs() < 1e-12);
    assert_eq!(scenario.waves_of("influenza").count(), 1);
    assert_eq!(scenario.pathway_parameter("cardiovascular_prevention", "risk_threshold_percent"), Some(5.0));
    let plant = scenario.plant.household_smoking.as_ref().unwrap();
    assert_eq!((plant.condition.as_str(), plant.hazard_ratio), ("asthma", 5.0));
    assert!(!scenario.changes_nothing());
    assert!(Scenario::default().changes_nothing());
    assert!(Scenario::parse("name = \"baseline\"", "b").unwrap().changes_nothing());
}

#[test]
fn law_a_scenario_written_and_read_is_the_same() {
    let scenario = Scenario::parse(FULL, "winter.toml").unwrap();
    assert_eq!(Scenario::parse(&scenario.to_toml(), "winter.toml").unwrap(), scenario);
}

#[test]
fn regress_supply_is_multiplied_and_replaced() {
    let scenario = Scenario::parse(FULL, "winter.toml").unwrap();
    let base: toml::Table = SUPPLY.parse().unwrap();
    let changed = scenario.supply_table(&base).unwrap();
    // Three sessions by 1.5 are 4.5, rounded away from zero, since sessions are whole.
    assert_eq!(changed["general_practice"]["sessions"].as_integer(), Some(5));
    assert_eq!(changed["beds"]["medical"].as_float(), Some(50.0));
    assert_eq!(changed["beds"]["surgical"].as_float(), Some(50.0));
    assert_eq!(changed["laboratory"]["hours"].as_array().map(Vec::len), Some(2));
    assert_eq!(Scenario::default().supply_table(&base).unwrap(), base);
}

#[test]
fn regress_faults_name_file_and_field() {
    let cases = [
        ("name = \"x\"\n[need.rates]\ngout = -1", "winter.toml: need.rates.gout = -1 is out of range"),
        ("name = \"x\"\n[need.rates]\ngout = nan", "need.rates.gout = NaN is out of range"),
        ("name = \"x\"\nwards = 2", "winter.toml, line 2, column 1: unknown field `wards`"),
        ("name = \"x\"\n[supply.set]\n\"beds.medical\" = -3", "supply.set.beds.medical = -3 is out of range"),
        ("name = \"x\"\n[supply.ratio]\n\"beds.medical\" = -0.5", "supply.ratio.beds.medical = -0.5"),
        ("name = \"x\"\n[supply.ratio]\nbeds = \"many\"", "supply.ratio.beds is text; permitted: a number"),
        ("name = \" \"", "name = \" \" is out of range"),
        ("name = [", "winter.toml, line 1, column"),
        (
            "name = \"x\"\n[plant.household_smoking]\nhazard_ratio = 0.5",
            "plant.household_smoking.hazard_ratio = 0.5 is out of range; permitted: a ratio from 1 to 100",
        ),
        ("name = \"x\"\n[plant.household_smoking]\nratio = 2", "unknown field `ratio`"),
        (
            "name = \"x\"\n[[need.waves]]\nproblem = \"flu\"\nstart = 12:00:00\ndays = 3\npeak_ratio = 2",
            "need.waves[0].start = 12:00:00 is out of range; permitted: a date",
        ),
        (
            "name = \"x\"\n[[need.waves]]\nproblem = \"flu\"\nstart = 2021-01-01\ndays = 0\npeak_ratio = 2",
            "need.waves[0].days = 0 is out of range; permitted: 1 to 365",
        ),
    ];
    for (text, expected) in cases {
        let message = refused(text);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn regress_waves_out_of_order_are_refused() {
    let wave =
        |start| format!("[[need.waves]]\nproblem = \"flu\"\nstart = {start}\ndays = 60\npeak_ratio = 2\n");
    let text = format!("name = \"x\"\n{}{}", wave("2021-12-01"), wave("2021-01-01"));
    assert!(matches!(
        Scenario::parse(&text, "winter.toml"),
        Err(ScenarioError::Order { field, .. }) if field == "need.waves[1].start"
    ));
}

#[test]
fn regress_unknown_names_are_refused_with_the_nearest() {
    let scenario = Scenario::parse(FULL, "winter.toml").unwrap();
    assert_eq!(scenario.check_need(["asthma", "depression", "influenza"].into_iter()), Ok(()));
    let message =
        scenario.check_need(["astma", "depression", "influenza"].into_iter()).unwrap_err().to_string();
    assert!(message.contains("plant.household_smoking.condition (\"asthma\")"), "{message}");
    let message = scenario.check_need(["influenzas", "depression"].into_iter()).unwrap_err().to_string();
    assert!(message.contains("need.waves[0].problem (\"influenza\")"), "{message}");
    assert!(message.ends_with("permitted: influenzas, depression"), "{message}");
    assert!(scenario.check_pathways(&[]).is_err());
    let small: toml::Table = "[beds]\nmedical = 3".parse().unwrap();
    let message = scenario.supply_table(&small).unwrap_err().to_string();
    assert!(message.contains("supply.ratio.general_practice.sessions"), "{message}");
}

#[test]
fn regress_a_missing_file_is_named() {
    let error = Scenario::read(std::path::Path::new("no/such/scenario.toml")).unwrap_err();
    assert!(error.to_string().starts_with("no/such/scenario.toml: can't be read"), "{error}");
}

#[test]
fn regress_a_parameter_out_of_its_range_is_refused_with_file_field_and_range() {
    let known =
        crate::gmf::Pathway::library().iter().flat_map(crate::gmf::Pathway::parameters).collect::<Vec<_>>();
    let threshold = |value: &str| {
        let text = format!(
            "name = \"x\"\n[pathway.parameters]\n\"statin_primary_prevention.risk_threshold_percent\" = {value}"
        );
        Scenario::parse(&text, "statin.toml").unwrap().check_pathways(&known)
    };
    assert_eq!(threshold("5"), Ok(()));
    let message = threshold("-1e9").unwrap_err().to_string();
    assert_eq!(
        message,
        "statin.toml: pathway.parameters.\"statin_primary_prevention.risk_threshold_percent\" = -1000000000 is \
         out of range; permitted: 0 to 100 %"
    );
    assert!(threshold("100.5").is_err());
}
