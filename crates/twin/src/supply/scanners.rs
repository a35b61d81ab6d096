//! Imaging for emergencies, day and night.

use super::draws::{DemandDraws, exponential_micros};
use super::measures::{MINUTE_MICROS, minutes_between, quintile};
use super::parameters::ImagingParameters;
use super::servers::Servers;
use super::{Answer, ClosedSet, Demand, Measures, Modality, Outcome, ServiceKind};
use crate::engine::Moment;

/// Machines kept for emergencies.
#[derive(Clone, Debug)]
pub(crate) struct EmergencyScanners {
    rooms: Vec<Servers>,
    scan_micros: Vec<i64>,
    delay_minutes: f64,
    report_minutes: f64,
    draws: DemandDraws,
}

impl EmergencyScanners {
    pub(crate) fn new(parameters: &ImagingParameters, people: f64, seed: u64) -> Self {
        let minutes = |modality: &Modality| {
            parameters.modalities.get(modality).map_or(0, |machine| i64::from(machine.booked.slot_minutes))
        };
        let rooms = parameters.emergency_rooms_per_1000 * people / 1000.0;
        Self {
            rooms: Modality::ALL.iter().map(|_| Servers::for_capacity(rooms)).collect(),
            scan_micros: Modality::ALL.iter().map(|modality| minutes(modality) * MINUTE_MICROS).collect(),
            delay_minutes: parameters.emergency_delay_minutes,
            report_minutes: parameters.emergency_report_minutes,
            draws: DemandDraws::new(seed, "supply/emergency_imaging"),
        }
    }

    /// Scans now, in order of asking; `None` where no machine is kept for emergencies.
    pub(crate) fn serve(
        &mut self,
        demand: &Demand,
        modality: Modality,
        border: Moment,
        measures: &mut Measures,
    ) -> Option<Answer> {
        let scan_micros = self.scan_micros[modality.index()];
        let mut stream = self.draws.open(demand);
        let delay = exponential_micros(self.delay_minutes, &mut stream);
        let report = exponential_micros(self.report_minutes, &mut stream);
        // The machine is taken in order of asking; the porter's delay does not block it.
        let (start, _) = self.rooms[modality.index()].take(demand.at.micros(), scan_micros, |at| at)?;
        let taken = Moment::from_micros(start + delay);
        let reported = taken.plus_micros(scan_micros + report);
        let (service, fifth) = (ServiceKind::Imaging(modality), quintile(demand.imd_decile));
        measures.demanded(service, fifth, demand.at);
        measures.attended(service, fifth, taken, minutes_between(demand.at, taken), 1.0);
        Some(Answer {
            wake: reported.max(border),
            person: demand.person,
            process: demand.process,
            sequence: demand.sequence,
            outcome: Outcome::Imaging { taken, reported },
        })
    }
}
