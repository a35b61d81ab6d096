//! Public data and reference figures that lie beside the repository.

use std::path::PathBuf;

use twinloom_table::{InferParameters, Rows, Table, infer};

/// A file beside the repository; says so where it is not there.
pub fn beside(name: &str) -> Option<PathBuf> {
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(name);
    if !file.exists() {
        eprintln!("skipped: {} is not there", file.display());
        return None;
    }
    Some(file)
}

/// A table of a comma-separated file without some columns.
pub fn table(name: &str, without: &[&str]) -> Option<Table> {
    let mut reader = csv::Reader::from_path(beside(name)?).unwrap();
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let rows = Rows::new(&names, records.iter().map(|record| record.iter())).unwrap();
    let table = Table::read(&infer(&rows, &InferParameters::default()).unwrap(), &rows).unwrap();
    Some(table.without(without).unwrap())
}
