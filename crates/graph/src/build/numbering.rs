//! A number for every node, and the node that every artefact became.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_event::{Entity, EventKind};

use super::links::{NO_NODE, Place};
use super::subject::{EncounterKey, Subject};
use super::{BuildError, micros};
use crate::column::NO_INTEGER;
use crate::graph::BuildNotes;

/// Entities by sort and id, each id once.
pub(super) type Entities<'a> = BTreeMap<Arc<str>, Vec<&'a Entity>>;

pub(super) fn sort_entities<'a>(entities: &'a [Entity], notes: &mut BuildNotes) -> Entities<'a> {
    let mut sorted: Vec<&Entity> = entities.iter().collect();
    sorted.sort_by(|one, other| one.record_id.cmp(&other.record_id));
    let before = sorted.len();
    sorted.dedup_by(|later, first| later.record_id == first.record_id);
    notes.repeated_entities = (before - sorted.len()) as u64;
    let mut by_kind: Entities<'a> = BTreeMap::new();
    for entity in sorted {
        by_kind.entry(crate::schema::identifier(&entity.kind).into()).or_default().push(entity);
    }
    by_kind
}

/// The first node number of every label and, for events, of every subject within it.
pub(super) struct Numbering {
    pub(super) first_encounter: u32,
    /// By subject: the number of its first encounter.
    pub(super) encounters: Vec<u32>,
    /// By subject: the number of its first event of each kind.
    pub(super) events: Vec<[u32; EventKind::ALL.len()]>,
    pub(super) kinds: Vec<(EventKind, u32)>,
    pub(super) first_concept: u32,
    pub(super) entities: Vec<u32>,
}

impl Numbering {
    pub(super) fn of(
        subjects: &[Subject<'_>],
        concepts: usize,
        entities: &Entities<'_>,
    ) -> Result<Self, BuildError> {
        let counts: Vec<[u32; EventKind::ALL.len()]> = subjects
            .par_iter()
            .map(|subject| {
                let mut counts = [0; EventKind::ALL.len()];
                for planned in &subject.events {
                    counts[planned.event.kind() as usize] += 1;
                }
                counts
            })
            .collect();
        let mut next = Counter(subjects.len() as u64);
        let first_encounter = next.get()?;
        let mut encounters = Vec::with_capacity(subjects.len());
        for subject in subjects {
            encounters.push(next.get()?);
            next.0 += subject.encounters.len() as u64;
        }
        let mut events = vec![[0; EventKind::ALL.len()]; subjects.len()];
        let mut kinds = Vec::new();
        for kind in EventKind::ALL {
            let first = next.get()?;
            for (numbers, counts) in events.iter_mut().zip(&counts) {
                numbers[kind as usize] = next.get()?;
                next.0 += u64::from(counts[kind as usize]);
            }
            if next.0 > u64::from(first) {
                kinds.push((kind, first));
            }
        }
        let first_concept = next.get()?;
        next.0 += concepts as u64;
        let mut firsts = Vec::with_capacity(entities.len());
        for entities in entities.values() {
            firsts.push(next.get()?);
            next.0 += entities.len() as u64;
        }
        next.get()?;
        Ok(Self { first_encounter, encounters, events, kinds, first_concept, entities: firsts })
    }
}

struct Counter(u64);

impl Counter {
    fn get(&self) -> Result<u32, BuildError> {
        // The last number stands for no node.
        u32::try_from(self.0)
            .ok()
            .filter(|number| *number != NO_NODE)
            .ok_or(BuildError::TooManyNodes { count: self.0 })
    }
}

/// Which ids an earlier subject has already, in node order.
#[derive(Default)]
pub(super) struct Repeated {
    pub(super) encounters: Vec<bool>,
    /// By subject, then by event.
    pub(super) events: Vec<Vec<bool>>,
}

/// The node of every artefact. Where several claim an id, patients come first, then encounters, then
/// events by subject, then entities.
#[derive(Default)]
pub(super) struct Places<'a> {
    /// Patients and encounters.
    owners: FxHashMap<&'a str, Place>,
    /// The first event of each artefact.
    events: FxHashMap<&'a str, Place>,
    entities: FxHashMap<&'a str, Place>,
}

impl Places<'_> {
    pub(super) fn get(&self, record: &str) -> Option<&Place> {
        let events = || self.events.get(record);
        self.owners.get(record).or_else(events).or_else(|| self.entities.get(record))
    }
}

pub(super) fn place_records<'a>(
    subjects: &'a [Subject<'a>],
    numbering: &Numbering,
    entities: &Entities<'a>,
) -> (Places<'a>, Repeated) {
    let mut places = Places::default();
    let mut repeated = Repeated::default();
    for (patient, subject) in (0..).zip(subjects) {
        let place = Place { node: patient, known: NO_INTEGER, patient, encounter: NO_NODE };
        for record in &subject.patient_records {
            places.owners.entry(record).or_insert(place);
        }
    }
    let mut encounter_ids: FxHashSet<&str> = FxHashSet::default();
    for ((patient, subject), first) in (0..).zip(subjects).zip(&numbering.encounters) {
        for (node, encounter) in (*first..).zip(&subject.encounters) {
            let place = Place { node, known: micros(encounter.known), patient, encounter: NO_NODE };
            let id = match encounter.id {
                EncounterKey::Named(id) => Some(id),
                EncounterKey::Unnamed(_) => None,
            };
            repeated.encounters.push(id.is_some_and(|id| !encounter_ids.insert(id)));
            for record in id.into_iter().chain(encounter.record_id) {
                places.owners.entry(record).or_insert(place);
            }
        }
    }
    places.events.reserve(subjects.iter().map(|subject| subject.events.len()).sum());
    for (patient, subject) in (0..).zip(subjects) {
        let mut next = numbering.events[patient as usize];
        let mut own = Vec::with_capacity(subject.events.len());
        for planned in &subject.events {
            let node = take_number(&mut next, planned.event.kind());
            let Some(record) = planned.event.record_id() else {
                own.push(false);
                continue;
            };
            let encounter =
                planned.encounter.map_or(NO_NODE, |place| numbering.encounters[patient as usize] + place);
            let known = micros(planned.event.known_time());
            let first =
                places.events.entry(record.as_str()).or_insert(Place { node, known, patient, encounter });
            own.push(first.patient != patient);
        }
        repeated.events.push(own);
    }
    for (first, entities) in numbering.entities.iter().zip(entities.values()) {
        for (node, entity) in (*first..).zip(entities) {
            let place = Place { node, known: NO_INTEGER, patient: NO_NODE, encounter: NO_NODE };
            places.entities.entry(entity.record_id.as_str()).or_insert(place);
        }
    }
    (places, repeated)
}

pub(super) fn take_number(next: &mut [u32; EventKind::ALL.len()], kind: EventKind) -> u32 {
    let number = next[kind as usize];
    next[kind as usize] += 1;
    number
}
