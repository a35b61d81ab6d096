//! Where artefacts stood, from the input to the study and back.

use std::fs;

use twinloom_event::Split;
use twinloom_records::meds::DatasetMetadata;
use twinloom_records::study::{StudyOptions, StudyWriter, read_artefacts};
use twinloom_records::{MemorySink, fhir};

const LINES: &str = concat!(
    r#"{"resourceType":"Patient","id":"7","gender":"female"}"#,
    "\n",
    r#"{"resourceType":"Organization","id":"o"}"#,
    "\n",
    r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/7"},"onsetDateTime":"2020-01-02","code":{"coding":[{"system":"http://snomed.info/sct","code":"1"}]},"contained":[{"resourceType":"Practitioner","id":"x"}]}"#,
    "\n",
    r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/7"},"onsetDateTime":"2021-01-02"}"#,
    "\n",
);

const BUNDLE: &str = "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\n\"entry\":[\n\
    {\"resource\":{\"resourceType\":\"Patient\",\"id\":\"8\",\"gender\":\"male\"}},\n\n\
    {\"resource\":{\"resourceType\":\"Location\",\"id\":\"l\"}}]}";

#[test]
fn regress_an_artefact_is_placed_by_file_line_and_entry() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs::create_dir(&input).unwrap();
    fs::write(input.join("a.ndjson"), LINES).unwrap();
    fs::write(input.join("b.json"), BUNDLE).unwrap();
    let mut memory = MemorySink::default();
    fhir::import(std::slice::from_ref(&input), &fhir::ImportOptions::default(), &mut memory, &|_| {})
        .unwrap();
    let places: Vec<(String, String, u64, u64)> = memory
        .artefacts()
        .iter()
        .map(|artefact| {
            let file = artefact.file.rsplit('/').next().unwrap().to_owned();
            (artefact.record_id.as_str().to_owned(), file, artefact.line, artefact.entry)
        })
        .collect();
    let expected = [
        ("Condition/c", "a.ndjson", 3, 0),
        ("Condition/c#x", "a.ndjson", 3, 0),
        ("Location/l", "b.json", 5, 2),
        ("Organization/o", "a.ndjson", 2, 0),
        ("Patient/7", "a.ndjson", 1, 0),
        ("Patient/8", "b.json", 3, 1),
    ];
    let places: Vec<(&str, &str, u64, u64)> =
        places.iter().map(|(id, file, line, entry)| (id.as_str(), file.as_str(), *line, *entry)).collect();
    assert_eq!(places, expected);

    let study = folder.path().join("study");
    let options = StudyOptions::new(DatasetMetadata::new("test", "1"));
    let mut writer = StudyWriter::create(&study, options).unwrap();
    fhir::import(&[input], &fhir::ImportOptions::default(), &mut writer, &|_| {}).unwrap();
    writer.finish(&|_| Split::Train).unwrap();
    assert_eq!(read_artefacts(&study).unwrap(), memory.artefacts());
    assert_eq!(read_artefacts(folder.path()).unwrap(), []);
}
