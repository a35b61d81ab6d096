//! A graph of ten million edges: building, opening, two steps from a node; and loading the database.
//!
//! People have unequally many events (a Pareto tail of index 1.2) and codes unequally many uses. Beside
//! criterion's means the percentiles over single queries are printed, and rates by processor time, since
//! other work on the machine does not slow them.

#![expect(clippy::print_stdout, reason = "a benchmark prints what criterion has no place for")]

use std::hint::black_box;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_event::{
    Code, Cohort, Dataset, EncounterId, Event, EventKind, MICROSECONDS_PER_DAY, RecordId, SubjectId,
    Timestamp,
};
use twinloom_graph::{Database, NodeId, NodeLabel, PropertyGraph};

const EDGES: usize = 10_000_000;
const EVENTS_PER_ENCOUNTER: usize = 8;
const QUERIES: usize = 10_000;
/// A way to open a stored graph.
type Opener = fn(&std::path::Path) -> Result<PropertyGraph, twinloom_graph::StoreError>;
/// Sizes of the graphs loaded into the database.
const LOADED_EVENTS: [usize; 4] = [20_000, 40_000, 80_000, 160_000];

/// Events of people with unequally long records.
fn dataset(events: usize) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let codes: Vec<Code> =
        (0..20_000).map(|code| Code::new("SNOMED", &code.to_string()).expect("not empty")).collect();
    let mut made = Vec::with_capacity(events);
    let (mut subject, mut encounter) = (0, 0);
    while made.len() < events {
        subject += 1;
        let share = 1.0 - rng.random::<f64>();
        let own = ((10.0 * share.powf(-1.0 / 1.2)) as usize).min(5000);
        for place in 0..own {
            if place % EVENTS_PER_ENCOUNTER == 0 {
                encounter += 1;
            }
            let day = (place / EVENTS_PER_ENCOUNTER) as i64 * 7;
            let time = Timestamp::from_micros(day * MICROSECONDS_PER_DAY).expect("within a century of 1970");
            let code = codes[(rng.random::<f64>().powi(3) * 20_000.0) as usize].clone();
            let encounter_id = EncounterId::new(format!("Encounter/{encounter}")).expect("not empty");
            let event = Event::new(SubjectId::new(subject), Some(time), code).with_encounter_id(encounter_id);
            made.push(if place % EVENTS_PER_ENCOUNTER == 0 {
                let record = RecordId::new(format!("Encounter/{encounter}")).expect("not empty");
                event.with_kind(EventKind::Encounter).with_record_id(record)
            } else {
                let record = RecordId::new(format!("Observation/{}", made.len())).expect("not empty");
                event
                    .with_kind(EventKind::Observation)
                    .with_record_id(record)
                    .with_numeric_value(place as f64)
                    .expect("finite")
            });
        }
    }
    Dataset { cohort: Cohort::from_events(made).expect("few events a subject"), ..Dataset::default() }
}

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
    let dataset = dataset(EDGES / 3);
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

fn database(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("database");
    group.sample_size(10);
    for events in LOADED_EVENTS {
        let graph = PropertyGraph::build(&dataset(events)).expect("small");
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

criterion_group!(benches, ten_million, database);
criterion_main!(benches);
