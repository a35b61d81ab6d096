//! Derives `data/hes_admissions.csv` from the published table of admissions by primary diagnosis.
//!
//! Run: `cargo run --release -p twinloom-twin --example derive_admissions -- PATH_TO_CSV >
//! crates/twin/data/hes_admissions.csv`, with the table "hosp-epis-stat-admi-diag-2024-25.csv".
//! Expected: 215 blocks, 18.5 million admissions.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give the path of the table")?;
    let text = std::fs::read_to_string(path)?;
    let mut out = String::from(
        "# Finished admission episodes of NHS hospitals in England, April 2024 to March 2025, by block of the primary\n\
         # diagnosis (ICD-10), with those admitted as an emergency, those from a waiting list or planned, and days in\n\
         # beds (of finished consultant episodes).\n\
         # Source: NHS England, Hospital Admitted Patient Care Activity 2024-25, diagnosis table (Hospital Episode\n\
         # Statistics, Open Government Licence v3.0), as collected by nhsengland/SynPath_Decisions.\n\
         block,admissions,emergency,elective,bed_days\n",
    );
    let mut total = 0_u64;
    for line in text.trim_start_matches('\u{feff}').lines().skip(1) {
        // No cell of this table holds a comma within quotes except the description, which is skipped from
        // the right.
        let cells: Vec<&str> = line.split(',').collect();
        let count = |from_right: usize| -> Result<u64, Box<dyn Error>> {
            let cell = cells.get(cells.len().wrapping_sub(from_right)).ok_or("a row is too short")?;
            Ok(cell.trim().parse()?)
        };
        let (admissions, emergency) = (count(31)?, count(27)?);
        let elective = count(26)? + count(25)?;
        total += admissions;
        let block = cells.first().ok_or("a row is empty")?;
        writeln!(out, "{block},{admissions},{emergency},{elective},{}", count(1)?)?;
    }
    std::io::stdout().write_all(out.as_bytes())?;
    eprintln!("{total} admissions");
    Ok(())
}
