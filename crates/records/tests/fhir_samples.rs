//! FHIR import against independent counts over published samples.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test's helper may fail or skip the test")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;
use twinloom_event::{Dataset, EventKind};
use twinloom_records::{ImportReport, MemorySink, fhir};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

fn sample(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(DATA).join(path);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn import(path: &PathBuf, threads: usize) -> (Dataset, ImportReport) {
    let mut sink = MemorySink::default();
    let options = fhir::ImportOptions { threads, ..fhir::ImportOptions::default() };
    let report = fhir::import(std::slice::from_ref(path), &options, &mut sink, &|_| {}).unwrap();
    (sink.into_dataset().unwrap(), report)
}

fn read_counts(report: &ImportReport) -> BTreeMap<String, u64> {
    report
        .tables
        .iter()
        .filter(|(name, _)| is_type(name))
        .map(|(name, table)| (name.clone(), table.read))
        .collect()
}

/// Bundles without entries have a row of their own, and so have entries without a resource.
fn is_type(name: &str) -> bool {
    name != "Bundle" && name.starts_with(|first: char| first.is_ascii_uppercase())
}

/// Resources by type, with another reader: every entry of Bundles (also of Bundles within), and
/// documents of their own.
fn count(document: &Value, counts: &mut BTreeMap<String, u64>) {
    let Some(resource_type) = document["resourceType"].as_str() else {
        return;
    };
    if resource_type != "Bundle" {
        *counts.entry(resource_type.to_owned()).or_default() += 1;
        return;
    }
    for entry in document["entry"].as_array().into_iter().flatten() {
        count(&entry["resource"], counts);
    }
}

fn count_archive(path: &PathBuf) -> (u64, BTreeMap<String, u64>) {
    let (mut files, mut counts) = (0, BTreeMap::new());
    let mut archive = tar::Archive::new(liblzma::read::XzDecoder::new(File::open(path).unwrap()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let is_json = entry.path().unwrap().extension().is_some_and(|extension| extension == "json");
        if is_json && entry.header().entry_type().is_file() {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).unwrap();
            count(&serde_json::from_slice(&text).unwrap(), &mut counts);
            files += 1;
        }
    }
    (files, counts)
}

fn count_links(document: &Value, found: &mut u64) {
    match document {
        Value::Object(members) => {
            *found += u64::from(members.get("reference").is_some_and(Value::is_string));
            members.values().for_each(|value| count_links(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| count_links(value, found)),
        _ => {}
    }
}

#[test]
fn ref_synthea_counts_equal_an_independent_count() {
    let Some(path) = sample("synthea_r4_us/dev.tar.xz") else { return };
    let (files, counts) = count_archive(&path);
    let (dataset, report) = import(&path, 2);
    assert_eq!((report.files, files), (154, 154));
    assert_eq!(read_counts(&report), counts);
    for table in report.tables.values() {
        assert_eq!(table.read, table.kept + table.skipped);
    }
    // 154 files: 153 patients and one file of practitioners.
    assert_eq!(report.subjects, counts["Patient"]);
    assert_eq!(dataset.cohort.len() as u64, counts["Patient"]);
    let births = dataset.cohort.events().filter(|event| event.kind() == EventKind::Birth).count();
    assert_eq!(births as u64, counts["Patient"]);
    let encounters = dataset.cohort.events().filter(|event| event.kind() == EventKind::Encounter).count();
    assert_eq!(encounters as u64, counts["Encounter"]);
    // All that is skipped are organisations and practitioners told of more than once.
    let skipped: u64 = report.tables.values().map(|table| table.skipped).sum();
    assert_eq!(report.tables["Practitioner"].skipped + report.tables["Organization"].skipped, skipped);
}

#[test]
fn ref_synthea_references_all_become_links() {
    let Some(path) = sample("synthea_r4_us/dev.tar.xz") else { return };
    let (dataset, report) = import(&path, 2);
    let mut references = 0;
    let mut archive = tar::Archive::new(liblzma::read::XzDecoder::new(File::open(&path).unwrap()));
    for entry in archive.entries().unwrap() {
        let mut text = Vec::new();
        entry.unwrap().read_to_end(&mut text).unwrap();
        count_links(&serde_json::from_slice(&text).unwrap_or_default(), &mut references);
    }
    let problems = report.tables.values().flat_map(|table| &table.problems);
    let unresolved: u64 = problems
        .filter(|problem| problem.kind == twinloom_records::ProblemKind::UnresolvedReference)
        .map(|problem| problem.count)
        .sum();
    assert_eq!(unresolved, 0);
    // The copies of organisations and practitioners that are skipped hold no references.
    assert_eq!(dataset.links.len() as u64, references);
}

#[test]
fn law_the_number_of_threads_changes_nothing() {
    let Some(path) = sample("synthea_r4_us/dev.tar.xz") else { return };
    let (one, two) = (import(&path, 1), import(&path, 2));
    assert_eq!(one.1, two.1);
    assert!(one.0 == two.0);
}

#[test]
fn ref_all_hl7_examples_are_read_and_counted() {
    let Some(path) = sample("fhir_r4_examples/r4_examples_4.0.1.tar.xz") else { return };
    let (_, counts) = count_archive(&path);
    let (_, report) = import(&path, 2);
    assert_eq!(read_counts(&report), counts);
}

#[test]
fn ref_test_cases_and_uk_core_examples_are_read_without_loss() {
    for folder in ["fhir_test_cases/r4", "uk_core"] {
        let Some(path) = sample(folder) else { return };
        let (_, report) = import(&path, 2);
        assert!(report.files > 0, "{folder}");
        for (name, table) in &report.tables {
            assert_eq!(table.read, table.kept + table.skipped, "{folder} {name}");
        }
    }
}
