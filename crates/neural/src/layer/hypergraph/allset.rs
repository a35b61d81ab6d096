//! Functions of sets, from nodes to hyperedges and from hyperedges to nodes.

use burn::tensor::Tensor;
use rand::Rng;

use crate::layer::{LayerNorm, Linear};
use crate::operation::head_dots;
use crate::{Aggregator, Edges, Pass, WeightId, Weights, leaky_relu, relu};

/// Half a layer of AllDeepSets: a perceptron of each member, their sum or mean, a perceptron of that.
///
/// # Source
/// Chien et al., You are AllSet: A Multiset Function Framework for Hypergraph Neural Networks (ICLR 2022), equation
/// 7.
///
/// # Shapes
/// `[members, inputs] -> [sets, width]`
#[derive(Clone, Copy, Debug)]
pub struct DeepSets {
    inner: [Linear; 2],
    outer: [Linear; 2],
    norms: [LayerNorm; 2],
}

impl DeepSets {
    /// Perceptrons of two layers.
    pub fn new(weights: &mut Weights, name: &str, inputs: usize, width: usize, rng: &mut impl Rng) -> Self {
        let mut linear =
            |part: &str, inputs| Linear::new(weights, &format!("{name}.{part}"), inputs, width, rng);
        let inner = [linear("inner.first", inputs), linear("inner.second", width)];
        let outer = [linear("outer.first", width), linear("outer.second", width)];
        let mut norm = |part: &str| LayerNorm::new(weights, &format!("{name}.{part}"), width);
        Self { inner, outer, norms: [norm("inner.norm"), norm("outer.norm")] }
    }

    /// The sets; `sums` adds up or averages the members.
    pub fn forward(&self, pass: &mut Pass, sums: &Aggregator, members: Tensor<2>, dropout: f32) -> Tensor<2> {
        let told = perceptron(pass, &self.inner, &self.norms[0], members, dropout);
        perceptron(pass, &self.outer, &self.norms[1], sums.aggregate(told), dropout)
    }
}

fn perceptron(
    pass: &mut Pass,
    layers: &[Linear; 2],
    norm: &LayerNorm,
    rows: Tensor<2>,
    dropout: f32,
) -> Tensor<2> {
    let hidden = relu(layers[0].forward(pass, rows));
    let hidden = norm.forward(pass, hidden);
    let hidden = pass.dropout(hidden, dropout);
    layers[1].forward(pass, hidden)
}

/// Half a layer of AllSetTransformer: each head asks the members with a learnt question.
///
/// # Source
/// Chien et al. (ICLR 2022), equation 8: attention pooling with a seed per head, the seed added back, a layer
/// norm, a perceptron added, a layer norm. As the authors' program has it, scores pass a leaky rectifier of
/// slope 0.2 below 0, and the perceptron ends in a rectifier.
///
/// # Shapes
/// `[members, inputs] -> [sets, width]`
#[derive(Clone, Copy, Debug)]
pub struct SetTransformer {
    keys: Linear,
    values: Linear,
    seeds: WeightId,
    norms: [LayerNorm; 2],
    feed: [Linear; 2],
    heads: usize,
}

/// Slope of the scores' rectifier below 0.
const SLOPE_BELOW: f32 = 0.2;

impl SetTransformer {
    /// So many heads share the width.
    ///
    /// # Panics
    /// When they can't.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        inputs: usize,
        (width, heads): (usize, usize),
        rng: &mut impl Rng,
    ) -> Self {
        assert!(heads > 0 && width.is_multiple_of(heads), "heads share the width");
        let mut linear =
            |part: &str, inputs| Linear::new(weights, &format!("{name}.{part}"), inputs, width, rng);
        let (keys, values) = (linear("keys", inputs), linear("values", inputs));
        let feed = [linear("feed.first", width), linear("feed.second", width)];
        let bound = (6.0 / (width / heads + heads) as f32).sqrt();
        let seeds = weights.uniform(&format!("{name}.seeds"), [1, width], bound, rng);
        let mut norm = |part: &str| LayerNorm::new(weights, &format!("{name}.{part}"), width);
        Self { keys, values, seeds, norms: [norm("norm.first"), norm("norm.second")], feed, heads }
    }

    /// The sets of dense members.
    pub fn forward(&self, pass: &Pass, sets: &Edges, members: Tensor<2>) -> Tensor<2> {
        let keys = self.keys.forward(pass, members.clone());
        self.ask(pass, sets, keys, self.values.forward(pass, members))
    }

    /// The sets of sparse members.
    pub fn forward_sparse(&self, pass: &Pass, sets: &Edges, members: &Aggregator) -> Tensor<2> {
        let keys = self.keys.forward_sparse(pass, members);
        self.ask(pass, sets, keys, self.values.forward_sparse(pass, members))
    }

    fn ask(&self, pass: &Pass, sets: &Edges, keys: Tensor<2>, values: Tensor<2>) -> Tensor<2> {
        let scores = leaky_relu(head_dots(keys, pass.weight(self.seeds), self.heads), SLOPE_BELOW);
        let nothing = Tensor::zeros([sets.targets(), self.heads], &pass.device());
        let shares = sets.softmax(sets.added(scores, nothing));
        let heard = sets.weighted_sum(shares, values) + pass.weight(self.seeds);
        let heard = self.norms[0].forward(pass, heard);
        let fed = relu(self.feed[1].forward(pass, relu(self.feed[0].forward(pass, heard.clone()))));
        self.norms[1].forward(pass, heard + fed)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::layer::Hypergraph;
    use crate::operation::check::numbers as some;
    use crate::stream;
    use crate::trainer::numbers;

    fn hypergraph() -> Hypergraph {
        Hypergraph::new(4, vec![vec![0, 1, 2], vec![2, 3]]).unwrap()
    }

    fn members(values: &[f32]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values.to_vec(), [4, values.len() / 4]), &Device::flex())
    }

    #[test]
    fn law_the_order_of_members_changes_nothing() {
        let (mut weights, mut rng) = (Weights::new(), stream(2, 0));
        let transformer = SetTransformer::new(&mut weights, "transformer", 3, (8, 2), &mut rng);
        let deep = DeepSets::new(&mut weights, "deep", 3, 8, &mut rng);
        let values = some(12, 1);
        let swapped: Vec<f32> = [&values[3..6], &values[0..3], &values[6..12]].concat();
        let (sums, sets) = (hypergraph().means().0, hypergraph().hears_nodes());
        let of = |values: &[f32]| {
            let mut pass = Pass::in_use(&weights);
            let deep = numbers(deep.forward(&mut pass, &sums, members(values), 0.5));
            (numbers(transformer.forward(&pass, &sets, members(values))), deep)
        };
        let (one, other) = (of(&values), of(&swapped));
        for (a, b) in one.0.iter().zip(&other.0).chain(one.1.iter().zip(&other.1)) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }

    #[test]
    fn ref_attention_pools_by_the_shares_of_the_definition() {
        // One head of one number: keys and values are maps k and v of a number, the seed is s; before the
        // norms, a set is s + sum of shares times v x, with shares of exp(leaky(k x s)).
        let mut weights = Weights::new();
        let layer = SetTransformer::new(&mut weights, "layer", 1, (1, 1), &mut stream(2, 0));
        weights.values_mut(layer.keys.matrix())[0] = 0.7;
        weights.values_mut(layer.values.matrix())[0] = -1.3;
        weights.values_mut(layer.seeds)[0] = 0.9;
        let x = [0.5_f32, -1.0, 2.0, 3.0];
        let pass = Pass::in_use(&weights);
        let keys = layer.keys.forward(&pass, members(&x));
        let sets = hypergraph().hears_nodes();
        let scores = leaky_relu(head_dots(keys, pass.weight(layer.seeds), 1), SLOPE_BELOW);
        let nothing = Tensor::zeros([2, 1], &Device::flex());
        let shares = numbers(sets.softmax(sets.added(scores, nothing)));
        let raw = |x: f32| {
            let score = 0.7 * x * 0.9;
            (if score > 0.0 { score } else { 0.2 * score }).exp()
        };
        for (edge, members) in [(0, [0, 1, 2].as_slice()), (3, &[2, 3])] {
            let total: f32 = members.iter().map(|member| raw(x[*member])).sum();
            for (place, member) in members.iter().enumerate() {
                assert!((shares[edge + place] - raw(x[*member]) / total).abs() < 1e-5, "{shares:?}");
            }
        }
    }
}
