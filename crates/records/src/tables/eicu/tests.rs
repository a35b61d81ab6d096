use std::collections::BTreeMap;

use twinloom_event::{Event, EventKind, Timestamp};

use std::path::PathBuf;
use std::sync::OnceLock;

use twinloom_event::Dataset;

use crate::ImportReport;
use crate::tables::TableFormat;
use crate::tables::tests::{assert_every_row_is_counted, data, independent_counts, read};

/// The demo, read once for all tests.
fn demo() -> Option<&'static (PathBuf, Dataset, ImportReport)> {
    static DEMO: OnceLock<Option<(PathBuf, Dataset, ImportReport)>> = OnceLock::new();
    DEMO.get_or_init(|| {
        let folder = data("eicu_demo")?;
        let (dataset, report) = read(&TableFormat::Eicu, &folder);
        Some((folder, dataset, report))
    })
    .as_ref()
}

fn has_code(event: &Event, code: &str) -> bool {
    event.code().as_str() == code
}

#[test]
fn ref_every_row_of_the_demo_is_counted() {
    let Some((folder, dataset, report)) = demo() else { return };
    let counts = independent_counts(folder);
    assert_eq!(counts.len(), 28);
    assert_every_row_is_counted(report, &counts);
    // Counted with pandas on patient.csv.gz: distinct uniquepid, patienthealthsystemstayid, rows.
    assert_eq!(report.subjects, 1114);
    let events = |code: &str| dataset.cohort.events().filter(|event| has_code(event, code)).count();
    assert_eq!(events("EICU//HOSPITAL_ADMISSION"), 1299);
    assert_eq!(events("EICU//UNIT_ADMISSION"), 1502);
    // Counted with pandas: rows of version IVa, less those with predictedhospitalmortality -1.
    assert_eq!(
        events("EICU//APACHE_IVA//PREDICTED_HOSPITAL_MORTALITY")
            + events("EICU//APACHE_IV//PREDICTED_HOSPITAL_MORTALITY"),
        2106 - 166
    );
    // Counted with pandas: cancelled orders, and orders with neither name nor class number.
    let medication = &report.tables["medication"];
    let because = |part: &str| {
        medication.problems.iter().find(|problem| problem.reason.contains(part)).map(|problem| problem.count)
    };
    assert_eq!(because("cancelled"), Some(2237));
    assert!(because("neither").unwrap() <= 1097);
}

#[test]
fn law_no_outcome_is_known_before_discharge() {
    let Some((_, dataset, _)) = demo() else { return };
    let hospital_stay_of: BTreeMap<&str, &str> = dataset
        .links
        .iter()
        .filter(|link| &*link.path == "partOf")
        .map(|link| (link.from.as_str(), link.to.as_str()))
        .collect();
    for timeline in dataset.cohort.timelines() {
        // Ends of hospital stays by the stays' start, so that each event finds the stay it lies in.
        let stays: BTreeMap<&str, (Timestamp, Timestamp)> = timeline
            .events()
            .iter()
            .filter(|event| has_code(event, "EICU//HOSPITAL_ADMISSION"))
            .map(|event| {
                (event.encounter_id().unwrap().as_str(), (event.time().unwrap(), event.end_time().unwrap()))
            })
            .collect();
        for event in timeline.timed_events() {
            let encounter = event.encounter_id().unwrap().as_str();
            let hospital_stay = hospital_stay_of.get(encounter).copied().unwrap_or(encounter);
            let (_, discharge) = stays[hospital_stay];
            let known = event.known_time().unwrap();
            let mentions_outcome = event.code().as_str().contains("EXPIRED")
                || event.code().as_str().contains("HOSPITAL_DISCHARGE")
                || event.code().is_death()
                || event.attribute("activeupondischarge").is_some()
                || event.code().as_str().to_lowercase().contains("diedinhospital")
                || event.code().as_str().contains("ACTUAL")
                || (event.kind() == EventKind::Administrative && event.text_value() == Some("Death"));
            assert!(!mentions_outcome || known >= discharge, "{} is known too soon", event.code());
            for (name, _) in event.attributes() {
                assert!(!name.contains("discharge"), "{name} of {}", event.code());
            }
        }
    }
}

#[test]
fn law_stays_of_a_person_do_not_overlap_and_death_is_last() {
    let Some((_, dataset, _)) = demo() else { return };
    let mut several = 0;
    for timeline in dataset.cohort.timelines() {
        let mut stays: Vec<(Timestamp, Timestamp)> = timeline
            .events()
            .iter()
            .filter(|event| has_code(event, "EICU//HOSPITAL_ADMISSION"))
            .map(|event| (event.time().unwrap(), event.end_time().unwrap()))
            .collect();
        stays.sort_unstable();
        several += usize::from(stays.len() > 1);
        assert!(stays.windows(2).all(|pair| pair[0].1 < pair[1].0));
        if let Some(death) = timeline.death() {
            assert_eq!(Some(death), stays.last().map(|stay| stay.1));
        }
    }
    assert!(several > 100);
}

#[test]
fn ref_apache_is_known_a_day_after_unit_admission() {
    let Some((_, dataset, _)) = demo() else { return };
    // apachepatientresult row 31918: stay 141765, version IVa, 3.5813944311032138E-2.
    let event = dataset
        .cohort
        .events()
        .find(|event| {
            has_code(event, "EICU//APACHE_IVA//PREDICTED_HOSPITAL_MORTALITY")
                && event.record_id().is_some_and(|id| id.as_str() == "apachepatientresult/31918")
        })
        .unwrap();
    assert_eq!(event.numeric_value(), "3.5813944311032138E-2".parse().ok());
    // Hospital admission 23:36, unit admission 8 minutes later, and 24 hours.
    assert_eq!(event.time().unwrap().to_string(), "2015-01-02T23:44:00");
    assert_eq!(event.encounter_id().unwrap().as_str(), "unitstay/141765");
}
