//! What a table may be used for, as a section.

use twinloom_audit::appropriate::{Reason, Recommendation};
use twinloom_report::{Cell, Section, Table};

/// The recommendation as a table of uses, each with its reasons and where their figures stand.
pub(in crate::compose) fn section(recommendation: &Recommendation) -> Section {
    let told = |reasons: &[Reason]| {
        let each = reasons.iter().map(|reason| reason.says.as_str());
        each.collect::<Vec<_>>().join("; ")
    };
    let links = |reasons: &[Reason]| {
        let mut links: Vec<String> = reasons.iter().map(|reason| reason.link.to_string()).collect();
        links.dedup();
        links.join("; ")
    };
    let row = |first: String, second: String, reasons: &[Reason]| {
        vec![Cell::Text(first), Cell::Text(second), Cell::Text(told(reasons)), Cell::Text(links(reasons))]
    };
    let who = row(
        "Who may see it".to_owned(),
        recommendation.audience.to_string(),
        &recommendation.audience_reasons,
    );
    let uses = recommendation.uses.iter();
    let uses = uses.map(|own| row(own.used_for.to_string(), own.judged.to_string(), &own.reasons));
    let table = Table {
        caption: "Recommended use, with the figures that each rests on".to_owned(),
        columns: ["", "Recommended", "Why", "Figures (command: place in its JSON)"]
            .map(str::to_owned)
            .to_vec(),
        rows: std::iter::once(who).chain(uses).collect(),
    };
    let at = match recommendation.epsilon {
        Some(epsilon) => format!("It holds at epsilon {epsilon}, for another budget judge again."),
        None => "No differential privacy is claimed here.".to_owned(),
    };
    Section::new(table).heading("What it may be used for").introduction(format!(
        "By fixed rules from the figures in this report, with limits that are this program's own. {at} A recommendation \
         is no permission: who answers for the data gives that."
    ))
}
