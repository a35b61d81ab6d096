//! A block of a Transformer.

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use rand::Rng;

use super::{Runs, attention_shares, self_attention};
use crate::layer::{LayerNorm, Linear};
use crate::{Pass, Weights};

/// Attention within each sequence and then a perceptron of each row, each added to what came in.
///
/// # Source
/// Vaswani et al., Attention Is All You Need (NeurIPS 2017), sections 3.1 to 3.3; normalised before each part
/// and not after (Xiong et al., On Layer Normalization in the Transformer Architecture, ICML 2020, figure 1b),
/// which trains without a warm-up.
///
/// # Shapes
/// `[rows, width] -> [rows, width]`
#[derive(Clone, Copy, Debug)]
pub struct TransformerBlock {
    before_attention: LayerNorm,
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    before_perceptron: LayerNorm,
    inner: Linear,
    outer: Linear,
    heads: usize,
}

/// Units of the perceptron by units of a row, as in the paper's section 3.3 halved: records are small.
const INNER_FACTOR: usize = 2;

impl TransformerBlock {
    /// A block of so many heads.
    ///
    /// # Panics
    /// When the heads can't share the width.
    pub fn new(weights: &mut Weights, name: &str, width: usize, heads: usize, rng: &mut impl Rng) -> Self {
        assert!(heads > 0 && width.is_multiple_of(heads), "heads share the width");
        let before_attention = LayerNorm::new(weights, &format!("{name}.before attention"), width);
        let before_perceptron = LayerNorm::new(weights, &format!("{name}.before perceptron"), width);
        let mut linear = |part: &str, inputs, outputs| {
            Linear::new(weights, &format!("{name}.{part}"), inputs, outputs, &mut *rng)
        };
        Self {
            before_attention,
            query: linear("query", width, width),
            key: linear("key", width, width),
            value: linear("value", width, width),
            output: linear("output", width, width),
            before_perceptron,
            inner: linear("inner", width, INNER_FACTOR * width),
            outer: linear("outer", INNER_FACTOR * width, width),
            heads,
        }
    }

    /// The rows after hearing those of their sequence.
    pub fn forward(&self, pass: &mut Pass, runs: &Runs, rows: Tensor<2>, dropout: f32) -> Tensor<2> {
        let normal = self.before_attention.forward(pass, rows.clone());
        let of = |layer: &Linear| layer.forward(pass, normal.clone());
        let heard = self_attention(runs, self.heads, [of(&self.query), of(&self.key), of(&self.value)]);
        let heard = self.output.forward(pass, heard);
        let rows = rows + pass.dropout(heard, dropout);
        let normal = self.before_perceptron.forward(pass, rows.clone());
        let inner = relu(self.inner.forward(pass, normal));
        let outer = self.outer.forward(pass, inner);
        rows + pass.dropout(outer, dropout)
    }

    /// What each row hears of each row of its sequence, as a mean over heads.
    ///
    /// # Shapes
    /// `[rows, width]`; of each sequence `[length, length]`, the row that hears first
    pub fn shares(&self, pass: &mut Pass, runs: &Runs, rows: Tensor<2>) -> Vec<Vec<f32>> {
        let normal = self.before_attention.forward(pass, rows);
        let [queries, keys] = [&self.query, &self.key].map(|layer| layer.forward(pass, normal.clone()));
        attention_shares(runs, self.heads, [queries, keys])
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::operation::check::numbers;
    use crate::stream;

    #[test]
    fn law_a_sequence_is_heard_in_no_order_and_by_no_other() {
        let mut weights = Weights::new();
        let block = TransformerBlock::new(&mut weights, "block", 4, 2, &mut stream(1, 0));
        let run = |rows: &[usize], lengths: &[usize]| -> Vec<f32> {
            let values: Vec<f32> = rows.iter().flat_map(|row| numbers(4, *row)).collect();
            let tensor = Tensor::from_data(TensorData::new(values, [rows.len(), 4]), &Device::flex());
            let runs = Runs::of_lengths(lengths.iter().copied());
            let mut pass = Pass::in_use(&weights);
            block.forward(&mut pass, &runs, tensor, 0.5).into_data().try_to_vec().unwrap()
        };
        let together = run(&[0, 1, 2, 3, 4], &[3, 2]);
        let (alone, turned) = (run(&[0, 1, 2], &[3]), run(&[2, 0, 1], &[3]));
        assert_eq!(alone, together[..12]);
        for (place, row) in [(0, 2), (1, 0), (2, 1)] {
            for unit in 0..4 {
                assert!((turned[place * 4 + unit] - alone[row * 4 + unit]).abs() < 1e-5);
            }
        }
    }
}
