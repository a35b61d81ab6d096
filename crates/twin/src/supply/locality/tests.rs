use std::collections::BTreeMap;

use crate::supply::measures::day_of;

use super::*;
use crate::stream::{Stream, StreamKey};
use crate::supply::{Acuity, Attendance, Outcome, Urgency};
use twinloom_event::MICROSECONDS_PER_DAY;

const MINUTE: i64 = 60_000_000;
const WINDOW: i64 = 120 * MINUTE;
const PEOPLE: u64 = 3_000;
const PRACTICES: u16 = 2;

fn start() -> Moment {
    Moment::from_micros(18_262 * MICROSECONDS_PER_DAY) // 2020-01-01
}

fn kind(at: Moment, stream: &mut Stream) -> DemandKind {
    let priority = *Priority::ALL.get(stream.below(4)).unwrap();
    let earliest = if stream.chance(0.3) { at.plus_days(stream.uniform() * 60.0) } else { at };
    match stream.below(100) {
        0..55 => DemandKind::Appointment {
            clinic: Clinic::ALL[stream.below(5)],
            urgency: Urgency::ALL[stream.below(3)],
            earliest,
            minutes: [10, 10, 15, 20][stream.below(4)],
        },
        55..65 => DemandKind::Outpatient {
            specialty: Specialty::ALL[stream.below(22)],
            priority,
            first: stream.chance(0.4),
            earliest,
        },
        65..71 => DemandKind::Emergency { acuity: Acuity::ALL[stream.below(5)], by_ambulance: false },
        71..74 => DemandKind::Bed {
            ward: Ward::ALL[stream.below(8)],
            priority,
            stay_days: (stream.uniform() * 6.0) as f32,
            earliest: at,
        },
        74..80 => DemandKind::Imaging { modality: Modality::ALL[stream.below(7)], priority },
        80..92 => DemandKind::Laboratory { urgent: stream.chance(0.2) },
        _ => DemandKind::Pharmacy { items: 1 + stream.below(5) as u8 },
    }
}

/// Demands of a number of days, about 25 for each person and year, in order.
fn demands(days: i64, seed: u64) -> Vec<Demand> {
    let mut stream = StreamKey::new(seed, "demands").open(1);
    let count = (days as f64 * PEOPLE as f64 * 25.0 / 365.0) as usize;
    let mut demands: Vec<Demand> = (0..count)
        .map(|number| {
            let at = start().plus_days(stream.uniform() * days as f64);
            let person = stream.below(PEOPLE as usize) as u64;
            Demand {
                at,
                person,
                sequence: number as u32,
                process: number as u16 % 50,
                kind: kind(at, &mut stream),
                practice: (person % u64::from(PRACTICES)) as u16,
                age_years: stream.uniform() as f32 * 90.0,
                imd_decile: 1 + (person % 10) as u8,
                missing_ratio: 1.0,
            }
        })
        .collect();
    demands.sort_by_key(|demand| (demand.at, demand.person, demand.sequence));
    demands
}

/// Window by window, with the border at which each answer came; carries on for as long again.
fn serve(supply: &mut Supply, demands: &[Demand], days: i64) -> Vec<(Moment, Answer)> {
    let (mut all, mut answers, mut served) = (Vec::new(), Vec::new(), 0);
    for window in 1..=days * 12 {
        let border = start().plus_micros(window * WINDOW);
        let end = served + demands[served..].partition_point(|demand| demand.at < border);
        if end > served || supply.next_due().is_some_and(|due| due < border) {
            supply.serve(border, &demands[served..end], &mut answers);
            all.extend(answers.drain(..).map(|answer| (border, answer)));
        }
        served = end;
    }
    all
}

#[test]
fn law_every_demand_gets_one_answer_of_its_kind_and_none_before_the_border() {
    let asked = demands(40, 1);
    let mut supply = Supply::new(&SupplyParameters::default(), PEOPLE, PRACTICES, start(), 7, 1);
    let answers = serve(&mut supply, &asked, 40);
    let by_number: BTreeMap<u32, &Demand> = asked.iter().map(|demand| (demand.sequence, demand)).collect();
    let mut seen = std::collections::BTreeSet::new();
    for (border, answer) in &answers {
        assert!(answer.wake >= *border && seen.insert(answer.sequence), "once, never into the past");
        let demand = by_number[&answer.sequence];
        assert_eq!((demand.person, demand.process), (answer.person, answer.process));
        let matches = match (demand.kind, answer.outcome) {
            (
                DemandKind::Appointment { earliest, .. } | DemandKind::Outpatient { earliest, .. },
                Outcome::Appointment { booked, start, called, attendance, .. },
            ) => {
                let offered = start > booked;
                assert!(booked >= demand.at && called >= start);
                assert!(!offered || start >= demand.at.max(earliest) || is_out_of_hours(demand));
                attendance != Attendance::Attended || answer.wake == start.max(*border)
            }
            (DemandKind::Emergency { .. }, Outcome::Emergency { triaged, seen, departed, .. }) => {
                demand.at <= triaged && triaged <= seen && seen <= departed
            }
            (DemandKind::Bed { .. }, Outcome::Bed { requested, admitted, discharged, .. }) => {
                requested == demand.at && requested <= admitted && admitted <= discharged
            }
            (DemandKind::Imaging { .. }, Outcome::Imaging { taken, reported }) => {
                demand.at <= taken && taken < reported
            }
            (DemandKind::Laboratory { .. }, Outcome::Laboratory { received, resulted }) => {
                demand.at <= received && received < resulted
            }
            (DemandKind::Pharmacy { .. }, Outcome::Pharmacy { dispensed }) => dispensed >= demand.at,
            _ => false,
        };
        assert!(matches, "{demand:?} {answer:?}");
    }
    // The rest waits on lists, for a bed, or for the emergency department.
    let measures = supply.close(start().plus_days(40.0));
    let waiting: u64 = ServiceKind::all().map(|service| measures.service(service).waiting_at_end).sum();
    assert_eq!(seen.len() as u64 + waiting, asked.len() as u64);
    let demanded: u64 = ServiceKind::all().map(|service| measures.service(service).total().demands).sum();
    assert_eq!(demanded, asked.len() as u64);
}

fn is_out_of_hours(demand: &Demand) -> bool {
    matches!(demand.kind, DemandKind::Appointment { clinic: Clinic::OutOfHours, .. })
}

#[test]
fn law_nobody_is_seen_at_a_closed_practice_and_no_clinician_is_in_two_places() {
    let asked = demands(130, 2);
    let mut supply = Supply::new(&SupplyParameters::default(), PEOPLE, PRACTICES, start(), 7, 1);
    let answers = serve(&mut supply, &asked, 130);
    let calendar = Calendar::england();
    let by_number: BTreeMap<u32, &Demand> = asked.iter().map(|demand| (demand.sequence, demand)).collect();
    let mut rooms: BTreeMap<(u16, usize, u16), Vec<(Moment, Moment)>> = BTreeMap::new();
    let mut offered = 0;
    for (_, answer) in &answers {
        let demand = by_number[&answer.sequence];
        let DemandKind::Appointment { clinic, .. } = demand.kind else { continue };
        let Outcome::Appointment { booked, start, called, minutes, clinician, attendance } = answer.outcome
        else {
            panic!("an appointment")
        };
        let day = day_of(start);
        let minute = start.micros().rem_euclid(MICROSECONDS_PER_DAY) / MINUTE;
        if clinic == Clinic::OutOfHours {
            assert!(!calendar.is_working_day(day) || !(480..1110).contains(&minute));
        } else if start > booked {
            // Covers New Year's Day, Good Friday, Easter Monday and the early May bank holiday of 2020.
            assert!(calendar.is_working_day(day) && (510..1080).contains(&minute), "{day} {minute}");
            offered += 1;
        }
        if attendance == Attendance::Attended {
            let practice = if clinic == Clinic::OutOfHours { 0 } else { demand.practice };
            let visit = (called, called.plus_micros(i64::from(minutes) * MINUTE));
            rooms.entry((practice, clinic.index(), clinician)).or_default().push(visit);
        }
    }
    assert!(offered > 5_000);
    for visits in rooms.values_mut() {
        visits.sort_unstable();
        assert!(visits.windows(2).all(|pair| pair[0].1 <= pair[1].0), "one at a time");
    }
}

#[test]
fn law_beds_hold_one_person_at_a_time_and_occupancy_stays_within_them() {
    let asked = demands(200, 3);
    let parameters = SupplyParameters::default();
    let mut supply = Supply::new(&parameters, PEOPLE, PRACTICES, start(), 7, 1);
    let answers = serve(&mut supply, &asked, 200);
    let mut beds: BTreeMap<(usize, u16), Vec<(Moment, Moment)>> = BTreeMap::new();
    for (_, answer) in &answers {
        if let Outcome::Bed { admitted, discharged, ward, bed, .. } = answer.outcome {
            beds.entry((ward.index(), bed)).or_default().push((admitted, discharged));
            let minute = discharged.micros().rem_euclid(MICROSECONDS_PER_DAY) / MINUTE;
            assert!((540..=1200).contains(&minute), "discharged at minute {minute}");
        }
    }
    assert!(beds.values().map(Vec::len).sum::<usize>() > 300);
    for stays in beds.values_mut() {
        stays.sort_unstable();
        assert!(stays.windows(2).all(|pair| pair[0].1 <= pair[1].0), "one at a time");
    }
    for ward in Ward::ALL {
        let measured = supply.measures().ward(*ward);
        assert!(measured.most_occupied <= measured.beds);
        assert!(measured.occupied_at_midnight.iter().all(|occupied| u64::from(*occupied) <= measured.beds));
        assert_eq!(measured.occupied_at_midnight.len(), 199, "each midnight before the end");
    }
}

#[test]
fn law_the_same_demands_get_the_same_answers_in_any_windows_they_can_be_known_in() {
    let asked = demands(25, 4);
    let run = |seed| {
        let mut supply = Supply::new(&SupplyParameters::default(), PEOPLE, PRACTICES, start(), seed, 1);
        let answers = serve(&mut supply, &asked, 25);
        (answers, supply.close(start().plus_days(25.0)))
    };
    let (first, second) = (run(7), run(7));
    assert_eq!(first, second);
    assert_ne!(first.0, run(8).0);
    // One window for all days: the same outcomes, woken later.
    let mut supply = Supply::new(&SupplyParameters::default(), PEOPLE, PRACTICES, start(), 7, 1);
    let mut at_once = Vec::new();
    supply.serve(start().plus_days(25.0), &asked, &mut at_once);
    at_once.sort_by_key(|answer| answer.sequence);
    let mut windowed: Vec<Answer> = first.0.into_iter().map(|(_, answer)| answer).collect();
    windowed.sort_by_key(|answer| answer.sequence);
    assert_eq!(at_once.len(), windowed.len());
    for (one, other) in at_once.iter().zip(&windowed) {
        assert_eq!(one.outcome, other.outcome);
    }
}

#[test]
fn law_anothers_demand_shifts_nobodys_draws() {
    // Attendance is drawn by person: with plenty of slots, taking out every third person's demands
    // leaves the fate of the others' appointments unchanged.
    let mut parameters = SupplyParameters::default();
    parameters.practice.general_practitioner.slots_per_1000_per_week *= 5.0;
    let asked: Vec<Demand> = demands(100, 5)
        .into_iter()
        .filter(|demand| {
            matches!(
                demand.kind,
                DemandKind::Appointment {
                    clinic: Clinic::GeneralPractitioner,
                    urgency: Urgency::SameDay,
                    ..
                }
            )
        })
        .collect();
    let fewer: Vec<Demand> = asked.iter().copied().filter(|demand| demand.person % 3 > 0).collect();
    let fates = |asked: &[Demand]| -> BTreeMap<u32, Attendance> {
        let mut supply = Supply::new(&parameters, PEOPLE, PRACTICES, start(), 7, 1);
        let answers = serve(&mut supply, asked, 100);
        let fate = |answer: &Answer| match answer.outcome {
            Outcome::Appointment { attendance, .. } => (answer.sequence, attendance),
            _ => panic!("an appointment"),
        };
        answers.iter().map(|(_, answer)| fate(answer)).collect()
    };
    let (all, some) = (fates(&asked), fates(&fewer));
    assert!(some.len() > 400);
    let same = some.iter().filter(|(number, fate)| all[number] == **fate).count();
    // Someone may get an earlier slot, in a session that is lost or not; nothing else may change.
    assert!(same as f64 > 0.98 * some.len() as f64, "{same} of {}", some.len());
}

#[test]
fn law_more_appointments_do_not_lengthen_the_mean_wait() {
    // Under common random numbers, all demands routine and for now: with one class of slots, earliest
    // first, and nobody missing. With embargoed slots or several classes it need not hold.
    let wait = |ratio: f64| {
        let mut parameters = SupplyParameters::default();
        let sessions = &mut parameters.practice.general_practitioner;
        sessions.slots_per_1000_per_week *= ratio;
        (sessions.same_day_share, sessions.soon_share) = (0.0, 0.0);
        sessions.session_lost_probability = 0.0;
        let asked: Vec<Demand> = demands(60, 6)
            .into_iter()
            .filter(|demand| matches!(demand.kind, DemandKind::Appointment { .. }))
            .map(|demand| {
                let kind = DemandKind::Appointment {
                    clinic: Clinic::GeneralPractitioner,
                    urgency: Urgency::Routine,
                    earliest: demand.at,
                    minutes: 10,
                };
                Demand { kind, ..demand }
            })
            .collect();
        let mut supply = Supply::new(&parameters, PEOPLE, PRACTICES, start(), 7, 1);
        serve(&mut supply, &asked, 60);
        let total = supply.measures().service(ServiceKind::Clinic(Clinic::GeneralPractitioner)).total();
        total.wait.mean_minutes().unwrap()
    };
    let waits: Vec<f64> = [4.0, 5.0, 6.0, 8.0].into_iter().map(wait).collect();
    assert!(waits.windows(2).all(|pair| pair[1] <= pair[0] + 1.0), "{waits:?}");
}

#[test]
fn law_those_who_withdraw_leave_their_bed_and_get_no_answer() {
    let mut supply = Supply::new(&SupplyParameters::default(), PEOPLE, PRACTICES, start(), 7, 1);
    let (mut answers, ask) = (Vec::new(), |person, kind| Demand {
        at: start(),
        person,
        sequence: 0,
        process: 0,
        kind,
        practice: 0,
        age_years: 70.0,
        imd_decile: 3,
        missing_ratio: 1.0,
    });
    let bed = DemandKind::Bed {
        ward: Ward::Elderly,
        priority: Priority::Emergency,
        stay_days: 30.0,
        earliest: start(),
    };
    let clinic = DemandKind::Outpatient {
        specialty: Specialty::Cardiology,
        priority: Priority::Routine,
        first: true,
        earliest: start(),
    };
    let border = start().plus_micros(WINDOW);
    supply.serve(border, &[ask(1, bed), ask(2, clinic)], &mut answers);
    assert_eq!(answers.len(), 1);
    supply.withdraw(border, 1);
    supply.withdraw(border, 2);
    assert_eq!(supply.next_due(), None);
    supply.serve(start().plus_days(300.0), &[], &mut answers);
    assert_eq!(answers.len(), 1);
    assert!(supply.measures().ward(Ward::Elderly).occupied_at_midnight.iter().all(|occupied| *occupied == 0));
}
