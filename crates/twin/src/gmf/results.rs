//! Tests and letters: what comes back later than it was asked for.
//!
//! # Source
//! Latencies are assumptions of this release, of the order of the NHS Standard Contract's terms:
//! discharge and emergency summaries are sent within a day, clinic letters within a week or so of the
//! clinic. From the run's start the locality's services say when tests are resulted; before it, and
//! within an emergency attendance, the times below hold.

use super::contacts::demand;
use super::instance::{Instance, Waiting};
use super::interpreter::{Interpreter, Step};
use super::spec::TestOrder;
use crate::contact::{HospitalDetail, Letter, LetterKind, Service};
use crate::engine::{Context, Moment};
use crate::patient::{Patient, TestTimes};
use crate::supply::{DemandKind, Outcome, Priority};

/// Days from a specimen to the laboratory, and to the result: between these.
const RECEIVED_DAYS: (f64, f64) = (0.1, 0.5);
const RESULTED_DAYS: (f64, f64) = (0.8, 3.0);
/// Mean days to an image by priority: emergency, two-week wait, urgent, routine.
const IMAGE_DAYS: [f64; 4] = [0.1, 8.0, 14.0, 30.0];
/// Days from an image to its report: between these.
const REPORTED_DAYS: (f64, f64) = (0.2, 5.0);
/// Days from the end of a contact to its letter's being written, and from then to its being sent; mean of
/// an exponential.
const DISCHARGE_LETTER_DAYS: (f64, f64) = (0.05, 0.5);
const CLINIC_LETTER_DAYS: (f64, f64) = (1.0, 5.0);
/// Days on the way to the practice: electronically, between these.
const DELIVERY_DAYS: (f64, f64) = (0.01, 1.0);

impl Interpreter {
    /// Orders a test; the module waits for its result.
    pub(super) fn order(
        &self,
        order: TestOrder,
        place: (u16, u16),
        patient: &mut Patient,
        instance: &mut Instance,
        context: &mut Context,
    ) -> Step {
        let now = context.now();
        let contact = instance.encounter.and_then(|own| patient.encounters.get(own as usize));
        let attendance = contact.and_then(|contact| match contact.hospital.as_deref() {
            Some(HospitalDetail::Emergency { seen, .. }) => Some((*seen, contact.least_end)),
            _ => None,
        });
        let in_hospital = contact.is_some_and(|contact| !contact.service.is_booked());
        // The same numbers are drawn whoever answers.
        let (one, two) = (instance.stream.uniform(), instance.stream.uniform_above_zero());
        if context.is_served() {
            let kind = demand_of(order, in_hospital);
            let sequence = demand(patient, instance, context, kind);
            if attendance.is_none() {
                Self::close_booked(patient, instance, now);
                return Step::Ask(Waiting::Test(now), sequence);
            }
        }
        if let Some((seen, departed)) = attendance {
            // The attendance's length has room for its tests: they are back before the person leaves.
            let span = departed.days_since(seen).max(0.0);
            let times = TestTimes {
                requested: seen,
                taken: seen.plus_days(0.1 * span),
                received: seen.plus_days((0.2 + 0.1 * one) * span),
                resulted: seen.plus_days((0.5 + 0.4 * (1.0 - two)) * span),
                modality: modality_of(order),
            };
            return self.write_result(times, place, patient, instance, now);
        }
        Self::close_booked(patient, instance, now);
        let between = |(least, most): (f64, f64), share: f64| least + (most - least) * share;
        let (taken, received, resulted) = match order {
            TestOrder::Laboratory { urgent } => {
                let pace = if urgent || in_hospital { 0.1 } else { 1.0 };
                let received = now.plus_days(pace * between(RECEIVED_DAYS, one));
                (now, received, now.plus_days(pace * between(RESULTED_DAYS, 1.0 - two)))
            }
            TestOrder::Imaging { priority, .. } => {
                let priority = image_priority(priority, in_hospital);
                let taken = now.plus_days(-IMAGE_DAYS[priority as usize] * two.ln());
                let pace = if priority == Priority::Emergency { 0.1 } else { 1.0 };
                (taken, taken, taken.plus_days(pace * between(REPORTED_DAYS, one)))
            }
        };
        instance.test =
            Some(TestTimes { requested: now, taken, received, resulted, modality: modality_of(order) });
        Step::Wait(Waiting::Test(now), resulted)
    }

    /// A consultation is over when its tests are ordered; a stay is not.
    fn close_booked(patient: &mut Patient, instance: &Instance, now: Moment) {
        let Some(encounter) = instance.encounter else { return };
        if patient.encounters.get(encounter as usize).is_some_and(|own| own.service.is_booked()) {
            patient.end_encounter(encounter, now);
        }
    }

    /// Goes on with a result.
    pub(super) fn result(
        &self,
        ordered: Moment,
        outcome: Option<&Outcome>,
        place: (u16, u16),
        patient: &mut Patient,
        instance: &mut Instance,
        context: &Context,
    ) -> Step {
        let modality = self.state(place).order.and_then(modality_of);
        let times = match (outcome, instance.test) {
            (Some(Outcome::Laboratory { received, resulted }), _) => TestTimes {
                requested: ordered,
                taken: ordered,
                received: *received,
                resulted: *resulted,
                modality,
            },
            (Some(Outcome::Imaging { taken, reported }), _) => TestTimes {
                requested: ordered,
                taken: *taken,
                received: *taken,
                resulted: *reported,
                modality,
            },
            (_, Some(times)) => times,
            _ => return Step::Next,
        };
        self.write_result(times, place, patient, instance, context.now())
    }

    fn write_result(
        &self,
        times: TestTimes,
        place: (u16, u16),
        patient: &mut Patient,
        instance: &mut Instance,
        now: Moment,
    ) -> Step {
        instance.test = Some(times);
        self.write(&self.state(place).kind, patient, instance, now);
        Step::Next
    }

    /// The hospital's letter about a contact that has ended.
    pub(super) fn write_letter(patient: &mut Patient, instance: &mut Instance, encounter: u32, now: Moment) {
        let contact = &patient.encounters[encounter as usize];
        let end = contact.end.unwrap_or(now).max(now);
        let kind = match contact.service {
            Service::Emergency => LetterKind::Emergency,
            Service::Outpatient => LetterKind::Clinic,
            _ => LetterKind::Discharge,
        };
        let (writing, sending) =
            if kind == LetterKind::Clinic { CLINIC_LETTER_DAYS } else { DISCHARGE_LETTER_DAYS };
        let stream = &mut instance.stream;
        let (one, two, three) = (stream.uniform_above_zero(), stream.uniform_above_zero(), stream.uniform());
        let written = end.plus_days(-writing * one.ln());
        let sent = written.plus_days(-sending * two.ln());
        let received = sent.plus_days(DELIVERY_DAYS.0 + (DELIVERY_DAYS.1 - DELIVERY_DAYS.0) * three);
        instance.letter_due = received;
        let artefact = patient.new_artefact();
        patient.letters.push(Letter { artefact, kind, written, sent, received, encounter: Some(encounter) });
    }

    /// The practice's letter to a hospital: electronic, on the day.
    pub(super) fn write_referral(patient: &mut Patient, instance: &mut Instance, now: Moment) {
        let share = instance.stream.uniform();
        let received = now.plus_days(DELIVERY_DAYS.0 + (DELIVERY_DAYS.1 - DELIVERY_DAYS.0) * share);
        let artefact = patient.new_artefact();
        patient.letters.push(Letter {
            artefact,
            kind: LetterKind::Referral,
            written: now,
            sent: now,
            received,
            encounter: instance.encounter,
        });
    }
}

fn image_priority(priority: Option<Priority>, in_hospital: bool) -> Priority {
    priority.unwrap_or(if in_hospital { Priority::Emergency } else { Priority::Routine })
}

fn demand_of(order: TestOrder, in_hospital: bool) -> DemandKind {
    match order {
        TestOrder::Laboratory { urgent } => DemandKind::Laboratory { urgent: urgent || in_hospital },
        TestOrder::Imaging { modality, priority } => {
            DemandKind::Imaging { modality, priority: image_priority(priority, in_hospital) }
        }
    }
}

const fn modality_of(order: TestOrder) -> Option<crate::supply::Modality> {
    match order {
        TestOrder::Imaging { modality, .. } => Some(modality),
        TestOrder::Laboratory { .. } => None,
    }
}
