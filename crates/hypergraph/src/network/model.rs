//! The network of conditions that go together more often than chance.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::adjacency::Adjacency;
use super::centrality::Centralities;
use super::community::{Communities, CommunityError, CommunityParams, divide};
use super::order::Gap;
use super::pair::{Pair, Pairs};
use super::ratio::Ratio;

/// Which pairs make edges.
///
/// | field | default | permitted |
/// |---|---|---|
/// | `alpha` | 0.01 | above 0, below 1 |
/// | `fewest_together` | 10 | any |
/// | `directed` | no | - |
/// | `communities` | see there | see there |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkParams {
    /// Adjusted p values of at most this make an edge, and a direction.
    pub alpha: f64,
    /// Fewest people with both conditions of an edge.
    pub fewest_together: u64,
    /// Keep only edges with a direction, and follow it along paths.
    pub directed: bool,
    /// How communities are found.
    pub communities: CommunityParams,
}

impl Default for NetworkParams {
    fn default() -> Self {
        Self { alpha: 0.01, fewest_together: 10, directed: false, communities: CommunityParams::default() }
    }
}

/// Conditions joined where they go together more often than chance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Network {
    /// Whether paths follow the edges' directions.
    pub directed: bool,
    /// Every condition that was paired, with or without an edge.
    pub nodes: Vec<Node>,
    /// The edges, by first and second condition.
    pub edges: Vec<Edge>,
    /// Communities of the nodes by place, with the logarithm of the odds ratio as weight; directions
    /// play no part.
    pub communities: Communities,
}

/// A condition in the network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Its name.
    pub condition: Arc<str>,
    /// People who have it.
    pub people: u64,
    /// Its edges.
    pub degree: usize,
    /// Edges that lead to it from an earlier condition.
    pub from_earlier: usize,
    /// Edges that lead from it to a later condition.
    pub to_later: usize,
    /// Sum of the logarithms of its edges' odds ratios.
    pub strength: f64,
    /// Share of the other conditions' shortest paths that pass through it, from 0 to 1.
    pub betweenness: f64,
    /// Inverse mean length of the shortest paths from it (directed: to it), times the share of conditions
    /// so joined.
    pub closeness: f64,
    /// Its community.
    pub community: usize,
}

/// Two conditions that go together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edge {
    /// Place of the first node.
    pub first: usize,
    /// Place of the second node.
    pub second: usize,
    /// People with both.
    pub together: u64,
    /// Pooled odds ratio.
    pub odds_ratio: Ratio,
    /// Length: one over the odds ratio.
    pub length: f64,
    /// Adjusted p value, over all pairs that were tested, not over the edges alone.
    pub q: f64,
    /// Which comes first, where one does.
    pub direction: Option<Arrow>,
    /// Adjusted p value of the order.
    pub q_order: Option<f64>,
    /// Share with the first condition before the second, of those with an order.
    pub share_first_before: Option<f64>,
    /// Days between, for those in the edge's direction, or from the first to the second without one.
    pub days: Option<Gap>,
}

/// The direction of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrow {
    /// From the first condition to the second.
    Forward,
    /// From the second condition to the first.
    Backward,
}

impl NetworkParams {
    /// Joins the pairs that pass.
    ///
    /// # Errors
    /// [`NetworkError`] when a parameter is out of range.
    pub fn join(&self, pairs: &Pairs) -> Result<Network, NetworkError> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(NetworkError::Alpha(self.alpha));
        }
        let mut place = vec![0; pairs.conditions.len()];
        for (node, condition) in pairs.paired.iter().enumerate() {
            place[condition.index()] = node;
        }
        let edges: Vec<Edge> = pairs.pairs.iter().filter_map(|pair| self.edge(pair, &place)).collect();
        let count = pairs.paired.len();
        let weighted: Vec<(usize, usize, f64)> =
            edges.iter().map(|edge| (edge.first, edge.second, edge.weight())).collect();
        let communities = divide(count, &weighted, &self.communities)?;
        let centralities = Centralities::of(&self.lengths(count, &edges));
        let mut nodes: Vec<Node> = pairs
            .paired
            .iter()
            .enumerate()
            .map(|(node, condition)| Node {
                condition: Arc::clone(&pairs.conditions[condition.index()]),
                people: pairs.people_with[condition.index()],
                degree: 0,
                from_earlier: 0,
                to_later: 0,
                strength: 0.0,
                betweenness: centralities.betweenness[node],
                closeness: centralities.closeness[node],
                community: communities.of_node[node],
            })
            .collect();
        for edge in &edges {
            for node in [edge.first, edge.second] {
                nodes[node].degree += 1;
                nodes[node].strength += edge.weight();
            }
            if let Some((from, to)) = edge.arc() {
                nodes[from].to_later += 1;
                nodes[to].from_earlier += 1;
            }
        }
        Ok(Network { directed: self.directed, nodes, edges, communities })
    }

    /// The edge of a pair, if it passes.
    fn edge(&self, pair: &Pair, place: &[usize]) -> Option<Edge> {
        let q = pair.q_association.filter(|q| *q <= self.alpha)?;
        let odds = pair.odds_bounded.filter(|odds| *odds > 1.0)?;
        if pair.table.both < self.fewest_together {
            return None;
        }
        let share = pair.order.share_first_before;
        let ordered = pair.q_order.is_some_and(|q| q <= self.alpha);
        let direction =
            share.filter(|_| ordered).map(|share| if share > 0.5 { Arrow::Forward } else { Arrow::Backward });
        if self.directed && direction.is_none() {
            return None;
        }
        Some(Edge {
            first: place[pair.first.index()],
            second: place[pair.second.index()],
            together: pair.table.both,
            odds_ratio: pair.odds_ratio,
            length: 1.0 / odds,
            q,
            direction,
            q_order: pair.q_order,
            share_first_before: share,
            days: match direction {
                Some(Arrow::Backward) => pair.order.days_to_first,
                _ => pair.order.days_to_second,
            },
        })
    }

    /// Lengths along which paths lead, from each node for closeness to come out as documented.
    fn lengths(&self, nodes: usize, edges: &[Edge]) -> Adjacency {
        let arc = |(from, to): (usize, usize), length| (from as u32, to as u32, length);
        if self.directed {
            // Backwards, so that closeness is of the paths to a node; betweenness is the same either way.
            let arcs: Vec<_> = edges
                .iter()
                .filter_map(|edge| edge.arc().map(|(from, to)| arc((to, from), edge.length)))
                .collect();
            Adjacency::directed(nodes, &arcs)
        } else {
            let both: Vec<_> = edges.iter().map(|edge| arc((edge.first, edge.second), edge.length)).collect();
            Adjacency::undirected(nodes, &both)
        }
    }
}

impl Edge {
    /// Where it leads, from and to, if it has a direction.
    pub fn arc(&self) -> Option<(usize, usize)> {
        self.direction.map(|direction| match direction {
            Arrow::Forward => (self.first, self.second),
            Arrow::Backward => (self.second, self.first),
        })
    }

    /// The logarithm of the odds ratio.
    pub fn weight(&self) -> f64 {
        -self.length.ln()
    }
}

/// Why a network can't be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// A level that is none.
    #[error("alpha is {0}; permitted: above 0 and below 1")]
    Alpha(f64),
    /// Communities can't be found.
    #[error(transparent)]
    Communities(#[from] CommunityError),
}
