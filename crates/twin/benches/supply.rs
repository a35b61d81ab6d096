//! Demands served per second on one thread: booked appointments, and a mix of all services.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::Rng;
use twinloom_twin::StreamKey;
use twinloom_twin::engine::Moment;
use twinloom_twin::supply::{
    Acuity, Clinic, ClosedSet, Demand, DemandKind, Modality, Priority, Specialty, Supply, SupplyParameters,
    Urgency, Ward,
};

const PEOPLE: u64 = 20_000;
const WINDOW_MICROS: i64 = 2 * 3_600_000_000;

/// What one demand is for.
fn kind(at: Moment, booked_only: bool, draw: &mut impl FnMut(usize) -> usize) -> DemandKind {
    let urgency = Urgency::ALL[draw(3)];
    let clinic = Clinic::ALL[draw(4)];
    let appointment = DemandKind::Appointment { clinic, urgency, earliest: at, minutes: 10 };
    if booked_only {
        return appointment;
    }
    let priority = Priority::ALL[draw(4)];
    match draw(20) {
        0..9 => appointment,
        9..12 => DemandKind::Laboratory { urgent: draw(4) == 0 },
        12..16 => DemandKind::Pharmacy { items: 3 },
        16 => DemandKind::Outpatient {
            specialty: Specialty::ALL[draw(22)],
            priority,
            first: draw(3) == 0,
            earliest: at,
        },
        17 => DemandKind::Emergency { acuity: Acuity::ALL[draw(5)], by_ambulance: false },
        18 => DemandKind::Imaging { modality: Modality::ALL[draw(7)], priority },
        _ => DemandKind::Bed { ward: Ward::ALL[draw(8)], priority, stay_days: 2.0, earliest: at },
    }
}

/// Demands over a number of days, about 17 for each person and year, in order of time.
fn demands(days: u64, booked_only: bool) -> Vec<Demand> {
    let mut stream = StreamKey::new(1, "bench").open(1);
    let count = days * PEOPLE * 17 / 365;
    let mut demands: Vec<Demand> = (0..count)
        .map(|number| {
            let at = Moment::from_micros((stream.next_u64() % (days * 86_400_000_000)) as i64);
            let mut draw = |bound: usize| (stream.next_u64() % bound as u64) as usize;
            let (kind, person) = (kind(at, booked_only, &mut draw), draw(PEOPLE as usize) as u64);
            Demand {
                at,
                person,
                sequence: number as u32,
                process: 1,
                kind,
                practice: (person % 3) as u16,
                age_years: 50.0,
                imd_decile: 5,
                missing_ratio: 1.0,
            }
        })
        .collect();
    demands.sort_by_key(|demand| (demand.at, demand.person, demand.sequence));
    demands
}

fn serve(supply: &mut Supply, demands: &[Demand], answers: &mut Vec<twinloom_twin::supply::Answer>) -> usize {
    let (mut served, mut answered) = (0, 0);
    while served < demands.len() {
        let window = demands[served].at.micros().div_euclid(WINDOW_MICROS) + 1;
        let border = Moment::from_micros(window * WINDOW_MICROS);
        let end = served + demands[served..].partition_point(|demand| demand.at < border);
        supply.serve(border, &demands[served..end], answers);
        answered += answers.len();
        answers.clear();
        served = end;
    }
    answered
}

fn services(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("supply");
    group.sample_size(10);
    for (name, booked_only) in [("appointments", true), ("mix", false)] {
        for days in [30, 120, 480] {
            let demands = demands(days, booked_only);
            let opened = Supply::new(&SupplyParameters::default(), PEOPLE, 3, Moment::from_micros(0), 1, 1);
            let mut answers = Vec::new();
            group.throughput(Throughput::Elements(demands.len() as u64));
            group.bench_with_input(BenchmarkId::new(name, days), &demands, |bencher, demands| {
                bencher.iter_batched(
                    || opened.clone(),
                    |mut supply| serve(&mut supply, demands, &mut answers),
                    criterion::BatchSize::LargeInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, services);
criterion_main!(benches);
