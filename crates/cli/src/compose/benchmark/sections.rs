//! The benchmark's plots and tables.

use twinloom_audit::Estimate as Judged;
use twinloom_report::{
    Cell, DecisionCurve, DecisionCurves, DotMark, DotPlot, DotRow, NetBenefit, Section, Table,
};

use super::super::results::{estimate, outcome};
use super::super::upper_first;
use super::words::{is_settled, p_in_words};
use crate::context::peak_memory_mebibytes;
use crate::evaluation::{BenchmarkDocument, Chosen, Contrast, Role, SeveralRow, SubgroupsOfModel, in_words};
use crate::manifest::Timing;
use crate::output::grouped;

/// Differences of AUROC beyond this end in an arrow.
const WIDEST_DIFFERENCE: f64 = 0.2;

/// Models over several outcomes, each outcome counting the same.
pub(super) fn over_outcomes(document: &BenchmarkDocument) -> Vec<Section> {
    let Some(first) = document.several.first() else { return Vec::new() };
    let lengths = first.figures.lists.iter().map(|list| match list.length {
        1 => "Right: the likeliest".to_owned(),
        length => format!("Right: the likeliest {length}"),
    });
    let row = |row: &SeveralRow| {
        let figures = [&row.figures.macro_auroc, &row.figures.macro_auprc];
        let figures = figures.into_iter().chain(row.figures.lists.iter().map(|list| &list.precision));
        std::iter::once(row.name.clone().into())
            .chain(figures.map(|figure| in_words(figure).into()))
            .collect()
    };
    let table = Table {
        caption: format!(
            "{} diagnoses, each counting the same; 95 % intervals from {} bootstrap samples of patients",
            document.outcomes.len(),
            document.replicates
        ),
        columns: ["Model", "Mean AUROC", "Mean AUPRC"]
            .map(str::to_owned)
            .into_iter()
            .chain(lengths)
            .collect(),
        rows: document.several.iter().map(row).collect(),
    };
    vec![Section::new(table).heading("Models over all diagnoses").introduction(
        "The mean over diagnoses lets a rare one count as much as a common one. A list of a patient's likeliest \
         diagnoses is right by the share of them that were made (or of those that were made, if fewer); the mean is \
         over patients with any. The figures further down put all pairs of patient and diagnosis together, where \
         knowing which diagnosis is common already ranks well.",
    )]
}

/// The AUROC of each outcome by model.
pub(super) fn by_outcome(document: &BenchmarkDocument) -> Vec<Section> {
    if document.several.is_empty() {
        return Vec::new();
    }
    let names = document.several.iter().map(|row| row.name.clone());
    let rows = document.outcomes.iter().enumerate().map(|(place, name)| {
        let areas = document.several.iter().map(|row| in_words(&row.figures.auroc[place]).into());
        std::iter::once(Cell::Text(name.clone())).chain(areas).collect()
    });
    let table = Table {
        caption: "AUROC of each diagnosis".to_owned(),
        columns: std::iter::once("Diagnosis".to_owned()).chain(names).collect(),
        rows: rows.collect(),
    };
    vec![Section::new(table).heading("Each diagnosis by itself")]
}

/// Planned comparisons on one scale.
pub(super) fn what_the_graph_adds(document: &BenchmarkDocument) -> Vec<Section> {
    let mut rows: Vec<DotRow> = Vec::new();
    let mut questions: Vec<&str> = Vec::new();
    for contrast in &document.contrasts {
        if !questions.contains(&contrast.question.as_str()) {
            questions.push(&contrast.question);
            rows.push(DotRow::heading(contrast.question.clone()));
            let alike = document.contrasts.iter().filter(|other| other.question == contrast.question);
            rows.extend(alike.map(difference));
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let plot = DotPlot {
        caption: format!("Differences of AUROC on {} predictions, with 95 % intervals.", grouped(document.instances)),
        reading: "Each dot is the first model's AUROC minus the second's; right of the dashed line the first ranks \
                  better. A full disc marks a difference that stands after adjustment for the number of comparisons \
                  (Holm, 5 %); a ring marks one that does not."
            .to_owned(),
        axis: "Difference of AUROC".to_owned(),
        value_heading: "Difference (95 % interval), adjusted p".to_owned(),
        reference: Some(0.0),
        band: None,
        limits: (-WIDEST_DIFFERENCE, WIDEST_DIFFERENCE),
        legend: vec![
            (DotMark::Disc, "Stands after adjustment".to_owned()),
            (DotMark::Ring, "Can't be told from chance".to_owned()),
        ],
        rows,
    };
    vec![Section::new(plot).heading("What each model adds to another")]
}

fn difference(contrast: &Contrast) -> DotRow {
    let auroc = &contrast.comparison.auroc;
    let p = contrast.adjusted_p.map_or_else(String::new, |p| format!("; p {}", p_in_words(p)));
    DotRow {
        label: format!("{} minus {}", contrast.model, contrast.reference),
        estimate: estimate(auroc),
        shown: format!("{}{p}", in_words(auroc)),
        mark: if is_settled(contrast) { DotMark::Disc } else { DotMark::Ring },
    }
}

/// Net benefit of every model that is no control.
pub(super) fn decisions(document: &BenchmarkDocument) -> Vec<Section> {
    let Some(panel) = document.panels.first() else { return Vec::new() };
    let models = panel
        .rows
        .iter()
        .filter(|row| row.role != Role::Control)
        .map(|row| {
            let points = row.evaluation.decision_curve.iter().map(|point| NetBenefit {
                threshold: point.threshold,
                model: 100.0 * point.model,
                everyone: 100.0 * point.treat_all,
            });
            DecisionCurve { name: row.name.clone(), points: points.collect() }
        })
        .collect();
    vec![Section::new(DecisionCurves { outcome: outcome(&document.task), models })]
}

/// AUROC in groups of people.
pub(super) fn groups(document: &BenchmarkDocument) -> Vec<Section> {
    document.subgroups.iter().filter(|model| !model.rows.is_empty()).map(in_groups).collect()
}

fn in_groups(model: &SubgroupsOfModel) -> Section {
    let mut rows = Vec::new();
    let mut last = None;
    for row in &model.rows {
        if last != Some(&row.grouping) {
            rows.push(DotRow::heading(upper_first(&row.grouping)));
            last = Some(&row.grouping);
        }
        let label = row.group.to_string();
        rows.push(if let Some(figures) = &row.figures {
            let shown = format!(
                "{}; {} of {}; {}",
                in_words(&figures.auroc),
                figures.positives,
                figures.instances,
                short(&figures.calibration_slope)
            );
            let differs = figures.auroc_adjusted_p.is_some_and(|p| p < 0.05);
            let mark = if differs { DotMark::Disc } else { DotMark::Ring };
            DotRow { label, estimate: estimate(&figures.auroc), shown, mark }
        } else {
            let shown = "held back: too few people".to_owned();
            DotRow { label, estimate: None, shown, mark: DotMark::Ring }
        });
    }
    let plot = DotPlot {
        caption: format!("AUROC of {} by group, with 95 % intervals; counts to the nearest 5.", model.name),
        reading: "A full disc marks a group in which the model ranks otherwise than among all others, after adjustment \
                  for the number of groups (Benjamini and Hochberg, 5 %). Groups with fewer than 10 people with or \
                  without the outcome are held back. A calibration slope below 1 means risks too extreme."
            .to_owned(),
        axis: "AUROC".to_owned(),
        value_heading: "AUROC (95 % interval); outcomes; calibration slope".to_owned(),
        reference: Some(0.5),
        band: None,
        limits: (0.3, 1.0),
        legend: vec![
            (DotMark::Disc, "Differs from all others".to_owned()),
            (DotMark::Ring, "Can't be told from the others".to_owned()),
        ],
        rows,
    };
    Section::new(plot).heading(format!("For whom it works: {}", model.name))
}

fn short(estimate: &Judged) -> String {
    estimate.value.map_or_else(|| "none".to_owned(), |value| format!("{value:.2}"))
}

/// What the search for leaks found.
pub(super) fn leakage(document: &BenchmarkDocument) -> Vec<Section> {
    let Some(leakage) = &document.leakage else { return Vec::new() };
    let mut rows: Vec<Vec<Cell>> = [
        ("What was noted after the prediction (tells the outcome, of course)", &leakage.after_prediction),
        ("What was on record", &leakage.on_record),
        ("Which measurements had been made, whatever they showed", &leakage.missingness),
    ]
    .into_iter()
    .map(|(what, figure)| vec![what.into(), in_words(figure).into()])
    .collect();
    rows.extend(leakage.warnings.iter().map(|warning| vec!["Warning".into(), warning.to_string().into()]));
    let table = Table {
        caption: "AUROC of a naive Bayes classifier on yes-or-no columns, cross-validated by patient"
            .to_owned(),
        columns: vec!["Read".to_owned(), "AUROC (95 % interval)".to_owned()],
        rows,
    };
    vec![Section::new(table).heading("Does anything tell the outcome that should not?").introduction(
        "A warning asks a question, it proves nothing: a true early sign looks like a leak, and a leak spread over many \
         weak columns raises none.",
    )]
}

/// Seconds and size of each model.
pub(super) fn cost(document: &BenchmarkDocument, timing: Option<&Timing>) -> Vec<Section> {
    let seconds =
        |name: &str| timing.and_then(|timing| timing.parts_seconds.get(&format!("fit {name}")).copied());
    let row = |chosen: &Chosen| -> Vec<Cell> {
        vec![
            chosen.name.clone().into(),
            seconds(&chosen.name).map_or(Cell::Empty, |value| Cell::Number { value, decimals: 1 }),
            Cell::Count(chosen.learned as u64),
            chosen.settings.join(" / ").into(),
        ]
    };
    let machine = timing.map_or_else(String::new, |timing| {
        let memory = peak_memory_mebibytes()
            .map_or_else(String::new, |most| format!(", {most} MiB of memory at most, all models together"));
        format!(": {} threads, {:.0} s in all{memory}", timing.threads, timing.seconds)
    });
    let table = Table {
        caption: format!("What each model cost on this machine{machine}"),
        columns: ["Model", "Seconds of fitting", "Numbers learned", "Chosen on the tuning part"]
            .map(str::to_owned)
            .to_vec(),
        rows: document.chosen.iter().map(row).collect(),
    };
    vec![Section::new(table).heading("What it costs")]
}
