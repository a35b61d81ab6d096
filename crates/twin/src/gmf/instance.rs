//! One module's place in one person's life.

use crate::contact::Service;
use crate::engine::{Context, Moment};
use crate::patient::{CodeId, Fact, FactKind, TestTimes};
use crate::stream::Stream;

use super::Topics;

/// A module under way in one person.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing of the contact under way")]
pub(crate) struct Instance {
    /// The process woken, 1 for the first module.
    pub(super) process: u16,
    /// Module and state, the called submodule last.
    pub(super) stack: Vec<(u16, u16)>,
    pub(super) waiting: Waiting,
    /// The plan or the demand that may wake it; others are stale.
    pub(super) plan: u32,
    /// What a guard or a rate that it waits at reads.
    pub(super) topics: Topics,
    pub(super) encounter: Option<u32>,
    /// The referral of the outpatient contact that it waits for.
    pub(super) referral: Option<u32>,
    /// The appointment that it waits to begin.
    pub(super) slot: Option<Slot>,
    /// The service that takes over from one that could not offer a contact.
    pub(super) instead: Option<Service>,
    /// The test whose result its state is about to write.
    pub(super) test: Option<TestTimes>,
    /// When it first asked for the contact that it wants or had last.
    pub(super) asked: Moment,
    /// How often the contact that it wants has failed.
    pub(super) misses: u8,
    /// A contact that never took place is passed over: nothing is done until its end.
    pub(super) skipping: bool,
    /// Whether the hospital will write after the contact.
    pub(super) writes_letter: bool,
    /// The module's last contact was an emergency attendance.
    pub(super) came_by_emergency: bool,
    /// When the letter of its last hospital contact arrives.
    pub(super) letter_due: Moment,
    pub(super) stream: Stream,
    pub(crate) halted: bool,
}

/// What a module waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Waiting {
    /// A plan.
    Delay,
    Guard,
    /// An accumulated hazard of `budget` more, at `rate_per_day` since `since`.
    Hazard {
        budget: f64,
        rate_per_day: f64,
        since: Moment,
    },
    /// A contact that begins when its plan comes up.
    Contact,
    /// A service's answer about a contact.
    Answer,
    /// Until it asks again for a contact that nobody could offer.
    AskAgain,
    /// The day on which the person leaves the bed.
    Discharge,
    /// A test's result, ordered then: its plan, or the service's answer.
    Test(Moment),
    /// A letter.
    Letter,
    Finished,
}

/// An appointment that a service gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slot {
    pub(super) booked: Moment,
    pub(super) start: Moment,
    pub(super) called: Moment,
    pub(super) minutes: u16,
    pub(super) clinician: u16,
}

impl Instance {
    pub(crate) fn new(process: u16, module: u16, initial: u16, stream: Stream) -> Self {
        Self {
            process,
            stack: vec![(module, initial)],
            waiting: Waiting::Delay,
            plan: 0,
            topics: Topics::default(),
            encounter: None,
            referral: None,
            slot: None,
            instead: None,
            test: None,
            asked: Moment::EVER,
            misses: 0,
            skipping: false,
            writes_letter: false,
            came_by_emergency: false,
            letter_due: Moment::EVER,
            stream,
            halted: false,
        }
    }

    /// The plan that starts the module.
    pub(crate) fn start(&mut self, at: Moment, context: &mut Context) {
        self.plan = context.schedule(at, self.process, 0);
    }

    pub(super) fn is_finished(&self) -> bool {
        self.waiting == Waiting::Finished
    }

    pub(super) fn halt(&mut self) {
        self.waiting = Waiting::Finished;
        self.halted = true;
    }

    pub(super) fn fact(&self, kind: FactKind, artefact: u32, code: CodeId, now: Moment) -> Fact {
        Fact { encounter: self.encounter, ..Fact::new(kind, artefact, self.process, code, now) }
    }
}
