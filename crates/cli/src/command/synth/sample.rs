//! `twinloom synth sample`: rows of a fitted generator.

use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinloom_records::rectangle::write_table;
use twinloom_synth::Release;

use super::arguments::SampleArguments;
use super::refused;
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{grouped, print_json, print_text};

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &SampleArguments) -> Result<ExitCode> {
    let name = arguments.generator.display();
    let file = File::open(&arguments.generator)
        .map_err(|error| BadInput::new(format!("{name} can't be read: {error}")))?;
    let release: Release = serde_json::from_reader(BufReader::new(file))
        .map_err(|error| BadInput::new(format!("{name} is no fitted generator: {error}")))?;
    let (table, repairs) =
        release.generator().sample(arguments.rows as usize, context.common.seed).map_err(refused)?;
    let remarks = release.remarks();
    write_table(&arguments.out, &table, &[&remarks]).map_err(refused)?;
    if context.common.json {
        print_json(&json!({
            "file": arguments.out,
            "rows": table.len(),
            "generator": release.generator().kind(),
            "repairs": repairs,
            "claim_sheet": release.claim_sheet(),
        }));
    } else {
        let mended = repairs.redrawn + repairs.moved + repairs.emptied;
        print_text(&format!(
            "{} rows written to {}; {} of them mended to keep the constraints, {} left that break one.\n\n{remarks}",
            grouped(table.len() as u64),
            arguments.out.display(),
            grouped(mended as u64),
            grouped(repairs.left as u64),
        ));
    }
    Ok(ExitCode::SUCCESS)
}
