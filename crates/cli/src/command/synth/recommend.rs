//! `twinloom synth recommend`: which generator to try first.

use std::process::ExitCode;

use anyhow::Result;
use twinloom_synth::recommend;

use super::arguments::RecommendArguments;
use super::{refused, source};
use crate::context::Context;
use crate::output::{print_json, print_text};

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &RecommendArguments) -> Result<ExitCode> {
    let table = source::read(&arguments.source, context.common.seed)?;
    let found = recommend(&table, arguments.private).map_err(refused)?;
    if context.common.json {
        print_json(&found);
    } else {
        print_text(&format!("Try {} first: {}.", found.generator.as_str(), found.because));
    }
    Ok(ExitCode::SUCCESS)
}
