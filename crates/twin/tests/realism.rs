//! The default population held against published figures.

use std::collections::BTreeMap;

use twinloom_event::{Attribute, EventKind, Timeline};
use twinloom_twin::{SmokingStatus, TwinError, TwinParameters, run};

/// QOF England 2024/25, share of all registered.
const TARGETS: [(&str, &str, f64); 3] = [
    ("hypertension", "SNOMED//59621000", 0.153),
    ("diabetes", "SNOMED//44054006", 0.065),
    ("COPD", "SNOMED//13645005", 0.019),
];

/// Services of a practice.
const PRACTICE: [&str; 4] = ["general_practitioner", "nurse", "telephone", "home_visit"];

/// 20,000 people, seed 1. Each share must lie within 10 % of its target plus 3 binomial standard errors
/// (hypertension 2.3, diabetes 1.2, COPD 0.5 percentage points). If the expected share is the target itself,
/// a new seed fails one of the three with a probability below 1 in 10,000.
#[test]
fn ref_recorded_prevalence_and_contacts() {
    let parameters = TwinParameters { population: 20_000, seed: 1, ..TwinParameters::default() };
    let last_year = parameters.end.plus_days(-365.0).unwrap();
    let mut living = 0.0_f64;
    let (mut recorded, mut true_cases) = (BTreeMap::<&str, f64>::new(), BTreeMap::<&str, f64>::new());
    let (mut contacts, mut years, mut adults, mut smokers) = (0.0, 0.0, 0.0, 0.0);
    let mut by_deprivation = [[0.0_f64; 2]; 2];
    run::<TwinError>(
        &parameters,
        |journey| {
            let person = &journey.person;
            if person.death.is_some() {
                return Ok(());
            }
            living += 1.0;
            let has = |timeline: &Timeline, code: &str| {
                timeline.events().iter().any(|event| event.code().as_str() == code)
            };
            for (name, code, _) in TARGETS {
                *recorded.entry(name).or_default() += f64::from(u8::from(has(&journey.gp_record, code)));
                *true_cases.entry(name).or_default() += f64::from(u8::from(has(&journey.truth, code)));
            }
            let age = parameters.end.years_since(person.birth);
            if age >= 18 {
                adults += 1.0;
                let smokes = person.smoking.status_at(parameters.end) == SmokingStatus::Current;
                smokers += f64::from(u8::from(smokes));
            }
            if (40..90).contains(&age) && (person.imd_decile <= 3 || person.imd_decile >= 8) {
                let group = &mut by_deprivation[usize::from(person.imd_decile >= 8)];
                group[0] += 1.0;
                group[1] += f64::from(u8::from(has(&journey.truth, TARGETS[2].1)));
            }
            if person.birth < last_year {
                years += 1.0;
                let at_practice = |timeline: &Timeline| {
                    let events = timeline.timed_events().iter();
                    events
                        .filter(|event| {
                            let service = event.attribute("service").and_then(Attribute::as_text);
                            event.kind() == EventKind::Encounter
                                && event.time() >= Some(last_year)
                                && service.is_some_and(|service| PRACTICE.contains(&service))
                        })
                        .count()
                };
                contacts += at_practice(&journey.truth) as f64;
            }
            Ok(())
        },
        |_| {},
    )
    .unwrap();
    for (name, _, target) in TARGETS {
        let share = recorded[name] / living;
        let allowed = 0.1 * target + 3.0 * (target * (1.0 - target) / living).sqrt();
        assert!((share - target).abs() < allowed, "{name}: {share} for {target}");
        assert!(true_cases[name] > 1.05 * recorded[name], "{name}: some cases are not known");
    }
    // Institute for Government: 5.8 appointments a year in 2024, within 10 % and three standard errors of about 0.04.
    assert!((contacts / years - 5.8).abs() < 0.7, "{} contacts a year", contacts / years);
    // ONS Annual Population Survey 2023: 11.9 % of adults; standard error here 0.26 %.
    assert!((smokers / adults - 0.119).abs() < 0.02, "{} smoke", smokers / adults);
    let [deprived, affluent] = by_deprivation.map(|[people, cases]| cases / people);
    assert!(deprived > 1.3 * affluent, "COPD follows deprivation: {deprived} and {affluent}");
}
