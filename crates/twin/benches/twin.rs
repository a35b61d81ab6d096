//! People simulated per second on one thread: the library's modules, both records written.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use twinloom_twin::{TwinError, TwinParameters, run};

fn people(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("run");
    group.sample_size(10);
    for population in [100, 1_000, 4_000] {
        let parameters = TwinParameters { population, threads: 1, ..TwinParameters::default() };
        group.throughput(Throughput::Elements(population));
        group.bench_with_input(
            BenchmarkId::from_parameter(population),
            &parameters,
            |bencher, parameters| {
                bencher.iter(|| {
                    let mut events = 0;
                    run::<TwinError>(
                        parameters,
                        |journey| {
                            events += journey.gp_record.events().len() + journey.truth.events().len();
                            Ok(())
                        },
                        |_| {},
                    )
                    .map(|_| events)
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, people);
criterion_main!(benches);
