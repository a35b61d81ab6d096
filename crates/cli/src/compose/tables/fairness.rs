//! The report of decisions by group.

use twinloom_report::{Cell, DotMark, DotPlot, DotRow, Methods, MethodsBlock, Report, Section, Table};

use super::{drawn, study};
use crate::command::tables::fairness::{Document, Judged, measures};
use crate::context::Context;
use crate::evaluation::in_words;

/// Builds the page.
pub(crate) fn report(context: &Context, document: &Document) -> Report {
    let command = "twinloom audit fairness PREDICTIONS --group NAMES --report FILE";
    let mut report = Report::new(
        "Do the decisions serve everyone alike?",
        study(context, document.instances, command, Vec::new()),
    )
    .subtitle("Whom a model selects, whom it overlooks, and what thresholds by group would change");
    for own in &document.groupings {
        report = report.section(groups(own)).section(differences(own)).section(mitigation(own));
    }
    report.section(methods(document))
}

fn groups(own: &Judged) -> Section {
    let names = [
        "Selected",
        "Selected of those with the outcome",
        "Selected of those without",
        "With the outcome of those selected",
        "Outcome less mean prediction",
    ];
    let mut rows = Vec::new();
    for (which, name) in names.into_iter().enumerate() {
        rows.push(DotRow::heading(name));
        rows.extend(own.fairness.groups.iter().map(|group| {
            let rate = group.rates.map(|rates| rates[which]);
            DotRow {
                label: group.group.to_string(),
                estimate: rate.as_ref().map(drawn),
                shown: rate.map_or_else(|| "held back: few people".to_owned(), |rate| in_words(&rate)),
                mark: DotMark::Disc,
            }
        }));
    }
    let plot = DotPlot {
        caption: format!("Rates by {}, at a threshold of {}", own.fairness.grouping, own.fairness.threshold),
        reading: "Groups whose lines lie far apart are not served alike in that respect. The last rows: to the right of \
                  nought the model says too little risk for that group."
            .to_owned(),
        axis: "Rate".to_owned(),
        value_heading: "Rate (95 % interval)".to_owned(),
        reference: Some(0.0),
        band: None,
        limits: (-1.0, 1.0),
        legend: Vec::new(),
        rows,
    };
    Section::new(plot).heading(format!("By {}", own.fairness.grouping)).introduction(
        "Groups of fewer than 10 people, or fewer than 10 with or without the outcome, are held back.",
    )
}

fn differences(own: &Judged) -> Section {
    let (before, after) = (measures(&own.thresholds.before), measures(&own.thresholds.after));
    let rows = measures(&own.fairness).into_iter().enumerate().map(|(at, (name, figure, ideal))| {
        vec![
            Cell::from(name),
            Cell::Number { value: ideal, decimals: 0 },
            Cell::Text(in_words(&figure)),
            Cell::Text(in_words(&before[at].1)),
            // Decisions are no probabilities to calibrate.
            if at == 5 { Cell::Empty } else { Cell::Text(in_words(&after[at].1)) },
        ]
    });
    let table = Table {
        caption: "Measures of fairness, and what thresholds by group would make of them".to_owned(),
        columns: ["Measure", "Ideal", "All people", "Judged half, before", "After"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    };
    let [before, after] = own.thresholds.accuracy;
    Section::new(table).heading(format!("How far groups differ by {}", own.fairness.grouping)).introduction(format!(
        "Thresholds of equal opportunity are chosen on one half of the people and judged on the other. Right decisions there: \
         {before:.3} before, {after:.3} after. Differences are above nought by chance alone, the more so the more groups."
    ))
}

fn mitigation(own: &Judged) -> Section {
    let rows = own.reweighing.iter().map(|row| {
        let rule = own.thresholds.rules.iter().find(|rule| rule.group == row.group);
        let number = |value: f64| Cell::Number { value, decimals: 3 };
        vec![
            Cell::Text(row.group.to_string()),
            number(row.with),
            number(row.without),
            rule.map_or(Cell::Empty, |rule| {
                if rule.chance >= 1.0 {
                    Cell::Text(format!("{:.3}", rule.threshold))
                } else {
                    Cell::Text(format!(
                        "{:.3} with a chance of {:.2}, else {:.3}",
                        rule.threshold, rule.chance, rule.otherwise
                    ))
                }
            }),
        ]
    });
    let table = Table {
        caption: "Two ways to serve groups more alike".to_owned(),
        columns: [
            "Group",
            "Weight in training, with the outcome",
            "Without",
            "Threshold of equal opportunity",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.collect(),
    };
    Section::new(table).heading(format!("What could be done by {}", own.fairness.grouping)).introduction(
        "Before training: weights that make group and outcome independent. After it: a threshold for each group. Whether \
         either is right, or lawful, is for people to say.",
    )
}

fn methods(document: &Document) -> Methods {
    Methods {
        blocks: vec![
            MethodsBlock::new(
                "Measures",
                format!(
                    "At a threshold of {}. Barocas, Hardt and Narayanan 2023, chapter 3; Hardt, Price and Srebro 2016; \
                     Chouldechova 2017. Intervals are 95 % and resample people.",
                    document.threshold
                ),
            ),
            MethodsBlock::new(
                "Mitigation",
                "Reweighing: Kamiran and Calders 2012. Thresholds of equal opportunity: Hardt et al. 2016; a threshold of 2 \
                 selects nobody.",
            ),
        ],
        limits: vec![
            "The measures contradict each other where the outcome is not equally common: which one matters is for people to say."
                .to_owned(),
            "Labels may be unfair themselves: who was tested, and who was believed.".to_owned(),
            "Research output. Not for patient care.".to_owned(),
        ],
        manifest: Vec::new(),
    }
}
