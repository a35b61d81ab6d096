//! Which artefact of the input a node or an edge comes from, and where in the input that stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::array::Array;
use crate::{Edge, EdgeProperty, EdgeType, NodeId, NodeLabel, Property, PropertyGraph, PropertyValue};

/// An artefact of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Origin<'a> {
    /// The artefact's id (`Observation/4f2a`).
    pub record: &'a str,
    /// The file it was read from, if the import kept that.
    pub file: Option<&'a str>,
    /// The line on which it begins, from 1, if the import could tell.
    pub line: Option<u64>,
    /// The entry of the Bundle that it is, from 1, if it was in one.
    pub entry: Option<u64>,
}

/// What makes an edge hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// An artefact states it.
    Stated,
    /// It follows from the order of what artefacts state.
    Sequence,
    /// A terminology holds it, whatever the record says.
    Terminology,
}

/// Where an edge comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lineage<'a> {
    /// What makes the edge hold.
    pub basis: Basis,
    /// The artefacts that state it, or between which it lies; none where the source has no artefacts.
    pub origins: Vec<Origin<'a>>,
    /// The release, table or rule of a terminology edge, if it is known.
    pub source: Option<&'a str>,
}

impl<'a> Lineage<'a> {
    fn stated(origin: Option<Origin<'a>>) -> Self {
        Self { basis: Basis::Stated, origins: origin.into_iter().collect(), source: None }
    }
}

/// The artefact of every node, and its place in the input.
///
/// # Shapes
/// `record_bytes` has an entry a node: the first so many bytes of its id are its artefact's id, 0 if
/// it has none or `others` has it. `places` is empty where no import said where artefacts stood, else
/// it has an entry a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origins {
    pub(crate) record_bytes: Array<u32>,
    /// Artefacts whose id does not begin their node's.
    pub(crate) others: BTreeMap<u32, Arc<str>>,
    pub(crate) files: Vec<Arc<str>>,
    pub(crate) file_numbers: Array<u32>,
    pub(crate) lines: Array<u64>,
    pub(crate) entries: Array<u64>,
}

impl PropertyGraph {
    /// The artefact that a node was made from; `None` for concepts, and where the source had none.
    ///
    /// A patient's is the one that states its demographics; an encounter's the one that describes the
    /// encounter; an event's the one it is part of.
    pub fn origin(&self, node: NodeId) -> Option<Origin<'_>> {
        let row = node.index();
        let record = if let Some(record) = self.origins.others.get(&node.0) {
            record
        } else {
            let id = self.property(node, Property::Id).and_then(PropertyValue::as_text)?;
            let bytes = *self.origins.record_bytes.get(row)? as usize;
            id.get(..bytes).filter(|record| !record.is_empty())?
        };
        let file =
            self.origins.file_numbers.get(row).and_then(|number| self.origins.files.get(*number as usize));
        let number = |numbers: &[u64]| numbers.get(row).copied().filter(|number| *number > 0);
        Some(Origin {
            record,
            file: file.map(AsRef::as_ref),
            line: file.and_then(|_| number(&self.origins.lines)),
            entry: file.and_then(|_| number(&self.origins.entries)),
        })
    }

    /// Where an edge comes from: the artefact that states it, with file and line where the import kept
    /// them.
    ///
    /// `HAS_EVENT` and `CONTAINS` are stated by the event's artefact, `HAD_ENCOUNTER` by the
    /// encounter's (by the first event that names it, if it has none), `NEXT` lies between two
    /// encounters, `IS_A`, `MAPS_TO` and `INTERACTS_WITH` are a terminology's; all others are stated
    /// by the artefact they start at.
    pub fn lineage(&self, edge: &Edge<'_>) -> Lineage<'_> {
        match edge.edge_type.as_str() {
            "IS_A" | "MAPS_TO" | "INTERACTS_WITH" if self.is_concept(edge.source) => {
                let source = self
                    .edge_table(edge.edge_type)
                    .and_then(|table| table.get(edge, EdgeProperty::Source))
                    .and_then(PropertyValue::as_text);
                Lineage { basis: Basis::Terminology, origins: Vec::new(), source }
            }
            "NEXT" => Lineage {
                basis: Basis::Sequence,
                origins: [edge.source, edge.target]
                    .into_iter()
                    .filter_map(|encounter| self.encounter_origin(encounter))
                    .collect(),
                source: None,
            },
            "HAD_ENCOUNTER" => Lineage::stated(self.encounter_origin(edge.target)),
            "HAS_EVENT" | "CONTAINS" => Lineage::stated(self.origin(edge.target)),
            _ => Lineage::stated(self.origin(edge.source)),
        }
    }

    /// The encounter's own artefact, or that of the first event known to name it.
    fn encounter_origin(&self, encounter: NodeId) -> Option<Origin<'_>> {
        self.origin(encounter).or_else(|| {
            let contains = EdgeType::contains();
            self.edges_from(encounter, None)
                .filter(|edge| *edge.edge_type == contains)
                .find_map(|edge| self.origin(edge.target))
        })
    }

    fn is_concept(&self, node: NodeId) -> bool {
        self.table(node).is_some_and(|table| table.label == NodeLabel::Concept)
    }
}
