//! One subject's clock and plan queue.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Moment;
use crate::supply::{Answer, Demand, Outcome};

/// Something due: which process is to be woken, when, and with what note to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Plan {
    /// When.
    pub at: Moment,
    /// Number of the plan within its subject; breaks ties in order of scheduling.
    pub sequence: u32,
    /// The process to wake.
    pub process: u16,
    /// What the process wrote down for itself.
    pub note: u32,
}

/// Something about a subject that may touch others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal {
    /// When.
    pub at: Moment,
    /// Whose.
    pub subject: u64,
    /// What, in the model's words.
    pub what: u32,
}

/// The note of a plan that carries a service's answer.
pub const ANSWERED: u32 = u32::MAX;

/// One subject's clock, plans, unsent demands and answers under way.
#[derive(Clone, Debug)]
pub struct Context {
    subject: u64,
    now: Moment,
    end: Moment,
    /// Before it the subject lives alone and nothing is asked of services.
    served_from: Moment,
    next_sequence: u32,
    queue: BinaryHeap<Reverse<Plan>>,
    demands: Vec<Demand>,
    answers: Vec<(u32, Answer)>,
    signals: Vec<Signal>,
    stopped: bool,
}

impl Context {
    /// A clock that stands before everything and stops at `end`; services answer from `served_from` on.
    pub fn new(subject: u64, served_from: Moment, end: Moment) -> Self {
        Self {
            subject,
            now: Moment::EVER,
            end,
            served_from,
            next_sequence: 0,
            queue: BinaryHeap::new(),
            demands: Vec::new(),
            answers: Vec::new(),
            signals: Vec::new(),
            stopped: false,
        }
    }

    /// Whether services answer now.
    pub fn is_served(&self) -> bool {
        self.now >= self.served_from
    }

    /// Whose clock it is.
    pub fn subject(&self) -> u64 {
        self.subject
    }

    /// The time of the plan being carried out.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The time at which nothing happens any more.
    pub fn end(&self) -> Moment {
        self.end
    }

    /// Plans to wake a process; a time in the past means now. Returns the plan's sequence.
    pub fn schedule(&mut self, at: Moment, process: u16, note: u32) -> u32 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let at = at.max(self.now);
        if at < self.end {
            self.queue.push(Reverse(Plan { at, sequence, process, note }));
        }
        sequence
    }

    /// Plans to wake a process, no sooner than `border`.
    pub(crate) fn schedule_from(&mut self, border: Moment, at: Moment, process: u16, note: u32) -> u32 {
        self.schedule(at.max(border), process, note)
    }

    /// Asks a service; `make` gets the demand's sequence, by which its answer is known.
    pub fn demand(&mut self, make: impl FnOnce(u32) -> Demand) -> u32 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.demands.push(make(sequence));
        sequence
    }

    /// Takes in a service's answer, which wakes the process that asked no sooner than `border`.
    pub(crate) fn answer(&mut self, answer: Answer, border: Moment) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let at = answer.wake.max(border);
        if at < self.end {
            self.queue.push(Reverse(Plan { at, sequence, process: answer.process, note: ANSWERED }));
            self.answers.push((sequence, answer));
        }
    }

    /// The answer that a plan with the note [`ANSWERED`] carries: the demand's sequence and what came of it.
    pub fn take_answer(&mut self, plan: &Plan) -> Option<(u32, Outcome)> {
        let place = self.answers.iter().position(|(sequence, _)| *sequence == plan.sequence)?;
        let (_, answer) = self.answers.swap_remove(place);
        Some((answer.sequence, answer.outcome))
    }

    /// Sets the clock forward to a moment before which nothing is due.
    pub(crate) fn jump(&mut self, at: Moment) {
        self.now = self.now.max(at);
    }

    /// Tells the model of something that may touch others.
    pub fn signal(&mut self, what: u32) {
        self.signals.push(Signal { at: self.now, subject: self.subject, what });
    }

    /// Ends the subject's run: no plan is carried out at or after now.
    pub fn stop(&mut self) {
        self.end = self.now;
        self.queue = BinaryHeap::new();
        self.answers = Vec::new();
        self.stopped = true;
    }

    /// Takes the next plan before `until` and sets the clock to it.
    pub(crate) fn next_before(&mut self, until: Moment) -> Option<Plan> {
        let Reverse(plan) = self.queue.peek()?;
        if plan.at >= until.min(self.end) {
            return None;
        }
        let Reverse(plan) = self.queue.pop()?;
        self.now = plan.at;
        Some(plan)
    }

    /// When something is next due; never, when nothing is.
    pub(crate) fn next_time(&self) -> Moment {
        self.queue.peek().map_or(Moment::NEVER, |Reverse(plan)| plan.at)
    }

    /// Whether the subject has something for others.
    pub(crate) fn has_post(&self) -> bool {
        !self.demands.is_empty() || !self.signals.is_empty() || self.stopped
    }

    pub(crate) fn take_signals(&mut self) -> std::vec::Drain<'_, Signal> {
        self.signals.drain(..)
    }

    /// When the subject's run was ended, told once.
    pub(crate) fn take_stopped(&mut self) -> Option<Moment> {
        std::mem::take(&mut self.stopped).then_some(self.now)
    }

    pub(crate) fn take_demands(&mut self) -> std::vec::Drain<'_, Demand> {
        self.demands.drain(..)
    }
}
