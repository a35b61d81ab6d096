//! Long-term conditions that go together, what follows what, and how the most and the least deprived
//! fifth differ.
//!
//! # Limits
//! Counts told follow the rule of [`DisclosureRule`]'s default, as a user would release them; what has
//! fewer people than [`LEAST_PEOPLE`] is not drawn at all.

mod cohort;
mod comparison;
mod order;
mod pairs;
mod sets;

use anyhow::Result;
use twinloom_event::Dataset;
use twinloom_hypergraph::People;
use twinloom_hypergraph::statistics::{
    self, Comparison, DisclosureRule, Resampling, StandardPopulation, Summary, SummaryOptions, summary,
};
use twinloom_report::{Estimate, Section};

use crate::context::Context;
use crate::output::grouped;
use cohort::Told;

/// Resamples behind each interval, and exchanges behind each p-value.
const REPLICATES: u32 = 200;
/// What is drawn has at least so many people, and at least one in so many of all.
const LEAST_PEOPLE: u64 = 10;
const ONE_IN: u64 = 400;
/// A study smaller than this, or with fewer conditions, says nothing about conditions together.
const SMALLEST_STUDY: usize = 100;
const FEWEST_CONDITIONS: usize = 3;
/// Sets and arcs that are estimated, those of most people first.
const MOST: usize = 300;
/// Traits by which people are standardised, with their words.
const STANDARD: [(&str, &str); 2] = [("age_band", "age"), ("sex", "sex")];
/// The trait that is compared: its levels are fifths, `1` the most deprived.
const DEPRIVATION: &str = "deprivation_fifth";

/// A cohort, what was found in it, and the words that all its pictures share.
struct Found<'a> {
    people: &'a People,
    summary: &'a Summary,
    told: &'a Told,
    /// `20,000 simulated patients`.
    population: String,
    /// How values and intervals came about.
    method: String,
    least: u64,
}

/// The sections; none when too few people have too few long-term conditions.
pub(super) fn sections(context: &Context, dataset: &Dataset, simulated: bool) -> Result<Vec<Section>> {
    let least = LEAST_PEOPLE.max(dataset.cohort.len() as u64 / ONE_IN);
    let people = cohort::people(dataset, least)?;
    if people.len() < SMALLEST_STUDY || people.conditions().len() < FEWEST_CONDITIONS {
        return Ok(Vec::new());
    }
    let options = options(context, &people, least);
    let summary = summary(&people, &options)?;
    let rule = DisclosureRule::default();
    let told = Told::of(&people, &summary, sets::DRAWN, rule);
    let kind = if simulated { "simulated patients" } else { "patients" };
    let found = Found {
        people: &people,
        summary: &summary,
        told: &told,
        population: format!("{} {kind}", grouped(summary.people)),
        method: method(&options, &summary),
        least,
    };
    let mut sections = sets::sections(&found, rule);
    sections.extend(pairs::section(&found, context.common.seed)?);
    sections.extend(order::sections(&found)?);
    sections.extend(comparison::sections(&found));
    Ok(sections)
}

fn options(context: &Context, people: &People, least: u64) -> SummaryOptions {
    let known = |name: &str| people.trait_named(name).is_ok();
    let fifths = people.trait_named(DEPRIVATION).map(|fifths| fifths.levels().to_vec()).unwrap_or_default();
    let both = ["1", "5"].iter().all(|level| fifths.iter().any(|found| **found == **level));
    let standardise: Vec<String> =
        STANDARD.iter().filter(|(name, _)| known(name)).map(|(name, _)| (*name).to_owned()).collect();
    let standard = StandardPopulation::european_2013(people, &standardise).ok();
    SummaryOptions {
        least_people: least as f64,
        most: MOST,
        resampling: Resampling { replicates: REPLICATES, seed: context.common.seed, ..Resampling::default() },
        // Standardised to the people themselves, everybody counts as one: better said to be crude.
        standardise: if standard.is_some() || both { standardise } else { Vec::new() },
        standard: standard.unwrap_or_default(),
        compare: both.then(|| Comparison {
            by: DEPRIVATION.to_owned(),
            first: "1".to_owned(),
            second: "5".to_owned(),
        }),
        ..SummaryOptions::default()
    }
}

fn method(options: &SummaryOptions, summary: &Summary) -> String {
    let by: Vec<&str> = STANDARD
        .iter()
        .filter(|(name, _)| options.standardise.iter().any(|chosen| chosen == name))
        .map(|(_, words)| *words)
        .collect();
    let account = summary.standardised.as_ref();
    let standard = match (&options.standard, account) {
        (StandardPopulation::Given(_), Some(account)) => {
            let missing = match account.share_missing {
                share if share < 0.0005 => String::new(),
                share => format!(" but for {:.1}% of it, of whom the study has nobody", 100.0 * share),
            };
            format!(
                "Standardised by {} to the European Standard Population of 2013{missing}",
                by.join(" and ")
            )
        }
        _ => "Crude: of the people as they are, not standardised by age or sex".to_owned(),
    };
    let unknown = account.map_or(0, |account| account.people_without_traits);
    let unknown = match unknown {
        0 => String::new(),
        1..LEAST_PEOPLE => {
            format!(
                "; fewer than {LEAST_PEOPLE} people for whom they are not known, or not in the standard, are left out"
            )
        }
        people => format!(
            "; {} people for whom they are not known, or not in the standard, are left out",
            grouped(people)
        ),
    };
    format!("{standard}{unknown}; 95% intervals from {} resamples of people.", summary.replicates)
}

/// An estimate as the report draws it.
fn drawn(estimate: &statistics::Estimate) -> Estimate {
    let (lower, upper) = estimate.interval.unwrap_or((f64::NAN, f64::NAN));
    Estimate::new(estimate.value, lower, upper)
}
