//! A graph of ten million edges: building, opening, two steps from a node.
//!
//! Beside criterion's means the percentiles over single queries are printed, and rates by processor time, since
//! other work on the machine does not slow them.

#![expect(clippy::print_stdout, reason = "a benchmark prints what criterion has no place for")]

#[path = "support/record.rs"]
mod record;

use std::hint::black_box;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_graph::{NodeId, NodeLabel, PropertyGraph};

const EDGES: usize = 10_000_000;
const QUERIES: usize = 10_000;
/// A way to open a stored graph.
type Opener = fn(&std::path::Path) -> Result<PropertyGraph, twinloom_graph::StoreError>;

/// Processor seconds of this process, user and system.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    // Linux counts hundredths of a second.
    (ticks(11) + ticks(12)) / 100.0
}

fn percentiles(name: &str, mut micros: Vec<f64>) {
    micros.sort_by(f64::total_cmp);
    let at = |percent: usize| micros[(micros.len() * percent / 100).min(micros.len() - 1)];
    println!(
        "{name}: p50 {:.1} us, p99 {:.1} us, longest {:.1} us over {} queries",
        at(50),
        at(99),
        at(100),
        micros.len()
    );
}

fn ten_million(criterion: &mut Criterion) {
    // Every event has three edges: to its patient, its encounter or the next one, and its code.
    let dataset = record::dataset(EDGES / 3);
    let mut group = criterion.benchmark_group("scale");
    group.sample_size(10);
    let before = processor_seconds();
    let graph = PropertyGraph::build(&dataset).expect("within 32 bits");
    let seconds = processor_seconds() - before;
    drop(dataset);
    println!(
        "build: {} nodes, {} edges, {seconds:.2} processor seconds, {:.2} million edges a second and core",
        graph.node_count(),
        graph.edge_count(),
        graph.edge_count() as f64 / seconds / 1e6
    );
    let folder = tempfile::tempdir().expect("a folder for the file");
    let path = folder.path().join("graph");
    graph.write(&path).expect("disk space");
    drop(graph);
    for (name, open) in [("open", PropertyGraph::open as Opener), ("read", PropertyGraph::read)] {
        group.bench_function(BenchmarkId::new(name, EDGES), |bencher| {
            bencher.iter(|| open(black_box(&path)).expect("just written"));
        });
    }
    let graph = PropertyGraph::open(&path).expect("just written");
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let patients = graph.node_tables().iter().find(|table| *table.label() == NodeLabel::Patient);
    let patients: Vec<NodeId> = patients.map(|table| table.nodes().collect()).unwrap_or_default();
    let all: Vec<NodeId> = graph.node_tables().iter().flat_map(twinloom_graph::NodeTable::nodes).collect();
    for (name, nodes) in [("two steps from a patient", &patients), ("two steps from any node", &all)] {
        let micros = (0..QUERIES)
            .map(|_| {
                let node = nodes[rng.random_range(0..nodes.len())];
                let begun = Instant::now();
                black_box(graph.reach(black_box(node), 2, None));
                begun.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        percentiles(name, micros);
        group.bench_function(name, |bencher| {
            bencher.iter(|| graph.reach(black_box(nodes[rng.random_range(0..nodes.len())]), 2, None));
        });
    }
    group.finish();
}

criterion_group!(benches, ten_million);
criterion_main!(benches);
