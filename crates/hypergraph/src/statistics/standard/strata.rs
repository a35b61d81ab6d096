//! Strata by one or more traits, and weights that give each its share of a standard population.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::cohort::{Cohort, Stratum};
use super::population::{StandardPopulation, StandardPopulationError};
use crate::{Histories, People, TraitError};

/// How well a group of people could be given the make-up of a standard population.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standardised {
    /// The traits.
    pub by: Vec<String>,
    /// People who count.
    pub people: u64,
    /// People left out since one of the traits is not known, or not in the standard.
    pub people_without_traits: u64,
    /// Strata with people.
    pub strata: u64,
    /// Strata of the standard that some people are in but not every group, and that are left out.
    pub empty_strata: u64,
    /// The share of the standard population that the strata compared do not hold.
    pub share_missing: f64,
    /// The number of people of equal weight who would say as much (Kish).
    pub effective_people: f64,
    /// The most that one person counts; 1 would be everybody alike.
    pub largest_weight: f64,
}

/// The stratum of each person, and each stratum's levels.
#[derive(Clone, Debug)]
pub(crate) struct Strata {
    names: Vec<String>,
    levels: Vec<Vec<Arc<str>>>,
    of_person: Vec<Option<u32>>,
}

impl Strata {
    /// Strata by the traits of the names; a single one without names.
    pub(crate) fn of(people: &People, names: &[String]) -> Result<Self, TraitError> {
        let traits = names.iter().map(|name| people.trait_named(name)).collect::<Result<Vec<_>, _>>()?;
        let key = |person: usize| -> Option<Vec<usize>> {
            traits.iter().map(|known| known.level_of(person)).collect()
        };
        let keys: Vec<Option<Vec<usize>>> = (0..people.len()).map(key).collect();
        let mut places: BTreeMap<&Vec<usize>, u32> = keys.iter().flatten().map(|key| (key, 0)).collect();
        for (place, number) in places.values_mut().enumerate() {
            *number = place as u32;
        }
        let level = |(known, level): (&&crate::Trait, &usize)| Arc::clone(&known.levels()[*level]);
        Ok(Self {
            names: names.to_vec(),
            levels: places.keys().map(|key| traits.iter().zip(*key).map(level).collect()).collect(),
            of_person: keys.iter().map(|key| key.as_ref().map(|key| places[key])).collect(),
        })
    }

    /// The same strata of some of the people, in their order; those of nobody stay.
    pub(crate) fn filtered(&self, keep: impl Fn(usize) -> bool) -> Self {
        let kept = self.of_person.iter().enumerate().filter(|(person, _)| keep(*person));
        Self {
            names: self.names.clone(),
            levels: self.levels.clone(),
            of_person: kept.map(|(_, stratum)| *stratum).collect(),
        }
    }

    /// Each stratum's share of the standard population.
    pub(crate) fn shares(&self, standard: &StandardPopulation) -> Result<Vec<f64>, StandardPopulationError> {
        let mut shares = vec![0.0; self.levels.len()];
        let whole = match standard {
            StandardPopulation::Pooled => {
                for stratum in self.of_person.iter().flatten() {
                    shares[*stratum as usize] += 1.0;
                }
                shares.iter().sum()
            }
            StandardPopulation::Given(given) => {
                for (share, levels) in shares.iter_mut().zip(&self.levels) {
                    *share = given.of(&self.names, levels)?;
                }
                given.whole()
            }
        };
        Ok(shares.into_iter().map(|share| crate::weight::ratio(share, whole)).collect())
    }

    /// Groups of people, each given the same make-up: that of the standard, in the strata where every
    /// group has somebody.
    ///
    /// # Shapes
    /// One cohort and one account for each of `groups`, the people whose `group_of` is its place.
    pub(crate) fn alike(
        &self,
        histories: &Histories,
        shares: &[f64],
        groups: usize,
        group_of: impl Fn(usize) -> Option<usize>,
    ) -> Vec<(Cohort, Standardised)> {
        let mut people: Vec<Vec<Vec<u32>>> = vec![vec![Vec::new(); self.levels.len()]; groups];
        let mut without = vec![0_u64; groups];
        for (person, cell) in histories.cell_of_person().iter().enumerate() {
            let Some(group) = group_of(person).filter(|group| *group < groups) else { continue };
            match self.of_person[person].filter(|stratum| shares[*stratum as usize] > 0.0) {
                Some(stratum) => people[group][stratum as usize].push(*cell),
                None => without[group] += 1,
            }
        }
        let shared = |stratum: usize| people.iter().all(|strata| !strata[stratum].is_empty());
        let usable: Vec<bool> =
            (0..self.levels.len()).map(|place| shares[place] > 0.0 && shared(place)).collect();
        let held: f64 =
            shares.iter().zip(&usable).filter(|(_, usable)| **usable).map(|(share, _)| share).sum();
        let of_standard = shares.iter().filter(|share| **share > 0.0).count();
        let strata = usable.iter().filter(|usable| **usable).count();
        let account = |(group, without_traits): (Vec<Vec<u32>>, u64)| {
            let chosen: Vec<(usize, Vec<u32>)> =
                group.into_iter().enumerate().filter(|(place, _)| usable[*place]).collect();
            let number: usize = chosen.iter().map(|(_, cells)| cells.len()).sum();
            let weighted = chosen.into_iter().map(|(place, cell_of)| {
                let weight = shares[place] / held * number as f64 / cell_of.len() as f64;
                Stratum { cell_of, weight }
            });
            let cohort = Cohort::new(histories.cells(), weighted.collect());
            let standardised = Standardised {
                by: self.names.clone(),
                people: number as u64,
                people_without_traits: without_traits,
                strata: strata as u64,
                empty_strata: (of_standard - strata) as u64,
                share_missing: if of_standard > 0 { (1.0 - held).clamp(0.0, 1.0) } else { 0.0 },
                effective_people: cohort.effective_people(),
                largest_weight: cohort.largest_weight(),
            };
            (cohort, standardised)
        };
        people.into_iter().zip(without).map(account).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HistoryOptions, Onset, Trait};

    /// Old people have the condition twice as often; the second group is older.
    fn cohort() -> People {
        let mut builder = People::builder();
        let a = builder.condition("a");
        let (mut ages, mut groups) = (Vec::new(), Vec::new());
        for (group, age, people, with) in
            [("x", "old", 20, 8), ("x", "young", 80, 16), ("y", "old", 90, 36), ("y", "young", 10, 2)]
        {
            for person in 0..people {
                builder.person(&if person < with { vec![Onset::on(a, 1)] } else { vec![] }, None);
                ages.push(Some(age));
                groups.push(Some(group));
            }
        }
        builder.person(&[Onset::on(a, 1)], None);
        ages.push(None);
        groups.push(Some("y"));
        let people = builder.build().with_trait(Trait::new("age", ages).unwrap()).unwrap();
        people.with_trait(Trait::new("group", groups).unwrap()).unwrap()
    }

    #[test]
    fn law_groups_that_differ_in_age_alone_are_equal_once_standardised() {
        let people = cohort();
        let histories = Histories::of(&people, &HistoryOptions::default()).unwrap();
        let strata = Strata::of(&people, &["age".to_owned()]).unwrap();
        let group = people.trait_named("group").unwrap();
        let shares = strata.shares(&StandardPopulation::Pooled).unwrap();
        assert!((shares[0] - 110.0 / 200.0).abs() < 1e-12);
        let alike = strata.alike(&histories, &shares, 2, |person| group.level_of(person));
        let with: Vec<f64> = alike
            .iter()
            .map(|(cohort, _)| {
                let mass = cohort.mass();
                let with: f64 = (0..histories.cells())
                    .filter(|cell| !histories.history(histories.history_of(*cell)).is_empty())
                    .map(|cell| mass[cell])
                    .sum();
                with / mass.iter().sum::<f64>()
            })
            .collect();
        // 0.4 of the old and 0.2 of the young, of whom the pooled population has 110 and 90.
        assert!(with.iter().all(|share| (share - 0.31).abs() < 1e-12), "{with:?}");
        assert_eq!((alike[0].1.people, alike[1].1.people, alike[1].1.people_without_traits), (100, 100, 1));
        assert!(alike[0].1.effective_people < 60.0, "{:?}", alike[0].1);
        let part = alike[1].0.without(3, 10);
        assert!((part.iter().sum::<f64>() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn regress_strata_that_one_group_lacks_are_left_out_of_both() {
        let people = cohort().filtered(|person| !(20..100).contains(&person));
        let histories = Histories::of(&people, &HistoryOptions::default()).unwrap();
        let strata = Strata::of(&people, &["age".to_owned()]).unwrap();
        let group = people.trait_named("group").unwrap();
        let shares = strata.shares(&StandardPopulation::Pooled).unwrap();
        let alike = strata.alike(&histories, &shares, 2, |person| group.level_of(person));
        assert_eq!((alike[0].1.people, alike[1].1.people, alike[1].1.empty_strata), (20, 90, 1));
        assert!((alike[1].1.share_missing - 10.0 / 120.0).abs() < 1e-12);
    }
}
