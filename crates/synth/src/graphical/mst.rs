//! MST: a spanning tree of the pairs of columns that tell most, measured with noise.

use twinloom_privacy::{Access, Epsilon, GaussianMechanism, Rho, exponential_mechanism};

use super::counts::{counts, mutual_information};
use super::estimate::{Estimate, Measurement, STEPS, estimate};
use super::{GraphicalError, Picture};
use crate::Privacy;

/// Noise below this many standard deviations hides whether a code occurs at all.
const RARE: f64 = 3.0;
/// Standard deviation that stands for exact counts.
pub(super) const EXACT: f64 = 0.5;
/// Shares of the budget: single columns, choice of pairs, pairs.
const SHARES: f64 = 3.0;

/// Fits a tree, and pairs of a target with each column beside it where there is one.
///
/// # Source
/// McKenna, Miklau and Sheldon, Winning the NIST contest: a scalable and general approach to differentially private
/// synthetic data (2021), algorithms 1 to 3: a third of the budget each for single columns, for the choice of the tree by
/// the exponential mechanism and for its pairs; codes counted fewer than three standard deviations of noise are told
/// together. Not private, the same with exact counts and the tree of most mutual information (Chow and Liu 1968).
pub(super) fn fit(
    codes: &[Vec<u32>],
    sizes: &[usize],
    target: Option<usize>,
    mut privacy: Privacy<'_>,
) -> Result<(Picture, Estimate), GraphicalError> {
    let budget = if privacy.is_private() {
        Some(privacy.remaining().ok_or(GraphicalError::NothingLeft)?.get())
    } else {
        None
    };
    let columns = sizes.len();
    let singles: Vec<Vec<usize>> = (0..columns).map(|column| vec![column]).collect();
    let share = budget.map(|rho| rho / SHARES);
    let measured = measure(codes, sizes, &singles, share, "each column", &mut privacy)?;
    // What one knows of each column already need not be told of rare codes one by one.
    let picture = Picture::of(sizes, &measured);
    let merged = picture.merged(codes);
    let sizes = &picture.sizes;
    let mut measured: Vec<Measurement> = measured.iter().map(|own| picture.of_measurement(own)).collect();
    let total = total(&measured);
    let pairs = match share {
        None => informative(&merged, sizes),
        Some(rho) => chosen(&merged, sizes, &measured, (total, rho), &mut privacy)?,
    };
    let mut sets: Vec<Vec<usize>> = pairs;
    if let Some(target) = target {
        let beside = (0..columns).filter(|column| *column != target);
        sets.extend(beside.map(|column| vec![column.min(target), column.max(target)]));
        sets.sort_unstable();
        sets.dedup();
    }
    measured.extend(measure(&merged, sizes, &sets, share, "pairs of columns", &mut privacy)?);
    let found = estimate(sizes, &measured, total, STEPS);
    Ok((picture, found))
}

/// Counts of sets of columns with noise of a budget that they share evenly; exact ones where there is no budget.
pub(super) fn measure(
    codes: &[Vec<u32>],
    sizes: &[usize],
    sets: &[Vec<usize>],
    rho: Option<f64>,
    what: &str,
    privacy: &mut Privacy<'_>,
) -> Result<Vec<Measurement>, GraphicalError> {
    if sets.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rho) = rho else {
        let exact = |columns: &Vec<usize>| Measurement {
            counts: counts(codes, sizes, columns),
            columns: columns.clone(),
            sigma: EXACT,
        };
        return Ok(sets.iter().map(exact).collect());
    };
    // A row more or less changes one count of each set by one: an L2 sensitivity of 1 for each set by itself.
    let each = Rho::new(rho / sets.len() as f64)?;
    let mechanism = GaussianMechanism::for_rho(1.0, each)?;
    let paid = Rho::new(mechanism.rho()?.get() * sets.len() as f64)?;
    let note = format!("counts of {what}, {} of them", sets.len());
    let Some(noise) = privacy.spend(Access::Marginals, paid, note)? else { return Ok(Vec::new()) };
    sets.iter()
        .map(|columns| {
            let noisy = mechanism.release(&counts(codes, sizes, columns), noise)?;
            Ok(Measurement { columns: columns.clone(), counts: noisy, sigma: mechanism.sigma() })
        })
        .collect()
}

/// Number of rows by all measurements, each weighed by the inverse of its sum's variance; at least 1.
pub(super) fn total(measured: &[Measurement]) -> f64 {
    let of = |own: &Measurement| {
        let weight = 1.0 / (own.sigma * own.sigma * own.counts.len() as f64);
        (weight * own.counts.iter().sum::<f64>(), weight)
    };
    let (sum, weights) = measured
        .iter()
        .map(of)
        .fold((0.0, 0.0), |(sum, weights), (one, weight)| (sum + one, weights + weight));
    (sum / weights).max(1.0)
}

fn all_pairs(columns: usize) -> Vec<(usize, usize)> {
    (0..columns).flat_map(|one| (one + 1..columns).map(move |other| (one, other))).collect()
}

/// Chow and Liu's tree.
fn informative(codes: &[Vec<u32>], sizes: &[usize]) -> Vec<Vec<usize>> {
    let mut scored: Vec<(f64, (usize, usize))> = all_pairs(sizes.len())
        .into_iter()
        .map(|(one, other)| {
            let joint = counts(codes, sizes, &[one, other]);
            (mutual_information(&joint, (sizes[one], sizes[other])), (one, other))
        })
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let mut groups = Groups::new(sizes.len());
    let kept = scored.into_iter().filter(|(_, (one, other))| groups.join(*one, *other));
    kept.map(|(_, (one, other))| vec![one, other]).collect()
}

/// Pairs chosen one by one by the exponential mechanism, each joining two parts of the tree.
fn chosen(
    codes: &[Vec<u32>],
    sizes: &[usize],
    singles: &[Measurement],
    (total, rho): (f64, f64),
    privacy: &mut Privacy<'_>,
) -> Result<Vec<Vec<usize>>, GraphicalError> {
    let columns = sizes.len();
    if columns < 2 {
        return Ok(Vec::new());
    }
    let share = |own: &Measurement| -> Vec<f64> {
        let counts: Vec<f64> = own.counts.iter().map(|count| count.max(0.0)).collect();
        let sum = counts.iter().sum::<f64>().max(1e-9);
        counts.into_iter().map(|count| count / sum).collect()
    };
    let shares: Vec<Vec<f64>> = singles.iter().map(share).collect();
    let pairs = all_pairs(columns);
    // A row more or less changes one count by 1 and, as total and shares are of noisy counts, nothing else: sensitivity 1.
    let scores: Vec<f64> = pairs
        .iter()
        .map(|&(one, other)| {
            let joint = counts(codes, sizes, &[one, other]);
            let cells = joint.iter().enumerate().map(|(cell, count)| {
                (count - total * shares[one][cell / sizes[other]] * shares[other][cell % sizes[other]]).abs()
            });
            cells.sum()
        })
        .collect();
    // The exponential mechanism is epsilon^2/8 zero-concentrated (Cesar and Rogers 2021).
    let each = Epsilon::new((8.0 * rho / (columns - 1) as f64).sqrt())?;
    let note = format!("choice of {} pairs of columns", columns - 1);
    let Some(noise) = privacy.spend(Access::Selection, Rho::new(rho)?, note)? else { return Ok(Vec::new()) };
    let mut groups = Groups::new(columns);
    let mut tree = Vec::with_capacity(columns - 1);
    for _ in 1..columns {
        let open: Vec<usize> = (0..pairs.len())
            .filter(|place| groups.of(pairs[*place].0) != groups.of(pairs[*place].1))
            .collect();
        let open_scores: Vec<f64> = open.iter().map(|place| scores[*place]).collect();
        let (one, other) = pairs[open[exponential_mechanism(&open_scores, 1.0, each, noise)?]];
        groups.join(one, other);
        tree.push(vec![one, other]);
    }
    Ok(tree)
}

/// Parts of a tree that grows.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn of(&self, one: usize) -> usize {
        self.0[one]
    }

    /// Joins two parts; false where they are one already.
    fn join(&mut self, one: usize, other: usize) -> bool {
        let (kept, gone) = (self.0[one], self.0[other]);
        self.0.iter_mut().filter(|group| **group == gone).for_each(|group| *group = kept);
        kept != gone
    }
}

impl Picture {
    /// Which codes are told together: those counted fewer than three standard deviations of their noise, where there are
    /// two or more of them.
    pub(super) fn of(sizes: &[usize], singles: &[Measurement]) -> Self {
        let mut picture = Self { maps: Vec::new(), sizes: Vec::new(), rare: Vec::new() };
        for (size, own) in sizes.iter().zip(singles) {
            let is_rare = |count: &f64| own.sigma > EXACT && *count < RARE * own.sigma;
            let rare: Vec<u32> =
                (0..*size as u32).filter(|code| is_rare(&own.counts[*code as usize])).collect();
            if rare.len() < 2 {
                picture.maps.push((0..*size as u32).collect());
                picture.sizes.push(*size);
                picture.rare.push(Vec::new());
                continue;
            }
            let together = (size - rare.len()) as u32;
            let mut next = 0;
            let map = (0..*size as u32).map(|code| {
                if rare.contains(&code) {
                    together
                } else {
                    next += 1;
                    next - 1
                }
            });
            picture.maps.push(map.collect());
            picture.sizes.push(together as usize + 1);
            picture.rare.push(rare);
        }
        picture
    }

    /// The measurement of a single column over the codes that are told apart.
    fn of_measurement(&self, own: &Measurement) -> Measurement {
        let column = own.columns[0];
        let mut counts = vec![0.0; self.sizes[column]];
        for (code, count) in own.counts.iter().enumerate() {
            counts[self.maps[column][code] as usize] += count;
        }
        // The sum of rare codes has more noise than one of them; the weight of a column is that of its other codes.
        Measurement { columns: own.columns.clone(), counts, sigma: own.sigma }
    }
}
