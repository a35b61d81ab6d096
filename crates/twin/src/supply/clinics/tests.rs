use super::*;
use crate::stream::StreamKey;
use crate::supply::{Modality, Specialty, SupplyParameters};

fn start() -> Moment {
    Moment::from_micros(18_267 * MICROSECONDS_PER_DAY) // Monday, 2020-01-06
}

fn clinics(
    purpose: Purpose,
    service: ServiceKind,
    slots_per_year: f64,
    attendance: AttendanceParameters,
) -> Clinics {
    let settings = SupplyParameters::default().outpatient;
    let rules = LaneRules {
        hours: settings.hours,
        rule: settings.rule,
        notice_days: 14,
        least_notice_days: 5,
        urgent_notice_days: 3,
        held_share: 0.2,
        held_release_days: 7,
        backlog_weeks: 0.0,
        initiative_above_weeks: 520.0,
        initiative_extra_share: 0.0,
    };
    let cost = super::super::UnitCost::default();
    let parameters = LaneParameters { slots_per_1000_per_year: slots_per_year, slot_minutes: 20, cost };
    let wanted = [NewClinic { service, purpose, parameters, list_weeks: None }];
    Clinics::new(&wanted, rules, attendance, 1_000.0, start(), DemandDraws::new(3, "test"))
}

fn run(clinics: &mut Clinics, days: i64, per_day: f64) -> (Vec<Answer>, Measures) {
    let (calendar, mut measures, mut answers) = (Calendar::england(), Measures::new(start()), Vec::new());
    let mut stream = StreamKey::new(2, "clinics").open(1);
    let mut owed = 0.0;
    for day in 0..days {
        owed += per_day;
        while owed >= 1.0 {
            owed -= 1.0;
            let at = start().plus_days(day as f64 + stream.uniform() * 0.2);
            let demand = Demand {
                at,
                person: answers.len() as u64 + stream.next_u64() % 1_000_000,
                sequence: 0,
                process: 0,
                kind: super::super::DemandKind::Laboratory { urgent: false },
                practice: 0,
                age_years: 50.0,
                imd_decile: 1,
                missing_ratio: 1.0,
            };
            clinics.ask(&demand, 0, Priority::Routine, at, &mut measures);
        }
        clinics.run(start().plus_days(day as f64 + 1.0), &calendar, &mut answers, &mut measures);
    }
    (answers, measures)
}

#[test]
fn ref_the_wait_of_an_overloaded_clinic_grows_by_the_excess() {
    // 3 referrals on each of 7 days for 18 slots a week less 8 bank holidays: after 52 weeks about 185
    // people wait, less those booked up to 14 days ahead, 8 weeks of work; with everybody attending, the last are seen about that long after they asked.
    let rates = super::super::LeadRates::default();
    let attendance = AttendanceParameters {
        did_not_attend: rates,
        cancelled_by_patient: rates,
        hospital_did_not_attend: 0.0,
        hospital_cancelled_by_provider: 0.0,
    };
    let service = ServiceKind::OutpatientFirst(Specialty::Cardiology);
    let mut clinics = clinics(Purpose::First, service, 18.0 * WEEKS, attendance);
    let (answers, measures) = run(&mut clinics, 364, 3.0);
    let last = answers.last().unwrap();
    let Outcome::Appointment { start: seen, .. } = last.outcome else { panic!("an appointment") };
    let waiting = clinics.lists[0].lane.entries().count() as f64;
    assert!((waiting - 165.0).abs() < 30.0, "{waiting}");
    assert!(seen.days_since(start()) > 364.0);
    let referrals = &measures.referrals()[0];
    assert_eq!(referrals.stopped, answers.len() as u64);
    assert_eq!(referrals.breaches(), 0, "9 weeks are within 18");
    let longest = referrals.wait.quantile_minutes(1.0).unwrap() as f64 / 1440.0 / 7.0;
    assert!((7.0..12.0).contains(&longest), "{longest} weeks");
    assert!(measures.referral_snapshots().len() >= 12);
}

/// Weeks of work in a year: working days over 5.
const WEEKS: f64 = 252.9 / 5.0;

#[test]
fn law_missed_scans_are_booked_again_until_done() {
    let mut attendance = SupplyParameters::default().attendance;
    attendance.hospital_did_not_attend = 0.4;
    let service = ServiceKind::Imaging(Modality::Ultrasound);
    let purpose = Purpose::Scan { urgent_report_days: 1.0, routine_report_days: 2.0 };
    let mut clinics = clinics(purpose, service, 3_000.0, attendance);
    let (answers, measures) = run(&mut clinics, 200, 3.0);
    let total = measures.service(service).total();
    assert!(total.did_not_attend > 100);
    assert_eq!(total.attended, answers.len() as u64);
    for answer in &answers {
        let Outcome::Imaging { taken, reported } = answer.outcome else { panic!("a scan") };
        assert!(reported > taken && answer.wake >= reported);
    }
}
