//! Attention that sees what is known of the edges.

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;
use rand::Rng;

use super::Linear;
use crate::{Edges, Pass, SparseMatrix, Weights};

/// A layer of the graph Transformer: shares from keys and queries, edges adding to keys and messages, and a
/// gate between what was heard and the target itself.
///
/// # Source
/// Shi et al., Masked Label Prediction: Unified Message Passing Model for Semi-Supervised Classification
/// (IJCAI 2021), equations 3 to 5, without the normalisation and activation of the last.
///
/// # Shapes
/// targets `[targets, inputs]`, sources `[edges, inputs]`, features `[edges, features]`
/// `-> [targets, heads * width]`
#[derive(Clone, Copy, Debug)]
pub struct EdgeAttention {
    query: Linear,
    key: Linear,
    message: Linear,
    edge: Linear,
    own: Linear,
    gate: Linear,
    heads: usize,
    width: usize,
    dropout: f32,
}

/// Edges that have numbers of their own: each is the only source of itself.
#[derive(Clone, Debug)]
pub struct OwnEdges(Edges);

impl OwnEdges {
    /// The edges of targets that have so many each, numbered one after the other.
    ///
    /// # Panics
    /// Never: edges are numbered below their number.
    pub fn of_counts(counts: &[usize]) -> Self {
        let edges: usize = counts.iter().sum();
        let mut next = 0_u32;
        let row = |count: &usize| {
            let row = (next..next + *count as u32).map(|edge| (edge, 1.0)).collect();
            next += *count as u32;
            row
        };
        let rows: Vec<Vec<(u32, f32)>> = counts.iter().map(row).collect();
        let rows = SparseMatrix::from_rows(edges, rows).expect("edges are numbered below their number");
        Self(Edges::of(&rows))
    }
}

impl EdgeAttention {
    /// A layer of so many heads of a width, for nodes of `inputs` numbers and edges of `features`; `dropout` is
    /// that of the shares.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        (inputs, features): (usize, usize),
        (heads, width): (usize, usize),
        dropout: f32,
        rng: &mut impl Rng,
    ) -> Self {
        let size = heads * width;
        let mut linear = |part: &str, inputs, outputs| {
            Linear::new(weights, &format!("{name}.{part}"), inputs, outputs, rng)
        };
        Self {
            query: linear("query", inputs, size),
            key: linear("key", inputs, size),
            message: linear("message", inputs, size),
            edge: linear("edge", features, size),
            own: linear("own", inputs, size),
            gate: linear("gate", 3 * size, 1),
            heads,
            width,
            dropout,
        }
    }

    /// The targets after hearing the source of each of their edges.
    ///
    /// # Panics
    /// When there is not one row per target and per edge.
    pub fn forward(
        &self,
        pass: &mut Pass,
        edges: &OwnEdges,
        targets: Tensor<2>,
        sources: Tensor<2>,
        features: Tensor<2>,
    ) -> Tensor<2> {
        let edges = &edges.0;
        let own = self.own.forward(pass, targets.clone());
        let heard = if edges.is_empty() {
            own.zeros_like()
        } else {
            let known = self.edge.forward(pass, features);
            let keys = self.key.forward(pass, sources.clone()) + known.clone();
            let queries = self.query.forward(pass, targets);
            let scores = edges.dotted(keys, queries, self.heads).mul_scalar(1.0 / (self.width as f32).sqrt());
            let shares = pass.dropout(edges.softmax(scores), self.dropout);
            edges.weighted_sum(shares, self.message.forward(pass, sources) + known)
        };
        let both = Tensor::cat(vec![heard.clone(), own.clone(), heard.clone() - own.clone()], 1);
        let gate = sigmoid(self.gate.forward(pass, both));
        heard.clone() + gate * (own - heard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::numbers as values;
    use crate::stream;
    use crate::trainer::numbers;
    use burn::tensor::{Device, TensorData};

    #[test]
    fn ref_layer_is_the_softmax_of_its_definition() {
        let (inputs, features, heads, width) = (3, 2, 2, 2);
        let size = heads * width;
        // Two edges, none, one.
        let (counts, firsts) = ([2, 0, 1], [0, 2, 2]);
        let mut weights = Weights::new();
        let layer =
            EdgeAttention::new(&mut weights, "e", (inputs, features), (heads, width), 0.0, &mut stream(9, 0));
        let (targets, sources, known) = (values(9, 1), values(9, 2), values(6, 3));
        let linear = |name: &str, row: &[f32]| -> Vec<f32> {
            let find = |end: &str| {
                let name = format!("e.{name}.{end}");
                weights.blocks().iter().find(|block| block.name() == name).unwrap()
            };
            let (matrix, bias) = (find("weight"), find("bias"));
            let outputs = matrix.shape()[1];
            let sum = |out| {
                row.iter().enumerate().map(|(i, x)| x * matrix.values()[i * outputs + out]).sum::<f32>()
            };
            (0..outputs).map(|out| bias.values()[out] + sum(out)).collect()
        };
        let tensor = |values: &[f32], width: usize| {
            let shape = [values.len() / width, width];
            Tensor::<2>::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
        };
        let found = numbers(layer.forward(
            &mut Pass::in_use(&weights),
            &OwnEdges::of_counts(&counts),
            tensor(&targets, inputs),
            tensor(&sources, inputs),
            tensor(&known, features),
        ));
        for target in 0..3 {
            let row = &targets[target * inputs..][..inputs];
            let (query, own) = (linear("query", row), linear("own", row));
            let mut heard = vec![0.0_f32; size];
            for head in 0..heads {
                let part = head * width..(head + 1) * width;
                let mut total = 0.0;
                let mut sums = vec![0.0; width];
                for edge in firsts[target]..firsts[target] + counts[target] {
                    let source = &sources[edge * inputs..][..inputs];
                    let of_edge = linear("edge", &known[edge * features..][..features]);
                    let (key, message) = (linear("key", source), linear("message", source));
                    let dot: f32 = part.clone().map(|c| query[c] * (key[c] + of_edge[c])).sum();
                    let share = (dot / (width as f32).sqrt()).exp();
                    total += share;
                    part.clone().for_each(|c| sums[c - part.start] += share * (message[c] + of_edge[c]));
                }
                if total > 0.0 {
                    part.clone().for_each(|c| heard[c] = sums[c - part.start] / total);
                }
            }
            let both: Vec<f32> = heard
                .iter()
                .chain(&own)
                .copied()
                .chain(heard.iter().zip(&own).map(|(heard, own)| heard - own))
                .collect();
            let gate = 1.0 / (1.0 + (-linear("gate", &both)[0]).exp());
            for c in 0..size {
                let expected = (1.0 - gate) * heard[c] + gate * own[c];
                assert!((found[target * size + c] - expected).abs() < 1e-5, "{found:?}: {expected}");
            }
        }
    }
}
