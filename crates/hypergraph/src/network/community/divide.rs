//! The best of several divisions into communities, and how far they agree.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::leiden::leiden;
use super::level::Level;
use crate::network::adjacency::Adjacency;
use crate::statistics::random::{Purpose, stream};

/// What a good division has more of than chance.
///
/// # Source
/// Modularity: Newman and Girvan, Phys Rev E 2004;69:026113, with the resolution of Reichardt and
/// Bornholdt, Phys Rev E 2006;74:016110. Constant Potts model: Traag, Van Dooren and Nesterov, Phys Rev E
/// 2011;84:016114.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// Weight inside communities beyond what the nodes' strengths would give.
    #[default]
    Modularity,
    /// Weight inside communities beyond `resolution` for every two nodes of one.
    ConstantPotts,
}

/// How to find communities.
///
/// | field | default | permitted |
/// |---|---|---|
/// | `quality` | modularity | either |
/// | `resolution` | 1 | above 0; more makes smaller communities |
/// | `runs` | 20 | 1 or more |
/// | `seed` | 1 | any |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CommunityParams {
    /// What is made large.
    pub quality: Quality,
    /// How fine the division is.
    pub resolution: f64,
    /// Runs on random streams of their own; the best is kept.
    pub runs: u32,
    /// Seed of the streams.
    pub seed: u64,
}

impl Default for CommunityParams {
    fn default() -> Self {
        Self { quality: Quality::default(), resolution: 1.0, runs: 20, seed: 1 }
    }
}

/// Communities of nodes, the largest first, those of one size by their first node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Communities {
    /// The community of each node.
    pub of_node: Vec<usize>,
    /// Each community.
    pub communities: Vec<Division>,
    /// The quality reached: modularity from -1 to 1, or the constant Potts model's in units of weight;
    /// `None` for modularity without an edge.
    pub quality: Option<f64>,
    /// Mean adjusted Rand index of the other runs with this one, 1 when all agree; `None` for one run.
    pub agreement: Option<f64>,
}

/// One community.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Division {
    /// Its nodes, ascending.
    pub nodes: Vec<usize>,
    /// Mean over the other runs of the best overlap (Jaccard) that one of their communities has with it;
    /// below about 0.6 it is better not believed; `None` for one run.
    ///
    /// # Source
    /// Hennig, Comput Stat Data Anal 2007;52:258.
    pub stability: Option<f64>,
}

/// Why communities can't be found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CommunityError {
    /// A resolution that is none.
    #[error("the resolution is {0}; permitted: above 0")]
    Resolution(f64),
    /// No run.
    #[error("no run was asked for; permitted: 1 or more")]
    NoRun,
    /// A node that is not there.
    #[error("edge {edge} joins node {node}; permitted: below {nodes}, the number of nodes")]
    Node {
        /// The edge, from 0.
        edge: usize,
        /// Its node.
        node: usize,
        /// Number of nodes.
        nodes: usize,
    },
    /// A weight that is none.
    #[error("edge {edge} weighs {weight}; permitted: above 0")]
    Weight {
        /// The edge, from 0.
        edge: usize,
        /// Its weight.
        weight: f64,
    },
    /// An edge from a node to itself.
    #[error("edge {0} joins a node to itself; permitted: two nodes")]
    Loop(usize),
}

/// Divides an undirected graph into communities by the Leiden algorithm. The result does not depend on
/// the number of threads.
///
/// # Arguments
/// `edges`: two nodes and a weight, each edge once; those given twice add up.
///
/// # Errors
/// [`CommunityError`] for parameters or edges out of range.
pub fn divide(
    nodes: usize,
    edges: &[(usize, usize, f64)],
    params: &CommunityParams,
) -> Result<Communities, CommunityError> {
    if !(params.resolution.is_finite() && params.resolution > 0.0) {
        return Err(CommunityError::Resolution(params.resolution));
    }
    if params.runs == 0 {
        return Err(CommunityError::NoRun);
    }
    let level = level_of(nodes, edges, params)?;
    let runs: Vec<(Vec<u32>, f64)> = (0..u64::from(params.runs))
        .into_par_iter()
        .map(|run| {
            let division = leiden(&level, &mut stream(params.seed, Purpose::Communities, run));
            let quality = level.quality(&division);
            (division, quality)
        })
        .collect();
    // Of equal qualities the first run's division stands.
    let best = (1..runs.len()).fold(0, |best, run| if runs[run].1 > runs[best].1 { run } else { best });
    let (division, quality) = &runs[best];
    let others: Vec<&[u32]> =
        runs.iter().enumerate().filter(|(run, _)| *run != best).map(|(_, run)| run.0.as_slice()).collect();
    let mut communities = members(division);
    communities.sort_by_key(|nodes| (std::cmp::Reverse(nodes.len()), nodes[0]));
    let mut of_node = vec![0; nodes];
    for (community, members) in communities.iter().enumerate() {
        for node in members {
            of_node[*node] = community;
        }
    }
    let quality = match params.quality {
        Quality::Modularity => (level.graph.total() > 0.0).then(|| quality / (level.graph.total() / 2.0)),
        Quality::ConstantPotts => Some(quality + params.resolution / 2.0 * nodes as f64),
    };
    let agreement = mean(others.iter().map(|other| adjusted_rand(division, other)));
    let communities = communities
        .into_iter()
        .map(|nodes| {
            let stability = mean(others.iter().map(|other| best_overlap(&nodes, other)));
            Division { nodes, stability }
        })
        .collect();
    Ok(Communities { of_node, communities, quality, agreement })
}

fn level_of(
    nodes: usize,
    edges: &[(usize, usize, f64)],
    params: &CommunityParams,
) -> Result<Level, CommunityError> {
    let mut listed = Vec::with_capacity(edges.len());
    for (edge, (one, other, weight)) in edges.iter().enumerate() {
        if let Some(node) = [*one, *other].into_iter().find(|node| *node >= nodes) {
            return Err(CommunityError::Node { edge, node, nodes });
        }
        if !(weight.is_finite() && *weight > 0.0) {
            return Err(CommunityError::Weight { edge, weight: *weight });
        }
        if one == other {
            return Err(CommunityError::Loop(edge));
        }
        listed.push((*one.min(other) as u32, *one.max(other) as u32, *weight));
    }
    listed.sort_by_key(|(one, other, _)| (*one, *other));
    listed.dedup_by(|repeated, kept| {
        let same = (repeated.0, repeated.1) == (kept.0, kept.1);
        if same {
            kept.2 += repeated.2;
        }
        same
    });
    let graph = Adjacency::undirected(nodes, &listed);
    let total = graph.total();
    let (mass, cost) = match params.quality {
        Quality::Modularity => (
            (0..nodes).map(|node| graph.strength(node)).collect(),
            if total > 0.0 { params.resolution / total } else { 0.0 },
        ),
        Quality::ConstantPotts => (vec![1.0; nodes], params.resolution),
    };
    Ok(Level { inner: vec![0.0; nodes], graph, mass, cost })
}

fn members(division: &[u32]) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); division.iter().max().map_or(0, |most| *most as usize + 1)];
    for (node, community) in division.iter().enumerate() {
        members[*community as usize].push(node);
    }
    members
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

/// Agreement of two divisions beyond chance, 1 when they are the same.
///
/// # Source
/// Hubert and Arabie, J Classif 1985;2:193.
fn adjusted_rand(one: &[u32], other: &[u32]) -> f64 {
    let pairs = |count: usize| count as f64 * (count as f64 - 1.0) / 2.0;
    let same = |division: &[u32]| members(division).iter().map(|nodes| pairs(nodes.len())).sum::<f64>();
    let mut joint: Vec<(u32, u32)> = one.iter().copied().zip(other.iter().copied()).collect();
    joint.sort_unstable();
    let both: f64 = joint.chunk_by(|first, second| first == second).map(|cell| pairs(cell.len())).sum();
    let (same_one, same_other, all) = (same(one), same(other), pairs(one.len()));
    let expected = if all > 0.0 { same_one * same_other / all } else { 0.0 };
    let most = f64::midpoint(same_one, same_other);
    // Both of one piece, or both of single nodes: they are the same.
    if most > expected { (both - expected) / (most - expected) } else { 1.0 }
}

fn best_overlap(nodes: &[usize], other: &[u32]) -> f64 {
    let sizes = members(other);
    let mut shared: Vec<u32> = nodes.iter().map(|node| other[*node]).collect();
    shared.sort_unstable();
    shared
        .chunk_by(|first, second| first == second)
        .map(|cell| {
            let union = nodes.len() + sizes[cell[0] as usize].len() - cell.len();
            cell.len() as f64 / union as f64
        })
        .fold(0.0, f64::max)
}
