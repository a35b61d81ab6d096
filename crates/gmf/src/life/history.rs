//! What a module has gone through for a person.
//!
//! The Java engine keeps a list of states and searches it. Here a history keeps, of every state that
//! some condition asks for, the last visit: its place and when it was left.

use crate::names::{MarkId, StateId};

/// The last visit of a state that conditions ask for.
#[derive(Clone, Copy, Debug)]
struct Mark {
    name: MarkId,
    place: u32,
    exited_ms: Option<i64>,
}

/// An onset that waits for its encounter, and its entry's attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) onset: StateId,
}

/// A module's history.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) is_active: bool,
    state: u32,
    pub(crate) entered_ms: Option<i64>,
    pub(crate) exited_ms: Option<i64>,
    /// When a Delay or Procedure ends.
    pub(crate) next_ms: Option<i64>,
    length: u32,
    marks: Vec<Mark>,
    /// Whether the current state has a mark.
    is_marked: bool,
    pub(crate) pending: Vec<Pending>,
    /// Top-level modules that wait inside it, by place modulo 128.
    pub(crate) users: u128,
}

impl History {
    pub(crate) fn clear(&mut self) {
        self.is_active = false;
        self.entered_ms = None;
        self.exited_ms = None;
        self.next_ms = None;
        self.length = 0;
        self.marks.clear();
        self.pending.clear();
        self.users = 0;
    }

    pub(crate) fn state(&self) -> StateId {
        StateId(self.state)
    }

    /// Enters a state.
    pub(crate) fn enter(&mut self, state: StateId, mark: Option<MarkId>) {
        self.is_active = true;
        self.state = state.0;
        self.entered_ms = None;
        self.exited_ms = None;
        self.next_ms = None;
        self.length += 1;
        self.is_marked = mark.is_some();
        if let Some(mark) = mark {
            self.note(Mark { name: mark, place: self.length, exited_ms: None });
        }
    }

    /// Leaves the current state.
    pub(crate) fn exit(&mut self, time_ms: i64) {
        self.exited_ms = Some(time_ms);
        let length = self.length;
        if !self.is_marked {
            return;
        }
        if let Some(mark) = self.marks.iter_mut().find(|mark| mark.place == length) {
            mark.exited_ms = Some(time_ms);
        }
    }

    /// Takes over a submodule's history, then the calling state once more, as the engine does.
    pub(crate) fn absorb(&mut self, submodule: &History, call: Option<MarkId>) {
        for mark in &submodule.marks {
            self.note(Mark { place: self.length + mark.place, ..*mark });
        }
        self.length += submodule.length + 1;
        self.pending.extend(&submodule.pending);
        self.is_marked = call.is_some();
        if let Some(call) = call {
            self.note(Mark { name: call, place: self.length, exited_ms: None });
        }
    }

    /// Whether a state was visited, after the last visit of another and not left before a time.
    pub(crate) fn had(&self, name: MarkId, since: Option<MarkId>, after_ms: Option<i64>) -> bool {
        let find = |name| self.marks.iter().find(|mark: &&Mark| mark.name == name);
        let Some(mark) = find(name) else { return false };
        if since.and_then(find).is_some_and(|since| since.place >= mark.place) {
            return false;
        }
        match (after_ms, mark.exited_ms) {
            (Some(after_ms), Some(exited_ms)) => exited_ms > after_ms,
            _ => true,
        }
    }

    fn note(&mut self, mark: Mark) {
        match self.marks.iter_mut().find(|known| known.name == mark.name) {
            Some(known) => *known = mark,
            None => self.marks.push(mark),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: MarkId = MarkId(1);
    const B: MarkId = MarkId(2);

    #[test]
    fn regress_prior_states_since_and_within() {
        let mut history = History::default();
        history.enter(StateId(0), Some(A));
        assert!(history.had(A, None, Some(5)));
        history.exit(10);
        history.enter(StateId(1), Some(B));
        assert!(history.had(A, None, Some(9)) && !history.had(A, None, Some(10)));
        assert!(!history.had(A, Some(B), None) && history.had(B, Some(A), None));
        assert!(!history.had(A, Some(A), None) && !history.had(MarkId(3), None, None));
    }

    #[test]
    fn regress_a_submodules_states_are_remembered_after_it_returns() {
        let (mut caller, mut called) = (History::default(), History::default());
        caller.enter(StateId(5), Some(A));
        called.enter(StateId(7), Some(B));
        called.exit(3);
        assert!(!caller.had(B, None, None));
        caller.absorb(&called, Some(A));
        assert!(caller.had(B, None, None) && caller.had(A, Some(B), None));
        caller.exit(4);
        assert!(!caller.had(A, None, Some(4)));
    }
}
