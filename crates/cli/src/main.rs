//! The `twinloom` binary: composes the crates and holds no logic of its own.

mod args;
mod command;
mod compose;
mod context;
mod evaluation;
mod failure;
mod manifest;
mod odd;
mod output;
mod progress;
mod study;
mod systems;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

use crate::args::{Arguments, GraphVerb, LearnVerb, StudyVerb, TwinVerb, Verb};
use crate::command::tables::arguments::{AuditVerb, SynthVerb};
use crate::context::Context;

/// A run of the twin makes and drops some thousand small texts a person on every thread.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.common.json;
    match run(arguments) {
        Ok(code) => code,
        Err(error) => failure::report(error, json),
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let context = Context::new(arguments.common)?;
    match arguments.verb {
        Verb::Demo(demo) => command::demo::run(&context, &demo),
        Verb::Import(import) => command::import::run(&context, &import),
        Verb::Twin(TwinVerb::Fork(fork)) => command::twin::fork::run(&context, &fork),
        Verb::Twin(TwinVerb::Calibrate(calibrate)) => command::twin::calibrate::run(&context, &calibrate),
        Verb::Twin(TwinVerb::Validate(validate)) => command::twin::validate::run(&context, &validate),
        Verb::Twin(TwinVerb::Compare(compare)) => command::twin::compare::run(&context, &compare),
        Verb::Twin(TwinVerb::Gmf(gmf)) => command::twin::gmf::run(&context, &gmf),
        Verb::Twin(TwinVerb::Ledger(ledger)) => command::twin::ledger::run(&context, &ledger.study),
        Verb::Twin(TwinVerb::Run(twin)) => command::twin::run::run(&context, &twin),
        Verb::Graph(GraphVerb::Build(build)) => command::graph::build(&context, &build),
        Verb::Graph(GraphVerb::Query(query)) => command::graph::query(&context, &query),
        Verb::Graph(GraphVerb::Ask(ask)) => command::ask::run(&context, &ask),
        Verb::Graph(GraphVerb::Export(export)) => command::graph::export(&context, &export),
        Verb::Graph(GraphVerb::Diff(diff)) => command::graph::diff(&context, &diff),
        Verb::Hypergraph(verb) => command::hypergraph::run(&context, &verb),
        Verb::Learn(LearnVerb::Benchmark(benchmark)) => command::learn::benchmark(&context, &benchmark),
        Verb::Learn(LearnVerb::Explain(explain)) => command::learn::explain::run(&context, &explain),
        Verb::Learn(LearnVerb::Embed(embed)) => command::learn::embed::run(&context, &embed),
        Verb::Learn(LearnVerb::BenchPublic(bench)) => command::bench_public::run(&context, &bench),
        Verb::Learn(LearnVerb::Interactions(asked)) => command::learn_drugs::run(&context, &asked),
        Verb::Learn(LearnVerb::Medications(asked)) => command::learn_medications::run(&context, &asked),
        Verb::Privacy(verb) => command::privacy::run(&context, &verb),
        Verb::Synth(SynthVerb::Schema(schema)) => command::synth::schema::run(&context, &schema),
        Verb::Synth(SynthVerb::Recommend(asked)) => command::synth::recommend::run(&context, &asked),
        Verb::Synth(SynthVerb::Fit(fit)) => command::synth::fit::run(&context, &fit),
        Verb::Synth(SynthVerb::Report(report)) => command::synth::report::run(&context, &report),
        Verb::Synth(SynthVerb::Sample(sample)) => command::synth::sample::run(&context, &sample),
        Verb::Synth(SynthVerb::Evaluate(evaluate)) => command::tables::evaluate::run(&context, &evaluate),
        Verb::Audit(AuditVerb::Epsilon(epsilon)) => command::tables::epsilon::run(&context, &epsilon),
        Verb::Audit(AuditVerb::Disclosure(asked)) => command::tables::disclosure::run(&context, &asked),
        Verb::Audit(AuditVerb::Fairness(asked)) => command::tables::fairness::run(&context, &asked),
        Verb::Audit(AuditVerb::Privacy(privacy)) => command::tables::privacy::run(&context, &privacy),
        Verb::Study(StudyVerb::Show(show)) => command::study::show(&context, &show.study),
        Verb::Study(StudyVerb::Report(report)) => command::study::report(&context, &report.study),
        Verb::Study(StudyVerb::Table(arguments)) => command::study_table::run(&context, &arguments),
    }
}
