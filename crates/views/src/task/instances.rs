//! Applies a task to a cohort.

use rayon::prelude::*;
use twinloom_event::{
    Attribute, Cohort, Event, EventKind, Label, LabelValue, MICROSECONDS_PER_DAY, Timeline, Timestamp,
};

use super::configured;
use super::definition::{IndexDate, Instance, Moment, Occurrence, Outcome, PredictionWindow, Rule, Task};
use super::report::{Exclusion, TaskReport};
use crate::{Predicate, data_end};

/// The task's instances, by subject then time, with a count of all that was left out and why.
///
/// Exclusions are tried in the order of [`Exclusion`]; only the first that applies is counted.
/// An event dated more coarsely than to the instant counts at the earliest moment it may mean, so that
/// what may have happened before the prediction is never taken for an outcome. Only within a window
/// that an event ends does an outcome count at the latest moment: a death on the day of discharge is
/// no death before discharge unless the discharge says so.
pub fn instances(task: &Task, cohort: &Cohort) -> (Vec<Instance>, TaskReport) {
    let data_end = task.follow_up.data_end.or_else(|| data_end(cohort));
    let parts: Vec<_> = cohort
        .timelines()
        .par_iter()
        .map(|timeline| Application { task, timeline, data_end }.run())
        .collect();
    let mut all = Vec::new();
    let mut report = TaskReport::default();
    for (instances, part) in parts {
        all.extend(instances);
        report.merge(part);
    }
    (all, report)
}

struct Application<'a> {
    task: &'a Task,
    timeline: &'a Timeline,
    data_end: Option<Timestamp>,
}

impl<'a> Application<'a> {
    fn run(&self) -> (Vec<Instance>, TaskReport) {
        if let PredictionWindow::Configured(configuration) = &self.task.window {
            return configured::instances(configuration, self.timeline);
        }
        let mut report = TaskReport { subjects: 1, ..TaskReport::default() };
        let mut instances = Vec::new();
        for trigger in self.chosen_triggers(&mut report) {
            match self.instance(trigger) {
                Ok(instance) => {
                    report.instances += 1;
                    report.positives += u64::from(instance.is_positive());
                    report.comparators += u64::from(instance.comparator.is_some());
                    instances.push(instance);
                }
                Err(exclusion) => report.exclude(exclusion),
            }
        }
        (instances, report)
    }

    fn chosen_triggers(&self, report: &mut TaskReport) -> Vec<&'a Event> {
        let matching: Vec<&Event> = self
            .timeline
            .timed_events()
            .iter()
            .filter(|event| self.task.trigger.predicate.matches(event))
            .collect();
        report.triggers += matching.len() as u64;
        if matching.is_empty() {
            report.exclude(Exclusion::NoTrigger);
        }
        let mut chosen = Vec::new();
        let mut window_end = None;
        for event in matching {
            if !self.is_known_in_time(event) {
                report.exclude(Exclusion::TriggerUnknown);
                continue;
            }
            let admitted = match &self.task.trigger.occurrence {
                Occurrence::Every => Ok(()),
                Occurrence::FirstPerSubject => first(chosen.is_empty()),
                Occurrence::FirstPerWindow { number } => {
                    let number =
                        number.as_deref().and_then(|name| event.attribute(name)).and_then(Attribute::as_text);
                    let end = self.window_end(event);
                    first(number.is_none_or(|number| number == "1") && window_end.replace(end) != Some(end))
                }
                Occurrence::FirstFrom { index, enrolment_days } => {
                    if self.enrols(event, *index, *enrolment_days) {
                        first(chosen.is_empty())
                    } else {
                        Err(Exclusion::OutsideEnrolment)
                    }
                }
            };
            match admitted {
                Ok(()) => chosen.push(event),
                Err(exclusion) => report.exclude(exclusion),
            }
        }
        chosen
    }

    /// Whether a reader of the record knows of the trigger when the prediction is due.
    fn is_known_in_time(&self, trigger: &Event) -> bool {
        let start = self.trigger_moment(trigger);
        let due = start.and_then(|time| time.plus_days(self.task.prediction_delay_days).ok());
        due.is_none_or(|due| trigger.known_time().is_some_and(|known| known <= due))
    }

    /// The moment of the trigger from which its delay is counted, if the record tells it.
    fn trigger_moment(&self, trigger: &Event) -> Option<Timestamp> {
        match self.task.trigger.moment {
            Moment::Start => trigger.time(),
            Moment::EndKnown if trigger.end_time().is_none() && trigger.kind() == EventKind::Encounter => {
                None
            }
            Moment::EndKnown => trigger.end_time().or(trigger.time()).max(trigger.known_time()),
        }
    }

    fn enrols(&self, event: &Event, index: IndexDate, enrolment_days: f64) -> bool {
        let start = match index {
            IndexDate::At(at) => Some(at),
            IndexDate::BeforeDataEnd { days } => self.data_end.and_then(|end| end.plus_days(-days).ok()),
        };
        let Some((start, time)) = start.zip(event.time()) else { return false };
        start <= time && time.days_since(start) <= enrolment_days
    }

    fn instance(&self, trigger: &'a Event) -> Result<Instance, Exclusion> {
        let task = self.task;
        let plus = |at: Timestamp, days: f64| at.plus_days(days).map_err(|_| Exclusion::OutsideCalendar);
        let trigger_time = trigger.time().ok_or(Exclusion::OutsideCalendar)?;
        let moment = self.trigger_moment(trigger).ok_or(Exclusion::EndUnknown)?;
        let prediction_time = plus(moment, task.prediction_delay_days)?;
        let gap_end = plus(prediction_time, task.gap_days)?;
        let death = self.timeline.death();
        let (window_end, outcome_unknown) = match &task.window {
            PredictionWindow::Days(days) => (Some(plus(prediction_time, *days)?), false),
            PredictionWindow::UntilEnd { end, outcome_unknown } => {
                let end = self.closing_event(trigger, end);
                let unknown =
                    |event: &Event| outcome_unknown.as_ref().is_some_and(|known| known.matches(event));
                (end.and_then(Event::time), end.is_some_and(unknown))
            }
            PredictionWindow::OwnEnd { .. } => (self.window_end(trigger), false),
            PredictionWindow::Configured(_) => return Err(Exclusion::EndUnknown),
        };

        if self.timeline.static_events().iter().any(|event| event.code().is_death()) {
            return Err(Exclusion::DeathUndated);
        }
        if death.is_some_and(|death| death <= prediction_time) {
            return Err(Exclusion::DiedBeforePrediction);
        }
        if window_end.is_some_and(|end| end <= prediction_time) {
            return Err(Exclusion::EndedBeforePrediction);
        }
        for rule in &task.required {
            if !self.holds(rule, prediction_time, true) {
                return Err(Exclusion::Required(rule.name.clone()));
            }
        }
        for rule in &task.excluded {
            if self.holds(rule, prediction_time, false) {
                return Err(Exclusion::Excluded(rule.name.clone()));
            }
        }
        let ended = trigger.end_time().unwrap_or(trigger_time);
        if task.trigger.moment == Moment::EndKnown && self.outcome_between(trigger, ended, prediction_time) {
            return Err(Exclusion::OutcomeInGap);
        }
        let outcome_times = self.outcome_times(prediction_time)?;
        if outcome_times.iter().any(|&at| at <= gap_end) {
            return Err(Exclusion::OutcomeInGap);
        }
        let window_end = window_end.ok_or(Exclusion::EndUnknown)?;
        if outcome_unknown {
            return Err(Exclusion::OutcomeUnknown);
        }
        if matches!(task.window, PredictionWindow::Days(_)) && !self.observed_until(window_end, death) {
            return Err(Exclusion::Censored);
        }

        let positive = match task.outcome {
            Outcome::LongerThan { days } => window_end.days_since(trigger_time) > days,
            _ => outcome_times.iter().any(|&at| at <= window_end),
        };
        Ok(Instance {
            label: Label {
                subject_id: self.timeline.subject_id(),
                prediction_time,
                value: LabelValue::Boolean(positive),
            },
            trigger_time,
            window_end,
            encounter_id: trigger.encounter_id().cloned(),
            comparator: self.comparator(trigger),
        })
    }

    /// When the trigger's window ends, if an event ends it.
    fn window_end(&self, trigger: &Event) -> Option<Timestamp> {
        match &self.task.window {
            PredictionWindow::Days(_) | PredictionWindow::Configured(_) => None,
            PredictionWindow::UntilEnd { end, .. } => self.closing_event(trigger, end)?.time(),
            PredictionWindow::OwnEnd { end } => {
                trigger.end_time().or_else(|| self.closing_event(trigger, end)?.time())
            }
        }
    }

    /// The event that ends the trigger's encounter, or a death if that comes first.
    fn closing_event(&self, trigger: &Event, end: &Predicate) -> Option<&'a Event> {
        let timed = self.timeline.timed_events();
        let since = &timed[timed.partition_point(|event| event.time() < trigger.time())..];
        let mut closing = since.iter().filter(|event| end.matches(event));
        let own = closing
            .clone()
            .find(|event| event.encounter_id().is_some() && event.encounter_id() == trigger.encounter_id());
        let closing = own.or_else(|| closing.next());
        let death = since.iter().find(|event| event.code().is_death());
        match (closing, death) {
            (Some(closing), Some(death)) if latest_time(death) < closing.time() => Some(death),
            (closing, death) => closing.or(death),
        }
    }

    /// Whether such an event happened (`known`: and was on record) by the prediction time.
    fn holds(&self, rule: &Rule, prediction_time: Timestamp, known: bool) -> bool {
        self.timeline.timed_events().iter().any(|event| {
            let at = if known { event.known_time() } else { event.time() };
            at.is_some_and(|at| {
                at <= prediction_time
                    && rule.within_days.is_none_or(|days| prediction_time.days_since(at) <= days)
            }) && rule.predicate.matches(event)
        })
    }

    /// When the outcome happened after the prediction time, in order.
    fn outcome_times(&self, prediction_time: Timestamp) -> Result<Vec<Timestamp>, Exclusion> {
        let timed = self.timeline.timed_events();
        let later = timed.partition_point(|event| event.time() <= Some(prediction_time));
        match &self.task.outcome {
            Outcome::Any(predicate) => Ok(timed[later..]
                .iter()
                .filter(|event| predicate.matches(event))
                .filter_map(|event| match self.task.window {
                    PredictionWindow::Days(_) | PredictionWindow::Configured(_) => event.time(),
                    PredictionWindow::UntilEnd { .. } | PredictionWindow::OwnEnd { .. } => latest_time(event),
                })
                .collect()),
            Outcome::FirstEver(groups) => {
                let states = |events: &[Event], group: &crate::task::ConditionGroup| {
                    events.iter().find(|event| group.codes.matches(event)).and_then(Event::time)
                };
                let (before, after) = timed.split_at(later);
                let absent: Vec<_> = groups.iter().filter(|group| states(before, group).is_none()).collect();
                if absent.is_empty() {
                    return Err(Exclusion::OutcomeAlready);
                }
                let mut times: Vec<_> = absent.into_iter().filter_map(|group| states(after, group)).collect();
                times.sort_unstable();
                Ok(times)
            }
            Outcome::NextOf(groups) => {
                let next = next_diagnoses(&timed[later..]);
                let sought = |event: &&Event| {
                    groups.is_empty() || groups.iter().any(|group| group.codes.matches(event))
                };
                Ok(next.iter().copied().filter(sought).filter_map(Event::time).collect())
            }
            Outcome::LongerThan { .. } => Ok(Vec::new()),
        }
    }

    /// Whether an outcome other than the trigger happened between two moments, both included.
    fn outcome_between(&self, trigger: &Event, from: Timestamp, until: Timestamp) -> bool {
        let Outcome::Any(predicate) = &self.task.outcome else { return false };
        let timed = self.timeline.timed_events();
        let first = timed.partition_point(|event| event.time() < Some(from));
        timed[first..]
            .iter()
            .take_while(|event| event.time() <= Some(until))
            .any(|event| !std::ptr::eq(event, trigger) && predicate.matches(event))
    }

    /// Whether the record would tell of an outcome up to the window's end, or to a death before it.
    fn observed_until(&self, window_end: Timestamp, death: Option<Timestamp>) -> bool {
        if self.data_end.is_none_or(|end| end < window_end) {
            return false;
        }
        let Some(days) = self.task.follow_up.permitted_silence_days else {
            return true;
        };
        // A death tells of itself, not of contact: counting it would keep the dead among the silent.
        let mut contacts = self.timeline.timed_events().iter().filter(|event| !event.code().is_death());
        let observed_end = death.map_or(window_end, |death| death.min(window_end));
        contacts.next_back().and_then(Event::time).is_some_and(|last| {
            (observed_end.micros() - last.micros()) as f64 <= days * MICROSECONDS_PER_DAY as f64
        })
    }

    fn comparator(&self, trigger: &Event) -> Option<f64> {
        let comparator = self.task.comparator.as_ref()?;
        self.timeline
            .events()
            .iter()
            .filter(|event| event.encounter_id() == trigger.encounter_id() && comparator.codes.matches(event))
            .filter_map(Event::numeric_value)
            .find(|value| (0.0..=1.0).contains(value))
    }
}

fn first(is_first: bool) -> Result<(), Exclusion> {
    if is_first { Ok(()) } else { Err(Exclusion::NotFirst) }
}

/// The diagnoses of the first day on which any is recorded.
pub(super) fn next_diagnoses(events: &[Event]) -> Vec<&Event> {
    let day = |event: &Event| event.time().map(|time| time.micros().div_euclid(MICROSECONDS_PER_DAY));
    let mut diagnoses = events.iter().filter(|event| event.kind() == EventKind::Condition).peekable();
    let first = diagnoses.peek().and_then(|event| day(event));
    diagnoses.take_while(|event| day(event) == first).collect()
}

fn latest_time(event: &Event) -> Option<Timestamp> {
    event.time().map(|time| event.time_precision().latest(time))
}
