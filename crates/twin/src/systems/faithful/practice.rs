//! The practice's contacts, appointment book and notices.

use twinloom_event::Timestamp;

use super::{Page, Setting, code_value, integer_value, later, text_value, time, whole_minute};
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

const GP: System = System::GeneralPractice;

impl Page<'_> {
    /// A contact with the practice, or one that it learnt of by letter.
    pub(super) fn write_consultation(&mut self, contact: usize, at: Timestamp) {
        let own = &self.contacts[contact];
        let (place, end) = (own.event, own.end);
        let by_letter = own.setting.by_letter();
        if at < self.observer.record_from {
            return;
        }
        let (kind, recorded) = match (by_letter, own.filed) {
            (false, _) => (ArtefactKind::Consultation, at),
            (true, Some(filed)) => (ArtefactKind::HospitalContact, filed),
            (true, None) => return,
        };
        let service = match own.setting {
            Setting::Practice => text_value(&self.truth[place], "service"),
            Setting::OutOfHours => FieldValue::Word("out_of_hours"),
            Setting::Emergency => FieldValue::Word("emergency"),
            Setting::Outpatient => FieldValue::Word("outpatient"),
            Setting::Inpatient => FieldValue::Word("inpatient"),
            Setting::DayCase => FieldValue::Word("day_case"),
            Setting::Elsewhere => FieldValue::Absent,
        };
        let event = &self.truth[place];
        self.register(GP, recorded);
        let id = self.open_entry(GP, kind, recorded, place, by_letter);
        self.contacts[contact].artefact = Some(id);
        self.set(Field::Code, code_value(event));
        self.set_time(GP, Field::Started, Some(at));
        self.set_time(GP, Field::Ended, end);
        self.set(Field::Service, service);
        self.set(Field::Class, text_value(event, "class"));
        self.set(Field::Reason, text_value(event, "reason"));
        self.set(Field::Status, FieldValue::Word(if end.is_some() { "finished" } else { "in-progress" }));
    }

    /// A slot of the appointment book, attended or not.
    pub(super) fn write_slot(&mut self, place: usize, at: Timestamp) {
        let event = &self.truth[place];
        let attendance = match event.code().value() {
            "attended" => "attended",
            "did_not_attend" => "did_not_attend",
            "cancelled_by_patient" | "cancelled_by_provider" => "cancelled",
            _ => return,
        };
        if !self.holds(GP, at) || at < self.observer.record_from {
            return;
        }
        let recorded = time(event, "booked").filter(|booked| *booked <= at).unwrap_or(at);
        self.open(GP, ArtefactKind::Slot, recorded, place);
        self.set_time(GP, Field::Started, Some(at));
        self.set_time(GP, Field::Booked, Some(recorded));
        self.set(Field::Service, text_value(event, "service"));
        self.set(Field::Minutes, integer_value(event, "minutes"));
        self.set(Field::Clinician, integer_value(event, "clinician"));
        self.set(Field::Attendance, FieldValue::Word(attendance));
    }

    /// The practice hears of a death within days.
    pub(super) fn write_death(&mut self, place: usize, at: Timestamp) {
        let workings = self.observer.rates.workings;
        let (least, most) = (workings.death_notice_days_least, workings.death_notice_days_most);
        let share = self.draws(GP, place, 0).uniform();
        let notice = whole_minute(later(at, least + (most - least) * share));
        if at >= self.end || notice >= self.end {
            return;
        }
        self.open(GP, ArtefactKind::DeathNotice, notice, place);
        self.set(Field::Code, code_value(&self.truth[place]));
        self.set_time(GP, Field::Started, Some(at));
    }
}
