//! One training epoch of GraphSAGE and the sparse product inside it.
//!
//! A graph of 100,000 nodes and 1,000,000 edges, 64 features, two mean layers 64 - 64 - 2, full batch;
//! forward, backward and one step. The product alone shows how far the memory's speed allows to go.

use std::hint::black_box;

use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};
use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_learn::{Aggregator, SparseMatrix};

const WIDTH: usize = 64;

fn graph(nodes: u32, edges: usize) -> SparseMatrix {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut rows = vec![Vec::new(); nodes as usize];
    for _ in 0..edges {
        rows[rng.random_range(0..nodes as usize)].push((rng.random_range(0..nodes), 1.0));
    }
    SparseMatrix::from_rows(nodes as usize, rows).expect("columns below the number of nodes").into_row_means()
}

fn random(rows: usize, columns: usize, seed: u64) -> TensorData {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let bound = (6.0 / (rows.min(1024) + columns) as f32).sqrt();
    let values: Vec<f32> = (0..rows * columns).map(|_| rng.random_range(-bound..bound)).collect();
    TensorData::new(values, [rows, columns])
}

fn epoch(aggregator: &Aggregator, features: &Tensor<2>, weights: &[Tensor<2>]) -> Vec<Tensor<2>> {
    let weights: Vec<Tensor<2>> =
        weights.iter().map(|weight| weight.clone().detach().require_grad()).collect();
    let [own_1, heard_1, own_2, heard_2] = weights.as_slice() else { unreachable!("four matrices") };
    let heard = aggregator.aggregate(features.clone());
    let hidden = relu(features.clone().matmul(own_1.clone()) + heard.matmul(heard_1.clone()));
    let heard = aggregator.aggregate(hidden.clone());
    let output = hidden.matmul(own_2.clone()) + heard.matmul(heard_2.clone());
    let gradients = output.powi_scalar(2).mean().backward();
    weights
        .iter()
        .map(|weight| {
            let gradient = weight.grad(&gradients).expect("every weight is used");
            weight.clone().inner() - gradient * 0.01
        })
        .map(Tensor::from_inner)
        .collect()
}

fn learn(criterion: &mut Criterion) {
    let device = Device::flex().autodiff();
    let mut group = criterion.benchmark_group("graphsage");
    group.sample_size(10);
    for (nodes, edges) in [(10_000, 100_000), (100_000, 1_000_000)] {
        let aggregator = Aggregator::new(graph(nodes, edges));
        let features = random(nodes as usize, WIDTH, 2);
        let dense: Vec<f32> = features.clone().try_to_vec().expect("made of f32");
        group.bench_function(format!("product {nodes} nodes {edges} edges"), |bencher| {
            bencher.iter(|| black_box(aggregator.adjacency().multiply(&dense, WIDTH)));
        });
        let features = Tensor::<2>::from_data(features, &device);
        let weights: Vec<Tensor<2>> = [WIDTH, WIDTH, 2, 2]
            .into_iter()
            .enumerate()
            .map(|(index, columns)| Tensor::from_data(random(WIDTH, columns, 3 + index as u64), &device))
            .collect();
        group.bench_function(format!("epoch {nodes} nodes {edges} edges"), |bencher| {
            bencher.iter(|| black_box(epoch(&aggregator, &features, &weights)));
        });
    }
    group.finish();
}

criterion_group!(benches, learn);
criterion_main!(benches);
