//! Services without appointments in the community: out-of-hours care and pharmacies.

use super::draws::DemandDraws;
use super::measures::{MINUTE_MICROS, minutes_between, quintile};
use super::opening::{Timetable, next_out_of_hours};
use super::parameters::{OutOfHoursParameters, PharmacyParameters};
use super::servers::Servers;
use super::{Answer, Attendance, Clinic, Demand, Measures, Outcome, ServiceKind};
use crate::calendar::Calendar;
use crate::engine::Moment;

/// Care at nights, weekends and bank holidays.
#[derive(Clone, Debug)]
pub(crate) struct OutOfHours {
    parameters: OutOfHoursParameters,
    clinicians: Servers,
}

impl OutOfHours {
    pub(crate) fn new(parameters: OutOfHoursParameters, people: f64) -> Self {
        let clinicians = Servers::for_capacity(parameters.clinicians_per_1000 * people / 1000.0);
        Self { parameters, clinicians }
    }

    /// Serves a call; calls come in order of time and are for care now.
    pub(crate) fn serve(
        &mut self,
        demand: &Demand,
        minutes: u16,
        border: Moment,
        calendar: &Calendar,
        measures: &mut Measures,
    ) -> Answer {
        let service = ServiceKind::Clinic(Clinic::OutOfHours);
        let fifth = quintile(demand.imd_decile);
        measures.demanded(service, fifth, demand.at);
        let called_back = (self.parameters.call_back_minutes * MINUTE_MICROS as f64) as i64;
        let shut = self.parameters.shut;
        let taken = self.clinicians.take(
            demand.at.micros() + called_back,
            i64::from(minutes) * MINUTE_MICROS,
            |at| next_out_of_hours(at, shut, calendar),
        );
        let (wake, outcome) = if let Some((start, clinician)) = taken {
            let start = Moment::from_micros(start);
            let lead_days = super::measures::day_of(start) - super::measures::day_of(demand.at);
            measures.service_mut(service).fated(fifth, lead_days, Attendance::Attended);
            measures.attended(service, fifth, start, minutes_between(demand.at, start), 1.0);
            let attended = Outcome::Appointment {
                booked: demand.at,
                start,
                called: start,
                minutes,
                clinician,
                attendance: Attendance::Attended,
            };
            (start, attended)
        } else {
            measures.service_mut(service).quintiles[fifth].not_offered += 1;
            (demand.at, Outcome::not_offered(demand.at, minutes))
        };
        Answer {
            wake: wake.max(border),
            person: demand.person,
            process: demand.process,
            sequence: demand.sequence,
            outcome,
        }
    }
}

/// Dispensing.
#[derive(Clone, Debug)]
pub(crate) struct Pharmacy {
    parameters: PharmacyParameters,
    dispensers: Servers,
    draws: DemandDraws,
}

impl Pharmacy {
    pub(crate) fn new(parameters: PharmacyParameters, people: f64, seed: u64) -> Self {
        let dispensers = Servers::for_capacity(parameters.dispensers_per_1000 * people / 1000.0);
        Self { parameters, dispensers, draws: DemandDraws::new(seed, "supply/pharmacy") }
    }

    /// Dispenses a prescription that arrives now, once the person calls for it.
    pub(crate) fn serve(
        &mut self,
        demand: &Demand,
        items: u8,
        border: Moment,
        calendar: &Calendar,
        measures: &mut Measures,
    ) -> Answer {
        let fifth = quintile(demand.imd_decile);
        measures.demanded(ServiceKind::Pharmacy, fifth, demand.at);
        let hours = Timetable {
            weekday: self.parameters.weekday_hours,
            saturday: Some(self.parameters.saturday_hours),
        };
        let at = demand.at.micros();
        let delay = self.draws.open(demand).uniform_above_zero().ln();
        let visit = demand.at.plus_days(-delay * self.parameters.visit_delay_days).micros();
        let work = (f64::from(items) * self.parameters.minutes_per_item * MINUTE_MICROS as f64) as i64;
        let ready = self
            .dispensers
            .take(at, work, |at| hours.next_open(at, calendar))
            .map_or(at, |(start, _)| start + work);
        let dispensed = Moment::from_micros(hours.next_open(ready.max(visit), calendar));
        let waited = minutes_between(demand.at, dispensed);
        measures.attended(ServiceKind::Pharmacy, fifth, dispensed, waited, f64::from(items));
        Answer {
            wake: dispensed.max(border),
            person: demand.person,
            process: demand.process,
            sequence: demand.sequence,
            outcome: Outcome::Pharmacy { dispensed },
        }
    }
}
