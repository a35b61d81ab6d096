//! The report of what a table discloses.

use twinloom_report::{Cell, DotMark, DotPlot, DotRow, Fact, Methods, MethodsBlock, Report, Section, Table};

use super::{drawn, study};
use crate::command::tables::disclosure::{Disclosed, sentences};
use crate::context::Context;
use crate::evaluation::in_words;

/// Builds the page.
pub(crate) fn report(context: &Context, found: &Disclosed) -> Report {
    let facts = vec![Fact::new("Known to others", found.quasi_identifiers.join(", "))];
    let command = "twinloom audit disclosure TABLE --quasi-identifiers NAMES --report FILE";
    let blocks =
        vec![MethodsBlock { heading: "By what others may know".to_owned(), paragraphs: sentences(found) }];
    let mut report = Report::new("What does the table disclose?", study(context, found.rows, command, facts))
        .subtitle("How few people share what others may know of each, and what that tells")
        .section(Section::new(Methods { blocks, ..Methods::default() }).heading("In short"))
        .section(fields(found));
    if !found.sensitive.is_empty() {
        report = report.section(sensitive(found));
    }
    report.section(methods())
}

fn fields(found: &Disclosed) -> Section {
    let mut rows: Vec<_> = found.risk_by_field.iter().collect();
    let value = |own: &twinloom_audit::Estimate| own.value.unwrap_or(0.0);
    rows.sort_by(|left, right| value(&right.share).total_cmp(&value(&left.share)));
    let rows = rows.into_iter().map(|own| DotRow {
        label: own.field.clone(),
        estimate: Some(drawn(&own.share)),
        shown: in_words(&own.share),
        mark: DotMark::Disc,
    });
    let plot = DotPlot {
        caption: format!("What each field adds to the share of rows that are unique, {:.3} in all", found.unique),
        reading: "The further to the right, the more a field drives the risk: generalise or drop it first. Parts sum to the \
                  share of rows that nobody else shares."
            .to_owned(),
        axis: "Part of the share of unique rows".to_owned(),
        value_heading: "Part".to_owned(),
        reference: Some(0.0),
        band: None,
        limits: (-1.0, 1.0),
        legend: Vec::new(),
        rows: rows.collect(),
    };
    Section::new(plot).heading("Which fields make people unique")
}

fn sensitive(found: &Disclosed) -> Section {
    let rows = found.sensitive.iter().map(|own| {
        vec![
            Cell::Text(own.column.clone()),
            Cell::Count(own.distinct_l as u64),
            Cell::Number { value: own.entropy_l, decimals: 3 },
            Cell::Number { value: own.t, decimals: 3 },
        ]
    });
    let table = Table {
        caption: "What the classes tell of sensitive columns, at worst".to_owned(),
        columns: ["Column", "Different values (l)", "By entropy (l)", "Distance from the table (t)"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    };
    Section::new(table).heading("What is told of secrets").introduction(
        "One different value: whoever finds someone's class knows the secret. A distance near 1: the class tells much that \
         the table as a whole does not.",
    )
}

fn methods() -> Methods {
    Methods {
        blocks: vec![
            MethodsBlock::new(
                "Measures",
                "k-anonymity: Sweeney 2002; k-map: Sweeney 2001; l-diversity: Machanavajjhala et al. 2007; t-closeness: Li et \
                 al. 2007; delta-presence: Nergiz et al. 2007. A missing value is a value.",
            ),
            MethodsBlock::new(
                "The population",
                "Uniqueness and correct matches by a Gaussian copula, Rocher et al. 2019; on the safe side, and often too high.",
            ),
            MethodsBlock::new(
                "Fields",
                "Shapley values of the share of unique rows over all orders of the fields (up to 12), or 200 drawn ones.",
            ),
        ],
        limits: vec![
            "None of these bounds what an attacker can learn.".to_owned(),
            "Columns not named are taken to be known to nobody.".to_owned(),
            "Research output. Not for patient care.".to_owned(),
        ],
        manifest: Vec::new(),
    }
}
