//! The concepts a model may know: those its training instances had seen.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_codes::CodeSystem;
use twinloom_event::{Code, Cohort, Event, EventKind};

use super::Instance;

/// Distinct concepts in code order, each with its number.
///
/// A concept is the event's code; for a coded answer it is question and answer joined by `//`, for
/// a smoking status says nothing without its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    concepts: Vec<Code>,
    numbers: FxHashMap<Code, u32>,
}

impl Vocabulary {
    /// Takes concepts in any order.
    pub fn new(mut concepts: Vec<Code>) -> Self {
        concepts.sort_unstable();
        concepts.dedup();
        let numbers = concepts.iter().cloned().zip(0_u32..).collect();
        Self { concepts, numbers }
    }

    /// The concepts known as of the given instances in at least `minimum_instances` of them.
    ///
    /// Give it the training instances only, so that nothing of the others shapes the model.
    pub fn of_instances(cohort: &Cohort, instances: &[Instance], minimum_instances: usize) -> Self {
        let counts = instances
            .par_iter()
            .fold(FxHashMap::<Code, usize>::default, |mut counts, instance| {
                let seen: FxHashSet<Code> = known_events(cohort, *instance).map(concept).collect();
                for code in seen {
                    *counts.entry(code).or_default() += 1;
                }
                counts
            })
            .reduce(FxHashMap::default, |mut all, part| {
                for (code, count) in part {
                    *all.entry(code).or_default() += count;
                }
                all
            });
        Self::new(
            counts
                .into_iter()
                .filter(|(_, count)| *count >= minimum_instances)
                .map(|(code, _)| code)
                .collect(),
        )
    }

    /// The concepts in code order.
    pub fn concepts(&self) -> &[Code] {
        &self.concepts
    }

    /// A concept's number, its place among [`Vocabulary::concepts`].
    pub fn number(&self, concept: &Code) -> Option<u32> {
        self.numbers.get(concept).copied()
    }

    /// Number of concepts.
    pub fn len(&self) -> usize {
        self.concepts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.concepts.is_empty()
    }
}

/// What the subject's record could tell at the instance's time: static demographics, and events whose
/// known time has come. Births say nothing that age does not.
pub(super) fn known_events(cohort: &Cohort, instance: Instance) -> impl Iterator<Item = &Event> {
    let timeline = cohort.get(instance.subject_id);
    let (fixed, timed) = timeline.map_or((&[][..], &[][..]), |timeline| {
        let timed = timeline.timed_events();
        let begun = timed.partition_point(|event| event.time() <= Some(instance.as_of));
        (timeline.static_events(), &timed[..begun])
    });
    let fixed = fixed.iter().filter(|event| event.kind() == EventKind::Demographic);
    let timed = timed.iter().filter(move |event| event.known_time() <= Some(instance.as_of));
    fixed.chain(timed).filter(|event| event.kind() != EventKind::Birth)
}

/// The concept an event counts towards.
pub(super) fn concept(event: &Event) -> Code {
    match event.text_value() {
        Some(answer) if is_coded(answer) => {
            Code::parse(format!("{}//{answer}", event.code())).unwrap_or_else(|_| event.code().clone())
        }
        _ => event.code().clone(),
    }
}

/// Whether a text value is a code of a named system.
pub(crate) fn is_coded(text: &str) -> bool {
    text.split_once("//").is_some_and(|(system, value)| {
        !value.is_empty() && CodeSystem::ALL.into_iter().any(|known| known.name() == system)
    })
}

#[cfg(test)]
mod tests {
    use twinloom_event::{SubjectId, TimePrecision, Timestamp};

    use super::*;

    #[test]
    fn regress_only_what_was_known_counts() {
        let subject = SubjectId::new(1);
        let day = |day| Timestamp::from_ymd(2020, 1, day).unwrap();
        let event = |code: &str, at| Event::new(subject, Some(at), Code::parse(code).unwrap());
        let events = vec![
            Event::new(subject, None, Code::parse("SEX//female").unwrap()).with_kind(EventKind::Demographic),
            event("MEDS_BIRTH", day(1)).with_kind(EventKind::Birth),
            event("A", day(2)),
            event("LATE_RECORD", day(2)).with_recorded_time(day(9)),
            event("BARE_DATE", day(5)).with_time_precision(TimePrecision::Day),
            event("ANSWER", day(3)).with_text_value("SNOMED//1"),
        ];
        let cohort = Cohort::from_events(events).unwrap();
        let instance = Instance { subject_id: subject, as_of: day(5) };
        let vocabulary = Vocabulary::of_instances(&cohort, &[instance], 1);
        let words: Vec<&str> = vocabulary.concepts().iter().map(Code::as_str).collect();
        assert_eq!(words, ["A", "ANSWER//SNOMED//1", "SEX//female"]);
        assert_eq!(vocabulary.number(&Code::parse("SEX//female").unwrap()), Some(2));
        assert!(Vocabulary::of_instances(&cohort, &[instance], 2).is_empty());
    }
}
