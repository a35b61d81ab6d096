//! A family of sets as a tree of their members, in which subsets are found.

use std::ops::Range;

use rayon::prelude::*;

use crate::slices::Slices;
use crate::spectral::Lists;

const NO_SET: u32 = u32::MAX;

/// A family of sets as a tree: a path from the root spells a set's labels in ascending order, so all
/// subsets of a set are found by walks that only ever step to its own labels.
///
/// The rarer a member, the smaller its label. Paths then begin with what few sets hold, and a walk leaves
/// the tree early instead of following the common beginnings of sets that are no subsets.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// The label of each member.
    labels: Vec<u32>,
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
pub(super) struct Steps {
    /// Labels of the members, ascending, and their bits.
    labels: Vec<u32>,
    bits: Vec<u64>,
    stack: Vec<u32>,
}

impl Tree {
    /// The tree, and the sets in the order of their labels.
    pub(super) fn of(family: &Slices) -> (Self, Vec<u32>) {
        let labels = labels_by_rarity(family);
        let (spelt, order) = spelt_in_order(family, &labels);
        let mut nodes = vec![TreeNode::new(0, NO_SET)];
        let mut place = 0;
        let mut level: Vec<Range<usize>> = Vec::new();
        let whole = 0..spelt.len();
        level.push(whole);
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for range in level {
                nodes[place].first = nodes.len() as u32;
                place += 1;
                let mut rest = range;
                while rest.start < rest.end {
                    let Some(label) = spelt.get(rest.start).get(depth) else {
                        rest.start += 1;
                        continue;
                    };
                    let same = rest.clone().take_while(|place| spelt.get(*place)[depth] == *label).count();
                    let child = rest.start..rest.start + same;
                    let ends = spelt.get(rest.start).len() == depth + 1;
                    nodes.push(TreeNode::new(*label, if ends { order[rest.start] } else { NO_SET }));
                    rest.start = child.end;
                    next.push(child);
                }
            }
            level = next;
            depth += 1;
        }
        let end = nodes.len() as u32;
        nodes.push(TreeNode { first: end, ..TreeNode::new(0, NO_SET) });
        let words = labels.len().div_ceil(64);
        let mut tree = Self { labels, nodes, bits: Vec::new(), words };
        tree.mark_children();
        (tree, order)
    }

    fn mark_children(&mut self) {
        let labels = self.labels.len();
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
    pub(super) fn within(&self, members: &[u32], steps: &mut Steps, mut found: impl FnMut(u32)) {
        let Steps { labels: members_labels, bits, stack } = steps;
        bits.resize(self.words, 0);
        members_labels.clear();
        members_labels.extend(members.iter().map(|member| self.labels[*member as usize]));
        members_labels.sort_unstable();
        let members = &members_labels[..];
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

/// Labels of members: in order of the number of sets that hold them, ties by member.
fn labels_by_rarity(family: &Slices) -> Vec<u32> {
    let mut holding: Vec<u32> = Vec::new();
    for member in family.iter().flatten().map(|member| *member as usize) {
        holding.resize(holding.len().max(member + 1), 0);
        holding[member] += 1;
    }
    let mut by_rarity: Vec<u32> = (0..holding.len() as u32).collect();
    by_rarity.sort_by_key(|member| holding[*member as usize]);
    let mut labels = vec![0; holding.len()];
    for (label, member) in by_rarity.into_iter().enumerate() {
        labels[member as usize] = label as u32;
    }
    labels
}

/// The labels of every set, ascending, in the order of the labels; and which set each is.
fn spelt_in_order(family: &Slices, labels: &[u32]) -> (Lists, Vec<u32>) {
    let (mut spelt, mut own) = (Lists::default(), Vec::new());
    for set in family.iter() {
        own.clear();
        own.extend(set.iter().map(|member| labels[*member as usize]));
        own.sort_unstable();
        spelt.push(&own);
    }
    let mut order: Vec<(u64, u32)> =
        (0..spelt.len()).into_par_iter().map(|set| (beginning(spelt.get(set)), set as u32)).collect();
    order.par_sort_unstable_by(|left, right| {
        let whole = |set: u32| spelt.get(set as usize);
        left.0.cmp(&right.0).then_with(|| whole(left.1).cmp(whole(right.1)))
    });
    let order: Vec<u32> = order.into_iter().map(|(_, set)| set).collect();
    let mut ordered = Lists::default();
    for set in &order {
        ordered.push(spelt.get(*set as usize));
    }
    (ordered, order)
}

/// The first labels as one number, in the same order as the labels themselves so far as it goes.
fn beginning(labels: &[u32]) -> u64 {
    let mut packed = 0;
    for (place, label) in labels.iter().take(4).enumerate() {
        // One that does not fit is only known to be large, and what follows it tells nothing more.
        let fitting = u64::from(*label + 1).min(0xffff);
        packed |= fitting << (48 - 16 * place);
        if fitting == 0xffff {
            break;
        }
    }
    packed
}
