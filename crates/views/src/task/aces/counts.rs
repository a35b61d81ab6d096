//! What happened at each moment of a record, counted so that any window is two look-ups.

use twinloom_event::{Timeline, Timestamp};

use super::configuration::{Configuration, Counted};
use super::predicate::Form;

/// The distinct moments of a record, in order, and running counts of each predicate.
pub(super) struct Counts {
    moments: Vec<i64>,
    /// By predicate: how many before each moment, and at the end how many in all.
    running: Vec<Vec<u64>>,
}

impl Counts {
    /// Counts a record; `None` if the subject lacks a demographic that the configuration asks for.
    pub(super) fn of(configuration: &Configuration, timeline: &Timeline) -> Option<Self> {
        let stated: Vec<bool> = configuration
            .predicates
            .iter()
            .map(|predicate| match &predicate.form {
                Form::Plain(plain) if predicate.is_static => {
                    timeline.static_events().iter().any(|event| plain.matches(event))
                }
                _ => false,
            })
            .collect();
        let lacks = |(at, holds): (usize, &bool)| configuration.predicates[at].is_static && !holds;
        if stated.iter().enumerate().any(lacks) {
            return None;
        }
        let (mut moments, mut at_moment) = (Vec::new(), vec![0_u64; configuration.predicates.len()]);
        let mut running = vec![vec![0_u64]; configuration.predicates.len()];
        for events in timeline.timed_events().chunk_by(|left, right| left.time() == right.time()) {
            let Some(time) = events[0].time() else { continue };
            moments.push(time.micros());
            for (at, predicate) in configuration.predicates.iter().enumerate() {
                at_moment[at] = match &predicate.form {
                    Form::Plain(_) if predicate.is_static => u64::from(stated[at]),
                    Form::Plain(plain) => events.iter().filter(|event| plain.matches(event)).count() as u64,
                    Form::And(operands) => u64::from(operands.iter().all(|&operand| at_moment[operand] > 0)),
                    Form::Or(operands) => u64::from(operands.iter().any(|&operand| at_moment[operand] > 0)),
                };
                let before = running[at].last().copied().unwrap_or(0);
                running[at].push(before + at_moment[at]);
            }
        }
        Some(Self { moments, running })
    }

    /// The moments at which something is counted.
    pub(super) fn moments_of(&self, what: Counted) -> impl Iterator<Item = Timestamp> {
        (0..self.moments.len())
            .filter(move |&at| self.count(what, at, at + 1) > 0)
            .filter_map(|at| self.time(at))
    }

    /// The first such moment after `from`, or at it if `inclusive`.
    pub(super) fn next(&self, what: Counted, from: Timestamp, inclusive: bool) -> Option<Timestamp> {
        let first = self.place(from, !inclusive);
        (first..self.moments.len()).find(|&at| self.count(what, at, at + 1) > 0).and_then(|at| self.time(at))
    }

    /// The last such moment before `from`, or at it if `inclusive`.
    pub(super) fn last(&self, what: Counted, from: Timestamp, inclusive: bool) -> Option<Timestamp> {
        let end = self.place(from, inclusive);
        (0..end).rev().find(|&at| self.count(what, at, at + 1) > 0).and_then(|at| self.time(at))
    }

    /// How many between two moments, each included or not.
    pub(super) fn between(&self, what: Counted, start: (Timestamp, bool), end: (Timestamp, bool)) -> u64 {
        let (first, past) = (self.place(start.0, !start.1), self.place(end.0, end.1));
        if first < past { self.count(what, first, past) } else { 0 }
    }

    /// How many moments lie before `time`, or also at it.
    fn place(&self, time: Timestamp, also_at: bool) -> usize {
        self.moments.partition_point(|&at| at < time.micros() || also_at && at == time.micros())
    }

    fn count(&self, what: Counted, first: usize, past: usize) -> u64 {
        match what {
            Counted::Predicate(at) => self.running[at][past] - self.running[at][first],
            Counted::AnyEvent => (past - first) as u64,
            Counted::RecordStart => u64::from(first == 0),
            Counted::RecordEnd => u64::from(past == self.moments.len()),
        }
    }

    fn time(&self, at: usize) -> Option<Timestamp> {
        Timestamp::from_micros(self.moments[at]).ok()
    }
}
