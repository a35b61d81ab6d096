//! Reads a study's people one after the other, without holding them all.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use twinloom_event::{Concept, Entity, Event, Link, SubjectId, Timeline, Timestamp};
use twinloom_records::meds::{self, MedsError};
use twinloom_records::{Sink, SinkError};
use twinloom_twin::validation::Recorded;

use crate::failure::BadInput;

/// Hands over the timeline of each subject of a MEDS root, in the order of its files.
pub(crate) fn each_timeline(root: &Path, receive: impl FnMut(Timeline)) -> Result<()> {
    let mut sink = BySubject { events: Vec::new(), receive };
    let read = meds::import(root, &mut sink, &mut |_| {});
    match read {
        Ok(_) => {}
        Err(error @ MedsError::Sink(_)) => return Err(error.into()),
        Err(error) => {
            return Err(BadInput::from_chain(&anyhow::Error::from(error)).into());
        }
    }
    sink.flush().with_context(|| format!("{} can't be read", root.display()))
}

/// The practice's register of each subject at a time, from the record that the study imported.
pub(crate) fn registers(events: &Path, at: Timestamp) -> Result<BTreeMap<SubjectId, Recorded>> {
    let mut registers = BTreeMap::new();
    each_timeline(events, |timeline| {
        registers.insert(timeline.subject_id(), Recorded::of(&timeline, at));
    })?;
    Ok(registers)
}

/// Gathers events until the next subject begins.
struct BySubject<F> {
    events: Vec<Event>,
    receive: F,
}

impl<F: FnMut(Timeline)> BySubject<F> {
    fn flush(&mut self) -> Result<(), SinkError> {
        if let Some(first) = self.events.first() {
            let timeline = Timeline::from_unordered(first.subject_id(), std::mem::take(&mut self.events))?;
            (self.receive)(timeline);
        }
        Ok(())
    }
}

impl<F: FnMut(Timeline)> Sink for BySubject<F> {
    fn subject(&mut self, _: SubjectId, _: &str) -> Result<(), SinkError> {
        Ok(())
    }

    fn event(&mut self, event: Event) -> Result<(), SinkError> {
        if self.events.first().is_some_and(|first| first.subject_id() != event.subject_id()) {
            self.flush()?;
        }
        self.events.push(event);
        Ok(())
    }

    fn link(&mut self, _: Link) -> Result<(), SinkError> {
        Ok(())
    }

    fn entity(&mut self, _: Entity) -> Result<(), SinkError> {
        Ok(())
    }

    fn concept(&mut self, _: Concept) -> Result<(), SinkError> {
        Ok(())
    }
}
