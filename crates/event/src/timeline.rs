//! One subject's events in a total order.

use crate::{Event, SubjectId, Timestamp};

/// One subject's events: static ones first, then by time, ties by `seq`, no two alike in both.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    subject_id: SubjectId,
    events: Vec<Event>,
}

impl Timeline {
    /// Takes events that are already in order.
    ///
    /// # Errors
    /// [`TimelineError::OtherSubject`] when an event is someone else's,
    /// [`TimelineError::OutOfOrder`] when (time, seq) does not strictly increase.
    pub fn new(subject_id: SubjectId, events: Vec<Event>) -> Result<Self, TimelineError> {
        Self::check_subject(subject_id, &events)?;
        if let Some(index) = events.windows(2).position(|pair| pair[0].order() >= pair[1].order()) {
            return Err(TimelineError::OutOfOrder { subject_id, index: index + 1 });
        }
        Ok(Self { subject_id, events })
    }

    /// Orders events by time, then by the `seq` they carry, then as given, and numbers them anew
    /// from 0.
    ///
    /// # Errors
    /// [`TimelineError::OtherSubject`] when an event is someone else's.
    pub fn from_unordered(subject_id: SubjectId, mut events: Vec<Event>) -> Result<Self, TimelineError> {
        Self::check_subject(subject_id, &events)?;
        events.sort_by_key(Event::order);
        for (seq, event) in events.iter_mut().enumerate() {
            let seq = u32::try_from(seq).map_err(|_| TimelineError::TooLong { subject_id })?;
            event.renumber(seq);
        }
        Ok(Self { subject_id, events })
    }

    /// Whose timeline it is.
    pub fn subject_id(&self) -> SubjectId {
        self.subject_id
    }

    /// The events in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Gives the events away, in order.
    pub fn into_events(self) -> Vec<Event> {
        self.events
    }

    /// The static events.
    pub fn static_events(&self) -> &[Event] {
        &self.events[..self.static_len()]
    }

    /// The timed events in order.
    pub fn timed_events(&self) -> &[Event] {
        &self.events[self.static_len()..]
    }

    /// The time of birth, if recorded.
    pub fn birth(&self) -> Option<Timestamp> {
        self.events.iter().find(|event| event.code().is_birth())?.time()
    }

    /// The time of death, if recorded.
    pub fn death(&self) -> Option<Timestamp> {
        self.events.iter().find(|event| event.code().is_death())?.time()
    }

    fn static_len(&self) -> usize {
        self.events.partition_point(|event| event.time().is_none())
    }

    fn check_subject(subject_id: SubjectId, events: &[Event]) -> Result<(), TimelineError> {
        match events.iter().position(|event| event.subject_id() != subject_id) {
            Some(index) => {
                Err(TimelineError::OtherSubject { subject_id, other: events[index].subject_id(), index })
            }
            None => Ok(()),
        }
    }
}

/// Why events make no timeline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimelineError {
    /// An event belongs to someone else.
    #[error("event {index} belongs to subject {other}; permitted: only events of subject {subject_id}")]
    OtherSubject {
        /// The timeline's subject.
        subject_id: SubjectId,
        /// The event's subject.
        other: SubjectId,
        /// Place of the event.
        index: usize,
    },
    /// An event does not come after the one before it.
    #[error(
        "event {index} of subject {subject_id} is out of order; permitted: (time, seq) strictly increasing, static events first"
    )]
    OutOfOrder {
        /// The timeline's subject.
        subject_id: SubjectId,
        /// Place of the later event.
        index: usize,
    },
    /// More events than `seq` can number.
    #[error("subject {subject_id} has too many events; permitted: at most 4294967296")]
    TooLong {
        /// The timeline's subject.
        subject_id: SubjectId,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Code;

    fn event(time_micros: Option<i64>, seq: u32) -> Event {
        let time = time_micros.map(|micros| Timestamp::from_micros(micros).unwrap());
        Event::new(SubjectId::new(1), time, Code::parse("A").unwrap()).with_seq(seq)
    }

    #[test]
    fn regress_ties_need_distinct_seq() {
        let subject = SubjectId::new(1);
        assert!(Timeline::new(subject, vec![event(Some(5), 0), event(Some(5), 1)]).is_ok());
        assert_eq!(
            Timeline::new(subject, vec![event(Some(5), 1), event(Some(5), 1)]),
            Err(TimelineError::OutOfOrder { subject_id: subject, index: 1 })
        );
        assert!(Timeline::new(SubjectId::new(2), vec![event(None, 0)]).is_err());
    }

    proptest! {
        #[test]
        fn law_from_unordered_satisfies_new(
            keys in prop::collection::vec((prop::option::of(0_i64..50), 0_u32..3), 0..40)
        ) {
            let events = keys.iter().map(|(time, seq)| event(*time, *seq)).collect();
            let timeline = Timeline::from_unordered(SubjectId::new(1), events).unwrap();
            prop_assert_eq!(timeline.static_events().len(), keys.iter().filter(|key| key.0.is_none()).count());
            prop_assert!(Timeline::new(SubjectId::new(1), timeline.into_events()).is_ok());
        }
    }
}
