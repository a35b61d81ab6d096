//! What the practice knows of a person's problems, readings and treatments, and since when.

use twinloom_event::{Event, MICROSECONDS_PER_DAY, Timestamp};

use super::{Page, Setting, code_value, integer, later, reading, text, text_value, time, whole_minute};
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

const GP: System = System::GeneralPractice;
/// Days that an issue lasts where the truth does not tell.
pub(super) const USUAL_ISSUE_DAYS: i64 = 28;
/// The draw that decides whether a problem's end is left uncoded.
const LEFT_OPEN: u64 = 7;

/// How and when the practice came to know of something.
#[derive(Clone, Copy)]
struct Filing {
    at: Timestamp,
    origin: &'static str,
}

impl Page<'_> {
    /// A diagnosis: coded at the contact, transcribed from a letter, or summarised from old notes.
    pub(super) fn write_problem(&mut self, place: usize) {
        let share = self.draws(GP, place, 0).uniform();
        let event = &self.truth[place];
        let Ok(found) = self.diagnoses.binary_search_by_key(&place, |own| own.event) else { return };
        let diagnosis = self.diagnoses[found];
        // Some problems are closed by no one: the entry stands though the condition has passed.
        let left_open = self.observer.rates.left_open(event.code().value());
        let left_open = left_open > 0.0 && self.draws(GP, place, LEFT_OPEN).uniform() < left_open;
        let in_force = left_open || event.end_time().is_none_or(|end| end > self.observer.record_from);
        let filing = if diagnosis.at < self.observer.record_from {
            let days = self.observer.rates.workings.summarising_days * share;
            in_force.then(|| Filing {
                at: whole_minute(later(self.observer.record_from, days)),
                origin: "summary",
            })
        } else {
            self.filing(diagnosis.contact, diagnosis.at, time_service(event))
        };
        let Some(filing) = self.known(filing, diagnosis.at) else { return };
        self.open_known(ArtefactKind::Problem, filing, place);
        self.set(Field::Code, code_value(event));
        let started = self.set_started(diagnosis.at);
        if !left_open {
            self.set_ended(event, started);
        }
        let resolved = !left_open && self.ended(event);
        self.set(Field::Status, FieldValue::Word(if resolved { "resolved" } else { "active" }));
        self.set(Field::Origin, FieldValue::Word(filing.origin));
        self.set_contact(diagnosis.contact);
    }

    pub(super) fn write_allergy(&mut self, place: usize, at: Timestamp) {
        let event = &self.truth[place];
        let contact = self.contact_of(event);
        let in_force = event.end_time().is_none_or(|end| end > self.observer.record_from);
        let filing = if at < self.observer.record_from {
            (contact.is_some() && in_force)
                .then(|| Filing { at: whole_minute(self.observer.record_from), origin: "summary" })
        } else {
            self.filing(contact, at, None)
        };
        let Some(filing) = self.known(filing, at) else { return };
        self.open_known(ArtefactKind::Allergy, filing, place);
        self.set(Field::Code, code_value(event));
        let started = self.set_started(at);
        self.set_ended(event, started);
        self.set(Field::Status, FieldValue::Word(if self.ended(event) { "resolved" } else { "active" }));
        self.set(Field::Origin, FieldValue::Word(filing.origin));
        self.set_contact(contact);
    }

    /// A reading at the practice, or a result of a specimen that it sent.
    pub(super) fn write_value(&mut self, place: usize, at: Timestamp) {
        let share = self.draws(GP, place, 0).uniform();
        let event = &self.truth[place];
        let contact = self.contact_of(event);
        if at < self.observer.record_from || self.setting(contact).by_letter() {
            // Of a hospital contact the letter tells diagnoses and medicines, not each measurement.
            return;
        }
        // The parts of one artefact arrive together.
        let same = |(last, _): &(&_, _)| event.record_id().is_some_and(|own| own == *last);
        let joined = self.last_filing.as_ref().is_some_and(same);
        let filed = if let Some((_, filed)) = self.last_filing.filter(|last| same(last)) {
            filed
        } else if text(event, "category") == Some("laboratory") {
            let workings = self.observer.rates.workings;
            let (least, most) = (workings.result_days_least, workings.result_days_most);
            let drawn = later(at, least + (most - least) * share);
            Some(whole_minute(time(event, "resulted").unwrap_or(drawn)))
        } else {
            Some(at)
        };
        self.last_filing = event.record_id().map(|own| (own, filed));
        let origin = if text(event, "category") == Some("laboratory") { "result" } else { "consultation" };
        let Some(filing) = self.known(filed.map(|at| Filing { at, origin }), at) else { return };
        self.open_known(ArtefactKind::Value, filing, place);
        if joined {
            self.join_last();
        }
        self.set(Field::Code, code_value(event));
        self.set_time(GP, Field::Started, Some(at));
        if let Some(number) = reading(event) {
            self.set(Field::Value, FieldValue::Number(number));
            let unit = event.unit().map(|unit| FieldValue::Text(unit.clone().into()));
            self.set(Field::Unit, unit.unwrap_or_default());
        }
        let answer = event.text_value().map_or(FieldValue::Absent, |text| FieldValue::Text(text.into()));
        self.set(Field::Answer, answer);
        self.set(Field::Category, text_value(event, "category"));
        self.set(Field::Origin, FieldValue::Word(origin));
        self.set_contact(contact);
    }

    /// A medicine on the list, with its issues and what the pharmacy hands out.
    pub(super) fn write_medication(&mut self, place: usize, at: Timestamp) {
        let event = &self.truth[place];
        let contact = self.contact_of(event);
        let filing = if at < self.observer.record_from {
            let in_force = event.end_time().is_none_or(|end| end > self.observer.record_from);
            in_force.then(|| Filing { at: whole_minute(self.observer.record_from), origin: "summary" })
        } else {
            self.filing(contact, at, None)
        };
        let Some(filing) = self.known(filing, at) else {
            self.write_issues(place, at, None);
            return;
        };
        let id = self.open_known(ArtefactKind::Medication, filing, place);
        self.set(Field::Code, code_value(event));
        let started = self.set_started(at);
        self.set_ended(event, started);
        self.set(Field::Status, FieldValue::Word(if self.ended(event) { "stopped" } else { "active" }));
        self.set(Field::Origin, FieldValue::Word(filing.origin));
        self.set_contact(contact);
        let days = integer(event, "issue_days").unwrap_or(USUAL_ISSUE_DAYS);
        self.set(Field::IssueDays, FieldValue::Integer(days));
        let dosage = event.text_value().map_or(FieldValue::Absent, |text| FieldValue::Text(text.into()));
        self.set(Field::Dosage, dosage);
        self.set(Field::Prescriber, text_value(event, "prescriber"));
        self.write_issues(place, at, Some(id));
    }

    /// Procedures, plans, documents, vaccines, devices.
    pub(super) fn write_deed(&mut self, place: usize, at: Timestamp, kind: ArtefactKind) {
        let event = &self.truth[place];
        let contact = self.contact_of(event);
        let setting = self.setting(contact);
        let category = text(event, "category");
        let filing = if kind == ArtefactKind::Device && at < self.observer.record_from {
            let in_force = event.end_time().is_none_or(|end| end > self.observer.record_from);
            (contact.is_some() && in_force)
                .then(|| Filing { at: whole_minute(self.observer.record_from), origin: "summary" })
        } else if at < self.observer.record_from {
            None
        } else if kind == ArtefactKind::Device {
            self.filing(contact, at, None)
        } else if setting.by_letter() {
            None
        } else if category == Some("imaging") || matches!(category, Some("laboratory" | "LAB")) {
            let reported = time(event, "reported").or(time(event, "resulted")).unwrap_or(at);
            Some(Filing { at: if reported > at { whole_minute(reported) } else { at }, origin: "result" })
        } else {
            Some(Filing { at, origin: "consultation" })
        };
        let Some(filing) = self.known(filing, at) else { return };
        self.open_known(kind, filing, place);
        self.set(Field::Code, code_value(event));
        let words = event.text_value().map_or(FieldValue::Absent, |text| FieldValue::Text(text.into()));
        self.set(Field::FreeText, words);
        let started = self.set_started(at);
        self.set_ended(event, started);
        self.set(Field::Category, text_value(event, "category"));
        let done = match kind {
            ArtefactKind::Plan if self.ended(event) => "completed",
            ArtefactKind::Plan => "active",
            ArtefactKind::Document => "final",
            _ => "completed",
        };
        self.set(Field::Status, FieldValue::Word(done));
        self.set(Field::Origin, FieldValue::Word(filing.origin));
        self.set_contact(contact);
    }

    fn setting(&self, contact: Option<usize>) -> Setting {
        contact.map_or(Setting::Practice, |contact| self.contacts[contact].setting)
    }

    /// When the practice learns of something established at a contact.
    fn filing(&self, contact: Option<usize>, at: Timestamp, service: Option<Setting>) -> Option<Filing> {
        let Some(contact) = contact else {
            return match service {
                Some(setting) if setting.by_letter() => None,
                _ => Some(Filing { at, origin: "consultation" }),
            };
        };
        let own = &self.contacts[contact];
        if own.setting.by_letter() {
            own.filed.map(|filed| Filing { at: filed.max(at), origin: "letter" })
        } else {
            Some(Filing { at, origin: "consultation" })
        }
    }

    /// Nothing is filed after the end nor for the dead, letters apart.
    fn known(&self, filing: Option<Filing>, at: Timestamp) -> Option<Filing> {
        filing.filter(|filing| {
            at < self.cutoff
                && filing.at < self.end
                && (filing.at <= self.cutoff || filing.origin == "letter")
        })
    }

    fn open_known(
        &mut self,
        kind: ArtefactKind,
        filing: Filing,
        place: usize,
    ) -> crate::systems::book::ArtefactId {
        self.register(GP, filing.at);
        self.open_entry(GP, kind, filing.at, place, filing.origin == "letter")
    }

    /// Sets the start; old notes give its day only. Returns what was set.
    fn set_started(&mut self, at: Timestamp) -> Timestamp {
        if at >= self.observer.record_from {
            self.set_time(GP, Field::Started, Some(at));
            return at;
        }
        let day = midnight(at);
        self.set_time(GP, Field::Started, Some(day));
        self.set(Field::StartedPrecision, FieldValue::Word("day"));
        day
    }

    /// An end is known by its day.
    fn set_ended(&mut self, event: &Event, started: Timestamp) {
        let ended = event.end_time().filter(|end| *end <= self.cutoff && *end < self.end);
        self.set_time(GP, Field::Ended, ended.map(|end| midnight(end).max(started)));
    }

    fn ended(&self, event: &Event) -> bool {
        event.end_time().is_some_and(|end| end <= self.cutoff && end < self.end)
    }

    fn set_contact(&mut self, contact: Option<usize>) {
        if let Some(id) = contact.and_then(|contact| self.contacts[contact].artefact) {
            self.set(Field::Contact, FieldValue::Integer(id.get()));
        }
    }
}

/// The setting of the service that made a diagnosis, where the truth tells one.
fn time_service(event: &Event) -> Option<Setting> {
    match text(event, "diagnosed_by")? {
        "general_practitioner" | "nurse" | "telephone" | "home_visit" => Some(Setting::Practice),
        _ => Some(Setting::Elsewhere),
    }
}

pub(in crate::systems) fn midnight(at: Timestamp) -> Timestamp {
    let micros = at.micros().div_euclid(MICROSECONDS_PER_DAY) * MICROSECONDS_PER_DAY;
    Timestamp::from_micros(micros).unwrap_or(at)
}
