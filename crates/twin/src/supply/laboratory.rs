//! The laboratory: van collections, analyser batches, urgent specimens, authorisation.

use super::draws::DemandDraws;
use super::measures::{MINUTE_MICROS, minutes_between, quintile};
use super::opening::Timetable;
use super::parameters::LaboratoryParameters;
use super::{Answer, Demand, Measures, Outcome, ServiceKind};
use crate::calendar::Calendar;
use crate::engine::Moment;
use twinloom_event::MICROSECONDS_PER_DAY;

/// The laboratory of a locality.
#[derive(Clone, Debug)]
pub(crate) struct Laboratory {
    parameters: LaboratoryParameters,
    places: u32,
    /// The batch being filled, by number since 1970, and the specimens in it.
    batch: i64,
    loaded: u32,
    draws: DemandDraws,
}

impl Laboratory {
    pub(crate) fn new(parameters: &LaboratoryParameters, people: f64, seed: u64) -> Self {
        let places = (parameters.batch_places_per_1000 * people / 1000.0).round().max(1.0);
        Self {
            places: places as u32,
            batch: i64::MIN,
            loaded: 0,
            draws: DemandDraws::new(seed, "supply/laboratory"),
            parameters: parameters.clone(),
        }
    }

    /// Handles a specimen taken now; specimens come in order of time.
    pub(crate) fn serve(
        &mut self,
        demand: &Demand,
        urgent: bool,
        border: Moment,
        calendar: &Calendar,
        measures: &mut Measures,
    ) -> Answer {
        let fifth = quintile(demand.imd_decile);
        measures.demanded(ServiceKind::Laboratory, fifth, demand.at);
        let minutes = |minutes: f64| (minutes * MINUTE_MICROS as f64) as i64;
        let at = demand.at.micros();
        let (received, analysed) = if urgent {
            let received = at + minutes(self.parameters.urgent_transport_minutes);
            (received, received + minutes(self.parameters.urgent_analysis_minutes))
        } else {
            let received = self.collection(at, calendar) + minutes(self.parameters.transport_minutes);
            (received, self.batch(received) + minutes(self.parameters.analysis_minutes))
        };
        let by_hand = self.draws.open(demand).chance(self.parameters.manual_authorisation_share);
        let resulted = if by_hand && !urgent {
            let hours = Timetable { weekday: self.parameters.authorisation_hours, saturday: None };
            hours.next_open(analysed, calendar)
        } else {
            analysed
        };
        let (received, resulted) = (Moment::from_micros(received), Moment::from_micros(resulted));
        measures.attended(
            ServiceKind::Laboratory,
            fifth,
            resulted,
            minutes_between(demand.at, resulted),
            1.0,
        );
        Answer {
            wake: resulted.max(border),
            person: demand.person,
            process: demand.process,
            sequence: demand.sequence,
            outcome: Outcome::Laboratory { received, resulted },
        }
    }

    /// The next van's time.
    fn collection(&self, at: i64, calendar: &Calendar) -> i64 {
        let mut day = at.div_euclid(MICROSECONDS_PER_DAY);
        let mut within = at.rem_euclid(MICROSECONDS_PER_DAY);
        loop {
            if calendar.is_working_day(day) {
                let mut vans = self.parameters.collection_minutes.iter();
                let next = vans.find(|minute| i64::from(**minute) * MINUTE_MICROS >= within);
                if let Some(minute) = next {
                    return day * MICROSECONDS_PER_DAY + i64::from(*minute) * MINUTE_MICROS;
                }
            }
            day += 1;
            within = 0;
        }
    }

    /// Puts a specimen into the first batch that has room; returns when it is loaded.
    fn batch(&mut self, received: i64) -> i64 {
        let interval = i64::from(self.parameters.batch_interval_minutes) * MINUTE_MICROS;
        let first = received.div_euclid(interval) + i64::from(received.rem_euclid(interval) > 0);
        // Vans come in order, so a batch that was passed over never gets another specimen.
        if first > self.batch {
            (self.batch, self.loaded) = (first, 0);
        }
        if self.loaded >= self.places {
            (self.batch, self.loaded) = (self.batch + 1, 0);
        }
        self.loaded += 1;
        self.batch * interval
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::{DemandKind, SupplyParameters};

    const HOUR: i64 = 60 * MINUTE_MICROS;
    const MONDAY: i64 = 18_267 * MICROSECONDS_PER_DAY; // 2020-01-06

    fn results(places_per_1000: f64, taken: &[i64], urgent: bool) -> Vec<(i64, i64)> {
        let parameters = LaboratoryParameters {
            batch_places_per_1000: places_per_1000,
            collection_minutes: vec![660, 990],
            transport_minutes: 60.0,
            batch_interval_minutes: 120,
            analysis_minutes: 30.0,
            urgent_transport_minutes: 10.0,
            urgent_analysis_minutes: 20.0,
            manual_authorisation_share: 0.0,
            ..SupplyParameters::default().laboratory
        };
        let mut laboratory = Laboratory::new(&parameters, 1_000.0, 1);
        let (calendar, start) = (Calendar::england(), Moment::from_micros(MONDAY));
        let mut measures = Measures::new(start);
        let mut result = |at: &i64| {
            let demand = Demand {
                at: Moment::from_micros(*at),
                person: 1,
                sequence: 0,
                process: 0,
                kind: DemandKind::Laboratory { urgent },
                practice: 0,
                age_years: 50.0,
                imd_decile: 1,
                missing_ratio: 1.0,
            };
            match laboratory.serve(&demand, urgent, start, &calendar, &mut measures).outcome {
                Outcome::Laboratory { received, resulted } => (received.micros(), resulted.micros()),
                other => panic!("{other:?}"),
            }
        };
        taken.iter().map(&mut result).collect()
    }

    #[test]
    fn ref_specimens_wait_for_the_van_the_batch_and_a_place() {
        // Taken at 09:00: van 11:00, received 12:00, batch 12:00, result 12:30. With 2 places, the
        // third waits for the batch of 14:00; taken on Friday evening, for Monday's van.
        let nine = MONDAY + 9 * HOUR;
        let seen = results(2.0, &[nine, nine, nine, MONDAY + 4 * 24 * HOUR + 20 * HOUR], false);
        let noon = MONDAY + 12 * HOUR;
        assert_eq!(seen[0], (noon, noon + HOUR / 2));
        assert_eq!(seen[1], (noon, noon + HOUR / 2));
        assert_eq!(seen[2], (noon, noon + 2 * HOUR + HOUR / 2));
        let next_monday = noon + 7 * 24 * HOUR;
        assert_eq!(seen[3], (next_monday, next_monday + HOUR / 2));
    }

    #[test]
    fn ref_urgent_specimens_wait_for_nothing() {
        let night = MONDAY + 3 * HOUR;
        let minutes = |minutes: i64| night + minutes * MINUTE_MICROS;
        assert_eq!(
            results(1.0, &[night, night], true),
            [(minutes(10), minutes(30)), (minutes(10), minutes(30))]
        );
    }
}
