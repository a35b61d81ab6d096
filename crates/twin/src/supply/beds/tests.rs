use super::*;
use crate::supply::SupplyParameters;

fn start() -> Moment {
    Moment::from_micros(18_267 * MICROSECONDS_PER_DAY) // Monday, 2020-01-06
}

fn ask(person: u64, hours: f64, ward: Ward, priority: Priority, stay_days: f32) -> (Demand, Admission) {
    let at = start().plus_days(hours / 24.0);
    let kind = crate::supply::DemandKind::Bed { ward, priority, stay_days, earliest: at };
    let demand = Demand {
        at,
        person,
        sequence: 0,
        process: 0,
        kind,
        practice: 0,
        age_years: 30.0,
        imd_decile: 5,
        missing_ratio: 1.0,
    };
    (demand, Admission { ward, priority, stay_days, earliest: at })
}

/// Everybody's ward, admission and discharge in hours after the start.
fn admitted(change: fn(&mut BedParameters), asked: &[(Demand, Admission)]) -> Vec<(u64, Ward, f64, f64)> {
    let mut parameters = SupplyParameters::default();
    change(&mut parameters.beds);
    let mut measures = Measures::new(start());
    let mut wards = Wards::new(&parameters.beds, 1_000.0, start(), 1, &mut measures);
    for (demand, admission) in asked {
        wards.ask(demand, *admission, &mut measures);
    }
    let (mut answers, mut admissions) = (Vec::new(), Vec::new());
    let calendar = Calendar::england();
    wards.run(start().plus_days(30.0), &calendar, &mut answers, &mut admissions, &mut measures);
    let hours = |at: Moment| at.days_since(start()) * 24.0;
    let read = |answer: &Answer| match answer.outcome {
        Outcome::Bed { admitted, discharged, ward, .. } => {
            (answer.person, ward, hours(admitted), hours(discharged))
        }
        other => panic!("{other:?}"),
    };
    answers.iter().map(read).collect()
}

/// One bed and one elective admission a working day on each ward, nobody held back.
fn one_bed_each(beds: &mut BedParameters) {
    (beds.turnaround_minutes, beds.weekend_hold_share, beds.backlog_weeks) = (0.0, 0.0, 0.0);
    for ward in beds.wards.values_mut() {
        (ward.beds_per_1000, ward.elective_per_1000_per_year) = (1.0, 253.0);
    }
    beds.wards.get_mut(&Ward::Medical).unwrap().outliers_to = vec![Ward::Elderly, Ward::Surgical];
}

#[test]
fn ref_a_full_ward_sends_the_next_to_its_outliers_and_then_makes_them_wait() {
    let urgent = |person, hours| ask(person, hours, Ward::Medical, Priority::Emergency, 0.2);
    // Stays from 10:00 of 4.8 hours, so nobody is moved to other hours.
    let seen = admitted(one_bed_each, &[urgent(1, 10.0), urgent(2, 10.1), urgent(3, 10.2), urgent(4, 10.3)]);
    let wards: Vec<(u64, Ward)> = seen.iter().map(|(person, ward, _, _)| (*person, *ward)).collect();
    assert_eq!(wards, [(1, Ward::Medical), (2, Ward::Elderly), (3, Ward::Surgical), (4, Ward::Medical)]);
    assert!((seen[3].2 - 14.8).abs() < 0.01, "the fourth waits for the first to leave");
}

#[test]
fn law_electives_are_admitted_on_working_days_by_priority_while_a_bed_is_free() {
    let routine = |person, hours| ask(person, hours, Ward::Surgical, Priority::Routine, 0.1);
    let soon = ask(9, 60.0, Ward::Surgical, Priority::TwoWeekWait, 0.1);
    let seen =
        admitted(one_bed_each, &[routine(1, 5.0), routine(2, 6.0), routine(3, 7.0), routine(4, 8.0), soon]);
    let order: Vec<u64> = seen.iter().map(|(person, ..)| *person).collect();
    assert_eq!(order.len(), 5);
    let place = |person| order.iter().position(|other| *other == person).unwrap();
    assert!(place(9) < place(4) && place(1) < place(2));
    for (_, _, hours, _) in &seen {
        assert!((hours.rem_euclid(24.0) - 7.5).abs() < 0.01 && hours.rem_euclid(168.0) < 120.0, "{hours}");
    }
}

#[test]
fn law_discharges_fall_into_their_hours_and_fewer_into_weekends() {
    // Fifty people a day for the medical ward of 400 beds.
    let asked: Vec<(Demand, Admission)> = (0..700)
        .map(|person| {
            ask(person, person as f64 * 0.48, Ward::Medical, Priority::Emergency, (person % 9) as f32)
        })
        .collect();
    let many = |beds: &mut BedParameters| beds.wards.get_mut(&Ward::Medical).unwrap().beds_per_1000 = 400.0;
    let seen = admitted(many, &asked);
    assert_eq!(seen.len(), 700);
    let (mut weekend, mut week) = (0, 0);
    for (_, _, admitted, discharged) in seen {
        let hour = discharged.rem_euclid(24.0);
        assert!((9.0..=20.0).contains(&hour), "{hour}");
        if discharged - admitted > 24.0 {
            if discharged.rem_euclid(168.0) < 120.0 { week += 1 } else { weekend += 1 }
        }
    }
    // Two days of seven, less a third.
    assert!(f64::from(weekend) < 0.3 * f64::from(week), "{weekend} {week}");
}

#[test]
fn law_nobody_waits_without_end_where_a_bed_becomes_free() {
    // Two people hold the medical ward's bed and its outlier's for weeks; the third gets the day unit's.
    let full = |beds: &mut BedParameters| {
        one_bed_each(beds);
        beds.wards.get_mut(&Ward::Medical).unwrap().outliers_to = vec![Ward::Elderly];
        beds.wards.get_mut(&Ward::Surgical).unwrap().beds_per_1000 = 0.0;
        beds.escalation_after_hours = 12.0;
    };
    let urgent = |person, hours, days| ask(person, hours, Ward::Medical, Priority::Emergency, days);
    let seen = admitted(full, &[urgent(1, 9.0, 25.0), urgent(2, 9.1, 25.0), urgent(3, 10.0, 2.0)]);
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[2].1, Ward::DayCase);
    assert!((seen[2].2 - 22.0).abs() < 0.01, "{}", seen[2].2);
    // Children wait for a children's bed.
    let child = |person, hours, days| ask(person, hours, Ward::Paediatric, Priority::Emergency, days);
    let alone = |beds: &mut BedParameters| {
        one_bed_each(beds);
        beds.wards.get_mut(&Ward::Paediatric).unwrap().outliers_to = Vec::new();
    };
    let seen = admitted(alone, &[child(1, 9.0, 3.0), child(2, 10.0, 1.0)]);
    assert!(seen.iter().all(|(_, ward, ..)| *ward == Ward::Paediatric));
}
