//! Attendances at the emergency department, in the manner of the Emergency Care Data Set.

use std::sync::Arc;

use twinloom_event::Timestamp;

use super::{Page, code_value, flag, integer_value};
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

const EMERGENCY: System = System::Emergency;

impl Page<'_> {
    /// One attendance: SNOMED CT for the complaint and the diagnosis.
    pub(super) fn write_attendance(&mut self, contact: usize, arrived: Timestamp) {
        let own = &self.contacts[contact];
        let (place, departed) = (own.event, own.end.filter(|end| *end < self.end));
        if !self.holds(EMERGENCY, arrived) {
            return;
        }
        let event = &self.truth[place];
        let diagnosed = self.diagnoses.iter().find(|own| own.contact == Some(contact));
        let diagnosis = diagnosed.map(|own| code_value(&self.truth[own.event]));
        let words = diagnosis
            .as_ref()
            .and_then(FieldValue::as_text)
            .map(|code| FieldValue::Text(self.observer.terms.display(code)));
        let reason = super::text(event, "reason").map(|code| FieldValue::Text(Arc::from(code)));
        let acuity = integer_value(event, "acuity");
        self.open(EMERGENCY, ArtefactKind::Attendance, departed.unwrap_or(arrived), place);
        self.set(Field::FreeText, words.unwrap_or_default());
        self.set_time(EMERGENCY, Field::Started, Some(arrived));
        self.set_time(EMERGENCY, Field::Ended, departed);
        self.set_told_time(EMERGENCY, Field::Triaged, event, "triaged");
        self.set_told_time(EMERGENCY, Field::Seen, event, "seen");
        self.set(Field::Reason, reason.unwrap_or_default());
        self.set(Field::Diagnosis1, diagnosis.unwrap_or_default());
        self.set(Field::Acuity, acuity);
        self.set(Field::ByAmbulance, flag(event, "by_ambulance"));
        self.set(Field::LeftUnseen, flag(event, "left_unseen"));
    }
}
