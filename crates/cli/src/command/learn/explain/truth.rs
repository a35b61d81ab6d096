//! Explanations against the twin's truth: which conditions really raise an outcome's rate, and who really has them.
//!
//! This evaluator alone opens `truth/`. What is true of the model is another matter: one that goes by a consequence
//! of a cause, which is on record while the cause is not, predicts well and is explained rightly, and scores 0 here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde::Serialize;
use twinloom_event::{Attribute, Code, Dataset, Event, EventKind, Timeline, Timestamp};
use twinloom_learn::explain::{Explanation, Mean, causes_found};
use twinloom_records::study::read_dataset;
use twinloom_twin::HouseholdSmoking;
use twinloom_twin::need::{ConditionId, Need};
use twinloom_views::task::Outcome;

use super::super::row::AskedRow;
use crate::compose::Words;

/// A ratio this near to 1 is no cause that a model of some thousand people could find.
const LEAST_RATIO: f64 = 1.1;

/// How the record states smoking: the question, and the answer of one who does.
const SMOKING: (&str, &str) = ("LOINC//72166-2", "SNOMED//77176002");

/// Explanations held against true causes.
#[derive(Debug, Serialize)]
pub(crate) struct TruthDocument {
    /// What raises the outcome's rate, by the need table.
    pub(crate) causes: Vec<TrueCause>,
    /// People judged who truly have a cause.
    pub(crate) with_cause: usize,
    /// Share of the true causes of those people that their record holds at all.
    pub(crate) on_record: Mean,
    /// Of people with causes on record: the share of their first reasons that are causes, as many as they have.
    pub(crate) found: Mean,
    /// The same were all codes on record the reasons, in any order.
    pub(crate) by_chance: Mean,
    pub(crate) planted: Option<PlantedDocument>,
}

/// A condition, or smoking, that raises the rate.
#[derive(Debug, Serialize)]
pub(crate) struct TrueCause {
    pub(crate) code: String,
    pub(crate) name: String,
    /// The factor on the rate while it lasts.
    pub(crate) ratio: f64,
    /// People judged who truly have it.
    pub(crate) people: usize,
}

/// Outcomes that a planted effect brought: its cause stands in other people's records.
#[derive(Debug, Serialize)]
pub(crate) struct PlantedDocument {
    /// Held-out predictions with the outcome.
    pub(crate) outcomes: usize,
    /// Of those, brought by the effect.
    pub(crate) brought: usize,
    /// What was predicted of them.
    pub(crate) predicted: Mean,
    /// What was predicted of the others with the outcome.
    pub(crate) others: Mean,
}

/// Judges explanations where the study holds the truth and the task is about conditions that the twin knows.
pub(super) fn judge(
    study: &Path,
    row: &AskedRow,
    words: &Words<'_>,
    judged: &[(usize, Explanation)],
    predicted: (&[usize], &[f64]),
) -> Result<Option<TruthDocument>> {
    let home = study.join("truth");
    let sought = sought(row);
    if sought.is_empty() || !home.join("events").is_dir() {
        return Ok(None);
    }
    let truth = read_dataset(&home).context("the study's truth can't be read")?;
    let ratios = ratios(&sought);
    let mut people: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let (mut held, mut on_record, mut by_chance) = (Vec::new(), Vec::new(), Vec::new());
    for (instance, explanation) in judged {
        let own = truth.cohort.get(explanation.subject_id);
        let causes =
            own.map(|own| true_causes(own, explanation.prediction_time, &ratios)).unwrap_or_default();
        for cause in &causes {
            *people.entry(Arc::clone(cause)).or_default() += 1;
        }
        let on_file = recorded(row, *instance)?;
        let known: Vec<Arc<str>> = causes.iter().filter(|cause| on_file.contains(*cause)).cloned().collect();
        if !causes.is_empty() {
            on_record.push(known.len() as f64 / causes.len() as f64);
        }
        if !known.is_empty() {
            by_chance.push(known.len() as f64 / on_file.len() as f64);
        }
        held.push((explanation, known));
    }
    let causes = ratios.into_iter().map(|(code, ratio)| TrueCause {
        name: words.of_text(&code),
        people: people.get(&code).copied().unwrap_or(0),
        code: code.to_string(),
        ratio,
    });
    let mut causes: Vec<TrueCause> = causes.collect();
    causes.sort_by(|one, other| other.ratio.total_cmp(&one.ratio));
    Ok(Some(TruthDocument {
        causes,
        with_cause: on_record.len(),
        on_record: Mean::of(&on_record),
        found: causes_found(&held),
        by_chance: Mean::of(&by_chance),
        planted: planted(row, &truth, &sought, predicted),
    }))
}

/// The codes that a prediction's record holds.
fn recorded(row: &AskedRow, instance: usize) -> Result<BTreeSet<Arc<str>>> {
    let views = row.task.views(&row.dataset.cohort, &row.instances[instance..=instance]);
    let view = views.context("the record of a person judged")?[0];
    let events = view.demographics().chain(view.events());
    Ok(events.map(|event| Arc::from(event.code().as_str())).collect())
}

/// The conditions whose onset is the outcome, with their codes.
fn sought(row: &AskedRow) -> BTreeMap<Code, ConditionId> {
    let groups = match &row.task.outcome {
        Outcome::FirstEver(groups) => groups.as_slice(),
        Outcome::NextOf(groups) if groups.len() > 1 => &groups[row.outcome..=row.outcome],
        _ => &[],
    };
    let need = Need::england();
    let known = need.conditions().iter().filter_map(|condition| {
        let code = Code::new("SNOMED", &condition.snomed).ok()?;
        let id = need.find(&condition.name)?;
        groups.iter().any(|group| group.codes.contains(&code)).then_some((code, id))
    });
    known.collect()
}

/// What raises the rate of any of these conditions, with the largest factor.
fn ratios(sought: &BTreeMap<Code, ConditionId>) -> BTreeMap<Arc<str>, f64> {
    let need = Need::england();
    let most = |ratio: &dyn Fn(ConditionId) -> f64| sought.values().map(|on| ratio(*on)).fold(0.0, f64::max);
    let conditions = need.conditions().iter().filter_map(|condition| {
        let of = need.find(&condition.name)?;
        let code: Arc<str> = format!("SNOMED//{}", condition.snomed).into();
        Some((code, most(&|on| if on == of { 0.0 } else { need.ratio(of, on) })))
    });
    let smoking = (Arc::from(SMOKING.0), most(&|on| need.smoking_ratio(on)));
    conditions.chain([smoking]).filter(|(_, ratio)| *ratio >= LEAST_RATIO).collect()
}

/// The causes that a person truly has at a moment.
fn true_causes(own: &Timeline, at: Timestamp, ratios: &BTreeMap<Arc<str>, f64>) -> Vec<Arc<str>> {
    let begun = |event: &&Event| event.time().is_some_and(|time| time <= at);
    let lasts = |event: &Event| event.end_time().is_none_or(|end| end > at);
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut smokes = false;
    for event in own.events().iter().filter(begun) {
        if event.kind() == EventKind::Condition && lasts(event) {
            found.insert(event.code().as_str());
        } else if event.code().as_str() == SMOKING.0 {
            smokes = event.text_value() == Some(SMOKING.1);
        }
    }
    if smokes {
        found.insert(SMOKING.0);
    }
    ratios.keys().filter(|code| found.contains(&***code)).cloned().collect()
}

/// Held-out outcomes that a planted effect brought, and what was predicted of them; nothing where none was.
fn planted(
    row: &AskedRow,
    truth: &Dataset,
    sought: &BTreeMap<Code, ConditionId>,
    (held_out, predicted): (&[usize], &[f64]),
) -> Option<PlantedDocument> {
    let is_planted = |event: &Event| {
        let cause = event.attribute("cause");
        sought.contains_key(event.code())
            && matches!(cause, Some(Attribute::Text(text)) if **text == *HouseholdSmoking::CAUSE)
    };
    let (mut brought, mut others) = (Vec::new(), Vec::new());
    for (&instance, &probability) in held_out.iter().zip(predicted).filter(|(place, _)| row.labels[**place]) {
        let own = truth.cohort.get(row.instances[instance].subject_id());
        let at = row.instances[instance].label.prediction_time;
        // The onset may come before its record does.
        let hit = own.is_some_and(|own| {
            let until = row.instances[instance].window_end;
            let in_time = |event: &Event| event.time().is_some_and(|time| time <= until);
            let open = |event: &Event| event.end_time().is_none_or(|end| end > at);
            own.events().iter().any(|event| is_planted(event) && in_time(event) && open(event))
        });
        if hit { &mut brought } else { &mut others }.push(probability);
    }
    (!brought.is_empty()).then(|| PlantedDocument {
        outcomes: brought.len() + others.len(),
        brought: brought.len(),
        predicted: Mean::of(&brought),
        others: Mean::of(&others),
    })
}
