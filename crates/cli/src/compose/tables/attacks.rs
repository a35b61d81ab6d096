//! The report of attacks on a synthetic table.

use twinloom_audit::Estimate;
use twinloom_audit::attack::{Controlled, GuessFigures, MembershipFigures};
use twinloom_report::{Cell, DotMark, DotPlot, DotRow, Fact, Methods, MethodsBlock, Report, Section, Table};

use super::{drawn, recommendation, study};
use crate::command::tables::described::{RUNS, standing};
use crate::command::tables::privacy::Attacked;
use crate::command::tables::{Tables, verdict_in_words};
use crate::context::Context;
use crate::evaluation::in_words;
use crate::output::grouped;

/// Builds the page.
pub(crate) fn report(context: &Context, tables: &Tables, found: &Attacked) -> Report {
    let facts = vec![
        Fact::new("Members (real rows)", grouped(tables.real.len() as u64)),
        Fact::new("Others (held out)", grouped(tables.holdout.len() as u64)),
        Fact::new("Synthetic rows", grouped(tables.synthetic.len() as u64)),
        Fact::new("Columns", tables.real.columns().len().to_string()),
    ];
    let command = "twinloom audit privacy --real REAL --holdout HELD_OUT --synthetic SYNTHETIC --report FILE";
    let mut report = Report::new(
        "Whom does the synthetic table give away?",
        study(context, tables.real.len(), command, facts),
    )
    .subtitle(
        "Attacks, each beside a verbatim copy, a tenth copied and other people, where the answer is known",
    )
    .section(verdict(found))
    .section(recommendation::section(&found.appropriate_use))
    .section(membership(found))
    .section(aucs(found))
    .section(guesses(found))
    .section(copies(found));
    if !found.groups.is_empty() {
        report = report.section(groups(found));
    }
    report.section(methods())
}

fn verdict(found: &Attacked) -> Section {
    let mut paragraphs = vec![standing(found), verdict_in_words(&found.verdict)];
    if !found.audits.is_empty() {
        let bounds: Vec<String> = found.audits.iter().map(|audit| format!("{:.3}", audit.lower)).collect();
        paragraphs.push(format!(
            "Bounds from below on epsilon by the attacks on membership, in their order: {}. Each holds with confidence {:.3}, \
             so that a sound claim is refused at most one time in 20.",
            bounds.join(", "),
            found.audits[0].confidence
        ));
    }
    let heading = if found.refused { "Refused" } else { "Verdict" };
    let blocks = vec![MethodsBlock { heading: heading.to_owned(), paragraphs }];
    Section::new(Methods { blocks, ..Methods::default() }).heading("In short")
}

/// What an attack found on the release, in black, and on its controls.
fn rows<T>(name: &str, attack: &Controlled<T>, figure: impl Fn(&T) -> Estimate) -> Vec<DotRow> {
    let runs = [&attack.release, &attack.copy, &attack.leak, &attack.null];
    let mut rows = vec![DotRow::heading(name)];
    rows.extend(RUNS.into_iter().zip(runs).enumerate().map(|(place, (run, figures))| {
        let own = figure(figures);
        let mark = if place == 0 { DotMark::Disc } else { DotMark::Ring };
        DotRow { label: run.to_owned(), estimate: Some(drawn(&own)), shown: in_words(&own), mark }
    }));
    rows
}

fn legend() -> Vec<(DotMark, String)> {
    vec![
        (DotMark::Disc, "The release".to_owned()),
        (DotMark::Ring, "Controls, where the answer is known".to_owned()),
    ]
}

fn membership(found: &Attacked) -> Section {
    let figure = |figures: &MembershipFigures| figures.tpr_at_1_percent;
    let plot = DotPlot {
        caption: "Share of the real people whom an attacker finds, taking 1 in 100 strangers for one of them".to_owned(),
        reading: "The release near the dashed line, as other people are: nobody is found. An attack that does not find the \
                  verbatim copy, or half of the tenth copied, could not have found anything, and its silence means nothing."
            .to_owned(),
        axis: "Share found at 1 % false alarms".to_owned(),
        value_heading: "Share (95 % interval)".to_owned(),
        reference: Some(0.01),
        band: None,
        limits: (0.0, 1.0),
        legend: legend(),
        rows: found.membership.iter().flat_map(|attack| rows(&attack.attack, attack, figure)).collect(),
    };
    Section::new(plot).heading("Was this person in the data?").introduction(
        "Privacy is lost by those who are found, not on average: ten people in a hundred copied verbatim hardly move an \
         average, and are all found here.",
    )
}

fn aucs(found: &Attacked) -> Section {
    let rows = found.membership.iter().flat_map(|attack| {
        let runs = [&attack.release, &attack.copy, &attack.leak, &attack.null];
        RUNS.into_iter().zip(runs).enumerate().map(|(place, (run, figures))| {
            vec![
                if place == 0 { Cell::from(attack.attack.clone()) } else { Cell::from("") },
                Cell::from(run),
                Cell::Text(in_words(&figures.auc)),
                Cell::Text(in_words(&figures.tpr_at_0_1_percent)),
                Cell::Text(in_words(&figures.tpr_at_1_percent)),
            ]
        })
    });
    let table = Table {
        caption: "Attacks on membership, with 95 % intervals".to_owned(),
        columns: ["Attack", "On", "AUC", "Found at 0.1 % false alarms", "Found at 1 %"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    };
    Section::new(table).heading("The same in numbers")
}

fn guesses(found: &Attacked) -> Section {
    let figure = |figures: &GuessFigures| figures.risk;
    let plot = DotPlot {
        caption: "Share of guesses about real people that their being in the data makes right".to_owned(),
        reading: "At nought the release says no more of the people it was made from than of anyone. Guesses about people held \
                  out take out what anyone could learn from any such table."
            .to_owned(),
        axis: "Risk".to_owned(),
        value_heading: "Risk (95 % interval)".to_owned(),
        reference: Some(0.0),
        band: None,
        limits: (0.0, 1.0),
        legend: legend(),
        rows: found
            .guesses
            .iter()
            .flat_map(|one| rows(&format!("{}: {}", one.figures.attack, one.about), &one.figures, figure))
            .collect(),
    };
    Section::new(plot).heading("What can be guessed of them?").introduction(
        "Someone who knows part of a person's row guesses the rest, links two parts of it, or singles the person out.",
    )
}

fn copies(found: &Attacked) -> Section {
    let runs = [&found.copies.release, &found.copies.copy, &found.copies.leak, &found.copies.null];
    let rows = RUNS.into_iter().zip(runs).map(|(run, own)| {
        let told = [own.exact, own.exact_by_chance, own.near].map(|share| Cell::Text(in_words(&share)));
        std::iter::once(Cell::from(run)).chain(told).collect()
    });
    let table = Table {
        caption: "Share of rows that are, or nearly are, a person's own".to_owned(),
        columns: [
            "Table",
            "A member's own",
            "A stranger's own",
            "Nearer to a member than 99 in 100 strangers",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.collect(),
    };
    Section::new(table).heading("Copies")
}

fn groups(found: &Attacked) -> Section {
    let rows = found.groups.iter().flat_map(|one| {
        one.groups.iter().map(|group| {
            let told = |pick: fn(&MembershipFigures) -> Estimate| match &group.figures {
                Some(own) => Cell::Text(in_words(&pick(own))),
                None => Cell::from("too few people"),
            };
            vec![
                Cell::Text(format!("{}: {}", one.column, group.group)),
                Cell::Text(one.attack.clone()),
                told(|own| own.auc),
                told(|own| own.tpr_at_1_percent),
            ]
        })
    });
    let table = Table {
        caption: "The release attacked group by group".to_owned(),
        columns: ["Group", "Attack", "AUC", "Found at 1 % false alarms"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    Section::new(table).heading("Group by group").introduction(
        "Small groups and outliers are given away first. Groups of fewer than 10 people on either side are held back.",
    )
}

fn methods() -> Methods {
    Methods {
        blocks: vec![
            MethodsBlock::new(
                "Controls",
                "Each attack runs four times through the same code: on the release, on a verbatim copy of the real table, on \
                 other people with every tenth real row among them, and on other people alone.",
            ),
            MethodsBlock::new(
                "Attacks on membership",
                "Distance ratio (Hilprecht et al. 2019, calibrated as Watson et al. 2022), density ratio (DOMIAS, van Breugel \
                 et al. 2023); distance to the closest record as a check of sanity alone (Yao et al. 2025).",
            ),
            MethodsBlock::new(
                "Guesses",
                "Attribute inference, linkability and singling out as Giomi et al. 2023 define them, against people held out; \
                 cells of marginals that one person fills.",
            ),
            MethodsBlock::new(
                "Bound from below",
                "One-run audit (Steinke et al. 2023) with real people as canaries, dealt by fair coins from the real and the \
                 held-out table; halved, because turning a coin replaces a person.",
            ),
        ],
        limits: vec![
            "No attack that fails proves privacy: another may succeed.".to_owned(),
            "The bound holds only where the held-out people are a random part of the same ones.".to_owned(),
            "Research output. Not for patient care.".to_owned(),
        ],
        manifest: Vec::new(),
    }
}
