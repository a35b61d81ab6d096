//! Bad FHIR input: a clear reason with file and position, and the rest imported.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use twinloom_event::Dataset;
use twinloom_records::{ImportReport, Location, MemorySink, ProblemKind, fhir};

fn import_with(paths: &[PathBuf], options: &fhir::ImportOptions) -> (Dataset, ImportReport) {
    let mut sink = MemorySink::default();
    let report = fhir::import(paths, options, &mut sink, &|_| {}).unwrap();
    for table in report.tables.values() {
        assert_eq!(table.read, table.kept + table.skipped);
    }
    (sink.into_dataset().unwrap(), report)
}

fn import(path: &Path) -> (Dataset, ImportReport) {
    import_with(&[path.to_owned()], &fhir::ImportOptions { threads: 2, ..fhir::ImportOptions::default() })
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn patient(id: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "gender": "female", "birthDate": "1950-01-01"})
}

fn condition(id: &str, subject: &str) -> Value {
    json!({"resourceType": "Condition", "id": id, "subject": {"reference": subject},
        "onsetDateTime": "2020-02-03",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006", "display": "Type 2 diabetes"}]}})
}

fn bundle(resources: &[Value]) -> Value {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

/// The reason and place of the first problem of a table that says `words`.
fn problem(report: &ImportReport, table: &str, words: &str) -> (ProblemKind, u64, Location) {
    let found = report.tables[table].problems.iter().find(|problem| problem.reason.contains(words));
    let problem = found.unwrap_or_else(|| panic!("no problem with {words:?} in {report:#?}"));
    (problem.kind, problem.count, problem.first[0].clone())
}

#[test]
fn regress_invalid_json_in_one_bundle_of_many_costs_that_bundle() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.json", bundle(&[patient("1")]).to_string());
    let broken = write(folder.path(), "b.json", "{\"resourceType\":\"Bundle\",\n\"entry\":[{]}");
    write(folder.path(), "c.json", bundle(&[patient("3")]).to_string());
    let (dataset, report) = import(folder.path());
    assert_eq!(dataset.cohort.len(), 2);
    let (kind, count, location) = problem(&report, "document", "invalid JSON");
    assert_eq!((kind, count), (ProblemKind::Skipped, 1));
    assert!(location.file.starts_with(broken.to_str().unwrap()), "{location}");
}

#[test]
fn regress_an_invalid_entry_costs_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let text = bundle(&[patient("1"), patient("2"), patient("3")]).to_string();
    let path = write(folder.path(), "a.json", text.replace("\"id\":\"2\"", "\"id\":"));
    let (dataset, report) = import(&path);
    assert_eq!(dataset.cohort.len(), 2);
    assert_eq!(problem(&report, "document", "invalid JSON").2.position, 2);
}

#[test]
fn regress_a_byte_that_is_not_utf8_costs_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = format!("{}\n", patient("1")).into_bytes();
    text.extend_from_slice(b"{\"resourceType\":\"Patient\",\"id\":\"2\",\"gender\":\"m\xffle\"}\n");
    text.extend_from_slice(patient("3").to_string().as_bytes());
    let path = write(folder.path(), "a.ndjson", text);
    let (dataset, report) = import(&path);
    assert_eq!(dataset.cohort.len(), 2);
    assert_eq!(
        problem(&report, "document", "not UTF-8").2,
        Location { file: path.display().to_string(), position: 2 }
    );
}

#[test]
fn regress_a_truncated_archive_gives_what_came_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for id in 0..20_000 {
        writeln!(lines, "{}", condition(&id.to_string(), "Patient/1")).unwrap();
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(lines.as_bytes()).unwrap();
    let mut bytes = encoder.finish().unwrap();
    bytes.truncate(bytes.len() / 2);
    let path = write(folder.path(), "a.ndjson.gz", bytes);
    let (dataset, report) = import(&path);
    assert!(dataset.cohort.event_count() > 1000);
    let (_, _, location) = problem(&report, "document", "damaged or truncated");
    assert!(location.file.contains("a.ndjson.gz byte ") && location.position > 1000, "{location}");
}

#[test]
fn regress_a_resource_larger_than_the_limit_is_named_and_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let huge = json!({"resourceType": "Binary", "id": "b", "data": "A".repeat(3_000_000)});
    let path = write(folder.path(), "a.ndjson", format!("{}\n{huge}\n{}\n", patient("1"), patient("2")));
    let options = fhir::ImportOptions { max_document_bytes: 1 << 20, ..fhir::ImportOptions::default() };
    let (dataset, report) = import_with(&[path], &options);
    assert_eq!(dataset.cohort.len(), 2);
    assert_eq!(problem(&report, "document", "more than 1048576 bytes").2.position, 2);
}

#[test]
fn regress_an_endless_line_of_no_json_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}\n{}\n{}\n", patient("1"), "x".repeat(5_000_000), patient("2"));
    let path = write(folder.path(), "a.ndjson", text);
    let (dataset, report) = import(&path);
    assert_eq!(dataset.cohort.len(), 2);
    assert_eq!(problem(&report, "document", "no JSON object").2.position, 2);
}

#[test]
fn regress_without_a_subject_or_with_another_kind_of_subject() {
    let folder = tempfile::tempdir().unwrap();
    let mut orphan = condition("1", "x");
    orphan.as_object_mut().unwrap().remove("subject");
    let resources =
        [orphan, condition("2", "Group/1"), condition("3", "urn:uuid:nobody"), condition("4", "#p")];
    let path = write(folder.path(), "a.json", bundle(&resources).to_string());
    let (dataset, report) = import(&path);
    assert_eq!((dataset.cohort.len(), report.kept()), (0, 0));
    for (words, entry) in [
        ("no subject", 1),
        ("the subject is not a Patient", 2),
        ("the subject's reference leads to no Patient", 3),
        ("a contained resource", 4),
    ] {
        assert_eq!(problem(&report, "Condition", words).2.position, entry);
    }
}

#[test]
fn regress_a_reference_to_nothing_is_counted_and_its_event_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = condition("1", "Patient/1");
    one["encounter"] = json!({"reference": "Encounter/none"});
    one["asserter"] = json!({"reference": "#none"});
    one["recorder"] = json!({"reference": "urn:uuid:none"});
    let path = write(folder.path(), "a.json", bundle(&[patient("1"), one]).to_string());
    let (dataset, report) = import(&path);
    assert_eq!(report.tables["Condition"].kept, 1);
    assert_eq!(problem(&report, "Condition", "a reference to nothing in the input").1, 2);
    let (kind, _, location) = problem(&report, "Condition", "a reference to nothing contained");
    assert_eq!((kind, location.position), (ProblemKind::UnresolvedReference, 2));
    assert_eq!(dataset.links.len(), 1);
}

#[test]
fn regress_an_impossible_date_never_becomes_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut only = condition("1", "Patient/1");
    only["onsetDateTime"] = "2013-13-40".into();
    let mut recorded = only.clone();
    recorded["id"] = "2".into();
    recorded["recordedDate"] = "2013-12-01".into();
    let path = write(folder.path(), "a.json", bundle(&[only, recorded]).to_string());
    let (dataset, report) = import(&path);
    assert_eq!(problem(&report, "Condition", "impossible date").0, ProblemKind::Date);
    assert_eq!(problem(&report, "Condition", "impossible date").1, 2);
    assert_eq!(problem(&report, "Condition", "no usable date").2.position, 1);
    let event = dataset.cohort.events().next().unwrap();
    assert_eq!(event.time().unwrap().to_string(), "2013-12-01T00:00:00");
    assert_eq!(event.attribute("time_source").unwrap().as_text(), Some("recordedDate"));
}

#[test]
fn regress_duplicate_ids_keep_the_first_and_say_which_was_newer() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = condition("1", "Patient/1");
    first["meta"] = json!({"lastUpdated": "2020-01-01T00:00:00Z"});
    let mut newer = first.clone();
    newer["meta"]["lastUpdated"] = "2021-01-01T00:00:00Z".into();
    let mut other = first.clone();
    other["onsetDateTime"] = "1999".into();
    let path = write(folder.path(), "a.json", bundle(&[first.clone(), first, newer, other]).to_string());
    let (dataset, report) = import(&path);
    assert_eq!(dataset.cohort.event_count(), 1);
    assert_eq!(problem(&report, "Condition", "with the same content").2.position, 2);
    assert_eq!(problem(&report, "Condition", "last updated later").2.position, 3);
    assert_eq!(problem(&report, "Condition", "with other content").2.position, 4);
}

#[test]
fn regress_what_was_not_done_or_refuted_is_no_fact() {
    let folder = tempfile::tempdir().unwrap();
    let with = |element: &str, value: Value| {
        let mut resource = condition(element, "Patient/1");
        resource[element] = value;
        resource
    };
    let error = json!({"coding": [{"code": "refuted"}]});
    let procedure = json!({"resourceType": "Procedure", "id": "p", "status": "not-done",
        "subject": {"reference": "Patient/1"}, "performedDateTime": "2020", "code": {"text": "x"}});
    let request = json!({"resourceType": "MedicationRequest", "id": "m", "status": "active", "doNotPerform": true,
        "subject": {"reference": "Patient/1"}, "authoredOn": "2020", "medicationCodeableConcept": {"text": "x"}});
    let given = json!({"resourceType": "Immunization", "id": "i", "status": "completed", "wasNotGiven": true,
        "patient": {"reference": "Patient/1"}, "occurrenceDateTime": "2020", "vaccineCode": {"text": "x"}});
    let resources = [
        with("verificationStatus", error),
        with("status", "entered-in-error".into()),
        procedure,
        request,
        given,
    ];
    let path = write(folder.path(), "a.json", bundle(&resources).to_string());
    let (dataset, report) = import(&path);
    assert_eq!(dataset.cohort.event_count(), 0);
    assert_eq!(problem(&report, "Condition", "refuted").1, 1);
    assert_eq!(problem(&report, "Condition", "entered in error").1, 1);
    assert_eq!(problem(&report, "Procedure", "not done").1, 1);
    assert_eq!(problem(&report, "MedicationRequest", "not to perform").1, 1);
    assert_eq!(problem(&report, "Immunization", "not done").1, 1);
}

#[test]
fn regress_an_empty_folder_and_files_of_other_kinds_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (_, report) = import(folder.path());
    assert_eq!(report.kept(), 0);
    assert_eq!(problem(&report, "file", "holds nothing to read").2.position, 0);
    write(folder.path(), "notes.txt", "x");
    let xml = write(folder.path(), "patient.json", "<Patient/>");
    let (_, report) = import(folder.path());
    problem(&report, "file", "not JSON by its name");
    assert!(problem(&report, "document", "XML found").2.file.starts_with(xml.to_str().unwrap()));
}

#[test]
fn regress_unknown_types_are_counted_with_their_reason() {
    let folder = tempfile::tempdir().unwrap();
    let resources = [
        json!({"resourceType": "Horoscope"}),
        json!({"resourceType": "ValueSet", "id": "v"}),
        json!({"id": "n"}),
    ];
    let path = write(folder.path(), "a.json", bundle(&resources).to_string());
    let (_, report) = import(&path);
    problem(&report, "Horoscope", "not a resource type of FHIR R4");
    problem(&report, "ValueSet", "not part of a patient's record");
    problem(&report, "document", "no resourceType");
}

#[test]
fn regress_a_path_that_does_not_exist_is_an_error() {
    let mut sink = MemorySink::default();
    let options = fhir::ImportOptions::default();
    let error =
        fhir::import(&[PathBuf::from("no/such/file.json")], &options, &mut sink, &|_| {}).unwrap_err();
    assert_eq!(error.to_string(), "no/such/file.json can't be opened");
}
