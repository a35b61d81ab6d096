//! Building the graph of 100,000 events, storing it, and reading it as of a time.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_event::{
    Code, Cohort, Dataset, EncounterId, Event, EventKind, MICROSECONDS_PER_DAY, RecordId, SubjectId,
    Timestamp,
};
use twinloom_graph::{Instance, PropertyGraph, TaskGraph, Vocabulary};

const EVENTS_PER_SUBJECT: usize = 200;
const EVENTS_PER_ENCOUNTER: usize = 10;
const DAYS: i64 = 3650;

fn dataset(events: usize) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let codes: Vec<Code> =
        (0..2000).map(|code| Code::new("SNOMED", &code.to_string()).expect("not empty")).collect();
    let events = (0..events)
        .map(|index| {
            let subject = SubjectId::new((index / EVENTS_PER_SUBJECT) as i64);
            let encounter = index / EVENTS_PER_ENCOUNTER;
            let day = (encounter % (EVENTS_PER_SUBJECT / EVENTS_PER_ENCOUNTER)) as i64 * DAYS * 10
                / EVENTS_PER_SUBJECT as i64;
            let time =
                Timestamp::from_micros(day * MICROSECONDS_PER_DAY).expect("within a few decades of 1970");
            // Codes are used unevenly, as in a record: the square of a uniform draw.
            let code = codes[(rng.random::<f64>().powi(2) * 2000.0) as usize].clone();
            let encounter_id = format!("Encounter/{encounter}");
            let event = Event::new(subject, Some(time), code)
                .with_encounter_id(EncounterId::new(encounter_id.clone()).expect("not empty"));
            if index % EVENTS_PER_ENCOUNTER == 0 {
                event
                    .with_kind(EventKind::Encounter)
                    .with_record_id(RecordId::new(encounter_id).expect("not empty"))
            } else {
                event
                    .with_kind(EventKind::Observation)
                    .with_record_id(RecordId::new(format!("Observation/{index}")).expect("not empty"))
                    .with_numeric_value(index as f64)
                    .expect("finite")
            }
        })
        .collect();
    Dataset { cohort: Cohort::from_events(events).expect("few events a subject"), ..Dataset::default() }
}

fn build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("build");
    group.sample_size(10);
    for events in [10_000, 100_000] {
        let dataset = dataset(events);
        let edges = PropertyGraph::build(&dataset).expect("small").edge_count();
        group.throughput(Throughput::Elements(edges as u64));
        group.bench_function(BenchmarkId::new("events", events), |bencher| {
            bencher.iter(|| PropertyGraph::build(black_box(&dataset)).expect("small"));
        });
    }
    group.finish();
}

fn as_of(criterion: &mut Criterion) {
    let graph = PropertyGraph::build(&dataset(100_000)).expect("small");
    let patient = graph.patient(SubjectId::new(17)).expect("there are 500 subjects");
    let at = Timestamp::from_micros(DAYS / 2 * MICROSECONDS_PER_DAY).expect("within a few decades of 1970");
    criterion.bench_function("as_of/one_patients_edges", |bencher| {
        bencher.iter(|| graph.edges_from(black_box(patient), Some(at)).count());
    });
    criterion.bench_function("as_of/two_steps", |bencher| {
        bencher.iter(|| {
            let events = graph.edges_from(black_box(patient), Some(at));
            events.map(|edge| graph.edges_from(edge.target, Some(at)).count()).sum::<usize>()
        });
    });
    criterion.bench_function("neighbourhood/depth_2_of_40", |bencher| {
        bencher.iter(|| graph.neighbourhood(black_box(patient), 2, 40, Some(at)));
    });
}

fn task_graph(criterion: &mut Criterion) {
    let dataset = dataset(100_000);
    let at = Timestamp::from_micros(DAYS * MICROSECONDS_PER_DAY).expect("within a few decades of 1970");
    let instances: Vec<Instance> =
        (0..500).map(|subject| Instance { subject_id: SubjectId::new(subject), as_of: at }).collect();
    let vocabulary = Vocabulary::of_instances(&dataset.cohort, &instances, 1);
    let graph = TaskGraph::build(&dataset.cohort, &instances, &vocabulary).expect("small");
    let mut group = criterion.benchmark_group("task_graph");
    group.sample_size(10);
    group.bench_function("500_instances", |bencher| {
        bencher
            .iter(|| TaskGraph::build(&dataset.cohort, black_box(&instances), &vocabulary).expect("small"));
    });
    group.bench_function("shuffled", |bencher| bencher.iter(|| black_box(&graph).shuffled(7)));
    group.finish();
}

criterion_group!(benches, build, as_of, task_graph);
criterion_main!(benches);
