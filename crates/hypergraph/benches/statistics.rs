//! Intervals, random tables and what may be told, of 100,000 people and 20 conditions.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_hypergraph::statistics::{
    DisclosureRule, Resampling, SummaryOptions, Trades, release_sets, sets_by_chance, summary,
};
use twinloom_hypergraph::{ConditionId, Onset, People};

const CONDITIONS: usize = 20;

/// People with conditions of prevalences from 2 % to 20 %, more common in some people than in others.
fn people(count: usize) -> People {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut unit = || (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut builder = People::builder();
    let ids: Vec<ConditionId> =
        (0..CONDITIONS).map(|number| builder.condition(&format!("c{number:02}"))).collect();
    for _ in 0..count {
        let frailty = 0.3 + 1.4 * unit();
        let mut onsets = Vec::new();
        for (number, condition) in ids.iter().enumerate() {
            if unit() < frailty * 0.02 * 10_f64.powf(number as f64 / CONDITIONS as f64) {
                onsets.push(Onset::on(*condition, (unit() * 10_000.0) as i32));
            }
        }
        builder.person(&onsets, None);
    }
    builder.build()
}

fn statistics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("statistics");
    group.sample_size(10);
    for count in [1_000, 10_000, 100_000] {
        let people = people(count);
        let options = SummaryOptions {
            resampling: Resampling { replicates: 200, ..Resampling::default() },
            ..SummaryOptions::default()
        };
        group.bench_function(format!("200 resamples of {count} people"), |bencher| {
            bencher.iter(|| summary(black_box(&people), &options).expect("no trait is asked for"));
        });
        let ids: Vec<ConditionId> = people.conditions().ids().collect();
        let pairs: Vec<Vec<ConditionId>> = (0..CONDITIONS)
            .flat_map(|a| (a + 1..CONDITIONS).map(move |b| (a, b)))
            .map(|(a, b)| vec![ids[a], ids[b]])
            .collect();
        let trades = Trades { replicates: 200, ..Trades::default() };
        group.bench_function(format!("200 random tables of {count} people"), |bencher| {
            bencher.iter(|| sets_by_chance(black_box(&people), &pairs, None, trades));
        });
        let rule = DisclosureRule::default();
        let threes: Vec<Vec<ConditionId>> = pairs
            .iter()
            .flat_map(|pair| ids.iter().filter(|id| pair[1] < **id).map(|id| vec![pair[0], pair[1], *id]))
            .chain(pairs.iter().cloned())
            .collect();
        group.bench_function(format!("release of {count} people"), |bencher| {
            bencher.iter(|| release_sets(black_box(&people), &threes, None, rule));
        });
    }
    group.finish();
}

criterion_group!(benches, statistics);
criterion_main!(benches);
