use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use twinloom_event::{Dataset, EventKind};

use super::*;
use crate::MemorySink;

/// A folder of real data, or a line that says why a test is skipped.
pub(super) fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(name);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: ../shared/data/{name} is absent");
    None
}

pub(super) fn read(format: &TableFormat, path: &Path) -> (Dataset, ImportReport) {
    let mut sink = MemorySink::default();
    let report = import_tables(format, path, &mut sink, &mut |_| ()).unwrap();
    (sink.into_dataset().unwrap(), report)
}

/// Records of each gzipped CSV of a folder, counted without the `csv` crate: line ends outside quotes.
pub(super) fn independent_counts(folder: &Path) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if let Some(table) = name.strip_suffix(".csv.gz") {
            let mut text = Vec::new();
            flate2::read::MultiGzDecoder::new(std::fs::File::open(&path).unwrap())
                .read_to_end(&mut text)
                .unwrap();
            counts.insert(table.to_owned(), count_records(&text) - 1);
        }
    }
    counts
}

pub(super) fn count_records(text: &[u8]) -> u64 {
    let (mut records, mut in_quotes, mut in_record) = (0, false, false);
    for byte in text {
        match byte {
            b'"' => {
                in_quotes = !in_quotes;
                in_record = true;
            }
            b'\n' if !in_quotes => {
                records += u64::from(in_record);
                in_record = false;
            }
            b'\r' => {}
            _ => in_record = true,
        }
    }
    records + u64::from(in_record)
}

pub(super) fn assert_every_row_is_counted(report: &ImportReport, counts: &BTreeMap<String, u64>) {
    for (table, rows) in counts {
        let found = report.tables.get(table).unwrap_or_else(|| panic!("{table} is not in the report"));
        assert_eq!(found.read, *rows, "{table}");
        assert_eq!(found.read, found.kept + found.skipped, "{table}");
        let reasons: u64 = found
            .problems
            .iter()
            .filter(|problem| problem.kind == crate::ProblemKind::Skipped)
            .map(|problem| problem.count)
            .sum();
        assert_eq!(reasons, found.skipped, "{table}");
    }
}

fn csv(description: &str) -> TableFormat {
    TableFormat::Csv { description: description.to_owned() }
}

const LABS: &str = r#"
source = "registry"
[[table]]
file = "labs.csv"
subject = "Patient"
time = "taken"
time_format = "%d/%m/%Y %H:%M"
code = "test"
system = "LAB"
value = "result"
unit = "unit"
kind = "observation"
static = ["sex"]
attributes = ["ward"]
"#;

fn folder_with(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn regress_described_rows_become_events() {
    let text = "\u{feff}PATIENT;Taken;test;result;unit;sex;ward\n\
        p1;01/02/2020 08:30;K;4,1;mmol/L;f;A\n\
        p1;01/02/2020 08:30;Na;140;mmol/L;f;\n\
        7;02/02/2020 09:00;K;5.5;;m;B\n";
    let folder = folder_with(&[("labs.csv", text.as_bytes())]);
    let (dataset, report) = read(&csv(LABS), folder.path());
    assert_eq!(dataset.cohort.len(), 2);
    let seven = dataset.cohort.get(twinloom_event::SubjectId::new(7)).unwrap();
    let event = &seven.timed_events()[0];
    assert_eq!((event.code().as_str(), event.numeric_value(), event.unit()), ("LAB//K", Some(5.5), None));
    assert_eq!((event.kind(), event.source().unwrap().as_str()), (EventKind::Observation, "registry"));
    assert_eq!(event.time().unwrap().to_string(), "2020-02-02T09:00:00");
    assert_eq!(seven.static_events()[0].code().as_str(), "SEX//m");
    let other = dataset.cohort.timelines().iter().find(|timeline| timeline.subject_id().get() != 7).unwrap();
    assert_eq!(other.static_events().len(), 1);
    assert_eq!(other.timed_events()[0].text_value(), Some("4,1"));
    let labs = &report.tables["labs"];
    assert_eq!((labs.read, labs.kept, labs.events), (3, 3, 5));
    assert_eq!(labs.problems.iter().filter(|problem| problem.kind == crate::ProblemKind::Unit).count(), 1);
}

#[test]
fn regress_bad_rows_are_located_and_the_rest_is_read() {
    let mut text = b"patient,taken,test,result,unit,sex,ward\n".to_vec();
    text.extend(b"p1,01/02/2020 08:30,K,4,mmol/L,f,A\n");
    text.extend(b"p\xff,01/02/2020 08:30,K,4,mmol/L,f,A\n");
    text.extend(b"p1,01/02/2020 08:30,K\n");
    text.extend(b"p1,40/13/2020 08:30,K,4,mmol/L,f,A\n");
    text.extend(b"p1,01/02/2020 08:30,,4,mmol/L,f,A\n");
    text.extend(b"p2,01/02/2020 08:30,K,4,mmol/L,f,A\n");
    let folder = folder_with(&[("labs.csv", &text)]);
    let (dataset, report) = read(&csv(LABS), folder.path());
    assert_eq!(dataset.cohort.len(), 2);
    let labs = &report.tables["labs"];
    assert_eq!((labs.read, labs.kept, labs.skipped), (6, 2, 4));
    let place = |part: &str| {
        labs.problems
            .iter()
            .find(|problem| problem.reason.contains(part))
            .map(|problem| problem.first[0].position)
    };
    assert_eq!(place("UTF-8"), Some(3));
    assert_eq!(place("3 fields"), Some(4));
    assert_eq!(place("no date"), Some(5));
    assert_eq!(place("no code"), Some(6));
}

#[test]
fn regress_a_missing_column_names_file_column_and_header() {
    let folder = folder_with(&[("labs.csv", b"patient,when,test,result,unit,sex,ward\n")]);
    let (_, report) = read(&csv(LABS), folder.path());
    let problem = &report.tables["labs"].problems[0];
    assert!(
        problem.reason.contains("no column taken") && problem.reason.contains("patient, when"),
        "{problem:?}"
    );
    assert!(problem.first[0].to_string().ends_with("labs.csv:1"), "{problem:?}");
    assert_eq!(report.kept(), 0);
}

#[test]
fn regress_empty_folders_and_descriptions_are_refused() {
    let folder = folder_with(&[("README", b"nothing")]);
    let mut sink = MemorySink::default();
    for format in [TableFormat::Eicu, TableFormat::Mimic3, TableFormat::Omop, csv(LABS)] {
        let error = import_tables(&format, folder.path(), &mut sink, &mut |_| ()).unwrap_err();
        assert!(matches!(error, TableError::NoTables { .. }), "{error}");
    }
    let both = LABS.replace("code = \"test\"", "code = \"test\"\ncode_value = \"A//1\"");
    let unknown = LABS.replace("ward", "ward\"]\ncolour = [\"red");
    for text in ["", "[[table]]\nfile = 3", both.as_str(), unknown.as_str()] {
        let error = import_tables(&csv(text), folder.path(), &mut sink, &mut |_| ()).unwrap_err();
        assert!(matches!(error, TableError::Description { .. }), "{error}");
    }
    let other = folder_with(&[("other.csv", b"a,b\n1,2\n")]);
    let error = import_tables(&TableFormat::Eicu, other.path(), &mut sink, &mut |_| ()).unwrap_err();
    assert!(matches!(error, TableError::MissingTable { .. }), "{error}");
}

#[test]
fn regress_an_endless_record_costs_only_itself() {
    let mut text = b"patient,taken,test,result,unit,sex,ward\np1,01/02/2020 08:30,\"K".to_vec();
    text.resize(text.len() + bounded::LONGEST_RECORD as usize + (1 << 20), b'x');
    text.extend(b"\np2,01/02/2020 08:30,K,4,mmol/L,f,A\n");
    let folder = folder_with(&[("labs.csv", &text)]);
    let (dataset, report) = read(&csv(LABS), folder.path());
    assert_eq!(dataset.cohort.len(), 1);
    let labs = &report.tables["labs"];
    assert_eq!((labs.kept, labs.skipped), (1, 1));
    assert!(labs.problems[0].reason.starts_with("record is over"));
}

#[test]
fn regress_a_truncated_gzip_gives_what_came_before() {
    let mut rows = b"patient,taken,test,result,unit,sex,ward\n".to_vec();
    for number in 0..20_000 {
        rows.extend(format!("{},01/02/2020 08:30,K,{number},mmol/L,f,A\n", number % 97 + 1).into_bytes());
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&rows).unwrap();
    let whole = encoder.finish().unwrap();
    let folder = folder_with(&[("labs.csv.gz", &whole[..whole.len() / 2])]);
    let (dataset, report) = read(&csv(LABS), folder.path());
    assert!(dataset.cohort.event_count() > 1000);
    let labs = &report.tables["labs"];
    assert_eq!(labs.skipped, 1);
    assert!(labs.problems[0].reason.contains("truncated"), "{}", labs.problems[0].reason);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn law_every_record_is_kept_or_skipped(text in "([a-z0-9,\"/: \n]|é){0,200}") {
        let whole = format!("patient,taken,test,result,unit,sex,ward\n{text}");
        let folder = folder_with(&[("labs.csv", whole.as_bytes())]);
        let (dataset, report) = read(&csv(LABS), folder.path());
        let labs = report.tables.get("labs").cloned().unwrap_or_default();
        prop_assert_eq!(labs.read, labs.kept + labs.skipped);
        prop_assert_eq!(labs.events, dataset.cohort.event_count() as u64);
    }
}
