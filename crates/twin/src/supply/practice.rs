//! General practices: booked sessions, with embargoed slots, cancellations and missed appointments.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::attendance::Booking;
use super::book::{Book, Place, Reach};
use super::draws::{DemandDraws, PlaceDraws};
use super::measures::{MINUTE_MICROS, day_of, minutes_between, quintile};
use super::parameters::{AttendanceParameters, PracticeParameters};
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
    practices: usize,
    cancellations: BinaryHeap<Reverse<Cancellation>>,
    fates: DemandDraws,
    absences: PlaceDraws,
    attendance: AttendanceParameters,
    leftover_from_minute: u16,
    absence_known_minute: u16,
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
            practices,
            cancellations: BinaryHeap::new(),
            fates: DemandDraws::new(seed, "supply/attendance"),
            absences: PlaceDraws::new(seed, "supply/absence", locality),
            attendance,
            leftover_from_minute: parameters.leftover_from_minute,
            absence_known_minute: parameters.absence_known_minute,
        }
    }

    /// Turns all books to the day of a moment.
    pub(crate) fn turn_to(&mut self, at: Moment, calendar: &Calendar, measures: &mut Measures) {
        for (part, book) in self.books.iter_mut().enumerate() {
            let (offered, used) = book.turn_to(day_of(at), calendar, &self.absences);
            let service = measures.service_mut(ServiceKind::Clinic(Clinic::ALL[part % CLINICS]));
            service.offered_minutes += offered;
            service.used_minutes += used;
        }
    }

    /// Books, and says what becomes of it; demands come in order of time.
    pub(crate) fn serve(
        &mut self,
        demand: &Demand,
        visit: Visit,
        border: Moment,
        measures: &mut Measures,
    ) -> Answer {
        self.give_back_until(demand.at);
        let book =
            usize::from(demand.practice) % self.practices * CLINICS + visit.clinic.index().min(CLINICS - 1);
        let service = ServiceKind::Clinic(visit.clinic);
        let fifth = quintile(demand.imd_decile);
        measures.demanded(service, fifth, demand.at);
        let answer = |wake: Moment, outcome| Answer {
            wake: wake.max(border),
            person: demand.person,
            process: demand.process,
            sequence: demand.sequence,
            outcome,
        };
        let reach = self.reach(demand.at, &visit);
        let Some(place) = self.books[book].find(&reach, visit.minutes) else {
            measures.service_mut(service).quintiles[fifth].not_offered += 1;
            return answer(demand.at, Outcome::not_offered(demand.at, visit.minutes));
        };
        self.books[book].take(place);
        let (start, called, clinician) = self.books[book].times(place);
        let lead_days = place.day - reach.today;
        let absence_known = Moment::from_micros(
            place.day * MICROSECONDS_PER_DAY + i64::from(self.absence_known_minute) * MINUTE_MICROS,
        );
        let booking = Booking {
            booked: demand.at,
            start,
            lead_days,
            missing_ratio: demand.missing_ratio,
            provider_cancels: self.books[book].is_lost(place).then_some(absence_known.max(demand.at)),
        };
        let misses = self.attendance.did_not_attend.at(lead_days);
        let fate = booking.fate(&self.attendance.cancelled_by_patient, misses, &mut self.fates.open(demand));
        measures.service_mut(service).fated(fifth, lead_days, fate.attendance);
        match fate.attendance {
            Attendance::Attended => {
                let waited = minutes_between(demand.at.max(visit.earliest), start);
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
                booked: demand.at,
                start,
                called,
                minutes: visit.minutes,
                clinician,
                attendance: fate.attendance,
            },
        )
    }

    fn reach(&self, at: Moment, visit: &Visit) -> Reach {
        let from = at.plus_micros(LEAST_NOTICE_MICROS).max(visit.earliest);
        let minute = |at: Moment| {
            let within = at.micros().rem_euclid(MICROSECONDS_PER_DAY);
            // Rounded up: a slot that has begun is not free.
            ((within + MINUTE_MICROS - 1) / MINUTE_MICROS) as u16
        };
        Reach {
            from_day: day_of(from),
            from_minute: minute(from),
            today: day_of(at),
            same_day: visit.urgency == Urgency::SameDay,
            leftovers: minute(at) >= self.leftover_from_minute,
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
