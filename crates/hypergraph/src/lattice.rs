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
    /// Bits of the labels of a node's children, [`Self::words`] for each node that has such bits.
    bits: Vec<u64>,
    words: usize,
}

/// All that a step needs, together in memory: the walk's time is that of fetching it.
#[derive(Clone, Copy, Debug)]
struct TreeNode {
    label: u32,
    set: u32,
    first: u32,
    /// Where its bits stand, in units of [`Tree::words`].
    bits: u32,
}

impl TreeNode {
    const fn new(label: u32, set: u32) -> Self {
        Self { label, set, first: 0, bits: NO_BITS }
    }
}

const NO_BITS: u32 = u32::MAX;
/// A node has bits when it has a child for every so many labels, so that bits never outgrow nodes.
const LABELS_A_CHILD: usize = 32;

/// What a walk uses again and again.
#[derive(Default)]
struct Steps {
    /// Bits of the members.
    members: Vec<u64>,
    stack: Vec<u32>,
}

impl Tree {
    /// The tree, and the sets in the order of their members.
    fn of(family: &Slices) -> (Self, Vec<u32>) {
        let mut order: Vec<u32> = (0..family.len() as u32).collect();
        order.par_sort_unstable_by(|left, right| family.get(*left as usize).cmp(family.get(*right as usize)));
        let mut nodes = vec![TreeNode::new(0, NO_SET)];
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
                    nodes.push(TreeNode::new(*label, if ends { *set } else { NO_SET }));
                    rest.start = child.end;
                    next.push(child);
                }
            }
            level = next;
            depth += 1;
        }
        let end = nodes.len() as u32;
        nodes.push(TreeNode { first: end, ..TreeNode::new(0, NO_SET) });
        let labels = nodes.iter().map(|node| node.label as usize + 1).max().unwrap_or_default();
        let mut tree = Self { nodes, bits: Vec::new(), words: labels.div_ceil(64) };
        tree.mark_children(labels);
        (tree, order)
    }

    fn mark_children(&mut self, labels: usize) {
        for node in 0..self.nodes.len() - 1 {
            let children = self.children(node as u32);
            if children.is_empty() || children.len() * LABELS_A_CHILD < labels {
                continue;
            }
            let start = self.bits.len();
            self.nodes[node].bits = (start / self.words) as u32;
            self.bits.resize(start + self.words, 0);
            for child in children {
                let label = self.nodes[child as usize].label as usize;
                self.bits[start + label / 64] |= 1 << (label % 64);
            }
        }
    }

    fn children(&self, node: u32) -> Range<u32> {
        self.nodes[node as usize].first..self.nodes[node as usize + 1].first
    }

    /// Calls `found` with every set of the family within `members`, itself included if it is of it.
    ///
    /// A child's label is above its parent's, so it need only be among the members.
    fn within(&self, members: &[u32], steps: &mut Steps, mut found: impl FnMut(u32)) {
        let Steps { members: bits, stack } = steps;
        bits.resize(self.words, 0);
        for member in members {
            bits[*member as usize / 64] |= 1 << (member % 64);
        }
        stack.clear();
        stack.push(0);
        while let Some(number) = stack.pop() {
            let node = self.nodes[number as usize];
            let mut step = |number: u32| {
                let child = self.nodes[number as usize];
                if child.set != NO_SET {
                    found(child.set);
                }
                if self.nodes[number as usize + 1].first > child.first {
                    stack.push(number);
                }
            };
            if node.bits != NO_BITS {
                let start = node.bits as usize * self.words;
                let mut child = node.first;
                for (labels, members) in self.bits[start..start + self.words].iter().zip(&*bits) {
                    let mut both = labels & members;
                    while both != 0 {
                        let below = (1 << both.trailing_zeros()) - 1;
                        step(child + (labels & below).count_ones());
                        both &= both - 1;
                    }
                    child += labels.count_ones();
                }
                continue;
            }
            let children = self.children(number);
            let nodes = &self.nodes[children.start as usize..children.end as usize];
            if nodes.len() > 8 * members.len() {
                let above = members.partition_point(|member| number > 0 && *member <= node.label);
                for member in &members[above..] {
                    if let Ok(child) = nodes.binary_search_by_key(member, |node| node.label) {
                        step(children.start + child as u32);
                    }
                }
            } else {
                for (child, node) in children.zip(nodes) {
                    if bits[node.label as usize / 64] >> (node.label % 64) & 1 == 1 {
                        step(child);
                    }
                }
            }
        }
        for member in members {
            bits[*member as usize / 64] = 0;
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
    /// Sets in the order of their members: neighbours have subsets in common, which are still at hand.
    order: Vec<u32>,
    /// Proper subsets of each set, in `order`, where there are not too many to keep.
    pairs: Option<(Vec<usize>, Vec<u32>)>,
}

impl Lattice {
    pub(crate) fn of(family: &Slices) -> Self {
        let (tree, order) = Tree::of(family);
        let mut lattice = Self { tree, order, pairs: None };
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
        let (mut count, mut steps) = (0, Steps::default());
        for set in (0..family.len()).step_by(SAMPLED) {
            self.tree.within(family.get(set), &mut steps, |_| count += 1);
        }
        count * SAMPLED
    }

    /// Sums of `values`, one a set, around every set; each sum is made in one order.
    pub(crate) fn sums(&self, family: &Slices, values: &[f64]) -> Around {
        let mut around = Around { subsets: vec![0.0; family.len()], supersets: vec![0.0; family.len()] };
        let mut add = |set: usize, subsets: &[u32]| {
            for subset in subsets {
                around.subsets[set] += values[*subset as usize];
                around.supersets[*subset as usize] += values[set];
            }
        };
        if let Some((offsets, pairs)) = &self.pairs {
            for (place, set) in self.order.iter().enumerate() {
                add(*set as usize, &pairs[offsets[place]..offsets[place + 1]]);
            }
            return around;
        }
        for block in blocks(family.len()) {
            let mut place = block.start;
            for found in self.subsets_of(family, block) {
                let mut start = 0;
                for end in &found.ends {
                    add(self.order[place] as usize, &found.places[start..*end]);
                    start = *end;
                    place += 1;
                }
            }
        }
        around
    }

    /// Proper subsets of the sets of a range of `order`, by chunks of it.
    fn subsets_of(&self, family: &Slices, range: Range<usize>) -> Vec<Subsets> {
        let chunks = range.len().div_ceil(CHUNK);
        let search = |chunk: usize| {
            let start = range.start + chunk * CHUNK;
            let mut subsets = Subsets::default();
            let mut steps = Steps::default();
            for set in &self.order[start..(start + CHUNK).min(range.end)] {
                self.tree.within(family.get(*set as usize), &mut steps, |subset| {
                    if subset != *set {
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
            // Sparse labels have no bits, and many children of one node are searched.
            spread in prop_oneof![Just(1_u32), Just(40), Just(1_000)],
        ) {
            let mut family = Slices::default();
            for set in &sets {
                family.intern(&set.iter().map(|member| member * spread).collect::<Vec<u32>>());
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
