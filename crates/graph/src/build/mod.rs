//! From the canonical record to the property graph.
//!
//! Subjects are planned side by side, numbered in order, and turned into edges side by side; edges
//! are then sorted by a total order, so the graph is the same bits for any number of threads.

mod columns;
mod concepts;
mod links;
mod subject;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_event::{Code, Concept, Dataset, Entity, EventKind, Timestamp};

use self::columns::EventRow;
use self::concepts::Concepts;
use self::links::{NO_NODE, Place};
use self::subject::{EncounterKey, Subject};
use crate::adjacency::{Adjacency, Half};
use crate::column::{NO_INTEGER, TextTooLong};
use crate::graph::{BuildNotes, EdgeProperty};
use crate::{EdgeTable, EdgeType, NodeTable, PropertyGraph};

impl PropertyGraph {
    /// Builds the graph of a dataset.
    ///
    /// Sex, ethnicity, deprivation decile and birth become properties of the patient; every other
    /// event becomes a node. Events of one Observation are tied to its first by `PART_OF`.
    ///
    /// # Errors
    /// [`BuildError`] when nodes, edges of one type, or one column's texts pass 32 bits.
    pub fn build(dataset: &Dataset) -> Result<Self, BuildError> {
        let subjects: Vec<Subject<'_>> = dataset.cohort.timelines().par_iter().map(Subject::of).collect();
        let described: FxHashMap<&Code, &Concept> =
            dataset.concepts.iter().rev().map(|concept| (&concept.code, concept)).collect();
        let concepts = Concepts::of(&subjects, &described);
        let mut notes = BuildNotes {
            patient_facts: subjects.iter().map(|subject| subject.facts.count).sum(),
            ..BuildNotes::default()
        };
        let entities = sort_entities(&dataset.entities, &mut notes);
        let numbering = Numbering::of(&subjects, concepts.len(), &entities)?;
        let (places, repeated) = place_records(&subjects, &numbering, &entities);
        let nodes = node_tables(&subjects, &repeated, &concepts, &described, &entities, &numbering)?;

        let mut edges = structural_edges(&subjects, &numbering, &concepts);
        edges.entry(EdgeType::is_a()).or_default().extend(concepts.is_a(numbering.first_concept));
        for (edge_type, halves) in links::reference_edges(&dataset.links, &places, &mut notes) {
            edges.entry(edge_type).or_default().extend(halves);
        }
        let edges = edges
            .into_iter()
            .filter(|(_, halves)| !halves.is_empty())
            .map(|(edge_type, halves)| edge_table(edge_type, halves))
            .collect::<Result<_, _>>()?;
        Ok(Self { nodes, edges, notes })
    }
}

/// Entities by sort and id, each id once.
type Entities<'a> = BTreeMap<Arc<str>, Vec<&'a Entity>>;

fn sort_entities<'a>(entities: &'a [Entity], notes: &mut BuildNotes) -> Entities<'a> {
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
struct Numbering {
    first_encounter: u32,
    /// By subject: the number of its first encounter.
    encounters: Vec<u32>,
    /// By subject: the number of its first event of each kind.
    events: Vec<[u32; EventKind::ALL.len()]>,
    kinds: Vec<(EventKind, u32)>,
    first_concept: u32,
    entities: Vec<u32>,
}

impl Numbering {
    fn of(subjects: &[Subject<'_>], concepts: usize, entities: &Entities<'_>) -> Result<Self, BuildError> {
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
struct Repeated {
    encounters: Vec<bool>,
    /// By subject, then by event.
    events: Vec<Vec<bool>>,
}

/// The node of every artefact. Where several claim an id, patients come first, then encounters, then
/// events by subject, then entities.
fn place_records<'a>(
    subjects: &'a [Subject<'a>],
    numbering: &Numbering,
    entities: &Entities<'a>,
) -> (FxHashMap<&'a str, Place>, Repeated) {
    let mut places: FxHashMap<&str, Place> = FxHashMap::default();
    let mut repeated = Repeated::default();
    for (patient, subject) in (0..).zip(subjects) {
        let place = Place { node: patient, known: NO_INTEGER, patient, encounter: NO_NODE };
        for record in &subject.patient_records {
            places.entry(record).or_insert(place);
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
                places.entry(record).or_insert(place);
            }
        }
    }
    let mut owners: FxHashMap<&str, u32> = FxHashMap::default();
    for (patient, subject) in (0..).zip(subjects) {
        let mut next = numbering.events[patient as usize];
        let mut own = Vec::with_capacity(subject.events.len());
        for planned in &subject.events {
            let node = take_number(&mut next, planned.event.kind());
            let record = planned.event.record_id().map(twinloom_event::RecordId::as_str);
            own.push(record.is_some_and(|record| *owners.entry(record).or_insert(patient) != patient));
            if let Some(record) = record {
                let encounter =
                    planned.encounter.map_or(NO_NODE, |place| numbering.encounters[patient as usize] + place);
                let known = micros(planned.event.known_time());
                places.entry(record).or_insert(Place { node, known, patient, encounter });
            }
        }
        repeated.events.push(own);
    }
    for (first, entities) in numbering.entities.iter().zip(entities.values()) {
        for (node, entity) in (*first..).zip(entities) {
            let place = Place { node, known: NO_INTEGER, patient: NO_NODE, encounter: NO_NODE };
            places.entry(entity.record_id.as_str()).or_insert(place);
        }
    }
    (places, repeated)
}

fn take_number(next: &mut [u32; EventKind::ALL.len()], kind: EventKind) -> u32 {
    let number = next[kind as usize];
    next[kind as usize] += 1;
    number
}

fn node_tables(
    subjects: &[Subject<'_>],
    repeated: &Repeated,
    concepts: &Concepts,
    described: &FxHashMap<&Code, &Concept>,
    entities: &Entities<'_>,
    numbering: &Numbering,
) -> Result<Vec<NodeTable>, BuildError> {
    let mut rows: BTreeMap<EventKind, Vec<EventRow<'_>>> = BTreeMap::new();
    for (subject, repeated) in subjects.iter().zip(&repeated.events) {
        for (planned, repeated) in subject.events.iter().zip(repeated) {
            rows.entry(planned.event.kind()).or_default().push(EventRow { planned, repeated: *repeated });
        }
    }
    let mut tables = vec![
        columns::patients(subjects)?,
        columns::encounters(subjects, &repeated.encounters, numbering.first_encounter)?,
    ];
    let of_events: Result<Vec<NodeTable>, TextTooLong> = numbering
        .kinds
        .par_iter()
        .map(|(kind, first)| columns::events(*kind, rows.get(kind).map_or(&[], Vec::as_slice), *first))
        .collect();
    tables.extend(of_events?);
    tables.push(concepts.table(numbering.first_concept, described)?);
    for (first, (kind, entities)) in numbering.entities.iter().zip(entities) {
        tables.push(columns::entities(kind, entities, *first)?);
    }
    tables.retain(|table| !table.is_empty());
    debug_assert!(tables.is_sorted_by_key(|table: &NodeTable| table.label.clone()));
    Ok(tables)
}

/// The edges that the canonical record itself states, by type.
fn structural_edges(
    subjects: &[Subject<'_>],
    numbering: &Numbering,
    concepts: &Concepts,
) -> BTreeMap<EdgeType, Vec<Half>> {
    let parts = subjects
        .par_iter()
        .enumerate()
        .fold(Structure::default, |mut structure, (patient, subject)| {
            structure.add(patient, subject, numbering, concepts);
            structure
        })
        .reduce(Structure::default, Structure::merged);
    BTreeMap::from([
        (EdgeType::had_encounter(), parts.had_encounter),
        (EdgeType::contains(), parts.contains),
        (EdgeType::has_event(), parts.has_event),
        (EdgeType::coded_as(), parts.coded_as),
        (EdgeType::answered(), parts.answered),
        (EdgeType::next(), parts.next),
        (EdgeType::part_of(), parts.part_of),
    ])
}

#[derive(Default)]
struct Structure {
    had_encounter: Vec<Half>,
    contains: Vec<Half>,
    has_event: Vec<Half>,
    coded_as: Vec<Half>,
    answered: Vec<Half>,
    next: Vec<Half>,
    part_of: Vec<Half>,
}

impl Structure {
    fn add(&mut self, patient: usize, subject: &Subject<'_>, numbering: &Numbering, concepts: &Concepts) {
        let first_encounter = numbering.encounters[patient];
        let half = |source, known, target| Half { source, known, target, property: 0 };
        let coded = |source, known, rank: usize, code: &Code| {
            let target = numbering.first_concept + concepts.number(code)?;
            Some(Half { source, known, target, property: rank as i64 })
        };
        for (node, encounter) in (first_encounter..).zip(&subject.encounters) {
            let known = micros(encounter.known);
            self.had_encounter.push(half(patient as u32, known, node));
            let codes = encounter.codes.iter().enumerate();
            self.coded_as.extend(codes.filter_map(|(rank, code)| coded(node, known, rank, code)));
        }
        self.next.extend(successions(first_encounter, subject));
        let mut next = numbering.events[patient];
        let nodes: Vec<u32> =
            subject.events.iter().map(|planned| take_number(&mut next, planned.event.kind())).collect();
        for (planned, node) in subject.events.iter().zip(&nodes) {
            let (event, node) = (planned.event, *node);
            let known = micros(event.known_time());
            self.has_event.push(half(patient as u32, known, node));
            if let Some(place) = planned.encounter {
                let both = known.max(micros(subject.encounters[place as usize].known));
                self.contains.push(half(first_encounter + place, both, node));
            }
            if let Some(panel) = planned.panel {
                let both = known.max(micros(subject.events[panel as usize].event.known_time()));
                self.part_of.push(half(node, both, nodes[panel as usize]));
            }
            self.coded_as.extend(coded(node, known, 0, event.code()));
            let others = subject::other_codes(event);
            self.coded_as.extend(
                others.iter().enumerate().filter_map(|(place, code)| coded(node, known, place + 1, code)),
            );
            if let Some(code) = concepts::answer(event.text_value()) {
                self.answered.extend(coded(node, known, 0, &code));
            }
        }
    }

    fn merged(mut self, other: Self) -> Self {
        self.had_encounter.extend(other.had_encounter);
        self.contains.extend(other.contains);
        self.has_event.extend(other.has_event);
        self.coded_as.extend(other.coded_as);
        self.answered.extend(other.answered);
        self.next.extend(other.next);
        self.part_of.extend(other.part_of);
        self
    }
}

/// Edges from each encounter to the next by start; their property is the time from the end (the
/// start, if it has no end) to the next start, 0 where they overlap.
fn successions(first: u32, subject: &Subject<'_>) -> Vec<Half> {
    let mut started: Vec<_> = (first..)
        .zip(&subject.encounters)
        .filter_map(|(node, encounter)| encounter.start.map(|start| (start, node, encounter)))
        .collect();
    started.sort_unstable_by_key(|(start, node, _)| (*start, *node));
    started
        .windows(2)
        .map(|pair| {
            let ((start, source, one), (next_start, target, other)) = (&pair[0], &pair[1]);
            let left = one.end.unwrap_or(*start);
            Half {
                source: *source,
                known: micros(one.known).max(micros(other.known)),
                target: *target,
                property: (next_start.micros() - left.micros()).max(0),
            }
        })
        .collect()
}

fn edge_table(edge_type: EdgeType, mut halves: Vec<Half>) -> Result<EdgeTable, BuildError> {
    if u32::try_from(halves.len()).is_err() {
        return Err(BuildError::TooManyEdges { edge_type, count: halves.len() });
    }
    let forward = Adjacency::of(&mut halves);
    let property = if edge_type == EdgeType::coded_as() {
        Some(EdgeProperty::Rank(halves.iter().map(|half| half.property as u32).collect()))
    } else if edge_type == EdgeType::next() {
        Some(EdgeProperty::Gap(halves.iter().map(|half| half.property).collect()))
    } else {
        None
    };
    for half in &mut halves {
        std::mem::swap(&mut half.source, &mut half.target);
    }
    let backward = Adjacency::of(&mut halves);
    Ok(EdgeTable { edge_type, forward, backward, property })
}

fn micros(time: Option<Timestamp>) -> i64 {
    time.map_or(NO_INTEGER, Timestamp::micros)
}

/// Why a dataset makes no graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// More nodes than can be numbered.
    #[error("{count} nodes are too many; permitted: at most 4294967294")]
    TooManyNodes {
        /// The number wanted.
        count: u64,
    },
    /// More edges of one type than can be numbered.
    #[error("{count} edges of type {edge_type} are too many; permitted: at most 4294967295")]
    TooManyEdges {
        /// Their type.
        edge_type: EdgeType,
        /// The number wanted.
        count: usize,
    },
    /// One property's texts can't be addressed.
    #[error("the texts of one property pass 4294967295 bytes; permitted: up to that")]
    TooMuchText,
}

impl From<TextTooLong> for BuildError {
    fn from(_: TextTooLong) -> Self {
        Self::TooMuchText
    }
}
