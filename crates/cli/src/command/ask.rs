//! `twinloom graph ask`: the analyst's query pack.
//!
//! The command line is made from the pack itself: a subcommand for each question, an option for each
//! of its parameters.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use serde_json::json;
use twinloom_codes::{ClinicalSet, ClinicalTables};
use twinloom_event::Code;
use twinloom_graph::{Answer, Asking, QUESTIONS, Question, Table, day, question};

use crate::command::graph::{ensure, read};
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{print_json, print_text, table};

/// Counts of people below it are not shown unless the user says otherwise.
const SUPPRESSED: &str = "5";

/// Arguments of `graph ask`: the list, or a question and what it is told.
#[derive(Debug)]
pub(crate) enum AskArguments {
    List,
    One(Box<AskOne>),
}

/// One question and what it is told.
#[derive(Debug)]
pub(crate) struct AskOne {
    name: String,
    study: PathBuf,
    as_of: Option<String>,
    suppress: u64,
    sets: Vec<String>,
    interactions: Option<PathBuf>,
    told: Vec<(String, String)>,
}

impl Args for AskArguments {
    fn augment_args(command: Command) -> Command {
        let list = Arg::new("list")
            .long("list")
            .action(ArgAction::SetTrue)
            .help("Say what each question asks, its parameters with defaults and ranges, method and limits");
        command
            .arg(list)
            .arg_required_else_help(true)
            .subcommand_value_name("NAME")
            .subcommand_help_heading("Questions")
            .subcommands(QUESTIONS.iter().map(one))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for AskArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Some((name, own)) = matches.subcommand() else {
            return Ok(Self::List);
        };
        let parameters = question(name).map_or(&[][..], |question| question.parameters);
        let told = parameters.iter().filter_map(|parameter| {
            own.get_one::<String>(parameter.name).map(|text| (parameter.name.to_owned(), text.clone()))
        });
        let told = told.collect();
        Ok(Self::One(Box::new(AskOne {
            name: name.to_owned(),
            study: own.get_one::<PathBuf>("study").cloned().unwrap_or_default(),
            as_of: own.get_one("as-of").cloned(),
            suppress: own.get_one("suppress").copied().unwrap_or_default(),
            sets: own.get_many::<String>("set").into_iter().flatten().cloned().collect(),
            interactions: own.get_one("interactions").cloned(),
            told,
        })))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The subcommand of one question.
fn one(question: &'static Question) -> Command {
    let study = Arg::new("study")
        .long("study")
        .value_name("DIR")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .help("The study folder");
    let as_of = Arg::new("as-of")
        .long("as-of")
        .value_name("DATE")
        .help("See only what was known by the end of this day, as YYYY-MM-DD");
    let suppress = Arg::new("suppress")
        .long("suppress")
        .value_name("N")
        .default_value(SUPPRESSED)
        .value_parser(value_parser!(u64))
        .help(
            "Show counts of people below N as \"<N\" and withhold what would tell them; 0 shows everything",
        );
    let set = Arg::new("set").long("set").value_name("NAME=FILE").action(ArgAction::Append).help(
        "Use the codes of a CSV file (columns system,code or code), or full codes joined by commas (SNOMED//44054006,ICD10//E11), as the clinical set NAME; repeatable",
    );
    let mut command = Command::new(question.name)
        .about(question.asks)
        .after_help(format!(
            "Method: {}\n\nLimits: {}\n\nExample:\n  {}",
            question.method,
            question.limits,
            example(question)
        ))
        .args([study, as_of, suppress, set]);
    if question.takes_interactions {
        command = command.arg(
            Arg::new("interactions")
                .long("interactions")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("A CSV file of pairs of ATC codes or full codes that interact, beside the graph's own"),
        );
    }
    for parameter in question.parameters {
        let default = parameter.default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
        let help = format!("{} ({}){default}", parameter.meaning, parameter.range.describe());
        let required = parameter.range == twinloom_graph::Range::Patient;
        command = command.arg(
            Arg::new(parameter.name)
                .long(parameter.name)
                .value_name("VALUE")
                .required(required)
                .allow_hyphen_values(true)
                .help(help),
        );
    }
    command
}

fn example(question: &Question) -> String {
    let told: String = question
        .parameters
        .iter()
        .filter_map(|parameter| Some(format!(" --{} {}", parameter.name, parameter.example()?)))
        .take(2)
        .collect();
    format!("twinloom graph ask {} --study s1{told}", question.name)
}

/// Runs `graph ask`.
pub(crate) fn run(context: &Context, arguments: &AskArguments) -> Result<ExitCode> {
    let tables = ClinicalTables::built_in()?;
    match arguments {
        AskArguments::List => list(context, &tables),
        AskArguments::One(one) => ask(context, one, tables)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(context: &Context, one: &AskOne, mut tables: ClinicalTables) -> Result<()> {
    let bad = |error: &dyn std::fmt::Display| BadInput::new(error.to_string());
    let as_of = match one.as_of.as_deref() {
        None => None,
        Some(text) => Some(
            day(text)
                .ok_or_else(|| bad(&format!("--as-of can't be {text:?}; permitted: a date, YYYY-MM-DD")))?,
        ),
    };
    for pair in &one.sets {
        let (name, path) =
            pair.split_once('=').filter(|(name, path)| !name.is_empty() && !path.is_empty()).ok_or_else(
                || bad(&format!("--set can't be {pair:?}; permitted: NAME=FILE, or NAME=CODE,CODE,...")),
            )?;
        tables.set(name).map_err(|error| bad(&format!("--set {pair}: {error}")))?;
        let set = if path.contains("//") && !Path::new(path).exists() {
            ClinicalSet::from_codes(name, path)
        } else {
            ClinicalSet::from_csv(name, &text(Path::new(path))?)
        };
        let set = set.map_err(|error| bad(&format!("{path}: {error}")))?;
        tables.replace(set);
    }
    let interactions = match &one.interactions {
        None => Vec::new(),
        Some(path) => pairs(&text(path)?).map_err(|error| bad(&format!("{}: {error}", path.display())))?,
    };
    let question = question(&one.name).map_err(|error| bad(&error))?;
    ensure(context, &one.study)?;
    let graph = read(&one.study)?;
    let asking = Asking { told: &one.told, tables: &tables, interactions: &interactions, as_of };
    let answer = graph.ask(question, asking).map_err(|error| {
        bad(&error).hint(format!("`twinloom graph ask {} --help` says what it can be told", question.name))
    })?;
    let answer = answer.suppressed(one.suppress);
    if context.common.json {
        let mut document = answer.to_json();
        document["as_of"] = json!(one.as_of);
        document["suppress"] = json!(one.suppress);
        print_json(&document);
    } else {
        print_text(&describe(question, &answer));
    }
    Ok(())
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| BadInput::new(format!("{} can't be read: {error}", path.display())).into())
}

/// The pairs of a file of two columns; a value without a system is an ATC code.
fn pairs(text: &str) -> Result<Vec<(Code, Code)>> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..).skip(1).filter(|(line, _)| !line.trim().is_empty()) {
        let mut fields = line.split(',').map(|field| field.trim().trim_matches('"'));
        let mut code = || -> Option<Code> {
            let field = fields.next().filter(|field| !field.is_empty())?;
            if field.contains("//") {
                Code::parse(field).ok()
            } else {
                Code::new("ATC", field).ok().filter(|_| is_atc(field))
            }
        };
        let pair = code().zip(code());
        found.push(pair.with_context(|| {
            format!("line {number} holds no pair; permitted: two ATC codes or full codes, then other columns")
        })?);
    }
    Ok(found)
}

/// Whether a value has the shape of an ATC code of one of its five levels: A, A10, A10B, A10BA, A10BA02.
fn is_atc(value: &str) -> bool {
    matches!(value.len(), 1 | 3 | 4 | 5 | 7)
        && value.bytes().enumerate().all(|(place, byte)| match place {
            0 | 3 | 4 => byte.is_ascii_uppercase(),
            _ => byte.is_ascii_digit(),
        })
}

fn describe(question: &Question, answer: &Answer) -> String {
    let mut parts = vec![question.asks.to_owned()];
    for own in &answer.tables {
        parts.push(format!("{}:\n{}", own.name.replace('_', " "), laid_out(own)));
    }
    parts.extend(answer.notes.iter().map(|note| format!("Note: {note}.")));
    parts.join("\n\n")
}

fn laid_out(own: &Table) -> String {
    let mut rows: Vec<Vec<String>> =
        vec![own.columns.iter().map(|column| column.replace('_', " ")).collect()];
    rows.extend(own.rows.iter().map(|row| row.iter().map(ToString::to_string).collect()));
    table(&rows)
}

fn list(context: &Context, tables: &ClinicalTables) {
    if context.common.json {
        let questions: Vec<_> = QUESTIONS
            .iter()
            .map(|question| {
                let parameters: Vec<_> = question
                    .parameters
                    .iter()
                    .map(|own| json!({ "name": own.name, "meaning": own.meaning, "permitted": own.range.describe(), "default": own.default }))
                    .collect();
                json!({
                    "name": question.name,
                    "question": question.asks,
                    "parameters": parameters,
                    "method": question.method,
                    "limits": question.limits,
                })
            })
            .collect();
        let sets: Vec<_> = tables
            .sets()
            .map(|set| json!({ "name": set.name(), "title": set.title(), "source": set.source(), "codes": set.codes().map(Code::as_str).collect::<Vec<_>>() }))
            .collect();
        print_json(&json!({ "questions": questions, "sets": sets }));
        return;
    }
    let mut parts = Vec::new();
    for question in QUESTIONS {
        let mut lines = vec![format!("{}\n  {}", question.name, question.asks)];
        for own in question.parameters {
            let default = own.default.map(|default| format!(", default {default}")).unwrap_or_default();
            lines.push(format!("  --{}: {} ({}{default})", own.name, own.meaning, own.range.describe()));
        }
        lines.push(format!("  Method: {}\n  Limits: {}", question.method, question.limits));
        parts.push(lines.join("\n"));
    }
    let mut sets = vec![vec!["clinical set".to_owned(), "title".to_owned(), "source".to_owned()]];
    sets.extend(
        tables.sets().map(|set| vec![set.name().to_owned(), set.title().to_owned(), set.source().to_owned()]),
    );
    parts.push(table(&sets));
    print_text(&parts.join("\n\n"));
}
