//! A benchmark's own report: what was predicted, how well, for whom, and what the graph adds.

mod sections;
mod words;

use std::path::{Path, PathBuf};

use anyhow::Result;
use twinloom_event::Cohort;
use twinloom_report::{Methods, MethodsBlock, Report, Section};
use twinloom_views::summary::volume;

use super::{methods, results};
use crate::command::twin::setting;
use crate::evaluation::BenchmarkDocument;
use crate::manifest::Manifest;

/// Writes the report beside the study's own; gives its path.
///
/// It states what each model cost on this machine, so it is not among the files that a seed reproduces.
pub(crate) fn write(folder: &Path, cohort: &Cohort, document: &BenchmarkDocument) -> Result<PathBuf> {
    let manifest = Manifest::read(folder)?;
    let timing = Manifest::timings(folder).remove(&format!("learn/{}", document.task));
    let mut report = Report::new(
        format!("Models compared: {}", results::outcome(&document.task)),
        methods::study(&manifest, &volume(cohort)),
    )
    .subtitle(document.description.clone())
    .section(Section::new(in_short(document)).heading("In short"));
    let parts = [
        sections::over_outcomes(document),
        results::sections(document),
        sections::what_the_graph_adds(document),
        sections::decisions(document),
        sections::groups(document),
        sections::by_outcome(document),
        sections::leakage(document),
        sections::cost(document, timing.as_ref()),
    ];
    for section in parts.into_iter().flatten() {
        report = report.section(section);
    }
    let report = report.section(how(document));
    let path = folder.join(format!("reports/benchmark-{}.html", document.task));
    setting::write_report(&report, &path)?;
    Ok(path)
}

fn in_short(document: &BenchmarkDocument) -> Methods {
    let block = |heading: &str, paragraphs| MethodsBlock { heading: heading.to_owned(), paragraphs };
    Methods {
        blocks: vec![
            block("Which model predicts best", words::best(document)),
            block("What the graph adds, and where it does not win", words::graph(document)),
            block("Whether the comparison can be trusted", words::trust(document)),
        ],
        ..Methods::default()
    }
}

fn how(document: &BenchmarkDocument) -> Methods {
    let models = document.panels.first().into_iter().flat_map(|panel| &panel.rows);
    Methods {
        blocks: vec![
            MethodsBlock::new(
                "Who is trained on and who is judged",
                format!(
                    "{}. No patient is in two parts. Columns, vocabularies, scaling and embeddings are fitted on the \
                     training part alone; every model reads the same record up to the prediction time.",
                    super::upper_first(&document.design)
                ),
            ),
            MethodsBlock::new(
                "The same budget of tuning for every model",
                format!(
                    "Each model could try {} on the tuning part: penalties of logistic regression, depths of trees, \
                     learning rates and dropouts of networks. Networks and trees stop where the tuning part no longer \
                     gains. With what was chosen, each is fitted again on the training and tuning parts together.",
                    counted(document.settings, "setting")
                ),
            ),
            MethodsBlock::new(
                "Intervals and p values",
                format!(
                    "Intervals are 95 % and resample patients {} times, the same samples for every model, so that \
                     differences are paired. p values of differences of AUROC are DeLong's by patient, adjusted for the \
                     number of planned comparisons by Holm's method.",
                    document.replicates
                ),
            ),
            MethodsBlock {
                heading: "The models".to_owned(),
                paragraphs: models.map(|row| format!("{}: {}.", row.name, row.description)).collect(),
            },
        ],
        limits: vec![
            "One data set and one task: another may rank the models otherwise.".to_owned(),
            "A small budget of tuning favours models that need little of it.".to_owned(),
            "Good discrimination is no evidence that acting on a prediction helps a patient.".to_owned(),
            "Research output. Not for patient care.".to_owned(),
        ],
        manifest: Vec::new(),
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
