//! Measures of random hypergraphs: eigenvector centralities and the s-line graph, at three sizes.

use std::hint::black_box;
use std::num::NonZeroU32;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_hypergraph::incidence::{Hypergraph, LineGraph, Side, clique_eigenvector, h_eigenvector};

/// `edges` hyperedges of `sizes` distinct nodes out of a tenth as many.
fn random(edges: usize, sizes: std::ops::RangeInclusive<usize>) -> Hypergraph {
    let nodes = (edges / 10) as u32;
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let lists: Vec<Vec<u32>> = (0..edges)
        .map(|_| {
            let size = rng.random_range(sizes.clone());
            let mut members = Vec::new();
            while members.len() < size {
                let node = rng.random_range(0..nodes);
                if !members.contains(&node) {
                    members.push(node);
                }
            }
            members
        })
        .collect();
    Hypergraph::from_edges(nodes, &lists).expect("nodes are below their number")
}

fn measures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("incidence");
    group.sample_size(20);
    for edges in [1_000, 10_000, 100_000] {
        let mixed = random(edges, 2..=6);
        group.bench_with_input(BenchmarkId::new("clique", edges), &mixed, |bencher, input| {
            bencher.iter(|| clique_eigenvector(black_box(input)));
        });
        let triples = random(edges, 3..=3);
        group.bench_with_input(BenchmarkId::new("h_uniform", edges), &triples, |bencher, input| {
            bencher.iter(|| h_eigenvector(black_box(input)));
        });
        group.bench_with_input(BenchmarkId::new("h_mixed", edges), &mixed, |bencher, input| {
            bencher.iter(|| h_eigenvector(black_box(input)));
        });
        group.bench_with_input(BenchmarkId::new("line_graph_2", edges), &mixed, |bencher, input| {
            bencher.iter(|| LineGraph::of(black_box(input), Side::Edges, NonZeroU32::MIN.saturating_add(1)));
        });
    }
    group.finish();
}

criterion_group!(benches, measures);
criterion_main!(benches);
