//! A map of vectors on which neighbours stay neighbours: UMAP, exact and reproducible.

mod fuzzy;
mod layout;
mod neighbours;

use twinloom_neural::stream;

use super::{PrincipalAxes, PrincipalError, Vectors};
use fuzzy::fuzzy_union;
use layout::Layout;
use neighbours::nearest_of_all;

/// How a map is made.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `neighbours` | 15 | vectors that count as near each one; fewer vectors have fewer | >= 2 |
/// | `epochs` | none | passes over the pairs; 500 up to 10,000 vectors, 200 above, as the authors' program | >= 1 |
/// | `seed` | 0 | of the pairs pushed apart | |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UmapParameters {
    /// Vectors that count as near each one.
    pub neighbours: usize,
    /// Passes over the pairs.
    pub epochs: Option<usize>,
    /// Of the pairs pushed apart.
    pub seed: u64,
}

impl Default for UmapParameters {
    fn default() -> Self {
        Self { neighbours: 15, epochs: None, seed: 0 }
    }
}

/// Vectors up to which more passes are made.
const FEW: usize = 10_000;

/// The most vectors mapped: the search for neighbours grows with their square.
const MOST: usize = 100_000;

/// How far the map reaches before it is laid out.
const REACH: f64 = 10.0;

/// Uniform manifold approximation and projection to two dimensions, of all vectors together.
///
/// Neighbours are exact, by Euclidean distance; the layout starts from the principal axes, so that what is far apart
/// starts far apart; pairs are moved one after another, so that the map is the same, bit by bit, whatever the number
/// of threads.
///
/// # Source
/// McInnes, Healy and Melville, UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction (2018),
/// arXiv 1802.03426, algorithms 1 to 5, sections 3.1 to 3.3; the start from principal axes: Kobak and Linderman,
/// Initialization is critical for preserving global data structure in both t-SNE and UMAP (Nature Biotechnology 2021).
///
/// # Shapes
/// A point for each vector, in their order.
///
/// # Errors
/// [`UmapError`] on parameters out of range, fewer than three vectors, or more than 100,000.
///
/// # Limits
/// Distances between groups and the groups' sizes on the map mean little; time grows with the square of the vectors
/// (20,000 of 32 numbers: some seconds).
pub fn umap(vectors: &Vectors, parameters: UmapParameters) -> Result<Vec<[f64; 2]>, UmapError> {
    let refuse = |name, value, permitted| Err(UmapError::Parameter { name, value, permitted });
    if parameters.neighbours < 2 {
        return refuse("neighbours", parameters.neighbours, "2 or more");
    }
    if parameters.epochs == Some(0) {
        return refuse("epochs", 0, "1 or more");
    }
    if !(3..=MOST).contains(&vectors.len()) {
        return refuse("vectors", vectors.len(), "3 to 100000");
    }
    let near = nearest_of_all(vectors, parameters.neighbours.min(vectors.len() - 1));
    let pairs = fuzzy_union(&near);
    let epochs = parameters.epochs.unwrap_or(if vectors.len() <= FEW { 500 } else { 200 });
    let layout = Layout { start: start(vectors)?, pairs, epochs };
    Ok(layout.run(&|epoch| stream(parameters.seed, epoch as u64)))
}

/// The principal axes, scaled to the map's reach; one axis where the vectors have one number.
fn start(vectors: &Vectors) -> Result<Vec<[f64; 2]>, PrincipalError> {
    let axes = PrincipalAxes::fit(&[vectors], vectors.width().min(2))?;
    let points = axes.project(vectors)?;
    let furthest = points.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
    let scale = if furthest > 0.0 { REACH / furthest } else { 0.0 };
    let at = |point: &Vec<f64>, axis: usize| scale * point.get(axis).copied().unwrap_or(0.0);
    Ok(points.iter().map(|point| [at(point, 0), at(point, 1)]).collect())
}

/// Why there is no map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UmapError {
    /// A parameter is out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which parameter.
        name: &'static str,
        /// Value given.
        value: usize,
        /// What is permitted.
        permitted: &'static str,
    },
    /// There is nothing to start from.
    #[error("principal axes")]
    Principal(#[from] PrincipalError),
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rand::RngExt;

    use super::*;

    /// Three clouds in ten dimensions whose centres are far apart, in turn.
    fn clouds(count: usize) -> Vectors {
        let mut rng = stream(7, 0);
        let names = (0..count).map(|row| Arc::from(row.to_string())).collect();
        let values = (0..count).flat_map(|row| {
            let noise: Vec<f32> = (0..10).map(|_| rng.random_range(-1.0..1.0)).collect();
            noise
                .into_iter()
                .enumerate()
                .map(move |(place, value)| value + if place == row % 3 { 6.0 } else { 0.0 })
        });
        Vectors::new(names, 10, values.collect()).unwrap()
    }

    fn distance(one: [f64; 2], other: [f64; 2]) -> f64 {
        (one[0] - other[0]).hypot(one[1] - other[1])
    }

    #[test]
    fn law_clouds_stay_apart_and_neighbours_together() {
        let vectors = clouds(240);
        let map = umap(&vectors, UmapParameters::default()).unwrap();
        let near = nearest_of_all(&vectors, 15);
        let (mut own, mut kept) = (0, 0);
        for (row, &point) in map.iter().enumerate() {
            let mut others: Vec<usize> = (0..map.len()).filter(|other| *other != row).collect();
            others.sort_by(|&a, &b| distance(point, map[a]).total_cmp(&distance(point, map[b])));
            own += others[..15].iter().filter(|&&other| other % 3 == row % 3).count();
            kept += others[..15]
                .iter()
                .filter(|other| near[row].iter().any(|(place, _)| place == *other))
                .count();
        }
        let (own, kept) = (own as f64 / 3600.0, kept as f64 / 3600.0);
        println!("{own:.3} of the nearest on the map are of the own cloud, {kept:.3} near before");
        // At random a third, and 15 of 239.
        assert!(own > 0.99 && kept > 0.3, "{own}, {kept}");
    }

    #[test]
    fn law_threads_and_runs_change_nothing() {
        let vectors = clouds(120);
        let parameters = UmapParameters { epochs: Some(50), ..UmapParameters::default() };
        let of = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| umap(&vectors, parameters).unwrap())
        };
        assert_eq!(of(1), of(4));
        assert_ne!(of(1), umap(&vectors, UmapParameters { seed: 1, ..parameters }).unwrap());
    }

    #[test]
    fn regress_equal_and_few_vectors_have_finite_maps_and_bad_requests_none() {
        let equal = |count: usize, width: usize| {
            let names = (0..count).map(|row| Arc::from(row.to_string())).collect();
            Vectors::new(names, width, vec![0.5; count * width]).unwrap()
        };
        for vectors in [equal(40, 3), equal(3, 1), clouds(4)] {
            let map = umap(&vectors, UmapParameters::default()).unwrap();
            assert!(map.len() == vectors.len() && map.iter().flatten().all(|value| value.is_finite()));
        }
        assert!(umap(&equal(2, 3), UmapParameters::default()).is_err());
        let bad = UmapParameters { neighbours: 1, ..UmapParameters::default() };
        assert!(umap(&clouds(9), bad).is_err());
        assert!(umap(&clouds(9), UmapParameters { epochs: Some(0), ..UmapParameters::default() }).is_err());
    }
}
