use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use twinloom_event::Code;

use crate::tables::TableFormat;
use crate::tables::tests::{assert_every_row_is_counted, count_records, data, read};

#[test]
fn ref_every_row_of_the_archive_is_counted() {
    let Some(folder) = data("synthea_omop27") else { return };
    let (dataset, report) = read(&TableFormat::Omop, &folder);
    let mut archive =
        zip::ZipArchive::new(File::open(folder.join("datasets/Synthea27Nj/Synthea27Nj_5.4.zip")).unwrap())
            .unwrap();
    let mut counts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).unwrap();
        let name = member.name().to_lowercase();
        if let Some(table) = name.strip_suffix(".csv").filter(|_| !name.contains("__macosx")) {
            let mut text = Vec::new();
            member.read_to_end(&mut text).unwrap();
            let rows = count_records(&text) - 1;
            if rows > 0 {
                counts.insert(table.to_owned(), rows);
            }
        }
    }
    assert!(counts.len() > 10);
    assert_every_row_is_counted(&report, &counts);
    // Eunomia's description of the dataset: 28 persons.
    assert_eq!((report.subjects, dataset.cohort.len()), (28, 28));
    assert_eq!(dataset.cohort.timelines().iter().filter(|timeline| timeline.death().is_some()).count(), 3);
    assert!(dataset.cohort.timelines().iter().all(|timeline| timeline.birth().is_some()));
}

#[test]
fn ref_a_condition_has_its_snomed_code_and_name() {
    let Some(folder) = data("synthea_omop27") else { return };
    let (dataset, _) = read(&TableFormat::Omop, &folder);
    // condition_occurrence 1 of person 1: source value 65363002 (SNOMED CT: otitis media).
    let condition = dataset
        .cohort
        .events()
        .find(|event| event.record_id().is_some_and(|id| id.as_str() == "condition_occurrence/1"))
        .unwrap();
    assert_eq!(condition.code(), &Code::new("SNOMED", "65363002").unwrap());
    assert_eq!(condition.end_time().unwrap().to_string(), "2003-03-20T00:00:00");
    assert_eq!(condition.encounter_id().unwrap().as_str(), "visit_occurrence/1");
    let concept = dataset.concepts.iter().find(|concept| &concept.code == condition.code()).unwrap();
    assert_eq!(concept.description.as_deref(), Some("Otitis media"));
}
