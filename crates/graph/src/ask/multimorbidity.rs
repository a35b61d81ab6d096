//! People and their long-term conditions, as the hypergraph's questions need them.

use twinloom_event::{MICROSECONDS_PER_DAY, Timestamp};
use twinloom_hypergraph::{Day, Onset, People};

use super::members::Members;
use super::question::Asked;
use super::walk::Life;

/// The sets that count as long-term conditions, with their members.
pub(super) fn long_term(asked: &Asked<'_>, told: &[String]) -> Vec<(String, Members)> {
    let counts =
        |set: &&twinloom_codes::ClinicalSet| set.is_long_term() || told.iter().any(|name| name == set.name());
    let sets = asked.tables.sets().filter(counts);
    sets.map(|set| (set.name().to_owned(), asked.terminology.members(set))).collect()
}

/// The lives as people: the day of the first event of each condition by `at`, and of death by then.
pub(super) fn people<'l>(
    lives: impl Iterator<Item = &'l Life>,
    conditions: &[(String, Members)],
    at: Timestamp,
) -> People {
    let mut builder = People::builder();
    let ids: Vec<_> = conditions.iter().map(|(name, _)| builder.condition(name)).collect();
    for life in lives {
        let onsets: Vec<Onset> = conditions
            .iter()
            .zip(&ids)
            .filter_map(|((_, members), id)| {
                let times = life.facts.iter().filter(|fact| members.of(fact)).filter_map(|fact| fact.time);
                times.filter(|time| *time <= at).min().map(|time| Onset::on(*id, day(time)))
            })
            .collect();
        builder.person(&onsets, life.death.filter(|death| *death <= at).map(day));
    }
    builder.build()
}

/// The day of a moment.
pub(super) fn day(at: Timestamp) -> Day {
    let days = at.micros().div_euclid(MICROSECONDS_PER_DAY);
    Day::try_from(days).unwrap_or(if days < 0 { Day::MIN + 1 } else { Day::MAX })
}
