//! Appointments and referrals: what was booked, what becomes of those that do not take place.

use super::contacts::demand;
use super::encounter_spec::EncounterSpec;
use super::instance::{Instance, Slot, Waiting};
use super::interpreter::{Interpreter, Step};
use crate::contact::{Appointment, Referral, Service};
use crate::engine::{Context, Moment, border_after};
use crate::patient::Patient;
use crate::supply::{Attendance, Clinic, DemandKind, Urgency};

/// Days after which someone to whom nothing could be offered, or who did not come, asks again: between
/// these. Assumption of this release.
const DAYS_TO_ASK_AGAIN: (f64, f64) = (2.0, 9.0);
/// Failed appointments after which a module goes on without the contact.
const MOST_MISSES: u8 = 2;

impl Interpreter {
    /// Nothing could be offered: who needs to be seen today turns to the out-of-hours service, others try
    /// again some days later, and give up in the end.
    pub(super) fn refused(
        spec: &EncounterSpec,
        patient: &Patient,
        instance: &mut Instance,
        context: &mut Context,
    ) -> Step {
        let now = context.now();
        let again = Self::some_days_later(instance, now);
        instance.misses += 1;
        if instance.misses > MOST_MISSES {
            return Self::pass_over(spec, instance);
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
        Step::Wait(Waiting::AskAgain, again)
    }

    fn some_days_later(instance: &mut Instance, now: Moment) -> Moment {
        let (least, most) = DAYS_TO_ASK_AGAIN;
        now.plus_days(least + (most - least) * instance.stream.uniform())
    }

    /// What becomes of an appointment that did not take place.
    #[expect(clippy::too_many_arguments, reason = "a contact's place, person, module and clock")]
    pub(super) fn missed(
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
        Self::book(spec, service, slot, attendance, None, patient);
        instance.misses += 1;
        // Who was put off by the service asks again; who did not come gets one more chance.
        let tries = if attendance == Attendance::CancelledByProvider { 2 * MOST_MISSES } else { MOST_MISSES };
        if instance.misses < tries && (spec.on_missed.is_none() || attendance != Attendance::DidNotAttend) {
            if attendance == Attendance::CancelledByProvider || spec.service == Service::Outpatient {
                return self.ask(spec, place, patient, instance, context);
            }
            // Nobody who stayed away today asks the same day: the next try has its own draws.
            return Step::Wait(Waiting::AskAgain, Self::some_days_later(instance, context.now()));
        }
        Self::pass_over(spec, instance)
    }

    pub(super) fn pass_over(spec: &EncounterSpec, instance: &mut Instance) -> Step {
        instance.referral = None;
        if let Some(state) = spec.on_missed {
            return Step::Goto(state);
        }
        instance.skipping = true;
        Step::Next
    }

    pub(super) fn book(
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
    pub(super) fn refer(spec: &EncounterSpec, patient: &mut Patient, instance: &mut Instance, now: Moment) {
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
        Self::write_referral(patient, instance, now);
    }
}
