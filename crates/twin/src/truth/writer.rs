//! Writes one person's life down as it was.

use std::fmt::Write as _;
use std::sync::Arc;

use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, RecordId, Source, SubjectId, TimePrecision, Timeline,
    Timestamp, Unit,
};

use super::words::{Words, text};
use crate::contact::{LetterKind, Service};
use crate::engine::Moment;
use crate::gmf::Program;
use crate::patient::Patient;
use crate::person::Person;
use crate::scenario::HouseholdSmoking;
use crate::supply::{Attendance, ClosedSet, Specialty};
use crate::vocabulary::{HOUSEHOLD, code_of, imd_decile_code};

/// What the writing of all people shares; texts are made once.
#[derive(Debug)]
pub(crate) struct TruthWriter {
    pub(super) end: Moment,
    pub(super) codes: Vec<Code>,
    pub(super) texts: Vec<Arc<str>>,
    pub(super) units: Vec<Option<Unit>>,
    pub(super) source: Source,
    pub(super) words: Words,
    pub(super) letters: Vec<Code>,
    pub(super) appointments: Vec<Code>,
    pub(super) referrals: Vec<Code>,
    birth: Code,
    death: Code,
    deciles: Vec<Code>,
    household: Code,
    planted: Attribute,
}

impl TruthWriter {
    pub(crate) fn new(end: Moment, program: &Program) -> Self {
        let code = |text: String| Code::parse(text).expect("not empty");
        Self {
            end,
            codes: program.names.codes().iter().map(|(code, _)| code.clone()).collect(),
            texts: program.names.texts().iter().map(|text| text.as_str().into()).collect(),
            units: program.names.texts().iter().map(|text| Unit::new(text.as_str()).ok()).collect(),
            source: Source::new("truth").expect("not empty"),
            words: Words::new(),
            letters: LetterKind::ALL.iter().map(|kind| code(kind.code().to_owned())).collect(),
            appointments: names_of::<Attendance>("APPOINTMENT"),
            referrals: names_of::<Specialty>("REFERRAL"),
            birth: Code::birth(),
            death: Code::death(),
            deciles: (1..=10).map(imd_decile_code).collect(),
            household: code_of(HOUSEHOLD),
            planted: text(HouseholdSmoking::CAUSE),
        }
    }

    /// The codes of appointments, referrals and letters, with their descriptions.
    pub(crate) fn own_codes() -> Vec<(Code, String)> {
        let letters = LetterKind::ALL.iter().map(|kind| Code::parse(kind.code()).expect("not empty"));
        let all = names_of::<Attendance>("APPOINTMENT").into_iter().chain(names_of::<Specialty>("REFERRAL"));
        let describe = |code: Code| {
            let (system, value) = code.as_str().split_once("//").unwrap_or_default();
            let words = format!("{}: {}", capitalised(&system.to_lowercase()), value.replace('_', " "));
            (code, words)
        };
        all.chain(letters).map(describe).collect()
    }

    /// A person's timeline; `hospital` is the code of the locality's.
    pub(crate) fn timeline(&self, person: &Person, patient: &Patient, hospital: &str) -> Timeline {
        let mut page = Page::new(self, person, patient, hospital);
        page.write_demographics();
        page.write_encounters();
        page.write_appointments();
        page.write_referrals_and_letters();
        page.write_facts();
        page.write_death();
        Timeline::from_unordered(person.subject_id, page.events).expect("one subject's few events")
    }
}

/// The writing of one person.
pub(super) struct Page<'a> {
    pub(super) writer: &'a TruthWriter,
    pub(super) person: &'a Person,
    pub(super) patient: &'a Patient,
    /// The locality's hospital.
    pub(super) hospital: &'a str,
    subject: SubjectId,
    /// Nothing happens at or after it.
    pub(super) cutoff: Moment,
    pub(super) encounter_ids: Vec<(RecordId, EncounterId)>,
    pub(super) events: Vec<Event>,
    buffer: String,
}

impl<'a> Page<'a> {
    fn new(writer: &'a TruthWriter, person: &'a Person, patient: &'a Patient, hospital: &'a str) -> Self {
        let events = patient.facts.len() + 2 * patient.encounters.len() + 8;
        Self {
            writer,
            person,
            patient,
            hospital,
            subject: person.subject_id,
            cutoff: patient.death.unwrap_or(writer.end).min(writer.end),
            encounter_ids: Vec::with_capacity(patient.encounters.len()),
            events: Vec::with_capacity(events),
            buffer: String::new(),
        }
    }

    pub(super) fn event(&self, at: Moment, code: &Code, kind: EventKind) -> Event {
        Event::new(self.subject, Some(at.timestamp()), code.clone())
            .with_kind(kind)
            .with_source(self.writer.source.clone())
    }

    /// A moment before the cutoff, as the truth writes it.
    pub(super) fn known(&self, at: Option<Moment>) -> Option<Timestamp> {
        at.filter(|at| *at <= self.cutoff && *at < self.writer.end).map(Moment::timestamp)
    }

    pub(super) fn record_id(&mut self, resource: &str, artefact: u32) -> RecordId {
        self.buffer.clear();
        // Writing to a String can't fail.
        let _ = write!(self.buffer, "{resource}/{}-{artefact}", self.subject);
        RecordId::new(self.buffer.as_str()).expect("holds at least a slash")
    }

    pub(super) fn encounter_id(&self, encounter: Option<u32>) -> Option<EncounterId> {
        Some(self.encounter_ids.get(encounter? as usize)?.1.clone())
    }

    /// Who gives a contact at a time: the practice of the registration, or the hospital.
    pub(super) fn organisation(&self, service: Service, at: Moment) -> Option<&str> {
        if service.is_hospital() || service == Service::OutOfHours {
            return None;
        }
        let held = self.person.registrations.iter().rev().find(|held| held.from <= at.timestamp());
        Some(held.map_or(&self.person.practice, |held| &held.practice).ods_code.as_str())
    }

    fn write_demographics(&mut self) {
        let writer = self.writer;
        let fact = |code: Code| {
            Event::new(self.subject, None, code)
                .with_kind(EventKind::Demographic)
                .with_source(writer.source.clone())
        };
        let decile = self.person.imd_decile;
        let code = writer.deciles[usize::from(decile) - 1].clone();
        let events = [
            fact(self.person.sex.code()),
            fact(self.person.ethnicity.code()),
            fact(code).with_numeric_value(f64::from(decile)).expect("a decile is finite"),
            self.event(self.patient.birth, &writer.birth, EventKind::Birth)
                .with_time_precision(TimePrecision::Day),
        ];
        self.events.extend(events);
        for held in &self.person.registrations {
            let code = Code::new("REGISTRATION", &held.practice.ods_code).expect("a practice has a code");
            let event = self.event(held.from.into(), &code, EventKind::Administrative);
            let event = match self.known(held.to.map(Moment::from)) {
                Some(end) if end >= held.from => event.with_end_time(end).expect("checked to come after"),
                _ => event,
            };
            if Moment::from(held.from) < self.cutoff {
                self.events.push(event);
            }
        }
        for residence in &self.person.residences {
            if Moment::from(residence.from) < self.cutoff {
                let event = self.event(residence.from.into(), &writer.household, EventKind::Administrative);
                self.events.push(event.with_text_value(residence.home.clone()));
            }
        }
    }

    /// Marks an onset that a planted effect brought with its cause and with whom it goes back to.
    pub(super) fn with_plant(&self, event: Event, artefact: u32) -> Event {
        let Some(planted) = self.patient.planted.iter().find(|own| own.artefact == artefact) else {
            return event;
        };
        let name = &self.writer.words.name;
        let sources: Vec<String> =
            planted.sources.iter().map(|subject| format!("SUBJECT//{subject}")).collect();
        event
            .with_attribute(name.cause.clone(), self.writer.planted.clone())
            .with_attribute(name.contributing.clone(), Attribute::Text(sources.join(" ").into()))
    }

    fn write_death(&mut self) {
        let writer = self.writer;
        let Some(death) = self.patient.death.filter(|death| *death < writer.end) else { return };
        let mut event = self.event(death, &writer.death, EventKind::Death);
        let code = |code: &u32| writer.codes[*code as usize].as_str();
        if let Some(cause) = &self.patient.cause_of_death {
            event =
                event.with_attribute(writer.words.name.cause.clone(), Attribute::Text(code(cause).into()));
        }
        if !self.patient.contributing.is_empty() {
            let list: Vec<&str> = self.patient.contributing.iter().map(code).collect();
            let text = Attribute::Text(list.join(" ").into());
            event = event.with_attribute(writer.words.name.contributing.clone(), text);
        }
        self.events.push(event);
    }
}

fn names_of<T: ClosedSet>(system: &str) -> Vec<Code> {
    T::ALL.iter().map(|value| Code::new(system, value.name()).expect("names are not empty")).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
