//! Weights of sets of conditions, from how many people count towards each.

use crate::lattice::{Around, Lattice};
use crate::slices::Slices;

/// How a set is weighed, C being its count.
///
/// # Source
/// Rafferty et al. 2021, J Biomed Inform 122:103916 (overlap); hypergraph-mm 1.0.0 (the modified
/// Sørensen-Dice coefficients).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weighting {
    /// C(e) / (C(e) + sum of C over proper subsets and proper supersets of e): complete Sørensen-Dice.
    #[default]
    Complete,
    /// C(e) / (C(e) + sum of C over proper subsets of e); a single condition weighs its prevalence.
    Power,
    /// C(e) / the number of people with the rarest condition of e.
    ///
    /// hypergraph-mm divides by the least C of a single condition instead. With progression counts that
    /// is the number of people who began with it, and its weights pass 1; Rafferty's definition does not.
    Overlap,
}

/// What weighing needs besides the counts of the sets.
pub(crate) struct Population<'a> {
    /// People with each node.
    pub(crate) with_node: &'a [f64],
    /// Everybody.
    pub(crate) people: f64,
}

/// Weights of every set of a family; 0 where nobody counts.
pub(crate) fn set_weights(
    weighting: Weighting,
    family: &Slices,
    lattice: impl FnOnce() -> Around,
    counts: &[f64],
    population: &Population<'_>,
) -> Vec<f64> {
    let prevalence = |node: u32| ratio(population.with_node[node as usize], population.people);
    match weighting {
        Weighting::Overlap => {
            let rarest = |set: &[u32]| {
                set.iter().map(|node| population.with_node[*node as usize]).fold(f64::INFINITY, f64::min)
            };
            family.iter().zip(counts).map(|(set, count)| ratio(*count, rarest(set))).collect()
        }
        Weighting::Complete => {
            let around = lattice();
            let whole = counts.iter().zip(&around.subsets).zip(&around.supersets);
            whole.map(|((count, below), above)| ratio(*count, count + below + above)).collect()
        }
        Weighting::Power => {
            let around = lattice();
            let weight = |((set, count), below): ((&[u32], &f64), &f64)| match set {
                [node] => prevalence(*node),
                _ => ratio(*count, count + below),
            };
            family.iter().zip(counts).zip(&around.subsets).map(weight).collect()
        }
    }
}

/// `part / whole`, and 0 where there is no whole.
pub(crate) fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 && part > 0.0 && whole.is_finite() { part / whole } else { 0.0 }
}

/// A sum that is 0 of nothing; the standard library's is -0.
pub(crate) fn total(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |sum, number| sum + number)
}

/// The lattice of a family, made when a weighting first asks for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct LatticeOnce(std::sync::OnceLock<Lattice>);

impl LatticeOnce {
    pub(crate) fn sums(&self, family: &Slices, counts: &[f64]) -> Around {
        self.0.get_or_init(|| Lattice::of(family)).sums(family, counts)
    }
}
