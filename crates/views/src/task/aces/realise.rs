//! Where in the records a configuration holds.

use rayon::prelude::*;
use twinloom_event::{Cohort, SubjectId, Timeline, Timestamp};

use super::configuration::{Configuration, Constraint, Counted, Reference, Side, Step, Window};
use super::counts::Counts;

/// One trigger whose windows all exist and meet their constraints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realisation {
    /// Whose record it is.
    pub subject_id: SubjectId,
    /// When the trigger happened.
    pub trigger: Timestamp,
    /// The prediction time, if the configuration states one.
    pub index_timestamp: Option<Timestamp>,
    /// How often the label's predicate holds in its window, if the configuration states one.
    pub label: Option<u64>,
    /// The windows, in the order of [`Configuration::window_names`].
    pub windows: Vec<WindowSpan>,
}

/// A window of one trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowSpan {
    /// Its start.
    pub start: Timestamp,
    /// Its end.
    pub end: Timestamp,
    /// How often each predicate holds in it, in the order of [`Configuration::predicate_names`].
    pub counts: Vec<u64>,
}

/// Why a subject or a trigger gives no realisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// The subject lacks a demographic asked for.
    Demographics,
    /// The trigger does not happen.
    NoTrigger,
    /// The window, by its place, has no such start or end.
    Unbounded(usize),
    /// The window, by its place, does not hold what it must.
    Constraint(usize),
    /// A window leaves the calendar.
    OutsideCalendar,
}

impl Realisation {
    /// The window of the label, if the configuration states one.
    pub(crate) fn labelled<'a>(&'a self, configuration: &Configuration) -> Option<&'a WindowSpan> {
        configuration.label.map(|(place, _)| &self.windows[place])
    }

    /// Whether what the label counts could be seen at the prediction time already.
    pub(crate) fn label_is_visible(&self, configuration: &Configuration) -> bool {
        let Some(((place, _), seen)) = configuration.label.zip(self.index_timestamp) else { return false };
        let start = self.windows[place].start;
        start < seen || start == seen && configuration.windows[place].start_inclusive
    }
}

impl Configuration {
    /// All realisations in a cohort, by subject then time, those without left out.
    pub fn realisations(&self, cohort: &Cohort) -> Vec<Realisation> {
        let found: Vec<Vec<_>> =
            cohort.timelines().par_iter().map(|timeline| self.triggers(timeline)).collect();
        found.into_iter().flatten().flatten().collect()
    }

    /// What becomes of each trigger of a subject, in order of time; one shortfall if there is none.
    pub fn triggers(&self, timeline: &Timeline) -> Vec<Result<Realisation, Shortfall>> {
        let Some(counts) = Counts::of(self, timeline) else {
            return vec![Err(Shortfall::Demographics)];
        };
        let found: Vec<_> = counts
            .moments_of(self.trigger)
            .map(|trigger| self.realise(&counts, timeline.subject_id(), trigger))
            .collect();
        if found.is_empty() { vec![Err(Shortfall::NoTrigger)] } else { found }
    }

    fn realise(
        &self,
        counts: &Counts,
        subject_id: SubjectId,
        trigger: Timestamp,
    ) -> Result<Realisation, Shortfall> {
        let mut windows: Vec<WindowSpan> = Vec::with_capacity(self.windows.len());
        let mut label = None;
        for (place, window) in self.windows.iter().enumerate() {
            let (start, end) = bounds(window, counts, trigger, &windows, place)?;
            let count =
                |what| counts.between(what, (start, window.start_inclusive), (end, window.end_inclusive));
            for &Constraint { what, least, greatest } in &window.has {
                let found = count(what);
                if least.is_some_and(|least| found < least)
                    || greatest.is_some_and(|greatest| found > greatest)
                {
                    return Err(Shortfall::Constraint(place));
                }
            }
            if let Some((labelled, what)) = self.label
                && labelled == place
            {
                label = Some(count(what));
            }
            let counts = (0..self.predicates.len()).map(|at| count(Counted::Predicate(at))).collect();
            windows.push(WindowSpan { start, end, counts });
        }
        let index_timestamp = self.index_timestamp.map(|(place, side)| windows[place].side(side));
        Ok(Realisation { subject_id, trigger, index_timestamp, label, windows })
    }
}

impl WindowSpan {
    fn side(&self, side: Side) -> Timestamp {
        match side {
            Side::Start => self.start,
            Side::End => self.end,
        }
    }
}

fn bounds(
    window: &Window,
    counts: &Counts,
    trigger: Timestamp,
    earlier: &[WindowSpan],
    place: usize,
) -> Result<(Timestamp, Timestamp), Shortfall> {
    let referred = match window.refers_to {
        Reference::Trigger => trigger,
        Reference::Window(other, side) => earlier[other].side(side),
    };
    // ACES looks for the root strictly beyond what it refers to, and for the other side up to and with
    // what it starts from if that side is inclusive.
    let step = |from: Timestamp, step: Step, inclusive: bool| match step {
        Step::Same => Ok(from),
        Step::After(micros) => from.plus_micros(micros).map_err(|_| Shortfall::OutsideCalendar),
        Step::Next(what) => counts.next(what, from, inclusive).ok_or(Shortfall::Unbounded(place)),
        Step::Last(what) => counts.last(what, from, inclusive).ok_or(Shortfall::Unbounded(place)),
    };
    let root = step(referred, window.approach, false)?;
    match window.root {
        Side::Start => Ok((root, step(root, window.span, window.end_inclusive)?)),
        Side::End => Ok((step(root, window.span, window.start_inclusive)?, root)),
    }
}
