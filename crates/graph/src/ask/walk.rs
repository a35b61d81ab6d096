//! The record as questions walk it: each patient's life along time-sorted edges, as known at a time.

use rayon::prelude::*;
use twinloom_event::{EventKind, Timestamp};

use crate::graph::EdgeTable;
use crate::{EdgeType, NodeId, NodeLabel, NodeTable, Property, PropertyGraph, PropertyValue};

/// The graph as known at a time.
#[derive(Clone, Copy)]
pub(super) struct Walk<'g> {
    pub(super) graph: &'g PropertyGraph,
    pub(super) as_of: Option<Timestamp>,
    had_encounter: Option<&'g EdgeTable>,
    has_event: Option<&'g EdgeTable>,
    contains: Option<&'g EdgeTable>,
    coded_as: Option<&'g EdgeTable>,
}

/// One patient's life, as known.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) patient: NodeId,
    pub(super) sex: Option<Box<str>>,
    pub(super) imd_decile: Option<i64>,
    /// In order of the node.
    pub(super) facts: Vec<Fact>,
    /// In order of the node.
    pub(super) contacts: Vec<Contact>,
    pub(super) death: Option<Timestamp>,
}

/// An event node.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) node: NodeId,
    pub(super) kind: EventKind,
    pub(super) time: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    pub(super) known: Option<Timestamp>,
    /// The encounter that contains it.
    pub(super) contact: Option<NodeId>,
    /// Whether it is a condition that is not, or not yet, held to be one.
    pub(super) doubted: bool,
    /// By rank.
    pub(super) concepts: Vec<NodeId>,
}

/// An encounter node.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) node: NodeId,
    pub(super) class: Option<Box<str>>,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    /// By rank.
    pub(super) concepts: Vec<NodeId>,
}

impl<'g> Walk<'g> {
    pub(super) fn new(graph: &'g PropertyGraph, as_of: Option<Timestamp>) -> Self {
        let table =
            |edge_type: EdgeType| graph.edge_tables().iter().find(|table| *table.edge_type() == edge_type);
        Self {
            graph,
            as_of,
            had_encounter: table(EdgeType::had_encounter()),
            has_event: table(EdgeType::has_event()),
            contains: table(EdgeType::contains()),
            coded_as: table(EdgeType::coded_as()),
        }
    }

    /// The edges of a type, by its name.
    pub(super) fn edges(&self, name: &str) -> Option<&'g EdgeTable> {
        self.graph.edge_tables().iter().find(|table| table.edge_type().as_str() == name)
    }

    /// Where a node's edges of a type lead, as known, earliest known first.
    pub(super) fn targets(
        &self,
        table: Option<&'g EdgeTable>,
        node: NodeId,
    ) -> impl Iterator<Item = NodeId> + use<'g> {
        let as_of = self.as_of;
        table.into_iter().flat_map(move |table| {
            table.forward.range(node.0, as_of).map(move |place| NodeId(table.forward.targets[place]))
        })
    }

    /// Where a node's edges of a type come from, as known, earliest known first.
    pub(super) fn sources(
        &self,
        table: Option<&'g EdgeTable>,
        node: NodeId,
    ) -> impl Iterator<Item = NodeId> + use<'g> {
        let as_of = self.as_of;
        table.into_iter().flat_map(move |table| {
            table.backward.range(node.0, as_of).map(move |place| NodeId(table.backward.targets[place]))
        })
    }

    /// Every patient in order.
    pub(super) fn patients(&self) -> Vec<NodeId> {
        self.of_label(&NodeLabel::Patient)
    }

    /// Every node of a label in order.
    pub(super) fn of_label(&self, label: &NodeLabel) -> Vec<NodeId> {
        let table = self.graph.node_tables().iter().find(|table| table.label() == label);
        table.map_or_else(Vec::new, |table| table.nodes().collect())
    }

    /// Every life, in order of the patients.
    pub(super) fn lives(&self) -> Vec<Life> {
        self.patients().into_par_iter().map(|patient| self.life(patient)).collect()
    }

    /// One patient's life.
    pub(super) fn life(&self, patient: NodeId) -> Life {
        let mut facts: Vec<Fact> =
            self.targets(self.has_event, patient).filter_map(|node| self.fact(node)).collect();
        facts.sort_unstable_by_key(|fact| fact.node);
        let mut contacts: Vec<Contact> =
            self.targets(self.had_encounter, patient).map(|node| self.contact(node)).collect();
        contacts.sort_unstable_by_key(|contact| contact.node);
        let death =
            facts.iter().filter(|fact| fact.kind == EventKind::Death).filter_map(|fact| fact.time).min();
        let imd_decile = match self.graph.property(patient, Property::ImdDecile) {
            Some(PropertyValue::Integer(decile)) => Some(decile),
            _ => None,
        };
        Life { patient, sex: self.words(patient, Property::Sex), imd_decile, facts, contacts, death }
    }

    fn fact(&self, node: NodeId) -> Option<Fact> {
        let NodeLabel::Event(kind) = self.graph.table(node)?.label() else {
            return None;
        };
        Some(Fact {
            node,
            kind: *kind,
            time: self.time(node, Property::Time),
            end: self.past(self.time(node, Property::End)),
            known: self.time(node, Property::Known),
            contact: self.sources(self.contains, node).next(),
            doubted: self.doubts(node),
            concepts: self.concepts(node),
        })
    }

    /// Whether a condition is stated to be none, or none yet. The record tells only how it stands now,
    /// so that one refuted later never counts.
    fn doubts(&self, node: NodeId) -> bool {
        const DOUBTED: [&str; 5] =
            ["refuted", "entered-in-error", "differential", "provisional", "unconfirmed"];
        let stated = self.graph.property(node, Property::Verification).and_then(PropertyValue::as_text);
        stated.is_some_and(|own| DOUBTED.iter().any(|doubted| own.eq_ignore_ascii_case(doubted)))
    }

    fn contact(&self, node: NodeId) -> Contact {
        Contact {
            node,
            class: self.words(node, Property::Class),
            start: self.time(node, Property::Start),
            end: self.past(self.time(node, Property::End)),
            concepts: self.concepts(node),
        }
    }

    /// What a node is coded as, by rank.
    fn concepts(&self, node: NodeId) -> Vec<NodeId> {
        let Some(table) = self.coded_as else {
            return Vec::new();
        };
        let mut ranked: Vec<(i64, NodeId)> = table
            .forward
            .range(node.0, self.as_of)
            .map(|place| {
                let rank = match table.property_at(place) {
                    Some(PropertyValue::Integer(rank)) => rank,
                    _ => i64::MAX,
                };
                (rank, NodeId(table.forward.targets[place]))
            })
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, concept)| concept).collect()
    }

    /// An end that lies ahead of what is known is none.
    fn past(&self, end: Option<Timestamp>) -> Option<Timestamp> {
        end.filter(|end| self.as_of.is_none_or(|as_of| *end <= as_of))
    }

    pub(super) fn time(&self, node: NodeId, property: Property) -> Option<Timestamp> {
        self.graph.property(node, property).and_then(PropertyValue::as_time)
    }

    pub(super) fn words(&self, node: NodeId, property: Property) -> Option<Box<str>> {
        self.graph.property(node, property).and_then(PropertyValue::as_text).map(Into::into)
    }

    /// A node's identifier.
    pub(super) fn id(&self, node: NodeId) -> String {
        self.words(node, Property::Id).map(Into::into).unwrap_or_default()
    }

    /// What a concept is called: its code (`SNOMED//44054006`), since words vary.
    pub(super) fn code(&self, concept: NodeId) -> String {
        self.id(concept)
    }

    /// What a concept means, or its code where the record does not say.
    pub(super) fn meaning(&self, concept: NodeId) -> String {
        self.words(concept, Property::Display).map_or_else(|| self.code(concept), Into::into)
    }

    /// The patient whose id is as given.
    pub(super) fn patient(&self, id: &str) -> Option<NodeId> {
        self.patients().into_iter().find(|patient| self.id(*patient) == id)
    }
}

impl Life {
    /// Whether they live at a moment and were seen by then.
    pub(super) fn present(&self, at: Timestamp) -> bool {
        self.death.is_none_or(|death| death > at) && self.first().is_some_and(|first| first <= at)
    }

    /// Their first event or encounter.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.moments().min()
    }

    /// When anything happened to them.
    pub(super) fn moments(&self) -> impl Iterator<Item = Timestamp> + '_ {
        let facts = self.facts.iter().filter_map(|fact| fact.time);
        facts.chain(self.contacts.iter().filter_map(|contact| contact.start))
    }
}

/// The last moment that anything is said to have happened at, as known.
///
/// A later `as_of` moves it no further: nobody was followed for longer than the record tells.
pub(super) fn record_end(lives: &[Life]) -> Option<Timestamp> {
    lives.iter().flat_map(Life::moments).max()
}

/// Whether all that a graph tells, the ends of things too, was known by a moment.
pub(super) fn tells_nothing_after(graph: &PropertyGraph, as_of: Timestamp) -> bool {
    let moments = [Property::Time, Property::Start, Property::End, Property::Known];
    graph.node_tables().iter().flat_map(NodeTable::nodes).all(|node| {
        moments.iter().all(|property| {
            let told = graph.property(node, *property).and_then(PropertyValue::as_time);
            told.is_none_or(|told| told <= as_of)
        })
    })
}
