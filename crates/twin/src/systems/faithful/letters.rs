//! Letters, typed from the facts of the contact that they tell of.

use std::fmt::Write as _;

use twinloom_event::{EventKind, Timestamp};

use super::wards::treatment_function;
use super::{Page, text, time};
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

const CORRESPONDENCE: System = System::Correspondence;

/// The sort of a letter as a word of the closed set.
fn letter_type(code: &str) -> Option<&'static str> {
    ["discharge_summary", "clinic_letter", "emergency_summary", "referral_letter"]
        .into_iter()
        .find(|own| *own == code)
}

impl Page<'_> {
    /// A letter: written, sent, received, and what it says.
    pub(super) fn write_letter(&mut self, place: usize, written: Timestamp) {
        let event = &self.truth[place];
        let Some(letter_type) = letter_type(event.code().value()) else { return };
        if !self.holds(CORRESPONDENCE, written) {
            return;
        }
        let contact = self.contact_of(event);
        let specialty = contact.and_then(|own| text(&self.truth[self.contacts[own].event], "specialty"));
        let function = specialty.map_or(FieldValue::Absent, |specialty| treatment_function(Some(specialty)));
        let body = self.body(letter_type, contact, written);
        let event = &self.truth[place];
        self.open(CORRESPONDENCE, ArtefactKind::Letter, written, place);
        self.set(Field::FreeText, FieldValue::Text(body.into()));
        self.set_time(CORRESPONDENCE, Field::Started, Some(written));
        let received = time(event, "received").filter(|at| *at < self.end);
        self.set_time(CORRESPONDENCE, Field::Received, received);
        self.set_told_time(CORRESPONDENCE, Field::Sent, event, "sent");
        self.set(Field::TreatmentFunction, function);
        self.set(Field::LetterType, FieldValue::Word(letter_type));
    }

    /// Headings and facts in the order of the Professional Record Standards Body's summaries.
    fn body(&self, letter_type: &str, contact: Option<usize>, written: Timestamp) -> String {
        let terms = &self.observer.terms;
        let mut body = String::with_capacity(256);
        let person = self.person;
        // Writing to a String can't fail.
        let _ = write!(
            body,
            "{}. {} {}, NHS number {:010}.",
            letter_type.replace('_', " "),
            person.given_name,
            person.family_name,
            person.nhs_number
        );
        let Some(contact) = contact else { return body };
        let own = &self.contacts[contact];
        let event = &self.truth[own.event];
        let date = own.start.to_string();
        let _ = write!(body, " Seen {}.", &date[..10]);
        if let Some(reason) = text(event, "reason") {
            let _ = write!(body, " Reason: {}.", terms.display(reason));
        }
        let made_here = self.diagnoses.iter().filter(|made| made.contact == Some(contact));
        list(&mut body, "Diagnoses", made_here.map(|made| self.truth[made.event].code().as_str()), terms);
        let deeds = self.of_contact(contact, EventKind::Procedure, written);
        list(&mut body, "Procedures", deeds.map(|event| event.code().as_str()), terms);
        let medicines = self.of_contact(contact, EventKind::Medication, written);
        list(&mut body, "Medication", medicines.map(|event| event.code().as_str()), terms);
        body
    }
}

fn list<'e>(
    body: &mut String,
    heading: &str,
    codes: impl Iterator<Item = &'e str>,
    terms: &crate::systems::terms::Terms,
) {
    for (place, code) in codes.enumerate() {
        if place == 0 {
            let _ = write!(body, " {heading}: ");
        } else {
            body.push_str(", ");
        }
        body.push_str(&terms.display(code));
    }
    if !body.ends_with('.') {
        body.push('.');
    }
}
