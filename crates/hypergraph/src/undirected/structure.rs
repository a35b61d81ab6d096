//! The sets of conditions that people count towards.

use crate::directed;
use crate::history::{Histories, Node};
use crate::limits::{LimitError, Limits, choose};
use crate::mass::Folding;
use crate::slices::Slices;
use crate::sparse::Rows;
use crate::weight::{LatticeOnce, total};

/// Which sets a person counts towards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contribution {
    /// Every subset of their conditions, once.
    #[default]
    Power,
    /// All their conditions together, once.
    Exclusive,
    /// The sets that their history passed through, as the directed hypergraph has them.
    Progression,
}

/// How an undirected hypergraph is enumerated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which sets a person counts towards.
    pub contribution: Contribution,
    /// Whether single conditions are hyperedges. By default not with [`Contribution::Power`], as in
    /// Rafferty's package, and otherwise so, as in hypergraph-mm.
    pub singles: Option<bool>,
    /// Whether all conditions there are may be a hyperedge together, with [`Contribution::Power`].
    /// Rafferty's package never makes it one, and so it is by default.
    pub full_set: bool,
    /// How much may be enumerated.
    pub limits: Limits,
}

/// Every observed set, and each history's share in it. No number of people is in it: those come with a
/// mass.
///
/// # Shapes
/// The first sets are the single nodes in order.
#[derive(Clone, Debug)]
pub struct Structure {
    pub(super) nodes: usize,
    pub(super) sets: Slices,
    pub(super) lattice: LatticeOnce,
    pub(super) folding: Folding,
    /// By history: the group of those who count alike, and by group its sets.
    pub(super) group_of: Vec<u32>,
    pub(super) groups: usize,
    pub(super) set_rows: Rows,
    pub(super) member_rows: Rows,
    pub(super) singles: bool,
    largest: Option<usize>,
    truncated: Vec<bool>,
}

impl Structure {
    /// Enumerates the sets of the histories.
    ///
    /// # Errors
    /// [`LimitError`] when there are more than the limits permit.
    pub fn of(histories: &Histories, options: &Options) -> Result<Self, LimitError> {
        let nodes = histories.names().len();
        let mut finals = Slices::default();
        let mut members = Vec::new();
        let mut group_of: Vec<u32> = Vec::with_capacity(histories.len());
        for history in 0..histories.len() {
            histories.history(history).members(&mut members);
            group_of.push(finals.intern(&members));
        }
        let mut member_rows = Rows::default();
        for set in finals.iter() {
            for node in set {
                member_rows.push(*node, 1.0);
            }
            member_rows.end_row();
        }
        let mut sets = Slices::default();
        (0..nodes as u32).for_each(|node| {
            sets.intern(&[node]);
        });
        let mut structure = Self {
            nodes,
            sets,
            lattice: LatticeOnce::default(),
            folding: Folding::of(histories),
            groups: finals.len(),
            group_of,
            set_rows: Rows::default(),
            member_rows,
            singles: options.singles.unwrap_or(options.contribution != Contribution::Power),
            largest: None,
            truncated: vec![false; histories.len()],
        };
        match options.contribution {
            Contribution::Power => structure.subsets(&finals, options)?,
            Contribution::Exclusive => {
                for set in finals.iter() {
                    if !set.is_empty() {
                        let set = structure.sets.intern(set);
                        structure.set_rows.push(set, 1.0);
                    }
                    structure.set_rows.end_row();
                }
            }
            Contribution::Progression => structure.passed(histories, options)?,
        }
        Ok(structure)
    }

    fn subsets(&mut self, finals: &Slices, options: &Options) -> Result<(), LimitError> {
        let mut by_length: Vec<u64> = Vec::new();
        for set in finals.iter() {
            by_length.resize(by_length.len().max(set.len() + 1), 0);
            by_length[set.len()] += 1;
        }
        let entries = |size: usize| {
            by_length.iter().enumerate().fold(0_u64, |total, (length, count)| {
                let subsets = (1..=size.min(length)).fold(0_u64, |sum, size| {
                    sum.saturating_add(choose(length, size).saturating_mul(size as u64))
                });
                total.saturating_add(count.saturating_mul(subsets))
            })
        };
        let longest = by_length.len().saturating_sub(1).max(1);
        self.largest = options.limits.choose(longest, entries)?;
        let largest = self.largest.unwrap_or(longest);
        let full = if options.full_set { usize::MAX } else { self.nodes.max(2) };
        let mut subset: Vec<Node> = Vec::with_capacity(largest);
        let mut places: Vec<usize> = Vec::with_capacity(largest);
        for set in finals.iter() {
            // Depth first over ascending choices; `places` is where each chosen member stands.
            let mut next = 0;
            loop {
                if next < set.len() && subset.len() < largest {
                    subset.push(set[next]);
                    places.push(next);
                    if subset.len() < full {
                        let number = self.sets.intern(&subset);
                        self.set_rows.push(number, 1.0);
                    }
                    next += 1;
                } else if let Some(place) = places.pop() {
                    subset.pop();
                    next = place + 1;
                } else {
                    break;
                }
            }
            self.set_rows.end_row();
        }
        for (history, group) in self.group_of.iter().enumerate() {
            self.truncated[history] = finals.get(*group as usize).len() > largest;
        }
        Ok(())
    }

    /// The sets of the aggregate progression, each history a group of its own.
    fn passed(&mut self, histories: &Histories, options: &Options) -> Result<(), LimitError> {
        let directed = directed::Structure::of(
            histories,
            &directed::Options { limits: options.limits, ..Default::default() },
        )?;
        self.largest = directed.largest_size();
        self.sets = directed.sets;
        let mut member_rows = Rows::default();
        for history in 0..histories.len() {
            for (node, _) in self.member_rows.row(self.group_of[history] as usize) {
                member_rows.push(node as u32, 1.0);
            }
            member_rows.end_row();
            for (node, share) in directed.first_rows.row(history) {
                self.set_rows.push(node as u32, share);
            }
            for (arc, share) in directed.arc_rows.row(history).filter(|(arc, _)| *arc >= self.nodes) {
                self.set_rows.push(directed.arcs[arc].set, share);
            }
            self.set_rows.end_row();
        }
        self.truncated = directed.truncated;
        self.member_rows = member_rows;
        self.group_of = (0..histories.len() as u32).collect();
        self.groups = histories.len();
        Ok(())
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// The members of every set, ascending.
    pub fn sets(&self) -> impl ExactSizeIterator<Item = &[Node]> {
        self.sets.iter()
    }

    /// The number of a set by its members, ascending.
    pub fn find_set(&self, members: &[Node]) -> Option<usize> {
        self.sets.find(members).map(|set| set as usize)
    }

    /// The size of set up to which people were taken apart; `None` when nothing was left out.
    pub fn largest_size(&self) -> Option<usize> {
        self.largest
    }

    /// Mass of those whose larger sets were left out, of a mass by cell.
    ///
    /// # Errors
    /// [`MassError`](crate::MassError) when it is none.
    pub fn truncated(&self, mass: &[f64]) -> Result<f64, crate::MassError> {
        let mass = self.folding.fold(mass)?;
        Ok(total(self.truncated.iter().zip(mass.iter()).filter(|(cut, _)| **cut).map(|(_, mass)| *mass)))
    }
}
