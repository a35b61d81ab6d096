//! Arguments of the verbs about synthetic tables.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::command::synth::arguments::{FitArguments, ReportArguments, SampleArguments, SchemaArguments};

/// Verbs of synthetic tables.
#[derive(Debug, Subcommand)]
pub(crate) enum SynthVerb {
    /// Write what a table's columns hold as YAML, for its owner to edit.
    #[command(
        after_help = "Examples:\n  twinloom synth schema patients.csv\n  twinloom synth schema patients.csv --drop date_of_birth --out patients.yaml"
    )]
    Schema(SchemaArguments),
    /// Fit a generator to a table, with differential privacy where an epsilon is given.
    #[command(
        after_help = "Examples:\n  twinloom synth fit patients.csv --schema patients.yaml --epsilon 1 --out patients.json\n  twinloom synth fit patients.csv --model aim --target died --epsilon 1\n  twinloom synth fit patients.csv --model independent\n\nWhat the schema does not declare is found through noise and paid for. The claim sheet is printed."
    )]
    Fit(FitArguments),
    /// Draw rows of a fitted generator; the file begins with its claim sheet.
    #[command(
        after_help = "Example:\n  twinloom synth sample patients.json --rows 5000 --out synthetic.csv --seed 7"
    )]
    Sample(SampleArguments),
    /// Compare generators at several budgets on one table, attack each, and say what their rows may be used for.
    #[command(
        after_help = "Examples:\n  twinloom synth report patients.csv --schema patients.yaml --target died --out report.html\n  twinloom synth report patients.csv --models mst,aim,vae --epsilon 1,3 --repeats 5 --question died=yes --without days\n\nHalf of the people make the rows, the other half judge them."
    )]
    Report(ReportArguments),
    /// Say how well a synthetic table stands for the real one, beside what people held out show by chance.
    #[command(
        after_help = "Examples:\n  twinloom synth evaluate --real train.csv --holdout held_out.csv --synthetic synthetic.csv --target event=1\n  twinloom synth evaluate --real train.csv --holdout held_out.csv --synthetic synthetic.csv --drop dob --json"
    )]
    Evaluate(EvaluateArguments),
}

/// Verbs of audits.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditVerb {
    /// Attack a synthetic table: who was it made from? Each attack beside controls where the answer is known.
    #[command(
        after_help = "Examples:\n  twinloom audit privacy --real train.csv --holdout held_out.csv --synthetic synthetic.csv\n  twinloom audit privacy --real train.csv --holdout held_out.csv --synthetic synthetic.csv --json\n\nExit code 1 where a control fails, so that the attack proves nothing, or where the release gives members away."
    )]
    Privacy(PrivacyArguments),
}

/// The three tables.
#[derive(Debug, Args)]
pub(crate) struct TablesArguments {
    /// The real table that the synthetic one was made from: comma-separated values under a heading.
    #[arg(long, value_name = "CSV")]
    pub(crate) real: PathBuf,
    /// Real people whom the generator never saw.
    #[arg(long, value_name = "CSV")]
    pub(crate) holdout: PathBuf,
    /// The synthetic table.
    #[arg(long, value_name = "CSV")]
    pub(crate) synthetic: PathBuf,
    /// What the columns hold, as YAML; found in all three tables if not given.
    #[arg(long, value_name = "YAML")]
    pub(crate) schema: Option<PathBuf>,
    /// Columns to leave out.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) drop: Vec<String>,
}

/// Arguments of `synth evaluate`.
#[derive(Debug, Args)]
pub(crate) struct EvaluateArguments {
    #[command(flatten)]
    pub(crate) tables: TablesArguments,
    /// What learners shall predict: COLUMN=CATEGORY, or COLUMN>NUMBER; a question about each column if none is given.
    #[arg(long, value_name = "QUESTION")]
    pub(crate) target: Vec<String>,
    /// Columns kept from the learners, such as a follow-up time that tells the outcome.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) without: Vec<String>,
    /// Bootstrap replicates behind each 95 % interval.
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(crate) replicates: u32,
}

/// Arguments of `audit privacy`.
#[derive(Debug, Args)]
pub(crate) struct PrivacyArguments {
    #[command(flatten)]
    pub(crate) tables: TablesArguments,
    /// Bootstrap replicates behind each 95 % interval.
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(20..=100_000))]
    pub(crate) replicates: u32,
}
