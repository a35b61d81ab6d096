//! Graph convolution with a matrix for each relation, all made of a few bases.

use burn::tensor::Tensor;
use rand::Rng;

use super::Linear;
use crate::{Aggregator, Pass, WeightId, Weights, product};

/// A layer of relational graph convolution: of each relation the mean of the neighbours through a matrix of
/// its own, and the node itself through another, without the activation.
///
/// # Source
/// Schlichtkrull et al., Modeling Relational Data with Graph Convolutional Networks (ESWC 2018), equation 2
/// with 1 / c the neighbours' number, and the basis decomposition of equation 3.
///
/// # Shapes
/// `[nodes, inputs] -> [nodes, outputs]`
#[derive(Clone, Copy, Debug)]
pub struct RelationalConvolution {
    /// `[bases, inputs * outputs]`
    bases: WeightId,
    /// `[relations, bases]`
    coefficients: WeightId,
    own: Linear,
    inputs: usize,
    outputs: usize,
    relations: usize,
}

impl RelationalConvolution {
    /// A layer for so many relations, their matrices made of so many bases.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        (inputs, outputs): (usize, usize),
        (relations, bases): (usize, usize),
        rng: &mut impl Rng,
    ) -> Self {
        let bound = (6.0 / (inputs + outputs).max(1) as f32).sqrt();
        Self {
            bases: weights.uniform(&format!("{name}.bases"), [bases, inputs * outputs], bound, rng),
            coefficients: weights.glorot(&format!("{name}.coefficients"), [relations, bases], rng),
            own: Linear::without_bias(weights, &format!("{name}.own"), inputs, outputs, rng),
            inputs,
            outputs,
            relations,
        }
    }

    /// The nodes after hearing their neighbours; the map of each relation has rows that sum to 1.
    ///
    /// # Panics
    /// When there is not one map per relation.
    pub fn forward(&self, pass: &Pass, relations: &[Aggregator], nodes: &Tensor<2>) -> Tensor<2> {
        assert_eq!(relations.len(), self.relations, "one map per relation");
        let matrices = self.matrices(pass);
        relations.iter().enumerate().fold(self.own.forward(pass, nodes.clone()), |sum, (relation, map)| {
            sum + map.aggregate(product(nodes.clone(), self.matrix(&matrices, relation)))
        })
    }

    /// The same for some nodes alone, the targets: of each relation the map to them, and the nodes that it maps
    /// from. Sums come before the matrices, which is less work where the targets are few.
    ///
    /// # Panics
    /// When there is not one map per relation.
    pub fn forward_targets(
        &self,
        pass: &Pass,
        relations: &[(&Aggregator, &Tensor<2>)],
        targets: Tensor<2>,
    ) -> Tensor<2> {
        assert_eq!(relations.len(), self.relations, "one map per relation");
        let matrices = self.matrices(pass);
        relations.iter().enumerate().fold(
            self.own.forward(pass, targets),
            |sum, (relation, (map, sources))| {
                sum + product(map.aggregate((*sources).clone()), self.matrix(&matrices, relation))
            },
        )
    }

    /// A row for each relation.
    fn matrices(&self, pass: &Pass) -> Tensor<2> {
        product(pass.weight(self.coefficients), pass.weight(self.bases))
    }

    fn matrix(&self, matrices: &Tensor<2>, relation: usize) -> Tensor<2> {
        matrices.clone().narrow(0, relation, 1).reshape([self.inputs, self.outputs])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::{numbers as values, slopes_agree};
    use crate::trainer::numbers;
    use crate::{SparseMatrix, stream};
    use burn::tensor::{Device, TensorData};

    #[test]
    fn ref_layer_is_the_sum_of_its_definition() {
        let (nodes, inputs, outputs, bases) = (4, 3, 2, 2);
        let neighbours: [&[(usize, usize)]; 3] = [&[(0, 1), (0, 2), (3, 0)], &[(1, 1), (1, 3), (1, 0)], &[]];
        let maps: Vec<Aggregator> = neighbours
            .iter()
            .map(|pairs| {
                let row = |node| pairs.iter().filter(|p| p.0 == node).map(|p| (p.1 as u32, 1.0)).collect();
                let rows: Vec<Vec<(u32, f32)>> = (0..nodes).map(row).collect();
                Aggregator::new(SparseMatrix::from_rows(nodes, rows).unwrap().into_row_means())
            })
            .collect();
        let mut weights = Weights::new();
        let layer =
            RelationalConvolution::new(&mut weights, "r", (inputs, outputs), (3, bases), &mut stream(2, 0));
        let (v, a, w) = (&weights.blocks()[0], &weights.blocks()[1], &weights.blocks()[2]);
        let h = values(nodes * inputs, 3);
        let mut expected = vec![0.0_f64; nodes * outputs];
        for node in 0..nodes {
            for out in 0..outputs {
                let sum = &mut expected[node * outputs + out];
                for i in 0..inputs {
                    *sum += f64::from(h[node * inputs + i] * w.values()[i * outputs + out]);
                }
                for (relation, pairs) in neighbours.iter().enumerate() {
                    let count = pairs.iter().filter(|pair| pair.0 == node).count() as f64;
                    for (_, other) in pairs.iter().filter(|pair| pair.0 == node) {
                        for i in 0..inputs {
                            for b in 0..bases {
                                *sum += f64::from(a.values()[relation * bases + b])
                                    * f64::from(v.values()[b * inputs * outputs + i * outputs + out])
                                    * f64::from(h[other * inputs + i])
                                    / count;
                            }
                        }
                    }
                }
            }
        }
        let rows = Tensor::<2>::from_data(TensorData::new(h, [nodes, inputs]), &Device::flex());
        let found = numbers(layer.forward(&Pass::in_use(&weights), &maps, &rows));
        for (found, expected) in found.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} against {expected}");
        }
        slopes_agree([[nodes, inputs]], |[rows]| {
            // Weights of one computation with the inputs: both tracked or neither.
            let tracked = rows.is_require_grad();
            let pass = if tracked { Pass::differentiable(&weights) } else { Pass::in_use(&weights) };
            layer.forward(&pass, &maps, &rows)
        });
    }

    #[test]
    fn law_targets_alone_hear_what_they_hear_among_all() {
        // Nodes 0 and 1 hear 2, 3 and 4; the second relation also joins the targets to each other.
        let (inputs, outputs) = (3, 2);
        let maps = [[vec![2, 4], vec![3]], [vec![1], vec![0, 3, 4]]].map(|rows| {
            let rows =
                rows.map(|row| row.into_iter().map(|source| (source, 1.0)).collect::<Vec<(u32, f32)>>());
            let own = SparseMatrix::from_rows(5, rows.clone()).unwrap().into_row_means();
            let all = rows.into_iter().chain(vec![Vec::new(); 3]);
            (Aggregator::new(own), Aggregator::new(SparseMatrix::from_rows(5, all).unwrap().into_row_means()))
        });
        let mut weights = Weights::new();
        let layer =
            RelationalConvolution::new(&mut weights, "r", (inputs, outputs), (2, 2), &mut stream(3, 0));
        let rows =
            Tensor::<2>::from_data(TensorData::new(values(5 * inputs, 4), [5, inputs]), &Device::flex());
        let pass = Pass::in_use(&weights);
        let among_all = layer.forward(&pass, &maps.clone().map(|(_, all)| all), &rows);
        let relations: Vec<_> = maps.iter().map(|(own, _)| (own, &rows)).collect();
        let alone = layer.forward_targets(&pass, &relations, rows.clone().narrow(0, 0, 2));
        for (one, other) in numbers(alone).iter().zip(numbers(among_all.narrow(0, 0, 2))) {
            assert!((one - other).abs() < 1e-5, "{one} against {other}");
        }
    }
}
