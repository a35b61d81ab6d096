//! One subject's clock and plan queue.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Moment;

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

/// A subject's demand on a shared service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// When it was made.
    pub at: Moment,
    /// Who made it.
    pub subject: u64,
    /// Number within the subject.
    pub sequence: u32,
    /// The service asked.
    pub service: u16,
    /// The process that asked and will be woken by the answer.
    pub process: u16,
    /// What the process wrote down for itself.
    pub note: u32,
}

/// One subject's clock, plans and unsent requests.
#[derive(Debug)]
pub struct Context {
    subject: u64,
    now: Moment,
    end: Moment,
    next_sequence: u32,
    queue: BinaryHeap<Reverse<Plan>>,
    requests: Vec<Request>,
}

impl Context {
    /// A clock that stands before everything and stops at `end`.
    pub fn new(subject: u64, end: Moment) -> Self {
        Self {
            subject,
            now: Moment::EVER,
            end,
            next_sequence: 0,
            queue: BinaryHeap::new(),
            requests: Vec::new(),
        }
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

    /// Asks a shared service; the answer wakes the process.
    pub fn request(&mut self, service: u16, process: u16, note: u32) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.requests.push(Request { at: self.now, subject: self.subject, sequence, service, process, note });
    }

    /// Ends the subject's run: no plan is carried out at or after now.
    pub fn stop(&mut self) {
        self.end = self.now;
        self.queue.clear();
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

    pub(crate) fn next_time(&self) -> Option<Moment> {
        self.queue.peek().map(|Reverse(plan)| plan.at)
    }

    pub(crate) fn take_requests(&mut self) -> std::vec::Drain<'_, Request> {
        self.requests.drain(..)
    }
}
