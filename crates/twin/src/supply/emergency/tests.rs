use super::*;
use crate::stream::StreamKey;
use crate::supply::erlang::{ErlangC, assert_agrees};
use crate::supply::{DemandKind, SupplyParameters};

fn plain(places: f64) -> EmergencyParameters {
    EmergencyParameters {
        triage_nurses_per_1000: 0.0,
        triage_minutes: 0.0,
        care_places_per_1000: places,
        staffing_by_hour: [1.0; 24],
        patience_minutes: [0.0; 5],
        ..SupplyParameters::default().emergency
    }
}

fn arrival(at: Moment, person: u64, acuity: Acuity) -> Demand {
    Demand {
        at,
        person,
        sequence: 0,
        process: 1,
        kind: DemandKind::Emergency { acuity, by_ambulance: false },
        practice: 0,
        age_years: 40.0,
        imd_decile: 5,
        missing_ratio: 1.0,
    }
}

/// Mean wait in minutes and share who wait, of 9,000 people after 1,000 others.
fn replication(places: u32, load: f64, number: u64) -> (f64, f64) {
    let start = Moment::from_micros(0);
    let mut department = EmergencyDepartment::new(&plain(f64::from(places)), 1_000.0, start, 1);
    let mut stream = StreamKey::new(23, "erlang").open(u64::from(places) << 32 | number);
    let (mut answers, mut measures) = (Vec::new(), Measures::new(start));
    let mut now = 0;
    for person in 0..10_000 {
        now += exponential_micros(60.0 / (f64::from(places) * load), &mut stream);
        let at = Moment::from_micros(now);
        let patient = Patient {
            rank: (0, now),
            person,
            sequence: 0,
            process: 1,
            quintile: 0,
            arrived: at,
            triaged: at,
            patience_ends: Moment::NEVER,
            care_micros: exponential_micros(60.0, &mut stream),
        };
        department.at_triage.push(Reverse((at, patient)));
        if person % 7 == 0 {
            department.run(at, &mut answers, &mut measures);
        }
    }
    department.run(Moment::NEVER, &mut answers, &mut measures);
    assert_eq!(answers.len(), 10_000);
    let (mut waited, mut delayed) = (0.0, 0.0);
    for answer in answers.iter().filter(|answer| answer.person >= 1_000) {
        let Outcome::Emergency { triaged, seen, .. } = answer.outcome else { panic!("an attendance") };
        waited += (seen.micros() - triaged.micros()) as f64 / MINUTE_MICROS as f64 / 9_000.0;
        delayed += f64::from(u8::from(seen > triaged)) / 9_000.0;
    }
    (waited, delayed)
}

#[test]
fn ref_waits_agree_with_erlang_c() {
    // Poisson arrivals and exponential care of mean 60 minutes, one acuity; 30 independent replications
    // at each (places, load), seed 23; 5 standard errors: false alarm 1 in 40,000 each.
    for (places, load) in [(1, 0.6), (3, 0.8), (6, 0.85)] {
        let seen: Vec<(f64, f64)> = (0..30).map(|number| replication(places, load, number)).collect();
        let arrival_rate = f64::from(places) * load / 60.0;
        let expected = ErlangC { servers: places, arrival_rate, service_rate: 1.0 / 60.0 };
        let waits: Vec<f64> = seen.iter().map(|(wait, _)| *wait).collect();
        let delays: Vec<f64> = seen.iter().map(|(_, delayed)| *delayed).collect();
        assert_agrees(&waits, expected.mean_wait(), 0.06);
        assert_agrees(&delays, expected.probability_of_waiting(), 0.02);
    }
}

#[test]
fn law_the_urgent_are_seen_first_and_places_are_never_exceeded() {
    let start = Moment::from_micros(0);
    let mut department = EmergencyDepartment::new(&plain(2.0), 1_000.0, start, 1);
    let (mut answers, mut measures) = (Vec::new(), Measures::new(start));
    let mut stream = StreamKey::new(3, "acuity").open(1);
    for person in 0..400 {
        let acuity = Acuity::ALL[stream.below(5)];
        department.arrive(&arrival(start.plus_micros(person as i64), person, acuity), acuity, &mut measures);
    }
    department.run(start.plus_days(100.0), &mut answers, &mut measures);
    assert_eq!(answers.len(), 400);
    let mut stays: Vec<(Moment, Moment)> = Vec::new();
    for answer in &answers {
        let Outcome::Emergency { triaged, seen, departed, left_unseen } = answer.outcome else {
            panic!("an attendance")
        };
        assert!(!left_unseen && triaged <= seen && seen <= departed && answer.wake >= departed);
        stays.push((seen, departed));
    }
    stays.sort_unstable();
    for (place, stay) in stays.iter().enumerate() {
        let there = stays[..place].iter().filter(|before| before.1 > stay.0).count();
        assert!(there < 2, "two places");
    }
}

#[test]
fn law_people_without_patience_leave_unseen_at_their_time() {
    let start = Moment::from_micros(0);
    let parameters = EmergencyParameters { patience_minutes: [0.0, 60.0, 60.0, 60.0, 60.0], ..plain(1.0) };
    let mut department = EmergencyDepartment::new(&parameters, 1_000.0, start, 1);
    let (mut answers, mut measures) = (Vec::new(), Measures::new(start));
    for person in 0..200 {
        let acuity = Acuity::Standard;
        department.arrive(&arrival(start, person, acuity), acuity, &mut measures);
    }
    for window in 1..200 {
        department.run(start.plus_days(f64::from(window) / 12.0), &mut answers, &mut measures);
    }
    assert_eq!((answers.len(), department.waiting()), (200, 0));
    let left: u64 = measures.emergency().iter().map(|tally| tally.left_unseen).sum();
    assert!(left > 150, "{left}");
}
