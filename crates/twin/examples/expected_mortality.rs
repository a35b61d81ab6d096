//! Derives `data/expected_mortality_ratio.csv`: what the need table's conditions make of mortality on
//! average among the living of a sex, decile of deprivation and band of age.
//!
//! Run: `cargo run --release -p twinloom-twin --example expected_mortality -- [people] [rounds] [need.toml]`
//! and put what it prints into `crates/twin/data/expected_mortality_ratio.csv`. Who is alive depends on the
//! table itself, so it starts from the embedded one and goes round (3 times unless told), each round with
//! the table of the one before; `people` per cell (1,000). Cells of one sex and age are smoothed over the
//! deciles by a straight line through their logarithms.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;

use rayon::prelude::*;
use twinloom_event::Timestamp;
use twinloom_twin::Sex;
use twinloom_twin::need::{Need, NeedAlone, NeedScale};

const BANDS: u64 = 22;
const LAST_AGE: u64 = 95;

fn main() -> Result<(), Box<dyn Error>> {
    let texts: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, usual| texts.get(place).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (people, rounds) = (number(0, 1000), number(1, 3));
    let need = match texts.get(2) {
        Some(path) => Need::parse(path, &std::fs::read_to_string(path)?)?,
        None => Need::england(),
    };
    let start = Timestamp::from_ymd(2020, 1, 1)?;
    let mut alone = NeedAlone::new(need.clone(), NeedScale::neutral(&need), 77, start);
    let mut out = String::new();
    for _ in 0..rounds.max(1) {
        out = table(&alone, people);
        alone = alone.with_expected_ratio(&out);
    }
    std::io::stdout().write_all(out.as_bytes())?;
    Ok(())
}

/// The table that the living under the present one make.
fn table(alone: &NeedAlone, people: u64) -> String {
    let mut out = String::from(
        "# Mean product of the mortality ratios of the living and deaths per person-year by case fatality,\n\
         # of the model itself; made by examples/expected_mortality.rs.\n\
         sex,imd_decile,age,product,case_fatality_per_year\n",
    );
    for (number, sex) in [Sex::Female, Sex::Male].into_iter().enumerate() {
        let mut last = Vec::new();
        for band in 0..BANDS {
            // So few live beyond 95 that the last band before stands for them.
            let cells: Vec<[f64; 2]> = (1..=if band * 5 < LAST_AGE { 10_u64 } else { 0 })
                .into_par_iter()
                .map(|decile| {
                    let cell = ((number as u64 * BANDS + band) * 10 + decile) * people;
                    let mut sums = [0.0; 2];
                    for person in 0..people {
                        let age = band as f64 * 5.0 + 5.0 * (person as f64 + 0.5) / people as f64;
                        let who = alone.someone(cell + person, sex, age, decile as u8);
                        sums[0] += alone.mortality_product(&who);
                        sums[1] += alone.fatality_per_year(&who);
                    }
                    sums.map(|sum| sum / people as f64)
                })
                .collect();
            let cells = if cells.is_empty() { last } else { cells };
            let [product, fatality] = [0, 1].map(|column| smooth(&cells, column));
            last = cells;
            for decile in 0..10 {
                let _ = writeln!(
                    out,
                    "{},{},{},{:.4},{:.7}",
                    sex.as_str(),
                    decile + 1,
                    band * 5,
                    product[decile].max(1.0),
                    fatality[decile]
                );
            }
        }
    }
    out
}

/// Least squares of the logarithm on the decile, put back to the mean of the cells.
fn smooth(cells: &[[f64; 2]], column: usize) -> [f64; 10] {
    let logs: Vec<f64> = cells.iter().map(|cell| cell[column].max(1e-9).ln()).collect();
    let mean = logs.iter().sum::<f64>() / 10.0;
    let places = (0..10).map(|place| f64::from(place) - 4.5);
    let slope = places.clone().zip(&logs).map(|(x, y)| x * (y - mean)).sum::<f64>() / 82.5;
    let line: Vec<f64> = places.map(|x| (mean + slope * x).exp()).collect();
    let level = cells.iter().map(|cell| cell[column]).sum::<f64>() / line.iter().sum::<f64>();
    std::array::from_fn(|place| line[place] * level)
}
