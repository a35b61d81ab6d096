//! Which sets of a family lie within which others.

use std::ops::Range;

use rayon::prelude::*;

use crate::slices::Slices;

const NO_SET: u32 = u32::MAX;
/// Pairs of a set and a subset that are kept; a family with more is searched anew for each sum.
const KEPT_PAIRS: usize = 60_000_000;
/// Sets whose subsets are searched for by one thread at a time.
const CHUNK: usize = 2_048;

/// A family of sets as a tree: a path from the root spells a set's members in ascending order, so all
/// subsets of a set are found by walks that only ever step to its own members.
#[derive(Clone, Debug)]
struct Tree {
    /// Children of node `i` are `labels[first[i]..first[i + 1]]`, in ascending order.
    first: Vec<u32>,
    labels: Vec<u32>,
    nodes: Vec<u32>,
    sets: Vec<u32>,
}

impl Tree {
    fn of(family: &Slices) -> Self {
        let mut order: Vec<u32> = (0..family.len() as u32).collect();
        order.par_sort_unstable_by(|left, right| family.get(*left as usize).cmp(family.get(*right as usize)));
        let mut tree = Self { first: vec![0], labels: Vec::new(), nodes: Vec::new(), sets: vec![NO_SET] };
        // Breadth first, so that the children of one node stand together.
        let mut level: Vec<Range<usize>> = Vec::new();
        let whole = 0..order.len();
        level.push(whole);
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for range in level {
                let mut rest = range;
                while let Some(set) = order[rest.clone()].first() {
                    let Some(label) = family.get(*set as usize).get(depth) else {
                        rest.start += 1;
                        continue;
                    };
                    let same = order[rest.clone()]
                        .iter()
                        .take_while(|set| family.get(**set as usize)[depth] == *label)
                        .count();
                    let child = rest.start..rest.start + same;
                    tree.labels.push(*label);
                    tree.nodes.push(tree.sets.len() as u32);
                    let ends = family.get(*set as usize).len() == depth + 1;
                    tree.sets.push(if ends { *set } else { NO_SET });
                    rest.start = child.end;
                    next.push(child);
                }
                tree.first.push(tree.labels.len() as u32);
            }
            level = next;
            depth += 1;
        }
        tree
    }

    fn children(&self, node: usize) -> Range<usize> {
        self.first[node] as usize..self.first[node + 1] as usize
    }

    /// Calls `found` with every set of the family within `members`, itself included if it is of it.
    fn within(&self, members: &[u32], stack: &mut Vec<(u32, u32)>, mut found: impl FnMut(u32)) {
        stack.clear();
        stack.push((0, 0));
        while let Some((node, start)) = stack.pop() {
            let set = self.sets[node as usize];
            if set != NO_SET {
                found(set);
            }
            let children = self.children(node as usize);
            let (labels, nodes) = (&self.labels[children.clone()], &self.nodes[children]);
            let rest = &members[start as usize..];
            if labels.len() > 8 * rest.len() {
                for (place, member) in rest.iter().enumerate() {
                    if let Ok(child) = labels.binary_search(member) {
                        stack.push((nodes[child], start + place as u32 + 1));
                    }
                }
                continue;
            }
            let (mut child, mut place) = (0, 0);
            while child < labels.len() && place < rest.len() {
                match labels[child].cmp(&rest[place]) {
                    std::cmp::Ordering::Less => child += 1,
                    std::cmp::Ordering::Greater => place += 1,
                    std::cmp::Ordering::Equal => {
                        stack.push((nodes[child], start + place as u32 + 1));
                        child += 1;
                        place += 1;
                    }
                }
            }
        }
    }
}

/// What a set's proper subsets, and what its proper supersets hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Around {
    /// Sum over the non-empty proper subsets of the family.
    pub(crate) subsets: Vec<f64>,
    /// Sum over the proper supersets of the family.
    pub(crate) supersets: Vec<f64>,
}

/// The order by inclusion of a family of non-empty sets.
#[derive(Clone, Debug)]
pub(crate) struct Lattice {
    tree: Tree,
    /// Proper subsets of each set in ascending order, where there are not too many to keep.
    pairs: Option<(Vec<usize>, Vec<u32>)>,
}

impl Lattice {
    pub(crate) fn of(family: &Slices) -> Self {
        let mut lattice = Self { tree: Tree::of(family), pairs: None };
        let (mut offsets, mut pairs) = (vec![0], Vec::new());
        for block in blocks(family.len()) {
            for subsets in lattice.subsets_of(family, block) {
                let base = pairs.len();
                pairs.extend_from_slice(&subsets.places);
                offsets.extend(subsets.ends.iter().map(|end| base + end));
            }
            if pairs.len() > KEPT_PAIRS {
                return lattice;
            }
        }
        lattice.pairs = Some((offsets, pairs));
        lattice
    }

    /// Sums of `values`, one a set, around every set; each sum is made in the order of the sets.
    pub(crate) fn sums(&self, family: &Slices, values: &[f64]) -> Around {
        let mut around = Around { subsets: vec![0.0; family.len()], supersets: vec![0.0; family.len()] };
        let mut add = |set: usize, subsets: &[u32]| {
            for subset in subsets {
                around.subsets[set] += values[*subset as usize];
                around.supersets[*subset as usize] += values[set];
            }
        };
        if let Some((offsets, pairs)) = &self.pairs {
            for set in 0..family.len() {
                add(set, &pairs[offsets[set]..offsets[set + 1]]);
            }
            return around;
        }
        for block in blocks(family.len()) {
            let mut set = block.start;
            for found in self.subsets_of(family, block) {
                let mut start = 0;
                for end in &found.ends {
                    add(set, &found.places[start..*end]);
                    start = *end;
                    set += 1;
                }
            }
        }
        around
    }

    /// Proper subsets of the sets of a range, by chunks of it, in order.
    fn subsets_of(&self, family: &Slices, range: Range<usize>) -> Vec<Subsets> {
        let chunks = range.len().div_ceil(CHUNK);
        let search = |chunk: usize| {
            let start = range.start + chunk * CHUNK;
            let mut subsets = Subsets::default();
            let mut stack = Vec::new();
            for set in start..(start + CHUNK).min(range.end) {
                let before = subsets.places.len();
                self.tree.within(family.get(set), &mut stack, |subset| {
                    if subset as usize != set {
                        subsets.places.push(subset);
                    }
                });
                subsets.places[before..].sort_unstable();
                subsets.ends.push(subsets.places.len());
            }
            subsets
        };
        (0..chunks).into_par_iter().map(search).collect()
    }
}

#[derive(Default)]
struct Subsets {
    places: Vec<u32>,
    ends: Vec<usize>,
}

fn blocks(sets: usize) -> impl Iterator<Item = Range<usize>> {
    const BLOCK: usize = 64 * CHUNK;
    (0..sets.div_ceil(BLOCK)).map(move |block| block * BLOCK..((block + 1) * BLOCK).min(sets))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn within(subset: &[u32], set: &[u32]) -> bool {
        subset != set && subset.iter().all(|member| set.contains(member))
    }

    proptest! {
        #[test]
        #[expect(clippy::float_cmp, reason = "sums of small whole numbers are exact")]
        fn law_sums_are_those_of_comparing_every_two_sets(
            sets in proptest::collection::btree_set(proptest::collection::btree_set(0_u32..9, 1..6), 1..80),
        ) {
            let mut family = Slices::default();
            for set in &sets {
                family.intern(&set.iter().copied().collect::<Vec<u32>>());
            }
            let values: Vec<f64> = (0..family.len()).map(|set| (1 + set * set % 17) as f64).collect();
            let kept = Lattice::of(&family);
            let searched = Lattice { pairs: None, ..kept.clone() };
            let around = kept.sums(&family, &values);
            prop_assert_eq!(&around, &searched.sums(&family, &values));
            for (place, set) in family.iter().enumerate() {
                let sum = |chosen: &dyn Fn(&[u32]) -> bool| -> f64 {
                    family.iter().zip(&values).filter(|(other, _)| chosen(other)).map(|(_, value)| value).sum()
                };
                prop_assert_eq!(around.subsets[place], sum(&|other| within(other, set)));
                prop_assert_eq!(around.supersets[place], sum(&|other| within(set, other)));
            }
        }
    }
}
