//! Every vector's nearest others, exactly.

use rayon::prelude::*;

use super::Vectors;

/// The places and distances of each vector's nearest others, nearest first, equals by place.
pub(super) fn nearest_of_all(vectors: &Vectors, most: usize) -> Vec<Vec<(usize, f64)>> {
    let rows: Vec<&[f32]> = (0..vectors.len()).map(|row| vectors.row(row)).collect();
    let of = |row: usize| -> Vec<(usize, f64)> {
        let mut found: Vec<(f32, usize)> = Vec::with_capacity(most + 1);
        for (other, values) in rows.iter().enumerate().filter(|(other, _)| *other != row) {
            let squared = squared_distance(rows[row], values);
            if found.len() == most && squared >= found[most - 1].0 {
                continue;
            }
            let place = found.partition_point(|(known, _)| *known <= squared);
            found.insert(place, (squared, other));
            found.truncate(most);
        }
        found.into_iter().map(|(squared, other)| (other, f64::from(squared).sqrt())).collect()
    };
    (0..rows.len()).into_par_iter().map(of).collect()
}

/// Sums in eight lanes, which the processor adds at once; the order is fixed, so the result is too.
fn squared_distance(one: &[f32], other: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (ones, others) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest = ones.remainder().iter().zip(others.remainder());
    let rest: f32 = rest.map(|(a, b)| (a - b) * (a - b)).sum();
    for (ones, others) in ones.zip(others) {
        for ((lane, a), b) in lanes.iter_mut().zip(ones).zip(others) {
            *lane += (a - b) * (a - b);
        }
    }
    // Squares of numbers beyond 10^19 are past an f32's range.
    (lanes.iter().sum::<f32>() + rest).min(f32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn ref_neighbours_on_a_line_by_hand() {
        let names = ["a", "b", "c", "d"].map(Arc::from).to_vec();
        let vectors = Vectors::new(names, 1, vec![0.0, 3.0, 1.0, 1.0]).unwrap();
        let found = nearest_of_all(&vectors, 2);
        assert_eq!(found[0], [(2, 1.0), (3, 1.0)]);
        assert_eq!(found[1], [(2, 2.0), (3, 2.0)]);
        assert_eq!(found[2], [(3, 0.0), (0, 1.0)]);
    }

    #[test]
    fn ref_distances_of_eleven_numbers() {
        let one: Vec<f32> = (0..11).map(|place| place as f32).collect();
        assert!((squared_distance(&one, &[0.0; 11]) - 385.0).abs() < 1e-3);
        assert!(squared_distance(&[f32::MAX; 3], &[f32::MIN; 3]).is_finite());
    }
}
