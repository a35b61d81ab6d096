use std::collections::BTreeSet;

use twinloom_event::{EncounterId, RecordId};

use crate::tables::TableFormat;
use crate::tables::tests::{assert_every_row_is_counted, data, independent_counts, read};

#[test]
fn ref_published_counts_of_the_demo() {
    let Some(folder) = data("mimic3_demo") else { return };
    let (dataset, report) = read(&TableFormat::Mimic3, &folder);
    assert_every_row_is_counted(&report, &independent_counts(&folder));
    // PhysioNet, MIMIC-III Clinical Database Demo 1.4: 100 patients, 129 admissions, 136 unit stays,
    // 1,761 diagnoses.
    assert_eq!(report.subjects, 100);
    let encounters = |prefix: &str| {
        let ids: BTreeSet<&str> = dataset
            .cohort
            .events()
            .filter(|event| event.code().as_str().starts_with(prefix))
            .filter_map(|event| event.encounter_id())
            .map(EncounterId::as_str)
            .collect();
        ids.len()
    };
    assert_eq!(encounters("MIMIC3//ADMISSION//"), 129);
    assert_eq!(encounters("MIMIC3//ICU_STAY//"), 136);
    assert_eq!(report.tables["diagnoses_icd"].events, 1761);
    assert_eq!(dataset.cohort.timelines().iter().filter(|timeline| timeline.death().is_some()).count(), 100);
}

#[test]
fn law_what_is_coded_at_discharge_is_not_known_before() {
    let Some(folder) = data("mimic3_demo") else { return };
    let (dataset, _) = read(&TableFormat::Mimic3, &folder);
    let mut checked = 0;
    for timeline in dataset.cohort.timelines() {
        for event in timeline.events().iter().filter(|event| event.code().as_str().starts_with("ICD9CM//")) {
            let stay = timeline
                .events()
                .iter()
                .find(|stay| {
                    stay.record_id().map(RecordId::as_str) == event.encounter_id().map(EncounterId::as_str)
                })
                .unwrap();
            assert!(event.known_time().unwrap() >= stay.end_time().unwrap());
            checked += 1;
        }
    }
    assert_eq!(checked, 1761 + 506);
}
