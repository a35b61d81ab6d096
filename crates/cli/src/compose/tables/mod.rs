//! Reports about tables: a synthetic one beside the real one, attacks on it, and what any table discloses.

pub(crate) mod attacks;
pub(crate) mod disclosure;
pub(crate) mod evaluation;
pub(crate) mod fairness;
pub(super) mod recommendation;

use twinloom_report::{Estimate, Fact, Origin, Study};

use crate::context::Context;

/// Provenance of a page about a table of so many people.
fn study(context: &Context, people: usize, command: &str, facts: Vec<Fact>) -> Study {
    let mut study = Study::new(Origin::Imported, "a table of the user's", people as u64, 0);
    study.seed = Some(context.common.seed);
    command.clone_into(&mut study.command);
    study.facts = facts;
    study
}

/// A figure for a chart; no number where it has no value, and none at the ends where it has no interval.
fn drawn(estimate: &twinloom_audit::Estimate) -> Estimate {
    let or_none = |value: Option<f64>| value.unwrap_or(f64::NAN);
    Estimate::new(or_none(estimate.value), or_none(estimate.lower), or_none(estimate.upper))
}
