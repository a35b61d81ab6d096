//! Who has which condition since when, in columns.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::{ConditionId, Conditions, Trait, TraitError};

/// Days since 1970-01-01.
pub type Day = i32;

const UNDATED: Day = Day::MIN;

/// A condition and the day it was first recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Onset {
    /// The condition.
    pub condition: ConditionId,
    /// The day; `None` when the record does not say.
    pub day: Option<Day>,
}

impl Onset {
    /// A condition since a day.
    pub const fn on(condition: ConditionId, day: Day) -> Self {
        Self { condition, day: Some(day) }
    }

    /// A condition since nobody knows when.
    pub const fn undated(condition: ConditionId) -> Self {
        Self { condition, day: None }
    }
}

/// People, their conditions in order of onset, and what else is known of them.
///
/// A person's conditions are distinct. They stand by day, undated ones last, and those of one day in
/// the order in which they were given; models treat the order within a day as unknown.
#[derive(Clone, Debug)]
pub struct People {
    conditions: Conditions,
    offsets: Vec<usize>,
    onset_conditions: Vec<ConditionId>,
    onset_days: Vec<Day>,
    deaths: Vec<Day>,
    traits: Vec<Trait>,
    repeated: u64,
}

impl People {
    /// Starts with nobody.
    pub fn builder() -> PeopleBuilder {
        PeopleBuilder::default()
    }

    /// Number of people, those without any condition included.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The conditions, those that nobody has included.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// One person.
    ///
    /// # Panics
    /// When `person` is not below [`Self::len`].
    pub fn person(&self, person: usize) -> Person<'_> {
        let range = self.offsets[person]..self.offsets[person + 1];
        Person {
            conditions: &self.onset_conditions[range.clone()],
            days: &self.onset_days[range],
            death: self.deaths[person],
        }
    }

    /// Everybody in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Person<'_>> {
        (0..self.len()).map(|person| self.person(person))
    }

    /// Number of people with a condition.
    pub fn with_condition(&self, condition: ConditionId) -> u64 {
        self.onset_conditions.iter().filter(|found| **found == condition).count() as u64
    }

    /// Number of onsets that repeated a person's condition; the earliest was kept.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Adds a trait of everybody.
    ///
    /// # Errors
    /// [`TraitError::OtherPeople`] when it is stated for another number of people.
    pub fn with_trait(mut self, added: Trait) -> Result<Self, TraitError> {
        if added.len() != self.len() {
            let (found, people) = (added.len(), self.len());
            return Err(TraitError::OtherPeople { name: added.name().into(), found, people });
        }
        self.traits.retain(|known| known.name() != added.name());
        self.traits.push(added);
        Ok(self)
    }

    /// The trait of a name.
    ///
    /// # Errors
    /// [`TraitError::Unknown`] when there is none.
    pub fn trait_named(&self, name: &str) -> Result<&Trait, TraitError> {
        self.traits.iter().find(|known| known.name() == name).ok_or_else(|| TraitError::Unknown {
            name: name.to_owned(),
            permitted: self.traits.iter().map(Trait::name).collect::<Vec<_>>().join(", "),
        })
    }

    /// Every trait, in the order added.
    pub fn traits(&self) -> &[Trait] {
        &self.traits
    }

    /// The people for whom `keep` holds, with all conditions and their numbers.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(usize) -> bool) -> Self {
        let chosen: Vec<usize> = (0..self.len()).filter(|person| keep(*person)).collect();
        let mut part = Self {
            conditions: self.conditions.clone(),
            offsets: vec![0],
            onset_conditions: Vec::new(),
            onset_days: Vec::new(),
            deaths: chosen.iter().map(|person| self.deaths[*person]).collect(),
            traits: Vec::new(),
            repeated: 0,
        };
        for person in &chosen {
            let found = self.person(*person);
            part.onset_conditions.extend_from_slice(found.conditions);
            part.onset_days.extend_from_slice(found.days);
            part.offsets.push(part.onset_conditions.len());
        }
        part.traits = self.traits.iter().map(|known| known.of_people(&chosen)).collect();
        part
    }
}

/// One person's conditions.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    conditions: &'a [ConditionId],
    days: &'a [Day],
    death: Day,
}

impl<'a> Person<'a> {
    /// The conditions: by day, undated ones last, those of one day as given.
    pub fn conditions(&self) -> &'a [ConditionId] {
        self.conditions
    }

    /// Conditions and days, in the same order.
    pub fn onsets(&self) -> impl ExactSizeIterator<Item = Onset> + use<'a> {
        let onset = |(condition, day): (&ConditionId, &Day)| Onset {
            condition: *condition,
            day: (*day != UNDATED).then_some(*day),
        };
        self.conditions.iter().zip(self.days).map(onset)
    }

    /// Whether every condition has a day.
    pub fn is_dated(&self) -> bool {
        self.days.last().is_none_or(|day| *day != UNDATED)
    }

    /// The conditions day by day: those of one slice began on one day, in an unknown order.
    /// Undated ones, if any, are one slice at the end.
    pub fn ties(&self) -> impl Iterator<Item = (Option<Day>, &'a [ConditionId])> + use<'a> {
        let (conditions, days) = (self.conditions, self.days);
        let mut first = 0;
        std::iter::from_fn(move || {
            let day = *days.get(first)?;
            let length = days[first..].iter().take_while(|other| **other == day).count();
            let tied = &conditions[first..first + length];
            first += length;
            Some(((day != UNDATED).then_some(day), tied))
        })
    }

    /// The day of death, if the person died.
    pub fn death(&self) -> Option<Day> {
        (self.death != UNDATED).then_some(self.death)
    }
}

/// Collects people, then puts their conditions in order.
#[derive(Clone, Debug, Default)]
pub struct PeopleBuilder {
    names: Vec<Arc<str>>,
    numbers: FxHashMap<Arc<str>, u32>,
    ends: Vec<usize>,
    onset_conditions: Vec<ConditionId>,
    onset_days: Vec<Day>,
    deaths: Vec<Day>,
    repeated: u64,
}

impl PeopleBuilder {
    /// The number of a condition while building; a new name becomes a condition.
    pub fn condition(&mut self, name: &str) -> ConditionId {
        if let Some(number) = self.numbers.get(name) {
            return ConditionId(*number);
        }
        let number = self.names.len() as u32;
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        ConditionId(number)
    }

    /// Adds a person; of a repeated condition the earliest dated onset is kept.
    ///
    /// # Panics
    /// When a condition is not of this builder.
    pub fn person(&mut self, onsets: &[Onset], death: Option<Day>) -> &mut Self {
        let mut sorted: Vec<Onset> = onsets.to_vec();
        sorted.sort_by_key(|onset| (onset.day.is_none(), onset.day));
        let start = self.onset_conditions.len();
        for onset in sorted {
            assert!(onset.condition.index() < self.names.len(), "the condition is not of this builder");
            if self.onset_conditions[start..].contains(&onset.condition) {
                self.repeated += 1;
                continue;
            }
            self.onset_conditions.push(onset.condition);
            self.onset_days.push(onset.day.unwrap_or(UNDATED));
        }
        self.ends.push(self.onset_conditions.len());
        self.deaths.push(death.unwrap_or(UNDATED));
        self
    }

    /// The people; conditions are renumbered in the order of their names.
    #[expect(clippy::missing_panics_doc, reason = "names are only looked up among themselves")]
    pub fn build(self) -> People {
        let conditions = Conditions::of(self.names.clone());
        let renumbered: Vec<ConditionId> = self
            .names
            .iter()
            .map(|name| conditions.find(name).expect("every name given is among the conditions"))
            .collect();
        let mut offsets = vec![0];
        offsets.extend(self.ends);
        People {
            conditions,
            offsets,
            onset_conditions: self.onset_conditions.iter().map(|old| renumbered[old.index()]).collect(),
            onset_days: self.onset_days,
            deaths: self.deaths,
            traits: Vec::new(),
            repeated: self.repeated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<'a>(people: &'a People, conditions: &[ConditionId]) -> Vec<&'a str> {
        conditions.iter().map(|condition| people.conditions().name(*condition)).collect()
    }

    #[test]
    fn regress_conditions_stand_by_day_and_repeats_are_counted() {
        let mut builder = People::builder();
        let [c, b, a] = ["c", "b", "a"].map(|name| builder.condition(name));
        builder.person(
            &[Onset::undated(b), Onset::on(a, 9), Onset::on(c, 3), Onset::on(a, 3), Onset::on(b, 40)],
            Some(50),
        );
        builder.person(&[], None);
        let people = builder.build();
        assert_eq!(people.repeated(), 2);
        let first = people.person(0);
        assert_eq!(names(&people, first.conditions()), ["c", "a", "b"]);
        assert_eq!(first.death(), Some(50));
        assert!(first.is_dated());
        let ties: Vec<_> = first.ties().map(|(day, tied)| (day, names(&people, tied))).collect();
        assert_eq!(ties, [(Some(3), vec!["c", "a"]), (Some(40), vec!["b"])]);
        assert_eq!(people.person(1).ties().count(), 0);
        assert_eq!(people.with_condition(people.conditions().find("a").expect("given")), 1);
    }

    #[test]
    fn regress_a_part_keeps_conditions_and_traits() {
        let mut builder = People::builder();
        let (a, b) = (builder.condition("a"), builder.condition("b"));
        builder.person(&[Onset::on(a, 1)], None).person(&[Onset::undated(b)], None);
        let sex = Trait::new("sex", [Some("female"), Some("male")]).expect("it has a name");
        let people = builder.build().with_trait(sex).expect("it is stated for both");
        let part = people.filtered(|person| person == 1);
        assert_eq!((part.len(), part.conditions().len()), (1, 2));
        assert!(!part.person(0).is_dated());
        let sex = part.trait_named("sex").expect("it was given");
        assert_eq!(sex.level_of(0), Some(1));
        assert!(part.trait_named("height").is_err());
    }
}
