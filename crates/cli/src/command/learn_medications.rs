//! `twinloom learn medications`: which classes of drugs an admission is given, with few that interact.

use std::cell::Cell;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::json;
use twinloom_audit::{Options, RecommendationFigures, Recommended, recommendation};
use twinloom_codes::DrugWords;
use twinloom_event::{Attribute, Event};
use twinloom_learn::medication::{
    Admissions, MedicationModel, MedicationParameters, RecommendedSet, SafeDrugLoss, recommend,
};
use twinloom_records::MemorySink;
use twinloom_records::tables::{TableFormat, import_tables};

use crate::args::MedicationsArguments;
use crate::command::learn_drugs::read_pairs;
use crate::context::{Context, Stopwatch};
use crate::evaluation::in_words;
use crate::failure::BadInput;
use crate::output::{print_json, print_text, table};
use crate::progress;

/// The MIMIC-III demo.
const RECORDS: &str = "mimic3_demo";
/// Patients who must have been given a class for it to be asked.
const LEAST_PATIENTS: usize = 5;
/// What a prescription's code begins with.
const PRESCRIPTION: &str = "PRESCRIPTION//";

/// A model's figures.
#[derive(Debug, Serialize)]
struct MedicationRow {
    model: String,
    figures: RecommendationFigures,
}

/// Orders of drugs by what became of them.
#[derive(Debug, Default, Serialize)]
struct Orders {
    with_class: Cell<usize>,
    without_class: Cell<usize>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &MedicationsArguments) -> Result<ExitCode> {
    let stopwatch = Stopwatch::start();
    let pairs = read_pairs(&arguments.data)?;
    let folder = arguments.data.join(RECORDS);
    let bar = progress::bar(&context.common, "reading", None);
    let mut sink = MemorySink::default();
    import_tables(&TableFormat::Mimic3, &folder, &mut sink, &mut |_| bar.tick()).map_err(|error| {
        let hint = format!("state the folder that holds {RECORDS} with --data");
        BadInput::from_chain(&anyhow::Error::new(error)).hint(hint)
    })?;
    bar.finish_and_clear();
    let cohort = sink.into_dataset().context("the records make no timelines")?.cohort;
    let words = DrugWords::built_in()?;
    let orders = Orders::default();
    let class_of = |event: &Event| {
        let name = event.code().value().strip_prefix(PRESCRIPTION)?;
        // Fluids that carry a drug are orders of their own.
        if event.attribute("drug_type").and_then(Attribute::as_text) != Some("MAIN") {
            return None;
        }
        let class = words.class_of(name).map(str::to_owned);
        let count = if class.is_some() { &orders.with_class } else { &orders.without_class };
        count.set(count.get() + 1);
        class
    };
    let refused = |error| BadInput::from_chain(&anyhow::Error::new(error));
    let admissions = Admissions::new(&cohort, &class_of, &pairs, LEAST_PATIENTS).map_err(refused)?;
    let parameters = MedicationParameters {
        repeats: arguments.repeats as usize,
        seed: context.common.seed,
        loss: SafeDrugLoss { scale: arguments.penalty, ..SafeDrugLoss::default() },
        ..MedicationParameters::default()
    };
    let models = MedicationModel::ALL;
    let fits = models.len() * parameters.repeats * parameters.folds;
    let bar = progress::bar(&context.common, "fits", Some(fits as u64));
    let found = recommend(&admissions, &models, &parameters, &|| bar.inc(1)).map_err(refused)?;
    bar.finish_and_clear();

    let options =
        Options { replicates: arguments.replicates, seed: context.common.seed, ..Options::default() };
    let judge = |sets: &[RecommendedSet], as_given: bool| {
        let set = |set: &RecommendedSet| Recommended {
            subject: set.subject,
            given: set.given.clone(),
            scores: set.scores.clone(),
            chosen: if as_given { set.given.clone() } else { set.chosen.clone() },
        };
        recommendation(&sets.iter().map(set).collect::<Vec<_>>(), admissions.interactions(), &options)
    };
    let rows: Vec<MedicationRow> = models
        .iter()
        .zip(&found)
        .map(|(model, sets)| MedicationRow { model: model.name(), figures: judge(sets, false) })
        .collect();
    let as_given = judge(found.first().map(Vec::as_slice).unwrap_or_default(), true);
    if context.common.json {
        print_json(&json!({
            "patients": admissions.patients().len(),
            "admissions": admissions.rows().len(),
            "classes": admissions.classes(),
            "rare_classes": admissions.rare_classes(),
            "interacting_pairs": admissions.interactions().len(),
            "orders": orders,
            "parameters": parameters,
            "as_given": { "interaction_rate": as_given.interaction_rate, "items": as_given.items },
            "rows": rows,
            "seconds": stopwatch.seconds(),
        }));
    } else {
        print_text(&format!(
            "{} admissions of {} patients (MIMIC-III demo); {} classes of drugs given to {LEAST_PATIENTS} patients or \
             more, {} rarer ones left out; {} pairs of them interact.\n\
             Of {} orders, {} have a class by their name.\n\n{}\n\n\
             {} divisions of the patients into {} folds; 95 % intervals resample patients. So few patients settle \
             no ranking: intervals that overlap say no more than that. Diagnoses are coded at discharge. {:.0} s.",
            admissions.rows().len(),
            admissions.patients().len(),
            admissions.classes().len(),
            admissions.rare_classes(),
            admissions.interactions().len(),
            orders.with_class.get() + orders.without_class.get(),
            orders.with_class.get(),
            described(&as_given, &rows),
            parameters.repeats,
            parameters.folds,
            stopwatch.seconds(),
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn described(as_given: &RecommendationFigures, rows: &[MedicationRow]) -> String {
    let headings = ["model", "Jaccard", "F1", "AUPRC", "interaction rate", "classes"];
    let mut lines = vec![headings.map(str::to_owned).to_vec()];
    let none = || "-".to_owned();
    lines.push(vec![
        "as given".to_owned(),
        none(),
        none(),
        none(),
        in_words(&as_given.interaction_rate),
        in_words(&as_given.items),
    ]);
    lines.extend(rows.iter().map(|row| {
        let figures = [
            row.figures.jaccard,
            row.figures.f1,
            row.figures.auprc,
            row.figures.interaction_rate,
            row.figures.items,
        ];
        let mut line = vec![row.model.clone()];
        line.extend(figures.iter().map(in_words));
        line
    }));
    table(&lines)
}
