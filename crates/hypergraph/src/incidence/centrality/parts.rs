//! What an eigenvector centrality is when the hypergraph is not connected.

use serde::Serialize;

use crate::incidence::Hypergraph;
use crate::incidence::body::Body;
use crate::incidence::components::Components;
use crate::spectral::lanczos::Pair;

/// An eigenvector centrality of every node.
///
/// Of a hypergraph in several parts, the part with the largest eigenvalue has the centrality (of equal
/// ones, within 1e-9 of their size, the one with the first node) and all other nodes have 0: that is where
/// walks end up in the long run. `components` above 1 flags it. A hypergraph in which no two nodes share a
/// hyperedge has eigenvalue 0 and gives every node the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Centrality {
    /// One value for each node, not negative; they sum to 1.
    pub values: Vec<f64>,
    /// The eigenvalue.
    pub eigenvalue: f64,
    /// How far from an eigenvector, relatively: see the function that made it.
    pub residual: f64,
    /// Products with the matrix or tensor, in all parts together.
    pub iterations: usize,
    /// Number of connected components.
    pub components: usize,
    /// Nodes in the component that has the centrality.
    pub nodes_in_component: usize,
}

/// What a method finds in one connected component of at least two nodes.
pub(super) struct Found {
    /// Positive, in any scale.
    pub(super) vector: Vec<f64>,
    pub(super) eigenvalue: f64,
    pub(super) residual: f64,
    pub(super) iterations: usize,
    /// Set when the iteration came to its limit: by how much it missed, and what was asked for.
    pub(super) missed: Option<(f64, f64)>,
}

impl Found {
    /// What a matrix has, if found closely enough.
    pub(super) fn of_matrix(pair: Pair, tolerance: f64) -> Result<Self, CentralityError> {
        let Pair { value: eigenvalue, vector, residual, products: iterations } = pair;
        if residual > tolerance {
            return Err(CentralityError::NotConverged { residual, iterations, tolerance });
        }
        Ok(Self { vector, eigenvalue, residual, iterations, missed: None })
    }
}

/// Eigenvalues this close, relatively, are taken for equal: closer than the methods can tell.
const EQUAL: f64 = 1e-9;
/// A part whose iteration came to its limit is passed over when its eigenvalue, as far as it was found, is
/// smaller than another part's by this share.
const CLEARLY_SMALLER: f64 = 1e-2;

/// Solves every component that may have the largest eigenvalue. `bound` gives what a component's
/// eigenvalue can't exceed.
pub(super) fn in_parts(
    hypergraph: &Hypergraph,
    bound: impl Fn(&Body) -> f64,
    solve: impl Fn(&Body) -> Result<Found, CentralityError>,
) -> Result<Centrality, CentralityError> {
    let body = hypergraph.body();
    let components = Components::of_body(body);
    let mut parts: Vec<(f64, usize, Vec<u32>, Body)> = components
        .parts(body)
        .into_iter()
        .enumerate()
        .filter(|(_, (nodes, _))| nodes.len() > 1)
        .map(|(number, (nodes, edges))| {
            let part = body.part(&nodes, &edges);
            (bound(&part), number, nodes, part)
        })
        .collect();
    parts.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    let mut best: Option<(usize, &[u32], Found)> = None;
    let mut iterations = 0;
    let mut missed: Vec<(f64, (f64, f64))> = Vec::new();
    for (bound, number, nodes, part) in &parts {
        let reached = best.as_ref().map_or(0.0, |(_, _, found)| found.eigenvalue);
        if *bound <= 0.0 || *bound < reached * (1.0 - EQUAL) {
            break;
        }
        let found = solve(part)?;
        iterations += found.iterations;
        if let Some(miss) = found.missed {
            missed.push((found.eigenvalue, miss));
            continue;
        }
        let better = match &best {
            None => found.eigenvalue > 0.0,
            Some((earlier, _, known)) => {
                let gain = found.eigenvalue - known.eigenvalue;
                gain > EQUAL * known.eigenvalue
                    || (gain.abs() <= EQUAL * known.eigenvalue && number < earlier)
            }
        };
        if better {
            best = Some((*number, nodes, found));
        }
    }
    let count = body.nodes();
    let reached = best.as_ref().map_or(0.0, |(_, _, found)| found.eigenvalue);
    if let Some((residual, tolerance)) = missed
        .iter()
        .find(|(eigenvalue, _)| *eigenvalue >= reached * (1.0 - CLEARLY_SMALLER))
        .map(|(_, missed)| *missed)
    {
        return Err(CentralityError::NotConverged { residual, iterations, tolerance });
    }
    let Some((_, nodes, found)) = best else {
        let values = vec![1.0 / count.max(1) as f64; count];
        let components = components.len();
        let nodes_in_component = count;
        return Ok(Centrality {
            values,
            eigenvalue: 0.0,
            residual: 0.0,
            iterations,
            components,
            nodes_in_component,
        });
    };
    let total: f64 = found.vector.iter().sum();
    let mut values = vec![0.0; count];
    for (node, value) in nodes.iter().zip(&found.vector) {
        values[*node as usize] = value / total;
    }
    Ok(Centrality {
        values,
        eigenvalue: found.eigenvalue,
        residual: found.residual,
        iterations,
        components: components.len(),
        nodes_in_component: nodes.len(),
    })
}

/// Why a hypergraph has no such centrality here.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CentralityError {
    /// The iteration came to its limit.
    #[error(
        "the iteration stands at a relative residual of {residual:.1e} after {iterations} steps; permitted: {tolerance:.0e} or less"
    )]
    NotConverged {
        /// What was reached.
        residual: f64,
        /// After how many steps.
        iterations: usize,
        /// What is asked for.
        tolerance: f64,
    },
    /// Hyperedges too large for a tensor.
    #[error("the largest hyperedge has {rank} nodes; permitted in tensor centralities: up to {permitted}")]
    Rank {
        /// Size of the largest hyperedge.
        rank: usize,
        /// What is permitted.
        permitted: usize,
    },
    /// Not connected, where only a connected hypergraph has one answer.
    #[error(
        "the hypergraph has {components} connected components; permitted: 1, since nothing fixes the scale between parts"
    )]
    NotConnected {
        /// Number of components, nodes without hyperedges included.
        components: usize,
    },
    /// An attenuation at which walks grow without bound.
    #[error(
        "the attenuation is {alpha}; permitted: above 0 and below {bound}, one over the largest eigenvalue"
    )]
    Attenuation {
        /// What was asked for.
        alpha: f64,
        /// The largest permitted value, not included.
        bound: f64,
    },
    /// A power for which the centrality is not defined.
    #[error("the power {name} is {value}; permitted: above 0 and up to {maximum}")]
    Power {
        /// Which power.
        name: &'static str,
        /// What was asked for.
        value: f64,
        /// What is permitted.
        maximum: f64,
    },
}
