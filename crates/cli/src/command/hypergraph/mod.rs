//! `twinloom hypergraph`: one file per verb.

mod directed;
mod measure;
mod naming;
mod pairs;
mod source;
mod statistics;
mod undirected;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::context::Context;

/// Verbs of hypergraphs.
#[derive(Debug, Subcommand)]
pub(crate) enum HypergraphVerb {
    /// Which sets of conditions go together: weights of sets, centrality of conditions and of sets.
    #[command(
        after_help = "Examples:\n  twinloom hypergraph undirected --people people.csv\n  twinloom hypergraph undirected --people people.csv --contribution progression --weights complete --json\n  twinloom hypergraph undirected --people people.csv --traits traits.csv --bootstrap 200 --standardise sex,age_band --compare deprivation_fifth=1:5\n  twinloom hypergraph undirected --people people.csv --null 1000 --max-size 3\n  twinloom hypergraph undirected --people people.csv --max-size 3 --suppress 10 --round 5\n\npeople.csv has the columns person, condition and date; an empty date is an unknown one."
    )]
    Undirected(Box<undirected::UndirectedArguments>),
    /// Which conditions lead to which next one: weights of steps, and who comes early and who late.
    #[command(
        after_help = "Examples:\n  twinloom hypergraph directed --people people.csv --weights complete --progression aggregate --json\n  twinloom hypergraph directed --study s1 --group long-term --terminal death --survivors\n  twinloom hypergraph directed --people people.csv --bootstrap 200 --times --null 1\n\npeople.csv has the columns person, condition and date; conditions of one day count in every order alike."
    )]
    Directed(Box<directed::DirectedArguments>),
    /// Measure any hypergraph: centralities, s-line graphs, clustering, modularity.
    #[command(
        after_help = "Examples:\n  twinloom hypergraph measure network.json --json\n  twinloom hypergraph measure incidences.csv --measure clique,h --s 2\n  twinloom hypergraph measure lists.txt --partition parts.csv --hif network.json\n\nExit code 0 although a measure is not defined for this hypergraph: its place says why."
    )]
    Measure(measure::MeasureArguments),
    /// Which two conditions go together within strata of like people, and in which order: a network.
    #[command(
        after_help = "Examples:\n  twinloom hypergraph pairs --people people.csv --traits traits.csv --strata sex,age_band\n  twinloom hypergraph pairs --people people.csv --directed --graphml network.graphml --json\n\npeople.csv has the columns person, condition and date; traits.csv the column person and one a trait.\nAn estimate that is absent says why: nothing-to-compare, unbounded or zero."
    )]
    Pairs(pairs::PairsArguments),
}

/// Runs the verb.
pub(crate) fn run(context: &Context, verb: &HypergraphVerb) -> Result<ExitCode> {
    match verb {
        HypergraphVerb::Undirected(arguments) => undirected::run(context, arguments),
        HypergraphVerb::Directed(arguments) => directed::run(context, arguments),
        HypergraphVerb::Measure(arguments) => measure::run(context, arguments),
        HypergraphVerb::Pairs(arguments) => pairs::run(context, arguments),
    }
}
