//! Contacts: asking for them, coming to them, missing them, ending them.
//!
//! Before the run's start a person lives alone: the wait is drawn from the module's `wait_days` and the
//! slot lies within the service's hours. From then on the locality's services answer. Either way nobody
//! is in two places at once: a contact begins when the person is free of the last.

use super::encounter_spec::EncounterSpec;
use super::instance::{Instance, Slot, Waiting};
use super::interpreter::{Interpreter, Step};
use twinloom_event::MICROSECONDS_PER_DAY;

use crate::calendar::OpeningHours;
use crate::contact::{HospitalDetail, Service};
use crate::engine::{Context, Moment, border_after};
use crate::patient::Patient;
use crate::supply::{Attendance, Clinic, Demand, DemandKind, Outcome, Priority, Ward};

/// How often a module that waits for someone in hospital looks again.
const DAYS_TO_LOOK_AGAIN: f64 = 1.0;
/// Who comes later than this to an appointment is not seen.
const MOST_DAYS_LATE: f64 = 1.0 / 24.0;

impl Interpreter {
    /// Asks for a contact.
    pub(super) fn ask(
        &self,
        spec: &EncounterSpec,
        place: (u16, u16),
        patient: &mut Patient,
        instance: &mut Instance,
        context: &mut Context,
    ) -> Step {
        let now = context.now();
        if spec.service == Service::Outpatient && spec.first && instance.misses == 0 {
            Self::refer(spec, patient, instance, now);
        }
        // Drawn whether used or not, so that what services do shifts no other draw.
        let days = spec.wait_days.sample(&mut instance.stream).max(0.0);
        let stay_days = spec.stay_days.sample(&mut instance.stream).clamp(0.05, 365.0);
        if !context.is_served() {
            if spec.service.is_booked() {
                let slot = self.slot(spec.service, now.plus_days(days), instance);
                return Step::Wait(Waiting::Contact, slot);
            }
            if days > 0.0 {
                return Step::Wait(Waiting::Contact, now.plus_days(days));
            }
            return self.start_contact(spec, place, patient, instance, context);
        }
        let unplanned = spec.service == Service::Emergency
            || (spec.service.is_bed() && spec.priority == Priority::Emergency);
        if unplanned && let Some(free) = Self::busy_until(patient, instance, now) {
            return Step::Wait(Waiting::Contact, free);
        }
        let earliest = border_after(now);
        let kind = match spec.service {
            Service::Emergency => {
                Self::arrive(spec, patient, instance, now);
                DemandKind::Emergency { acuity: spec.acuity, by_ambulance: spec.by_ambulance }
            }
            Service::Inpatient | Service::DayCase => {
                if unplanned {
                    patient.occupied_by = Some(instance.process);
                }
                let ward = ward_for(spec.ward, patient.age_years(now));
                DemandKind::Bed { ward, priority: spec.priority, stay_days: stay_days as f32, earliest }
            }
            Service::Outpatient => DemandKind::Outpatient {
                specialty: spec.specialty,
                priority: spec.priority,
                first: spec.first,
                earliest,
            },
            service => DemandKind::Appointment {
                clinic: clinic_of(service),
                urgency: spec.urgency,
                earliest,
                minutes: spec.minutes as u16,
            },
        };
        let sequence = demand(patient, instance, context, kind);
        Step::Ask(Waiting::Answer, sequence)
    }

    /// Goes on with a service's answer about a contact.
    pub(super) fn answered(
        &self,
        spec: &EncounterSpec,
        outcome: &Outcome,
        place: (u16, u16),
        patient: &mut Patient,
        instance: &mut Instance,
        context: &mut Context,
    ) -> Step {
        let now = context.now();
        match *outcome {
            Outcome::Appointment { booked, start, attendance, .. }
                if booked == start && attendance == Attendance::CancelledByProvider =>
            {
                Self::refused(spec, patient, instance, context)
            }
            Outcome::Appointment { booked, start, called, minutes, clinician, attendance } => {
                let slot = Slot { booked, start, called, minutes, clinician };
                if attendance != Attendance::Attended {
                    return self.missed(spec, slot, attendance, place, patient, instance, context);
                }
                instance.slot = Some(slot);
                if called > now {
                    return Step::Wait(Waiting::Contact, called);
                }
                self.start_contact(spec, place, patient, instance, context)
            }
            Outcome::Emergency { triaged, seen, departed, left_unseen } => {
                if let Some(contact) =
                    instance.encounter.and_then(|own| patient.encounters.get_mut(own as usize))
                {
                    contact.least_end = departed.max(contact.start);
                    contact.hospital = Some(Box::new(HospitalDetail::Emergency {
                        triaged,
                        seen,
                        acuity: spec.acuity,
                        by_ambulance: spec.by_ambulance,
                        left_unseen,
                    }));
                }
                if left_unseen {
                    instance.writes_letter = false;
                    Self::end_contact(patient, instance, departed);
                    return Self::pass_over(spec, instance);
                }
                self.find_out(spec, place, patient, instance, departed.min(now));
                Step::Next
            }
            Outcome::Bed { requested, admitted, discharged, ward, bed } => {
                let mut from = admitted.max(patient.busy_until);
                if patient.occupied_by.is_some_and(|process| process != instance.process) {
                    from = now;
                }
                // Another contact held the person until the bed had gone to someone else.
                if from >= discharged {
                    return Self::pass_over(spec, instance);
                }
                let method = admission_method(spec, instance);
                let detail = HospitalDetail::Stay { requested, ward, bed, admission_method: method };
                Self::admit(spec, patient, instance, (from, discharged), detail);
                self.find_out(spec, place, patient, instance, from);
                Step::Next
            }
            _ => Step::Stay,
        }
    }

    /// The moment at which a person held elsewhere may be free.
    fn busy_until(patient: &Patient, instance: &Instance, now: Moment) -> Option<Moment> {
        match patient.occupied_by {
            Some(process) if process != instance.process => Some(now.plus_days(DAYS_TO_LOOK_AGAIN / 12.0)),
            _ => (patient.busy_until > now).then_some(patient.busy_until),
        }
    }

    /// Starts a contact if the person is free, else tries again when they may be.
    pub(super) fn start_contact(
        &self,
        spec: &EncounterSpec,
        place: (u16, u16),
        patient: &mut Patient,
        instance: &mut Instance,
        context: &mut Context,
    ) -> Step {
        let now = context.now();
        if context.is_served() && !spec.service.is_booked() && instance.slot.is_none() {
            return match Self::busy_until(patient, instance, now) {
                Some(free) => Step::Wait(Waiting::Contact, free),
                None => self.ask(spec, place, patient, instance, context),
            };
        }
        if let Some(slot) = instance.slot {
            match Self::busy_until(patient, instance, now) {
                Some(free)
                    if patient.occupied_by.is_some() || free.days_since(slot.called) > MOST_DAYS_LATE =>
                {
                    instance.slot = None;
                    let attendance = Attendance::CancelledByPatient;
                    return self.missed(spec, slot, attendance, place, patient, instance, context);
                }
                Some(free) => return Step::Wait(Waiting::Contact, free),
                None => {}
            }
        } else {
            let held = patient.occupied_by.is_some_and(|process| process != instance.process);
            let free = if held { now.plus_days(DAYS_TO_LOOK_AGAIN) } else { patient.busy_until };
            if free > now {
                let booked = spec.service.is_booked();
                let again = if booked { self.slot(spec.service, free, instance) } else { free };
                return Step::Wait(Waiting::Contact, again);
            }
        }
        if spec.service == Service::Emergency {
            Self::arrive(spec, patient, instance, now);
        } else if spec.service.is_bed() {
            let days = spec.stay_days.sample(&mut instance.stream).clamp(0.05, 365.0);
            let method = admission_method(spec, instance);
            let ward = ward_for(spec.ward, patient.age_years(now));
            let detail = HospitalDetail::Stay { requested: now, ward, bed: 0, admission_method: method };
            Self::admit(spec, patient, instance, (now, now.plus_days(days)), detail);
        } else {
            let slot = instance.slot.take();
            let minutes = slot.map_or(spec.minutes, |slot| f64::from(slot.minutes));
            let end = now.plus_days(minutes / 1440.0);
            let service = instance.instead.unwrap_or(spec.service);
            let encounter = Self::begin_encounter(spec, patient, instance, (now, end));
            patient.busy_until = end;
            if let Some(slot) = slot {
                Self::book(spec, service, slot, Attendance::Attended, Some(encounter), patient);
                patient.encounters[encounter as usize].booked = Some(slot.booked);
            }
            if let Some(referral) =
                instance.referral.take().and_then(|own| patient.referrals.get_mut(own as usize))
            {
                referral.clock_stop = Some(now);
            }
        }
        self.find_out(spec, place, patient, instance, now);
        Step::Next
    }

    fn slot(&self, service: Service, earliest: Moment, instance: &mut Instance) -> Moment {
        match service {
            Service::Outpatient => {
                self.calendar.slot(earliest, OpeningHours::OUTPATIENT, &mut instance.stream)
            }
            Service::OutOfHours => self.out_of_hours(earliest),
            _ => self.calendar.slot(earliest, OpeningHours::GENERAL_PRACTICE, &mut instance.stream),
        }
    }
}

impl Interpreter {
    /// The first moment at which the practice is closed and another service sees people.
    fn out_of_hours(&self, earliest: Moment) -> Moment {
        const MINUTE_MICROS: i64 = 60_000_000;
        let day = earliest.micros().div_euclid(MICROSECONDS_PER_DAY);
        let minute = earliest.micros().rem_euclid(MICROSECONDS_PER_DAY) / MINUTE_MICROS;
        // Core hours of the contract: 08:00 to 18:30.
        if self.calendar.is_working_day(day) && (480..1110).contains(&minute) {
            Moment::from_micros(day * MICROSECONDS_PER_DAY + 1110 * MINUTE_MICROS)
        } else {
            earliest
        }
    }
}

/// Sends a demand; the answer wakes the module.
pub(super) fn demand(patient: &Patient, instance: &Instance, context: &mut Context, kind: DemandKind) -> u32 {
    demand_by(instance.process, patient, context, kind)
}

/// Sends a demand; the answer wakes a process.
pub(super) fn demand_by(process: u16, patient: &Patient, context: &mut Context, kind: DemandKind) -> u32 {
    let (now, person) = (context.now(), context.subject());
    context.demand(|sequence| Demand {
        at: now,
        person,
        sequence,
        process,
        kind,
        practice: patient.practice,
        age_years: patient.age_years(now) as f32,
        imd_decile: patient.imd_decile,
        missing_ratio: patient.missing_ratio as f32,
    })
}

/// How someone came to be admitted: the NHS Data Dictionary's admission method. Births are neither
/// elective nor emergencies there but admissions of their own kind, counted apart.
fn admission_method(spec: &EncounterSpec, instance: &Instance) -> u8 {
    match spec.priority {
        _ if spec.ward == Ward::Maternity => 31,
        Priority::Emergency if instance.came_by_emergency => 21,
        Priority::Emergency => 22,
        _ => 11,
    }
}

/// Children lie on a children's ward, the very old on one for them, where a module says medical.
fn ward_for(ward: Ward, age_years: f64) -> Ward {
    match ward {
        Ward::Medical | Ward::Surgical if age_years < 16.0 => Ward::Paediatric,
        Ward::Medical if age_years >= 80.0 => Ward::Elderly,
        ward => ward,
    }
}

const fn clinic_of(service: Service) -> Clinic {
    match service {
        Service::Nurse => Clinic::Nurse,
        Service::Telephone => Clinic::Telephone,
        Service::HomeVisit => Clinic::HomeVisit,
        Service::OutOfHours => Clinic::OutOfHours,
        _ => Clinic::GeneralPractitioner,
    }
}
