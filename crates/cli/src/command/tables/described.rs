//! Figures of a synthetic table as text.

use std::fmt::Write as _;

use twinloom_audit::Estimate;
use twinloom_audit::synthetic::{Beside, PublishedFigures, SyntheticReport};

use super::privacy::Attacked;
use crate::evaluation::in_words;
use crate::output::{grouped, table};

/// What `synth evaluate` prints for people.
pub(crate) fn evaluation(report: &SyntheticReport) -> String {
    let mut text = format!(
        "{} synthetic rows beside {} real ones; {} real people held out show what chance alone leaves.\n\n{}\n\n{}\n",
        grouped(report.rows.synthetic as u64),
        grouped(report.rows.real as u64),
        grouped(report.rows.holdout.unwrap_or(0) as u64),
        table(&overall(report)),
        table(&columns(report)),
    );
    // Writing into a String can't fail.
    if !report.transfer.is_empty() {
        let _ = write!(text, "\nArea under the ROC curve on people held out\n{}\n", table(&transfer(report)));
    }
    if !report.groups.is_empty() {
        let _ = write!(text, "\n{}\n", table(&groups(report)));
    }
    for row in &report.adherence {
        let [other, real] = [row.other, row.real].map(|own| in_words(&own));
        let _ = write!(text, "\n{} holds in {other} of synthetic rows, {real} of real ones.", row.constraint);
    }
    text.push_str(
        "\n95 % intervals by the bootstrap. Close to the held-out column is as good as it gets; much closer than it is \
         a copy: see `twinloom audit privacy`.",
    );
    text
}

/// Each figure over all columns, with the held-out one beside it.
pub(crate) fn named_figures(report: &SyntheticReport) -> Vec<(String, Beside<Estimate>)> {
    let mut rows: Vec<(String, Beside<Estimate>)> = vec![
        ("SDMetrics' quality, 1 is best".to_owned(), report.quality.map(|own| own.quality)),
        ("its column shapes".to_owned(), report.quality.map(|own| own.column_shapes)),
        ("its column pair trends".to_owned(), report.quality.map(|own| own.column_pair_trends)),
        ("Pearson's correlation, mean difference".to_owned(), report.pairs.map(|own| own.pearson)),
        ("Spearman's".to_owned(), report.pairs.map(|own| own.spearman)),
        ("Cramer's V".to_owned(), report.pairs.map(|own| own.cramers_v)),
        ("mutual information, nats".to_owned(), report.pairs.map(|own| own.mutual_information)),
        ("contingency tables, total variation".to_owned(), report.pairs.map(|own| own.contingency)),
        ("squared maximum mean discrepancy".to_owned(), report.discrepancy.clone()),
        ("precision (real rows reach it)".to_owned(), report.support.map(|own| own.precision)),
        ("recall (it reaches real rows)".to_owned(), report.support.map(|own| own.recall)),
        ("density".to_owned(), report.support.map(|own| own.density)),
        ("coverage".to_owned(), report.support.map(|own| own.coverage)),
        ("alpha-precision".to_owned(), report.support.map(|own| own.alpha_precision)),
        ("beta-recall".to_owned(), report.support.map(|own| own.beta_recall)),
        ("authenticity".to_owned(), report.support.map(|own| own.authenticity)),
    ];
    for (at, own) in report.detection.synthetic.iter().enumerate() {
        let holdout = report.detection.holdout.as_ref().and_then(|all| all.get(at)).map(|all| all.auroc);
        let name = format!("told apart by {}, AUROC", own.learner);
        rows.push((name, Beside { synthetic: own.auroc, holdout }));
    }
    if report.absence.synthetic.columns > 0 {
        rows.push(("shares missing, mean difference".to_owned(), report.absence.map(|own| own.share)));
        rows.push(("gaps together, mean difference".to_owned(), report.absence.map(|own| own.together)));
    }
    if let Some(survival) = &report.survival {
        let name = "survival curves, mean difference".to_owned();
        rows.push((name, survival.map(|own| own.mean_difference)));
    }
    let named = report.published.map(PublishedFigures::named);
    for (at, (name, synthetic, _)) in named.synthetic.into_iter().enumerate() {
        let holdout = named.holdout.map(|own| own[at].1);
        rows.push((format!("{name} (as published)"), Beside { synthetic, holdout }));
    }
    rows
}

fn overall(report: &SyntheticReport) -> Vec<Vec<String>> {
    let heading = ["", "synthetic", "people held out"].map(str::to_owned).to_vec();
    let rows = named_figures(report).into_iter().map(|(name, figure)| {
        let holdout = figure.holdout.map_or_else(String::new, |own| in_words(&own));
        vec![name, in_words(&figure.synthetic), holdout]
    });
    std::iter::once(heading).chain(rows).collect()
}

fn columns(report: &SyntheticReport) -> Vec<Vec<String>> {
    let heading = ["column", "total variation", "held out", "coverage", "missing, difference"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for (at, own) in report.columns.synthetic.iter().enumerate() {
        let chance = report.columns.holdout.as_ref().and_then(|all| all.get(at));
        rows.push(vec![
            own.column.to_string(),
            in_words(&own.total_variation),
            chance.map_or_else(String::new, |chance| in_words(&chance.total_variation)),
            in_words(&own.coverage),
            in_words(&own.missing_difference),
        ]);
    }
    rows
}

fn transfer(report: &SyntheticReport) -> Vec<Vec<String>> {
    let heading =
        ["predicting", "learner", "taught by real people", "taught by synthetic", "what synthesis costs"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    rows.extend(report.transfer.iter().map(|row| {
        vec![
            row.target.to_string(),
            row.learner.to_string(),
            in_words(&row.real),
            in_words(&row.synthetic),
            in_words(&row.cost),
        ]
    }));
    rows
}

fn groups(report: &SyntheticReport) -> Vec<Vec<String>> {
    let heading = ["group", "share of real", "of synthetic", "quality within", "correlations differ"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    rows.extend(report.groups.iter().map(|row| {
        let few = || "too few rows".to_owned();
        vec![
            format!("{} {}", row.column, row.category),
            format!("{:.3}", row.real_share),
            format!("{:.3}", row.synthetic_share),
            row.quality.map_or_else(few, |own| in_words(&own.quality)),
            row.pearson.map_or_else(few, |own| in_words(&own)),
        ]
    }));
    rows
}

/// What `audit privacy` prints for people.
pub(crate) fn attacks(found: &Attacked) -> String {
    let heading = ["attack", "on", "AUC", "found at 0.1 % false alarms", "found at 1 %"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for attack in &found.membership {
        let runs = [&attack.release, &attack.copy, &attack.leak, &attack.null];
        for (place, (name, figures)) in RUNS.into_iter().zip(runs).enumerate() {
            rows.push(vec![
                if place == 0 { attack.attack.clone() } else { String::new() },
                name.to_owned(),
                in_words(&figures.auc),
                in_words(&figures.tpr_at_0_1_percent),
                in_words(&figures.tpr_at_1_percent),
            ]);
        }
    }
    let heading =
        ["guess", "about", "risk in the release", "in a copy", "in a tenth copied", "in other people"];
    let mut guesses = vec![heading.map(str::to_owned).to_vec()];
    guesses.extend(found.guesses.iter().map(|one| {
        let runs = [&one.figures.release, &one.figures.copy, &one.figures.leak, &one.figures.null];
        let risks = runs.map(|figures| in_words(&figures.risk));
        [one.figures.attack.clone(), one.about.clone()].into_iter().chain(risks).collect()
    }));
    let release = &found.copies.release;
    let mut text = format!(
        "{}\n\n{}\n\nShare of synthetic rows that are a member's own: {}; a stranger's own: {}; nearer to a member than \
         all but 1 in 100 strangers: {}.\n",
        table(&rows),
        table(&guesses),
        in_words(&release.exact),
        in_words(&release.exact_by_chance),
        in_words(&release.near),
    );
    // Writing into a String can't fail.
    for one in &found.groups {
        let heading = [one.column.as_str(), "AUC", "found at 1 % false alarms"].map(str::to_owned).to_vec();
        let told = one.groups.iter().map(|group| match &group.figures {
            Some(own) => {
                vec![group.group.to_string(), in_words(&own.auc), in_words(&own.tpr_at_1_percent)]
            }
            None => vec![group.group.to_string(), "too few people".to_owned()],
        });
        let rows: Vec<Vec<String>> = std::iter::once(heading).chain(told).collect();
        let _ = write!(text, "\n{} by group\n{}\n", one.attack, table(&rows));
    }
    let _ = write!(text, "\n{}\n{}\n", standing(found), super::verdict_in_words(&found.verdict));
    text.push_str(
        "\n95 % intervals; members are the real table's rows, strangers a quarter of those held out. A risk is the share \
         of guesses that being in the data makes right.",
    );
    text
}

/// What the runs of an attack are on.
pub(crate) const RUNS: [&str; 4] = ["the release", "a verbatim copy", "a tenth copied", "other people"];

/// What the attacks together say.
pub(crate) fn standing(found: &Attacked) -> String {
    let says = match (found.controls_hold, found.members_found) {
        (_, true) => "The release gives members away: do not release it.",
        (false, false) => "Controls fail: with tables of this size or kind these attacks prove nothing.",
        (true, false) => {
            "These attacks find nobody. That proves no privacy: another may. A bound from above needs differential \
             privacy."
        }
    };
    if found.deaf.is_empty() {
        return says.to_owned();
    }
    format!("{says} A control fails these, whose silence says nothing: {}.", found.deaf.join(", "))
}
