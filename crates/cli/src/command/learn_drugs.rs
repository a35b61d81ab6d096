//! `twinloom learn interactions`: which classes of drugs interact, by networks and by counting.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use serde_json::json;
use twinloom_audit::{RepeatedRanking, Scores, repeated_ranking};
use twinloom_learn::interactions::{
    InteractionGraph, InteractionParameters, PairModel, RunScores, TripleModel, predict_pairs,
    predict_triples,
};

use crate::args::InteractionsArguments;
use crate::context::{Context, Stopwatch};
use crate::evaluation::in_words;
use crate::failure::BadInput;
use crate::output::{print_json, print_text, table};
use crate::progress;

/// Interacting pairs of ATC classes, two columns under a heading.
const PAIRS: &str = "ddi_safedrug/ddi_atc_pairs.csv";

/// A model's figures.
#[derive(Debug, Serialize)]
struct InteractionRow {
    model: String,
    /// Against all that don't interact.
    all: RepeatedRanking,
    /// Against as many as interact.
    equal: RepeatedRanking,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &InteractionsArguments) -> Result<ExitCode> {
    let pairs = read_pairs(&arguments.data)?;
    let graph =
        InteractionGraph::new(pairs).map_err(|error| BadInput::from_chain(&anyhow::Error::new(error)))?;
    let parameters = InteractionParameters {
        repeats: arguments.repeats as usize,
        seed: context.common.seed,
        ..InteractionParameters::default()
    };
    let stopwatch = Stopwatch::start();
    let fits = parameters.repeats
        * (PairModel::ALL.len() * parameters.folds + TripleModel::ALL.len() * parameters.triple_folds);
    let bar = progress::bar(&context.common, "fits", Some(fits as u64));
    let refused = |error| BadInput::from_chain(&anyhow::Error::new(error));
    let pairs = predict_pairs(&graph, &PairModel::ALL, &parameters, &|| bar.inc(1)).map_err(refused)?;
    let triples = predict_triples(&graph, &TripleModel::ALL, &parameters, &|| bar.inc(1)).map_err(refused)?;
    bar.finish_and_clear();
    let pair_rows = rows(&PairModel::ALL, &pairs, parameters.folds, |model| model.name().to_owned());
    let triple_rows = rows(&TripleModel::ALL, &triples, parameters.triple_folds, TripleModel::name);
    let sets = graph.triples();
    let cliques = sets.iter().filter(|(_, label)| *label).count();
    if context.common.json {
        print_json(&json!({
            "classes": graph.classes().len(),
            "pairs": graph.pairs().len(),
            "density": graph.density(),
            "cliques": cliques,
            "open_triples": sets.len() - cliques,
            "parameters": parameters,
            "pair_rows": pair_rows,
            "triple_rows": triple_rows,
            "seconds": stopwatch.seconds(),
        }));
    } else {
        print_text(&format!(
            "{} classes of drugs, {} interacting pairs ({:.1} % of all).\n\n\
             Hidden pairs, {} folds, {} repeats\n{}\n\n\
             Hidden sets of three: {} cliques against {} sets with exactly two interacting pairs; \
             {} folds of pairs, no pair of a set asked was seen\n{}\n\n\
             Means over folds and repeats; 95 % intervals with Nadeau and Bengio's correction for shared training \
             data. A pair not listed may be one not yet reported. A clique is not a three-drug interaction: no open \
             table of those is known here. {:.0} s.",
            graph.classes().len(),
            graph.pairs().len(),
            100.0 * graph.density(),
            parameters.folds,
            parameters.repeats,
            pair_table(&pair_rows),
            cliques,
            sets.len() - cliques,
            parameters.triple_folds,
            triple_table(&triple_rows),
            stopwatch.seconds(),
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The published pairs of classes that interact.
pub(crate) fn read_pairs(data: &Path) -> Result<Vec<(String, String)>> {
    let file = data.join(PAIRS);
    let fault = |error: csv::Error| {
        let hint = format!("state the folder that holds {PAIRS} with --data");
        BadInput::new(format!("{}: {error}", file.display())).hint(hint)
    };
    let mut reader = csv::Reader::from_path(&file).map_err(fault)?;
    let pairs = reader.deserialize().collect::<Result<Vec<(String, String)>, csv::Error>>();
    Ok(pairs.map_err(fault)?)
}

fn rows<M: Copy + PartialEq>(
    models: &[M],
    runs: &[RunScores<M>],
    folds: usize,
    name: impl Fn(M) -> String,
) -> Vec<InteractionRow> {
    let test_to_train = 1.0 / (folds as f64 - 1.0);
    let row = |model: &M| {
        let own: Vec<&RunScores<M>> = runs.iter().filter(|run| run.model == *model).collect();
        let all: Vec<Scores<'_>> =
            own.iter().map(|run| Scores { scores: &run.scores, labels: &run.labels }).collect();
        let chosen: Vec<(Vec<f64>, Vec<bool>)> = own
            .iter()
            .map(|run| run.balanced.iter().map(|place| (run.scores[*place], run.labels[*place])).unzip())
            .collect();
        let equal: Vec<Scores<'_>> =
            chosen.iter().map(|(scores, labels)| Scores { scores, labels }).collect();
        InteractionRow {
            model: name(*model),
            all: repeated_ranking(&all, test_to_train),
            equal: repeated_ranking(&equal, test_to_train),
        }
    };
    models.iter().map(row).collect()
}

fn pair_table(rows: &[InteractionRow]) -> String {
    let headings = ["model", "AUROC, all others", "AUPRC, all others", "AUROC, equal", "AUPRC, equal"];
    let mut lines = vec![headings.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(|row| {
        vec![
            row.model.clone(),
            in_words(&row.all.auroc),
            in_words(&row.all.auprc),
            in_words(&row.equal.auroc),
            in_words(&row.equal.auprc),
        ]
    }));
    lines.push(chance(rows.first(), true));
    table(&lines)
}

fn triple_table(rows: &[InteractionRow]) -> String {
    let mut lines = vec![["model", "AUROC", "AUPRC"].map(str::to_owned).to_vec()];
    lines.extend(
        rows.iter().map(|row| vec![row.model.clone(), in_words(&row.all.auroc), in_words(&row.all.auprc)]),
    );
    lines.push(chance(rows.first(), false));
    table(&lines)
}

/// What a coin would score.
fn chance(row: Option<&InteractionRow>, both: bool) -> Vec<String> {
    let share = |ranking: &RepeatedRanking| format!("{:.3}", ranking.prevalence);
    let mut line = vec!["(a coin)".to_owned()];
    if let Some(row) = row {
        line.extend(["0.500".to_owned(), share(&row.all)]);
        if both {
            line.extend(["0.500".to_owned(), share(&row.equal)]);
        }
    }
    line
}
