//! What people are, apart from their conditions: sex, age band, deprivation fifth, area, year.

use std::sync::Arc;

/// A categorical trait of every person, for strata and for standardisation.
///
/// # Shapes
/// One entry per person, in the order of the people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trait {
    name: Arc<str>,
    levels: Vec<Arc<str>>,
    of_person: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

impl Trait {
    /// A trait from each person's level; `None` where it is not known.
    ///
    /// Levels are sorted, so that their order does not depend on the people's.
    ///
    /// # Errors
    /// [`TraitError::EmptyName`] when the name is empty.
    pub fn new<'a>(
        name: &str,
        values: impl IntoIterator<Item = Option<&'a str>>,
    ) -> Result<Self, TraitError> {
        if name.is_empty() {
            return Err(TraitError::EmptyName);
        }
        let values: Vec<Option<&str>> = values.into_iter().collect();
        let mut levels: Vec<&str> = values.iter().flatten().copied().collect();
        levels.sort_unstable();
        levels.dedup();
        let place = |value: &&str| levels.binary_search(value).map_or(UNKNOWN, |place| place as u32);
        let of_person = values.iter().map(|value| value.as_ref().map_or(UNKNOWN, place)).collect();
        let levels = levels.into_iter().map(Arc::from).collect();
        Ok(Self { name: name.into(), levels, of_person })
    }

    /// The trait of some of the people, its levels unchanged.
    pub(crate) fn of_people(&self, chosen: &[usize]) -> Self {
        Self { of_person: chosen.iter().map(|person| self.of_person[*person]).collect(), ..self.clone() }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The levels in order.
    pub fn levels(&self) -> &[Arc<str>] {
        &self.levels
    }

    /// Number of people it is stated for, known or not.
    pub fn len(&self) -> usize {
        self.of_person.len()
    }

    /// Whether there are no people.
    pub fn is_empty(&self) -> bool {
        self.of_person.is_empty()
    }

    /// The place of a person's level among the levels; `None` where it is not known.
    pub fn level_of(&self, person: usize) -> Option<usize> {
        self.of_person.get(person).filter(|level| **level != UNKNOWN).map(|level| *level as usize)
    }
}

/// Why a trait can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraitError {
    /// A trait needs a name.
    #[error("a trait has an empty name; permitted: at least one character")]
    EmptyName,
    /// Another number of people.
    #[error("trait {name} is stated for {found} people; permitted: {people}, as many as there are")]
    OtherPeople {
        /// The trait's name.
        name: Arc<str>,
        /// The people it is stated for.
        found: usize,
        /// The people there are.
        people: usize,
    },
    /// No trait of that name.
    #[error("no trait is called {name}; permitted: {permitted}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        permitted: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_levels_are_sorted_and_unknowns_kept() {
        let sex =
            Trait::new("sex", [Some("male"), None, Some("female"), Some("male")]).expect("it has a name");
        let levels: Vec<&str> = sex.levels().iter().map(|level| &**level).collect();
        assert_eq!(levels, ["female", "male"]);
        let found: Vec<Option<usize>> = (0..5).map(|person| sex.level_of(person)).collect();
        assert_eq!(found, [Some(1), None, Some(0), Some(1), None]);
        assert_eq!(Trait::new("", []), Err(TraitError::EmptyName));
    }
}
