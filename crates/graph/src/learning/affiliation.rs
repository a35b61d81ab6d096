//! What a subject belongs to, a household or a practice, as the record stated it at a time.

use rustc_hash::FxHashMap;
use twinloom_event::{Cohort, Event, EventKind, SubjectId, Timestamp};

use super::Instance;

/// Events of one code whose text names what their subject belongs to from then on.
///
/// A subject belongs to what the latest of them known at a time names; to nothing known where there is none, or
/// where the latest has no text.
pub(super) struct Affiliations<'a> {
    /// Of each subject, in order of time.
    stated: FxHashMap<SubjectId, Vec<&'a Event>>,
    /// Who was ever stated to belong, in order of subject.
    ever: FxHashMap<&'a str, Vec<SubjectId>>,
}

impl<'a> Affiliations<'a> {
    pub(super) fn of(cohort: &'a Cohort, code: &str) -> Self {
        let mut this = Self { stated: FxHashMap::default(), ever: FxHashMap::default() };
        for event in cohort.events().filter(|event| event.code().as_str() == code) {
            this.stated.entry(event.subject_id()).or_default().push(event);
            let Some(name) = event.text_value() else { continue };
            let members = this.ever.entry(name).or_default();
            if members.last() != Some(&event.subject_id()) {
                members.push(event.subject_id());
            }
        }
        this
    }

    /// What the subject belongs to at the instance's time, inclusive.
    pub(super) fn at(&self, Instance { subject_id, as_of }: Instance) -> Option<&'a str> {
        let known = |event: &&&Event| event.time() <= Some(as_of) && event.known_time() <= Some(as_of);
        self.stated.get(&subject_id)?.iter().rev().find(known)?.text_value()
    }

    /// The others who belong to the same at the instance's time, in order of subject.
    pub(super) fn companions(&self, instance: Instance) -> impl Iterator<Item = SubjectId> {
        let name = self.at(instance);
        let ever = name.and_then(|name| self.ever.get(name)).map_or(&[][..], Vec::as_slice);
        ever.iter().copied().filter(move |&subject_id| {
            subject_id != instance.subject_id && self.at(Instance { subject_id, ..instance }) == name
        })
    }
}

/// When each subject's death became known.
pub(super) fn deaths(cohort: &Cohort) -> FxHashMap<SubjectId, Timestamp> {
    let mut deaths = FxHashMap::default();
    for event in cohort.events() {
        if (event.kind() == EventKind::Death || event.code().is_death())
            && let Some(known) = event.known_time()
        {
            let first = deaths.entry(event.subject_id()).or_insert(known);
            *first = known.min(*first);
        }
    }
    deaths
}

#[cfg(test)]
mod tests {
    use twinloom_event::Code;

    use super::*;

    #[test]
    fn regress_the_latest_known_statement_counts() {
        let day = |day| Timestamp::from_ymd(2020, 1, day).unwrap();
        let moved = |subject, at, home: &str| {
            Event::new(SubjectId::new(subject), Some(day(at)), Code::parse("HOUSEHOLD").unwrap())
                .with_text_value(home)
        };
        let cohort = Cohort::from_events(vec![
            moved(1, 2, "a"),
            moved(1, 6, "b"),
            moved(2, 3, "a"),
            // Moved on the 4th; the record learnt of it on the 8th.
            moved(3, 1, "b"),
            moved(3, 4, "a").with_recorded_time(day(8)),
        ])
        .unwrap();
        let homes = Affiliations::of(&cohort, "HOUSEHOLD");
        let with = |subject, at| {
            let instance = Instance { subject_id: SubjectId::new(subject), as_of: day(at) };
            let others: Vec<i64> = homes.companions(instance).map(SubjectId::get).collect();
            (homes.at(instance), others)
        };
        assert_eq!(with(1, 1), (None, vec![]));
        assert_eq!(with(1, 2), (Some("a"), vec![]));
        assert_eq!(with(1, 5), (Some("a"), vec![2]));
        assert_eq!(with(1, 6), (Some("b"), vec![3]));
        assert_eq!(with(1, 8), (Some("b"), vec![]));
        assert_eq!(with(2, 8), (Some("a"), vec![3]));
        assert_eq!(with(4, 8), (None, vec![]));
    }
}
