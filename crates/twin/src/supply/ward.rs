//! The beds of one kind of ward.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::rule::Rank;
use crate::engine::Moment;

/// Someone who needs a bed; the least goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Patient {
    pub(crate) rank: Rank,
    pub(crate) person: u64,
    pub(crate) sequence: u32,
    pub(crate) process: u16,
    pub(crate) quintile: u8,
    pub(crate) elective: bool,
    /// Kind of ward asked for, by its index.
    pub(crate) ward: u8,
    pub(crate) requested: Moment,
    /// The wait counts from then: asked, or not to come before.
    pub(crate) clock: Moment,
    pub(crate) stay_micros: i64,
    /// Draws in units of 2^-32: when in the day, whether over the weekend, whether delayed, how long.
    pub(crate) draws: [u32; 4],
    pub(crate) aged: bool,
}

/// Who is in a bed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occupant {
    pub(crate) person: u64,
    pub(crate) admitted: Moment,
    /// Kind of ward asked for and quintile: whose activity it is.
    pub(crate) service_ward: u8,
    pub(crate) elective: bool,
    pub(crate) quintile: u8,
}

/// A ward's beds, who lies in them and who waits for them.
#[derive(Clone, Debug)]
pub(crate) struct WardBeds {
    beds: Vec<Option<Occupant>>,
    free: BinaryHeap<Reverse<u16>>,
    pub(crate) emergencies: BTreeSet<Patient>,
    pub(crate) electives: BTreeSet<Patient>,
    /// People who waited for admission before the start.
    pub(crate) backlog: u64,
    pub(crate) elective_per_day: f64,
    pub(crate) owed: f64,
    pub(crate) reserve: usize,
}

impl WardBeds {
    pub(crate) fn new(beds: u16, elective_per_day: f64, reserve: usize, phase: f64) -> Self {
        Self {
            beds: vec![None; usize::from(beds)],
            free: (0..beds).map(Reverse).collect(),
            emergencies: BTreeSet::new(),
            electives: BTreeSet::new(),
            backlog: 0,
            elective_per_day,
            owed: phase,
            reserve,
        }
    }

    /// Beds nobody lies in and that are ready.
    pub(crate) fn free(&self) -> usize {
        self.free.len()
    }

    /// Beds in use or being made ready.
    pub(crate) fn occupied(&self) -> usize {
        self.beds.len() - self.free.len()
    }

    /// Puts someone into the free bed of the lowest number.
    pub(crate) fn admit(&mut self, occupant: Occupant) -> Option<u16> {
        let Reverse(bed) = self.free.pop()?;
        self.beds[usize::from(bed)] = Some(occupant);
        Some(bed)
    }

    /// The bed's occupant leaves it, if it is still that person's stay; the bed is not yet ready.
    pub(crate) fn leave(&mut self, bed: u16, person: u64, admitted: Moment) -> Option<Occupant> {
        let place = self.beds.get_mut(usize::from(bed))?;
        match place {
            Some(occupant) if occupant.person == person && occupant.admitted == admitted => place.take(),
            _ => None,
        }
    }

    /// The bed is ready for the next.
    pub(crate) fn make_ready(&mut self, bed: u16) {
        self.free.push(Reverse(bed));
    }

    /// The bed someone lies in.
    pub(crate) fn bed_of(&self, person: u64) -> Option<(u16, Occupant)> {
        let found = self.beds.iter().position(|bed| bed.is_some_and(|occupant| occupant.person == person))?;
        Some((found as u16, self.beds[found]?))
    }
}
