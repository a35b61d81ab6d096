//! `twinloom hypergraph`: one file per verb.

mod measure;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::context::Context;

/// Verbs of hypergraphs.
#[derive(Debug, Subcommand)]
pub(crate) enum HypergraphVerb {
    /// Measure any hypergraph: centralities, s-line graphs, clustering, modularity.
    #[command(
        after_help = "Examples:\n  twinloom hypergraph measure network.json --json\n  twinloom hypergraph measure incidences.csv --measure clique,h --s 2\n  twinloom hypergraph measure lists.txt --partition parts.csv --hif network.json\n\nExit code 0 although a measure is not defined for this hypergraph: its place says why."
    )]
    Measure(measure::MeasureArguments),
}

/// Runs the verb.
pub(crate) fn run(context: &Context, verb: &HypergraphVerb) -> Result<ExitCode> {
    match verb {
        HypergraphVerb::Measure(arguments) => measure::run(context, arguments),
    }
}
