//! Running a module: state after state until one waits.
//!
//! # Source
//! Synthea's `Module.process` and `State.run`. The heart is the rewind: a state that ended before the
//! present (a Delay or Procedure that expired since last week, or a submodule that did) hands over at
//! the instant it ended, the module goes on from there, and then again at the present.

use crate::ir::{Action, Called};
use crate::life::{Halt, History, Life};
use crate::names::{HistoryId, ModuleId, StateId};

/// What a state says after it ran.
pub(crate) enum Outcome {
    /// It waits.
    Wait,
    /// It is over, at this time.
    Left(i64),
}

impl Life<'_> {
    /// Runs a top-level module for a week; gives whether it is over for good.
    pub(crate) fn run_module(&mut self, top: usize, time_ms: i64) -> bool {
        self.steps = 0;
        let module = self.library.top_level[top];
        match self.process(module, top, time_ms) {
            Ok(is_over) => is_over,
            Err(halt) => {
                self.halts.push(halt);
                self.visited[top] = None;
                true
            }
        }
    }

    fn process(&mut self, module: ModuleId, top: usize, time_ms: i64) -> Result<bool, Halt> {
        if !self.is_alive(time_ms) {
            return Ok(true);
        }
        let library = self.library;
        self.visited[top].get_or_insert(false);
        let history = library.module(module).history;
        if !self.histories[history.index()].is_active {
            self.enter(history, library.module(module).initial);
        }
        while self.is_alive(time_ms) {
            let entered_ms = *self.histories[history.index()].entered_ms.get_or_insert(time_ms);
            let state = self.histories[history.index()].state();
            let Outcome::Left(exited_ms) = self.perform(state, history, top, time_ms)? else {
                if matches!(library.state(state).action, Action::Terminal) {
                    self.histories[history.index()].exit(time_ms);
                }
                break;
            };
            self.histories[history.index()].exit(exited_ms);
            let Some(target) = self.follow(&library.state(state).transition, history, top, time_ms) else {
                break;
            };
            self.visits.leave(library, state, target, exited_ms - entered_ms);
            self.enter(history, target);
            self.steps += 1;
            if self.steps > self.terms.step_cap {
                return Err(Halt { state });
            }
            if self.is_delayed(target, history, top, exited_ms) {
                if exited_ms < time_ms {
                    self.visited[top].get_or_insert(false);
                }
                continue;
            }
            // The rewind: the module goes on at the instant the state ended.
            if exited_ms < time_ms && (!self.is_alive(exited_ms) || self.process(module, top, exited_ms)?) {
                return Ok(true);
            }
        }
        let state = self.histories[history.index()].state();
        Ok(matches!(library.state(state).action, Action::Terminal))
    }

    /// A Delay that begins in the past does nothing then but to set its end: that is done here, and the
    /// rewind, which would come back at once, is spared. One of no length takes the ordinary way.
    fn is_delayed(&mut self, state: StateId, history: HistoryId, top: usize, time_ms: i64) -> bool {
        let Action::Delay(amount) = &self.library.state(state).action else { return false };
        if !self.is_alive(time_ms) {
            return false;
        }
        let next_ms = time_ms.saturating_add(amount.draw_ms(&mut self.streams[top]));
        let history = &mut self.histories[history.index()];
        history.entered_ms = Some(time_ms);
        history.next_ms = Some(next_ms.max(time_ms));
        next_ms > time_ms
    }

    fn enter(&mut self, history: HistoryId, state: StateId) {
        let mark = self.library.state(state).mark;
        self.histories[history.index()].enter(state, mark);
        self.visits.enter(state);
    }

    /// Runs a submodule; it is over when its Terminal was reached or the person died inside it.
    pub(crate) fn call(
        &mut self,
        called: Called,
        caller: HistoryId,
        top: usize,
        time_ms: i64,
    ) -> Result<Outcome, Halt> {
        let history = self.library.module(called.0).history;
        let others = self.histories[history.index()].users & !user(top);
        let is_over = self.process(called.0, top, time_ms)?;
        if others != 0 {
            self.wake_users(others);
        }
        if !is_over {
            self.histories[history.index()].users |= user(top);
            return Ok(Outcome::Wait);
        }
        let exited_ms = self.histories[history.index()].exited_ms.unwrap_or(time_ms);
        let mut returned = std::mem::take(&mut self.histories[history.index()]);
        let call = self.library.state(self.histories[caller.index()].state()).mark;
        self.histories[caller.index()].absorb(&returned, call);
        returned.clear();
        self.histories[history.index()] = returned;
        Ok(Outcome::Left(exited_ms))
    }

    /// The state in which a module stands, inside its submodules.
    pub(crate) fn innermost(&self, top: usize) -> (StateId, HistoryId) {
        let mut module = self.library.top_level[top];
        loop {
            let id = self.library.module(module).history;
            let history: &History = &self.histories[id.index()];
            let state = history.state();
            match &self.library.state(state).action {
                Action::CallSubmodule(called)
                    if self.histories[self.library.module(called.0).history.index()].is_active =>
                {
                    module = called.0;
                }
                _ => return (state, id),
            }
        }
    }
}

/// The bit of a top-level module in a shared history.
pub(crate) fn user(top: usize) -> u128 {
    1 << (top % 128)
}
