//! Arguments of the verbs that make synthetic tables.

use std::path::PathBuf;

use clap::Args;

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
