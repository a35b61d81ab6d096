//! The emergency department: triage, places of care, priority by acuity, and people who leave.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::draws::{DemandDraws, exponential_micros};
use super::measures::{FOUR_HOURS_MINUTES, MINUTE_MICROS, minutes_between, quintile};
use super::parameters::EmergencyParameters;
use super::rule::Rank;
use super::servers::Servers;
use super::{Acuity, Answer, ClosedSet, Demand, Measures, Outcome, ServiceKind};
use crate::distribution::standard_normal;
use crate::engine::Moment;

const HOUR_MICROS: i64 = 60 * MINUTE_MICROS;

/// Someone between triage and being seen; the least is seen first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Patient {
    rank: Rank,
    person: u64,
    sequence: u32,
    process: u16,
    quintile: u8,
    arrived: Moment,
    triaged: Moment,
    /// Leaves unseen then.
    patience_ends: Moment,
    care_micros: i64,
}

/// The emergency department of a locality.
#[derive(Clone, Debug)]
pub(crate) struct EmergencyDepartment {
    parameters: EmergencyParameters,
    places: f64,
    triage: Servers,
    draws: DemandDraws,
    /// In triage, by the time it ends.
    at_triage: BinaryHeap<Reverse<(Moment, Patient)>>,
    waiting: BTreeSet<Patient>,
    /// Under care, by the time they leave.
    under_care: BinaryHeap<Reverse<Moment>>,
    /// Nothing before it is open any more.
    now: Moment,
}

impl EmergencyDepartment {
    pub(crate) fn new(parameters: &EmergencyParameters, people: f64, start: Moment, seed: u64) -> Self {
        let thousands = people / 1000.0;
        let places = parameters.care_places_per_1000 * thousands;
        Self {
            places: places.max(1.0),
            triage: Servers::for_capacity(parameters.triage_nurses_per_1000 * thousands),
            parameters: parameters.clone(),
            draws: DemandDraws::new(seed, "supply/emergency"),
            at_triage: BinaryHeap::new(),
            waiting: BTreeSet::new(),
            under_care: BinaryHeap::new(),
            now: start,
        }
    }

    /// Someone arrives.
    pub(crate) fn arrive(&mut self, demand: &Demand, acuity: Acuity, measures: &mut Measures) {
        let place = acuity.index();
        let fifth = quintile(demand.imd_decile);
        measures.demanded(ServiceKind::Emergency, fifth, demand.at);
        let mut stream = self.draws.open(demand);
        let triage_micros = exponential_micros(self.parameters.triage_minutes, &mut stream);
        let patience = exponential_micros(self.parameters.patience_minutes[place], &mut stream);
        let care_micros = self.care_micros(place, standard_normal(&mut stream));
        let arrived = demand.at.micros();
        // The most urgent are taken straight in; a department without triage lets everybody through.
        let triaged = match acuity {
            Acuity::Immediate => arrived,
            _ => self
                .triage
                .take(arrived, triage_micros, |at| at)
                .map_or(arrived, |(start, _)| start + triage_micros),
        };
        let triaged = Moment::from_micros(triaged);
        let patience_ends = if self.parameters.patience_minutes[place] > 0.0 {
            triaged.plus_micros(patience)
        } else {
            Moment::NEVER
        };
        let patient = Patient {
            rank: self.parameters.rule.rank(demand.at, demand.at, place as u8, demand.imd_decile),
            person: demand.person,
            sequence: demand.sequence,
            process: demand.process,
            quintile: fifth as u8,
            arrived: demand.at,
            triaged,
            patience_ends,
            care_micros,
        };
        self.at_triage.push(Reverse((triaged, patient)));
    }

    /// Log-normal with the given mean and variation.
    fn care_micros(&self, place: usize, normal: f64) -> i64 {
        let spread = (1.0 + self.parameters.care_variation.powi(2)).ln();
        let minutes = self.parameters.care_minutes[place] * (spread.sqrt() * normal - 0.5 * spread).exp();
        (minutes * MINUTE_MICROS as f64) as i64
    }

    /// Carries on up to `border`.
    pub(crate) fn run(&mut self, border: Moment, answers: &mut Vec<Answer>, measures: &mut Measures) {
        while let Some(next) = self.next_event().filter(|next| *next < border) {
            self.now = next;
            while self.under_care.peek().is_some_and(|Reverse(leaves)| *leaves <= next) {
                self.under_care.pop();
            }
            while let Some(Reverse((triaged, patient))) = self.at_triage.peek().copied()
                && triaged <= next
            {
                self.at_triage.pop();
                self.waiting.insert(patient);
            }
            while self.under_care.len() < self.places_at(next)
                && let Some(patient) = self.next_patient(border, answers, measures)
            {
                self.see(&patient, border, answers, measures);
            }
        }
        let left: Vec<Patient> =
            self.waiting.iter().copied().filter(|patient| patient.patience_ends < border).collect();
        for patient in left {
            self.waiting.remove(&patient);
            Self::leave(&patient, border, answers, measures);
        }
        // What happens at the border itself is still to come.
        self.now = self.now.max(border.plus_micros(-1));
    }

    /// Takes the first who is still there off the list; those who left meanwhile are answered.
    fn next_patient(
        &mut self,
        border: Moment,
        answers: &mut Vec<Answer>,
        measures: &mut Measures,
    ) -> Option<Patient> {
        while let Some(patient) = self.waiting.pop_first() {
            if patient.patience_ends >= self.now {
                return Some(patient);
            }
            Self::leave(&patient, border, answers, measures);
        }
        None
    }

    fn see(&mut self, patient: &Patient, border: Moment, answers: &mut Vec<Answer>, measures: &mut Measures) {
        let seen = self.now;
        let departed = seen.plus_micros(patient.care_micros);
        self.under_care.push(Reverse(departed));
        let fifth = usize::from(patient.quintile);
        let waited = minutes_between(patient.arrived, seen);
        measures.attended(ServiceKind::Emergency, fifth, patient.arrived, waited, 1.0);
        Self::depart(patient, departed, measures);
        answers.push(patient.answer(border, seen, departed, false));
    }

    fn leave(patient: &Patient, border: Moment, answers: &mut Vec<Answer>, measures: &mut Measures) {
        let departed = patient.patience_ends;
        Self::depart(patient, departed, measures);
        measures.emergency_mut(usize::from(patient.quintile)).left_unseen += 1;
        answers.push(patient.answer(border, departed, departed, true));
    }

    fn depart(patient: &Patient, departed: Moment, measures: &mut Measures) {
        let stayed = minutes_between(patient.arrived, departed);
        let tally = measures.emergency_mut(usize::from(patient.quintile));
        tally.attendances += 1;
        tally.within_4_hours += u64::from(stayed <= FOUR_HOURS_MINUTES);
        tally.stay.add(stayed);
    }

    /// Takes someone off the list.
    pub(crate) fn withdraw(&mut self, person: u64) {
        self.waiting.retain(|patient| patient.person != person);
        self.at_triage.retain(|Reverse((_, patient))| patient.person != person);
    }

    /// People who wait for triage or to be seen.
    pub(crate) fn waiting(&self) -> u64 {
        (self.waiting.len() + self.at_triage.len()) as u64
    }

    /// The next time at which somebody who waits could be seen.
    pub(crate) fn next_event(&self) -> Option<Moment> {
        let triage = self.at_triage.peek().map(|Reverse((triaged, _))| *triaged);
        if self.waiting.is_empty() {
            return triage;
        }
        let hour = Moment::from_micros((self.now.micros().div_euclid(HOUR_MICROS) + 1) * HOUR_MICROS);
        let place = self.under_care.peek().map(|Reverse(leaves)| *leaves);
        [triage, place, Some(hour)].into_iter().flatten().min()
    }

    /// Places in use during the hour of a moment: fractions of a place are worked in some hours only.
    fn places_at(&self, at: Moment) -> usize {
        let hour = at.micros().div_euclid(HOUR_MICROS);
        let mean = self.places * self.parameters.staffing_by_hour[hour.rem_euclid(24) as usize];
        let (whole, part) = (mean.floor(), mean.fract());
        // The Weyl sequence of the golden ratio spreads the hours evenly, not by hour of the day.
        let extra = (hour as f64 * 0.618_033_988_749_895).rem_euclid(1.0) < part;
        (whole as usize + usize::from(extra)).max(1)
    }
}

impl Patient {
    fn answer(&self, border: Moment, seen: Moment, departed: Moment, left_unseen: bool) -> Answer {
        Answer {
            wake: departed.max(border),
            person: self.person,
            process: self.process,
            sequence: self.sequence,
            outcome: Outcome::Emergency { triaged: self.triaged.min(seen), seen, departed, left_unseen },
        }
    }
}

#[cfg(test)]
mod tests;
