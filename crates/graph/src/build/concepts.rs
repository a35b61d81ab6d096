//! One node per code: those the events use, all that these are cases of or map to, and what
//! terminologies say of them.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_codes::CodeSystem;
use twinloom_event::{Code, Concept, Relation, RelationKind, Terminology};

use super::subject::{Subject, other_codes};
use super::{BuildError, edge_table};
use crate::adjacency::Half;
use crate::column::{Column, NO_INTEGER, TextTooLong};
use crate::learning::is_coded;
use crate::{EdgeProperty, EdgeTable, EdgeType, NodeLabel, NodeTable, Property};

/// Source of a parent that the code's spelling implies.
const SPELLING: &str = "spelling of the code";
/// Source of a parent that the record's own description of a code states.
const DESCRIBED: &str = "description in the record";
/// Source of the map between the two ways to write the code of a medicine.
const SAME_IDENTIFIER: &str = "dm+d identifiers are SNOMED CT identifiers";

/// The terminology stratum.
pub(super) struct Concepts {
    codes: Vec<Code>,
    numbers: FxHashMap<Code, u32>,
    relations: Vec<Relation>,
}

impl Concepts {
    /// Collects the codes in use, then all that these lead to: ancestors by the data's description, by
    /// spelling and by terminologies, and what they map to. Interactions lead nowhere: they are kept
    /// between concepts that are there.
    pub(super) fn of(
        subjects: &[Subject<'_>],
        described: &FxHashMap<&Code, &Concept>,
        terminology: Option<&Terminology>,
    ) -> Self {
        let used = subjects
            .par_iter()
            .fold(FxHashSet::<Code>::default, |mut used, subject| {
                used.extend(subject.encounters.iter().flat_map(|encounter| encounter.codes.iter().cloned()));
                for planned in &subject.events {
                    let event = planned.event;
                    if !used.contains(event.code()) {
                        used.insert(event.code().clone());
                    }
                    used.extend(other_codes(event));
                    used.extend(answer(event.text_value()));
                }
                used
            })
            .reduce(FxHashSet::default, |mut all, part| {
                all.extend(part);
                all
            });
        let mut frontier: Vec<Code> = used.iter().cloned().collect();
        let mut all = used;
        let mut relations: Vec<Relation> = Vec::new();
        while let Some(code) = frontier.pop() {
            let before = relations.len();
            lead_on(&code, described, terminology, &mut relations);
            for relation in &relations[before..] {
                if all.insert(relation.to.clone()) {
                    frontier.push(relation.to.clone());
                }
            }
        }
        let interacts = |relation: &&Relation| {
            relation.kind == RelationKind::InteractsWith
                && all.contains(&relation.from)
                && all.contains(&relation.to)
        };
        let stated = terminology.map_or(&[][..], Terminology::relations);
        relations.extend(stated.iter().filter(interacts).cloned());
        relations.par_sort_unstable();
        // A parent is a parent however many say so; which release maps or warns is worth keeping.
        relations.dedup_by(|later, first| {
            let same = (&later.from, later.kind, &later.to) == (&first.from, first.kind, &first.to);
            same && (later.kind == RelationKind::IsA || later == first)
        });
        let mut codes: Vec<Code> = all.into_iter().collect();
        codes.par_sort_unstable();
        let numbers: FxHashMap<Code, u32> = codes.iter().cloned().zip(0..).collect();
        Self { codes, numbers, relations }
    }

    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// A code's place among the concepts.
    pub(super) fn number(&self, code: &Code) -> Option<u32> {
        self.numbers.get(code).copied()
    }

    /// The edges between concepts, given the number of the first concept's node.
    pub(super) fn relation_tables(&self, first: u32) -> Result<Vec<EdgeTable>, BuildError> {
        let types = [EdgeType::is_a(), EdgeType::maps_to(), EdgeType::interacts_with()];
        let mut tables = Vec::new();
        for (kind, edge_type) in RelationKind::ALL.into_iter().zip(types) {
            let of_kind: Vec<&Relation> =
                self.relations.iter().filter(|relation| relation.kind == kind).collect();
            let mut halves: Vec<Half> = (0..)
                .zip(&of_kind)
                .map(|(place, relation)| Half {
                    source: first + self.numbers[&relation.from],
                    known: NO_INTEGER,
                    target: first + self.numbers[&relation.to],
                    property: place,
                })
                .collect();
            if halves.is_empty() {
                continue;
            }
            tables.push(edge_table(edge_type, &mut halves, |halves| {
                let relation = |half: &Half| of_kind[half.property as usize];
                let sources: Vec<_> = halves.iter().map(|half| Some(relation(half).source.clone())).collect();
                let severities: Vec<_> = halves.iter().map(|half| relation(half).severity.clone()).collect();
                let mut properties = vec![(EdgeProperty::Source, Column::category(&sources))];
                if severities.iter().any(Option::is_some) {
                    properties.push((EdgeProperty::Severity, Column::category(&severities)));
                }
                properties
            })?);
        }
        Ok(tables)
    }

    pub(super) fn table(
        &self,
        first: u32,
        described: &FxHashMap<&Code, &Concept>,
        terminology: Option<&Terminology>,
    ) -> Result<NodeTable, TextTooLong> {
        let display = |code| {
            let own = described.get(code).and_then(|concept| concept.description.as_deref());
            own.or_else(|| terminology?.description(code).map(AsRef::as_ref)).unwrap_or_default()
        };
        let systems: Vec<_> = self.codes.iter().map(|code| code.system().map(Into::into)).collect();
        let columns = vec![
            (Property::Id, Column::text(self.codes.iter().map(Code::as_str))?),
            (Property::System, Column::category(&systems)),
            (Property::Code, Column::text(self.codes.iter().map(Code::value))?),
            (Property::Display, Column::text(self.codes.iter().map(display))?),
        ];
        Ok(NodeTable { label: NodeLabel::Concept, first, rows: self.codes.len() as u32, columns })
    }
}

/// Adds the relations of a code that bring others into the graph.
fn lead_on(
    code: &Code,
    described: &FxHashMap<&Code, &Concept>,
    terminology: Option<&Terminology>,
    relations: &mut Vec<Relation>,
) {
    let mut relate = |kind, to: Code, source: &str| {
        if to != *code {
            relations.push(Relation { from: code.clone(), kind, to, source: source.into(), severity: None });
        }
    };
    for parent in described.get(code).map_or(&[][..], |concept| &concept.parents) {
        relate(RelationKind::IsA, parent.clone(), DESCRIBED);
    }
    for parent in twinloom_codes::parents(code) {
        relate(RelationKind::IsA, parent, SPELLING);
    }
    let Some(terminology) = terminology else {
        return;
    };
    let twin = [(CodeSystem::Snomed, CodeSystem::Dmd), (CodeSystem::Dmd, CodeSystem::Snomed)]
        .into_iter()
        .find(|(system, _)| code.system() == Some(system.name()))
        .and_then(|(_, other)| Code::new(other.name(), code.value()).ok());
    if let Some(twin) = twin.filter(|twin| !terminology.relations_of(twin).is_empty()) {
        relate(RelationKind::MapsTo, twin, SAME_IDENTIFIER);
    }
    let leads = |relation: &&Relation| relation.kind != RelationKind::InteractsWith;
    relations.extend(terminology.relations_of(code).iter().filter(leads).cloned());
}

/// The code a coded answer is.
pub(super) fn answer(text: Option<&str>) -> Option<Code> {
    text.filter(|text| is_coded(text)).and_then(|text| Code::parse(text).ok())
}
