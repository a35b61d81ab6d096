//! Every pair of 200 conditions of 100,000 people in 20 strata, and what is made of the pairs.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_hypergraph::network::{EnrichmentParams, NetworkParams, PairsParams};
use twinloom_hypergraph::{Onset, People, Trait};

const CONDITIONS: usize = 200;

/// People with conditions of prevalences from 0.1 % to 20 %, in twenty clusters that go together, more
/// common with age; one in fifty onsets undated.
fn people(count: usize) -> People {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut unit = || (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut builder = People::builder();
    let conditions: Vec<_> =
        (0..CONDITIONS).map(|number| builder.condition(&format!("condition {number:03}"))).collect();
    let (mut sexes, mut ages) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let (sex, age) = ((unit() * 2.0) as usize, (unit() * 10.0) as usize);
        let frail: Vec<bool> = (0..20).map(|_| unit() < 0.1).collect();
        let mut onsets = Vec::new();
        for (number, condition) in conditions.iter().enumerate() {
            let prevalence = 0.001 * 200_f64.powf((number * 7 % CONDITIONS) as f64 / CONDITIONS as f64);
            let relative = (0.4 + 0.12 * age as f64) * if frail[number % 20] { 3.0 } else { 0.8 };
            if unit() < prevalence * relative {
                let day = (unit() * 10_000.0) as i32;
                let onset =
                    if unit() < 0.02 { Onset::undated(*condition) } else { Onset::on(*condition, day) };
                onsets.push(onset);
            }
        }
        builder.person(&onsets, None);
        sexes.push(["female", "male"][sex]);
        ages.push(format!("{age}0-{age}9"));
    }
    let sex = Trait::new("sex", sexes.into_iter().map(Some)).expect("it has a name");
    let age = Trait::new("age", ages.iter().map(|age| Some(age.as_str()))).expect("it has a name");
    let people = builder.build().with_trait(sex).expect("it is of everybody");
    people.with_trait(age).expect("it is of everybody")
}

fn network(criterion: &mut Criterion) {
    let strata = vec!["sex".to_owned(), "age".to_owned()];
    let params = PairsParams { strata: strata.clone(), ..PairsParams::default() };
    let mut group = criterion.benchmark_group("network");
    group.sample_size(10);
    for count in [1_000, 10_000, 100_000] {
        let people = people(count);
        group.throughput(Throughput::Elements((CONDITIONS * (CONDITIONS - 1) / 2) as u64));
        group.bench_function(format!("pairs of {count} people"), |bencher| {
            bencher.iter(|| params.measure(black_box(&people)).expect("the traits are there"));
        });
    }
    let people = people(100_000);
    let pairs = params.measure(&people).expect("the traits are there");
    let join = NetworkParams::default();
    group.bench_function("join and divide", |bencher| {
        bencher.iter(|| join.join(black_box(&pairs)).expect("the defaults are permitted"));
    });
    let groups = join.join(&pairs).expect("the defaults are permitted").groups(&pairs);
    let enrichment = EnrichmentParams { traits: strata, ..EnrichmentParams::default() };
    group.bench_function("enrichment of 100000 people", |bencher| {
        bencher.iter(|| enrichment.test(black_box(&people), &groups).expect("the traits are there"));
    });
    group.finish();
}

criterion_group!(benches, network);
criterion_main!(benches);
