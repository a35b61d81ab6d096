//! How two groups differ, and whether more than chance would make them.
//!
//! # Source
//! Permutation within strata: Good 2005, Permutation, Parametric and Bootstrap Tests of Hypotheses,
//! chapter 3. The added one: Davison and Hinkley 1997, section 4.2.1.

use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;

use super::discovery::adjusted;
use super::probability::normal_above;
use super::random::{Purpose, stream};
use super::resampling::{Estimate, Measure, Resampling, ranked, resample};
use super::standard::Cohort;

/// One number in two groups.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// In the first group.
    pub first: f64,
    /// In the second.
    pub second: f64,
    /// First less second, with its interval.
    pub difference: Estimate,
    /// Rank among its like in the first group, 1 being the largest.
    pub first_rank: f64,
    /// Rank in the second.
    pub second_rank: f64,
    /// Two-sided p when people are exchanged between the groups within strata; never below 1 over one
    /// more than the replicates. None without replicates.
    pub p: Option<f64>,
    /// Two-sided p of a normal difference with the exchanges' standard deviation, which tells apart
    /// what `p` can't; none when the exchanges do not differ.
    pub p_normal: Option<f64>,
    /// `p` adjusted among its like (Benjamini and Hochberg).
    pub q: Option<f64>,
    /// `p_normal` adjusted likewise.
    pub q_normal: Option<f64>,
}

/// The difference of every number between two groups in the same strata; `families` are those to be
/// ranked and adjusted together.
pub(crate) fn differences(
    first: &Cohort,
    second: &Cohort,
    measure: &dyn Measure,
    families: &[Range<usize>],
    resampling: Resampling,
) -> Vec<Difference> {
    let minus = |values: Vec<Vec<f64>>| -> Vec<f64> {
        values[0].iter().zip(&values[1]).map(|(a, b)| a - b).collect()
    };
    let (of_first, of_second) = (measure.values(&first.mass()), measure.values(&second.mass()));
    let resampled = resample(&[first, second], measure, &minus, resampling);
    let exchanged: Vec<Vec<f64>> = (0..resampling.replicates)
        .into_par_iter()
        .map(|replicate| {
            let mut generator = stream(resampling.seed, Purpose::Relabelling, u64::from(replicate));
            let masses = first.exchanged(second, &mut generator);
            minus(masses.iter().map(|mass| measure.values(mass)).collect())
        })
        .collect();
    let mut found: Vec<Difference> = (0..of_first.len())
        .map(|place| {
            let seen = resampled.seen[place];
            let (p, p_normal) = judged(seen, exchanged.iter().map(|draw| draw[place]));
            Difference {
                first: of_first[place],
                second: of_second[place],
                difference: resampled.estimate(place),
                first_rank: 0.0,
                second_rank: 0.0,
                p,
                p_normal,
                q: None,
                q_normal: None,
            }
        })
        .collect();
    for family in families {
        let ranks = [&of_first, &of_second].map(|values| ranked(&values[family.clone()]));
        let of_family = &mut found[family.clone()];
        for (place, difference) in of_family.iter_mut().enumerate() {
            difference.first_rank = ranks[0][place];
            difference.second_rank = ranks[1][place];
        }
        adjust(of_family, |difference| (difference.p, &mut difference.q));
        adjust(of_family, |difference| (difference.p_normal, &mut difference.q_normal));
    }
    found
}

/// Adjusts the p values there are.
fn adjust(found: &mut [Difference], mut of: impl FnMut(&mut Difference) -> (Option<f64>, &mut Option<f64>)) {
    let p: Vec<Option<f64>> = found.iter_mut().map(|difference| of(difference).0).collect();
    let tested: Vec<f64> = p.iter().flatten().copied().collect();
    let mut q = adjusted(&tested, 0.0).into_iter();
    for (difference, p) in found.iter_mut().zip(p) {
        *of(difference).1 = p.and_then(|_| q.next());
    }
}

fn judged(seen: f64, exchanged: impl Iterator<Item = f64>) -> (Option<f64>, Option<f64>) {
    let (mut number, mut as_extreme, mut squares) = (0.0, 0.0, 0.0);
    for draw in exchanged {
        number += 1.0;
        squares += draw * draw;
        // Sums in another order differ in their last digits, which is no difference.
        as_extreme += f64::from(draw.abs() >= seen.abs() * (1.0 - 1e-9));
    }
    let p = (number > 0.0).then(|| (as_extreme + 1.0) / (number + 1.0));
    // Exchanged groups do not differ on average, so the mean square is the variance.
    let deviation = if number > 0.0 { (squares / number).sqrt() } else { 0.0 };
    let p_normal = (deviation > 0.0).then(|| (2.0 * normal_above(seen.abs() / deviation)).min(1.0));
    (p, p_normal)
}
