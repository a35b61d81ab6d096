//! General practices: booked sessions, with embargoed slots, cancellations and missed appointments.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::attendance::Booking;
use super::book::{Book, Place, Reach};
use super::draws::{DemandDraws, PlaceDraws};
use super::lead::Leads;
use super::measures::{MINUTE_MICROS, day_of, minutes_between, quintile};
use super::opening::Timetable;
use super::parameters::{AttendanceParameters, CallsSpread, Hours, PracticeParameters};
use super::{Answer, Attendance, Clinic, ClosedSet, Demand, Measures, Outcome, ServiceKind, Urgency};
use crate::calendar::Calendar;
use crate::engine::Moment;
use twinloom_event::MICROSECONDS_PER_DAY;

/// Clinics with a book.
const CLINICS: usize = 4;
/// Nobody is seen sooner after asking.
const LEAST_NOTICE_MICROS: i64 = 10 * MINUTE_MICROS;

/// What is asked of a practice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    pub(crate) clinic: Clinic,
    pub(crate) urgency: Urgency,
    pub(crate) earliest: Moment,
    pub(crate) minutes: u16,
}

/// A booking that will be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cancellation {
    at: Moment,
    book: u32,
    day: i64,
    session: u16,
    slot: u8,
    slots: u8,
}

/// The practices of a locality.
#[derive(Clone, Debug)]
pub(crate) struct Practices {
    books: Vec<Book>,
    count: usize,
    cancellations: BinaryHeap<Reverse<Cancellation>>,
    fates: DemandDraws,
    lead_draws: DemandDraws,
    call_draws: DemandDraws,
    calls_spread_days: CallsSpread,
    leads: Leads,
    absences: PlaceDraws,
    today: i64,
    attendance: AttendanceParameters,
    calls: Hours,
    routine_calls_from_minute: u16,
    absence_known_minute: u16,
    /// Asked for and not yet answered, by when it will be.
    unanswered: BinaryHeap<Reverse<Call>>,
}

/// A request for an appointment; the least is answered first.
#[derive(Clone, Copy, Debug)]
struct Call {
    answered: Moment,
    demand: Demand,
    visit: Visit,
}

impl Call {
    fn order(&self) -> (Moment, Urgency, Moment, u64, u32) {
        (self.answered, self.visit.urgency, self.demand.at, self.demand.person, self.demand.sequence)
    }
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Call {}

impl PartialOrd for Call {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Call {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl Practices {
    pub(crate) fn new(
        parameters: &PracticeParameters,
        attendance: AttendanceParameters,
        people: f64,
        practices: u16,
        start: Moment,
        seed: u64,
        locality: u64,
    ) -> Self {
        let practices = usize::from(practices.max(1));
        let list = people / practices as f64;
        let kinds = [
            &parameters.general_practitioner,
            &parameters.nurse,
            &parameters.telephone,
            &parameters.home_visit,
        ];
        let books = (0..practices * CLINICS)
            .map(|part| Book::new(kinds[part % CLINICS], list, part as u32, day_of(start)))
            .collect();
        Self {
            books,
            count: practices,
            cancellations: BinaryHeap::new(),
            fates: DemandDraws::new(seed, "supply/attendance"),
            lead_draws: DemandDraws::new(seed, "supply/lead"),
            call_draws: DemandDraws::new(seed, "supply/call"),
            calls_spread_days: parameters.calls_spread_days,
            leads: Leads::new(parameters),
            absences: PlaceDraws::new(seed, "supply/absence", locality),
            today: i64::MIN,
            attendance,
            calls: parameters.calls,
            routine_calls_from_minute: parameters.routine_calls_from_minute,
            absence_known_minute: parameters.absence_known_minute,
            unanswered: BinaryHeap::new(),
        }
    }

    /// Turns all books to the day of a moment.
    fn turn_to(&mut self, at: Moment, calendar: &Calendar, measures: &mut Measures) {
        let today = day_of(at);
        if today <= self.today {
            return;
        }
        self.today = today;
        for (part, book) in self.books.iter_mut().enumerate() {
            let (offered, used) = book.turn_to(today, calendar, &self.absences);
            let service = measures.service_mut(ServiceKind::Clinic(Clinic::ALL[part % CLINICS]));
            service.offered_minutes += offered;
            service.used_minutes += used;
        }
    }

    /// Someone asks for an appointment.
    pub(crate) fn ask(
        &mut self,
        demand: &Demand,
        visit: Visit,
        calendar: &Calendar,
        measures: &mut Measures,
    ) {
        let service = ServiceKind::Clinic(visit.clinic);
        measures.demanded(service, quintile(demand.imd_decile), demand.at);
        let called = self.called_at(demand, visit.urgency, calendar);
        let answered = self.answered_at(called, visit.urgency, calendar);
        self.unanswered.push(Reverse(Call { answered, demand: *demand, visit }));
    }

    /// When someone calls: at once, but what can wait and came up on a day off is spread over the working
    /// days that follow, lest all of it come on Monday.
    fn called_at(&self, demand: &Demand, urgency: Urgency, calendar: &Calendar) -> Moment {
        let days = match urgency {
            Urgency::SameDay => return demand.at,
            Urgency::Soon => self.calls_spread_days.soon,
            Urgency::Routine => self.calls_spread_days.routine,
        };
        let mut day = day_of(demand.at);
        if calendar.is_working_day(day) {
            return demand.at;
        }
        let later = (self.call_draws.open(demand).uniform() * f64::from(days)) as u16;
        for _ in 0..=later {
            day += 1;
            while !calendar.is_working_day(day) {
                day += 1;
            }
        }
        Moment::from_micros(day * MICROSECONDS_PER_DAY).max(demand.at)
    }

    /// When a request is answered: at once in the hours of calls, else when they next begin.
    fn answered_at(&self, at: Moment, urgency: Urgency, calendar: &Calendar) -> Moment {
        let first = match urgency {
            Urgency::SameDay | Urgency::Soon => self.calls.first_minute(),
            Urgency::Routine => self.routine_calls_from_minute,
        };
        // Checked to be before the last minute.
        let weekday = Hours::new(first, self.calls.last_minute()).unwrap_or(self.calls);
        let hours = Timetable { weekday, saturday: None };
        Moment::from_micros(hours.next_open(at.micros(), calendar))
    }

    /// Answers all requests due before `border`.
    pub(crate) fn run(
        &mut self,
        border: Moment,
        calendar: &Calendar,
        answers: &mut Vec<Answer>,
        measures: &mut Measures,
    ) {
        while let Some(Reverse(next)) = self.unanswered.peek()
            && next.answered < border
            && let Some(Reverse(call)) = self.unanswered.pop()
        {
            self.turn_to(call.answered, calendar, measures);
            self.give_back_until(call.answered);
            answers.push(self.book(&call, border, measures));
        }
        self.turn_to(border.plus_micros(-1), calendar, measures);
    }

    /// Takes someone's unanswered requests away.
    pub(crate) fn withdraw(&mut self, person: u64) {
        self.unanswered.retain(|Reverse(call)| call.demand.person != person);
    }

    /// When the next request is answered.
    pub(crate) fn next_event(&self) -> Option<Moment> {
        self.unanswered.peek().map(|Reverse(call)| call.answered)
    }

    /// Counts unanswered requests and the last day's slots.
    pub(crate) fn close(&mut self, end: Moment, calendar: &Calendar, measures: &mut Measures) {
        self.turn_to(end, calendar, measures);
        for Reverse(call) in &self.unanswered {
            measures.service_mut(ServiceKind::Clinic(call.visit.clinic)).waiting_at_end += 1;
        }
    }

    /// Books, and says what becomes of it.
    fn book(&mut self, call: &Call, border: Moment, measures: &mut Measures) -> Answer {
        let Call { answered: booked, demand, visit } = call;
        let clinic = visit.clinic.index().min(CLINICS - 1);
        let book = usize::from(demand.practice) % self.count * CLINICS + clinic;
        let service = ServiceKind::Clinic(visit.clinic);
        let fifth = quintile(demand.imd_decile);
        let answer = |wake: Moment, outcome| Answer {
            wake: wake.max(border),
            person: demand.person,
            process: demand.process,
            sequence: demand.sequence,
            outcome,
        };
        let booked = *booked;
        let chosen = self.leads.earliest(
            day_of(booked),
            visit.urgency,
            self.books[book].horizon_days(),
            &mut self.lead_draws.open(demand),
        );
        let earliest = chosen.map_or(visit.earliest, |chosen| visit.earliest.max(chosen));
        let reach = self.reach(booked, earliest, visit.urgency);
        let Some(place) = self.books[book].find(&reach, visit.minutes) else {
            measures.service_mut(service).quintiles[fifth].not_offered += 1;
            return answer(booked, Outcome::not_offered(booked, visit.minutes));
        };
        self.books[book].take(place);
        let (start, called, clinician) = self.books[book].times(place);
        let lead_days = place.day - reach.today;
        let absence_known = Moment::from_micros(
            place.day * MICROSECONDS_PER_DAY + i64::from(self.absence_known_minute) * MINUTE_MICROS,
        );
        let booking = Booking {
            booked,
            start,
            lead_days,
            missing_ratio: demand.missing_ratio,
            provider_cancels: self.books[book].is_lost(place).then_some(absence_known.max(booked)),
        };
        let misses = self.attendance.did_not_attend.at(lead_days);
        let fate = booking.fate(&self.attendance.cancelled_by_patient, misses, &mut self.fates.open(demand));
        measures.service_mut(service).fated(fifth, lead_days, fate.attendance);
        match fate.attendance {
            Attendance::Attended => {
                let waited = minutes_between(demand.at.max(earliest), start);
                measures.attended(service, fifth, start, waited, 1.0);
            }
            Attendance::DidNotAttend => {
                if let Some(day) = measures.day_mut(service, start) {
                    day.did_not_attend += 1;
                }
            }
            Attendance::CancelledByPatient | Attendance::CancelledByProvider => {
                if let Some(day) = measures.day_mut(service, start) {
                    day.cancelled += 1;
                }
            }
        }
        if fate.attendance == Attendance::CancelledByPatient {
            let Place { day, session, slot, slots } = place;
            let at = fate.known;
            self.cancellations.push(Reverse(Cancellation {
                at,
                book: book as u32,
                day,
                session,
                slot,
                slots,
            }));
        }
        answer(
            fate.known,
            Outcome::Appointment {
                booked,
                start,
                called,
                minutes: visit.minutes,
                clinician,
                attendance: fate.attendance,
            },
        )
    }

    fn reach(&self, at: Moment, earliest: Moment, urgency: Urgency) -> Reach {
        let from = at.plus_micros(LEAST_NOTICE_MICROS).max(earliest);
        let minute = |at: Moment| {
            let within = at.micros().rem_euclid(MICROSECONDS_PER_DAY);
            // Rounded up: a slot that has begun is not free.
            ((within + MINUTE_MICROS - 1) / MINUTE_MICROS) as u16
        };
        Reach {
            from_day: day_of(from),
            from_minute: minute(from),
            today: day_of(at),
            same_day: urgency == Urgency::SameDay,
            absences_known: minute(at) >= self.absence_known_minute,
        }
    }

    fn give_back_until(&mut self, now: Moment) {
        while let Some(Reverse(next)) = self.cancellations.peek()
            && next.at <= now
        {
            let Cancellation { book, day, session, slot, slots, .. } = *next;
            self.books[book as usize].give_back(Place { day, session, slot, slots });
            self.cancellations.pop();
        }
    }
}
