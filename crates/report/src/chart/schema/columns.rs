//! Which column each label stands in, from the patient on the left to the codes on the right.

use crate::model::{GraphSchema, Stratum};

/// Columns at most for the labels that hold the record together (patient, encounter).
const TRUNKS: usize = 3;

/// Edges between labels by index: (source, target, place in the schema's list); unknown labels and
/// edges that are not there left out.
pub(super) fn known_edges(schema: &GraphSchema) -> Vec<(usize, usize, usize)> {
    let index = |label: &str| schema.nodes.iter().position(|node| node.label == label);
    let edges = schema.edges.iter().enumerate();
    edges.filter_map(|(place, edge)| Some((index(&edge.source)?, index(&edge.target)?, place))).collect()
}

/// The column of each label.
///
/// A label of the instance layer that is joined to two thirds of the others or more is a trunk and has its
/// own column, the rarest first: patients are fewer than encounters. The other instances share the next
/// column, the concepts the one after; provenance stands under the last trunk.
pub(super) fn columns(schema: &GraphSchema) -> Vec<usize> {
    let edges = known_edges(schema);
    let is_instance = |node: usize| schema.nodes[node].stratum == Stratum::Instance;
    let instances: Vec<usize> = (0..schema.nodes.len()).filter(|&node| is_instance(node)).collect();
    let neighbours = |node: usize| {
        instances
            .iter()
            .filter(|&&other| {
                other != node
                    && edges.iter().any(|&(a, b, _)| (a, b) == (node, other) || (a, b) == (other, node))
            })
            .count()
    };
    let mut trunks: Vec<usize> = instances
        .iter()
        .copied()
        .filter(|&node| neighbours(node) >= 2 && neighbours(node) * 3 >= 2 * (instances.len() - 1))
        .collect();
    trunks.sort_by_key(|&node| (std::cmp::Reverse(neighbours(node)), schema.nodes[node].count, node));
    trunks.truncate(TRUNKS);
    trunks.sort_by_key(|&node| (schema.nodes[node].count, node));
    let has_leaves = instances.len() > trunks.len();
    let has_provenance = schema.nodes.iter().any(|node| node.stratum == Stratum::Provenance);
    // Without a trunk, provenance takes the first column.
    let leaves = trunks.len().max(usize::from(trunks.is_empty() && has_provenance));
    let concepts = leaves + usize::from(has_leaves);
    (0..schema.nodes.len())
        .map(|node| match schema.nodes[node].stratum {
            Stratum::Instance => trunks.iter().position(|&trunk| trunk == node).unwrap_or(leaves),
            Stratum::Concept => concepts,
            Stratum::Provenance => trunks.len().saturating_sub(1),
        })
        .collect()
}
