//! Whether a synthetic table keeps the cells that one person alone fills.

use std::collections::BTreeMap;

use twinloom_table::{Column, Table};

use super::error::AttackError;
use super::guessing::{GuessAttack, Tally};
use crate::bootstrap::shuffled;

/// Bins of a column of numbers, equally filled in the synthetic table.
const BINS: usize = 20;
/// Sets of columns looked at, drawn when there are more.
const MOST_SETS: usize = 200;

/// Guesses that a cell of a k-way table that the synthetic rows fill is one that a person fills, and counts
/// those that a single person fills: a generator that keeps rare cells of its training data, and not those of other
/// people, reconstructs it.
///
/// # Source
/// Dwork, Smith, Steinke and Ullman, Exposed! A survey of attacks on private data, Annual Review of Statistics 4 (2017),
/// section 2, for what marginals tell; the control is Giomi et al.'s (PoPETs 2023(2)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarginalReconstruction {
    /// Columns of each marginal.
    pub ways: usize,
    /// Seed of the choice of marginals.
    pub seed: u64,
}

impl GuessAttack for MarginalReconstruction {
    fn name(&self) -> &'static str {
        "reconstruction of marginals"
    }

    fn guess(&self, targets: &Table, synthetic: &Table) -> Result<Tally, AttackError> {
        let columns = synthetic.columns().len();
        if self.ways == 0 || self.ways > columns {
            return Err(AttackError::Lengths {
                what: "ways of a marginal",
                given: self.ways,
                permitted: columns,
            });
        }
        let edges: Vec<Vec<f64>> = synthetic.columns().iter().map(edges).collect();
        let (own, known) = (binned(targets, &edges), binned(synthetic, &edges));
        let mut tally = Tally::default();
        for set in sets(columns, self.ways, self.seed) {
            let released = cells(&known, &set, synthetic.len());
            for (cell, people) in cells(&own, &set, targets.len()) {
                if people == 1 {
                    tally.of += 1;
                    tally.right += usize::from(released.contains_key(&cell));
                }
            }
        }
        Ok(tally)
    }
}

fn cells(binned: &[Vec<u32>], set: &[usize], rows: usize) -> BTreeMap<Vec<u32>, usize> {
    let mut cells = BTreeMap::new();
    let chosen: Vec<&Vec<u32>> = set.iter().map(|&place| &binned[place]).collect();
    for row in 0..rows {
        let cell: Vec<u32> = chosen.iter().map(|column| column[row]).collect();
        *cells.entry(cell).or_insert(0) += 1;
    }
    cells
}

/// Upper edges of bins; none for words.
fn edges(column: &Column) -> Vec<f64> {
    let Column::Number(values) = column else { return Vec::new() };
    let mut present: Vec<f64> = values.iter().flatten().copied().collect();
    present.sort_unstable_by(f64::total_cmp);
    let mut edges: Vec<f64> =
        (1..BINS).filter_map(|bin| present.get(present.len() * bin / BINS).copied()).collect();
    edges.dedup();
    edges
}

fn binned(table: &Table, edges: &[Vec<f64>]) -> Vec<Vec<u32>> {
    let bin = |(column, edges): (&Column, &Vec<f64>)| match column {
        Column::Category(values) => values.iter().map(|value| value.unwrap_or(u32::MAX)).collect(),
        Column::Number(values) => {
            let place = |value: f64| edges.partition_point(|edge| *edge < value) as u32;
            values.iter().map(|value| value.map_or(u32::MAX, place)).collect()
        }
    };
    table.columns().iter().zip(edges).map(bin).collect()
}

/// Sets of `ways` of the columns: all, or as many as are looked at, drawn.
fn sets(columns: usize, ways: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut set: Vec<usize> = (0..ways).collect();
    loop {
        all.push(set.clone());
        let Some(at) = (0..ways).rev().find(|&at| set[at] < columns - ways + at) else { break };
        set[at] += 1;
        for next in at + 1..ways {
            set[next] = set[next - 1] + 1;
        }
        // A list of many sets is not made: draws are as good.
        if all.len() > 100 * MOST_SETS {
            break;
        }
    }
    if all.len() <= MOST_SETS {
        return all;
    }
    let drawn = (0..MOST_SETS as u64).map(|draw| {
        let mut set = shuffled(columns, seed, 100 + draw);
        set.truncate(ways);
        set.sort_unstable();
        set
    });
    let mut drawn: Vec<_> = drawn.collect();
    drawn.sort_unstable();
    drawn.dedup();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_sets_are_all_or_as_many_as_wanted() {
        assert_eq!(sets(4, 2, 0), [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        assert_eq!(sets(3, 3, 0), [[0, 1, 2]]);
        let many = sets(40, 3, 1);
        assert!(many.len() <= MOST_SETS && many.len() > MOST_SETS / 2);
        assert!(many.iter().all(|set| set.windows(2).all(|pair| pair[0] < pair[1])));
    }
}
