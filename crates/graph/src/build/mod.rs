//! From the canonical record to the property graph.
//!
//! Subjects are planned side by side, numbered in order, and turned into edges side by side; edges
//! are then sorted by a total order, so the graph is the same bits for any number of threads.

mod columns;
mod concepts;
mod links;
mod numbering;
mod origins;
mod structure;
mod subject;

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use twinloom_event::{Artefact, Code, Concept, Dataset, EventKind, Terminology, Timestamp};

use self::columns::EventRow;
use self::concepts::Concepts;
use self::numbering::{Entities, Numbering, Repeated, place_records, sort_entities};
use self::structure::structural_edges;
use self::subject::Subject;
use crate::adjacency::{Adjacency, Half};
use crate::column::{Column, NO_INTEGER, TextTooLong};
use crate::graph::BuildNotes;
use crate::{EdgeProperty, EdgeTable, EdgeType, NodeTable, PropertyGraph};

/// What the graph is told beside the record itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// Where the record's artefacts stood in the input.
    pub artefacts: &'a [Artefact],
    /// What terminologies say of codes. Only what the record's codes lead to enters the graph.
    pub terminology: Option<&'a Terminology>,
}

impl PropertyGraph {
    /// Builds the graph of a dataset alone; see [`PropertyGraph::build_within`].
    ///
    /// # Errors
    /// [`BuildError`] when nodes, edges of one type, or one column's texts pass 32 bits.
    pub fn build(dataset: &Dataset) -> Result<Self, BuildError> {
        Self::build_within(dataset, &Surroundings::default())
    }

    /// Builds the graph of a dataset and of what is known beside it.
    ///
    /// Sex, ethnicity, deprivation decile and birth become properties of the patient; every other
    /// event becomes a node. Events of one Observation are tied to its first by `PART_OF`.
    ///
    /// # Errors
    /// [`BuildError`] when nodes, edges of one type, or one column's texts pass 32 bits.
    pub fn build_within(dataset: &Dataset, surroundings: &Surroundings<'_>) -> Result<Self, BuildError> {
        let subjects: Vec<Subject<'_>> = dataset.cohort.timelines().par_iter().map(Subject::of).collect();
        let described: FxHashMap<&Code, &Concept> =
            dataset.concepts.iter().rev().map(|concept| (&concept.code, concept)).collect();
        let concepts = Concepts::of(&subjects, &described, surroundings.terminology);
        let mut notes = BuildNotes {
            patient_facts: subjects.iter().map(|subject| subject.facts.count).sum(),
            ..BuildNotes::default()
        };
        let entities = sort_entities(&dataset.entities, &mut notes);
        let numbering = Numbering::of(&subjects, concepts.len(), &entities)?;
        let (places, repeated) = place_records(&subjects, &numbering, &entities);
        let nodes =
            node_tables(&subjects, &repeated, &concepts, &described, &entities, &numbering, surroundings)?;

        let mut edges = structural_edges(&subjects, &numbering, &concepts);
        for (edge_type, halves) in links::reference_edges(&dataset.links, &places, &mut notes) {
            edges.entry(edge_type).or_default().extend(halves);
        }
        let mut tables = edges
            .into_iter()
            .filter(|(_, halves)| !halves.is_empty())
            .map(|(edge_type, mut halves)| {
                edge_table(edge_type.clone(), &mut halves, |halves| properties(&edge_type, halves))
            })
            .collect::<Result<Vec<_>, _>>()?;
        tables.extend(concepts.relation_tables(numbering.first_concept)?);
        tables.sort_unstable_by(|one, other| one.edge_type.cmp(&other.edge_type));
        let edges = tables;
        let node_count = nodes.last().map_or(0, |table| (table.first + table.rows) as usize);
        let origins = origins::origins(&subjects, &numbering, &entities, node_count, surroundings.artefacts);
        Ok(Self { nodes, edges, notes, origins })
    }
}

fn node_tables(
    subjects: &[Subject<'_>],
    repeated: &Repeated,
    concepts: &Concepts,
    described: &FxHashMap<&Code, &Concept>,
    entities: &Entities<'_>,
    numbering: &Numbering,
    surroundings: &Surroundings<'_>,
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
    tables.push(concepts.table(numbering.first_concept, described, surroundings.terminology)?);
    for (first, (kind, entities)) in numbering.entities.iter().zip(entities) {
        tables.push(columns::entities(kind, entities, *first)?);
    }
    tables.retain(|table| !table.is_empty());
    debug_assert!(tables.is_sorted_by_key(|table: &NodeTable| table.label.clone()));
    Ok(tables)
}

/// Both directions of one type's edges; `properties` sees them in the order of the forward direction.
fn edge_table(
    edge_type: EdgeType,
    halves: &mut [Half],
    properties: impl FnOnce(&[Half]) -> Vec<(EdgeProperty, Column)>,
) -> Result<EdgeTable, BuildError> {
    if u32::try_from(halves.len()).is_err() {
        return Err(BuildError::TooManyEdges { edge_type, count: halves.len() });
    }
    let forward = Adjacency::of(halves);
    let properties = properties(halves);
    for half in &mut *halves {
        std::mem::swap(&mut half.source, &mut half.target);
    }
    let backward = Adjacency::of(halves);
    Ok(EdgeTable { edge_type, forward, backward, properties })
}

fn properties(edge_type: &EdgeType, halves: &[Half]) -> Vec<(EdgeProperty, Column)> {
    if *edge_type == EdgeType::coded_as() {
        let ranks = halves.iter().map(|half| half.property as u32).collect();
        vec![(EdgeProperty::Rank, Column::Count(ranks))]
    } else if *edge_type == EdgeType::next() {
        let day = twinloom_event::MICROSECONDS_PER_DAY as f64;
        let gaps = halves.iter().map(|half| Some(half.property as f64 / day));
        vec![(EdgeProperty::GapDays, Column::floats(gaps))]
    } else {
        Vec::new()
    }
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
