//! Splits by time and by site: does a model hold later, and elsewhere?
//!
//! Whatever the split, no subject stands in two parts: who is judged on is left out of what is learned
//! from. An instance that no part may have is `None`.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use twinloom_event::{Attribute, Cohort, Split, SubjectId, Timestamp};

use crate::SplitPlan;
use crate::task::{Instance, TaskError};

/// Parts by prediction time: train first, then tuning, then held out.
///
/// An instance belongs to a part only if its outcome was known before the next part begins, as it must be
/// for a model made at that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemporalSplit {
    tuning_from: Timestamp,
    held_out_from: Timestamp,
}

impl TemporalSplit {
    /// Parts that begin at these times.
    ///
    /// # Errors
    /// [`TemporalSplitError`] when tuning would begin after what is held out.
    pub fn new(tuning_from: Timestamp, held_out_from: Timestamp) -> Result<Self, TemporalSplitError> {
        if tuning_from <= held_out_from {
            Ok(Self { tuning_from, held_out_from })
        } else {
            Err(TemporalSplitError { tuning_from, held_out_from })
        }
    }

    /// The part of each instance.
    pub fn of(&self, instances: &[Instance]) -> Vec<Option<Split>> {
        let parts = instances.iter().map(|instance| {
            let at = instance.label.prediction_time;
            let (part, end) = if at < self.tuning_from {
                (Split::Train, Some(self.tuning_from))
            } else if at < self.held_out_from {
                (Split::Tuning, Some(self.held_out_from))
            } else {
                (Split::HeldOut, None)
            };
            end.is_none_or(|end| instance.window_end < end).then_some(part)
        });
        // Who is predicted for after a bound was already a subject before it: the later part keeps them.
        let parts: Vec<_> = parts.collect();
        one_part_each(instances, &parts)
    }
}

/// The parts are in the wrong order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tuning from {tuning_from} and held out from {held_out_from}; permitted: tuning not after held out")]
pub struct TemporalSplitError {
    /// Start of tuning.
    pub tuning_from: Timestamp,
    /// Start of what is held out.
    pub held_out_from: Timestamp,
}

impl SplitPlan {
    /// The part of each instance when whole sites are held out: a site's part depends on the seed and its
    /// name alone. Instances without a site are in no part.
    pub fn by_site(&self, instances: &[Instance], sites: &[Option<Arc<str>>]) -> Vec<Option<Split>> {
        let parts: Vec<_> = (0..instances.len())
            .map(|at| sites.get(at).and_then(Option::as_deref).map(|site| self.of_name(site)))
            .collect();
        one_part_each(instances, &parts)
    }
}

/// The site of each instance: the column's text on the last event that has it by the prediction time.
///
/// # Errors
/// [`TaskError::UnknownSubject`] when an instance is of no subject of the cohort.
pub fn sites(
    cohort: &Cohort,
    instances: &[Instance],
    column: &str,
) -> Result<Vec<Option<Arc<str>>>, TaskError> {
    instances
        .iter()
        .map(|instance| {
            let subject_id = instance.subject_id();
            let timeline = cohort.get(subject_id).ok_or(TaskError::UnknownSubject { subject_id })?;
            let known = |at: Option<Timestamp>| at.is_some_and(|at| at <= instance.label.prediction_time);
            let events = timeline.timed_events().iter().rev().filter(|event| known(event.known_time()));
            let mut texts = events.filter_map(|event| event.attribute(column).and_then(Attribute::as_text));
            Ok(texts.next().map(Into::into))
        })
        .collect()
}

/// Keeps each subject in the part that is most held out, and in no other.
fn one_part_each(instances: &[Instance], parts: &[Option<Split>]) -> Vec<Option<Split>> {
    let rank = |part: Split| match part {
        Split::Train => 0_u8,
        Split::Tuning => 1,
        Split::HeldOut => 2,
    };
    let mut greatest: FxHashMap<SubjectId, u8> = FxHashMap::default();
    for (instance, part) in instances.iter().zip(parts) {
        if let Some(part) = part {
            let own = greatest.entry(instance.subject_id()).or_default();
            *own = (*own).max(rank(*part));
        }
    }
    instances
        .iter()
        .zip(parts)
        .map(|(instance, part)| {
            part.filter(|part| greatest.get(&instance.subject_id()) == Some(&rank(*part)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use twinloom_event::{Label, LabelValue};

    use super::*;

    fn instance(subject: i64, day: f64, window: f64) -> Instance {
        let at = Timestamp::from_ymd(2020, 1, 1).unwrap().plus_days(day).unwrap();
        Instance {
            label: Label {
                subject_id: SubjectId::new(subject),
                prediction_time: at,
                value: LabelValue::Boolean(false),
            },
            trigger_time: at,
            window_end: at.plus_days(window).unwrap(),
            encounter_id: None,
            comparator: None,
        }
    }

    fn day(day: f64) -> Timestamp {
        Timestamp::from_ymd(2020, 1, 1).unwrap().plus_days(day).unwrap()
    }

    #[test]
    fn regress_parts_by_time() {
        let split = TemporalSplit::new(day(100.0), day(200.0)).unwrap();
        let instances = [
            instance(1, 10.0, 30.0),
            // The outcome is known only after the bound.
            instance(2, 90.0, 30.0),
            instance(3, 100.0, 30.0),
            instance(4, 250.0, 30.0),
            // 5 is judged on later, and so not learned from.
            instance(5, 10.0, 30.0),
            instance(5, 210.0, 30.0),
        ];
        let parts = split.of(&instances);
        let expected =
            [Some(Split::Train), None, Some(Split::Tuning), Some(Split::HeldOut), None, Some(Split::HeldOut)];
        assert_eq!(parts, expected);
        assert!(TemporalSplit::new(day(2.0), day(1.0)).is_err());
    }

    proptest! {
        #[test]
        fn law_no_subject_stands_in_two_parts_and_no_site_either(
            rows in prop::collection::vec((0_i64..20, 0.0..300.0_f64, 0_u8..8), 1..80), seed in any::<u64>()
        ) {
            let instances: Vec<_> = rows.iter().map(|row| instance(row.0, row.1, 20.0)).collect();
            let sites: Vec<Option<Arc<str>>> =
                rows.iter().map(|row| (row.2 > 0).then(|| row.2.to_string().into())).collect();
            let split = TemporalSplit::new(day(100.0), day(200.0)).unwrap();
            let by_site = SplitPlan::new(seed).by_site(&instances, &sites);
            for parts in [split.of(&instances), by_site.clone()] {
                for (first, part) in instances.iter().zip(&parts) {
                    for (second, other) in instances.iter().zip(&parts) {
                        let same = first.subject_id() == second.subject_id();
                        prop_assert!(!same || part.is_none() || other.is_none() || part == other);
                    }
                }
            }
            for (site, part) in sites.iter().zip(&by_site) {
                for (other_site, other) in sites.iter().zip(&by_site) {
                    prop_assert!(site != other_site || part.is_none() || other.is_none() || part == other);
                }
            }
        }
    }
}
