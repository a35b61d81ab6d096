//! Fills a report with what the study's steps found.

pub(crate) mod benchmark;
mod cohort;
pub(crate) mod comparison;
pub(crate) mod explanations;
mod graph;
mod hypergraph;
mod methods;
mod patient;
pub(crate) mod realism;
mod results;
pub(crate) mod synthesis;
pub(crate) mod tables;
pub(crate) mod vectors;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::json;
use twinloom_event::{Code, Dataset};
use twinloom_graph::PropertyGraph;
use twinloom_records::ImportReport;
use twinloom_report::{Intake, IntakeProblem, IntakeTable, Report};
use twinloom_views::summary::{subject_to_draw, volume};

use crate::command;
pub(crate) use crate::command::twin::setting::write_report as write_page;
use crate::context::{Context, Stopwatch};
use crate::evaluation::{self, BenchmarkDocument};
use crate::manifest::{self, Manifest};
use crate::study;

/// Where the report stands in a study.
const FILE: &str = "reports/study.html";

/// Writes the study's report; gives its path.
pub(crate) fn write(
    context: &Context,
    folder: &Path,
    dataset: &Dataset,
    graph: &PropertyGraph,
) -> Result<PathBuf> {
    let mut stopwatch = Stopwatch::start();
    let manifest = Manifest::read(folder)?;
    let words = Words::of(dataset);
    let volume = volume(&dataset.cohort);
    let mut report = Report::new(methods::title(&manifest), methods::study(&manifest, &volume))
        .subtitle(methods::subtitle(&manifest));
    if let Some(section) = cohort::pyramid_section(&dataset.cohort) {
        report = report.section(section);
    }
    if let Some(section) = cohort::prevalence_section(&dataset.cohort, &words, &manifest) {
        report = report.section(section);
    }
    stopwatch.lap("cohort");
    for section in hypergraph::sections(context, dataset, methods::is_simulated(&manifest))? {
        report = report.section(section);
    }
    stopwatch.lap("hypergraph");
    let drawn = subject_to_draw(&dataset.cohort).and_then(|subject| dataset.cohort.get(subject));
    if let Some(timeline) = drawn {
        report = report.section(patient::section(folder, timeline, &words)?);
    }
    report = report.section(graph::schema(graph));
    if let Some(section) =
        drawn.and_then(|timeline| graph::neighbourhood(graph, timeline.subject_id(), &words))
    {
        report = report.section(section);
    }
    for document in benchmarks(folder)? {
        for section in results::sections(&document) {
            report = report.section(section);
        }
    }
    if let Some(intake) = study::document::<ImportReport>(folder, study::IMPORT_REPORT)? {
        report = report.section(intake_section(&intake));
    }
    report = report.section(methods::section(&manifest));

    let path = folder.join(FILE);
    if let Some(home) = path.parent() {
        fs::create_dir_all(home).with_context(|| format!("{} can't be made", home.display()))?;
    }
    fs::write(&path, report.to_html()).with_context(|| format!("{} can't be written", path.display()))?;
    let outputs = manifest::outputs(folder, &[FILE])?;
    let step = context.step("study report", json!({}), Vec::new(), outputs);
    Manifest::record(folder, "report", step, stopwatch.timing(context.threads), &[])?;
    Ok(path)
}

/// Reads what a report needs from a study, builds the graph if there is none, and writes the report.
pub(crate) fn write_for(context: &Context, folder: &Path) -> Result<PathBuf> {
    command::graph::ensure(context, folder)?;
    let dataset = study::dataset(folder)?;
    let graph = command::graph::read(folder)?;
    write(context, folder, &dataset, &graph)
}

/// Every stored benchmark, in order of task.
pub(crate) fn benchmarks(folder: &Path) -> Result<Vec<BenchmarkDocument>> {
    let manifest = Manifest::read(folder)?;
    let mut documents = Vec::new();
    for task in manifest.steps.keys().filter_map(|step| step.strip_prefix("learn/")) {
        documents.extend(study::document(folder, &format!("models/{task}/{}", evaluation::FILE))?);
    }
    Ok(documents)
}

fn intake_section(report: &ImportReport) -> Intake {
    let problem = |(table, problem): (&String, &twinloom_records::Problem)| IntakeProblem {
        table: table.clone(),
        sort: json!(problem.kind).as_str().unwrap_or_default().replace('_', " "),
        reason: problem.reason.clone(),
        count: problem.count,
        first_location: problem.first.first().map(ToString::to_string),
    };
    Intake {
        format: report.format.clone(),
        files: report.files,
        bytes: report.bytes,
        tables: report
            .tables
            .iter()
            .map(|(name, counts)| IntakeTable {
                name: name.clone(),
                read: counts.read,
                kept: counts.kept,
                skipped: counts.skipped,
                events: counts.events,
            })
            .collect(),
        problems: report
            .tables
            .iter()
            .flat_map(|(name, counts)| counts.problems.iter().map(move |found| (name, found)))
            .map(problem)
            .collect(),
    }
}

/// The text with its first letter a capital.
fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Codes in words.
pub(crate) struct Words<'d>(BTreeMap<&'d Code, &'d str>);

impl<'d> Words<'d> {
    pub(crate) fn of(dataset: &'d Dataset) -> Self {
        let described =
            |concept: &'d twinloom_event::Concept| Some((&concept.code, concept.description.as_deref()?));
        Self(dataset.concepts.iter().filter_map(described).collect())
    }

    /// What a code means; failing that, what its own text says.
    fn of_code(&self, code: &Code) -> String {
        self.0.get(code).map_or_else(|| spelt_out(code), |&words| words.to_owned())
    }

    /// As [`Words::of_code`], for a code as written.
    pub(crate) fn of_text(&self, text: &str) -> String {
        Code::parse(text).map_or_else(|_| text.to_owned(), |code| self.of_code(&code))
    }
}

/// A source's own code often is a path (`EICU//DIAGNOSIS//cardiovascular|shock|sepsis`): its last part
/// says most. A short code is followed by its system.
fn spelt_out(code: &Code) -> String {
    let Some(system) = code.system() else {
        return code.to_string();
    };
    let last = code.value().rsplit("//").next().unwrap_or_default();
    // A slash or two may stand in a dose (`25 MG/5 ML`), more make a path.
    let separator = if last.matches('/').count() > 2 { '/' } else { '|' };
    let mut parts = last.rsplit(separator).map(str::trim).filter(|part| !part.is_empty());
    match (parts.next(), parts.next()) {
        // A number or a letter is an answer and says nothing without its question.
        (Some(part), Some(before)) if part.chars().count() < 3 || part.parse::<f64>().is_ok() => {
            format!("{before}: {part}")
        }
        (Some(part), _) if part.len() < code.value().len() => part.to_owned(),
        _ => format!("{} ({system})", code.value()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_codes_without_words_are_spelt_out() {
        let said = |text: &str| spelt_out(&Code::parse(text).expect("a code"));
        assert_eq!(said("EICU//DIAGNOSIS//cardiovascular|shock|sepsis"), "sepsis");
        assert_eq!(said("EICU//VITAL//noninvasivemean"), "noninvasivemean");
        assert_eq!(said("ICD10CM//I10"), "I10 (ICD10CM)");
        assert_eq!(said("EICU//NURSING//Scores|Glasgow coma score|motor|6"), "motor: 6");
        assert_eq!(said("MEDS_BIRTH"), "MEDS_BIRTH");
        assert_eq!(said("EICU//NOTE//notes/Progress Notes/History/Asthma"), "Asthma");
        assert_eq!(said("EICU//MEDICATION//DILTIAZEM 25 MG/5 ML"), "DILTIAZEM 25 MG/5 ML");
    }
}
