//! Edges of one type in one direction, each node's in order of when they were known.

use rayon::prelude::*;
use twinloom_event::Timestamp;

use crate::column::NO_INTEGER;

/// Compressed rows over the nodes that have such edges.
///
/// # Shapes
/// Node `rows[i]` has `targets[offsets[i]..offsets[i + 1]]`, sorted by known time, then by target.
/// `known` runs beside `targets`; edges that always held come first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Adjacency {
    pub(crate) rows: Vec<u32>,
    pub(crate) offsets: Vec<u32>,
    pub(crate) targets: Vec<u32>,
    pub(crate) known: Vec<i64>,
}

/// One edge on its way into an adjacency; the order is that of the adjacency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Half {
    pub(crate) source: u32,
    pub(crate) known: i64,
    pub(crate) target: u32,
    /// Rank or gap, so that the forward direction's properties keep step.
    pub(crate) property: i64,
}

impl Adjacency {
    /// Sorts the edges; the caller has checked that their number fits 32 bits.
    pub(crate) fn of(halves: &mut [Half]) -> Self {
        halves.par_sort_unstable();
        let mut adjacency = Self {
            rows: Vec::new(),
            offsets: Vec::new(),
            targets: halves.iter().map(|half| half.target).collect(),
            known: halves.iter().map(|half| half.known).collect(),
        };
        for (place, half) in halves.iter().enumerate() {
            if adjacency.rows.last() != Some(&half.source) {
                adjacency.rows.push(half.source);
                adjacency.offsets.push(place as u32);
            }
        }
        adjacency.offsets.push(halves.len() as u32);
        adjacency.rows.shrink_to_fit();
        adjacency.offsets.shrink_to_fit();
        adjacency
    }

    /// Number of edges.
    pub(crate) fn edges(&self) -> usize {
        self.targets.len()
    }

    /// The places of a node's edges known by `as_of`; of all its edges without one.
    pub(crate) fn range(&self, node: u32, as_of: Option<Timestamp>) -> std::ops::Range<usize> {
        let Some(row) = self.row(node) else {
            return 0..0;
        };
        let bounds = self.bounds(row);
        match (as_of, self.known.get(bounds.clone())) {
            (Some(at), Some(known)) => {
                bounds.start..bounds.start + known.partition_point(|known| *known <= at.micros())
            }
            _ => bounds,
        }
    }

    /// The places of a row's edges; none where a file that was not verified says what can't be.
    pub(crate) fn bounds(&self, row: usize) -> std::ops::Range<usize> {
        match self.offsets.get(row..row + 2) {
            Some([start, end]) if start <= end && *end as usize <= self.targets.len() => {
                *start as usize..*end as usize
            }
            _ => 0..0,
        }
    }

    /// The place of the first edge of these ends and this time.
    pub(crate) fn place_of(&self, source: u32, known: Option<Timestamp>, target: u32) -> Option<usize> {
        let bounds = self.range(source, None);
        let known = known.map_or(NO_INTEGER, Timestamp::micros);
        let start = bounds.start + self.known.get(bounds.clone())?.partition_point(|at| *at < known);
        (start..bounds.end)
            .take_while(|place| self.known.get(*place) == Some(&known))
            .find(|place| self.targets.get(*place) == Some(&target))
    }

    /// When the edge at a place came to be known; `None` if it always held.
    pub(crate) fn known_at(&self, place: usize) -> Option<Timestamp> {
        let micros = *self.known.get(place)?;
        (micros != NO_INTEGER).then(|| Timestamp::from_micros(micros).ok()).flatten()
    }

    /// Where a node's row is: most edge types cover a run of nodes, where it needs no search.
    fn row(&self, node: u32) -> Option<usize> {
        let guess = node.checked_sub(*self.rows.first()?)? as usize;
        if self.rows.get(guess) == Some(&node) { Some(guess) } else { self.rows.binary_search(&node).ok() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_a_later_as_of_extends_an_earlier_one(
            edges in prop::collection::vec((0_u32..9, 0_i64..50, 0_u32..9), 0..60),
            first in 0_i64..50,
            later in 0_i64..50
        ) {
            let mut halves: Vec<Half> = edges
                .iter()
                .map(|(source, known, target)| Half { source: *source, known: *known, target: *target, property: 0 })
                .collect();
            let adjacency = Adjacency::of(&mut halves);
            let at = |micros| Some(Timestamp::from_micros(micros).unwrap());
            for node in 0..10 {
                let (early, late) = (adjacency.range(node, at(first)), adjacency.range(node, at(first + later)));
                prop_assert_eq!(early.start, late.start);
                prop_assert!(early.end <= late.end && late.end <= adjacency.range(node, None).end);
                let expected = edges.iter().filter(|edge| edge.0 == node && edge.1 <= first).count();
                prop_assert_eq!(early.len(), expected);
            }
        }
    }
}
