//! Laws of plausibility that simulators without a calendar or capacity break.

use std::collections::BTreeMap;

use twinloom_event::{MICROSECONDS_PER_DAY, Timestamp};

use super::quantity::Law;
use crate::calendar::Calendar;
use crate::measure::{Followed, History, RatioSum};

/// Core hours of the general medical services contract: 08:00 to 18:30.
const CORE_HOURS: std::ops::Range<i64> = 8 * 60..18 * 60 + 30;
const MINUTE_MICROS: i64 = 60_000_000;

type Bed = (String, String, i64);

/// Counts of what each law forbids.
#[derive(Debug)]
pub(super) struct LawKeeper {
    calendar: Calendar,
    counts: BTreeMap<Law, RatioSum>,
    /// Stays by hospital, ward and bed: beds are shared, so this one law looks across people.
    beds: BTreeMap<Bed, Vec<(Timestamp, Timestamp)>>,
}

impl LawKeeper {
    pub(super) fn new() -> Self {
        Self { calendar: Calendar::england(), counts: BTreeMap::new(), beds: BTreeMap::new() }
    }

    /// Adds counts that somebody else made.
    pub(super) fn count(&mut self, law: Law, numerator: f64, denominator: f64) {
        self.counts.entry(law).or_default().add(numerator, denominator);
    }

    pub(super) fn add(&mut self, history: &History, followed: Followed) {
        self.add_routine_contacts(history, followed);
        let exchanges = history.exchanges.iter().filter(|exchange| followed.contains(exchange.taken));
        let (mut answered, mut wrong) = (0.0, 0.0);
        for exchange in exchanges {
            answered += 1.0;
            let early = exchange.answered.is_some_and(|at| at < exchange.taken)
                || exchange.requested.is_some_and(|at| at > exchange.taken);
            wrong += f64::from(u8::from(early));
        }
        self.count(Law::AnswerBeforeSpecimen, wrong, answered);

        let letters = history.letters.iter().filter(|letter| followed.contains(letter.written));
        let (mut sent, mut early) = (0.0, 0.0);
        for letter in letters {
            sent += 1.0;
            early += f64::from(u8::from(letter.received.is_some_and(|at| at < letter.written)));
        }
        self.count(Law::LetterBeforeWriting, early, sent);

        if let Some(death) = history.death {
            let late = history.contacts.iter().filter(|contact| contact.start >= death).count()
                + history.stays.iter().filter(|stay| stay.admitted >= death).count()
                + history.emergencies.iter().filter(|visit| visit.arrived >= death).count()
                + history.exchanges.iter().filter(|exchange| exchange.taken >= death).count();
            self.count(Law::CareAfterDeath, late as f64, 1.0);
        }
        for stay in history.stays.iter().filter(|stay| followed.contains(stay.admitted)) {
            if let (Some(bed), Some(discharged)) = (&stay.bed, stay.discharged) {
                self.beds.entry(bed.clone()).or_default().push((stay.admitted, discharged));
            }
        }
    }

    /// The share of what the law is about that breaks it, or for the Monday peak the ratio.
    pub(super) fn found(&self, law: Law) -> Option<RatioSum> {
        if law == Law::BedTakenTwice {
            return self.beds_taken_twice();
        }
        self.counts.get(&law).copied()
    }

    fn add_routine_contacts(&mut self, history: &History, followed: Followed) {
        let (mut contacts, mut in_hours, mut holidays) = (0.0, 0.0, 0.0);
        let (mut mondays, mut others) = (0.0, 0.0);
        for contact in history.contacts.iter().filter(|contact| followed.contains(contact.start)) {
            if contact.service == "out_of_hours" {
                continue;
            }
            let day = contact.start.micros().div_euclid(MICROSECONDS_PER_DAY);
            let minute = contact.start.micros().rem_euclid(MICROSECONDS_PER_DAY) / MINUTE_MICROS;
            let working = self.calendar.is_working_day(day);
            contacts += 1.0;
            holidays += f64::from(u8::from(!working));
            in_hours += f64::from(u8::from(working && CORE_HOURS.contains(&minute)));
            if contact.service == "outpatient" {
                continue;
            }
            match (day + 3).rem_euclid(7) {
                0 => mondays += 1.0,
                1..=4 => others += 0.25,
                _ => {}
            }
        }
        self.count(Law::RoutineInHours, in_hours, contacts);
        self.count(Law::RoutineOnHolidays, holidays, contacts);
        self.count(Law::MondayPeak, mondays, others);
    }

    fn beds_taken_twice(&self) -> Option<RatioSum> {
        let mut sum = RatioSum::default();
        for stays in self.beds.values() {
            let mut stays = stays.clone();
            stays.sort_unstable();
            let mut free_from = None;
            for (admitted, discharged) in stays {
                let taken = free_from.is_some_and(|free_from| admitted < free_from);
                sum.add(f64::from(u8::from(taken)), 1.0);
                free_from = free_from.max(Some(discharged));
            }
        }
        sum.value().map(|_| sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Contact, Exchange, Stay};
    use twinloom_event::{SubjectId, Timeline};

    fn history() -> History {
        History::of(&Timeline::new(SubjectId::new(1), Vec::new()).unwrap())
    }

    fn at(year: i32, month: u32, day: u32, hour: u32) -> Timestamp {
        Timestamp::from_ymd_hms(year, month, day, hour, 0, 0).unwrap()
    }

    fn followed() -> Followed {
        Followed { from: at(2020, 1, 1, 0), to: at(2025, 1, 1, 0) }
    }

    #[test]
    fn regress_contacts_at_night_and_on_holidays_are_seen() {
        let mut history = history();
        // A Monday, a Tuesday at night, Boxing Day, and an out-of-hours contact that is no routine.
        for (start, service) in [
            (at(2024, 1, 8, 9), "general_practitioner"),
            (at(2024, 1, 9, 3), "nurse"),
            (at(2024, 12, 26, 10), "general_practitioner"),
            (at(2024, 12, 25, 2), "out_of_hours"),
        ] {
            history.contacts.push(Contact { start, service: service.to_owned() });
        }
        let mut keeper = LawKeeper::new();
        keeper.add(&history, followed());
        let share = |law| keeper.found(law).unwrap().value().unwrap();
        assert!((share(Law::RoutineInHours) - 1.0 / 3.0).abs() < 1e-12);
        assert!((share(Law::RoutineOnHolidays) - 1.0 / 3.0).abs() < 1e-12);
        assert!((share(Law::MondayPeak) - 2.0).abs() < 1e-12, "one Monday to half a mean other day");
    }

    #[test]
    fn regress_a_bed_taken_twice_and_a_result_before_its_specimen_are_seen() {
        let mut keeper = LawKeeper::new();
        for (from, to) in [(1, 5), (5, 9), (8, 12)] {
            let mut history = history();
            history.stays.push(Stay {
                requested: None,
                admitted: at(2024, 3, from, 0),
                discharged: Some(at(2024, 3, to, 0)),
                emergency: true,
                day_case: false,
                bed: Some(("RZZ01".to_owned(), "medical".to_owned(), 7)),
                reason: None,
            });
            history.exchanges.push(Exchange {
                imaging: false,
                requested: Some(at(2024, 3, from, 0)),
                taken: at(2024, 3, from, 1),
                answered: Some(at(2024, 3, from, if from == 8 { 0 } else { 5 })),
            });
            keeper.add(&history, followed());
        }
        let share = |law| keeper.found(law).unwrap().value().unwrap();
        assert!((share(Law::BedTakenTwice) - 1.0 / 3.0).abs() < 1e-12);
        assert!((share(Law::AnswerBeforeSpecimen) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(keeper.found(Law::Untraceable), None);
    }
}
