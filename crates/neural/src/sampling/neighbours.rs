//! Draws neighbours of seeds, and neighbours of those.

use std::collections::BTreeMap;

use crate::SparseMatrix;
use crate::random::mix;

/// What a network of as many layers as fan-outs needs to compute on some seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct NeighbourSample {
    /// The nodes whose features are the input, by their number in the whole graph; the seeds come first.
    pub inputs: Vec<u32>,
    /// The edges of each layer, the one that sees the features first. Row `i` of a layer is its target `i`,
    /// which is also its source `i`; the targets of a layer are the sources of the next, and those of the
    /// last are the seeds. Values are those of the whole graph.
    pub layers: Vec<SparseMatrix>,
}

/// Draws for each seed at most `fan_outs[0]` neighbours, for each of those at most `fan_outs[1]`, and so on,
/// without replacement; nothing limits where a fan-out is none.
///
/// Which neighbours of a node are drawn depends on the key, the layer and the node alone: not on the other
/// seeds or the number of threads.
///
/// # Source
/// Hamilton, Ying and Leskovec, Inductive Representation Learning on Large Graphs (NeurIPS 2017), algorithm 2
/// lines 1 to 7; uniform, each set of a size being as likely as another (the paper allows replacement).
///
/// # Panics
/// When a seed is not a row of the adjacency, or the adjacency is not square.
pub fn sample_neighbours(
    adjacency: &SparseMatrix,
    seeds: &[u32],
    fan_outs: &[Option<usize>],
    key: u64,
) -> NeighbourSample {
    assert_eq!(adjacency.rows(), adjacency.columns(), "the adjacency of one set of nodes");
    let mut inputs = seeds.to_vec();
    let mut places: BTreeMap<u32, u32> =
        seeds.iter().enumerate().map(|(place, node)| (*node, place as u32)).collect();
    let mut layers = Vec::with_capacity(fan_outs.len());
    for (layer, fan_out) in fan_outs.iter().enumerate() {
        let layer_key = mix(key, layer as u64);
        let targets = inputs.len();
        let mut rows = Vec::with_capacity(targets);
        for target in 0..targets {
            let row = drawn(adjacency, inputs[target], *fan_out, layer_key);
            let row = row.into_iter().map(|(node, value)| {
                let place = *places.entry(node).or_insert_with(|| {
                    inputs.push(node);
                    inputs.len() as u32 - 1
                });
                (place, value)
            });
            rows.push(row.collect::<Vec<_>>());
        }
        let edges = SparseMatrix::from_rows(inputs.len(), rows)
            .expect("columns are places among the inputs, values those of a sparse matrix");
        layers.push(edges);
    }
    layers.reverse();
    NeighbourSample { inputs, layers }
}

/// The neighbours of a node with the least random numbers, in the order of the adjacency.
fn drawn(adjacency: &SparseMatrix, node: u32, fan_out: Option<usize>, key: u64) -> Vec<(u32, f32)> {
    let (neighbours, values) = adjacency.row(node as usize);
    let all = || neighbours.iter().copied().zip(values.iter().copied());
    match fan_out {
        Some(most) if most < neighbours.len() => {
            let own = mix(key, u64::from(node));
            let mut lots: Vec<(u64, usize)> =
                (0..neighbours.len()).map(|place| (mix(own, place as u64), place)).collect();
            lots.sort_unstable();
            lots.truncate(most);
            let mut kept: Vec<usize> = lots.into_iter().map(|lot| lot.1).collect();
            kept.sort_unstable();
            kept.into_iter().map(|place| (neighbours[place], values[place])).collect()
        }
        _ => all().collect(),
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor, TensorData};
    use proptest::prelude::*;

    use super::*;
    use crate::layer::{Neighbours, Sage};
    use crate::trainer::numbers;
    use crate::{Aggregator, Pass, Weights, stream};

    fn graph(nodes: usize, edges: &[(u32, u32)]) -> SparseMatrix {
        let edges: Vec<(u32, u32)> =
            edges.iter().map(|(a, b)| (a % nodes as u32, b % nodes as u32)).collect();
        SparseMatrix::from_edges(nodes, &edges).unwrap()
    }

    proptest! {
        #[test]
        fn law_unlimited_fan_outs_give_the_whole_graphs_result(
            nodes in 2_usize..25, edges in prop::collection::vec((0_u32..100, 0_u32..100), 0..60), key in any::<u64>()
        ) {
            let adjacency = graph(nodes, &edges);
            let (mut weights, mut rng) = (Weights::new(), stream(3, 0));
            let layers = [
                Sage::mean(&mut weights, "first", 3, 4, &mut rng),
                Sage::mean(&mut weights, "second", 4, 2, &mut rng),
            ];
            let features = crate::operation::check::numbers(nodes * 3, 1);
            let pass = Pass::in_use(&weights);
            let run = |maps: [&SparseMatrix; 2], rows: Vec<f32>| {
                let rows = Tensor::<2>::from_data(TensorData::new(rows.clone(), [rows.len() / 3, 3]), &Device::flex());
                let hear = |rows, place: usize| {
                    let means = Neighbours::Mean(Aggregator::new(maps[place].clone().into_row_means()));
                    layers[place].forward(&pass, &means, rows)
                };
                numbers(hear(hear(rows, 0).tanh(), 1))
            };
            let whole = run([&adjacency, &adjacency], features.clone());
            let seeds = [1_u32, 0];
            let sample = sample_neighbours(&adjacency, &seeds, &[None, None], key);
            let own: Vec<f32> =
                sample.inputs.iter().flat_map(|node| features[*node as usize * 3..][..3].to_vec()).collect();
            let found = run([&sample.layers[0], &sample.layers[1]], own);
            prop_assert_eq!(found.len(), 4);
            for (place, seed) in seeds.iter().enumerate() {
                for column in 0..2 {
                    // Neighbours are summed in another order.
                    let difference = found[place * 2 + column] - whole[*seed as usize * 2 + column];
                    prop_assert!(difference.abs() < 1e-5, "{}", difference);
                }
            }
        }

        #[test]
        fn law_samples_are_neighbours_and_no_more_than_asked_whatever_the_other_seeds(
            nodes in 3_usize..25, edges in prop::collection::vec((0_u32..100, 0_u32..100), 0..90), key in any::<u64>()
        ) {
            let adjacency = graph(nodes, &edges);
            let named = |sample: &NeighbourSample, target: usize| -> Vec<u32> {
                let columns = sample.layers[0].row(target).0;
                let mut own: Vec<u32> = columns.iter().map(|place| sample.inputs[*place as usize]).collect();
                own.sort_unstable();
                own
            };
            let one = sample_neighbours(&adjacency, &[2], &[Some(2)], key);
            let many = sample_neighbours(&adjacency, &[0, 1, 2], &[Some(2)], key);
            prop_assert_eq!(named(&one, 0), named(&many, 2));
            let neighbours = adjacency.row(2).0;
            prop_assert_eq!(named(&one, 0).len(), neighbours.len().min(2));
            prop_assert!(named(&one, 0).iter().all(|node| neighbours.contains(node)));
        }
    }

    #[test]
    fn law_every_neighbour_is_as_likely() {
        // 6 neighbours, 2 drawn, 3,000 keys: each is drawn 1,000 times in the mean with a standard deviation of
        // 26; 5 of them fail in fewer than one of 250,000 choices of the keys, which are fixed.
        let adjacency = graph(7, &[(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6)]);
        let mut drawn = [0_usize; 7];
        for key in 0..3_000 {
            let sample = sample_neighbours(&adjacency, &[0], &[Some(2)], key);
            sample.inputs[1..].iter().for_each(|node| drawn[*node as usize] += 1);
        }
        assert!(drawn[1..].iter().all(|count| count.abs_diff(1_000) < 130), "{drawn:?}");
    }
}
