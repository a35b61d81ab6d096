//! `twinloom synth schema`: what a table's columns hold, as YAML for its owner to edit.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use serde_json::json;
use twinloom_records::rectangle::{read_rows, write_schema};
use twinloom_table::{ColumnKind, InferParameters, Schema, infer};

use super::arguments::SchemaArguments;
use super::refused;
use crate::context::Context;
use crate::output::{print_json, print_text, table};

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &SchemaArguments) -> Result<ExitCode> {
    let rows = read_rows(&arguments.table).map_err(refused)?;
    let schema = infer(&rows, &InferParameters::default()).map_err(refused)?;
    let dropped: Vec<&str> = arguments.drop.iter().map(String::as_str).collect();
    let schema = if dropped.is_empty() { schema } else { schema.without(&dropped).map_err(refused)? };
    let subject = arguments.subject.as_deref().map(Arc::from);
    let schema =
        Schema::new(schema.columns().to_vec(), schema.constraints().to_vec(), subject).map_err(refused)?;
    write_schema(&arguments.out, &schema).map_err(refused)?;
    if context.common.json {
        print_json(&json!({ "schema": schema, "file": arguments.out }));
    } else {
        print_text(&described(&schema, &arguments.out.display().to_string()));
    }
    Ok(ExitCode::SUCCESS)
}

fn described(schema: &Schema, file: &str) -> String {
    let mut lines = vec![["column", "holds", "within"].map(str::to_owned).to_vec()];
    for column in schema.columns() {
        let (holds, within) = match &column.kind {
            ColumnKind::Category { categories, .. } => {
                ("categories", format!("{} categories", categories.len()))
            }
            kind => (
                match kind {
                    ColumnKind::Integer { .. } => "whole numbers",
                    ColumnKind::Date { .. } => "dates",
                    _ => "numbers",
                },
                kind.bounds().map_or_else(String::new, |own| format!("{} to {}", own.least, own.greatest)),
            ),
        };
        lines.push(vec![column.name.to_string(), holds.to_owned(), within]);
    }
    format!(
        "{}\n\nWritten to {file}. Bounds and categories are from the data: where you know them without looking, set \
         them and `origin: declared`, so that a private fit need not pay for them.",
        table(&lines)
    )
}
