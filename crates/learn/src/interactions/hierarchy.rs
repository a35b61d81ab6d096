//! What the names of two ATC classes say: the organ system and the therapeutic group they belong to.

use super::graph::Pair;

/// Features of pairs of classes by the levels of their codes.
///
/// Columns: of each organ system (first level) and therapeutic group (second level), how many of the two are
/// in it; of each pair of organ systems, whether it is theirs; whether both are in one system, and in one group.
///
/// # Source
/// WHO Collaborating Centre for Drug Statistics Methodology, Guidelines for ATC classification: levels of 1, 3
/// and 4 letters and digits.
#[derive(Clone, Debug)]
pub(super) struct Hierarchy {
    system_of: Vec<u32>,
    group_of: Vec<u32>,
    systems: u32,
    groups: u32,
}

impl Hierarchy {
    /// # Panics
    /// When a class is shorter than a group; those of an interaction graph are not.
    pub(super) fn new(classes: &[String]) -> Self {
        let numbered = |length: usize| {
            let mut starts: Vec<&str> = classes.iter().map(|class| &class[..length]).collect();
            starts.sort_unstable();
            starts.dedup();
            let of = |class: &String| starts.partition_point(|start| *start < &class[..length]) as u32;
            (classes.iter().map(of).collect::<Vec<u32>>(), starts.len() as u32)
        };
        let ((system_of, systems), (group_of, groups)) = (numbered(1), numbered(3));
        Self { system_of, group_of, systems, groups }
    }

    /// Columns of a class by itself: its system and its group.
    pub(super) fn class_columns(&self) -> usize {
        (self.systems + self.groups) as usize
    }

    /// What a class by itself is.
    pub(super) fn of_class(&self, class: u32) -> Vec<(u32, f32)> {
        let class = class as usize;
        vec![(self.system_of[class], 1.0), (self.systems + self.group_of[class], 1.0)]
    }

    /// Columns of a pair.
    pub(super) fn pair_columns(&self) -> usize {
        self.class_columns() + (self.systems * (self.systems + 1) / 2) as usize + 2
    }

    /// What a pair is; entries of one column add up.
    pub(super) fn of_pair(&self, (a, b): Pair) -> Vec<(u32, f32)> {
        let mut row = [self.of_class(a), self.of_class(b)].concat();
        let (one, other) = (self.system_of[a as usize], self.system_of[b as usize]);
        let (low, high) = (one.min(other), one.max(other));
        let crossed = self.class_columns() as u32;
        row.push((crossed + high * (high + 1) / 2 + low, 1.0));
        let last = crossed + self.systems * (self.systems + 1) / 2;
        if one == other {
            row.push((last, 1.0));
        }
        if self.group_of[a as usize] == self.group_of[b as usize] {
            row.push((last + 1, 1.0));
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_pairs_are_the_same_both_ways_and_within_the_columns() {
        let classes: Vec<String> = ["B01A", "C01A", "C01B", "C03A", "N02B"].map(str::to_owned).to_vec();
        let hierarchy = Hierarchy::new(&classes);
        assert_eq!(hierarchy.class_columns(), 3 + 4);
        let mut crossed = std::collections::BTreeSet::new();
        for a in 0..5 {
            for b in 0..5 {
                let sorted = |pair| {
                    let mut row = hierarchy.of_pair(pair);
                    row.sort_by_key(|entry| entry.0);
                    row
                };
                assert_eq!(sorted((a, b)), sorted((b, a)));
                assert!(
                    sorted((a, b)).iter().all(|(column, _)| (*column as usize) < hierarchy.pair_columns())
                );
                crossed.insert(hierarchy.of_pair((a, b))[4].0);
            }
        }
        assert_eq!(crossed.len(), 6, "three systems make six pairs");
        assert_eq!(hierarchy.of_pair((1, 2)).len(), 7, "one system and one group");
    }
}
