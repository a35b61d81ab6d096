//! The sets and hyperarcs that people's histories touch, and by how much each history does.

use rustc_hash::FxHashMap;

use super::progression::{Days, Progression, Walk};
use crate::history::{Histories, History, Node, Ties};
use crate::limits::{LimitError, Limits, choose};
use crate::mass::Folding;
use crate::slices::Slices;
use crate::sparse::Rows;
use crate::weight::{LatticeOnce, total};

/// How a directed hypergraph is enumerated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which hyperarcs a history is taken apart into.
    pub progression: Progression,
    /// How much may be enumerated.
    pub limits: Limits,
}

/// A hyperarc: the other members of a set lead to its head.
///
/// The set of a self-arc holds the head alone, which is then also the tail: someone who only ever had
/// this condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    /// The number of the set of tail and head.
    pub set: u32,
    /// The head.
    pub head: Node,
}

/// Every observed set and hyperarc, and each history's share in them. No number of people is in it:
/// those come with a mass.
///
/// # Shapes
/// The first sets are the single nodes in order, the first hyperarcs their self-arcs.
#[derive(Clone, Debug)]
pub struct Structure {
    pub(super) nodes: usize,
    pub(super) terminals: Vec<Node>,
    pub(crate) sets: Slices,
    pub(super) lattice: LatticeOnce,
    pub(crate) arcs: Vec<Arc>,
    pub(super) folding: Folding,
    /// By history: hyperarcs, first conditions, tails and heads of nodes, members.
    pub(crate) arc_rows: Rows,
    pub(crate) first_rows: Rows,
    pub(super) tail_rows: Rows,
    pub(super) head_rows: Rows,
    pub(super) member_rows: Rows,
    /// Hyperarcs by node in the tail, and by head, in order.
    pub(super) arcs_from: Rows,
    pub(super) arcs_to: Rows,
    largest: Option<usize>,
    pub(crate) truncated: Vec<bool>,
    long_ties: Vec<bool>,
}

impl Structure {
    /// Enumerates what the histories touch.
    ///
    /// # Errors
    /// [`LimitError`] when there is more than the limits permit.
    pub fn of(histories: &Histories, options: &Options) -> Result<Self, LimitError> {
        let nodes = histories.names().len();
        let largest = largest_size(histories, options)?;
        let mut structure = Self {
            nodes,
            terminals: histories.terminals().to_vec(),
            sets: Slices::default(),
            lattice: LatticeOnce::default(),
            arcs: Vec::with_capacity(nodes),
            folding: Folding::of(histories),
            arc_rows: Rows::default(),
            first_rows: Rows::default(),
            tail_rows: Rows::default(),
            head_rows: Rows::default(),
            member_rows: Rows::default(),
            arcs_from: Rows::default(),
            arcs_to: Rows::default(),
            largest,
            truncated: Vec::with_capacity(histories.len()),
            long_ties: Vec::with_capacity(histories.len()),
        };
        for node in 0..nodes as u32 {
            let set = structure.sets.intern(&[node]);
            structure.arcs.push(Arc { set, head: node });
        }
        let mut known: FxHashMap<(u32, Node), u32> = FxHashMap::default();
        let (mut days, mut prefix, mut set) = (Days::default(), Vec::new(), Vec::new());
        let tied = options.limits.tied.min(MOST_TIED);
        for place in 0..histories.len() {
            let history = histories.history(place);
            history.members(&mut set);
            for node in &set {
                structure.member_rows.push(*node, 1.0);
            }
            structure.member_rows.end_row();
            let ordered = history.is_ordered() && !history.is_empty();
            days.read(history);
            let length = history.len() + usize::from(history.terminal().is_some());
            structure.truncated.push(ordered && largest.is_some_and(|largest| length > largest));
            let long =
                options.progression == Progression::Aggregate && days.iter().any(|day| day.len() > tied);
            structure.long_ties.push(ordered && long);
            if ordered {
                structure.count_nodes(history, &days, histories.ties());
                if let ([only], None) = (days.nodes(), history.terminal()) {
                    structure.arc_rows.push(*only, 1.0);
                }
                let walk = Walk {
                    days: &days,
                    terminal: history.terminal(),
                    largest: largest.unwrap_or(usize::MAX),
                    tied,
                    prefix: &mut prefix,
                    set: &mut set,
                };
                let (sets, arcs, rows) = (&mut structure.sets, &mut structure.arcs, &mut structure.arc_rows);
                { walk }.arcs(options.progression, |members, head, share| {
                    let set = sets.intern(members);
                    let arc = *known.entry((set, head)).or_insert_with(|| {
                        arcs.push(Arc { set, head });
                        arcs.len() as u32 - 1
                    });
                    rows.push(arc, share);
                });
            }
            structure.arc_rows.end_row();
            structure.first_rows.end_row();
            structure.tail_rows.end_row();
            structure.head_rows.end_row();
        }
        structure.index_arcs();
        Ok(structure)
    }

    /// First conditions; and nodes as hypergraph-mm counts them: a tail each but the last, and the last
    /// a head as often as there were tails, or both once where there is one condition.
    fn count_nodes(&mut self, history: History<'_>, days: &Days, ties: Ties) {
        let length = history.len();
        if let Some(first) = days.iter().next() {
            for node in first {
                self.first_rows.push(*node, 1.0 / first.len() as f64);
            }
        }
        if let Some(terminal) = history.terminal() {
            self.head_rows.push(terminal, length as f64);
        }
        let mut last_day = days.iter().next_back().unwrap_or_default();
        let listed = history.conditions().last().map(|(node, _)| [node]);
        if let (Ties::Listed, Some(listed)) = (ties, &listed) {
            last_day = listed;
        }
        let last_share = 1.0 / last_day.len() as f64;
        for (node, _) in history.conditions() {
            let last = last_day.contains(&node);
            match length {
                1 => {
                    self.tail_rows.push(node, 1.0);
                    if history.terminal().is_none() {
                        self.head_rows.push(node, 1.0);
                    }
                }
                _ if last => {
                    if last_day.len() > 1 {
                        self.tail_rows.push(node, (last_day.len() - 1) as f64 * last_share);
                    }
                    self.head_rows.push(node, (length - 1) as f64 * last_share);
                }
                _ => self.tail_rows.push(node, 1.0),
            }
        }
    }

    fn index_arcs(&mut self) {
        let mut from: Vec<Vec<u32>> = vec![Vec::new(); self.nodes];
        let mut to: Vec<Vec<u32>> = vec![Vec::new(); self.nodes];
        for (place, arc) in self.arcs.iter().enumerate() {
            to[arc.head as usize].push(place as u32);
            for node in self.tail(*arc) {
                from[node as usize].push(place as u32);
            }
        }
        for (rows, lists) in [(&mut self.arcs_from, from), (&mut self.arcs_to, to)] {
            for list in lists {
                for arc in list {
                    rows.push(arc, 1.0);
                }
                rows.end_row();
            }
        }
    }

    /// Number of nodes, terminals included.
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

    /// Every hyperarc.
    pub fn arcs(&self) -> &[Arc] {
        &self.arcs
    }

    /// The tail of a hyperarc of this structure, ascending.
    ///
    /// # Panics
    /// When the hyperarc's set is not of this structure.
    pub fn tail(&self, arc: Arc) -> impl Iterator<Item = Node> {
        let members = self.sets.get(arc.set as usize);
        members.iter().copied().filter(move |node| *node != arc.head || members.len() == 1)
    }

    /// The size of set up to which histories were taken apart; `None` when nothing was left out.
    pub fn largest_size(&self) -> Option<usize> {
        self.largest
    }

    /// Mass of those whose larger sets were left out, of a mass by cell.
    ///
    /// # Errors
    /// [`MassError`](crate::MassError) when it is none.
    pub fn truncated(&self, mass: &[f64]) -> Result<f64, crate::MassError> {
        chosen_mass(&self.truncated, &self.folding, mass)
    }

    /// Mass of those with more conditions on one day than have all their orders counted.
    ///
    /// # Errors
    /// [`MassError`](crate::MassError) when it is none.
    pub fn with_long_ties(&self, mass: &[f64]) -> Result<f64, crate::MassError> {
        chosen_mass(&self.long_ties, &self.folding, mass)
    }
}

/// 2^20 subsets of one day are the most that anybody should wait for.
const MOST_TIED: usize = 20;

fn chosen_mass(chosen: &[bool], folding: &Folding, mass: &[f64]) -> Result<f64, crate::MassError> {
    let mass = folding.fold(mass)?;
    Ok(total(chosen.iter().zip(mass.iter()).filter(|(chosen, _)| **chosen).map(|(_, mass)| *mass)))
}

/// The largest size of set, from the number of entries that each would need.
fn largest_size(histories: &Histories, options: &Options) -> Result<Option<usize>, LimitError> {
    let mut shapes: FxHashMap<Vec<u32>, u64> = FxHashMap::default();
    let mut days = Days::default();
    let mut largest = 1;
    for place in 0..histories.len() {
        let history = histories.history(place);
        if !history.is_ordered() {
            continue;
        }
        days.read(history);
        let mut shape: Vec<u32> = days.iter().map(|day| day.len() as u32).collect();
        if history.terminal().is_some() {
            shape.push(1);
        }
        largest = largest.max(shape.iter().sum::<u32>() as usize);
        *shapes.entry(shape).or_default() += 1;
    }
    let tied = options.limits.tied.min(MOST_TIED);
    let entries = |size: usize| {
        shapes.iter().fold(0_u64, |total, (shape, count)| {
            total.saturating_add(count.saturating_mul(shape_entries(shape, size, options.progression, tied)))
        })
    };
    options.limits.choose(largest, entries)
}

/// Members of all sets of a history with so many conditions on each day.
fn shape_entries(shape: &[u32], largest: usize, progression: Progression, tied: usize) -> u64 {
    let length = shape.iter().sum::<u32>() as usize;
    match progression {
        Progression::Aggregate => {
            let (mut before, mut entries) = (0_usize, 0_u64);
            for day in shape.iter().map(|day| *day as usize) {
                let of_size = |size: usize| -> u64 {
                    let members = (before + size) as u64;
                    if day <= tied {
                        choose(day, size).saturating_mul(size as u64).saturating_mul(members)
                    } else {
                        // Runs of a rotation hold all shorter runs of theirs.
                        (2 * day as u64).saturating_mul(members + (size * size / 2) as u64)
                    }
                };
                for size in (1..=day).take_while(|size| before + size <= largest) {
                    entries = entries.saturating_add(of_size(size));
                }
                before += day;
            }
            entries
        }
        Progression::Power => {
            let most_tied = shape.iter().max().map_or(1, |day| *day as usize);
            (2..=largest.min(length)).fold(0, |entries: u64, size| {
                let heads = most_tied.min(size);
                entries.saturating_add(choose(length, size).saturating_mul((size * heads) as u64))
            })
        }
        Progression::Simple if largest < 2 => 0,
        Progression::Simple => (length as u64).saturating_mul(2 * length as u64),
    }
}
