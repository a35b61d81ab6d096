//! Prints made-up people as the command reads them: person, condition, date; the same for every run.
//!
//!     cargo run --release -p twinloom-hypergraph --example people_csv -- 1000000 200 3.1 > people.csv
//!
//! The arguments are people, conditions, and about how many conditions a person has.

#[path = "../benches/support/cohort.rs"]
mod made_up;

use std::error::Error;
use std::io::{BufWriter, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [people, conditions, mean] = &arguments[..] else {
        return Err("the arguments are PEOPLE CONDITIONS MEAN".into());
    };
    let dates = dates();
    let mut out = BufWriter::new(std::io::stdout().lock());
    writeln!(out, "person,condition,date")?;
    let (mut person, mut written) = (0_u32, Ok(()));
    made_up::cohort(people.parse()?, conditions.parse()?, mean.parse()?, |onsets| {
        person += 1;
        if onsets.is_empty() && written.is_ok() {
            written = writeln!(out, "p{person:07},,");
        }
        for (condition, day) in onsets {
            if written.is_ok() {
                written = writeln!(out, "p{person:07},c{condition:03},{}", dates[*day as usize]);
            }
        }
    });
    written?;
    out.flush()?;
    Ok(())
}

/// The days from 2000-01-01 as files write them.
fn dates() -> Vec<String> {
    let mut dates = Vec::new();
    for year in 2000..2020 {
        for month in 1..=12 {
            let days = match month {
                2 if year % 4 == 0 => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            dates.extend((1..=days).map(|day| format!("{year}-{month:02}-{day:02}")));
        }
    }
    dates
}
