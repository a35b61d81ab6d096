//! Fits an autoencoder to a CSV file and prints as many synthetic rows:
//! `cargo run --release -p twinloom-synth --example vae_table -- table.csv > made.csv`.
//!
//! Expected: `made.csv` has the columns of `table.csv` and about its means and shares. With an epsilon after the file the fit
//! is private at a delta of 1e-5, bounds and categories asked for through noise first.

use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
use twinloom_synth::{Privacy, paid, vae};
use twinloom_table::{InferParameters, Rows, Table, infer};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or_else(|| anyhow::anyhow!("name a CSV file"))?;
    let mut reader = csv::Reader::from_path(file)?;
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let records = reader.records().collect::<Result<Vec<_>, _>>()?;
    let rows = Rows::new(&names, records.iter().map(csv::StringRecord::iter))?;
    let table = Table::read(&infer(&rows, &InferParameters::default())?, &rows)?;
    let fitted = if let Some(epsilon) = arguments.next() {
        let mut noise = NoiseSource::from_entropy()?;
        let mut ledger = Ledger::new(Claim {
            epsilon: Epsilon::new(epsilon.parse()?)?,
            delta: Delta::new(1e-5)?,
            adjacency: Adjacency::AddRemove,
            unit: PrivacyUnit::Subject,
        });
        let known = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
        let known = paid::declared(&table, known, 0.1)?;
        let parameters = vae::VaeParameters {
            hidden: 32,
            latent: 6,
            epochs: 40,
            batch: 512,
            learning_rate: 4e-3,
            ..Default::default()
        };
        let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
        let fitted = vae::fit(&known, &parameters, privacy, 1, &|_, _| ())?;
        eprint!("{}", ledger.claim_sheet());
        fitted
    } else {
        let fitted = vae::fit(&table, &vae::VaeParameters::default(), Privacy::None, 1, &|_, _| ())?;
        eprintln!("{:?}", fitted.elbo());
        fitted
    };
    let (made, _) = fitted.sample(table.len(), 2)?;
    let mut writer = csv::Writer::from_writer(std::io::stdout());
    writer.write_record(&names)?;
    for row in 0..made.len() {
        let cells = names.iter().map(|name| made.text(row, name)).collect::<Result<Vec<_>, _>>()?;
        writer.write_record(cells)?;
    }
    Ok(writer.flush()?)
}
