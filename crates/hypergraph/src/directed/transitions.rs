//! Random walks along hyperarcs, forwards to what follows and backwards to what came before.

use rayon::prelude::*;

use super::model::Model;
use super::structure::Structure;
use crate::stationary::{self, Chain};

/// Which way a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a node in the tail to the head: what follows.
    Successor,
    /// From the head to a node in the tail, each as likely: what came before.
    Predecessor,
}

/// Where a random walk is in the long run.
#[derive(Clone, Debug, PartialEq)]
pub struct PageRank {
    /// Probability of each node, summing to 1; empty without nodes.
    pub probabilities: Vec<f64>,
    /// Largest |π P' − π| of any node.
    pub residual: f64,
}

/// The walk follows an arc with this probability, and starts afresh anywhere otherwise.
pub(crate) const DAMPING: f64 = 1.0 - 1e-6;

impl Structure {
    /// Transition probabilities by row: for each node, nodes and probabilities in ascending order.
    ///
    /// A node from which no arc goes that way stays where it is.
    ///
    /// # Panics
    /// When the model is of another structure.
    pub fn transitions(&self, model: &Model, direction: Direction) -> Vec<Vec<(usize, f64)>> {
        (0..self.nodes)
            .into_par_iter()
            .map_init(
                || vec![0.0; self.nodes],
                |sums, node| self.transitions_of(model, direction, node, sums),
            )
            .collect()
    }

    fn transitions_of(
        &self,
        model: &Model,
        direction: Direction,
        node: usize,
        sums: &mut [f64],
    ) -> Vec<(usize, f64)> {
        let mut reached: Vec<usize> = Vec::new();
        let mut add = |to: usize, weight: f64| {
            if sums[to] == 0.0 && weight > 0.0 {
                reached.push(to);
            }
            sums[to] += weight;
        };
        let rows = match direction {
            Direction::Successor => &self.arcs_from,
            Direction::Predecessor => &self.arcs_to,
        };
        for (place, _) in rows.row(node) {
            let (arc, weight) = (self.arcs[place], model.arc_weights[place]);
            match direction {
                Direction::Successor => add(arc.head as usize, weight),
                Direction::Predecessor => {
                    let size = self.sets.get(arc.set as usize).len().saturating_sub(1).max(1);
                    self.tail(arc).for_each(|tail| add(tail as usize, weight / size as f64));
                }
            }
        }
        reached.sort_unstable();
        let total: f64 = reached.iter().map(|to| sums[*to]).sum();
        let row = if reached.is_empty() {
            vec![(node, 1.0)]
        } else {
            reached.iter().map(|to| (*to, sums[*to] / total)).collect()
        };
        for to in &reached {
            sums[*to] = 0.0;
        }
        row
    }

    /// The stationary distribution of the walk that follows hyperarcs with probability 1 - 1e-6 and else
    /// starts afresh anywhere. Read together: high among successors and low among predecessors is a late
    /// condition. A node that no history touches is not walked on and has probability 0.
    ///
    /// # Panics
    /// When the model is of another structure.
    pub fn page_rank(&self, model: &Model, direction: Direction) -> PageRank {
        let mut rows = self.transitions(model, direction);
        let touched: Vec<bool> =
            model.tail_counts.iter().zip(&model.head_counts).map(|(tail, head)| tail + head > 0.0).collect();
        let mut place_of = vec![0; self.nodes];
        let mut walked = Vec::new();
        for node in (0..self.nodes).filter(|node| touched[*node]) {
            place_of[node] = walked.len();
            walked.push(node);
        }
        let mut touched = touched.into_iter();
        rows.retain(|_| touched.next().unwrap_or(false));
        for (to, _) in rows.iter_mut().flatten() {
            *to = place_of[*to];
        }
        let (found, residual) = stationary::solve(&Chain { rows: &rows, damping: DAMPING });
        let mut probabilities = vec![0.0; self.nodes];
        for (node, probability) in walked.into_iter().zip(found) {
            probabilities[node] = probability;
        }
        PageRank { probabilities, residual }
    }
}

/// PageRank of nodes some of which end all walks, corrected by what it would be without them.
///
/// # Source
/// hypergraph-mm's mortality branch, `remove_correction.py`. Death leads nowhere, so the walk forwards
/// ends there almost surely, and every condition's probability is of the order of the 1e-6 with which
/// walks start afresh. The mean of the distributions with and without terminals keeps both: how many
/// walks end in death, and how the conditions stand among themselves.
///
/// # Panics
/// When the two are not of as many nodes.
pub fn correct_for_terminals(with: &PageRank, without: &PageRank) -> PageRank {
    assert_eq!(with.probabilities.len(), without.probabilities.len(), "the nodes are the same");
    let total: f64 = with.probabilities.iter().chain(&without.probabilities).sum();
    let mean = |(with, without): (&f64, &f64)| crate::weight::ratio(with + without, total);
    PageRank {
        probabilities: with.probabilities.iter().zip(&without.probabilities).map(mean).collect(),
        residual: with.residual.max(without.residual),
    }
}
