//! Times the autoencoder's training, open and private, and prints rows a second for a comparison to read:
//! `cargo run --release -p twinloom-synth --example vae_rows -- 2`, the number that of threads.
//!
//! The tables are drawn here: 80 inputs with 256 hidden units and 128 latents, and 42 inputs with 256 and 256, as wide as
//! SUPPORT's. The steps of both fits do the same work but for clipping, sampling and noise.

use std::cell::RefCell;
use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
use twinloom_synth::{Privacy, vae};
use twinloom_table::{Bounds, Column, ColumnKind, ColumnSchema, Missing, Origin, Schema, Table};

const ROWS: usize = 8_192;
const EPOCHS: usize = 12;

#[expect(clippy::print_stdout, reason = "what an example is for")]
fn main() -> anyhow::Result<()> {
    let threads = std::env::args().nth(1).map_or(Ok(2), |text| text.parse())?;
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    for (name, words, numbers, latent) in [("80", 10, 40, 128), ("support", 6, 18, 256)] {
        let table = table(words, numbers)?;
        let parameters = vae::VaeParameters {
            hidden: 256,
            latent,
            epochs: EPOCHS,
            binning: twinloom_synth::binning::BinningParameters { bins: 8, heavy_share: 1.0 },
            ..Default::default()
        };
        let open = rate(&table, &parameters, Privacy::None)?;
        let mut noise = NoiseSource::from_entropy()?;
        let mut ledger = Ledger::new(Claim {
            epsilon: Epsilon::new(3.0)?,
            delta: Delta::new(1e-5)?,
            adjacency: Adjacency::AddRemove,
            unit: PrivacyUnit::Subject,
        });
        let private = rate(&table, &parameters, Privacy::Private { ledger: &mut ledger, noise: &mut noise })?;
        println!("{name} open {open:.0} private {private:.0} rows/s, {threads} threads");
    }
    Ok(())
}

/// The rate of the fastest epoch after the first.
fn rate(table: &Table, parameters: &vae::VaeParameters, privacy: Privacy<'_>) -> anyhow::Result<f64> {
    let times = RefCell::new(Vec::new());
    let fitted = vae::fit(table, parameters, privacy, 1, &|_, _| times.borrow_mut().push(Instant::now()))?;
    anyhow::ensure!(fitted.size() > 100_000, "{} weights", fitted.size());
    let times = times.into_inner();
    let least = times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).fold(f64::INFINITY, f64::min);
    Ok(table.len() as f64 / least)
}

/// Words of four categories and numbers without spikes.
fn table(words: usize, numbers: usize) -> anyhow::Result<Table> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut schema, mut columns) = (Vec::new(), Vec::new());
    for place in 0..words {
        let categories = ["a", "b", "c", "d"].map(Into::into).to_vec();
        let kind = ColumnKind::Category { categories, ordered: false, origin: Origin::Declared };
        schema.push(column(format!("w{place}"), kind));
        columns.push(Column::Category((0..ROWS).map(|_| Some(rng.next_u32() % 4)).collect()));
    }
    for place in 0..numbers {
        let bounds = Some(Bounds { least: 0.0, greatest: 1.0, origin: Origin::Declared });
        schema.push(column(format!("n{place}"), ColumnKind::Number { bounds, decimals: None }));
        let number = |_| Some(f64::from(rng.next_u32()) / f64::from(u32::MAX));
        columns.push(Column::Number((0..ROWS).map(number).collect()));
    }
    Ok(Table::new(Schema::new(schema, Vec::new(), None)?, columns)?)
}

fn column(name: String, kind: ColumnKind) -> ColumnSchema {
    ColumnSchema { name: name.into(), kind, unit: None, missing: Missing::Never }
}
