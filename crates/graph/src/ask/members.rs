//! The concepts of a graph that belong to a clinical set.

use rustc_hash::FxHashSet;
use twinloom_codes::{ClinicalSet, ClinicalTables, CodeSystem, atc_holds};
use twinloom_event::{Code, EventKind};

use super::walk::{Fact, Walk};
use crate::graph::EdgeTable;
use crate::{NodeId, NodeLabel, Property, PropertyValue};

/// The terminology of a graph, ready to be asked which concepts a set holds.
pub(super) struct Terminology<'g> {
    walk: Walk<'g>,
    concepts: Vec<NodeId>,
    /// The lowest ATC values that each concept stands for, in order.
    atc: Vec<Vec<Box<str>>>,
    is_a: Option<&'g EdgeTable>,
    maps_to: Option<&'g EdgeTable>,
}

/// The concepts that belong to one of some sets.
#[derive(Clone, Debug, Default)]
pub(super) struct Members(Vec<Own>);

/// The concepts of one set, and the kinds of events that state it.
#[derive(Clone, Debug)]
struct Own {
    kinds: Vec<EventKind>,
    concepts: FxHashSet<NodeId>,
}

impl Members {
    /// Whether the event states what a set means: it is of its kind, not doubted, and any of its
    /// codings is in the set.
    pub(super) fn of(&self, fact: &Fact) -> bool {
        let holds = |own: &Own| fact.concepts.iter().any(|concept| own.concepts.contains(concept));
        !fact.doubted && self.0.iter().any(|own| own.kinds.contains(&fact.kind) && holds(own))
    }

    /// Whether any of the concepts is in a set.
    pub(super) fn any(&self, concepts: &[NodeId]) -> bool {
        concepts.iter().any(|concept| self.0.iter().any(|own| own.concepts.contains(concept)))
    }

    /// Whether the graph holds no such concept.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|own| own.concepts.is_empty())
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl<'g> Terminology<'g> {
    pub(super) fn new(walk: Walk<'g>, tables: &ClinicalTables) -> Self {
        let concepts = walk.of_label(&NodeLabel::Concept);
        let mut terminology = Self {
            walk,
            atc: Vec::with_capacity(concepts.len()),
            concepts,
            is_a: walk.edges("IS_A"),
            maps_to: walk.edges("MAPS_TO"),
        };
        for concept in &terminology.concepts {
            let mut values: Vec<Box<str>> = terminology
                .upward(*concept)
                .into_iter()
                .filter_map(|above| {
                    let text = terminology.text(above)?;
                    let own =
                        Code::parse(text).ok().filter(|code| code.system() == Some(CodeSystem::Atc.name()));
                    own.map(|code| code.value().into()).or_else(|| tables.atc_of(text).map(Into::into))
                })
                .collect();
            values.sort_unstable();
            values.dedup();
            // A class above says nothing that the value below it does not.
            let below = values.clone();
            values.retain(|class| !below.iter().any(|value| value != class && atc_holds(class, value)));
            terminology.atc.push(values);
        }
        terminology
    }

    fn text(&self, concept: NodeId) -> Option<&'g str> {
        self.walk.graph.property(concept, Property::Id).and_then(PropertyValue::as_text)
    }

    /// The concept and all that it is a case of or maps to.
    fn upward(&self, concept: NodeId) -> Vec<NodeId> {
        self.closure(vec![concept], |walk, table, node| walk.targets(table, node).collect())
    }

    fn closure(
        &self,
        mut found: Vec<NodeId>,
        step: impl Fn(&Walk<'g>, Option<&'g EdgeTable>, NodeId) -> Vec<NodeId>,
    ) -> Vec<NodeId> {
        let mut seen: FxHashSet<NodeId> = found.iter().copied().collect();
        let mut next = 0;
        while let Some(node) = found.get(next).copied() {
            next += 1;
            for table in [self.is_a, self.maps_to] {
                found.extend(step(&self.walk, table, node).into_iter().filter(|near| seen.insert(*near)));
            }
        }
        found
    }

    /// The concepts of a set: its codes, drugs whose ATC code lies below one of its classes, and all
    /// that is a case of these or maps to them, without what the set excludes.
    pub(super) fn members(&self, set: &ClinicalSet) -> Members {
        let classes: Vec<&str> = set.atc_classes().collect();
        let mut concepts = self.downward(&set.codes().map(Code::as_str).collect(), &classes);
        let excluded = self.downward(&set.excluded().map(Code::as_str).collect(), &[]);
        concepts.retain(|concept| !excluded.contains(concept));
        Members(vec![Own { kinds: set.kinds().to_vec(), concepts }])
    }

    /// Concepts of some codes or ATC classes and all below them.
    fn downward(&self, codes: &FxHashSet<&str>, classes: &[&str]) -> FxHashSet<NodeId> {
        let seeds: Vec<NodeId> = self
            .concepts
            .iter()
            .zip(&self.atc)
            .filter(|(concept, atc)| {
                self.text(**concept).is_some_and(|text| codes.contains(text))
                    || atc.iter().any(|value| classes.iter().any(|class| atc_holds(class, value)))
            })
            .map(|(concept, _)| *concept)
            .collect();
        self.closure(seeds, |walk, table, node| walk.sources(table, node).collect()).into_iter().collect()
    }

    /// The concepts of full codes, nothing below them.
    pub(super) fn coded<'s>(&'s self, codes: &'s [String]) -> impl Iterator<Item = NodeId> + 's {
        let named =
            |concept: &NodeId| self.text(*concept).is_some_and(|text| codes.iter().any(|code| code == text));
        self.concepts.iter().copied().filter(named)
    }

    /// The members of sets together.
    pub(super) fn members_of_any<'s>(&self, sets: impl IntoIterator<Item = &'s ClinicalSet>) -> Members {
        let mut all = Members::default();
        for set in sets {
            all.extend(self.members(set));
        }
        all
    }

    /// The lowest ATC values that a concept stands for, in order.
    pub(super) fn atc(&self, concept: NodeId) -> &[Box<str>] {
        match self.concepts.binary_search(&concept) {
            Ok(place) => &self.atc[place],
            Err(_) => &[],
        }
    }

    /// Every code that a concept is a case of or maps to, itself too, with the ATC classes it lies in.
    pub(super) fn classes(&self, concept: NodeId) -> FxHashSet<String> {
        let mut found: FxHashSet<String> = self
            .upward(concept)
            .into_iter()
            .filter_map(|above| self.text(above).map(str::to_owned))
            .collect();
        for value in self.atc(concept) {
            let mut code = Code::new(CodeSystem::Atc.name(), value).ok();
            while let Some(own) = code {
                found.insert(own.as_str().to_owned());
                code = twinloom_codes::parents(&own).pop();
            }
        }
        found
    }
}
