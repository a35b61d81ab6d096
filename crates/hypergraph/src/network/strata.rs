//! People who share the levels of some traits.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::{People, Trait, TraitError};

/// People grouped by the levels of some traits, in the order of the levels.
#[derive(Clone, Debug)]
pub(crate) struct Strata {
    levels: Vec<Vec<u32>>,
    members: Vec<Vec<u32>>,
    unknown: u64,
}

/// One stratum: a level of each trait, and how many people share them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stratum {
    /// The level of each trait, in the order of the traits.
    pub levels: Vec<Arc<str>>,
    /// People in it.
    pub people: u64,
}

impl Strata {
    /// Groups by the named traits; one stratum of everybody without any. People of whom a trait is
    /// not known are in none.
    pub(crate) fn by(people: &People, names: &[impl AsRef<str>]) -> Result<Self, TraitError> {
        let traits = names
            .iter()
            .map(|name| people.trait_named(name.as_ref()))
            .collect::<Result<Vec<&Trait>, TraitError>>()?;
        let mut groups: FxHashMap<Vec<u32>, Vec<u32>> = FxHashMap::default();
        let mut unknown = 0;
        for person in 0..people.len() {
            let levels: Option<Vec<u32>> =
                traits.iter().map(|known| known.level_of(person).map(|level| level as u32)).collect();
            match levels {
                Some(levels) => groups.entry(levels).or_default().push(person as u32),
                None => unknown += 1,
            }
        }
        let mut sorted: Vec<(Vec<u32>, Vec<u32>)> = groups.into_iter().collect();
        sorted.sort_unstable();
        let (levels, members) = sorted.into_iter().unzip();
        Ok(Self { levels, members, unknown })
    }

    /// Leaves out people; strata that lose everybody go.
    pub(crate) fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        for members in &mut self.members {
            let before = members.len();
            members.retain(|person| keep(*person as usize));
            self.unknown += (before - members.len()) as u64;
        }
        let mut kept = self.members.iter().map(|members| !members.is_empty());
        self.levels.retain(|_| kept.next().unwrap_or(false));
        self.members.retain(|members| !members.is_empty());
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// The people of each stratum, ascending.
    pub(crate) fn members(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.members.iter().map(Vec::as_slice)
    }

    /// People of whom a trait is not known.
    pub(crate) const fn unknown(&self) -> u64 {
        self.unknown
    }

    /// The strata with their levels' names.
    pub(crate) fn described(
        &self,
        people: &People,
        names: &[impl AsRef<str>],
    ) -> Result<Vec<Stratum>, TraitError> {
        let traits = names
            .iter()
            .map(|name| people.trait_named(name.as_ref()))
            .collect::<Result<Vec<&Trait>, TraitError>>()?;
        let named = |levels: &Vec<u32>| -> Vec<Arc<str>> {
            levels.iter().zip(&traits).map(|(level, known)| known.levels()[*level as usize].clone()).collect()
        };
        let strata = self.levels.iter().zip(&self.members);
        Ok(strata
            .map(|(levels, members)| Stratum { levels: named(levels), people: members.len() as u64 })
            .collect())
    }
}
