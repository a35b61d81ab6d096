//! Scenarios compared with common random numbers.

use twinloom_event::Timestamp;
use twinloom_twin::measure::{Followed, Group, Measure};
use twinloom_twin::{Comparison, Scenario, TwinParameters};

fn parameters(scenario: &str) -> (TwinParameters, Followed) {
    let day = |year| Timestamp::from_ymd(year, 1, 1).expect("a day");
    let parameters = TwinParameters {
        population: 200,
        seed: 5,
        start: day(2020),
        end: day(2022),
        scenario: Scenario::parse(scenario, "scenario.toml").expect("a sound scenario"),
        ..TwinParameters::default()
    };
    (parameters, Followed { from: day(2020), to: day(2022) })
}

#[test]
fn law_no_change_is_exactly_nothing() {
    let (base, followed) = parameters("name = \"base\"");
    let (same, _) = parameters("name = \"same\"\n[need.rates]\nhypertension = 1.0");
    for replications in [1, 2] {
        let comparison = Comparison::run(&base, &same, followed, replications, |_| {}).unwrap();
        assert!(comparison.is_nothing());
        assert!(comparison.rows.iter().any(|row| row.difference == Some(0.0)));
        for row in comparison.rows.iter().filter(|row| row.difference.is_some()) {
            assert_eq!(row.difference, Some(0.0), "{:?} {:?}", row.group, row.measure);
            if let Some(interval) = row.interval {
                assert!(interval.lower == 0.0 && interval.upper == 0.0, "{:?}", row.measure);
            }
        }
    }
}

#[test]
fn law_a_change_differs_and_threads_do_not() {
    let (base, followed) = parameters("name = \"base\"");
    let (more, _) = parameters("name = \"more\"\n[need.rates]\nmyocardial_infarction = 50.0");
    let on = |threads: usize| {
        let threaded = |of: &TwinParameters| TwinParameters { threads, ..of.clone() };
        Comparison::run(&threaded(&base), &threaded(&more), followed, 1, |_| {}).unwrap()
    };
    let comparison = on(1);
    assert_eq!(comparison, on(3));
    let row = comparison.row(Group::Everyone, Measure::Infarctions).unwrap();
    assert!(row.difference.unwrap() > 0.0, "{row:?}");
    assert!(row.interval.unwrap().lower > 0.0, "fifty times as many are beyond chance: {row:?}");
}
