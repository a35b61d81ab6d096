//! Runs the twin and prints what its services did, beside England's waits where they are known.
//!
//! `cargo run --release --example services -- 10000 3` (people, years). Expected: waits near the targets
//! stated in `data/supply.toml`; each line's share can be recomputed from the counts beside it.

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use twinloom_event::Timestamp;
use twinloom_twin::supply::{Clinic, ClosedSet, LeadTime, Measures, ServiceKind, Ward};
use twinloom_twin::{TwinError, TwinParameters, run};

/// Years at the start in which queues settle, not counted in occupancy and waiting lists.
const SETTLING_YEARS: i32 = 1;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let population = arguments.next().map_or(Ok(10_000), |people| people.parse())?;
    let years: i32 = arguments.next().map_or(Ok(3), |years| years.parse())?;
    let start = Timestamp::from_ymd(2020, 1, 1)?;
    let end = Timestamp::from_ymd(2020 + years, 1, 1)?;
    let parameters = TwinParameters { population, start, end, ..TwinParameters::default() };
    let summary = run::<TwinError>(&parameters, |_| Ok(()), |_| {})?;
    let person_years = summary.patients as f64 * f64::from(years);
    services(&summary.supply, person_years);
    hospital(&summary.supply, Timestamp::from_ymd(2020 + SETTLING_YEARS.min(years - 1), 1, 1)?.into());
    Ok(())
}

fn services(measures: &Measures, person_years: f64) {
    println!("per 1,000 person-years; waits in days (median, mean, 90 %)");
    println!(
        "{:42} {:>8} {:>8} {:>6} {:>6} {:>6} {:>8} {:>5} {:>7} {:>7} {:>7} {:>8}",
        "service",
        "demands",
        "met",
        "missed",
        "canc.",
        "none",
        "waiting",
        "used",
        "p50",
        "mean",
        "p90",
        "GBP"
    );
    for service in ServiceKind::all() {
        let measured = measures.service(service);
        let total = measured.total();
        if total.demands == 0 && measured.offered_minutes == 0 {
            continue;
        }
        let rate = |count: u64| count as f64 / person_years * 1000.0;
        let days = |minutes: Option<f64>| minutes.map_or(f64::NAN, |minutes| minutes / 1440.0);
        let quantile = |share| days(total.wait.quantile_minutes(share).map(|minutes| minutes as f64));
        let cost: f64 = (0..5).map(|quintile| measured.cost_gbp(quintile)).sum();
        println!(
            "{:42} {:8.1} {:8.1} {:6.1} {:6.1} {:6.1} {:8} {:>5} {:7.2} {:7.2} {:7.2} {:8.0}",
            service.to_string(),
            rate(total.demands),
            rate(total.attended),
            rate(total.did_not_attend),
            rate(total.cancelled_by_patient + total.cancelled_by_provider),
            rate(total.not_offered),
            measured.waiting_at_end,
            measured.utilisation().map_or(String::new(), |share| format!("{:.0}%", share * 100.0)),
            quantile(0.5),
            days(total.wait.mean_minutes()),
            quantile(0.9),
            cost / person_years * 1000.0,
        );
    }
    let mut by_lead = [0; 7];
    for clinic in [Clinic::GeneralPractitioner, Clinic::Nurse, Clinic::Telephone, Clinic::HomeVisit] {
        for (lead, counts) in
            by_lead.iter_mut().zip(measures.service(ServiceKind::Clinic(clinic)).by_lead_time)
        {
            *lead += counts.attended + counts.did_not_attend;
        }
    }
    let all: u64 = by_lead.iter().sum();
    println!("\ngeneral practice by time from booking (target 44 % same day, 70 % within 7 days)");
    for (lead, count) in LeadTime::ALL.into_iter().zip(by_lead) {
        println!("  {lead:?}: {:.1} %", 100.0 * count as f64 / all as f64);
    }
}

fn hospital(measures: &Measures, from: twinloom_twin::engine::Moment) {
    let within = measures.waiting_within_18_weeks(from).unwrap_or(f64::NAN);
    println!("waiting within 18 weeks (target 58-60 %): {:.1} %", 100.0 * within);
    let (mut stopped, mut stopped_within) = (0, 0);
    for tally in measures.referrals() {
        (stopped, stopped_within) = (stopped + tally.stopped, stopped_within + tally.within_18_weeks);
    }
    println!(
        "referrals seen {stopped}, within 18 weeks {:.1} %",
        100.0 * stopped_within as f64 / stopped as f64
    );
    let (mut all, mut ended, mut left, mut late) = (0, 0, 0, 0);
    for tally in measures.emergency() {
        (all, ended) = (all + tally.attendances, ended + tally.within_4_hours);
        (left, late) = (left + tally.left_unseen, late + tally.bed_after_12_hours);
    }
    let share = |count: u64| 100.0 * count as f64 / all as f64;
    println!(
        "emergency (target 72-75 % within 4 hours, 5 % left): {:.1} % {:.1} %, {late} 12-hour waits",
        share(ended),
        share(left)
    );
    println!("beds from the second year (target 92 % of general and acute)");
    for ward in Ward::ALL {
        let measured = measures.ward(*ward);
        let days = (from.days_since(twinloom_twin::engine::Moment::from_micros(0)) as i64
            - measures.first_day())
        .max(0);
        println!(
            "  {}: {} beds, {:.1} % occupied, at most {}, {} outliers, {} put off",
            ward.name(),
            measured.beds,
            100.0 * measured.occupancy(days as usize).unwrap_or(f64::NAN),
            measured.most_occupied,
            measured.outliers,
            measured.put_off_without_bed
        );
    }
}
