//! Hospital clinics and booked imaging: lists worked off by a rule, referrals' clocks, reports.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::attendance::{Booking, Fate};
use super::draws::{DemandDraws, exponential_micros};
use super::lane::{Entry, Lane, LaneRules, NOBODY, Slot};
use super::measures::{
    EIGHTEEN_WEEKS_DAYS, MINUTE_MICROS, ReferralSnapshot, day_of, minutes_between, quintile,
};
use super::opening::Timetable;
use super::parameters::{AttendanceParameters, LaneParameters};
use super::{Answer, Attendance, Demand, Measures, Outcome, Priority, ServiceKind};
use crate::calendar::Calendar;
use crate::engine::Moment;
use rand::Rng;
use twinloom_event::MICROSECONDS_PER_DAY;

/// Booking clerks start at 07:00.
const BOOKING_MINUTE: i64 = 420;
/// Follow-up clinics have other clinicians than first clinics.
const FOLLOW_UP_CLINICIANS: u16 = 500;
/// A scan that was missed or cancelled this often goes ahead.
const MAX_ATTEMPTS: u8 = 2;
/// Draws that each attempt at a scan may use up.
const DRAWS_PER_ATTEMPT: usize = 4;

/// What a lane's slots are for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    First,
    FollowUp,
    /// With days to the report when urgent and when routine.
    Scan {
        urgent_report_days: f64,
        routine_report_days: f64,
    },
}

/// A lane with what its slots are for.
#[derive(Clone, Debug)]
struct Clinic {
    service: ServiceKind,
    purpose: Purpose,
    lane: Lane,
    /// Booked first attendances: clock, start.
    referrals: Vec<(Moment, Moment)>,
}

/// A slot that comes free again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Return {
    at: Moment,
    clinic: usize,
    day: i64,
    number: u32,
}

/// All lists of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Clinics {
    lists: Vec<Clinic>,
    attendance: AttendanceParameters,
    fates: DemandDraws,
    returns: BinaryHeap<Reverse<Return>>,
    next_booking: Moment,
    snapshot_month: Option<i64>,
}

/// How a lane is set up.
pub(crate) struct NewClinic {
    pub(crate) service: ServiceKind,
    pub(crate) purpose: Purpose,
    pub(crate) parameters: LaneParameters,
    /// Usual length of its list, if not the same for all.
    pub(crate) list_weeks: Option<f64>,
}

impl Clinics {
    pub(crate) fn new(
        wanted: &[NewClinic],
        rules: LaneRules,
        attendance: AttendanceParameters,
        people: f64,
        start: Moment,
        fates: DemandDraws,
    ) -> Self {
        let today = day_of(start);
        let clinics = wanted.iter().enumerate().map(|(place, new)| {
            let slots = new.parameters.slots_per_1000_per_year * people / 1000.0;
            // Small specialties' clinics fall on different days.
            let phase = (place as f64 * 0.618_033_988_749_895).rem_euclid(1.0);
            let rules = match new.list_weeks {
                Some(weeks) => LaneRules { backlog_weeks: weeks, initiative_above_weeks: weeks, ..rules },
                None => rules,
            };
            let mut lane = Lane::new(rules, slots, new.parameters.slot_minutes, phase, today);
            // Follow-ups are planned: nobody waits for one at the start.
            if !matches!(new.purpose, Purpose::FollowUp) {
                lane.add_backlog(start);
            }
            Clinic { service: new.service, purpose: new.purpose, lane, referrals: Vec::new() }
        });
        Self {
            lists: clinics.collect(),
            attendance,
            fates,
            returns: BinaryHeap::new(),
            next_booking: Moment::from_micros(today * MICROSECONDS_PER_DAY + BOOKING_MINUTE * MINUTE_MICROS),
            snapshot_month: None,
        }
    }

    /// Puts a demand on the list of a clinic, by its place.
    pub(crate) fn ask(
        &mut self,
        demand: &Demand,
        clinic: usize,
        priority: Priority,
        earliest: Moment,
        measures: &mut Measures,
    ) {
        let Some(clinic) = self.lists.get_mut(clinic) else { return };
        let fifth = quintile(demand.imd_decile);
        measures.demanded(clinic.service, fifth, demand.at);
        let clock = demand.at.max(earliest);
        let rule = clinic.lane.rules().rule;
        let entry = Entry {
            rank: rule.rank(demand.at, clock, priority.step(), demand.imd_decile),
            person: demand.person,
            sequence: demand.sequence,
            process: demand.process,
            quintile: fifth as u8,
            urgent: priority != Priority::Routine,
            attempt: 0,
            missing_thousandths: (demand.missing_ratio.clamp(0.0, 1_000.0) * 1000.0) as u32,
            at: demand.at,
            clock,
        };
        clinic.lane.add(entry, demand.at);
    }

    /// Books on every working day before `border`.
    pub(crate) fn run(
        &mut self,
        border: Moment,
        calendar: &Calendar,
        answers: &mut Vec<Answer>,
        measures: &mut Measures,
    ) {
        let mut ledger = Ledger { now: self.next_booking, border, calendar, answers, measures };
        while self.next_booking < border {
            let now = self.next_booking;
            ledger.now = now;
            self.next_booking = now.plus_micros(MICROSECONDS_PER_DAY);
            if !calendar.is_working_day(day_of(now)) {
                continue;
            }
            self.give_back_until(now);
            for place in 0..self.lists.len() {
                self.book(place, &mut ledger);
            }
            self.snapshot(now, ledger.measures);
        }
    }

    fn give_back_until(&mut self, now: Moment) {
        while let Some(Reverse(next)) = self.returns.peek()
            && next.at <= now
        {
            let Return { clinic, day, number, .. } = *next;
            self.lists[clinic].lane.give_back(day, number);
            self.returns.pop();
        }
    }

    fn book(&mut self, place: usize, ledger: &mut Ledger<'_>) {
        let (now, measures) = (ledger.now, &mut *ledger.measures);
        let clinic = &mut self.lists[place];
        let minutes = u64::from(clinic.lane.slot_minutes());
        let opened = clinic.lane.open_until(day_of(now), ledger.calendar);
        measures.service_mut(clinic.service).offered_minutes += opened * minutes;
        let mut given = Vec::new();
        clinic.lane.fill(now, |entry, slot| given.push((entry, slot)));
        if let Some(day) = measures.day_mut(clinic.service, now) {
            day.waiting = clinic.lane.people() as u32;
        }
        for (entry, slot) in given {
            ledger.measures.service_mut(self.lists[place].service).used_minutes += minutes;
            if entry.person != NOBODY {
                self.tell(place, entry, slot, ledger);
            } else if matches!(self.lists[place].purpose, Purpose::First) {
                self.lists[place].referrals.push((entry.clock, slot.start));
            }
        }
    }

    /// Draws what becomes of a slot and tells the person, or puts them back on the list.
    fn tell(&mut self, place: usize, entry: Entry, slot: Slot, ledger: &mut Ledger<'_>) {
        let (now, measures) = (ledger.now, &mut *ledger.measures);
        let clinic = &mut self.lists[place];
        let (service, purpose) = (clinic.service, clinic.purpose);
        let fifth = usize::from(entry.quintile);
        let mut stream = self.fates.open_for(entry.person, entry.process, entry.at);
        for _ in 0..DRAWS_PER_ATTEMPT * 2 * usize::from(entry.attempt) {
            stream.next_u64();
        }
        let lead_days = slot.day - day_of(now);
        let (cancels, when) = (stream.uniform(), stream.uniform());
        let ahead = slot.start.micros() - now.micros();
        let provider_cancels = (cancels < self.attendance.hospital_cancelled_by_provider)
            .then(|| now.plus_micros((when * ahead as f64) as i64));
        let booking = Booking {
            booked: now,
            start: slot.start,
            lead_days,
            missing_ratio: entry.missing_thousandths as f32 / 1000.0,
            provider_cancels,
        };
        let mut fate = booking.fate(
            &self.attendance.cancelled_by_patient,
            self.attendance.hospital_did_not_attend,
            &mut stream,
        );
        let is_scan = matches!(purpose, Purpose::Scan { .. });
        if is_scan && entry.attempt >= MAX_ATTEMPTS {
            fate = Fate { attendance: Attendance::Attended, known: slot.start };
        }
        measures.service_mut(service).fated(fifth, lead_days, fate.attendance);
        if let Some(day) = measures.day_mut(service, slot.start) {
            match fate.attendance {
                // Counted with the wait.
                Attendance::Attended => {}
                Attendance::DidNotAttend => day.did_not_attend += 1,
                Attendance::CancelledByPatient | Attendance::CancelledByProvider => day.cancelled += 1,
            }
        }
        if fate.attendance == Attendance::CancelledByPatient {
            let back = Return { at: fate.known, clinic: place, day: slot.day, number: slot.number };
            self.returns.push(Reverse(back));
        }
        let attended = fate.attendance == Attendance::Attended;
        let mut report_micros = 0;
        if attended {
            let waited = minutes_between(entry.clock, slot.start);
            measures.attended(service, fifth, slot.start, waited, 1.0);
        }
        match purpose {
            Purpose::First => {
                clinic.referrals.push((entry.clock, if attended { slot.start } else { fate.known }));
                if attended {
                    let tally = measures.referral_mut(fifth);
                    tally.stopped += 1;
                    let days = day_of(slot.start) - day_of(entry.clock);
                    tally.within_18_weeks += u64::from(days <= EIGHTEEN_WEEKS_DAYS);
                    tally.wait.add(minutes_between(entry.clock, slot.start));
                }
            }
            Purpose::FollowUp => {}
            Purpose::Scan { .. } if !attended => {
                // A request stays until the scan is done.
                clinic.lane.add(Entry { attempt: entry.attempt + 1, ..entry }, fate.known);
                return;
            }
            Purpose::Scan { urgent_report_days, routine_report_days } => {
                let days = if entry.urgent { urgent_report_days } else { routine_report_days };
                report_micros = exponential_micros(days * 1440.0, &mut stream);
            }
        }
        let outcome = if is_scan {
            let hours = Timetable { weekday: clinic.lane.rules().hours, saturday: None };
            let done = slot.start.micros() + i64::from(clinic.lane.slot_minutes()) * MINUTE_MICROS;
            let reported = Moment::from_micros(hours.next_open(done + report_micros, ledger.calendar));
            Outcome::Imaging { taken: slot.start, reported }
        } else {
            let offset = if matches!(purpose, Purpose::FollowUp) { FOLLOW_UP_CLINICIANS } else { 0 };
            Outcome::Appointment {
                booked: now,
                start: slot.start,
                called: slot.start,
                minutes: clinic.lane.slot_minutes(),
                clinician: slot.clinician + offset,
                attendance: fate.attendance,
            }
        };
        let wake = if let Outcome::Imaging { reported, .. } = outcome { reported } else { fate.known };
        ledger.answers.push(Answer {
            wake: wake.max(ledger.border),
            person: entry.person,
            process: entry.process,
            sequence: entry.sequence,
            outcome,
        });
    }

    /// Counts who waits, once a month.
    fn snapshot(&mut self, now: Moment, measures: &mut Measures) {
        let month = i64::from(now.timestamp().year()) * 12 + i64::from(now.timestamp().month());
        if self.snapshot_month.replace(month) == Some(month) {
            return;
        }
        let mut snapshot = ReferralSnapshot { day: day_of(now), waiting: 0, within_18_weeks: 0 };
        let mut count = |clock: Moment| {
            snapshot.waiting += 1;
            snapshot.within_18_weeks += u64::from(day_of(now) - day_of(clock) <= EIGHTEEN_WEEKS_DAYS);
        };
        let mut any = false;
        for clinic in self.lists.iter_mut().filter(|clinic| matches!(clinic.purpose, Purpose::First)) {
            any = true;
            clinic.referrals.retain(|(_, until)| *until > now);
            clinic.referrals.iter().for_each(|(clock, _)| count(*clock));
            clinic.lane.entries().for_each(|entry| count(entry.clock));
        }
        if any {
            measures.add_snapshot(snapshot);
        }
    }

    /// Takes someone off all lists.
    pub(crate) fn withdraw(&mut self, person: u64) {
        for clinic in &mut self.lists {
            clinic.lane.remove(person);
        }
    }

    /// The next time at which somebody on a list could get a slot.
    pub(crate) fn next_event(&self) -> Option<Moment> {
        self.lists.iter().any(|clinic| clinic.lane.people() > 0).then_some(self.next_booking)
    }

    /// Counts those who wait at the end.
    pub(crate) fn close(&self, measures: &mut Measures) {
        for clinic in &self.lists {
            measures.service_mut(clinic.service).waiting_at_end += clinic.lane.people() as u64;
        }
    }
}

/// Where a day's booking writes what happens.
struct Ledger<'run> {
    now: Moment,
    border: Moment,
    calendar: &'run Calendar,
    answers: &'run mut Vec<Answer>,
    measures: &'run mut Measures,
}

#[cfg(test)]
mod tests;
