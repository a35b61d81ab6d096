//! Counts of combinations of codes.

use rayon::prelude::*;

/// Rows that one task counts.
const CHUNK: usize = 1 << 16;

/// How many rows have each combination of the codes of some columns, the last column's code running fastest.
///
/// # Shapes
/// `codes` is `[columns][rows]`.
pub(crate) fn counts(codes: &[Vec<u32>], sizes: &[usize], columns: &[usize]) -> Vec<f64> {
    let rows = codes.first().map_or(0, Vec::len);
    let cells: usize = columns.iter().map(|column| sizes[*column]).product();
    let of = |first: usize| {
        let mut counted = vec![0_u32; cells];
        let last = (first + CHUNK).min(rows);
        match *columns {
            [one] => codes[one][first..last].iter().for_each(|code| counted[*code as usize] += 1),
            [one, other] => {
                let pairs = codes[one][first..last].iter().zip(&codes[other][first..last]);
                let size = sizes[other] as u32;
                pairs.for_each(|(one, other)| counted[(one * size + other) as usize] += 1);
            }
            _ => {
                let rows = first..last;
                for row in rows {
                    let cell = columns
                        .iter()
                        .fold(0, |cell, column| cell * sizes[*column] + codes[*column][row] as usize);
                    counted[cell] += 1;
                }
            }
        }
        counted
    };
    let firsts: Vec<usize> = (0..rows).step_by(CHUNK).collect();
    let parts: Vec<Vec<u32>> = firsts.par_iter().map(|first| of(*first)).collect();
    let mut all = vec![0.0; cells];
    for part in parts {
        all.iter_mut().zip(part).for_each(|(all, part)| *all += f64::from(part));
    }
    all
}

/// Mutual information of two columns by their counts, in nats.
pub(crate) fn mutual_information(joint: &[f64], sizes: (usize, usize)) -> f64 {
    let total: f64 = joint.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    let (mut first, mut second) = (vec![0.0; sizes.0], vec![0.0; sizes.1]);
    for (cell, count) in joint.iter().enumerate() {
        first[cell / sizes.1] += count;
        second[cell % sizes.1] += count;
    }
    let term = |(cell, count): (usize, &f64)| {
        let expected = first[cell / sizes.1] * second[cell % sizes.1] / total;
        if *count > 0.0 { count / total * (count / expected).ln() } else { 0.0 }
    };
    joint.iter().enumerate().map(term).sum::<f64>().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_counts_and_information_by_hand() {
        let codes = [vec![0, 1, 1, 0], vec![2, 0, 0, 2], vec![1, 1, 0, 0]];
        let sizes = [2, 3, 2];
        assert_eq!(counts(&codes, &sizes, &[1]), [2.0, 0.0, 2.0]);
        assert_eq!(counts(&codes, &sizes, &[0, 1]), [0.0, 0.0, 2.0, 2.0, 0.0, 0.0]);
        assert_eq!(counts(&codes, &sizes, &[0, 1, 2]).len(), 12);
        let told = mutual_information(&counts(&codes, &sizes, &[0, 1]), (2, 3));
        assert!((told - 2.0_f64.ln()).abs() < 1e-12);
        assert!(mutual_information(&counts(&codes, &sizes, &[0, 2]), (2, 2)).abs() < 1e-12);
    }
}
