//! `twinloom audit disclosure`: what any table discloses to who knows some of its columns.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use twinloom_audit::disclosure::{
    Classes, FieldShare, PopulationUniqueness, delta_presence, k_map, population_uniqueness, risk_by_field,
};
use twinloom_records::rectangle::{read_rows, read_schema};
use twinloom_table::{InferParameters, Rows, Schema, Table, infer};

use super::refused;
use crate::compose;
use crate::context::Context;
use crate::evaluation::in_words;
use crate::failure::BadInput;
use crate::output::{grouped, print_json, print_text, table};

/// Arguments of `audit disclosure`.
#[derive(Debug, Args)]
pub(crate) struct DisclosureArguments {
    /// The table, synthetic or real: comma-separated values under a heading.
    #[arg(value_name = "CSV")]
    table: PathBuf,
    /// Columns that someone outside may know of a person.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required = true)]
    quasi_identifiers: Vec<String>,
    /// Columns that nobody outside should learn.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    sensitive: Vec<String>,
    /// People of the population that the table is a random sample of.
    #[arg(long, value_name = "N")]
    population: Option<u64>,
    /// The population itself, with the quasi-identifiers as columns.
    #[arg(long, value_name = "CSV")]
    population_table: Option<PathBuf>,
    /// What the columns hold, as YAML; found in the table if not given.
    #[arg(long, value_name = "YAML")]
    schema: Option<PathBuf>,
    /// Write a report that can be read by itself.
    #[arg(long, value_name = "HTML")]
    report: Option<PathBuf>,
}

/// What a table discloses.
#[derive(Serialize)]
pub(crate) struct Disclosed {
    pub(crate) rows: usize,
    pub(crate) quasi_identifiers: Vec<String>,
    pub(crate) classes: usize,
    pub(crate) k_anonymity: usize,
    /// Share of rows alone in their class.
    pub(crate) unique: f64,
    /// Rows in classes of fewer than 5, and of fewer than 10.
    pub(crate) rows_below_5: usize,
    pub(crate) rows_below_10: usize,
    pub(crate) sensitive: Vec<SensitiveColumn>,
    pub(crate) risk_by_field: Vec<FieldShare>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) population: Option<PopulationUniqueness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) k_map: Option<usize>,
    /// Least and greatest chance that someone of the population is in the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delta_presence: Option<(f64, f64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) written: Option<String>,
}

/// What the classes tell of one column.
#[derive(Serialize)]
pub(crate) struct SensitiveColumn {
    pub(crate) column: String,
    pub(crate) distinct_l: usize,
    pub(crate) entropy_l: f64,
    pub(crate) t: f64,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &DisclosureArguments) -> Result<ExitCode> {
    let (own, population) = read(arguments)?;
    let fields: Vec<&str> = arguments.quasi_identifiers.iter().map(String::as_str).collect();
    if let Some(both) = arguments.sensitive.iter().find(|name| fields.contains(&name.as_str())) {
        let message = format!("column {both} is both known and sensitive; permitted: one of the two");
        return Err(BadInput::new(message).into());
    }
    let classes = Classes::new(&own, &fields).map_err(refused)?;
    let sensitive = arguments.sensitive.iter().map(|name| {
        let found = classes.sensitive(name).map_err(refused)?;
        Ok(SensitiveColumn {
            column: name.clone(),
            distinct_l: found.distinct_l,
            entropy_l: found.entropy_l,
            t: found.t,
        })
    });
    let seed = context.common.seed;
    let uniqueness = arguments.population.map(|people| population_uniqueness(&own, &fields, people, seed));
    let everyone = population.as_ref();
    let disclosed = Disclosed {
        rows: own.len(),
        quasi_identifiers: arguments.quasi_identifiers.clone(),
        classes: classes.rows().count(),
        k_anonymity: classes.k_anonymity(),
        unique: classes.unique_share(),
        rows_below_5: classes.below(5).len(),
        rows_below_10: classes.below(10).len(),
        sensitive: sensitive.collect::<Result<_>>()?,
        risk_by_field: risk_by_field(&own, &fields, seed).map_err(refused)?,
        population: uniqueness.transpose().map_err(refused)?,
        k_map: everyone.map(|people| k_map(&own, people, &fields)).transpose().map_err(refused)?,
        delta_presence: everyone
            .map(|people| delta_presence(&own, people, &fields))
            .transpose()
            .map_err(refused)?,
        written: arguments.report.as_ref().map(|path| path.display().to_string()),
    };
    if let Some(path) = &arguments.report {
        compose::write_page(&compose::tables::disclosure::report(context, &disclosed), path)?;
    }
    if context.common.json {
        print_json(&disclosed);
    } else {
        print_text(&describe(&disclosed));
    }
    Ok(ExitCode::SUCCESS)
}

/// The table and the population, under one schema.
fn read(arguments: &DisclosureArguments) -> Result<(Table, Option<Table>)> {
    let rows = read_rows(&arguments.table).map_err(refused)?;
    let people = arguments.population_table.as_ref().map(|file| read_rows(file)).transpose();
    let people = people.map_err(refused)?;
    let schema: Schema = match (&arguments.schema, &people) {
        (Some(file), _) => read_schema(file).map_err(refused)?,
        (None, None) => infer(&rows, &InferParameters::default()).map_err(refused)?,
        (None, Some(people)) => {
            let mut both = rows.clone();
            both.append(&only(people, rows.names())?).map_err(refused)?;
            infer(&both, &InferParameters::default()).map_err(refused)?
        }
    };
    let own = Table::read(&schema, &rows).map_err(refused)?;
    let population = people.map(|people| -> Result<Table> {
        let names: Vec<_> = schema.columns().iter().map(|column| column.name.clone()).collect();
        Ok(Table::read(&schema, &only(&people, &names)?).map_err(refused)?)
    });
    Ok((own, population.transpose()?))
}

/// The columns named, empty where there are none: a population need not tell what only the table holds.
fn only(rows: &Rows, names: &[std::sync::Arc<str>]) -> Result<Rows> {
    let cells: Vec<Option<&[std::sync::Arc<str>]>> = names.iter().map(|name| rows.column(name)).collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    let row = |at: usize| {
        let cells = cells.iter().map(move |column| column.map_or("", |column| &*column[at]));
        cells.collect::<Vec<&str>>()
    };
    Ok(Rows::new(&names, (0..rows.len()).map(row)).map_err(refused)?)
}

/// What the figures say, a sentence each.
pub(crate) fn sentences(disclosed: &Disclosed) -> Vec<String> {
    let count = |rows: usize| grouped(rows as u64);
    let mut all = vec![
        format!(
            "{} rows fall into {} classes by {}.",
            count(disclosed.rows),
            count(disclosed.classes),
            disclosed.quasi_identifiers.join(", ")
        ),
        format!(
            "The table is {}-anonymous: the smallest class has {}. {:.1} % of rows are alone in theirs; {} are in classes of \
             fewer than 5, {} of fewer than 10.",
            disclosed.k_anonymity,
            if disclosed.k_anonymity == 1 {
                "one row".to_owned()
            } else {
                format!("{} rows", disclosed.k_anonymity)
            },
            100.0 * disclosed.unique,
            count(disclosed.rows_below_5),
            count(disclosed.rows_below_10),
        ),
    ];
    if let Some(population) = &disclosed.population {
        all.push(format!(
            "Of a population of {}, the share of these people who are alone with their values is estimated as {}; a match is \
             right with a chance of {}.",
            grouped(population.population),
            in_words(&population.unique),
            in_words(&population.correct)
        ));
    }
    if let Some(k) = disclosed.k_map {
        all.push(match k {
            0 => "Some rows match nobody of the population given: k-map does not apply to them.".to_owned(),
            k => format!("At least {k} of the population given share each row's values ({k}-map)."),
        });
    }
    if let Some((least, greatest)) = disclosed.delta_presence {
        all.push(format!(
            "Whether someone of that population is in the table can be told with a chance of {least:.3} to {greatest:.3}."
        ));
    }
    all
}

fn describe(disclosed: &Disclosed) -> String {
    let mut parts = vec![sentences(disclosed).join("\n")];
    if !disclosed.sensitive.is_empty() {
        let heading = ["sensitive column", "l (distinct)", "l (entropy)", "t"].map(str::to_owned).to_vec();
        let rows = disclosed.sensitive.iter().map(|own| {
            vec![
                own.column.clone(),
                own.distinct_l.to_string(),
                format!("{:.3}", own.entropy_l),
                format!("{:.3}", own.t),
            ]
        });
        parts.push(table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>()));
    }
    let heading = ["field", "its part of the rows that are unique"].map(str::to_owned).to_vec();
    let rows = disclosed.risk_by_field.iter().map(|own| vec![own.field.clone(), in_words(&own.share)]);
    parts.push(table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>()));
    parts.push(
        "None of these bounds what can be learned: a table may be k-anonymous and tell everyone's secret. Columns not named \
         are taken to be known to nobody."
            .to_owned(),
    );
    parts.join("\n\n")
}
