//! Sets of conditions that people have together.

use twinloom_hypergraph::statistics::DisclosureRule;
use twinloom_report::{Combination, Section, WeightBar, WeightBars};

use super::{Found, drawn};
use crate::output::grouped;

/// Sets drawn.
pub(super) const DRAWN: usize = 15;

pub(super) fn sections(found: &Found<'_>, rule: DisclosureRule) -> Vec<Section> {
    let summary = found.summary;
    let rows = summary
        .sets
        .iter()
        .take(DRAWN)
        .map(|set| WeightBar {
            combination: Combination::Together(set.conditions.clone()),
            weight: drawn(&set.weight),
            people: found.told.people(&set.conditions),
        })
        .collect();
    let bars = WeightBars {
        population: found.population.clone(),
        method: format!("Sets of two or three conditions that at least {} people have. {}", found.least, found.method),
        measure: "Overlap coefficient".to_owned(),
        meaning: "The overlap coefficient is the share of people with the rarest of the conditions who have all of \
                  them: at 0.40, of 100 such people 40 have the whole set. Where the others are very common it is high \
                  even if nothing ties them."
            .to_owned(),
        rows,
        left_out: summary.sets.len().saturating_sub(DRAWN) as u64,
    };
    vec![
        Section::new(bars)
            .heading("Long-term conditions that go together")
            .introduction(introduction(found, rule)),
    ]
}

fn introduction(found: &Found<'_>, rule: DisclosureRule) -> String {
    let with = |least: usize| found.people.iter().filter(|person| person.conditions().len() >= least).count();
    let share = |people: usize| {
        let share = people as f64 / found.people.len().max(1) as f64;
        format!("{:.0}%", 100.0 * share)
    };
    format!(
        "Of {}, {} have at least one of the {} long-term conditions that {} people or more have, and {} have two or more. \
         The pictures below show which conditions are found in one person more than elsewhere, in which order they \
         were recorded, and whether that differs by deprivation. They describe; they do not say that one condition \
         causes another. Numbers of people are rounded to the nearest {}; below {}, or where a small number could be \
         worked out from others, they are withheld.",
        found.population,
        share(with(1)),
        grouped(found.people.conditions().len() as u64),
        grouped(found.least),
        share(with(2)),
        rule.round_to,
        rule.threshold
    )
}
