//! A tree of overlapping sets of columns in which every measured set lies within one.

use std::collections::BTreeSet;

/// Sets of columns as a rooted tree: what two sets share lies in every set between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JunctionTree {
    /// The sets, each in order of columns, parents before children.
    pub(crate) cliques: Vec<Vec<usize>>,
    /// The place of each set's parent; none of the first.
    pub(crate) parents: Vec<Option<usize>>,
    /// What each set shares with its parent.
    pub(crate) separators: Vec<Vec<usize>>,
}

impl JunctionTree {
    /// Of the sets of columns that are measured.
    ///
    /// # Source
    /// Koller and Friedman 2009, *Probabilistic Graphical Models*: elimination by least fill (section 9.4.3.2), the
    /// largest sets, and the spanning tree of most shared columns (section 10.4.2).
    pub(crate) fn new(columns: usize, sizes: &[usize], measured: &[Vec<usize>]) -> Self {
        let mut neighbours: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); columns];
        for set in measured {
            for &one in set {
                neighbours[one].extend(set.iter().copied().filter(|other| *other != one));
            }
        }
        let mut left: BTreeSet<usize> = (0..columns).collect();
        let mut sets: Vec<BTreeSet<usize>> = Vec::new();
        while let Some(column) = next_eliminated(&left, &neighbours, sizes) {
            let own: Vec<usize> = neighbours[column].iter().copied().collect();
            for &one in &own {
                neighbours[one].extend(own.iter().copied().filter(|other| *other != one));
                neighbours[one].remove(&column);
            }
            left.remove(&column);
            sets.push(own.into_iter().chain([column]).collect());
        }
        // A set within another says nothing of its own.
        sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
        let mut cliques: Vec<BTreeSet<usize>> = Vec::new();
        for set in sets {
            if !cliques.iter().any(|other| set.is_subset(other)) {
                cliques.push(set);
            }
        }
        Self::spanning(&cliques)
    }

    /// Prim's tree of most shared columns.
    fn spanning(cliques: &[BTreeSet<usize>]) -> Self {
        let mut tree = Self { cliques: Vec::new(), parents: Vec::new(), separators: Vec::new() };
        let mut waiting: Vec<usize> = (0..cliques.len()).collect();
        let mut placed: Vec<usize> = Vec::new();
        while !waiting.is_empty() {
            let shared = |one: usize, other: usize| cliques[one].intersection(&cliques[other]).count();
            let pairs = waiting.iter().enumerate().filter_map(|(at, &one)| {
                let reach =
                    placed.iter().enumerate().map(move |(parent, &other)| (shared(one, other), parent));
                // The first of those that share most.
                let best = reach.max_by_key(|(count, parent)| (*count, std::cmp::Reverse(*parent)));
                best.map(|(count, parent)| (count, at, parent))
            });
            let best = pairs.max_by_key(|(count, at, _)| (*count, std::cmp::Reverse(*at)));
            let (at, parent) = best.map_or((0, None), |(_, at, parent)| (at, Some(parent)));
            let clique = waiting.remove(at);
            let separator = parent.map_or_else(Vec::new, |parent| {
                cliques[clique].intersection(&cliques[placed[parent]]).copied().collect()
            });
            tree.cliques.push(cliques[clique].iter().copied().collect());
            tree.parents.push(parent);
            tree.separators.push(separator);
            placed.push(clique);
        }
        tree
    }

    /// Cells of all sets together.
    pub(crate) fn cells(&self, sizes: &[usize]) -> f64 {
        let of = |clique: &Vec<usize>| clique.iter().map(|column| sizes[*column] as f64).product::<f64>();
        self.cliques.iter().map(of).sum()
    }

    /// The first set that holds all these columns.
    pub(crate) fn holder(&self, columns: &[usize]) -> Option<usize> {
        self.cliques.iter().position(|clique| columns.iter().all(|column| clique.contains(column)))
    }
}

/// The column whose neighbours lack the fewest links among each other, of those the one with the fewest cells.
fn next_eliminated(left: &BTreeSet<usize>, neighbours: &[BTreeSet<usize>], sizes: &[usize]) -> Option<usize> {
    let cost = |column: usize| {
        let own: Vec<usize> = neighbours[column].iter().copied().collect();
        let lacking = own.iter().enumerate().map(|(place, one)| {
            own[place + 1..].iter().filter(|other| !neighbours[*one].contains(other)).count()
        });
        let cells: f64 = own.iter().chain([&column]).map(|column| sizes[*column] as f64).product();
        (lacking.sum::<usize>(), cells)
    };
    let costs = left.iter().map(|&column| (cost(column), column));
    costs
        .min_by(|(one, _), (other, _)| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)))
        .map(|(_, column)| column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_a_cycle_of_four_needs_two_sets_of_three() {
        let measured = [vec![0, 1], vec![1, 2], vec![2, 3], vec![0, 3], vec![4]];
        let tree = JunctionTree::new(5, &[2; 5], &measured);
        let sizes: Vec<usize> = tree.cliques.iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 3, 1]);
        assert_eq!(tree.separators[1].len(), 2);
        assert!(measured.iter().all(|set| tree.holder(set).is_some()));
        assert!(tree.holder(&[0, 1, 2, 3]).is_none());
    }
}
