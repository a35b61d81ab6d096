//! Modularity of a partition of the nodes of a hypergraph.

use serde::Serialize;

use super::Hypergraph;

/// What a hyperedge counts when most of its nodes lie in one part.
///
/// # Source
/// Kamiński, Prałat and Théberge, "Community detection algorithm using hypergraph modularity", 2020,
/// doi:10.1007/978-3-030-65347-7_13; Kamiński et al., "Clustering via hypergraph modularity", PLoS ONE
/// 2019, doi:10.1371/journal.pone.0224307.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeShare {
    /// The share of its nodes in that part, if more than half.
    #[default]
    Linear,
    /// 1, if more than half of its nodes are.
    Majority,
    /// 1, if all of its nodes are.
    Strict,
}

impl EdgeShare {
    pub(super) fn of(self, size: usize, inside: usize) -> f64 {
        if 2 * inside <= size {
            return 0.0;
        }
        match self {
            Self::Linear => inside as f64 / size as f64,
            Self::Majority => 1.0,
            Self::Strict => f64::from(u8::from(inside == size)),
        }
    }
}

/// The modularity of a partition: what the hyperedges count, less what they would count if each drew its
/// nodes at random by their degrees, over all hyperedges' weight. From -1 to 1; 0 without hyperedges.
///
/// `part_of` gives the part of each node; the numbers need not be dense. Hyperedges weigh what they weigh in
/// the hypergraph, degrees likewise.
///
/// # Errors
/// [`ModularityError::OtherNodes`] when `part_of` is not as long as there are nodes.
pub fn modularity(
    hypergraph: &Hypergraph,
    part_of: &[u32],
    share: EdgeShare,
) -> Result<f64, ModularityError> {
    let body = hypergraph.body();
    if part_of.len() != body.nodes() {
        return Err(ModularityError::OtherNodes { found: part_of.len(), nodes: body.nodes() });
    }
    let mut known: Vec<u32> = part_of.to_vec();
    known.sort_unstable();
    known.dedup();
    let part = |node: u32| known.partition_point(|part| *part < part_of[node as usize]);
    let mut volumes = vec![0.0; known.len()];
    let mut by_size = vec![0.0; body.rank() + 1];
    let mut counts = vec![0_usize; known.len()];
    let (mut inside, mut total) = (0.0, 0.0);
    for (members, weight) in body.members.iter().zip(&body.weights) {
        by_size[members.len()] += weight;
        total += weight;
        let mut most = 0;
        for node in members {
            let part = part(*node);
            volumes[part] += weight;
            counts[part] += 1;
            most = most.max(counts[part]);
        }
        for node in members {
            counts[part(*node)] = 0;
        }
        inside += weight * share.of(members.len(), most);
    }
    let volume: f64 = volumes.iter().sum();
    if volume <= 0.0 {
        return Ok(0.0);
    }
    let chance = Chance::of(&by_size, share);
    let expected: f64 = volumes.iter().map(|part| chance.at(part / volume)).sum();
    Ok((inside - expected) / total)
}

/// What the hyperedges of all sizes are expected to count for a part with a share of the volume.
pub(super) struct Chance {
    /// Size, and for each number of nodes inside the logarithm of what it counts in all: weight of the
    /// hyperedges of that size, share, and ways to choose.
    terms: Vec<(usize, Vec<(usize, f64)>)>,
}

impl Chance {
    pub(super) fn of(by_size: &[f64], share: EdgeShare) -> Self {
        let mut log_factorials = vec![0.0_f64];
        for number in 1..by_size.len() {
            log_factorials.push(log_factorials[number - 1] + (number as f64).ln());
        }
        let choose = |size: usize, inside: usize| {
            log_factorials[size] - log_factorials[inside] - log_factorials[size - inside]
        };
        let terms = by_size.iter().enumerate().filter(|(size, weight)| *size > 0 && **weight > 0.0);
        let terms = terms.map(|(size, weight)| {
            let counts = (size / 2 + 1..=size).filter_map(|inside| {
                let counted = weight * share.of(size, inside);
                (counted > 0.0).then(|| (inside, counted.ln() + choose(size, inside)))
            });
            (size, counts.collect())
        });
        Self { terms: terms.collect() }
    }

    pub(super) fn at(&self, volume: f64) -> f64 {
        let (inside_log, outside_log) = (volume.ln(), (-volume).ln_1p());
        // 0 times the logarithm of 0 is 0 here: a power with exponent 0.
        let power = |count: usize, log: f64| if count == 0 { 0.0 } else { count as f64 * log };
        let mut sum = 0.0;
        for (size, counts) in &self.terms {
            for (inside, log) in counts {
                sum += (log + power(*inside, inside_log) + power(size - inside, outside_log)).exp();
            }
        }
        sum
    }
}

/// Why a partition has no modularity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModularityError {
    /// A part for another number of nodes.
    #[error("the partition is of {found} nodes; permitted: {nodes}, as many as there are")]
    OtherNodes {
        /// Nodes it is stated for.
        found: usize,
        /// Nodes there are.
        nodes: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pairs: each part has half the volume, and a hyperedge falls into one by chance with 2/4.
    #[test]
    fn ref_two_pairs_by_hand() {
        let pairs = Hypergraph::from_edges(4, &[[0, 1], [2, 3]]).unwrap();
        for share in [EdgeShare::Linear, EdgeShare::Majority, EdgeShare::Strict] {
            let apart = modularity(&pairs, &[5, 5, 9, 9], share).unwrap();
            assert!((apart - 0.5).abs() < 1e-15);
            assert!(modularity(&pairs, &[1, 1, 1, 1], share).unwrap().abs() < 1e-15);
        }
        let wrong = ModularityError::OtherNodes { found: 1, nodes: 4 };
        assert_eq!(modularity(&pairs, &[0], EdgeShare::Strict), Err(wrong));
    }

    #[test]
    fn regress_no_hyperedges_and_large_ones_stay_finite() {
        assert!(modularity(&Hypergraph::default(), &[], EdgeShare::Linear).unwrap().abs() < 1e-15);
        let all: Vec<u32> = (0..3000).collect();
        let large = Hypergraph::from_edges(3001, &[all]).unwrap();
        let part_of: Vec<u32> = (0..3001).map(|node| node / 1500).collect();
        let found = modularity(&large, &part_of, EdgeShare::Linear).unwrap();
        assert!(found.is_finite() && found.abs() <= 1.0);
    }
}
