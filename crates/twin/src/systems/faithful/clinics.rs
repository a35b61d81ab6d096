//! Outpatients: referrals with their clock, appointments attended or not.

use twinloom_event::{Event, Timestamp};

use super::wards::treatment_function;
use super::{Page, flag, integer_value, text, time};
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

const OUTPATIENTS: System = System::Outpatients;
/// ATTENDED OR DID NOT ATTEND of the NHS Data Dictionary.
const SEEN: &str = "5";
const DID_NOT_ATTEND: &str = "3";
const CANCELLED_BY_PATIENT: &str = "2";
const CANCELLED_BY_PROVIDER: &str = "4";

/// PRIORITY TYPE of the NHS Data Dictionary.
fn priority_word(event: &Event) -> FieldValue {
    match text(event, "priority") {
        Some("routine") => FieldValue::Word("1"),
        Some("urgent" | "emergency") => FieldValue::Word("2"),
        Some("two_week_wait") => FieldValue::Word("3"),
        _ => FieldValue::Absent,
    }
}

impl Page<'_> {
    pub(super) fn write_referral(&mut self, place: usize, made: Timestamp) {
        if !self.holds(OUTPATIENTS, made) {
            return;
        }
        let event = &self.truth[place];
        self.open(OUTPATIENTS, ArtefactKind::Referral, made, place);
        self.set_time(OUTPATIENTS, Field::Requested, Some(made));
        self.set_told_time(OUTPATIENTS, Field::ClockStop, event, "clock_stop");
        self.set(Field::TreatmentFunction, treatment_function(Some(event.code().value())));
        self.set(Field::Priority, priority_word(event));
    }

    /// An appointment with its outcome.
    pub(super) fn write_clinic_appointment(&mut self, place: usize, at: Timestamp) {
        let event = &self.truth[place];
        let attendance = match event.code().value() {
            "attended" => SEEN,
            "did_not_attend" => DID_NOT_ATTEND,
            "cancelled_by_patient" => CANCELLED_BY_PATIENT,
            _ => CANCELLED_BY_PROVIDER,
        };
        let contact = self.contact_of(event);
        self.write_clinic_slot(place, at, attendance, contact);
    }

    /// A clinic of which the truth tells no appointment: it took place, so it was attended.
    pub(super) fn write_clinic(&mut self, contact: usize, at: Timestamp) {
        if !self.contacts[contact].has_appointment {
            self.write_clinic_slot(self.contacts[contact].event, at, SEEN, Some(contact));
        }
    }

    fn write_clinic_slot(
        &mut self,
        place: usize,
        at: Timestamp,
        attendance: &'static str,
        contact: Option<usize>,
    ) {
        if !self.holds(OUTPATIENTS, at) {
            return;
        }
        let event = &self.truth[place];
        let diagnosis = contact
            .filter(|_| attendance == SEEN)
            .and_then(|contact| self.diagnoses.iter().find(|own| own.contact == Some(contact)))
            .and_then(|own| self.observer.terms.icd10(self.truth[own.event].code().as_str())[0].take());
        let booked = time(event, "booked").filter(|booked| *booked <= at);
        self.open(OUTPATIENTS, ArtefactKind::Appointment, at, place);
        self.set_time(OUTPATIENTS, Field::Started, Some(at));
        self.set_time(OUTPATIENTS, Field::Booked, booked);
        self.set(Field::Minutes, integer_value(event, "minutes"));
        self.set(Field::Clinician, integer_value(event, "clinician"));
        self.set(Field::TreatmentFunction, treatment_function(text(event, "specialty")));
        self.set(Field::Diagnosis1, diagnosis.map_or(FieldValue::Absent, FieldValue::Text));
        self.set(Field::Attendance, FieldValue::Word(attendance));
        self.set(Field::First, flag(event, "first"));
        self.set(Field::Priority, priority_word(event));
    }
}
