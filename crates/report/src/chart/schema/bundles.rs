//! Which arrows share their first stretch and their name.

use super::columns::known_edges;
use crate::format;
use crate::layout::Bundle;
use crate::model::GraphSchema;

/// More bundles than this are a thicket.
const BUNDLES_DRAWN: usize = 45;

/// Arrows of one name with one shared end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedBundle {
    /// The edge type.
    pub(super) name: String,
    /// The shared end and the others.
    pub(super) bundle: Bundle,
    /// Edges towards each of the others.
    pub(super) counts: Vec<u64>,
    /// Whether arrows leave the shared end.
    pub(super) leaves_hub: bool,
    /// Where the others stand.
    pub(super) side: Side,
}

/// Where a bundle's spokes stand, seen from its hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// In columns further left.
    Left,
    /// In the hub's own column, or the hub itself.
    Own,
    /// In columns further right.
    Right,
}

/// Bundles every edge once, taking the largest bundle that is left until none is; of more than can be
/// drawn keeps those with most edges and says how many edge types between labels are left out.
pub(super) fn bundles(schema: &GraphSchema, columns: &[usize]) -> (Vec<NamedBundle>, usize) {
    let mut made = all_bundles(schema, columns);
    let total = |bundle: &NamedBundle| format::total(bundle.counts.iter().copied());
    let mut totals: Vec<u64> = made.iter().map(total).collect();
    totals.sort_unstable_by_key(|&total| std::cmp::Reverse(total));
    let mut left_out = 0;
    if let Some(&least) = totals.get(BUNDLES_DRAWN) {
        made.retain(|bundle| {
            let kept = total(bundle) > least;
            left_out += if kept { 0 } else { bundle.counts.len() };
            kept
        });
    }
    (made, left_out)
}

fn all_bundles(schema: &GraphSchema, columns: &[usize]) -> Vec<NamedBundle> {
    let mut rest = known_edges(schema);
    let mut made = Vec::new();
    while !rest.is_empty() {
        let mut best: Option<(usize, bool, Vec<usize>)> = None;
        for &(source, target, place) in &rest {
            for (hub, leaves_hub) in [(source, true), (target, false)] {
                let wanted = side(columns, hub, if leaves_hub { target } else { source });
                let name = &schema.edges[place].name;
                let members: Vec<usize> = (0..rest.len())
                    .filter(|&index| {
                        let (a, b, other) = rest[index];
                        let (near, far) = if leaves_hub { (a, b) } else { (b, a) };
                        near == hub && schema.edges[other].name == *name && side(columns, hub, far) == wanted
                    })
                    .collect();
                if best.as_ref().is_none_or(|(_, _, most)| members.len() > most.len()) {
                    best = Some((hub, leaves_hub, members));
                }
            }
        }
        let Some((hub, leaves_hub, members)) = best else { break };
        let far = |index: usize| if leaves_hub { rest[index].1 } else { rest[index].0 };
        let first = rest[members[0]];
        made.push(NamedBundle {
            name: schema.edges[first.2].name.clone(),
            bundle: Bundle { hub, spokes: members.iter().map(|&index| far(index)).collect() },
            counts: members.iter().map(|&index| schema.edges[rest[index].2].count).collect(),
            leaves_hub,
            side: side(columns, hub, far(members[0])),
        });
        let mut index = 0;
        rest.retain(|_| {
            index += 1;
            !members.contains(&(index - 1))
        });
    }
    made
}

fn side(columns: &[usize], hub: usize, spoke: usize) -> Side {
    match columns[spoke].cmp(&columns[hub]) {
        std::cmp::Ordering::Less => Side::Left,
        std::cmp::Ordering::Equal => Side::Own,
        std::cmp::Ordering::Greater => Side::Right,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{SchemaEdge, SchemaNode, Stratum};

    proptest! {
        #[test]
        fn law_every_edge_is_drawn_once(
            ends in prop::collection::vec((0_usize..8, 0_usize..8, 0_usize..3), 0..25)
        ) {
            let label = |index: usize| format!("L{index}");
            let nodes = (0..6)
                .map(|index| SchemaNode { label: label(index), count: 1, stratum: Stratum::Instance })
                .collect();
            // Labels 6 and 7 do not exist.
            let edges = ends
                .iter()
                .map(|&(a, b, name)| {
                    SchemaEdge { name: format!("T{name}"), source: label(a), target: label(b), count: 1 }
                })
                .collect();
            let schema = GraphSchema { nodes, edges };
            let made = all_bundles(&schema, &[0, 1, 2, 2, 2, 3]);
            let drawn: u64 = made.iter().flat_map(|bundle| &bundle.counts).sum();
            prop_assert_eq!(drawn, ends.iter().filter(|(a, b, _)| *a < 6 && *b < 6).count() as u64);
            prop_assert!(made.iter().all(|one| one.counts.len() == one.bundle.spokes.len()));
        }
    }
}
