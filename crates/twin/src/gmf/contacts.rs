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
use crate::contact::{Appointment, Encounter, HospitalDetail, Referral, Service};
use crate::engine::{Context, Moment, border_after};
use crate::patient::{FactKind, Patient};
use crate::supply::{Attendance, Clinic, Demand, DemandKind, Outcome, Priority, Urgency, Ward};

/// How often a module that waits for someone in hospital looks again.
const DAYS_TO_LOOK_AGAIN: f64 = 1.0;
/// Who comes later than this to an appointment is not seen.
const MOST_DAYS_LATE: f64 = 1.0 / 24.0;
/// Days after which someone to whom nothing could be offered asks again: between these. Assumption of
/// this release.
const DAYS_TO_ASK_AGAIN: (f64, f64) = (2.0, 9.0);
/// Failed appointments after which a module goes on without the contact.
const MOST_MISSES: u8 = 2;

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
            self.refer(spec, patient, instance, now);
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
        if unplanned && let Some(free) = self.busy_until(patient, instance, now) {
            return Step::Wait(Waiting::Contact, free);
        }
        let earliest = border_after(now);
        let kind = match spec.service {
            Service::Emergency => {
                self.arrive(spec, patient, instance, now);
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
                self.refused(spec, patient, instance, context)
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
                    self.end_contact(patient, instance, departed);
                    return self.pass_over(spec, instance);
                }
                self.find_out(spec, place, patient, instance, departed.min(now));
                Step::Next
            }
            Outcome::Bed { requested, admitted, discharged, ward, bed } => {
                let mut from = admitted.max(patient.busy_until);
                if patient.occupied_by.is_some_and(|process| process != instance.process) {
                    from = now;
                }
                let method = match spec.priority {
                    Priority::Emergency if instance.came_by_emergency => 21,
                    Priority::Emergency => 22,
                    _ => 11,
                };
                let detail = HospitalDetail::Stay { requested, ward, bed, admission_method: method };
                let until = discharged.max(from);
                self.admit(spec, patient, instance, (from, until), detail);
                self.find_out(spec, place, patient, instance, from);
                Step::Next
            }
            _ => Step::Stay,
        }
    }

    /// The moment at which a person held elsewhere may be free.
    fn busy_until(&self, patient: &Patient, instance: &Instance, now: Moment) -> Option<Moment> {
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
            return match self.busy_until(patient, instance, now) {
                Some(free) => Step::Wait(Waiting::Contact, free),
                None => self.ask(spec, place, patient, instance, context),
            };
        }
        if let Some(slot) = instance.slot {
            match self.busy_until(patient, instance, now) {
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
            self.arrive(spec, patient, instance, now);
        } else if spec.service.is_bed() {
            let days = spec.stay_days.sample(&mut instance.stream).clamp(0.05, 365.0);
            let method = match spec.priority {
                Priority::Emergency if instance.came_by_emergency => 21,
                Priority::Emergency => 22,
                _ => 11,
            };
            let ward = ward_for(spec.ward, patient.age_years(now));
            let detail = HospitalDetail::Stay { requested: now, ward, bed: 0, admission_method: method };
            self.admit(spec, patient, instance, (now, now.plus_days(days)), detail);
        } else {
            let slot = instance.slot.take();
            let minutes = slot.map_or(spec.minutes, |slot| f64::from(slot.minutes));
            let end = now.plus_days(minutes / 1440.0);
            let service = instance.instead.unwrap_or(spec.service);
            let encounter = self.begin_encounter(spec, patient, instance, (now, end));
            patient.busy_until = end;
            if let Some(slot) = slot {
                self.book(spec, service, slot, Attendance::Attended, Some(encounter), patient);
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

    fn begin_encounter(
        &self,
        spec: &EncounterSpec,
        patient: &mut Patient,
        instance: &mut Instance,
        (start, least_end): (Moment, Moment),
    ) -> u32 {
        let artefact = patient.new_artefact();
        let number = patient.encounters.len() as u32;
        let service = instance.instead.take().unwrap_or(spec.service);
        let has_specialty = matches!(service, Service::Outpatient | Service::Inpatient | Service::DayCase);
        patient.encounters.push(Encounter {
            artefact,
            process: instance.process,
            service,
            code: spec.code,
            reason: spec.reason,
            start,
            least_end,
            end: None,
            specialty: has_specialty.then_some(spec.specialty),
            booked: None,
            hospital: None,
        });
        instance.encounter = Some(number);
        instance.writes_letter = spec.letter && service.is_hospital();
        instance.came_by_emergency = service == Service::Emergency;
        number
    }

    /// Someone comes to the emergency department.
    fn arrive(&self, spec: &EncounterSpec, patient: &mut Patient, instance: &mut Instance, now: Moment) {
        let least_end = now.plus_days(spec.minutes / 1440.0);
        self.begin_encounter(spec, patient, instance, (now, least_end));
        patient.occupied_by = Some(instance.process);
    }

    /// Someone lies down in a bed until a day that is settled on admission.
    fn admit(
        &self,
        spec: &EncounterSpec,
        patient: &mut Patient,
        instance: &mut Instance,
        (from, until): (Moment, Moment),
        detail: HospitalDetail,
    ) {
        let encounter = self.begin_encounter(spec, patient, instance, (from, until));
        patient.encounters[encounter as usize].hospital = Some(Box::new(detail));
        patient.busy_until = patient.busy_until.max(until);
        if patient.occupied_by == Some(instance.process) {
            patient.occupied_by = None;
        }
    }

    /// What the contact finds out of what the person has.
    fn find_out(
        &self,
        spec: &EncounterSpec,
        (module, state): (u16, u16),
        patient: &mut Patient,
        instance: &Instance,
        at: Moment,
    ) {
        let number = self.program.modules[usize::from(module)].offset + u32::from(state);
        let found = |patient: &Patient, fact: u32| {
            let fact = &patient.facts[fact as usize];
            fact.diagnosed.is_none() && (fact.target == Some(number) || spec.diagnoses.contains(&fact.code))
        };
        for place in 0..patient.entries.len() {
            let entry = patient.entries[place];
            if entry.kind == FactKind::Condition && found(patient, entry.fact) {
                patient.diagnose(entry.fact, instance.encounter, at);
            }
        }
    }

    /// Nothing could be offered: who needs to be seen today turns to the out-of-hours service, others try
    /// again some days later, and give up in the end.
    fn refused(
        &self,
        spec: &EncounterSpec,
        patient: &Patient,
        instance: &mut Instance,
        context: &mut Context,
    ) -> Step {
        let now = context.now();
        let share = instance.stream.uniform();
        instance.misses += 1;
        if instance.misses > MOST_MISSES {
            return self.pass_over(spec, instance);
        }
        if spec.service.is_general_practice() && spec.urgency == Urgency::SameDay {
            instance.instead = Some(Service::OutOfHours);
            let kind = DemandKind::Appointment {
                clinic: Clinic::OutOfHours,
                urgency: Urgency::SameDay,
                earliest: border_after(now),
                minutes: spec.minutes as u16,
            };
            return Step::Ask(Waiting::Answer, demand(patient, instance, context, kind));
        }
        let (least, most) = DAYS_TO_ASK_AGAIN;
        Step::Wait(Waiting::AskAgain, now.plus_days(least + (most - least) * share))
    }

    /// What becomes of an appointment that did not take place.
    #[expect(clippy::too_many_arguments, reason = "a contact's place, person, module and clock")]
    fn missed(
        &self,
        spec: &EncounterSpec,
        slot: Slot,
        attendance: Attendance,
        place: (u16, u16),
        patient: &mut Patient,
        instance: &mut Instance,
        context: &mut Context,
    ) -> Step {
        let service = instance.instead.take().unwrap_or(spec.service);
        self.book(spec, service, slot, attendance, None, patient);
        instance.misses += 1;
        // Who was put off by the service asks again; who did not come gets one more chance.
        let tries = if attendance == Attendance::CancelledByProvider { 2 * MOST_MISSES } else { MOST_MISSES };
        if instance.misses < tries && (spec.on_missed.is_none() || attendance != Attendance::DidNotAttend) {
            return self.ask(spec, place, patient, instance, context);
        }
        self.pass_over(spec, instance)
    }

    fn pass_over(&self, spec: &EncounterSpec, instance: &mut Instance) -> Step {
        instance.referral = None;
        match spec.on_missed {
            Some(state) => Step::Goto(state),
            None => {
                instance.skipping = true;
                Step::Next
            }
        }
    }

    fn book(
        &self,
        spec: &EncounterSpec,
        service: Service,
        slot: Slot,
        attendance: Attendance,
        encounter: Option<u32>,
        patient: &mut Patient,
    ) {
        let artefact = patient.new_artefact();
        patient.appointments.push(Appointment {
            artefact,
            service,
            specialty: (spec.service == Service::Outpatient).then_some(spec.specialty),
            booked: slot.booked,
            start: slot.start,
            minutes: slot.minutes,
            clinician: slot.clinician,
            attendance,
            encounter,
        });
    }

    /// A request to a hospital, which starts the clock of the wait.
    fn refer(&self, spec: &EncounterSpec, patient: &mut Patient, instance: &mut Instance, now: Moment) {
        let artefact = patient.new_artefact();
        instance.referral = Some(patient.referrals.len() as u32);
        patient.referrals.push(Referral {
            artefact,
            specialty: spec.specialty,
            priority: spec.priority,
            made: now,
            clock_stop: None,
            encounter: instance.encounter,
        });
        self.write_referral(patient, instance, now);
    }

    /// Until when the person stays in the bed that the module's contact gave them.
    pub(super) fn in_bed_until(&self, patient: &Patient, instance: &Instance, now: Moment) -> Option<Moment> {
        let contact = instance.encounter.and_then(|own| patient.encounters.get(own as usize))?;
        let stays = contact.service.is_bed() && contact.end.is_none() && contact.least_end > now;
        stays.then_some(contact.least_end)
    }

    /// Ends the module's contact, if one is under way; a hospital then writes its letter.
    pub(super) fn end_contact(&self, patient: &mut Patient, instance: &mut Instance, at: Moment) {
        let Some(encounter) = instance.encounter.take() else { return };
        patient.end_encounter(encounter, at);
        if std::mem::take(&mut instance.writes_letter) {
            self.write_letter(patient, instance, encounter, at);
        }
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
    let (now, person) = (context.now(), context.subject());
    context.demand(|sequence| Demand {
        at: now,
        person,
        sequence,
        process: instance.process,
        kind,
        practice: patient.practice,
        age_years: patient.age_years(now) as f32,
        imd_decile: patient.imd_decile,
        missing_ratio: patient.missing_ratio as f32,
    })
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
