//! The population and what ails it.

use twinloom_event::{Cohort, EventKind};
use twinloom_report::{AgeBand, Estimate, PopulationPyramid, Prevalence, PrevalenceRow, Section, Target};
use twinloom_views::summary::{self, commonest, prevalence, pyramid};
use twinloom_views::task::Outcome;
use twinloom_views::{Task, data_end};

use super::Words;
use crate::manifest::Manifest;

/// Conditions shown.
const COMMONEST: usize = 15;

/// Published prevalence of the twin's conditions, share of all ages, and who published it.
///
/// # Source
/// Quality and Outcomes Framework, England, as quoted in the twin's calibration targets.
const TARGETS: [(&str, f64, &str); 3] = [
    ("hypertension", 0.153, "QOF, England 2024/25, recorded, all ages"),
    ("type 2 diabetes", 0.065, "QOF, England 2024/25, diabetes of any type, all ages"),
    ("COPD", 0.019, "QOF, England 2024/25, recorded, all ages"),
];

/// Ages by sex at the data's end; nothing when no birth is recorded.
pub(super) fn pyramid_section(cohort: &Cohort) -> Option<Section> {
    let at = data_end(cohort)?;
    let found = pyramid(cohort, at);
    let bands: Vec<AgeBand> = found
        .bands
        .iter()
        .map(|band| AgeBand {
            label: match band.to_years {
                Some(to) => format!("{}-{to}", band.from_years),
                None => format!("{}+", band.from_years),
            },
            female: band.female,
            male: band.male,
            other: band.other,
            expected_female: None,
            expected_male: None,
        })
        .collect();
    let counted: u64 = bands.iter().map(|band| band.female + band.male + band.other).sum();
    let left_out = format!(
        "Left out: {} dead by then, {} not yet born, {} without a recorded birth.",
        found.dead, found.unborn, found.without_birth
    );
    let age_at = format!("on {}", day(at));
    (counted > 0).then(|| {
        Section::new(PopulationPyramid { age_at, bands, expected_source: None }).introduction(left_out)
    })
}

/// The twin's conditions beside their targets, or the commonest conditions of an imported record.
pub(super) fn prevalence_section(cohort: &Cohort, words: &Words<'_>, manifest: &Manifest) -> Option<Section> {
    let at = data_end(cohort)?;
    let simulated = manifest.steps.contains_key("twin");
    let rows: Vec<PrevalenceRow> = if simulated {
        let Ok(Task { outcome: Outcome::FirstEver(groups), .. }) = Task::named("new-long-term-condition")
        else {
            return None;
        };
        prevalence(cohort, at, &groups).iter().map(|found| row(found, found.name.to_string())).collect()
    } else {
        commonest(cohort, at, EventKind::Condition, COMMONEST)
            .iter()
            .map(|found| row(found, words.of_text(&found.name)))
            .collect()
    };
    let living = rows.first()?.population;
    let population = format!("{living} people alive on {}", day(at));
    Some(Section::new(Prevalence { population, rows }))
}

fn row(found: &summary::Prevalence, condition: String) -> PrevalenceRow {
    let target = TARGETS
        .iter()
        .find(|(name, ..)| *name == &*found.name)
        .map(|(_, share, source)| Target { share: *share, source: (*source).to_owned() });
    PrevalenceRow {
        condition,
        cases: found.cases,
        population: found.population,
        share: Estimate::new(found.share, found.lower, found.upper),
        target,
    }
}

fn day(at: twinloom_event::Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}
