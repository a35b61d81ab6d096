//! Counts and weights of a directed hypergraph for one mass.

use super::structure::Structure;
use crate::MassError;
use crate::weight::{Population, Weighting, ratio, set_weights, total};

/// A directed hypergraph with numbers.
///
/// # Units
/// Counts are people, each counting once for every size of set they pass.
///
/// # Shapes
/// Sets, hyperarcs and nodes in the order of the [`Structure`].
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Everybody.
    pub people: f64,
    /// People with each node, ordered or not.
    pub with_node: Vec<f64>,
    /// C(e).
    pub set_counts: Vec<f64>,
    /// w(e).
    pub set_weights: Vec<f64>,
    /// C(T, h); of a self-arc, people with this condition only.
    pub arc_counts: Vec<f64>,
    /// w(T → h) = w(T ∪ h) C(T, h) / C(T ∪ h).
    pub arc_weights: Vec<f64>,
    /// How often a node stood in a tail.
    pub tail_counts: Vec<f64>,
    /// How often it was a head.
    pub head_counts: Vec<f64>,
    /// Tail over tail and head; 0 for a node that nobody has.
    pub tail_node_weights: Vec<f64>,
    /// Head over tail and head; of a terminal, the share of people who reached it.
    pub head_node_weights: Vec<f64>,
    /// Sum of the weights of the hyperarcs with the node in the tail.
    pub tail_degrees: Vec<f64>,
    /// Sum of the weights of the hyperarcs with the node as head.
    pub head_degrees: Vec<f64>,
}

impl Structure {
    /// The model of a mass by cell.
    ///
    /// # Errors
    /// [`MassError`] when it is none.
    pub fn evaluate(&self, mass: &[f64], weighting: Weighting) -> Result<Model, MassError> {
        let mass = self.folding.fold(mass)?;
        let people = total(mass.iter().copied());
        let with_node = self.member_rows.sums(&mass, self.nodes);
        let arc_counts = self.arc_rows.sums(&mass, self.arcs.len());
        let mut set_counts = self.first_rows.sums(&mass, self.nodes);
        set_counts.resize(self.sets.len(), 0.0);
        for (arc, count) in self.arcs.iter().zip(&arc_counts).skip(self.nodes) {
            set_counts[arc.set as usize] += count;
        }
        let lattice = || self.lattice.sums(&self.sets, &set_counts);
        let population = Population { with_node: &with_node, people };
        let set_weights = set_weights(weighting, &self.sets, lattice, &set_counts, &population);
        let tail_counts = self.tail_rows.sums(&mass, self.nodes);
        let head_counts = self.head_rows.sums(&mass, self.nodes);
        let both = || tail_counts.iter().zip(&head_counts);
        let tail_node_weights = both().map(|(tail, head)| ratio(*tail, tail + head)).collect();
        let mut head_node_weights: Vec<f64> = both().map(|(tail, head)| ratio(*head, tail + head)).collect();
        for terminal in &self.terminals {
            head_node_weights[*terminal as usize] = ratio(with_node[*terminal as usize], people);
        }
        let mut model = Model {
            people,
            with_node,
            set_counts,
            set_weights: Vec::new(),
            arc_counts,
            arc_weights: Vec::new(),
            tail_counts,
            head_counts,
            tail_node_weights,
            head_node_weights,
            tail_degrees: Vec::new(),
            head_degrees: Vec::new(),
        };
        self.reweigh(&mut model, set_weights);
        Ok(model)
    }

    /// Gives the sets of a model other weights, and with them its hyperarcs and degrees.
    ///
    /// # Panics
    /// When there is not one weight for each set.
    pub fn reweigh(&self, model: &mut Model, set_weights: Vec<f64>) {
        assert_eq!(set_weights.len(), self.sets.len(), "one weight for each set");
        model.set_weights = set_weights;
        let weight = |(arc, count): (&super::Arc, &f64)| {
            let set = arc.set as usize;
            model.set_weights[set] * ratio(*count, model.set_counts[set])
        };
        model.arc_weights = self.arcs.iter().zip(&model.arc_counts).map(weight).collect();
        let degrees = |rows: &crate::sparse::Rows| -> Vec<f64> {
            (0..self.nodes).map(|node| total(rows.row(node).map(|(arc, _)| model.arc_weights[arc]))).collect()
        };
        model.tail_degrees = degrees(&self.arcs_from);
        model.head_degrees = degrees(&self.arcs_to);
    }
}
