//! Infection within the household.

use rustc_hash::FxHashSet;

use super::{LocalityModel, Note};
use crate::engine::{Model, Moment, Signal};
use crate::parameters::TwinParameters;
use crate::world::World;

fn parameters() -> TwinParameters {
    TwinParameters { population: 2_000, seed: 3, systems: None, ..TwinParameters::default() }
}

/// Every resident falls ill on ten days of each infectious condition. The share of housemates who are
/// exposed is the table's probability, twice it over their number where they are more than two, and the mean
/// delay its serial interval, each within 4.5 standard errors: false alarm 1 in 10,000 over all conditions.
/// Nobody else is exposed.
#[test]
fn ref_the_share_and_delay_of_exposures_are_those_of_the_table() {
    let parameters = parameters();
    let world = World::new(&parameters).unwrap();
    let people = world.settlement.locality(0);
    let model = LocalityModel { world: &world, locality: &people };
    let start = Moment::from(parameters.start);
    let mut tested = 0;
    for (index, condition) in world.need.conditions().iter().enumerate() {
        let Some(infectious) = condition.infectious() else { continue };
        tested += 1;
        let (mut expected, mut variance, mut exposed, mut delay_days) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
        for (resident, day) in (0..people.residents.len()).flat_map(|own| (0..10).map(move |day| (own, day)))
        {
            let at = start.plus_days(90.0 * f64::from(day) + 0.4);
            if people.residents[resident].birth > at {
                continue;
            }
            let subject = people.residents[resident].subject;
            let others: FxHashSet<u64> =
                people.housemates_at(resident, at).map(|other| people.residents[other].subject).collect();
            let mut passed = Vec::new();
            model.pass_on(&Signal { at, subject, what: index as u32 }, &mut passed);
            let housemates = others.len() as f64;
            let probability = infectious.household_probability * (2.0 / housemates.max(1.0)).min(1.0);
            expected += housemates * probability;
            variance += housemates * probability * (1.0 - probability);
            exposed += passed.len() as f64;
            for exposure in &passed {
                assert!(others.contains(&exposure.subject) && exposure.subject != subject);
                assert_eq!(Note::read(exposure.note), (Some(Note::Exposed), index as u32));
                delay_days += exposure.at.days_since(at);
            }
        }
        assert!(
            (exposed - expected).abs() < 4.5 * variance.sqrt(),
            "{}: {exposed} exposed for {expected}",
            condition.name
        );
        // The standard deviation of an exponential delay is its mean.
        let (mean, interval) = (delay_days / exposed, infectious.serial_interval_days);
        assert!(
            (mean - interval).abs() < 4.5 * interval / exposed.sqrt(),
            "{}: {mean} days for {interval}",
            condition.name
        );
    }
    assert!(tested >= 2, "{tested} conditions pass on");
}
