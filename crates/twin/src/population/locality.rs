//! The people of one locality, with all that is settled before their lives run.

use crate::engine::Moment;
use crate::person::{Area, Ethnicity, Practice, Sex};

/// The people, households and practices of one locality over the whole run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Locality {
    /// Place within the run, from 0.
    pub(crate) number: usize,
    pub(crate) area: Area,
    /// What [`Registered::practice`] counts.
    pub(crate) practices: Vec<Practice>,
    /// In subject order; those born during the run among them.
    pub(crate) residents: Vec<Resident>,
    pub(crate) households: Vec<Household>,
}

/// One person of a locality.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resident {
    /// Number in the run, from 1.
    pub(crate) subject: u64,
    pub(crate) birth: Moment,
    pub(crate) sex: Sex,
    pub(crate) ethnicity: Ethnicity,
    pub(crate) imd_decile: u8,
    /// The resident who gives birth to this one during the run.
    pub(crate) mother: Option<u32>,
    /// Whose family name this one bears: a subject, who may be beyond the run's last, and their group.
    pub(crate) named_after: (u64, Ethnicity),
    /// Where the person lives, in order of time; the first holds from birth or earlier moves on.
    pub(crate) stays: Vec<Stay>,
    /// Registrations with practices, in order of time; none overlap.
    pub(crate) registrations: Vec<Registered>,
}

/// Living in a household from a moment to the next stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stay {
    pub(crate) from: Moment,
    pub(crate) household: u32,
}

/// A registration with a practice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Registered {
    /// Among the locality's practices.
    pub(crate) practice: u16,
    pub(crate) from: Moment,
    pub(crate) to: Option<Moment>,
}

/// People who share a home.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Household {
    /// Everyone who lives in it at some time of the run.
    pub(crate) members: Vec<u32>,
    /// When it moves to its next address, in order.
    pub(crate) moves: Vec<Moment>,
    /// Care home rather than private household.
    pub(crate) communal: bool,
    /// The first two members are a couple.
    pub(crate) couple: bool,
    /// That of its members; a care home takes in some of others.
    pub(crate) imd_decile: u8,
    /// Number of its first dwelling within the locality; each move leads to the next number.
    pub(crate) first_dwelling: u32,
}

impl Resident {
    /// The household in which the person lives.
    pub(crate) fn household_at(&self, at: Moment) -> u32 {
        self.stays[self.stays.partition_point(|stay| stay.from <= at).saturating_sub(1)].household
    }
}

impl Locality {
    /// The household in which a resident lives.
    pub(crate) fn household_at(&self, resident: usize, at: Moment) -> u32 {
        self.residents[resident].household_at(at)
    }

    /// Who else lives in the household at a moment and is born by then; the dead are not known here.
    pub(crate) fn housemates_at(&self, resident: usize, at: Moment) -> impl Iterator<Item = usize> + '_ {
        let household = self.household_at(resident, at);
        let members = self.households[household as usize].members.iter().map(|member| *member as usize);
        members.filter(move |other| {
            *other != resident
                && self.residents[*other].birth <= at
                && self.household_at(*other, at) == household
        })
    }

    /// The practice with which a resident is registered; none in a gap between two.
    #[cfg(test)]
    pub(crate) fn practice_at(&self, resident: usize, at: Moment) -> Option<u16> {
        let held = self.residents[resident].registrations.iter().rev().find(|held| held.from <= at)?;
        held.to.is_none_or(|to| at < to).then_some(held.practice)
    }
}
