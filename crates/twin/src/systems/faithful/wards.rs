//! Admitted care in the patient administration system, coded after discharge.

use std::sync::Arc;

use twinloom_event::{EventKind, Timestamp};

use super::{Page, Setting, integer_value, later, text, text_value};
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

const PAS: System = System::Administration;
const DIAGNOSES: [Field; 6] = [
    Field::Diagnosis1,
    Field::Diagnosis2,
    Field::Diagnosis3,
    Field::Diagnosis4,
    Field::Diagnosis5,
    Field::Diagnosis6,
];
const PROCEDURES: [Field; 2] = [Field::Procedure1, Field::Procedure2];
/// DISCHARGE METHOD of the NHS Data Dictionary.
const ON_ADVICE: &str = "1";
const DIED: &str = "4";

/// TREATMENT FUNCTION CODE of the NHS Data Dictionary for a specialty.
///
/// # Source
/// NHS Data Dictionary, from memory, to be checked.
pub(super) fn treatment_function(specialty: Option<&str>) -> FieldValue {
    FieldValue::Word(match specialty {
        Some("general_surgery") => "100",
        Some("urology") => "101",
        Some("orthopaedics") => "110",
        Some("ear_nose_throat") => "120",
        Some("ophthalmology") => "130",
        Some("gastroenterology") => "301",
        Some("haematology") => "303",
        Some("diabetes") => "307",
        Some("cardiology") => "320",
        Some("dermatology") => "330",
        Some("respiratory") => "340",
        Some("renal") => "361",
        Some("oncology") => "370",
        Some("neurology") => "400",
        Some("rheumatology") => "410",
        Some("paediatrics") => "420",
        Some("elderly_medicine") => "430",
        Some("maternity") => "501",
        Some("gynaecology") => "502",
        Some("physiotherapy") => "650",
        Some("mental_health") => "710",
        _ => "300",
    })
}

impl Page<'_> {
    /// One consultant episode; a stay is one episode, so spells and episodes agree in number.
    pub(super) fn write_episode(&mut self, contact: usize, admitted: Timestamp) {
        let own = &self.contacts[contact];
        let (place, setting) = (own.event, own.setting);
        let discharged = own.end.filter(|end| *end < self.end);
        if !self.holds(PAS, discharged.unwrap_or(admitted)) {
            return;
        }
        let coding_days = self.observer.rates.workings.coding_days_mean;
        let delay = self.draws(PAS, place, 0).exponential();
        // Before discharge the system holds the admission; the codes come after it.
        let coded = discharged.map(|at| later(at, coding_days * delay)).filter(|at| *at < self.end);
        let event = &self.truth[place];
        let died = discharged.is_some() && discharged >= Some(self.cutoff) && self.cutoff < self.end;
        let method = text_value(event, "admission_method");
        let ward = text_value(event, "ward");
        let bed = integer_value(event, "bed");
        let function = treatment_function(text(event, "specialty"));
        let diagnoses = if coded.is_some() { self.diagnosis_codes(contact) } else { Default::default() };
        let procedures = if coded.is_some() { self.procedure_codes(contact) } else { Default::default() };
        self.open(PAS, ArtefactKind::Episode, coded.unwrap_or(discharged.unwrap_or(admitted)), place);
        self.set_time(PAS, Field::Started, Some(admitted));
        self.set_time(PAS, Field::Ended, discharged);
        self.set_told_time(PAS, Field::Requested, event, "requested");
        self.set(Field::TreatmentFunction, function);
        self.set(Field::Ward, ward);
        self.set(Field::Bed, bed);
        let day_case = setting == Setting::DayCase;
        let usual = FieldValue::Word(if day_case { "11" } else { "21" });
        self.set(Field::AdmissionMethod, if method.is_absent() { usual } else { method });
        if discharged.is_some() {
            self.set(Field::DischargeMethod, FieldValue::Word(if died { DIED } else { ON_ADVICE }));
        }
        for (field, code) in DIAGNOSES.into_iter().zip(diagnoses) {
            self.set(field, code.map_or(FieldValue::Absent, FieldValue::Text));
        }
        for (field, code) in PROCEDURES.into_iter().zip(procedures) {
            self.set(field, code.map_or(FieldValue::Absent, FieldValue::Word));
        }
    }

    /// ICD-10 codes: what the stay was for, then other conditions known by its end, newest first.
    fn diagnosis_codes(&self, contact: usize) -> [Option<Arc<str>>; 6] {
        let mut codes: [Option<Arc<str>>; 6] = Default::default();
        let mut next = 0;
        let mut add = |code: Option<Arc<str>>| {
            if next < codes.len() && code.is_some() && !codes[..next].contains(&code) {
                codes[next] = code;
                next += 1;
            }
        };
        let terms = &self.observer.terms;
        let own = &self.contacts[contact];
        let reason = text(&self.truth[own.event], "reason");
        let made_here = self.diagnoses.iter().filter(|made| made.contact == Some(contact));
        let main = reason.into_iter().chain(made_here.map(|made| self.truth[made.event].code().as_str()));
        for code in main {
            terms.icd10(code).into_iter().for_each(&mut add);
        }
        let known = self.diagnoses.iter().rev().filter(|known| {
            known.at <= own.start && self.truth[known.event].end_time().is_none_or(|end| end > own.start)
        });
        for known in known {
            terms.icd10(self.truth[known.event].code().as_str()).into_iter().for_each(&mut add);
        }
        if codes[0].is_none() {
            codes[0] = Some(terms.unspecified_illness());
        }
        codes
    }

    /// OPCS-4 codes of what was done during the stay.
    fn procedure_codes(&self, contact: usize) -> [Option<&'static str>; 2] {
        let mut codes = [None; 2];
        let until = self.contacts[contact].end.unwrap_or(self.cutoff);
        let done = self.of_contact(contact, EventKind::Procedure, until);
        let coded = done.filter_map(|event| self.observer.terms.get(event.code().as_str())?.opcs4);
        for (place, code) in codes.iter_mut().zip(coded) {
            *place = Some(code);
        }
        codes
    }
}
