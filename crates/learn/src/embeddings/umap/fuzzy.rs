//! How surely two vectors are neighbours, either way round.

use std::collections::BTreeMap;

/// Steps of the search for a scale: enough for every bit.
const STEPS: usize = 64;

/// A scale is at least this share of the mean distance, so that equal vectors have one.
const LEAST_SHARE: f64 = 1e-3;

/// A pair of vectors, the first before the second, and how surely they are neighbours, above 0 and to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    pub one: usize,
    pub other: usize,
    pub weight: f64,
}

/// The union of every vector's fuzzy set of neighbours; pairs in order.
///
/// # Source
/// McInnes et al. (2018), algorithms 2 and 3: the distance to the nearest is taken off, the scale makes the
/// memberships sum to the binary logarithm of their number; section 3.1 for the union, `a + b - a b`.
pub(super) fn fuzzy_union(near: &[Vec<(usize, f64)>]) -> Vec<Pair> {
    let count = near.iter().map(Vec::len).sum::<usize>().max(1);
    let mean = near.iter().flatten().map(|(_, distance)| distance).sum::<f64>() / count as f64;
    let mut both: BTreeMap<(usize, usize), [f64; 2]> = BTreeMap::new();
    for (row, near) in near.iter().enumerate() {
        for (&(other, _), weight) in near.iter().zip(memberships(near, mean)) {
            let (pair, side) = if row < other { ((row, other), 0) } else { ((other, row), 1) };
            both.entry(pair).or_default()[side] = weight;
        }
    }
    let pair =
        |((one, other), [a, b]): ((usize, usize), [f64; 2])| Pair { one, other, weight: a + b - a * b };
    both.into_iter().map(pair).filter(|pair| pair.weight > 0.0).collect()
}

/// How surely each of a vector's nearest is a neighbour.
fn memberships(near: &[(usize, f64)], mean: f64) -> Vec<f64> {
    let nearest = near.iter().map(|(_, distance)| *distance).find(|distance| *distance > 0.0).unwrap_or(0.0);
    let target = (near.len() as f64).log2();
    let at =
        |scale: f64| near.iter().map(move |(_, distance)| (-(distance - nearest).max(0.0) / scale).exp());
    let (mut low, mut high) = (0.0_f64, f64::INFINITY);
    let mut scale = 1.0;
    for _ in 0..STEPS {
        if at(scale).sum::<f64>() > target {
            high = scale;
            scale = f64::midpoint(low, high);
        } else {
            low = scale;
            scale = if high.is_finite() { f64::midpoint(low, high) } else { 2.0 * scale };
        }
    }
    let own = near.iter().map(|(_, distance)| distance).sum::<f64>() / near.len().max(1) as f64;
    let least = LEAST_SHARE * if nearest > 0.0 { own } else { mean };
    // Where all vectors are equal, so are all memberships.
    at(scale.max(least).max(f64::MIN_POSITIVE)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_memberships_sum_to_the_binary_logarithm() {
        let near: Vec<(usize, f64)> = (1..=8).map(|place| (place, 0.5 + (place * place) as f64)).collect();
        let found = memberships(&near, 10.0);
        assert!((found.iter().sum::<f64>() - 3.0).abs() < 1e-9, "{found:?}");
        assert!((found[0] - 1.0).abs() < 1e-12 && found.is_sorted_by(|one, next| one > next));
    }

    #[test]
    fn ref_the_union_by_hand() {
        // 0 and 1 are each other's nearest; 2 has 1 for its nearest and is nobody's.
        let near = [vec![(1, 1.0)], vec![(0, 1.0)], vec![(1, 4.0)]];
        let found = fuzzy_union(&near);
        let expected = [(0, 1, 1.0), (1, 2, 1.0)];
        let found: Vec<(usize, usize, f64)> =
            found.iter().map(|pair| (pair.one, pair.other, pair.weight)).collect();
        assert_eq!(found, expected);
        let equal =
            fuzzy_union(&[vec![(1, 0.0), (2, 0.0)], vec![(0, 0.0), (2, 0.0)], vec![(0, 0.0), (1, 0.0)]]);
        assert!(equal.len() == 3 && equal.iter().all(|pair| (pair.weight - 1.0).abs() < 1e-12), "{equal:?}");
    }
}
