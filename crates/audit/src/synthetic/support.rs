//! Whether synthetic people lie where real ones do, real ones where synthetic ones do, and whether they are their own.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::coded::check_alike;
use super::encoded::{Encoded, Encoder};
use super::error::SyntheticError;
use super::resample::{Resampling, Value, Weights, estimate};
use super::vector_machine::squared;
use crate::estimate::{Estimate, Undefined};

/// How another table's rows lie among the real ones; each 0 to 1 but for density.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupportFigures {
    /// Share of other rows within reach of a real one.
    pub precision: Estimate,
    /// Share of real rows within reach of another one.
    pub recall: Estimate,
    /// How many real rows reach another row, over the neighbours counted; about 1 where tables are alike.
    pub density: Estimate,
    /// Share of real rows that reach another one.
    pub coverage: Estimate,
    /// Alpha-precision, integrated: 1 where the share of other rows in the real table's innermost part is that part.
    pub alpha_precision: Estimate,
    /// Beta-recall, integrated: 1 where the share of real rows that the other's innermost part reaches is that part.
    pub beta_recall: Estimate,
    /// Share of other rows that lie further from their nearest real row than that row from its own nearest.
    pub authenticity: Estimate,
}

/// Steps of the innermost parts.
const PARTS: usize = 20;

/// Measures how rows lie, on z-scores and one-hot categories, a row's reach being the distance to its `neighbours`-th
/// nearest.
///
/// # Source
/// Precision, recall, density, coverage: Naeem et al., Reliable fidelity and diversity metrics, ICML 2020, equations 1 to
/// 5. Alpha-precision, beta-recall, authenticity: Alaa et al., How faithful is your synthetic data?, ICML 2022, sections
/// 3 and 4, on the encoded rows themselves with balls about their mean.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has no more rows than `neighbours` and one, or a setting is out
/// of range.
///
/// # Limits
/// Takes time by the product of the rows: lower `most_rows` of `resampling` for long tables. With many columns all rows
/// lie about equally far off. Authenticity is no claim of privacy: a copy moved by a hair counts as its own. Beta-recall
/// of two samples of one table is not 1: read it beside that of held-out people. Intervals take reaches and neighbours
/// as given.
pub fn support(
    real: &Table,
    other: &Table,
    neighbours: usize,
    resampling: &Resampling,
) -> Result<SupportFigures, SyntheticError> {
    resampling.check()?;
    check_alike(real, other)?;
    if neighbours == 0 {
        return Err(SyntheticError::Setting { name: "neighbours", given: 0.0, permitted: "1 or more" });
    }
    let (real, other) = (resampling.kept(real), resampling.kept(other));
    for table in [&real, &other] {
        if table.len() < neighbours + 2 {
            return Err(SyntheticError::Rows { rows: table.len(), least: neighbours + 2 });
        }
    }
    let encoder = Encoder::new(&real, &[])?;
    let weights = resampling.weights([&real, &other]);
    let (real, other) = (encoder.encode(&real)?, encoder.encode(&other)?);
    let lie = Lie::of(&real, &other, neighbours);
    let of = |table: usize, values: &[f64], greatest: f64| {
        estimate(
            &weights.iter().map(|weights| mean(values, &weights[table])).collect::<Vec<_>>(),
            (0.0, greatest),
        )
    };
    let parts = |statistic: &(dyn Fn(&Weights) -> Value + Sync)| {
        estimate(&weights.par_iter().map(statistic).collect::<Vec<_>>(), (0.0, 1.0))
    };
    let one = |holds: &[bool]| -> Vec<f64> { holds.iter().map(|own| f64::from(u8::from(*own))).collect() };
    Ok(SupportFigures {
        precision: of(1, &one(&lie.reached_by.iter().map(|count| *count > 0).collect::<Vec<_>>()), 1.0),
        recall: of(0, &one(&lie.reached), 1.0),
        density: of(
            1,
            &lie.reached_by.iter().map(|count| *count as f64 / neighbours as f64).collect::<Vec<_>>(),
            f64::INFINITY,
        ),
        coverage: of(0, &one(&lie.reaches), 1.0),
        alpha_precision: parts(&|weights| {
            let inner = ranks(&lie.from_real_centre[0], &weights[0], &lie.from_real_centre[1]);
            inner.and_then(|inner| integrated(&inner, &weights[1]))
        }),
        beta_recall: parts(&|weights| {
            let inner = ranks(&lie.from_other_centre, &weights[1], &lie.innermost);
            inner.and_then(|inner| integrated(&inner, &weights[0]))
        }),
        authenticity: of(1, &one(&lie.own), 1.0),
    })
}

/// How the rows of two tables lie to each other.
struct Lie {
    /// Other rows: how many real rows reach it.
    reached_by: Vec<usize>,
    /// Other rows: whether it is further from its nearest real row than that from its own nearest.
    own: Vec<bool>,
    /// Real rows: whether another row reaches it.
    reached: Vec<bool>,
    /// Real rows: whether it reaches another row.
    reaches: Vec<bool>,
    /// Real rows: of the other rows it reaches, the least distance from their table's centre; infinite where none.
    innermost: Vec<f64>,
    /// Squared distances of both tables' rows from the real centre.
    from_real_centre: [Vec<f64>; 2],
    /// Squared distances of the other rows from their centre.
    from_other_centre: Vec<f64>,
}

impl Lie {
    fn of(real: &Encoded, other: &Encoded, neighbours: usize) -> Self {
        let (near_real, near_other) = (reaches(real, neighbours), reaches(other, neighbours));
        let centre = centre(other);
        let from_other_centre: Vec<f64> =
            (0..other.len()).map(|row| squared(other.row(row), &centre)).collect();
        let of_other: Vec<(usize, bool)> = (0..other.len())
            .into_par_iter()
            .map(|row| {
                let (mut count, mut nearest) = (0, (f64::INFINITY, 0));
                for (at, reach) in near_real.iter().enumerate() {
                    let distance = squared(other.row(row), real.row(at));
                    count += usize::from(distance < reach.1);
                    if distance < nearest.0 {
                        nearest = (distance, at);
                    }
                }
                (count, nearest.0 > near_real[nearest.1].0)
            })
            .collect();
        let of_real: Vec<(bool, bool, f64)> = (0..real.len())
            .into_par_iter()
            .map(|row| {
                let (mut reached, mut reaches, mut innermost) = (false, false, f64::INFINITY);
                for at in 0..other.len() {
                    let distance = squared(real.row(row), other.row(at));
                    reached |= distance < near_other[at].1;
                    if distance < near_real[row].1 {
                        reaches = true;
                        innermost = innermost.min(from_other_centre[at]);
                    }
                }
                (reached, reaches, innermost)
            })
            .collect();
        let real_centre = self::centre(real);
        let from =
            |table: &Encoded| (0..table.len()).map(|row| squared(table.row(row), &real_centre)).collect();
        Self {
            reached_by: of_other.iter().map(|row| row.0).collect(),
            own: of_other.iter().map(|row| row.1).collect(),
            reached: of_real.iter().map(|row| row.0).collect(),
            reaches: of_real.iter().map(|row| row.1).collect(),
            innermost: of_real.iter().map(|row| row.2).collect(),
            from_real_centre: [from(real), from(other)],
            from_other_centre,
        }
    }
}

/// Squared distances of each row to its nearest other row and to its `neighbours`-th nearest.
fn reaches(table: &Encoded, neighbours: usize) -> Vec<(f64, f64)> {
    (0..table.len())
        .into_par_iter()
        .map(|row| {
            let others = (0..table.len()).filter(|at| *at != row);
            let mut squares: Vec<f64> = others.map(|at| squared(table.row(row), table.row(at))).collect();
            let (below, reach, _) = squares.select_nth_unstable_by(neighbours - 1, f64::total_cmp);
            (below.iter().copied().fold(*reach, f64::min), *reach)
        })
        .collect()
}

fn centre(table: &Encoded) -> Vec<f64> {
    let mut sum = vec![0.0; table.width()];
    for row in 0..table.len() {
        sum.iter_mut().zip(table.row(row)).for_each(|(sum, value)| *sum += value / table.len() as f64);
    }
    sum
}

fn mean(values: &[f64], weights: &[f32]) -> Value {
    let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
    if total <= 0.0 {
        return Err(Undefined::NoInstances);
    }
    Ok(values.iter().zip(weights).map(|(value, weight)| value * f64::from(*weight)).sum::<f64>() / total)
}

/// For each of `values` the least part of `among`, weighted, whose greatest is no less than it; above 1 where it lies
/// beyond all.
fn ranks(among: &[f64], weights: &[f32], values: &[f64]) -> Result<Vec<f64>, Undefined> {
    let mut order: Vec<usize> = (0..among.len()).collect();
    order.sort_unstable_by(|left, right| among[*left].total_cmp(&among[*right]));
    let mut sums = Vec::with_capacity(order.len() + 1);
    sums.push(0.0);
    for &at in &order {
        sums.push(sums[sums.len() - 1] + f64::from(weights[at]));
    }
    let total = sums[sums.len() - 1];
    if total <= 0.0 {
        return Err(Undefined::NoInstances);
    }
    let rank = |value: &f64| {
        let below = order.partition_point(|&at| among[at] < *value);
        if sums[below] >= total { 2.0 } else { sums[below + 1] / total }
    };
    Ok(values.iter().map(rank).collect())
}

/// 1 less twice the mean distance between the share of ranks within a part and the part.
fn integrated(ranks: &[f64], weights: &[f32]) -> Value {
    let mut within = [0.0; PARTS];
    let mut total = 0.0;
    for (rank, &weight) in ranks.iter().zip(weights) {
        total += f64::from(weight);
        // The first part that holds it; past the last where none does.
        let first = (rank * PARTS as f64 - 1e-9).ceil().max(1.0) as usize;
        if let Some(own) = within.get_mut(first - 1) {
            *own += f64::from(weight);
        }
    }
    if total <= 0.0 {
        return Err(Undefined::NoInstances);
    }
    let (mut sum, mut off) = (0.0, 0.0);
    for (at, own) in within.iter().enumerate() {
        sum += own / total;
        off += (sum - (at + 1) as f64 / PARTS as f64).abs() / PARTS as f64;
    }
    Ok((1.0 - 2.0 * off).clamp(0.0, 1.0))
}
