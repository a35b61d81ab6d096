//! Edges of one type in one direction, each node's in order of when they were known.

use rayon::prelude::*;
use twinloom_event::Timestamp;

use crate::array::Array;
use crate::column::NO_INTEGER;

/// Compressed rows over the nodes that have such edges.
///
/// # Shapes
/// Node `rows[i]` has `targets[offsets[i]..offsets[i + 1]]`, sorted by known time, then by target.
/// `known` runs beside `targets`; edges that always held come first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Adjacency {
    pub(crate) rows: Array<u32>,
    pub(crate) offsets: Array<u32>,
    pub(crate) targets: Array<u32>,
    pub(crate) known: Array<i64>,
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

/// How many times more nodes than edges may lie between the first and the last source, for counting to
/// pay.
const SPARSEST: usize = 4;

/// Sorts edges by their total order. Sources are numbers of a known range, so they are counted into
/// place, which no comparison sort matches; what one node has is then sorted by itself.
fn sort(halves: &mut [Half]) {
    if halves.is_sorted() {
        return;
    }
    let sources = || halves.iter().map(|half| half.source);
    let (Some(first), Some(last)) = (sources().min(), sources().max()) else {
        return;
    };
    let span = (last - first) as usize + 1;
    if span / SPARSEST > halves.len() {
        halves.par_sort_unstable();
        return;
    }
    if !sources().is_sorted() {
        let mut next = vec![0_u32; span + 1];
        for source in sources() {
            next[(source - first) as usize + 1] += 1;
        }
        for place in 1..=span {
            next[place] += next[place - 1];
        }
        let mut placed = vec![Half { source: 0, known: 0, target: 0, property: 0 }; halves.len()];
        for half in &*halves {
            let next = &mut next[(half.source - first) as usize];
            placed[*next as usize] = *half;
            *next += 1;
        }
        halves.copy_from_slice(&placed);
    }
    halves.par_chunk_by_mut(|one, other| one.source == other.source).for_each(|own| {
        if !own.is_sorted() {
            own.sort_unstable();
        }
    });
}

impl Adjacency {
    /// Sorts the edges; the caller has checked that their number fits 32 bits.
    pub(crate) fn of(halves: &mut [Half]) -> Self {
        sort(halves);
        let mut rows: Vec<u32> = Vec::new();
        let mut offsets: Vec<u32> = Vec::new();
        for (place, half) in halves.iter().enumerate() {
            if rows.last() != Some(&half.source) {
                rows.push(half.source);
                offsets.push(place as u32);
            }
        }
        offsets.push(halves.len() as u32);
        rows.shrink_to_fit();
        offsets.shrink_to_fit();
        Self {
            rows: rows.into(),
            offsets: offsets.into(),
            targets: halves.iter().map(|half| half.target).collect(),
            known: halves.iter().map(|half| half.known).collect(),
        }
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
        let rows: &[u32] = &self.rows;
        let guess = node.checked_sub(*rows.first()?)? as usize;
        // Most nodes have no edge of most types: then they lie beyond the last that has.
        if *rows.last()? < node {
            return None;
        }
        if rows.get(guess) == Some(&node) { Some(guess) } else { rows.binary_search(&node).ok() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_counting_sorts_as_comparing_does(
            edges in prop::collection::vec((0_u32..40, 0_i64..5, 0_u32..9, 0_i64..3), 0..80),
            scale in prop::sample::select(&[1_u32, 1000][..])
        ) {
            let mut halves: Vec<Half> = edges
                .iter()
                .map(|(source, known, target, property)| Half {
                    source: source * scale,
                    known: *known,
                    target: *target,
                    property: *property,
                })
                .collect();
            let mut expected = halves.clone();
            expected.sort();
            sort(&mut halves);
            prop_assert_eq!(halves, expected);
        }

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
