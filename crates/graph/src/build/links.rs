//! References between artefacts as edges between the nodes that the artefacts became.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use twinloom_event::Link;

use super::numbering::Places;
use crate::EdgeType;
use crate::adjacency::Half;
use crate::graph::BuildNotes;

/// Elements by which an artefact names its own patient or encounter, which structural edges tell.
const OWNER_ELEMENTS: [&str; 4] = ["subject", "patient", "encounter", "context"];

pub(super) const NO_NODE: u32 = u32::MAX;

/// The node an artefact became, and whose and in what encounter it is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) node: u32,
    pub(super) known: i64,
    pub(super) patient: u32,
    pub(super) encounter: u32,
}

enum Outcome {
    Edge(EdgeType, Half),
    Folded,
    Unresolved,
}

/// Edges by type, and counts of the references that are none.
pub(super) fn reference_edges(
    links: &[Link],
    places: &Places<'_>,
    notes: &mut BuildNotes,
) -> BTreeMap<EdgeType, Vec<Half>> {
    let mut types: FxHashMap<&str, EdgeType> = FxHashMap::default();
    for link in links {
        types.entry(&link.path).or_insert_with(|| reference_type(&link.path));
    }
    let outcomes: Vec<Outcome> =
        links.par_iter().map(|link| resolve(link, places, &types[&*link.path])).collect();
    let mut edges: BTreeMap<EdgeType, Vec<Half>> = BTreeMap::new();
    for (link, outcome) in links.iter().zip(outcomes) {
        match outcome {
            Outcome::Edge(edge_type, half) => edges.entry(edge_type).or_default().push(half),
            Outcome::Folded => *notes.folded.entry(link.path.clone()).or_default() += 1,
            Outcome::Unresolved => *notes.unresolved.entry(link.path.clone()).or_default() += 1,
        }
    }
    for halves in edges.values_mut() {
        halves.par_sort_unstable();
        halves.dedup();
    }
    edges
}

/// The type of a path; an element named as a terminology's edges are keeps apart from them.
fn reference_type(path: &str) -> EdgeType {
    let edge_type = EdgeType::from_path(path);
    let is_taken = [EdgeType::is_a(), EdgeType::maps_to(), EdgeType::interacts_with()].contains(&edge_type);
    if is_taken { EdgeType::from_path(&format!("ref.{path}")) } else { edge_type }
}

fn resolve(link: &Link, places: &Places<'_>, edge_type: &EdgeType) -> Outcome {
    let (Some(from), Some(to)) = (places.get(link.from.as_str()), places.get(link.to.as_str())) else {
        return Outcome::Unresolved;
    };
    let owner = to.node != NO_NODE && (to.node == from.patient || to.node == from.encounter);
    let element = link.path.rsplit('.').next().unwrap_or_default();
    if owner && OWNER_ELEMENTS.contains(&element) {
        return Outcome::Folded;
    }
    let half = Half { source: from.node, known: from.known.max(to.known), target: to.node, property: 0 };
    Outcome::Edge(edge_type.clone(), half)
}
