//! Loading graphs of several sizes into the database: the time must grow as the graph does.

#[path = "support/record.rs"]
mod record;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use twinloom_graph::{Database, PropertyGraph};

/// Sizes of the records whose graphs are loaded; an event has three edges.
const EVENTS: [usize; 4] = [20_000, 40_000, 80_000, 160_000];

fn database(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("database");
    group.sample_size(10);
    for events in EVENTS {
        let graph = PropertyGraph::build(&record::dataset(events)).expect("small");
        let folder = tempfile::tempdir().expect("a folder for the database");
        group.throughput(Throughput::Elements(graph.edge_count() as u64));
        group.bench_function(BenchmarkId::new("load", graph.edge_count()), |bencher| {
            bencher.iter(|| {
                Database::build(black_box(&graph), graph.fingerprint(), folder.path()).expect("disk space");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, database);
criterion_main!(benches);
