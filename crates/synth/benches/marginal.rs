//! Fitting and drawing a million rows of forty columns, each of which goes with the one before: seconds and peak memory.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
use twinloom_synth::Privacy;
use twinloom_synth::marginal::{MarginalParameters, fit};
use twinloom_table::{Bounds, Column, ColumnKind, ColumnSchema, Missing, Origin, Schema, Table};

const ROWS: usize = 1_000_000;
const COLUMNS: usize = 40;

fn table() -> Table {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut latent = vec![0.0_f64; ROWS];
    let (mut schema, mut columns) = (Vec::new(), Vec::new());
    for place in 0..COLUMNS {
        for value in &mut latent {
            *value = 0.7 * *value + 0.3 * (rng.random::<f64>() * 2.0 - 1.0);
        }
        let name = format!("column {place}").into();
        let (kind, column) = if place % 2 == 0 {
            let categories = 2 + place / 2;
            let of =
                |value: &f64| (((value + 1.0) / 2.0) * categories as f64).clamp(0.0, categories as f64 - 1.0);
            let kind = ColumnKind::Category {
                categories: (0..categories).map(|word| word.to_string().into()).collect(),
                ordered: true,
                origin: Origin::Declared,
            };
            (kind, Column::Category(latent.iter().map(|value| Some(of(value) as u32)).collect()))
        } else {
            let bounds = Some(Bounds { least: -1.0, greatest: 1.0, origin: Origin::Declared });
            let values = latent.iter().enumerate().map(|(row, value)| (row % 11 != 0).then_some(*value));
            (ColumnKind::Number { bounds, decimals: None }, Column::Number(values.collect()))
        };
        schema.push(ColumnSchema { name, kind, unit: None, missing: Missing::Modelled });
        columns.push(column);
    }
    Table::new(Schema::new(schema, Vec::new(), None).expect("forty columns"), columns).expect("within bounds")
}

fn main() {
    let real = table();
    for epsilon in [None, Some(1.0)] {
        let start = Instant::now();
        let parameters = MarginalParameters::default();
        let fitted = match epsilon {
            None => fit(&real, &parameters, Privacy::None),
            Some(epsilon) => {
                let mut ledger = Ledger::new(Claim {
                    epsilon: Epsilon::new(epsilon).expect("above 0"),
                    delta: Delta::new(1e-9).expect("above 0"),
                    adjacency: Adjacency::AddRemove,
                    unit: PrivacyUnit::Subject,
                });
                let mut noise = NoiseSource::from_entropy().expect("there is entropy");
                fit(&real, &parameters, Privacy::Private { ledger: &mut ledger, noise: &mut noise })
            }
        };
        let fitted = fitted.expect("the table is sound");
        let fit_seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let (made, _) = fitted.sample(ROWS, 1).expect("the model is sound");
        let sample_seconds = start.elapsed().as_secs_f64();
        println!(
            "MST, epsilon {epsilon:?}: {} rows x {COLUMNS} columns, fit {fit_seconds:.1} s, sample {sample_seconds:.1} s",
            made.len()
        );
    }
}
