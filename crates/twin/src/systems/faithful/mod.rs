//! What a perfect recorder in each system's own conventions would write.

mod clinics;
mod contact;
mod emergency;
mod laboratory;
mod letters;
mod practice;
mod practice_facts;
mod prescribing;
mod radiology;
mod registration;
mod wards;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::{Attribute, Event, EventKind, RecordId, Timeline, Timestamp};

use super::book::{ArtefactId, Book, Entry};
use super::draws::{Draws, SubjectKeys, identity};
use super::field::{Field, FieldValue};
use super::observer::Observer;
use super::subject::Particulars;
use super::system::{ArtefactKind, System};
use contact::{Contact, Setting};
pub(super) use practice_facts::midnight;
pub(super) use registration::{TRACE_REQUIRED, sex_word};

/// Artefacts for which room is made at first.
const USUAL_ARTEFACTS: usize = 512;

/// The writing of one person's artefacts.
pub(super) struct Page<'a> {
    pub(super) observer: &'a Observer,
    pub(super) person: &'a Particulars,
    pub(super) truth: &'a [Event],
    /// Nothing is recorded at or after it, by any clock.
    pub(super) end: Timestamp,
    /// Death, or the end.
    pub(super) cutoff: Timestamp,
    pub(super) contacts: Vec<Contact<'a>>,
    contact_by_id: FxHashMap<&'a str, usize>,
    /// Conditions with the contact that diagnosed each, by place in the truth.
    diagnoses: Vec<Diagnosis>,
    keys: SubjectKeys<'a>,
    /// The person's number in each system.
    numbers: [i64; System::COUNT],
    registered: [bool; System::COUNT],
    /// The artefact of the truth's event that was written last, and what was decided for it.
    last_filing: Option<(&'a RecordId, Option<Timestamp>)>,
    book: Book,
}

/// A condition that somebody has diagnosed.
#[derive(Clone, Copy)]
pub(super) struct Diagnosis {
    pub(super) event: usize,
    pub(super) at: Timestamp,
    pub(super) contact: Option<usize>,
}

/// Writes the book of a person.
pub(super) fn write(observer: &Observer, person: &Particulars, truth: &Timeline) -> Book {
    let events = truth.events();
    let (contacts, contact_by_id) = contact::contacts(events);
    let cutoff = truth.death().unwrap_or(observer.end).min(observer.end);
    let mut page = Page {
        observer,
        person,
        truth: events,
        end: observer.end,
        cutoff,
        diagnoses: Vec::new(),
        contacts,
        contact_by_id,
        keys: observer.routine.of_subject(person.subject),
        numbers: System::ALL.map(|system| observer.registers.number(system, person.subject, 0)),
        registered: [false; System::COUNT],
        last_filing: None,
        book: Book::with_capacity(USUAL_ARTEFACTS),
    };
    page.file_letters();
    page.diagnoses = contact::diagnoses(events, &page.contacts, &page.contact_by_id, cutoff);
    page.write_practice_registration();
    // Contacts first: what is established at them refers to them.
    for contact in 0..page.contacts.len() {
        page.write_contact(contact);
    }
    for place in 0..events.len() {
        page.write_event(place);
    }
    page.book.date_registrations();
    page.book
}

impl<'a> Page<'a> {
    fn write_event(&mut self, place: usize) {
        let event = &self.truth[place];
        let Some(at) = event.time() else { return };
        if at >= self.cutoff && event.kind() != EventKind::Death {
            return;
        }
        match event.kind() {
            EventKind::Administrative => self.write_appointment(place, at),
            EventKind::Observation => {
                self.write_value(place, at);
                self.write_test(place, at);
            }
            EventKind::Condition => self.write_problem(place),
            EventKind::Medication => {
                self.write_medication(place, at);
            }
            EventKind::Procedure => {
                self.write_examination(place, at);
                self.write_deed(place, at, ArtefactKind::Procedure);
            }
            EventKind::Document if event.code().system() == Some("LETTER") => self.write_letter(place, at),
            EventKind::Document => {
                self.write_examination(place, at);
                self.write_deed(place, at, ArtefactKind::Document);
            }
            EventKind::CarePlan if event.code().system() == Some("REFERRAL") => {
                self.write_referral(place, at);
            }
            EventKind::CarePlan => self.write_deed(place, at, ArtefactKind::Plan),
            EventKind::Immunisation => self.write_deed(place, at, ArtefactKind::Immunisation),
            EventKind::Device => self.write_deed(place, at, ArtefactKind::Device),
            EventKind::Allergy => self.write_allergy(place, at),
            EventKind::Death => self.write_death(place, at),
            EventKind::Encounter | EventKind::Birth | EventKind::Demographic | EventKind::Unknown => {}
        }
    }

    fn write_contact(&mut self, contact: usize) {
        let at = self.contacts[contact].start;
        if at >= self.cutoff {
            return;
        }
        match self.contacts[contact].setting {
            Setting::Emergency => self.write_attendance(contact, at),
            Setting::Inpatient | Setting::DayCase => self.write_episode(contact, at),
            Setting::Outpatient => self.write_clinic(contact, at),
            Setting::Practice | Setting::OutOfHours | Setting::Elsewhere => {}
        }
        self.write_consultation(contact, at);
    }

    fn write_appointment(&mut self, place: usize, at: Timestamp) {
        let event = &self.truth[place];
        if event.code().system() != Some("APPOINTMENT") {
            return;
        }
        if text(event, "service") == Some("outpatient") {
            self.write_clinic_appointment(place, at);
        } else {
            self.write_slot(place, at);
        }
    }

    /// What a system's routine leaves to chance about an event; `number` tells several such things apart.
    pub(super) fn draws(&mut self, system: System, place: usize, number: u64) -> Draws {
        self.keys.draws(system, identity(&self.truth[place]), number)
    }

    /// Whether a system holds what happened at a time.
    pub(super) fn holds(&self, system: System, at: Timestamp) -> bool {
        at >= self.observer.held_from[system as usize] && at < self.end
    }

    /// Opens an artefact; the person is registered first where the system does not know them.
    pub(super) fn open(
        &mut self,
        system: System,
        kind: ArtefactKind,
        recorded: Timestamp,
        place: usize,
    ) -> ArtefactId {
        self.register(system, recorded);
        self.open_entry(system, kind, recorded, place, false)
    }

    pub(super) fn open_entry(
        &mut self,
        system: System,
        kind: ArtefactKind,
        recorded: Timestamp,
        place: usize,
        by_letter: bool,
    ) -> ArtefactId {
        let subject = self.person.subject;
        self.book.open(Entry {
            subject,
            system,
            kind,
            patient: self.numbers[system as usize],
            recorded: self.observer.rates.conventions(system).reading(recorded),
            origin: place as u32,
            by_letter,
        })
    }

    pub(super) fn set(&mut self, field: Field, value: FieldValue) {
        self.book.set_last(field, value);
    }

    /// Marks the artefact opened last as part of the one before.
    pub(super) fn join_last(&mut self) {
        self.book.join_last();
    }

    /// A true time by a system's clock.
    pub(super) fn set_time(&mut self, system: System, field: Field, at: Option<Timestamp>) {
        if let Some(at) = at {
            let reading = self.observer.rates.conventions(system).reading(at);
            self.book.set_last(field, FieldValue::Time(reading));
        }
    }

    /// A time that the truth tells, unless it lies beyond what anybody can know.
    pub(super) fn set_told_time(&mut self, system: System, field: Field, event: &Event, name: &str) {
        let told = time(event, name).filter(|at| *at < self.end);
        self.set_time(system, field, told);
    }

    /// The events of a kind that belong to a contact, up to a time.
    pub(super) fn of_contact(
        &self,
        contact: usize,
        kind: EventKind,
        until: Timestamp,
    ) -> impl Iterator<Item = &'a Event> {
        let (id, start) = (self.contacts[contact].id, self.contacts[contact].start);
        let truth = self.truth;
        let first = truth.partition_point(|event| event.time() < Some(start));
        truth[first..].iter().take_while(move |event| event.time() <= Some(until)).filter(move |event| {
            event.kind() == kind && event.encounter_id().is_some_and(|own| own.as_str() == id)
        })
    }

    /// The contact an event belongs to.
    pub(super) fn contact_of(&self, event: &Event) -> Option<usize> {
        self.contact_by_id.get(event.encounter_id()?.as_str()).copied()
    }
}

/// An attribute's text.
pub(super) fn text<'e>(event: &'e Event, name: &str) -> Option<&'e str> {
    event.attribute(name).and_then(Attribute::as_text)
}

/// An attribute's text as a field's value.
pub(super) fn text_value(event: &Event, name: &str) -> FieldValue {
    match event.attribute(name) {
        Some(Attribute::Text(text)) => FieldValue::Text(text.clone()),
        _ => FieldValue::Absent,
    }
}

pub(super) fn time(event: &Event, name: &str) -> Option<Timestamp> {
    match event.attribute(name) {
        Some(Attribute::Time(at)) => Some(*at),
        _ => None,
    }
}

pub(super) fn integer(event: &Event, name: &str) -> Option<i64> {
    match event.attribute(name) {
        Some(Attribute::Integer(number)) => Some(*number),
        Some(Attribute::Float(number)) => Some(*number as i64),
        _ => None,
    }
}

pub(super) fn integer_value(event: &Event, name: &str) -> FieldValue {
    integer(event, name).map_or(FieldValue::Absent, FieldValue::Integer)
}

pub(super) fn float(event: &Event, name: &str) -> Option<f64> {
    match event.attribute(name) {
        Some(Attribute::Float(number)) => Some(*number),
        Some(Attribute::Integer(number)) => Some(*number as f64),
        _ => None,
    }
}

pub(super) fn flag(event: &Event, name: &str) -> FieldValue {
    match event.attribute(name) {
        Some(Attribute::Boolean(flag)) => FieldValue::Flag(*flag),
        _ => FieldValue::Absent,
    }
}

/// The event's code as a field's value.
pub(super) fn code_value(event: &Event) -> FieldValue {
    FieldValue::Text(Arc::from(event.code().clone()))
}

/// What an instrument showed, or the true number where the truth tells no reading.
pub(super) fn reading(event: &Event) -> Option<f64> {
    float(event, "measured").or(event.numeric_value())
}

/// The end of the minute: filing is stamped by the minute.
pub(super) fn whole_minute(at: Timestamp) -> Timestamp {
    const MINUTE_MICROS: i64 = 60_000_000;
    let micros = (at.micros().div_euclid(MINUTE_MICROS) + 1) * MINUTE_MICROS;
    Timestamp::from_micros(micros).unwrap_or(at)
}

/// The time `days` later; at the calendar's end, the time itself.
pub(super) fn later(at: Timestamp, days: f64) -> Timestamp {
    at.plus_days(days).unwrap_or(at)
}
