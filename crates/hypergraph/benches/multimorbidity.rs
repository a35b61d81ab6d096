//! Undirected and directed hypergraphs of made-up people, from people in memory to weights.
//!
//! The numbers of sets are those that other packages were timed with (6,702 hyperedges of 20 conditions,
//! 10,242 of 23).

#[path = "support/cohort.rs"]
mod made_up;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use twinloom_hypergraph::{Histories, HistoryOptions, Onset, People, Weighting, directed, undirected};

fn cohort(people: u32, conditions: u32, mean: f64) -> People {
    let mut builder = People::builder();
    let ids: Vec<_> = (0..conditions).map(|number| builder.condition(&format!("c{number:03}"))).collect();
    made_up::cohort(people, conditions, mean, |found| {
        let onsets: Vec<_> =
            found.iter().map(|(number, day)| Onset::on(ids[*number as usize], *day)).collect();
        builder.person(&onsets, None);
    });
    builder.build()
}

fn undirected_of(people: &People) -> usize {
    let histories = Histories::of(people, &HistoryOptions::default()).expect("no stratum");
    let structure = undirected::Structure::of(&histories, &undirected::Options::default()).expect("few sets");
    let model = structure.evaluate(histories.mass(), Weighting::Overlap).expect("the mass is its own");
    structure.edges(&model).count()
}

fn directed_of(people: &People) -> (usize, f64) {
    let histories = Histories::of(people, &HistoryOptions::default()).expect("no stratum");
    let structure = directed::Structure::of(&histories, &directed::Options::default()).expect("few sets");
    let model = structure.evaluate(histories.mass(), Weighting::Complete).expect("the mass is its own");
    (structure.sets().len(), model.tail_degrees.iter().sum())
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("multimorbidity");
    group.sample_size(10);
    let people = cohort(100_000, 20, 0.7);
    eprintln!("20 conditions: {} undirected edges", undirected_of(&people));
    group.bench_function("undirected, 100,000 people, 20 conditions", |bencher| {
        bencher.iter(|| undirected_of(black_box(&people)));
    });
    let people = cohort(100_000, 23, 1.2);
    eprintln!("23 conditions: {} directed sets", directed_of(&people).0);
    group.bench_function("directed, 100,000 people, 23 conditions", |bencher| {
        bencher.iter(|| directed_of(black_box(&people)));
    });
    let histories = Histories::of(&people, &HistoryOptions::default()).expect("no stratum");
    let structure = directed::Structure::of(&histories, &directed::Options::default()).expect("few sets");
    group.bench_function("directed, another mass of the same structure", |bencher| {
        bencher.iter(|| structure.evaluate(black_box(histories.mass()), Weighting::Complete));
    });
    group.bench_function("directed, both page ranks", |bencher| {
        let model = structure.evaluate(histories.mass(), Weighting::Complete).expect("the mass is its own");
        bencher.iter(|| {
            [directed::Direction::Successor, directed::Direction::Predecessor]
                .map(|direction| structure.page_rank(&model, direction).residual)
        });
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
