//! Arguments of the verbs about synthetic tables.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::learners::LearnerKind;
use crate::command::synth::arguments::{
    FitArguments, RecommendArguments, ReportArguments, SampleArguments, SchemaArguments,
};

/// Verbs of synthetic tables.
#[derive(Debug, Subcommand)]
pub(crate) enum SynthVerb {
    /// Write what a table's columns hold as YAML, for its owner to edit.
    #[command(
        after_help = "Examples:\n  twinloom synth schema patients.csv\n  twinloom synth schema patients.csv --drop date_of_birth --out patients.yaml"
    )]
    Schema(SchemaArguments),
    /// Say which generator to try first on a table, and why.
    #[command(
        after_help = "Examples:\n  twinloom synth recommend patients.csv\n  twinloom synth recommend patients.csv --private"
    )]
    Recommend(RecommendArguments),
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
        after_help = "Examples:\n  twinloom synth evaluate --real train.csv --holdout held_out.csv --synthetic synthetic.csv --target event=1\n  twinloom synth evaluate --real train.csv --holdout held_out.csv --synthetic synthetic.csv --drop dob --json\n  twinloom synth evaluate --real train.csv --holdout held_out.csv --synthetic synthetic.csv --target event=1 --survival duration,event --group sex --report evaluation.html"
    )]
    Evaluate(EvaluateArguments),
}

/// Verbs of audits.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditVerb {
    /// Attack a synthetic table: who was it made from? Each attack beside controls where the answer is known.
    #[command(
        after_help = "Examples:\n  twinloom audit privacy --real train.csv --holdout held_out.csv --synthetic synthetic.csv\n  twinloom audit privacy --real train.csv --holdout held_out.csv --synthetic synthetic.csv --claimed-epsilon 1 --group sex --report attacks.html\n\nExit code 1 where a control fails, so that the attack proves nothing, where the release gives members away, or where\nan audit's bound from below exceeds the claim."
    )]
    Privacy(PrivacyArguments),
    /// Bound epsilon from below by what an audit with canaries counted, and hold a claim against it.
    #[command(
        after_help = "Examples:\n  twinloom audit epsilon --canaries 1000 --guesses 100 --correct 80 --delta 1e-5\n  twinloom audit epsilon --true-positives 400 --false-negatives 100 --false-positives 100 --true-negatives 400 --delta 1e-5 --claimed-epsilon 1\n\nExit code 1 where the bound exceeds the claim."
    )]
    Epsilon(super::epsilon::EpsilonArguments),
    /// Say what any table discloses to who knows some of its columns, and which of them make people unique.
    #[command(
        after_help = "Examples:\n  twinloom audit disclosure patients.csv --quasi-identifiers age,sex,postcode --sensitive diagnosis\n  twinloom audit disclosure sample.csv --quasi-identifiers age,sex --population 56000000 --report disclosure.html"
    )]
    Disclosure(super::disclosure::DisclosureArguments),
    /// Say whether decisions serve groups of people alike, and what could be done where not.
    #[command(
        after_help = "Examples:\n  twinloom audit fairness predictions.csv --group sex,ethnicity\n  twinloom audit fairness predictions.csv --group sex --label died --probability risk --threshold 0.1 --report fairness.html"
    )]
    Fairness(super::fairness::FairnessArguments),
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
    /// What learns; all of them if not given.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "logistic,trees,vectors",
        value_name = "LEARNERS"
    )]
    pub(crate) learner: Vec<LearnerKind>,
    /// Columns of time to an event: TIME,COLUMN=CATEGORY, TIME,COLUMN>NUMBER, or TIME,COLUMN where 1 is the event.
    #[arg(long, value_name = "TIME,EVENT")]
    pub(crate) survival: Option<String>,
    /// Columns of categories within which fidelity is judged too.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) group: Vec<String>,
    /// Bootstrap replicates behind each 95 % interval.
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(crate) replicates: u32,
    /// Rows of each table looked at, drawn where there are more.
    #[arg(long, default_value_t = 20_000, value_name = "N", value_parser = clap::value_parser!(u32).range(100..))]
    pub(crate) rows: u32,
    /// Write a report that can be read by itself; it holds points of single real people.
    #[arg(long, value_name = "HTML")]
    pub(crate) report: Option<PathBuf>,
}

/// Arguments of `audit privacy`.
#[derive(Debug, Args)]
pub(crate) struct PrivacyArguments {
    #[command(flatten)]
    pub(crate) tables: TablesArguments,
    /// Bootstrap replicates behind each 95 % interval.
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(20..=100_000))]
    pub(crate) replicates: u32,
    /// The epsilon that is claimed for adding or removing one person; the real and the held-out table must then be a
    /// random split.
    #[arg(long, value_name = "EPSILON", conflicts_with = "model")]
    pub(crate) claimed_epsilon: Option<f64>,
    /// The delta of that claim.
    #[arg(long, value_name = "DELTA", default_value_t = 1e-6, requires = "claimed_epsilon")]
    pub(crate) claimed_delta: f64,
    /// A fitted model, whose own claim is tested.
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// Columns that the attacker wants to know; each in turn if not given.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) secret: Vec<String>,
    /// Columns that the attacker knows; all but the secret if not given.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) known: Vec<String>,
    /// Predicates tried to single someone out.
    #[arg(long, default_value_t = 500, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) attempts: u32,
    /// Columns of categories within which the attacks' success is told too.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) group: Vec<String>,
    /// Write a report that can be read by itself.
    #[arg(long, value_name = "HTML")]
    pub(crate) report: Option<PathBuf>,
}
