//! The fields of artefacts: a closed set of names, each of one type.
//!
//! # Units
//! Times are microseconds of the recording system's own clock, days count from 1970-01-01, lengths say
//! their unit in the name.

use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::sync::Arc;

use twinloom_event::Timestamp;

use super::system::{System, UnknownWord, closed_set};

/// The type of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// A point in time.
    Time,
    /// A calendar day.
    Day,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// A word, a code or a text.
    Text,
    /// Yes or no.
    Flag,
}

/// What stands in a field.
#[derive(Clone, Debug, Default)]
pub enum FieldValue {
    /// Nothing.
    #[default]
    Absent,
    /// A point in time.
    Time(Timestamp),
    /// Days since 1970-01-01.
    Day(i32),
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// A word of a closed vocabulary.
    Word(&'static str),
    /// Any text.
    Text(Arc<str>),
    /// Yes or no.
    Flag(bool),
}

impl FieldValue {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The time, if it is one.
    pub fn as_time(&self) -> Option<Timestamp> {
        if let Self::Time(at) = self { Some(*at) } else { None }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The whole number, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    /// Whether nothing stands there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// As the ledger's file writes it; nothing for [`FieldValue::Absent`].
    pub fn to_ledger_text(&self) -> Option<String> {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = match self {
            Self::Absent => return None,
            Self::Time(at) => write!(text, "{}", at.micros()),
            Self::Day(day) => write!(text, "{day}"),
            Self::Number(number) => write!(text, "{number:?}"),
            Self::Integer(number) => write!(text, "{number}"),
            Self::Word(word) => text.write_str(word),
            Self::Text(own) => text.write_str(own),
            Self::Flag(flag) => write!(text, "{flag}"),
        };
        Some(text)
    }

    /// The inverse of [`FieldValue::to_ledger_text`] for a field of a type; `None` when the text is not
    /// of that type.
    pub fn from_ledger_text(field_type: FieldType, text: &str) -> Option<Self> {
        Some(match field_type {
            FieldType::Time => Self::Time(Timestamp::from_micros(text.parse().ok()?).ok()?),
            FieldType::Day => Self::Day(text.parse().ok()?),
            FieldType::Number => Self::Number(text.parse().ok()?),
            FieldType::Integer => Self::Integer(text.parse().ok()?),
            FieldType::Text => Self::Text(text.into()),
            FieldType::Flag => Self::Flag(text.parse().ok()?),
        })
    }
}

impl PartialEq for FieldValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, Self::Absent) => true,
            (Self::Time(own), Self::Time(other)) => own == other,
            (Self::Day(own), Self::Day(other)) => own == other,
            (Self::Number(own), Self::Number(other)) => own.to_bits() == other.to_bits(),
            (Self::Integer(own), Self::Integer(other)) => own == other,
            (Self::Flag(own), Self::Flag(other)) => own == other,
            // Where a text is kept does not matter.
            _ => self.as_text().is_some() && self.as_text() == other.as_text(),
        }
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident $word:literal $type:ident [$($system:ident)*];)*) => {
        /// A field of an artefact.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field {
            $($(#[$doc])* $name,)*
        }

        impl Field {
            /// Every field, in declaration order.
            pub const ALL: [Self; [$(Self::$name),*].len()] = [$(Self::$name),*];

            /// The word used in files.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The type of its values.
            pub const fn field_type(self) -> FieldType {
                match self { $(Self::$name => FieldType::$type,)* }
            }

            const fn systems(self) -> &'static [System] {
                match self { $(Self::$name => &[$(System::$system),*],)* }
            }
        }
    };
}

fields! {
    /// Whose the artefact is, by the system's own number; a column of every table.
    Patient "patient" Integer [];
    /// When the system came to hold it; a column of every table.
    Recorded "recorded" Time [];
    /// NHS number as registered.
    NhsNumber "nhs_number" Integer [GeneralPractice Administration Laboratory Radiology Emergency Outpatients Prescribing Correspondence];
    /// NHS number status: 01 present and verified, 02 present, not traced, 03 trace required, 07 none.
    NhsNumberStatus "nhs_number_status" Text [GeneralPractice Administration Laboratory Radiology Emergency Outpatients Prescribing Correspondence];
    /// Family name as registered.
    FamilyName "family_name" Text [GeneralPractice Administration Laboratory Radiology Emergency Outpatients Prescribing Correspondence];
    /// Given name as registered.
    GivenName "given_name" Text [GeneralPractice Administration Laboratory Radiology Emergency Outpatients Prescribing Correspondence];
    /// Postcode as registered.
    Postcode "postcode" Text [GeneralPractice Administration Laboratory Radiology Emergency Outpatients Prescribing Correspondence];
    /// Sex in the system's own convention.
    Sex "sex" Text [GeneralPractice Administration Laboratory Radiology Emergency Outpatients Prescribing Correspondence];
    /// Date of birth as registered.
    DateOfBirth "date_of_birth" Day [GeneralPractice Administration Laboratory Radiology Emergency Outpatients Prescribing Correspondence];
    /// Ethnic category letter; Z when not stated.
    Ethnicity "ethnicity" Text [GeneralPractice Administration Emergency Outpatients];
    /// The practice's organisation code.
    Practice "practice" Text [GeneralPractice Administration Laboratory Radiology Emergency Outpatients Prescribing Correspondence];
    /// The code, in the system's own code system.
    Code "code" Text [GeneralPractice Laboratory Radiology Emergency Prescribing Correspondence];
    /// Words in place of or beside a code; a report; the body of a letter.
    FreeText "free_text" Text [GeneralPractice Laboratory Radiology Emergency Prescribing Correspondence];
    /// Start: of a contact, a problem, a medicine; the time of a reading or specimen.
    Started "started" Time [GeneralPractice Administration Laboratory Radiology Emergency Outpatients Prescribing Correspondence];
    /// How much of the start was stated: year, day; absent for a point in time.
    StartedPrecision "started_precision" Text [GeneralPractice];
    /// End of a contact, a problem, a medicine.
    Ended "ended" Time [GeneralPractice Administration Emergency];
    /// When it was asked for, decided or put on a list.
    Requested "requested" Time [Administration Laboratory Radiology Outpatients];
    /// When it was booked.
    Booked "booked" Time [GeneralPractice Outpatients];
    /// When a specimen or a letter arrived.
    Received "received" Time [Laboratory Correspondence];
    /// When a result was authorised or an examination reported.
    Reported "reported" Time [Laboratory Radiology];
    /// When a letter left.
    Sent "sent" Time [Correspondence];
    /// When a person was triaged.
    Triaged "triaged" Time [Emergency];
    /// When a person was first seen by a clinician.
    Seen "seen" Time [Emergency];
    /// When the clock of a referral stopped.
    ClockStop "clock_stop" Time [Outpatients];
    /// The number.
    Value "value" Number [GeneralPractice Laboratory];
    /// The number's unit.
    Unit "unit" Text [GeneralPractice Laboratory];
    /// A coded answer.
    Answer "answer" Text [GeneralPractice];
    /// Laboratory, vital-signs and the like.
    Category "category" Text [GeneralPractice];
    /// How the contact took place, or by which service.
    Service "service" Text [GeneralPractice];
    /// Class of contact: AMB, VR, EMER, IMP.
    Class "class" Text [GeneralPractice];
    /// Why: a code.
    Reason "reason" Text [GeneralPractice Emergency];
    /// Status in the system's own words.
    Status "status" Text [GeneralPractice Radiology Prescribing];
    /// How the practice came to know: consultation, letter, result, summary.
    Origin "origin" Text [GeneralPractice];
    /// The contact it belongs to: an artefact of the same system.
    Contact "contact" Integer [GeneralPractice];
    /// The artefact it follows from: the medicine issued, the prescription dispensed.
    Follows "follows" Integer [GeneralPractice Prescribing];
    /// Number of the issue, from 1.
    IssueNumber "issue_number" Integer [GeneralPractice Prescribing];
    /// Days for which an issue lasts.
    IssueDays "issue_days" Integer [GeneralPractice Prescribing];
    /// Dose and frequency in words.
    Dosage "dosage" Text [GeneralPractice Prescribing];
    /// Who prescribed: general_practice or hospital.
    Prescriber "prescriber" Text [GeneralPractice Prescribing];
    /// Length in minutes.
    Minutes "minutes" Integer [GeneralPractice Outpatients];
    /// Clinician's number.
    Clinician "clinician" Integer [GeneralPractice Outpatients];
    /// Treatment function code.
    TreatmentFunction "treatment_function" Text [Administration Outpatients Correspondence];
    /// Ward.
    Ward "ward" Text [Administration];
    /// Bed.
    Bed "bed" Integer [Administration];
    /// Method of admission, two digits.
    AdmissionMethod "admission_method" Text [Administration];
    /// Method of discharge, one digit.
    DischargeMethod "discharge_method" Text [Administration];
    /// Main diagnosis.
    Diagnosis1 "diagnosis_1" Text [Administration Emergency Outpatients];
    /// Further diagnosis.
    Diagnosis2 "diagnosis_2" Text [Administration];
    /// Further diagnosis.
    Diagnosis3 "diagnosis_3" Text [Administration];
    /// Further diagnosis.
    Diagnosis4 "diagnosis_4" Text [Administration];
    /// Further diagnosis.
    Diagnosis5 "diagnosis_5" Text [Administration];
    /// Further diagnosis.
    Diagnosis6 "diagnosis_6" Text [Administration];
    /// Main procedure.
    Procedure1 "procedure_1" Text [Administration];
    /// Further procedure.
    Procedure2 "procedure_2" Text [Administration];
    /// Attended or not, one digit.
    Attendance "attendance" Text [GeneralPractice Outpatients];
    /// First attendance rather than follow-up.
    First "first" Flag [Outpatients];
    /// Priority, one digit.
    Priority "priority" Text [Outpatients];
    /// Acuity at triage, 1 to 5.
    Acuity "acuity" Integer [Emergency];
    /// By ambulance or not.
    ByAmbulance "by_ambulance" Flag [Emergency];
    /// Left before being seen.
    LeftUnseen "left_unseen" Flag [Emergency];
    /// Modality.
    Modality "modality" Text [Radiology];
    /// Sort of letter.
    LetterType "letter_type" Text [Correspondence];
}

closed_set!(Field, "field");

impl Field {
    /// The fields that a system's table has, in declaration order, beside [`Field::Patient`] and
    /// [`Field::Recorded`].
    pub fn of_system(system: System) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |field| field.systems().contains(&system))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn law_words_round_trip_and_stand_in_order() {
        for (place, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!((field.as_str().parse(), field as usize), (Ok(field), place));
        }
    }

    proptest! {
        #[test]
        fn law_ledger_texts_round_trip(number in any::<f64>(), whole: i64, day: i32, text: String) {
            let round = |value: FieldValue, field_type| {
                FieldValue::from_ledger_text(field_type, &value.to_ledger_text().unwrap()).unwrap()
            };
            prop_assume!(!number.is_nan());
            prop_assert_eq!(round(FieldValue::Number(number), FieldType::Number), FieldValue::Number(number));
            prop_assert_eq!(round(FieldValue::Integer(whole), FieldType::Integer), FieldValue::Integer(whole));
            prop_assert_eq!(round(FieldValue::Day(day), FieldType::Day), FieldValue::Day(day));
            let text = FieldValue::Text(text.into());
            prop_assert_eq!(round(text.clone(), FieldType::Text), text);
        }
    }
}
