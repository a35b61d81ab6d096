//! Prints the public table: `public_table FOLDER [RUNS [FOLD_EPOCHS [DATA_SET,..]]]`.
//!
//! Each row ends in the published mean and the seconds of all its runs.

use std::io::Write;

use twinloom_neural::public::{PublicNote, PublicParameters, public_table};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().ok_or("the folder of the data sets")?;
    let mut parameters = PublicParameters::default();
    if let Some(runs) = arguments.get(1) {
        parameters.runs = runs.parse()?;
    }
    if let Some(epochs) = arguments.get(2) {
        parameters.fold_epochs = epochs.parse()?;
    }
    if let Some(only) = arguments.get(3) {
        parameters.only = only.split(',').map(str::to_owned).collect();
    }
    let mut output = std::io::stdout();
    public_table(folder.as_ref(), &parameters, &mut |note| {
        let PublicNote::Found(row) = note else { return };
        let published = row.published.map(|published| published.mean);
        let _ = writeln!(
            output,
            "{} | {} | {} | {} runs | {:.4} sd {:.4} ({:.4} to {:.4}) | {published:?} | {:.1} s",
            row.data_set,
            row.model,
            row.protocol,
            row.runs,
            row.mean,
            row.standard_deviation,
            row.interval.0,
            row.interval.1,
            row.seconds
        );
        let _ = output.flush();
    })?;
    Ok(())
}
