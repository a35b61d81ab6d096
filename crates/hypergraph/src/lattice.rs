//! Which sets of a family lie within which others.

use std::ops::Range;

use rayon::prelude::*;

use crate::slices::Slices;

const NO_SET: u32 = u32::MAX;
/// Pairs of a set and a subset that are kept, some 400 MB; a family with more is searched anew each time.
const KEPT_PAIRS: usize = 100_000_000;
/// One set in so many is looked at to tell how many pairs there are.
const SAMPLED: usize = 64;
/// Sets whose subsets are searched for by one thread at a time.
const CHUNK: usize = 2_048;

/// A family of sets as a tree: a path from the root spells a set's members in ascending order, so all
/// subsets of a set are found by walks that only ever step to its own members.
#[derive(Clone, Debug)]
struct Tree {
    /// Breadth first, so that the children of one node stand together: those of node `i` begin at
    /// `nodes[i].first` and end where those of the next one begin. The last node is none.
    nodes: Vec<TreeNode>,
}

/// All that a step needs, together in memory: the walk's time is that of fetching it.
#[derive(Clone, Copy, Debug)]
struct TreeNode {
    label: u32,
    set: u32,
    first: u32,
}

impl Tree {
    fn of(family: &Slices) -> Self {
        let mut order: Vec<u32> = (0..family.len() as u32).collect();
        order.par_sort_unstable_by(|left, right| family.get(*left as usize).cmp(family.get(*right as usize)));
        let mut nodes = vec![TreeNode { label: 0, set: NO_SET, first: 0 }];
        let mut place = 0;
        let mut level: Vec<Range<usize>> = Vec::new();
        let whole = 0..order.len();
        level.push(whole);
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for range in level {
                nodes[place].first = nodes.len() as u32;
                place += 1;
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
                    let ends = family.get(*set as usize).len() == depth + 1;
                    nodes.push(TreeNode { label: *label, set: if ends { *set } else { NO_SET }, first: 0 });
                    rest.start = child.end;
                    next.push(child);
                }
            }
            level = next;
            depth += 1;
        }
        let end = nodes.len() as u32;
        nodes.push(TreeNode { label: 0, set: NO_SET, first: end });
        Self { nodes }
    }

    fn children(&self, node: u32) -> Range<u32> {
        self.nodes[node as usize].first..self.nodes[node as usize + 1].first
    }

    /// Calls `found` with every set of the family within `members`, itself included if it is of it.
    fn within(&self, members: &[u32], stack: &mut Vec<(u32, u32)>, mut found: impl FnMut(u32)) {
        stack.clear();
        stack.push((0, 0));
        while let Some((node, start)) = stack.pop() {
            let children = self.children(node);
            let nodes = &self.nodes[children.start as usize..children.end as usize];
            let rest = &members[start as usize..];
            let mut step = |child: usize, place: usize| {
                if nodes[child].set != NO_SET {
                    found(nodes[child].set);
                }
                let (child, place) = (children.start + child as u32, start + place as u32 + 1);
                if !self.children(child).is_empty() && (place as usize) < members.len() {
                    stack.push((child, place));
                }
            };
            if nodes.len() > 8 * rest.len() {
                for (place, member) in rest.iter().enumerate() {
                    if let Ok(child) = nodes.binary_search_by_key(member, |node| node.label) {
                        step(child, place);
                    }
                }
                continue;
            }
            let (mut child, mut place) = (0, 0);
            while child < nodes.len() && place < rest.len() {
                match nodes[child].label.cmp(&rest[place]) {
                    std::cmp::Ordering::Less => child += 1,
                    std::cmp::Ordering::Greater => place += 1,
                    std::cmp::Ordering::Equal => {
                        step(child, place);
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
    /// Proper subsets of each set in the order of the tree, where there are not too many to keep.
    pairs: Option<(Vec<usize>, Vec<u32>)>,
}

impl Lattice {
    pub(crate) fn of(family: &Slices) -> Self {
        let mut lattice = Self { tree: Tree::of(family), pairs: None };
        if lattice.estimated_pairs(family) > KEPT_PAIRS {
            return lattice;
        }
        let (mut offsets, mut pairs) = (vec![0], Vec::new());
        for block in blocks(family.len()) {
            for subsets in lattice.subsets_of(family, block) {
                let base = pairs.len();
                pairs.extend_from_slice(&subsets.places);
                offsets.extend(subsets.ends.iter().map(|end| base + end));
            }
        }
        lattice.pairs = Some((offsets, pairs));
        lattice
    }

    /// From one set in [`SAMPLED`], or from all of a small family.
    fn estimated_pairs(&self, family: &Slices) -> usize {
        if family.len() < SAMPLED * CHUNK {
            return 0;
        }
        let (mut count, mut stack) = (0, Vec::new());
        for set in (0..family.len()).step_by(SAMPLED) {
            self.tree.within(family.get(set), &mut stack, |_| count += 1);
        }
        count * SAMPLED
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
                self.tree.within(family.get(set), &mut stack, |subset| {
                    if subset as usize != set {
                        subsets.places.push(subset);
                    }
                });
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
