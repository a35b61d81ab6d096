//! Each system's copy of who a person is.

use twinloom_event::{EventKind, MICROSECONDS_PER_DAY, Timestamp};

use super::Page;
use crate::person::Sex;
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

/// NHS NUMBER STATUS INDICATOR CODE of the NHS Data Dictionary.
const VERIFIED: &str = "01";
pub(in crate::systems) const TRACE_REQUIRED: &str = "03";

/// A sex in a system's convention: words, the Data Dictionary's digits, or letters.
pub(in crate::systems) const fn sex_word(system: System, sex: Sex) -> &'static str {
    match (system, sex) {
        (System::GeneralPractice | System::Correspondence, sex) => sex.as_str(),
        (System::Laboratory | System::Radiology, Sex::Female) => "F",
        (System::Laboratory | System::Radiology, Sex::Male) => "M",
        (_, Sex::Female) => "2",
        (_, Sex::Male) => "1",
    }
}

/// The letter of an ethnic category as a word; Z when not stated.
pub(in crate::systems) fn ethnicity_word(letter: char) -> &'static str {
    const LETTERS: [&str; 16] =
        ["A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S"];
    LETTERS.into_iter().find(|own| own.starts_with(letter)).unwrap_or("Z")
}

impl Page<'_> {
    /// The practice registers everybody, when they join it or when its system goes live.
    pub(super) fn write_practice_registration(&mut self) {
        let birth = self.person.birth;
        let first = self
            .truth
            .iter()
            .find(|event| {
                event.kind() == EventKind::Administrative && event.code().system() == Some("REGISTRATION")
            })
            .and_then(twinloom_event::Event::time)
            .unwrap_or(birth);
        let at = first.max(birth).max(self.observer.record_from);
        if at < self.cutoff {
            self.register(System::GeneralPractice, at);
        }
    }

    /// Writes a system's registration once, at the person's first contact with it.
    pub(super) fn register(&mut self, system: System, at: Timestamp) {
        if self.registered[system as usize] {
            return;
        }
        self.registered[system as usize] = true;
        let person = self.person;
        let birth = self.truth.iter().position(|event| event.kind() == EventKind::Birth);
        let place = birth.unwrap_or(0);
        self.open_entry(system, ArtefactKind::Registration, at, place, false);
        self.set(Field::NhsNumber, FieldValue::Integer(person.nhs_number as i64));
        self.set(Field::NhsNumberStatus, FieldValue::Word(VERIFIED));
        self.set(Field::FamilyName, FieldValue::Text(person.family_name.clone()));
        self.set(Field::GivenName, FieldValue::Text(person.given_name.clone()));
        self.set(Field::Postcode, FieldValue::Text(person.postcode.clone()));
        self.set(Field::Sex, FieldValue::Word(sex_word(system, person.sex)));
        let day = person.birth.micros().div_euclid(MICROSECONDS_PER_DAY);
        self.set(Field::DateOfBirth, FieldValue::Day(day as i32));
        if Field::of_system(system).any(|field| field == Field::Ethnicity) {
            self.set(Field::Ethnicity, FieldValue::Word(ethnicity_word(person.ethnicity)));
        }
        self.set(Field::Practice, FieldValue::Text(person.practice.clone()));
    }
}
