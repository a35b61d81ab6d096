//! Conditions and their numbers.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// A condition of one set of people, by its place among their names in alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ConditionId(pub(crate) u32);

impl ConditionId {
    /// The place, from 0.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for ConditionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// The names of the conditions, distinct and in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    names: Vec<Arc<str>>,
}

impl Conditions {
    /// Conditions of the given names, sorted, without repeats.
    pub(crate) fn of(mut names: Vec<Arc<str>>) -> Self {
        names.sort_unstable();
        names.dedup();
        Self { names }
    }

    /// Number of conditions.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// A condition's name.
    ///
    /// # Panics
    /// When the id is of other people's conditions and lies past the end.
    pub fn name(&self, condition: ConditionId) -> &str {
        &self.names[condition.index()]
    }

    /// The condition of a name.
    pub fn find(&self, name: &str) -> Option<ConditionId> {
        self.names.binary_search_by(|known| (**known).cmp(name)).ok().map(|place| ConditionId(place as u32))
    }

    /// Every condition in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = ConditionId> + use<> {
        (0..self.names.len() as u32).map(ConditionId)
    }

    /// Every name in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}
