//! Which sets of a family lie within which others.

mod tree;

use std::ops::Range;

use rayon::prelude::*;

use self::tree::{Steps, Tree};
use crate::slices::Slices;

/// Pairs of a set and a subset that are kept, some 400 MB; a family with more is searched anew each time.
const KEPT_PAIRS: usize = 100_000_000;
/// One set in so many is looked at to tell how many pairs there are.
const SAMPLED: usize = 64;
/// Sets whose subsets are searched for by one thread at a time.
const CHUNK: usize = 2_048;

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
