//! All services of one locality.

use super::beds::{Admission, EmergencyAdmission, Wards};
use super::clinics::{Clinics, NewClinic, Purpose};
use super::community::{OutOfHours, Pharmacy};
use super::departures::Departures;
use super::draws::DemandDraws;
use super::emergency::EmergencyDepartment;
use super::laboratory::Laboratory;
use super::lane::LaneRules;
use super::measures::{Measures, ServiceKind};
use super::parameters::{SupplyParameters, UnitCost};
use super::practice::{Practices, Visit};
use super::scanners::EmergencyScanners;
use super::{Answer, Clinic, ClosedSet, Demand, DemandKind, Modality, Priority, Specialty, Ward};
use crate::calendar::Calendar;
use crate::engine::Moment;

/// Nothing is staffed for fewer people.
const LEAST_PEOPLE: u64 = 1_000;

/// The services of one locality: its practices and its share of a hospital.
///
/// # Determinism
/// Answers depend on the parameters, the seed, the locality and the demands alone. What is drawn for a
/// demand belongs to its person, process and day: another's demand shifts nobody's draws.
///
/// # Limits
/// Practices have equal lists. A person may be given two appointments that overlap. Referrals' clocks
/// stop at the first attendance. Slots booked by someone who then dies stay booked. Fewer than 1,000
/// people are served by the services of 1,000.
#[derive(Clone, Debug)]
pub struct Supply {
    calendar: Calendar,
    practices: Practices,
    out_of_hours: OutOfHours,
    pharmacy: Pharmacy,
    laboratory: Laboratory,
    emergency: EmergencyDepartment,
    departures: Departures,
    wards: Wards,
    admissions: Vec<EmergencyAdmission>,
    outpatient: Clinics,
    imaging: Clinics,
    scanners: EmergencyScanners,
    measures: Measures,
}

impl Supply {
    /// Opens the services for `people` registered with `practices` practices, from `start`.
    pub fn new(
        parameters: &SupplyParameters,
        people: u64,
        practices: u16,
        start: Moment,
        seed: u64,
        locality: u64,
    ) -> Self {
        let people = people.max(LEAST_PEOPLE) as f64;
        let attendance = parameters.attendance;
        let mut measures = Measures::new(start);
        set_costs(parameters, &mut measures);
        Self {
            calendar: Calendar::england(),
            practices: Practices::new(
                &parameters.practice,
                attendance,
                people,
                practices,
                start,
                seed,
                locality,
            ),
            out_of_hours: OutOfHours::new(parameters.out_of_hours, people),
            pharmacy: Pharmacy::new(parameters.pharmacy, people, seed),
            laboratory: Laboratory::new(&parameters.laboratory, people, seed),
            emergency: EmergencyDepartment::new(&parameters.emergency, people, start, seed),
            departures: Departures::default(),
            wards: Wards::new(&parameters.beds, people, start, seed, &mut measures),
            admissions: Vec::new(),
            outpatient: outpatient(parameters, people, start, seed),
            imaging: imaging(parameters, people, start, seed),
            scanners: EmergencyScanners::new(&parameters.imaging, people, seed),
            measures,
        }
    }

    /// Serves the demands made before `border` and since the last call, in order of (time, person,
    /// sequence), and carries on with those that wait.
    ///
    /// Every demand gets exactly one answer, in this call or (those that queue for a clinician, a
    /// waiting list or a bed) in a later one; no answer wakes before `border`. Borders must not go back.
    /// May be called without demands.
    pub fn serve(&mut self, border: Moment, demands: &[Demand], answers: &mut Vec<Answer>) {
        for demand in demands {
            self.receive(border, demand, answers);
        }
        let (calendar, measures) = (&self.calendar, &mut self.measures);
        self.practices.run(border, calendar, answers, measures);
        self.outpatient.run(border, calendar, answers, measures);
        self.imaging.run(border, calendar, answers, measures);
        let before = answers.len();
        self.emergency.run(border, answers, measures);
        self.departures.note(&answers[before..]);
        self.wards.run(border, calendar, answers, &mut self.admissions, measures);
        self.departures.settle(border, &mut self.admissions, measures);
    }

    fn receive(&mut self, border: Moment, demand: &Demand, answers: &mut Vec<Answer>) {
        let (calendar, measures) = (&self.calendar, &mut self.measures);
        match demand.kind {
            DemandKind::Appointment { clinic: Clinic::OutOfHours, minutes, .. } => {
                answers.push(self.out_of_hours.serve(demand, minutes, border, calendar, measures));
            }
            DemandKind::Appointment { clinic, urgency, earliest, minutes } => {
                let visit = Visit { clinic, urgency, earliest, minutes };
                self.practices.ask(demand, visit, calendar, measures);
            }
            DemandKind::Outpatient { specialty, priority, first, earliest } => {
                let lane = specialty.index() * 2 + usize::from(!first);
                self.outpatient.ask(demand, lane, priority, earliest, measures);
            }
            DemandKind::Emergency { acuity, .. } => {
                self.departures.arrive(demand);
                self.emergency.arrive(demand, acuity, measures);
            }
            DemandKind::Bed { ward, priority, stay_days, earliest } => {
                self.wards.ask(demand, Admission { ward, priority, stay_days, earliest }, measures);
            }
            DemandKind::Imaging { modality, priority } => {
                let scan = match priority {
                    Priority::Emergency => self.scanners.serve(demand, modality, border, measures),
                    Priority::TwoWeekWait | Priority::Urgent | Priority::Routine => None,
                };
                match scan {
                    Some(answer) => answers.push(answer),
                    None => self.imaging.ask(demand, modality.index(), priority, demand.at, measures),
                }
            }
            DemandKind::Laboratory { urgent } => {
                answers.push(self.laboratory.serve(demand, urgent, border, calendar, measures));
            }
            DemandKind::Pharmacy { items } => {
                answers.push(self.pharmacy.serve(demand, items, border, calendar, measures));
            }
        }
    }

    /// The next time at which someone who waits now may be served, `None` when nobody waits: call
    /// [`Supply::serve`] with a border after it, even if nobody demands anything meanwhile.
    pub fn next_due(&self) -> Option<Moment> {
        [
            self.practices.next_event(),
            self.emergency.next_event(),
            self.wards.next_event(),
            self.outpatient.next_event(),
            self.imaging.next_event(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Takes someone who died or moved away off all lists and out of their bed. What they still wait
    /// for is not answered any more.
    pub fn withdraw(&mut self, at: Moment, person: u64) {
        self.practices.withdraw(person);
        self.emergency.withdraw(person);
        self.wards.withdraw(at, person, &mut self.measures);
        self.outpatient.withdraw(person);
        self.imaging.withdraw(person);
    }

    /// What the services did so far.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// Counts who still waits at the end of the run and hands over what the services did.
    pub fn close(mut self, end: Moment) -> Measures {
        self.practices.close(end, &self.calendar, &mut self.measures);
        self.wards.close(&mut self.measures);
        self.outpatient.close(&mut self.measures);
        self.imaging.close(&mut self.measures);
        self.measures.service_mut(ServiceKind::Emergency).waiting_at_end = self.emergency.waiting();
        self.measures
    }
}

fn outpatient(parameters: &SupplyParameters, people: f64, start: Moment, seed: u64) -> Clinics {
    let settings = &parameters.outpatient;
    let rules = LaneRules {
        hours: settings.hours,
        rule: settings.rule,
        notice_days: i64::from(settings.notice_days),
        least_notice_days: i64::from(settings.least_notice_days),
        urgent_notice_days: i64::from(settings.urgent_notice_days),
        held_share: settings.held_for_urgent_share,
        held_release_days: i64::from(settings.held_release_days),
        // Each specialty's own.
        backlog_weeks: 0.0,
        initiative_above_weeks: 0.0,
        initiative_extra_share: settings.initiative_extra_share,
    };
    let lanes = Specialty::ALL.iter().flat_map(|specialty| {
        // Every specialty has settings: they were checked.
        let lanes = settings.specialties.get(specialty).copied().unwrap_or_default();
        [
            NewClinic {
                service: ServiceKind::OutpatientFirst(*specialty),
                purpose: Purpose::First,
                parameters: lanes.first,
                list_weeks: Some(lanes.list_weeks),
            },
            NewClinic {
                service: ServiceKind::OutpatientFollowUp(*specialty),
                purpose: Purpose::FollowUp,
                parameters: lanes.follow_up,
                list_weeks: Some(lanes.list_weeks),
            },
        ]
    });
    let lanes: Vec<NewClinic> = lanes.collect();
    Clinics::new(
        &lanes,
        rules,
        parameters.attendance,
        people,
        start,
        DemandDraws::new(seed, "supply/outpatient"),
    )
}

fn imaging(parameters: &SupplyParameters, people: f64, start: Moment, seed: u64) -> Clinics {
    let settings = &parameters.imaging;
    let rules = LaneRules {
        hours: settings.hours,
        rule: settings.rule,
        notice_days: i64::from(settings.notice_days),
        least_notice_days: i64::from(settings.least_notice_days),
        urgent_notice_days: i64::from(settings.urgent_notice_days),
        held_share: settings.held_for_urgent_share,
        held_release_days: i64::from(settings.held_release_days),
        backlog_weeks: settings.backlog_weeks,
        initiative_above_weeks: settings.initiative_above_weeks,
        initiative_extra_share: settings.initiative_extra_share,
    };
    let lanes = Modality::ALL.iter().map(|modality| {
        let machine = settings.modalities.get(modality).copied().unwrap_or_default();
        NewClinic {
            service: ServiceKind::Imaging(*modality),
            purpose: Purpose::Scan {
                urgent_report_days: machine.urgent_report_days,
                routine_report_days: machine.routine_report_days,
            },
            parameters: machine.booked,
            list_weeks: None,
        }
    });
    let lanes: Vec<NewClinic> = lanes.collect();
    Clinics::new(
        &lanes,
        rules,
        parameters.attendance,
        people,
        start,
        DemandDraws::new(seed, "supply/imaging"),
    )
}

fn set_costs(parameters: &SupplyParameters, measures: &mut Measures) {
    let mut set = |service: ServiceKind, cost: UnitCost| measures.service_mut(service).cost = cost;
    let practice = &parameters.practice;
    set(ServiceKind::Clinic(Clinic::GeneralPractitioner), practice.general_practitioner.cost);
    set(ServiceKind::Clinic(Clinic::Nurse), practice.nurse.cost);
    set(ServiceKind::Clinic(Clinic::Telephone), practice.telephone.cost);
    set(ServiceKind::Clinic(Clinic::HomeVisit), practice.home_visit.cost);
    set(ServiceKind::Clinic(Clinic::OutOfHours), parameters.out_of_hours.cost);
    set(ServiceKind::Pharmacy, parameters.pharmacy.cost);
    set(ServiceKind::Laboratory, parameters.laboratory.cost);
    set(ServiceKind::Emergency, parameters.emergency.cost);
    for (specialty, lanes) in &parameters.outpatient.specialties {
        set(ServiceKind::OutpatientFirst(*specialty), lanes.first.cost);
        set(ServiceKind::OutpatientFollowUp(*specialty), lanes.follow_up.cost);
    }
    for (modality, machine) in &parameters.imaging.modalities {
        set(ServiceKind::Imaging(*modality), machine.booked.cost);
    }
    for ward in Ward::ALL {
        let cost = parameters.beds.wards.get(ward).map_or(UnitCost::default(), |ward| ward.cost);
        set(ServiceKind::EmergencyAdmission(*ward), cost);
        set(ServiceKind::ElectiveAdmission(*ward), cost);
    }
}

#[cfg(test)]
mod tests;
