//! Wards: emergency and elective queues, outliers, discharge at working hours, occupancy.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::draws::DemandDraws;
use super::measures::{MINUTE_MICROS, day_of, minutes_between, quintile};
use super::parameters::BedParameters;
use super::rule::Rank;
use super::ward::{Occupant, Patient, WardBeds};
use super::{Answer, ClosedSet, Demand, Measures, Outcome, Priority, ServiceKind, Ward};
use crate::calendar::{Calendar, WORKING_DAYS_PER_YEAR};
use crate::engine::Moment;
use rand::Rng;
use twinloom_event::MICROSECONDS_PER_DAY;

/// Elective patients are admitted one after the other.
const BETWEEN_ADMISSIONS_MICROS: i64 = 10 * MINUTE_MICROS;
/// Stays from which a discharge home may be delayed, and ages.
const LONG_STAY_MICROS: i64 = 3 * MICROSECONDS_PER_DAY;
const AGED_YEARS: f32 = 65.0;
/// Longest stay taken at its word, 10 years.
const MAX_STAY_DAYS: f32 = 3_653.0;

/// Wards that take any adult who has waited too long, in this order.
const ESCALATED_TO: [Ward; 4] = [Ward::Medical, Ward::Elderly, Ward::Surgical, Ward::DayCase];
/// How often beds are looked for again then.
const HOURS_BETWEEN_ESCALATIONS: f64 = 2.0;

/// A bed that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admission {
    pub(crate) ward: Ward,
    pub(crate) priority: Priority,
    pub(crate) stay_days: f32,
    pub(crate) earliest: Moment,
}

/// What happens next on the wards; at one moment in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Leave {
        ward: u8,
        bed: u16,
        person: u64,
        admitted: Moment,
    },
    Ready {
        ward: u8,
        bed: u16,
    },
    Ask(Patient),
    /// Someone who waits for an emergency bed has waited too long.
    Escalate(Patient),
    Midnight,
    Electives,
}

/// An emergency patient who got a bed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EmergencyAdmission {
    pub(crate) person: u64,
    pub(crate) requested: Moment,
    pub(crate) admitted: Moment,
}

/// The wards of a locality.
#[derive(Clone, Debug)]
pub(crate) struct Wards {
    parameters: BedParameters,
    beds: Vec<WardBeds>,
    outliers_to: Vec<Vec<usize>>,
    happenings: BinaryHeap<Reverse<(Moment, Happening)>>,
    draws: DemandDraws,
    waiting: u64,
    /// Of those who waited for admission before the start.
    backlog_rank: Rank,
}

impl Wards {
    pub(crate) fn new(
        parameters: &BedParameters,
        people: f64,
        start: Moment,
        seed: u64,
        measures: &mut Measures,
    ) -> Self {
        let thousands = people / 1000.0;
        let mut outliers_to = Vec::new();
        let wards = Ward::ALL.iter().map(|kind| {
            // Every kind has settings: they were checked.
            let Some(ward) = parameters.wards.get(kind) else {
                outliers_to.push(Vec::new());
                return WardBeds::new(0, 0.0, 0, 0.0);
            };
            outliers_to.push(ward.outliers_to.iter().map(|other| other.index()).collect());
            let beds = ward.beds_per_1000 * thousands;
            let beds = if beds > 0.0 { beds.round().max(1.0) } else { 0.0 } as u16;
            measures.ward_mut(*kind).beds = u64::from(beds);
            let elective_per_day = ward.elective_per_1000_per_year * thousands / WORKING_DAYS_PER_YEAR;
            let reserve = match kind {
                Ward::DayCase => 0,
                _ => (parameters.emergency_reserve_share * f64::from(beds)).round() as usize,
            };
            WardBeds::new(beds, elective_per_day, reserve, 0.5)
        });
        let mut wards: Vec<WardBeds> = wards.collect();
        for ward in &mut wards {
            ward.backlog = (parameters.backlog_weeks * 5.0 * ward.elective_per_day) as u64;
        }
        let mut happenings = BinaryHeap::new();
        let today = day_of(start);
        let midnight = Moment::from_micros((today + 1) * MICROSECONDS_PER_DAY);
        let electives = Moment::from_micros(
            today * MICROSECONDS_PER_DAY + i64::from(parameters.elective_minute) * MINUTE_MICROS,
        );
        happenings.push(Reverse((midnight, Happening::Midnight)));
        happenings.push(Reverse((electives, Happening::Electives)));
        Self {
            parameters: parameters.clone(),
            beds: wards,
            outliers_to,
            happenings,
            draws: DemandDraws::new(seed, "supply/beds"),
            waiting: 0,
            backlog_rank: parameters.rule.rank(start, start, Priority::Routine.step(), 5),
        }
    }

    /// Someone asks for a bed.
    pub(crate) fn ask(&mut self, demand: &Demand, admission: Admission, measures: &mut Measures) {
        let elective = admission.priority != Priority::Emergency;
        let fifth = quintile(demand.imd_decile);
        measures.demanded(service_of(admission.ward.index(), elective), fifth, demand.at);
        let mut stream = self.draws.open(demand);
        let clock = demand.at.max(admission.earliest);
        let stay_days = if admission.stay_days.is_finite() { admission.stay_days } else { MAX_STAY_DAYS };
        let rule = if elective { self.parameters.rule } else { super::Rule::FirstComeFirstServed };
        let patient = Patient {
            rank: rule.rank(demand.at, clock, admission.priority.step(), demand.imd_decile),
            person: demand.person,
            sequence: demand.sequence,
            process: demand.process,
            quintile: fifth as u8,
            elective,
            ward: admission.ward.index() as u8,
            requested: demand.at,
            clock,
            stay_micros: (f64::from(stay_days.clamp(0.0, MAX_STAY_DAYS)) * MICROSECONDS_PER_DAY as f64)
                as i64,
            draws: std::array::from_fn(|_| stream.next_u32()),
            aged: demand.age_years >= AGED_YEARS,
        };
        self.waiting += 1;
        self.happenings.push(Reverse((clock, Happening::Ask(patient))));
    }

    /// Carries on up to `border`; emergency patients who got a bed are added to `admissions`.
    pub(crate) fn run(
        &mut self,
        border: Moment,
        calendar: &Calendar,
        answers: &mut Vec<Answer>,
        admissions: &mut Vec<EmergencyAdmission>,
        measures: &mut Measures,
    ) {
        let mut ledger = Ledger { border, calendar, answers, admissions, measures };
        while let Some(Reverse((at, _))) = self.happenings.peek()
            && *at < border
            && let Some(Reverse((at, happening))) = self.happenings.pop()
        {
            match happening {
                Happening::Leave { ward, bed, person, admitted } => {
                    self.leave(at, usize::from(ward), bed, person, admitted, ledger.measures);
                }
                Happening::Ready { ward, bed } => {
                    self.beds[usize::from(ward)].make_ready(bed);
                    self.fill(at, usize::from(ward), &mut ledger);
                }
                Happening::Ask(patient) if patient.elective => {
                    self.beds[usize::from(patient.ward)].electives.insert(patient);
                }
                Happening::Ask(patient) => self.place(at, patient, &mut ledger),
                Happening::Escalate(patient) => self.escalate(at, patient, &mut ledger),
                Happening::Midnight => {
                    for (kind, ward) in Ward::ALL.iter().zip(&self.beds) {
                        ledger.measures.ward_mut(*kind).occupied_at_midnight.push(ward.occupied() as u32);
                    }
                    let next = at.plus_micros(MICROSECONDS_PER_DAY);
                    self.happenings.push(Reverse((next, Happening::Midnight)));
                }
                Happening::Electives => {
                    if calendar.is_working_day(day_of(at)) {
                        self.admit_electives(at, &mut ledger);
                    }
                    let next = at.plus_micros(MICROSECONDS_PER_DAY);
                    self.happenings.push(Reverse((next, Happening::Electives)));
                }
            }
        }
    }

    fn leave(
        &mut self,
        at: Moment,
        ward: usize,
        bed: u16,
        person: u64,
        admitted: Moment,
        measures: &mut Measures,
    ) {
        if let Some(occupant) = self.beds[ward].leave(bed, person, admitted) {
            let service = service_of(usize::from(occupant.service_ward), occupant.elective);
            let days = at.days_since(admitted);
            measures.service_mut(service).quintiles[usize::from(occupant.quintile)].units += days;
            let ready = at.plus_micros((self.parameters.turnaround_minutes * MINUTE_MICROS as f64) as i64);
            self.happenings.push(Reverse((ready, Happening::Ready { ward: ward as u8, bed })));
        }
    }

    /// A bed for an emergency: in the ward asked for, else where one can be spared, else in the queue.
    fn place(&mut self, at: Moment, patient: Patient, ledger: &mut Ledger) {
        let own = usize::from(patient.ward);
        if self.beds[own].emergencies.is_empty() && self.beds[own].free() > 0 {
            self.admit(at, patient, own, ledger);
            return;
        }
        let other = self.outliers_to[own].iter().copied().find(|other| self.can_spare(*other));
        if let Some(other) = other {
            self.admit(at, patient, other, ledger);
        } else {
            self.beds[own].emergencies.insert(patient);
            self.escalate_later(at, self.parameters.escalation_after_hours, patient);
        }
    }

    fn escalate_later(&mut self, at: Moment, hours: f64, patient: Patient) {
        self.happenings.push(Reverse((at.plus_days(hours / 24.0), Happening::Escalate(patient))));
    }

    /// Someone waited too long: any bed of theirs or of a ward for adults will do, those kept for others
    /// and the day unit's among them. Nobody waits without end where a bed ever becomes free.
    fn escalate(&mut self, at: Moment, patient: Patient, ledger: &mut Ledger) {
        let own = usize::from(patient.ward);
        if !self.beds[own].emergencies.contains(&patient) {
            return;
        }
        let outlying = self.outliers_to[own].iter().copied();
        let any = ESCALATED_TO.iter().map(|ward| ward.index()).filter(|_| takes_adults(own));
        let found = std::iter::once(own).chain(outlying).chain(any).find(|ward| self.beds[*ward].free() > 0);
        match found {
            Some(ward) => {
                self.beds[own].emergencies.remove(&patient);
                self.admit(at, patient, ward, ledger);
            }
            None => self.escalate_later(at, HOURS_BETWEEN_ESCALATIONS, patient),
        }
    }

    fn can_spare(&self, ward: usize) -> bool {
        self.beds[ward].emergencies.is_empty() && self.beds[ward].free() > self.beds[ward].reserve
    }

    /// A bed became ready: for the ward's own emergencies first, else for outliers.
    fn fill(&mut self, at: Moment, ward: usize, ledger: &mut Ledger) {
        while self.beds[ward].free() > 0
            && let Some(patient) = self.beds[ward].emergencies.pop_first()
        {
            self.admit(at, patient, ward, ledger);
        }
        while self.can_spare(ward) {
            let from = (0..self.beds.len())
                .filter(|other| self.outliers_to[*other].contains(&ward))
                .filter_map(|other| self.beds[other].emergencies.first().map(|patient| (*patient, other)))
                .min();
            let Some((patient, other)) = from else { return };
            self.beds[other].emergencies.remove(&patient);
            self.admit(at, patient, ward, ledger);
        }
    }

    fn admit_electives(&mut self, at: Moment, ledger: &mut Ledger) {
        let usual_per_week = 5.0;
        for place in 0..self.beds.len() {
            let ward = &mut self.beds[place];
            let listed = ward.electives.len() as f64 + ward.backlog as f64;
            let weeks = listed / (ward.elective_per_day * usual_per_week);
            let more = if weeks > self.parameters.initiative_above_weeks {
                self.parameters.initiative_extra_share
            } else {
                0.0
            };
            ward.owed += ward.elective_per_day * (1.0 + more);
            let mut admitted = 0;
            while self.beds[place].owed >= 1.0 {
                let ward = &mut self.beds[place];
                if ward.electives.is_empty() && ward.backlog == 0 {
                    // Theatre time that nobody needs is lost.
                    ward.owed = ward.owed.fract();
                    break;
                }
                let overtakes = ward.electives.first().is_some_and(|first| first.rank < self.backlog_rank);
                if ward.backlog > 0 && !overtakes {
                    // Those who waited before the start are not followed.
                    ward.backlog -= 1;
                    ward.owed -= 1.0;
                    continue;
                }
                if ward.free() <= ward.reserve {
                    let kind = Ward::ALL[place];
                    ledger.measures.ward_mut(kind).put_off_without_bed += ward.owed as u64;
                    ward.owed = ward.owed.fract();
                    break;
                }
                ward.owed -= 1.0;
                if let Some(patient) = ward.electives.pop_first() {
                    let at = at.plus_micros(admitted * BETWEEN_ADMISSIONS_MICROS);
                    self.admit(at, patient, place, ledger);
                    admitted += 1;
                }
            }
        }
    }

    fn admit(&mut self, at: Moment, patient: Patient, ward: usize, ledger: &mut Ledger) {
        let discharged = self.discharge(at, &patient, ward, ledger.calendar);
        let occupant = Occupant {
            person: patient.person,
            admitted: at,
            service_ward: patient.ward,
            elective: patient.elective,
            quintile: patient.quintile,
        };
        let Some(bed) = self.beds[ward].admit(occupant) else { return };
        self.waiting -= 1;
        let leave = Happening::Leave { ward: ward as u8, bed, person: patient.person, admitted: at };
        self.happenings.push(Reverse((discharged, leave)));
        let kind = Ward::ALL[ward];
        let occupied = self.beds[ward].occupied() as u64;
        let measured = ledger.measures.ward_mut(kind);
        measured.most_occupied = measured.most_occupied.max(occupied);
        if ward != usize::from(patient.ward) {
            ledger.measures.ward_mut(Ward::ALL[usize::from(patient.ward)]).outliers += 1;
        }
        let service = service_of(usize::from(patient.ward), patient.elective);
        let waited = minutes_between(patient.clock, at);
        // Bed days are counted when the bed is left.
        ledger.measures.attended(service, usize::from(patient.quintile), at, waited, 0.0);
        if !patient.elective {
            let (person, requested) = (patient.person, patient.requested);
            ledger.admissions.push(EmergencyAdmission { person, requested, admitted: at });
        }
        ledger.answers.push(Answer {
            wake: at.max(ledger.border),
            person: patient.person,
            process: patient.process,
            sequence: patient.sequence,
            outcome: Outcome::Bed { requested: patient.requested, admitted: at, discharged, ward: kind, bed },
        });
    }

    /// When the person leaves: after the stay, within the hours of discharge, fewer at weekends, and
    /// later when care outside is missing.
    fn discharge(&self, admitted: Moment, patient: &Patient, ward: usize, calendar: &Calendar) -> Moment {
        let [in_day, weekend, delayed, delay] = patient.draws.map(|draw| f64::from(draw) / 4_294_967_296.0);
        let mut due = admitted.plus_micros(patient.stay_micros);
        let long = patient.aged && patient.stay_micros >= LONG_STAY_MICROS;
        if long && delayed < self.parameters.delayed_discharge_probability {
            due = due.plus_days(-(1.0 - delay).ln() * self.parameters.delayed_discharge_days);
        }
        let hours = self.parameters.discharge_hours;
        let (first, last) = (i64::from(hours.first_minute()), i64::from(hours.last_minute()));
        let mut day = day_of(due);
        let minute = due.micros().rem_euclid(MICROSECONDS_PER_DAY) / MINUTE_MICROS;
        let within = (first..last).contains(&minute);
        if within && day == day_of(admitted) {
            return due;
        }
        if Ward::ALL[ward] == Ward::DayCase && day == day_of(admitted) && minute >= last {
            // The day unit closes: patients go home at its end.
            let closing = Moment::from_micros(day * MICROSECONDS_PER_DAY + last * MINUTE_MICROS);
            return closing.max(admitted);
        }
        if minute >= last {
            day += 1;
        }
        if weekend < self.parameters.weekend_hold_share {
            while !calendar.is_working_day(day) {
                day += 1;
            }
        }
        let moved = !within || day != day_of(due);
        let minute = if moved { first + (in_day * (last - first) as f64) as i64 } else { minute };
        Moment::from_micros(day * MICROSECONDS_PER_DAY + minute * MINUTE_MICROS).max(admitted)
    }

    /// Takes someone out of their bed and off the lists.
    pub(crate) fn withdraw(&mut self, at: Moment, person: u64, measures: &mut Measures) {
        for place in 0..self.beds.len() {
            if let Some((bed, occupant)) = self.beds[place].bed_of(person) {
                self.leave(at.max(occupant.admitted), place, bed, person, occupant.admitted, measures);
            }
            let ward = &mut self.beds[place];
            let before = ward.emergencies.len() + ward.electives.len();
            ward.emergencies.retain(|patient| patient.person != person);
            ward.electives.retain(|patient| patient.person != person);
            self.waiting -= (before - ward.emergencies.len() - ward.electives.len()) as u64;
        }
        let asked =
            |happening: &Happening| matches!(happening, Happening::Ask(patient) if patient.person == person);
        let before = self.happenings.len();
        self.happenings.retain(|Reverse((_, happening))| !asked(happening));
        self.waiting -= (before - self.happenings.len()) as u64;
    }

    /// The next time at which somebody who waits could get a bed.
    pub(crate) fn next_event(&self) -> Option<Moment> {
        if self.waiting == 0 {
            return None;
        }
        self.happenings.peek().map(|Reverse((at, _))| *at)
    }

    /// Counts those who wait at the end.
    pub(crate) fn close(&self, measures: &mut Measures) {
        for (place, ward) in self.beds.iter().enumerate() {
            measures.service_mut(service_of(place, false)).waiting_at_end += ward.emergencies.len() as u64;
            measures.service_mut(service_of(place, true)).waiting_at_end += ward.electives.len() as u64;
        }
    }
}

/// Where a run writes what happens.
struct Ledger<'run> {
    border: Moment,
    calendar: &'run Calendar,
    answers: &'run mut Vec<Answer>,
    admissions: &'run mut Vec<EmergencyAdmission>,
    measures: &'run mut Measures,
}

/// Whether a ward's patients may lie among adults of any kind.
fn takes_adults(ward: usize) -> bool {
    !matches!(Ward::ALL[ward], Ward::Paediatric | Ward::Maternity | Ward::MentalHealth)
}

fn service_of(ward: usize, elective: bool) -> ServiceKind {
    let kind = Ward::ALL[ward.min(Ward::ALL.len() - 1)];
    if elective { ServiceKind::ElectiveAdmission(kind) } else { ServiceKind::EmergencyAdmission(kind) }
}

#[cfg(test)]
mod tests;
