//! Counts and weights of an undirected hypergraph for one mass.

use super::structure::Structure;
use crate::MassError;
use crate::weight::{Population, Weighting, ratio, set_weights, total};

/// An undirected hypergraph with numbers.
///
/// # Units
/// Counts are people.
///
/// # Shapes
/// Sets and nodes in the order of the [`Structure`].
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Everybody.
    pub people: f64,
    /// People with each node.
    pub with_node: Vec<f64>,
    /// Prevalence of each node, from 0 to 1.
    pub node_weights: Vec<f64>,
    /// People who count towards each set.
    pub set_counts: Vec<f64>,
    /// Weight of each set.
    pub set_weights: Vec<f64>,
}

impl Structure {
    /// The model of a mass by cell.
    ///
    /// # Errors
    /// [`MassError`] when it is none.
    pub fn evaluate(&self, mass: &[f64], weighting: Weighting) -> Result<Model, MassError> {
        let mass = self.folding.fold(mass)?;
        let people = total(mass.iter().copied());
        let mut group_mass = vec![0.0; self.groups];
        for (group, mass) in self.group_of.iter().zip(mass.iter()) {
            group_mass[*group as usize] += mass;
        }
        let with_node = self.member_rows.sums(&group_mass, self.nodes);
        let set_counts = self.set_rows.sums(&group_mass, self.sets.len());
        let lattice = || self.lattice.sums(&self.sets, &set_counts);
        let population = Population { with_node: &with_node, people };
        let set_weights = set_weights(weighting, &self.sets, lattice, &set_counts, &population);
        let node_weights = with_node.iter().map(|count| ratio(*count, people)).collect();
        Ok(Model { people, with_node, node_weights, set_counts, set_weights })
    }

    /// The hyperedges of a model: sets of positive weight, single conditions only where they are asked
    /// for. In the order of the sets.
    ///
    /// # Panics
    /// When the model is of another structure.
    pub fn edges<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = usize> + 'a {
        assert_eq!(model.set_weights.len(), self.sets.len(), "the model is of another structure");
        let least = if self.singles { 1 } else { 2 };
        (0..self.sets.len())
            .filter(move |set| model.set_weights[*set] > 0.0 && self.sets.get(*set).len() >= least)
    }

    /// Sum of the weights of each node's hyperedges.
    ///
    /// # Panics
    /// When the model is of another structure.
    pub fn node_degrees(&self, model: &Model) -> Vec<f64> {
        let mut degrees = vec![0.0; self.nodes];
        for set in self.edges(model) {
            for node in self.sets.get(set) {
                degrees[*node as usize] += model.set_weights[set];
            }
        }
        degrees
    }

    /// Sum of the weights of each hyperedge's nodes, in the order of [`Self::edges`].
    ///
    /// # Panics
    /// When the model is of another structure.
    pub fn edge_degrees(&self, model: &Model) -> Vec<f64> {
        let degree = |set| total(self.sets.get(set).iter().map(|node| model.node_weights[*node as usize]));
        self.edges(model).map(degree).collect()
    }
}
