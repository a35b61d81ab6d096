//! What would be predicted were codes not in the record: exactly, by asking the model again.

use std::fmt;
use std::sync::Arc;

use twinloom_event::{Cohort, CohortError, Event, SubjectId, Timeline};
use twinloom_views::Instance;

use super::percent;

/// Codes taken out of the record before one instance is predicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// Place among the task's instances.
    pub instance: usize,
    /// What is taken out, wherever it stands in the person's record.
    pub codes: Vec<Arc<str>>,
}

/// What taking out codes does to a prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterfactual {
    /// What is taken out.
    pub codes: Vec<Arc<str>>,
    /// The probability with the whole record.
    pub before: f64,
    /// The probability without the codes.
    pub after: f64,
}

impl fmt::Display for Counterfactual {
    /// `would fall from 31 % to 18 % without AF and warfarin`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.after < self.before { "fall" } else { "rise" };
        let (before, after) = (percent(self.before), percent(self.after));
        if before == after {
            write!(formatter, "would stay at {before} without ")?;
        } else {
            write!(formatter, "would {verb} from {before} to {after} without ")?;
        }
        match self.codes.as_slice() {
            [] => formatter.write_str("nothing"),
            [one] => formatter.write_str(one),
            [first @ .., last] => write!(formatter, "{} and {last}", first.join(", ")),
        }
    }
}

/// Single codes, pairs, and a set that grows by the code that lowers the prediction most.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterfactuals {
    /// Each code by itself, the greatest fall first.
    pub single: Vec<Counterfactual>,
    /// Each pair, the greatest fall first.
    pub pairs: Vec<Counterfactual>,
    /// The set after each addition, as long as the prediction falls.
    pub greedy: Vec<Counterfactual>,
}

/// A cohort in which the training subjects are as they were and each deletion is a person of its own.
pub(super) struct Rewritten {
    pub cohort: Cohort,
    pub instances: Vec<Instance>,
    pub train: Vec<usize>,
    /// The deletions' own instances, in their order.
    pub asked: Vec<usize>,
}

impl Rewritten {
    /// Everything fitted is fitted on the training subjects alone, so it comes out as before; the deletions'
    /// people are read as any other person is.
    pub(super) fn new(
        cohort: &Cohort,
        instances: &[Instance],
        train: &[usize],
        deletions: &[Deletion],
    ) -> Result<Self, CohortError> {
        let mut kept: Vec<SubjectId> = train.iter().map(|&place| instances[place].subject_id()).collect();
        kept.sort_unstable();
        kept.dedup();
        let mut timelines: Vec<Timeline> = kept.iter().filter_map(|&id| cohort.get(id)).cloned().collect();
        let mut found: Vec<Instance> = train.iter().map(|&place| instances[place].clone()).collect();
        let next = cohort.timelines().iter().map(|timeline| timeline.subject_id().get()).max().unwrap_or(0);
        for (number, deletion) in (1..).zip(deletions) {
            let original = &instances[deletion.instance];
            let subject_id = SubjectId::new(next.wrapping_add(number));
            let events = cohort.get(original.subject_id()).map_or(&[][..], Timeline::events);
            let deleted = |event: &&Event| deletion.codes.iter().any(|code| **code == *event.code().as_str());
            let left = events.iter().filter(|event| event.code().is_birth() || !deleted(event));
            let events = left.map(|event| of_another(event, subject_id)).collect();
            timelines
                .push(Timeline::new(subject_id, events).expect("in order, as the record they come from"));
            let mut own = original.clone();
            own.label.subject_id = subject_id;
            found.push(own);
        }
        let (train, asked) = ((0..train.len()).collect(), (train.len()..found.len()).collect());
        Ok(Self { cohort: Cohort::new(timelines)?, instances: found, train, asked })
    }
}

/// The same event in another person's record.
fn of_another(event: &Event, subject_id: SubjectId) -> Event {
    const VALID: &str = "valid in the event it is copied from";
    let mut copy = Event::new(subject_id, event.time(), event.code().clone())
        .with_kind(event.kind())
        .with_time_precision(event.time_precision())
        .with_seq(event.seq());
    if let Some(end) = event.end_time() {
        copy = copy.with_end_time(end).expect(VALID);
    }
    if let Some(at) = event.recorded_time() {
        copy = copy.with_recorded_time(at);
    }
    if let Some(value) = event.numeric_value() {
        copy = copy.with_numeric_value(value).expect(VALID);
    }
    if let Some(text) = event.text_value() {
        copy = copy.with_text_value(text);
    }
    if let Some(unit) = event.unit() {
        copy = copy.with_unit(unit.clone());
    }
    if let Some(id) = event.encounter_id() {
        copy = copy.with_encounter_id(id.clone());
    }
    if let Some(source) = event.source() {
        copy = copy.with_source(source.clone());
    }
    if let Some(id) = event.record_id() {
        copy = copy.with_record_id(id.clone());
    }
    event.attributes().fold(copy, |copy, (name, value)| copy.with_attribute(Arc::clone(name), value.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_counterfactuals_read_as_a_clinician_says_them() {
        let with = |codes: &[&str], after| Counterfactual {
            codes: codes.iter().map(|code| Arc::from(*code)).collect(),
            before: 0.314,
            after,
        };
        assert_eq!(
            with(&["AF", "warfarin"], 0.18).to_string(),
            "would fall from 31 % to 18 % without AF and warfarin"
        );
        assert_eq!(with(&["asthma"], 0.042).to_string(), "would fall from 31 % to 4.2 % without asthma");
        assert_eq!(with(&["cough"], 0.3141).to_string(), "would stay at 31 % without cough");
        assert_eq!(with(&["statin"], 0.4).to_string(), "would rise from 31 % to 40 % without statin");
    }
}
