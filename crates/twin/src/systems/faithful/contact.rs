//! The contacts of a truth, where each took place, and what was diagnosed at it.

use rustc_hash::FxHashMap;
use twinloom_event::{Event, EventKind, Timestamp};

use super::{Diagnosis, Page, later, text, time, whole_minute};
use crate::systems::book::ArtefactId;
use crate::systems::system::System;

/// Where a contact took place, as far as records differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::systems) enum Setting {
    Practice,
    OutOfHours,
    Emergency,
    Outpatient,
    Inpatient,
    DayCase,
    Elsewhere,
}

impl Setting {
    fn of(event: &Event) -> Self {
        match (text(event, "service"), text(event, "class")) {
            (Some("general_practitioner" | "nurse" | "telephone" | "home_visit"), _) => Self::Practice,
            (Some("out_of_hours"), _) => Self::OutOfHours,
            (Some("emergency"), _) | (None, Some("EMER")) => Self::Emergency,
            (Some("outpatient"), _) => Self::Outpatient,
            (Some("inpatient"), _) | (None, Some("IMP")) => Self::Inpatient,
            (Some("day_case"), _) => Self::DayCase,
            (Some(_), _) => Self::Elsewhere,
            (None, _) => Self::Practice,
        }
    }

    /// Whether the practice learns of it by letter.
    pub(in crate::systems) const fn by_letter(self) -> bool {
        !matches!(self, Self::Practice)
    }
}

/// A contact of the truth.
#[derive(Debug)]
pub(in crate::systems) struct Contact<'a> {
    pub(in crate::systems) id: &'a str,
    /// Its place in the truth.
    pub(in crate::systems) event: usize,
    pub(in crate::systems) start: Timestamp,
    pub(in crate::systems) end: Option<Timestamp>,
    pub(in crate::systems) setting: Setting,
    /// Whether the truth tells of the appointment that led to it.
    pub(in crate::systems) has_appointment: bool,
    /// When the letter about it reached the practice.
    letter_received: Option<Timestamp>,
    /// When the practice had filed the letter; none when it never did before the end.
    pub(in crate::systems) filed: Option<Timestamp>,
    /// The practice's artefact of it.
    pub(in crate::systems) artefact: Option<ArtefactId>,
}

/// The contacts in order of time, and their places by id.
pub(super) fn contacts(events: &[Event]) -> (Vec<Contact<'_>>, FxHashMap<&str, usize>) {
    let mut contacts = Vec::new();
    let mut by_id = FxHashMap::default();
    for (place, event) in events.iter().enumerate() {
        let (EventKind::Encounter, Some(start), Some(id)) =
            (event.kind(), event.time(), event.encounter_id())
        else {
            continue;
        };
        by_id.insert(id.as_str(), contacts.len());
        contacts.push(Contact {
            id: id.as_str(),
            event: place,
            start,
            end: event.end_time(),
            setting: Setting::of(event),
            has_appointment: false,
            letter_received: None,
            filed: None,
            artefact: None,
        });
    }
    for event in events {
        let by_appointment =
            event.kind() == EventKind::Administrative && event.code().system() == Some("APPOINTMENT");
        if by_appointment && let Some(contact) = event.encounter_id().and_then(|id| by_id.get(id.as_str())) {
            contacts[*contact].has_appointment = true;
        }
        if event.kind() != EventKind::Document {
            continue;
        }
        let to_practice = matches!(
            event.code().as_str(),
            "LETTER//discharge_summary" | "LETTER//clinic_letter" | "LETTER//emergency_summary"
        );
        if let (true, Some(id), Some(received)) = (to_practice, event.encounter_id(), time(event, "received"))
            && let Some(contact) = by_id.get(id.as_str())
        {
            contacts[*contact].letter_received = Some(received);
        }
    }
    (contacts, by_id)
}

/// The diagnosed conditions, each with the contact at which it was diagnosed.
pub(super) fn diagnoses(
    events: &[Event],
    contacts: &[Contact<'_>],
    by_id: &FxHashMap<&str, usize>,
    cutoff: Timestamp,
) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    for (place, event) in events.iter().enumerate() {
        if event.kind() != EventKind::Condition {
            continue;
        }
        let named = event.encounter_id().and_then(|id| by_id.get(id.as_str()).copied());
        let at = time(event, "diagnosed").or_else(|| named.and(event.time()));
        let Some(at) = at.filter(|at| *at < cutoff) else { continue };
        found.push(Diagnosis { event: place, at, contact: named.or_else(|| during(contacts, at)) });
    }
    found
}

/// The last contact under way at a time.
fn during(contacts: &[Contact<'_>], at: Timestamp) -> Option<usize> {
    let after = contacts.partition_point(|contact| contact.start <= at);
    // A stay may contain later contacts: look back over a few.
    contacts[..after]
        .iter()
        .enumerate()
        .rev()
        .take(4)
        .find(|(_, contact)| contact.end.is_none_or(|end| at <= end))
        .map(|(place, _)| place)
}

impl Page<'_> {
    /// Decides when the practice files what it learns of each contact.
    pub(super) fn file_letters(&mut self) {
        let workings = self.observer.rates.workings;
        for place in 0..self.contacts.len() {
            if !self.contacts[place].setting.by_letter() {
                continue;
            }
            let mut draws = self.draws(System::GeneralPractice, self.contacts[place].event, 0);
            let (post, filing) = (draws.exponential(), draws.exponential());
            let contact = &self.contacts[place];
            let told = contact.letter_received;
            let drawn =
                contact.end.map(|end| later(end.min(self.cutoff), 0.5 + workings.letter_days_mean * post));
            let received = told.or(drawn);
            let filed = received.map(|at| {
                let at = later(at, workings.letter_filing_days_mean * filing);
                whole_minute(self.observer.practice_opens(at))
            });
            let kept = contact.start >= self.observer.record_from;
            self.contacts[place].filed = filed.filter(|at| kept && *at < self.end);
        }
    }
}
