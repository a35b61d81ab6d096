//! Arguments of the verbs that make synthetic tables.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use twinloom_synth::GeneratorKind;

/// Arguments of `synth schema`.
#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// The table: comma-separated values under a heading, `.gz` or not.
    #[arg(value_name = "CSV")]
    pub(crate) table: PathBuf,
    /// Where to write the schema.
    #[arg(long, value_name = "YAML", default_value = "schema.yaml")]
    pub(crate) out: PathBuf,
    /// Columns to leave out.
    #[arg(long, value_name = "COLUMN,..", value_delimiter = ',')]
    pub(crate) drop: Vec<String>,
    /// The column that tells whose a row is, where a person may have several.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) subject: Option<String>,
}

/// A generator on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Model {
    /// Each column by itself: what a table looks like when nothing goes with anything.
    Independent,
    /// A Gaussian copula: each column's own distribution and correlations between them.
    Copula,
    /// A tree of pairs of columns (MST): fast, and the first to try.
    Mst,
    /// Pairs of columns chosen one after the other (AIM): closer, and slower.
    Aim,
    /// A causal graph, learned by greedy search: rows can also be drawn as an intervention would make them.
    Causal,
    /// A variational autoencoder; private over encoder and decoder alike.
    Vae,
}

impl From<Model> for GeneratorKind {
    fn from(model: Model) -> Self {
        match model {
            Model::Independent => Self::Independent,
            Model::Copula => Self::Copula,
            Model::Mst => Self::Mst,
            Model::Aim => Self::Aim,
            Model::Causal => Self::Causal,
            Model::Vae => Self::Vae,
        }
    }
}

/// The real table and what is promised to its people.
#[derive(Debug, Args)]
pub(crate) struct SourceArguments {
    /// The table: comma-separated values under a heading, `.gz` or not.
    #[arg(value_name = "CSV")]
    pub(crate) table: PathBuf,
    /// What the columns hold, as `synth schema` writes it; found in the table if not given.
    #[arg(long, value_name = "YAML")]
    pub(crate) schema: Option<PathBuf>,
    /// Columns to leave out.
    #[arg(long, value_name = "COLUMN,..", value_delimiter = ',')]
    pub(crate) drop: Vec<String>,
    /// The column that tells whose a row is, where a person may have several: one row of each is kept.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) subject: Option<String>,
    /// A column that models will be taught to predict from the rows: what goes with it is kept best.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: Option<String>,
    /// Intervals of a column of numbers: 32, or 8 with differential privacy, if not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(crate) bins: Option<u32>,
    /// How much more it counts, for `aim`, what goes with the target.
    #[arg(long, value_name = "W", default_value_t = 1.0)]
    pub(crate) target_weight: f64,
    /// Chance, with differential privacy, that the promise may fail: well below one in the number of people.
    #[arg(long, value_name = "DELTA", default_value_t = 1e-6)]
    pub(crate) delta: f64,
}

/// Arguments of `synth fit`.
#[derive(Debug, Args)]
pub(crate) struct FitArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// The generator.
    #[arg(long, value_enum, default_value_t = Model::Mst)]
    pub(crate) model: Model,
    /// Differential privacy: the greatest epsilon. Without it nothing is promised to anyone.
    #[arg(long, value_name = "EPSILON")]
    pub(crate) epsilon: Option<f64>,
    /// Where to write the fitted generator.
    #[arg(long, value_name = "JSON", default_value = "generator.json")]
    pub(crate) out: PathBuf,
}

/// Arguments of `synth recommend`.
#[derive(Debug, Args)]
pub(crate) struct RecommendArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// Whether rows shall be released under a claim: then only the schema is looked at.
    #[arg(long)]
    pub(crate) private: bool,
}

/// Arguments of `synth sample`.
#[derive(Debug, Args)]
pub(crate) struct SampleArguments {
    /// A fitted generator, as `synth fit` writes it.
    #[arg(value_name = "JSON")]
    pub(crate) generator: PathBuf,
    /// Rows to draw.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) rows: u64,
    /// Where to write them.
    #[arg(long, value_name = "CSV", default_value = "synthetic.csv")]
    pub(crate) out: PathBuf,
}

/// Arguments of `synth report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// The generators to compare.
    #[arg(long, value_enum, value_name = "MODEL,..", value_delimiter = ',', default_values_t = [Model::Independent, Model::Mst, Model::Aim])]
    pub(crate) models: Vec<Model>,
    /// Budgets to compare, beside no privacy.
    #[arg(long, value_name = "EPSILON,..", value_delimiter = ',', default_values_t = [0.5, 1.0, 3.0])]
    pub(crate) epsilon: Vec<f64>,
    /// Fits, or draws where the fit has no noise, behind each figure.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=100))]
    pub(crate) repeats: u32,
    /// What models taught by the rows shall predict: COLUMN=CATEGORY or COLUMN>NUMBER; by default each category of the target.
    #[arg(long, value_name = "QUESTION")]
    pub(crate) question: Vec<String>,
    /// Columns kept from those models, such as a follow-up time that tells the outcome.
    #[arg(long, value_name = "COLUMN,..", value_delimiter = ',')]
    pub(crate) without: Vec<String>,
    /// Where to write the report.
    #[arg(long, value_name = "HTML", default_value = "synthetic.html")]
    pub(crate) out: PathBuf,
}
