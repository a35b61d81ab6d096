//! Any bytes as a table of any of the formats, plain or compressed, import without a panic and add up.

#![no_main]

use libfuzzer_sys::fuzz_target;
use twinloom_records::MemorySink;
use twinloom_records::tables::{TableFormat, import_tables};

const NAMES: [&str; 4] = ["rows.csv", "rows.csv.gz", "rows.zip", "rows.csv.xz"];

const DESCRIPTION: &str = r#"
[[table]]
file = "rows"
subject = "s"
time = "t"
code = "c"
value = "v"
unit = "u"
end = "e"
static = ["x"]
"#;

/// The tables that a fact needs around it to be placed.
const EICU: &str = "patientunitstayid,patienthealthsystemstayid,uniquepid,age,hospitaldischargeyear,hospitaladmittime24,hospitaladmitoffset,hospitaldischargeoffset,unitdischargeoffset,hospitaldischargestatus\n1,2,p,> 89,2015,23:59:00,-5,100,50,Expired\n";
const EICU_TABLES: [&str; 6] =
    ["patient", "medication", "diagnosis", "respiratorycare", "apachepredvar", "vitalaperiodic"];
const MIMIC_TABLES: [&str; 6] =
    ["admissions", "patients", "labevents", "diagnoses_icd", "icustays", "d_labitems"];
const OMOP_TABLES: [&str; 6] =
    ["person", "concept", "measurement", "visit_occurrence", "death", "concept_relationship"];

fuzz_target!(|data: &[u8]| {
    let [choice, rest @ ..] = data else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).expect("a temporary file can be written");
    };
    let which = usize::from(choice / 8);
    let format = match choice % 4 {
        0 => {
            write(NAMES[which % NAMES.len()], rest);
            TableFormat::Csv { description: DESCRIPTION.to_owned() }
        }
        1 => {
            write("patient.csv", EICU.as_bytes());
            write(&format!("{}.csv", EICU_TABLES[which % 6]), rest);
            TableFormat::Eicu
        }
        2 => {
            write(
                "admissions.csv",
                b"row_id,subject_id,hadm_id,admittime,dischtime\n1,1,1,2100-01-01,2100-01-09\n",
            );
            write("patients.csv", b"row_id,subject_id,gender,dob,dod\n1,1,F,1800-01-01,\n");
            write(&format!("{}.csv", MIMIC_TABLES[which % 6]), rest);
            TableFormat::Mimic3
        }
        _ => {
            write("PERSON.csv", b"person_id,gender_concept_id,year_of_birth\n1,8507,1998\n");
            write(&format!("{}.csv", OMOP_TABLES[which % 6].to_uppercase()), rest);
            TableFormat::Omop
        }
    };
    let mut sink = MemorySink::default();
    if let Ok(report) = import_tables(&format, folder.path(), &mut sink, &mut |_| ()) {
        assert_eq!(report.read(), report.kept() + report.skipped());
        let dataset = sink.into_dataset().expect("fewer events than can be numbered");
        let events: u64 = report.tables.values().map(|table| table.events).sum();
        assert_eq!(dataset.cohort.event_count() as u64, events);
    }
});
