//! Many subjects, each once.

use crate::{Event, SubjectId, Timeline};

/// Timelines in order of subject id, each subject once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cohort {
    timelines: Vec<Timeline>,
}

impl Cohort {
    /// Sorts the timelines by subject.
    ///
    /// # Errors
    /// [`CohortError::DuplicateSubject`] when a subject has two timelines.
    pub fn new(mut timelines: Vec<Timeline>) -> Result<Self, CohortError> {
        timelines.sort_by_key(Timeline::subject_id);
        match timelines.windows(2).find(|pair| pair[0].subject_id() == pair[1].subject_id()) {
            Some(pair) => Err(CohortError::DuplicateSubject { subject_id: pair[0].subject_id() }),
            None => Ok(Self { timelines }),
        }
    }

    /// Groups loose events by subject and orders each subject's.
    ///
    /// # Errors
    /// [`crate::TimelineError::TooLong`] when a subject has more events than `seq` can number.
    pub fn from_events(mut events: Vec<Event>) -> Result<Self, crate::TimelineError> {
        events.sort_by_key(Event::subject_id);
        let mut timelines = Vec::new();
        let mut rest = events.into_iter().peekable();
        while let Some(first) = rest.next() {
            let subject_id = first.subject_id();
            let mut own = vec![first];
            while let Some(next) = rest.next_if(|event| event.subject_id() == subject_id) {
                own.push(next);
            }
            timelines.push(Timeline::from_unordered(subject_id, own)?);
        }
        Ok(Self { timelines })
    }

    /// The timelines in order of subject id.
    pub fn timelines(&self) -> &[Timeline] {
        &self.timelines
    }

    /// Gives the timelines away.
    pub fn into_timelines(self) -> Vec<Timeline> {
        self.timelines
    }

    /// One subject's timeline.
    pub fn get(&self, subject_id: SubjectId) -> Option<&Timeline> {
        self.timelines
            .binary_search_by_key(&subject_id, Timeline::subject_id)
            .ok()
            .map(|index| &self.timelines[index])
    }

    /// Number of subjects.
    pub fn len(&self) -> usize {
        self.timelines.len()
    }

    /// Whether there are no subjects.
    pub fn is_empty(&self) -> bool {
        self.timelines.is_empty()
    }

    /// Number of events over all subjects.
    pub fn event_count(&self) -> usize {
        self.timelines.iter().map(|timeline| timeline.events().len()).sum()
    }

    /// All events, subject by subject.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.timelines.iter().flat_map(Timeline::events)
    }
}

/// Why timelines make no cohort.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CohortError {
    /// A subject appears twice.
    #[error("subject {subject_id} has two timelines; permitted: one per subject")]
    DuplicateSubject {
        /// Who.
        subject_id: SubjectId,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    fn event(subject: i64) -> Event {
        Event::new(SubjectId::new(subject), None, Code::parse("A").unwrap())
    }

    #[test]
    fn regress_from_events_groups_by_subject() {
        let cohort = Cohort::from_events(vec![event(2), event(1), event(2)]).unwrap();
        assert_eq!((cohort.len(), cohort.event_count()), (2, 3));
        assert_eq!(cohort.get(SubjectId::new(2)).unwrap().events().len(), 2);
        assert!(cohort.get(SubjectId::new(3)).is_none());
    }

    #[test]
    fn regress_a_subject_twice_is_refused() {
        let one = Timeline::new(SubjectId::new(1), vec![event(1)]).unwrap();
        assert!(Cohort::new(vec![one.clone(), one]).is_err());
    }
}
