//! Modules compiled to numbers: what the interpreter runs.

mod action;
mod amount;
mod condition;
mod table;
mod transition;

pub(crate) use action::{
    Action, Called, Class, Death, Encounter, End, EndKind, EndOf, ImagingStudy, Observation, Observed, Onset,
    OnsetKind, Order, Plan, Procedure, Reason, Series, Source, Symptom, Telemedicine,
};
pub(crate) use amount::{Amount, Distribution, Shape, TimeUnit};
pub(crate) use condition::{ActiveKind, AgeUnit, Condition, DateTest, Referred, Sex};
pub(crate) use table::{Row, Table, TableColumn};
pub(crate) use transition::{Branch, Probability, Share, Transition};

use crate::names::{HistoryId, MarkId, ModuleId, StateId, TextId};

/// A module file.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    /// Path below the folder without `.json`, the name other modules call it by.
    pub(crate) path: String,
    pub(crate) name: TextId,
    pub(crate) history: HistoryId,
    /// Whether people run it on its own account.
    pub(crate) is_top_level: bool,
    pub(crate) initial: StateId,
    /// Its states: a run of [`StateId`]s.
    pub(crate) first_state: u32,
    pub(crate) state_count: u32,
}

/// A state of a module.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) module: ModuleId,
    pub(crate) name: TextId,
    /// Set when some condition or reason asks for the state by name.
    pub(crate) mark: Option<MarkId>,
    pub(crate) action: Action,
    pub(crate) transition: Transition,
    /// Every state it can lead to, once each.
    pub(crate) targets: Box<[StateId]>,
    /// Number of its first edge among all edges of the library.
    pub(crate) first_edge: u32,
}
