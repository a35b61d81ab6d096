//! The most and the least deprived fifth.

use twinloom_hypergraph::statistics::{ComparisonSummary, Difference};
use twinloom_report::{Combination, DifferenceRow, Estimate, GroupDifference, Section};

use super::{DEPRIVATION, Found, LEAST_PEOPLE, REPLICATES, drawn};

/// Rows drawn of each picture.
const DRAWN: usize = 12;
/// Expected share of false ones among the differences that are called real.
const FALSE_DISCOVERIES: f64 = 0.05;

pub(super) fn sections(found: &Found<'_>) -> Vec<Section> {
    let Some(comparison) = &found.summary.comparison else {
        return Vec::new();
    };
    let conditions: Vec<DifferenceRow> = comparison
        .conditions
        .iter()
        .filter(|row| enough(found, std::slice::from_ref(&row.condition)))
        .map(|row| difference(row.condition.clone(), &row.prevalence))
        .collect();
    let sets: Vec<DifferenceRow> = comparison
        .sets
        .iter()
        .filter(|row| enough(found, &row.conditions))
        .map(|row| difference(Combination::Together(row.conditions.clone()).words(), &row.weight))
        .collect();
    let standing = |rows: &[DifferenceRow]| rows.iter().filter(|row| row.discovered).count();
    let introduction = format!(
        "About {} patients live in the most deprived fifth of areas and {} in the least deprived. Both are weighted to \
         the same make-up by age and sex, so that what is left is not that one group is older. Between the two, {} of \
         {} conditions differ in prevalence, and {} of {} sets in how strongly they are tied, by more than chance \
         explains. Other things that differ between the fifths, such as smoking or how often people are seen, are not \
         allowed for.",
        found.told.rounded(comparison.first.standardised.people),
        found.told.rounded(comparison.second.standardised.people),
        standing(&conditions),
        conditions.len(),
        standing(&sets),
        sets.len()
    );
    let prevalence = picture(found, comparison, "Prevalence", true, conditions);
    let overlap = picture(found, comparison, "Overlap coefficient", false, sets);
    vec![
        Section::new(prevalence)
            .heading("Long-term conditions in the most and the least deprived fifth")
            .introduction(introduction),
        Section::new(overlap).heading("Conditions together in the most and the least deprived fifth"),
    ]
}

fn picture(
    found: &Found<'_>,
    comparison: &ComparisonSummary,
    measure: &str,
    percent: bool,
    mut rows: Vec<DifferenceRow>,
) -> GroupDifference {
    let effective =
        comparison.first.standardised.effective_people.min(comparison.second.standardised.effective_people);
    let left_out = rows.len().saturating_sub(DRAWN) as u64;
    rows.truncate(DRAWN);
    GroupDifference {
        population: found.population.clone(),
        method: format!(
            "Those that differ most, of what at least {LEAST_PEOPLE} people of either fifth have. Both fifths are \
             standardised alike by age and sex, as the sets above are (as good as {} people each, or more); intervals from {REPLICATES} resamples; \
             chance is judged by exchanging people between the fifths within age and sex, allowing for a false \
             discovery rate of {:.0}%.",
            found.told.rounded(effective as u64),
            100.0 * FALSE_DISCOVERIES
        ),
        measure: measure.to_owned(),
        percent,
        first: "most deprived fifth".to_owned(),
        second: "least deprived fifth".to_owned(),
        rows,
        left_out,
    }
}

fn difference(label: String, found: &Difference) -> DifferenceRow {
    let alone = |value: f64| Estimate::new(value, f64::NAN, f64::NAN);
    let q = found.q_normal.or(found.q);
    DifferenceRow {
        label,
        first: alone(found.first),
        second: alone(found.second),
        difference: drawn(&found.difference),
        discovered: q.is_some_and(|q| q <= FALSE_DISCOVERIES),
        q,
    }
}

/// Whether enough people of both fifths have some conditions.
fn enough(found: &Found<'_>, conditions: &[String]) -> bool {
    let Ok(fifths) = found.people.trait_named(DEPRIVATION) else {
        return false;
    };
    let ids: Option<Vec<_>> = conditions.iter().map(|name| found.people.conditions().find(name)).collect();
    let Some(ids) = ids else {
        return false;
    };
    let mut people = vec![0_u64; fifths.levels().len()];
    for (place, person) in found.people.iter().enumerate() {
        if let Some(level) = fifths.level_of(place)
            && ids.iter().all(|id| person.conditions().contains(id))
        {
            people[level] += 1;
        }
    }
    let level = |name: &str| fifths.levels().iter().position(|level| **level == *name);
    ["1", "5"].iter().all(|name| level(name).is_some_and(|level| people[level] >= LEAST_PEOPLE))
}
