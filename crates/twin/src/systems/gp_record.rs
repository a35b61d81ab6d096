//! The practice's belief as canonical events: what it holds of a person, errors included.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use twinloom_codes::code_of_words;
use twinloom_event::{
    Attribute, AttributeType, Code, EncounterId, Event, EventKind, RecordId, SubjectId, TimePrecision,
    Timeline, Timestamp, Unit,
};

use super::book::{Artefact, Book};
use super::faithful::midnight;
use super::field::{Field, FieldValue};
use super::observer::Observer;
use super::subject::Particulars;
use super::system::{ArtefactKind, System};
use crate::vocabulary::{HOUSEHOLD, PRACTICE, code_of};

/// Attribute names and values that events share, made once.
#[derive(Debug)]
pub(crate) struct Words {
    class: Arc<str>,
    category: Arc<str>,
    status: Arc<str>,
    intent: Arc<str>,
    reason: Arc<str>,
    clinical_status: Arc<str>,
    verification_status: Arc<str>,
    confirmed: Attribute,
    order: Attribute,
    household: Code,
    practice: Code,
}

/// The attributes of events of the practice's record and what their values are.
pub fn gp_record_attributes() -> Vec<(&'static str, AttributeType)> {
    let names = ["category", "class", "clinical_status", "intent", "reason", "status", "verification_status"];
    names.map(|name| (name, AttributeType::Text)).to_vec()
}

impl Words {
    pub(crate) fn new() -> Self {
        let text = |word: &str| Attribute::Text(word.into());
        Self {
            class: "class".into(),
            category: "category".into(),
            status: "status".into(),
            intent: "intent".into(),
            reason: "reason".into(),
            clinical_status: "clinical_status".into(),
            verification_status: "verification_status".into(),
            confirmed: text("confirmed"),
            order: text("order"),
            household: code_of(HOUSEHOLD),
            practice: code_of(PRACTICE),
        }
    }
}

/// The practice's record of what happened to a person, and those of its entries that stand in other people's
/// records by mistake, each naming whose.
///
/// Moves and registrations are known on their day and without error: an event `HOUSEHOLD` for each home, from when
/// the practice's system knows the person on, with the home's pseudonym, and an event `PRACTICE` for each
/// registration with the practice's code.
///
/// Words without a code are an event all the same, with the code `TEXT//words`. An entry filed under somebody
/// else keeps the id of the fact behind it; it names its contact only where that was filed there too.
///
/// # Limits
/// Appointments and issues stand in the system's table alone, as does what was filed under somebody else of a
/// registration.
pub(super) fn timeline(
    observer: &Observer,
    person: &Particulars,
    truth: &Timeline,
    book: &Book,
) -> (Timeline, Vec<Event>) {
    let subject = truth.subject_id();
    let own: [i64; 2] = [0, 1]
        .map(|registration| observer.registers.number(System::GeneralPractice, person.subject, registration));
    let contacts: FxHashSet<i64> = book
        .artefacts()
        .filter(|artefact| is_contact(artefact.heading.kind) && own.contains(&artefact.heading.patient))
        .map(|artefact| artefact.heading.id.get())
        .collect();
    let mut events = Vec::with_capacity(truth.events().len());
    let writer = Writer { observer, truth: truth.events(), contacts, book };
    let mut registered = false;
    let mut misfiled = Vec::new();
    let practice = book.artefacts().filter(|artefact| artefact.heading.system == System::GeneralPractice);
    for artefact in practice {
        match artefact.heading.kind {
            ArtefactKind::Slot | ArtefactKind::Issue => {}
            kind if !own.contains(&artefact.heading.patient) => {
                let patient = artefact.heading.patient;
                let other = observer.registers.subject(System::GeneralPractice, patient);
                if kind != ArtefactKind::Registration && other != person.subject {
                    misfiled.extend(writer.event(&artefact, SubjectId::new(other as i64)));
                }
            }
            ArtefactKind::Registration if registered => {}
            ArtefactKind::Registration => {
                registered = true;
                writer.demographics(&artefact, &mut events);
            }
            _ => events.extend(writer.event(&artefact, subject)),
        }
    }
    (Timeline::from_unordered(subject, events).expect("one subject's few events"), misfiled)
}

const fn is_contact(kind: ArtefactKind) -> bool {
    matches!(kind, ArtefactKind::Consultation | ArtefactKind::HospitalContact)
}

struct Writer<'a> {
    observer: &'a Observer,
    truth: &'a [Event],
    /// The person's contacts that stand in their own record.
    contacts: FxHashSet<i64>,
    book: &'a Book,
}

impl Writer<'_> {
    /// Sex, ethnicity and birth as registered; deprivation as the home's area has it; homes and practices.
    fn demographics(&self, artefact: &Artefact<'_>, events: &mut Vec<Event>) {
        let Some(subject) = self.truth.first().map(Event::subject_id) else { return };
        let fact = |code: Code| {
            Event::new(subject, None, code)
                .with_kind(EventKind::Demographic)
                .with_source(self.observer.source.clone())
        };
        let coded = |system: &str, field| Code::new(system, artefact.get(field).as_text()?).ok();
        events.extend(coded("SEX", Field::Sex).map(fact));
        events.extend(coded("ETHNICITY", Field::Ethnicity).map(fact));
        let decile = self.truth.iter().find(|event| event.code().system() == Some("IMD_DECILE"));
        if let Some(event) = decile {
            let own = fact(event.code().clone());
            let number = event.numeric_value().unwrap_or_default();
            events.push(own.clone().with_numeric_value(number).unwrap_or(own));
        }
        let born = match artefact.get(Field::DateOfBirth) {
            FieldValue::Day(day) => {
                let micros = i64::from(*day) * twinloom_event::MICROSECONDS_PER_DAY;
                twinloom_event::Timestamp::from_micros(micros).ok()
            }
            _ => None,
        };
        events.extend(born.map(|at| {
            Event::new(subject, Some(at), Code::birth())
                .with_kind(EventKind::Birth)
                .with_source(self.observer.source.clone())
                .with_time_precision(TimePrecision::Day)
        }));
        self.affiliations(subject, artefact.heading.recorded, events);
    }

    /// With whom a person lives, since when as far as the practice's system knows, which is no sooner than it
    /// knows the person; and with which practice they were registered when.
    fn affiliations(&self, subject: SubjectId, known: Timestamp, events: &mut Vec<Event>) {
        let words = &self.observer.words;
        let event = |at: Timestamp, code: &Code, text: Arc<str>| {
            Event::new(subject, Some(midnight(at)), code.clone())
                .with_kind(EventKind::Administrative)
                .with_source(self.observer.source.clone())
                .with_time_precision(TimePrecision::Day)
                .with_text_value(text)
        };
        let homes = self.truth.iter().filter(|event| event.code() == &words.household);
        let homes: Vec<(Timestamp, Arc<str>)> =
            homes.filter_map(|home| Some((home.time()?.max(known), home.text_value()?.into()))).collect();
        for (place, (at, home)) in homes.iter().enumerate() {
            // Of the homes before the practice knew the person, only the last is told.
            if homes.get(place + 1).is_none_or(|next| midnight(next.0) > midnight(*at)) {
                events.push(event(*at, &words.household, home.clone()));
            }
        }
        let registrations = self.truth.iter().filter(|event| event.code().system() == Some("REGISTRATION"));
        for registration in registrations {
            if let Some(at) = registration.time() {
                events.push(event(at, &words.practice, registration.code().value().into()));
            }
        }
    }

    /// One artefact as an event of somebody's record.
    fn event(&self, artefact: &Artefact<'_>, subject: SubjectId) -> Option<Event> {
        let words = &self.observer.words;
        let heading = artefact.heading;
        let origin = self.truth.get(heading.origin as usize)?;
        let code = match artefact.get(Field::Code) {
            FieldValue::Text(code) => Code::parse(Arc::clone(code)).ok()?,
            _ => code_of_words(artefact.get(Field::FreeText).as_text()?)?,
        };
        if origin.code().system() == Some("REFERRAL") {
            return None;
        }
        let at = artefact.get(Field::Started).as_time()?;
        let precision = match artefact.get(Field::StartedPrecision).as_text() {
            Some("year") => TimePrecision::Year,
            Some("day") => TimePrecision::Day,
            _ => TimePrecision::Instant,
        };
        let mut event = Event::new(subject, Some(at), code)
            .with_kind(origin.kind())
            .with_source(self.observer.source.clone())
            .with_time_precision(precision);
        if let Some(record_id) = origin.record_id() {
            let own = self.record_id(artefact, record_id);
            if is_contact(heading.kind) {
                event = event.with_encounter_id(EncounterId::new(own.as_str()).ok()?);
            }
            event = event.with_record_id(own);
        }
        if heading.recorded > at && !matches!(heading.kind, ArtefactKind::Consultation) {
            event = event.with_recorded_time(heading.recorded);
        }
        if let Some(end) = artefact.get(Field::Ended).as_time().filter(|end| *end >= at) {
            event = event.clone().with_end_time(end).unwrap_or(event);
        }
        let contact = artefact.get(Field::Contact).as_integer();
        if let Some(contact) = contact.filter(|contact| self.stands_with(artefact, *contact, subject)) {
            event = match self.encounter_id(contact) {
                Some(id) => event.with_encounter_id(id),
                None => event,
            };
        }
        if let Some(number) = artefact.get(Field::Value).as_number() {
            event = event.clone().with_numeric_value(number).unwrap_or(event);
            if let Some(unit) = text(artefact, Field::Unit).and_then(|unit| Unit::new(unit).ok()) {
                event = event.with_unit(unit);
            }
        }
        let told = [Field::Answer, Field::Dosage, Field::FreeText];
        let told = told.into_iter().find_map(|field| text(artefact, field));
        // Words that stand for the code need not be said twice.
        if let Some(text) = told.filter(|text| **text != *event.code().value()) {
            event = event.with_text_value(text);
        }
        let attribute = |field| text(artefact, field).map(Attribute::Text);
        if let Some(category) = attribute(Field::Category) {
            event = event.with_attribute(words.category.clone(), category);
        }
        if let Some(class) = attribute(Field::Class) {
            event = event.with_attribute(words.class.clone(), class);
        }
        if let Some(reason) = attribute(Field::Reason) {
            event = event.with_attribute(words.reason.clone(), reason);
        }
        Some(self.with_status(event, artefact))
    }

    fn with_status(&self, event: Event, artefact: &Artefact<'_>) -> Event {
        let words = &self.observer.words;
        let status = match (artefact.heading.kind, text(artefact, Field::Status)) {
            (ArtefactKind::Value, _) => Some(Arc::from("final")),
            (_, status) => status,
        };
        let Some(status) = status.map(Attribute::Text) else { return event };
        match artefact.heading.kind {
            ArtefactKind::Problem | ArtefactKind::Allergy => event
                .with_attribute(words.clinical_status.clone(), status)
                .with_attribute(words.verification_status.clone(), words.confirmed.clone()),
            ArtefactKind::Medication | ArtefactKind::Plan => event
                .with_attribute(words.status.clone(), status)
                .with_attribute(words.intent.clone(), words.order.clone()),
            _ => event.with_attribute(words.status.clone(), status),
        }
    }

    /// The truth's record id; a second entry of the same has its own, told from the first's.
    fn record_id(&self, artefact: &Artefact<'_>, original: &RecordId) -> RecordId {
        if !self.book.is_copy(artefact.heading) {
            return original.clone();
        }
        RecordId::new(format!("{original}-second")).unwrap_or_else(|_| original.clone())
    }

    /// Whether a contact stands in the same record as an artefact that names it.
    fn stands_with(&self, artefact: &Artefact<'_>, contact: i64, subject: SubjectId) -> bool {
        if self.truth.first().map(Event::subject_id) == Some(subject) {
            return self.contacts.contains(&contact);
        }
        let place = self.book.place_of(super::book::ArtefactId::from_file(contact));
        place.is_some_and(|place| {
            !self.book.is_removed(place) && self.book.at(place).heading.patient == artefact.heading.patient
        })
    }

    fn encounter_id(&self, contact: i64) -> Option<EncounterId> {
        let place = self.book.place_of(super::book::ArtefactId::from_file(contact))?;
        let origin = self.truth.get(self.book.at(place).heading.origin as usize)?;
        origin.encounter_id().cloned()
    }
}

fn text(artefact: &Artefact<'_>, field: Field) -> Option<Arc<str>> {
    match artefact.get(field) {
        FieldValue::Text(text) => Some(Arc::clone(text)),
        FieldValue::Word(word) => Some(Arc::from(*word)),
        _ => None,
    }
}
