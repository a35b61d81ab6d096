//! What systems copy when they register a person.

use std::sync::Arc;

use twinloom_event::Timestamp;

use crate::person::{Person, Sex};

/// The true particulars that systems copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Particulars {
    /// The subject's number in the run.
    pub subject: u64,
    /// NHS number.
    pub nhs_number: u64,
    /// Family name.
    pub family_name: Arc<str>,
    /// Given name.
    pub given_name: Arc<str>,
    /// Postcode.
    pub postcode: Arc<str>,
    /// Sex at birth.
    pub sex: Sex,
    /// Time of birth.
    pub birth: Timestamp,
    /// Time of death, if before the end of the run.
    pub death: Option<Timestamp>,
    /// Ethnic category letter.
    pub ethnicity: char,
    /// The practice's organisation code.
    pub practice: Arc<str>,
}

impl From<&Person> for Particulars {
    fn from(person: &Person) -> Self {
        Self {
            subject: person.subject_id.get() as u64,
            nhs_number: person.identity.nhs_number.get(),
            family_name: person.identity.family_name.as_str().into(),
            given_name: person.identity.given_name.as_str().into(),
            postcode: person.identity.postcode.as_str().into(),
            sex: person.sex,
            birth: person.birth,
            death: person.death,
            ethnicity: person.ethnicity.letter(),
            practice: person.practice.ods_code.as_str().into(),
        }
    }
}
