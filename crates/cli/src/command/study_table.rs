//! `twinloom study table`: one row a person, for whoever works with tables.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinloom_event::{Code, SubjectId};
use twinloom_records::rectangle::{write_schema, write_table};
use twinloom_views::{Instance, PersonTableOptions, instances, person_table};

use crate::args::StudyTableArguments;
use crate::command::learn::asked;
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{grouped, print_json, print_text};
use crate::study;

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &StudyTableArguments) -> Result<ExitCode> {
    let task = asked::task(&arguments.task, arguments.condition.as_deref())?;
    let data = study::dataset(&arguments.study)?;
    let (found, report) = instances(&task, &data.cohort);
    // Instances come by subject, then time: the last of each stays.
    let last: BTreeMap<SubjectId, Instance> =
        found.into_iter().map(|instance| (instance.subject_id(), instance)).collect();
    if last.is_empty() {
        return Err(BadInput::new(format!("task {} finds nobody in this study", task.name))
            .hint(format!("left out: {}", json!(report.excluded)))
            .into());
    }
    let people: Vec<Instance> = last.into_values().collect();
    let outcomes: Vec<bool> = people.iter().map(Instance::is_positive).collect();
    let names: BTreeMap<&Code, &str> = data
        .concepts
        .iter()
        .filter_map(|concept| Some((&concept.code, concept.description.as_deref()?)))
        .collect();
    let named = |code: &Code| names.get(code).map_or_else(|| code.to_string(), |name| (*name).to_owned());
    let options = PersonTableOptions {
        conditions: arguments.conditions as usize,
        measurements: arguments.measurements as usize,
        ..PersonTableOptions::default()
    };
    let refused = |error: &dyn std::error::Error| BadInput::new(error.to_string());
    let views = task.views(&data.cohort, &people)?;
    let table =
        person_table(&views, (&task.name, &outcomes), &options, named).map_err(|error| refused(&error))?;
    write_table(&arguments.out, &table, &[]).map_err(|error| BadInput::from_chain(&error.into()))?;
    if let Some(file) = &arguments.schema {
        write_schema(file, table.schema()).map_err(|error| BadInput::from_chain(&error.into()))?;
    }
    let positives = outcomes.iter().filter(|outcome| **outcome).count();
    if context.common.json {
        print_json(&json!({
            "file": arguments.out,
            "rows": table.len(),
            "columns": table.columns().len(),
            "outcome": task.name,
            "positives": positives,
            "left_out": report.excluded,
        }));
    } else {
        print_text(&format!(
            "{} people, {} columns, {} with the outcome {}: written to {}.",
            grouped(table.len() as u64),
            table.columns().len(),
            grouped(positives as u64),
            task.name,
            arguments.out.display(),
        ));
    }
    Ok(ExitCode::SUCCESS)
}
