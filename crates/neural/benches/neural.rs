//! Epochs of training on one large graph: 100,000 nodes, 1,000,000 edges, width 64.
//!
//! `benches/peers/run-graph` runs the same shapes through another program.

use criterion::{Criterion, criterion_group, criterion_main};
use twinloom_neural::{FitParameters, Objective, Weights, fit};

mod large_graph;

use large_graph::{AttentionEpoch, SageEpoch, WIDTH, features, graph};

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One epoch.
fn epoch(criterion: &mut Criterion, name: &str, objective: &impl Objective, weights: &Weights) {
    let parameters = FitParameters { epochs: 1, ..FitParameters::default() };
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| fit(objective, weights.clone(), &parameters, 1, None, &|_| {}));
    });
}

fn epochs(criterion: &mut Criterion) {
    let graph = graph();
    let (sage, weights) = SageEpoch::new(&graph);
    epoch(criterion, "GraphSAGE epoch, 100,000 nodes, 1,000,000 edges", &sage, &weights);
    let (attention, weights) = AttentionEpoch::new(&graph);
    epoch(criterion, "graph attention epoch, 100,000 nodes, 1,000,000 edges", &attention, &weights);
    let messages = features();
    let matrix = graph.clone().into_row_means();
    criterion.bench_function("sparse product, 1,000,000 x 64", |bencher| {
        bencher.iter(|| matrix.multiply(&messages, WIDTH));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = epochs
}
criterion_main!(benches);
