//! Marginals of a junction tree's cliques.

use super::factor::Factor;
use super::junction::JunctionTree;

/// The marginal of every clique, summing to `total`, of the distribution whose log-density is the sum of the potentials.
///
/// # Source
/// Shafer and Shenoy's two passes in logarithms: Koller and Friedman 2009, algorithm 10.2.
pub(crate) fn marginals(
    tree: &JunctionTree,
    sizes: &[usize],
    potentials: &[Factor],
    total: f64,
) -> Vec<Factor> {
    let count = tree.cliques.len();
    let mut gathered: Vec<Factor> = potentials.to_vec();
    let mut upwards: Vec<Option<Factor>> = vec![None; count];
    // Parents stand before children.
    for child in (1..count).rev() {
        let Some(parent) = tree.parents[child] else { continue };
        let message = gathered[child].log_sum(&tree.separators[child], sizes);
        gathered[parent].add(&message);
        upwards[child] = Some(message);
    }
    for child in 1..count {
        let (Some(parent), Some(sent)) = (tree.parents[child], &upwards[child]) else { continue };
        let mut message = gathered[parent].log_sum(&tree.separators[child], sizes);
        for (value, own) in message.values.iter_mut().zip(&sent.values) {
            *value = if *own > f64::NEG_INFINITY { *value - own } else { f64::NEG_INFINITY };
        }
        gathered[child].add(&message);
    }
    gathered.iter().map(|belief| belief.normalised(total)).collect()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn ref_beliefs_are_the_marginals_of_all_cells() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let sizes = [3, 2, 4, 2, 3];
        for measured in [
            vec![vec![0, 1], vec![1, 2], vec![2, 3]],
            vec![vec![0, 1], vec![1, 2], vec![2, 3], vec![0, 3], vec![4]],
            vec![vec![0, 1, 2], vec![2, 3, 4], vec![0, 4]],
        ] {
            let tree = JunctionTree::new(5, &sizes, &measured);
            let mut potentials: Vec<Factor> =
                tree.cliques.iter().map(|clique| Factor::filled(clique, &sizes, 0.0)).collect();
            for factor in &mut potentials {
                factor.values.iter_mut().for_each(|value| *value = 4.0 * rng.random::<f64>() - 2.0);
            }
            let mut all = Factor::filled(&[0, 1, 2, 3, 4], &sizes, 0.0);
            for factor in &potentials {
                all.add(factor);
            }
            let all = all.normalised(100.0);
            for belief in marginals(&tree, &sizes, &potentials, 100.0) {
                let expected = all.sum(&belief.columns, &sizes);
                for (found, expected) in belief.values.iter().zip(&expected.values) {
                    assert!((found - expected).abs() < 1e-9, "{found} {expected}");
                }
            }
        }
    }
}
