//! A list worked off by slots on working days, filled some days ahead by a rule.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::measures::MINUTE_MICROS;
use super::parameters::{Hours, Rule};
use super::rule::Rank;
use crate::calendar::{Calendar, WORKING_DAYS_PER_YEAR};
use crate::engine::Moment;
use twinloom_event::MICROSECONDS_PER_DAY;

/// People on the list before the start, of whom nothing else is known.
pub(crate) const NOBODY: u64 = u64::MAX;
/// Working days in a week of work.
const DAYS_PER_WEEK: f64 = 5.0;

/// How a list is worked off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneRules {
    pub(crate) hours: Hours,
    pub(crate) rule: Rule,
    pub(crate) notice_days: i64,
    pub(crate) least_notice_days: i64,
    pub(crate) urgent_notice_days: i64,
    pub(crate) held_share: f64,
    pub(crate) held_release_days: i64,
    pub(crate) backlog_weeks: f64,
    pub(crate) initiative_above_weeks: f64,
    pub(crate) initiative_extra_share: f64,
}

/// Someone on a list; the least goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) rank: Rank,
    pub(crate) person: u64,
    pub(crate) sequence: u32,
    pub(crate) process: u16,
    pub(crate) quintile: u8,
    /// May use slots held for the urgent.
    pub(crate) urgent: bool,
    /// How often they had a slot before.
    pub(crate) attempt: u8,
    /// Tendency to miss, in thousandths of the average.
    pub(crate) missing_thousandths: u32,
    /// Asked.
    pub(crate) at: Moment,
    /// The wait counts from then: asked, or not to come before.
    pub(crate) clock: Moment,
}

/// A slot given to someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) day: i64,
    pub(crate) number: u32,
    pub(crate) start: Moment,
    pub(crate) clinician: u16,
}

/// One day's slots that can still be given.
#[derive(Clone, Debug)]
struct Page {
    free: Vec<u32>,
    held: usize,
}

/// A list and its slots.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    rules: LaneRules,
    slots_per_day: f64,
    slot_minutes: u16,
    owed: f64,
    urgent: BinaryHeap<Reverse<Entry>>,
    routine: BinaryHeap<Reverse<Entry>>,
    /// Not to be booked yet, by the moment from which they may.
    later: BinaryHeap<Reverse<(Moment, Entry)>>,
    pages: BTreeMap<i64, Page>,
    opened_until: i64,
    /// People on the list, without those of whom nothing is known.
    people: usize,
}

impl Lane {
    /// A lane with a year's slots for the locality; its first clinic is `phase` (0 to 1) of a slot away.
    pub(crate) fn new(
        rules: LaneRules,
        slots_per_year: f64,
        slot_minutes: u16,
        phase: f64,
        first_day: i64,
    ) -> Self {
        Self {
            rules,
            slots_per_day: slots_per_year / WORKING_DAYS_PER_YEAR,
            slot_minutes,
            owed: phase,
            urgent: BinaryHeap::new(),
            routine: BinaryHeap::new(),
            later: BinaryHeap::new(),
            pages: BTreeMap::new(),
            opened_until: first_day + rules.urgent_notice_days,
            people: 0,
        }
    }

    /// Puts people on the list who waited before the start, evenly over the weeks of work that they are.
    pub(crate) fn add_backlog(&mut self, start: Moment) {
        let weeks = self.rules.backlog_weeks;
        let count = (weeks * DAYS_PER_WEEK * self.slots_per_day) as u32;
        for number in 0..count {
            let ago = weeks * 7.0 * f64::from(count - number) / f64::from(count);
            let at = start.plus_days(-ago);
            let entry = Entry {
                // Routine, in the middle of the deprivation deciles.
                rank: self.rules.rule.rank(at, at, super::Priority::Routine.step(), 5),
                person: NOBODY,
                sequence: number,
                process: 0,
                quintile: 0,
                urgent: false,
                attempt: 0,
                missing_thousandths: 0,
                at,
                clock: at,
            };
            self.add(entry, at);
        }
    }

    pub(crate) fn rules(&self) -> &LaneRules {
        &self.rules
    }

    /// Puts someone on the list, not to be booked before `from`.
    pub(crate) fn add(&mut self, entry: Entry, from: Moment) {
        let notice = Moment::from_micros(
            entry.clock.micros().saturating_sub(self.rules.notice_days * MICROSECONDS_PER_DAY),
        );
        self.people += usize::from(entry.person != NOBODY);
        self.later.push(Reverse((from.max(notice), entry)));
    }

    /// Opens the slots of days up to the notice; returns how many new slots there are.
    pub(crate) fn open_until(&mut self, today: i64, calendar: &Calendar) -> u64 {
        self.pages = self.pages.split_off(&(today + 1));
        let mut opened = 0;
        for day in self.opened_until.max(today + 1)..=today + self.rules.notice_days {
            if !calendar.is_working_day(day) {
                continue;
            }
            self.owed += self.slots_per_day * self.extra();
            let count = self.owed.floor().max(0.0);
            self.owed -= count;
            if count >= 1.0 {
                let held = (count * self.rules.held_share).round() as usize;
                opened += count as u64;
                self.pages.insert(day, Page { free: (0..count as u32).rev().collect(), held });
            }
        }
        self.opened_until = self.opened_until.max(today + self.rules.notice_days + 1);
        opened
    }

    /// Extra clinics are held while the list is too long.
    fn extra(&self) -> f64 {
        let weeks = self.ready() as f64 / (self.slots_per_day * DAYS_PER_WEEK);
        if weeks > self.rules.initiative_above_weeks { 1.0 + self.rules.initiative_extra_share } else { 1.0 }
    }

    /// Gives slots to those on the list at `now`, by the rule.
    pub(crate) fn fill(&mut self, now: Moment, mut give: impl FnMut(Entry, Slot)) {
        let today = super::measures::day_of(now);
        while let Some(Reverse((from, entry))) = self.later.peek().copied()
            && from <= now
        {
            self.later.pop();
            if entry.urgent { self.urgent.push(Reverse(entry)) } else { self.routine.push(Reverse(entry)) }
        }
        let mut put_aside = Vec::new();
        // A class stops once even its earliest day has nothing for it.
        let (mut urgent_open, mut routine_open) = (true, true);
        loop {
            let first_urgent = self.urgent.peek().filter(|_| urgent_open).map(|Reverse(entry)| *entry);
            let first_routine = self.routine.peek().filter(|_| routine_open).map(|Reverse(entry)| *entry);
            let entry = match (first_urgent, first_routine) {
                (Some(urgent), Some(routine)) => urgent.min(routine),
                (Some(entry), None) | (None, Some(entry)) => entry,
                (None, None) => break,
            };
            if entry.urgent {
                self.urgent.pop()
            } else {
                self.routine.pop()
            };
            let notice =
                if entry.urgent { self.rules.urgent_notice_days } else { self.rules.least_notice_days };
            let (first, wanted) = (today + notice, self.first_day_after(entry.clock));
            if let Some(slot) = self.take(first.max(wanted), today, entry.urgent) {
                self.people -= usize::from(entry.person != NOBODY);
                give(entry, slot);
            } else {
                put_aside.push(entry);
                if wanted <= first {
                    *(if entry.urgent { &mut urgent_open } else { &mut routine_open }) = false;
                }
            }
        }
        for entry in put_aside {
            if entry.urgent { self.urgent.push(Reverse(entry)) } else { self.routine.push(Reverse(entry)) }
        }
    }

    /// The first day on which all slots are at or after a moment.
    fn first_day_after(&self, clock: Moment) -> i64 {
        let opening = i64::from(self.rules.hours.first_minute()) * MINUTE_MICROS;
        let into_day = clock.micros().rem_euclid(MICROSECONDS_PER_DAY);
        super::measures::day_of(clock) + i64::from(into_day > opening)
    }

    fn take(&mut self, from_day: i64, today: i64, urgent: bool) -> Option<Slot> {
        let release = today + self.rules.held_release_days;
        let (day, page) = self.pages.range_mut(from_day..).find(|(day, page)| {
            let kept = if urgent || **day <= release { 0 } else { page.held };
            page.free.len() > kept
        })?;
        let (day, number) = (*day, page.free.pop()?);
        let per_clinic = u32::from(self.rules.hours.minutes() / self.slot_minutes).max(1);
        let minute = i64::from(self.rules.hours.first_minute())
            + i64::from(number % per_clinic) * i64::from(self.slot_minutes);
        let start = Moment::from_micros(day * MICROSECONDS_PER_DAY + minute * MINUTE_MICROS);
        Some(Slot { day, number, start, clinician: (number / per_clinic) as u16 })
    }

    /// Gives a slot back, if its day is still to come.
    pub(crate) fn give_back(&mut self, day: i64, number: u32) {
        if let Some(page) = self.pages.get_mut(&day) {
            page.free.push(number);
        }
    }

    /// Takes someone off the list.
    pub(crate) fn remove(&mut self, person: u64) {
        self.urgent.retain(|Reverse(entry)| entry.person != person);
        self.routine.retain(|Reverse(entry)| entry.person != person);
        self.later.retain(|Reverse((_, entry))| entry.person != person);
        self.people = self.entries().filter(|entry| entry.person != NOBODY).count();
    }

    /// How many people are on the list, without those of whom nothing is known.
    pub(crate) fn people(&self) -> usize {
        self.people
    }

    fn ready(&self) -> usize {
        self.urgent.len() + self.routine.len()
    }

    /// Length of a slot.
    pub(crate) fn slot_minutes(&self) -> u16 {
        self.slot_minutes
    }

    /// Everybody on the list, in no particular order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        let later = self.later.iter().map(|Reverse((_, entry))| entry);
        self.urgent.iter().chain(&self.routine).map(|Reverse(entry)| entry).chain(later)
    }
}

#[cfg(test)]
mod tests;
