//! `twinloom audit privacy`: attacks on a synthetic table, each beside its controls.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use twinloom_audit::Options;
use twinloom_audit::attack::{
    ClosestRecord, Controlled, Copies, DistanceRatio, Exposure, MembershipAttack, MembershipFigures, copies,
    membership,
};

use super::arguments::PrivacyArguments;
use super::{Tables, refused};
use crate::context::Context;
use crate::evaluation::in_words;
use crate::output::{print_json, print_text, table};

#[derive(Serialize)]
struct Document {
    copies: Controlled<Copies>,
    membership: Vec<Controlled<MembershipFigures>>,
    /// Whether every attack finds what its controls hide and nothing where there is nothing.
    controls_hold: bool,
    /// Whether an attack finds members by the release more often than chance lets it, or rows are members' own more
    /// often than strangers'.
    members_found: bool,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &PrivacyArguments) -> Result<ExitCode> {
    let tables = Tables::read(&arguments.tables)?;
    let seed = context.common.seed;
    let exposure = Exposure::new(&tables.real, &tables.holdout, &tables.synthetic, seed).map_err(refused)?;
    let options = Options { replicates: arguments.replicates, seed, ..Options::default() };
    let attacks: [&dyn MembershipAttack; 2] = [&DistanceRatio, &ClosestRecord];
    let mut found = Vec::with_capacity(attacks.len());
    for attack in attacks {
        found.push(membership(attack, &exposure, &options).map_err(refused)?);
    }
    let copies = copies(&exposure).map_err(refused)?;
    let document = Document {
        controls_hold: found
            .iter()
            .all(|one| one.finds_a_copy() && one.finds_a_leak() && one.is_quiet_on_null()),
        members_found: found.iter().any(gives_away) || holds_copies(&copies.release),
        copies,
        membership: found,
    };
    if context.common.json {
        print_json(&document);
    } else {
        print_text(&describe(&document));
    }
    Ok(if document.controls_hold && !document.members_found { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the share found at 1 % false alarms lies above 1 % for sure, and above what the same attack seems to find
/// where there is nothing: its threshold is the best on these very people, which alone lifts the share a little.
fn gives_away(attack: &Controlled<MembershipFigures>) -> bool {
    let by_chance = attack.null.tpr_at_1_percent.upper.unwrap_or(1.0).max(0.01);
    attack.release.tpr_at_1_percent.lower.is_some_and(|lower| lower > by_chance)
}

/// Whether more rows are a member's own, for sure, than a stranger's.
fn holds_copies(release: &Copies) -> bool {
    let by_chance = release.exact_by_chance.upper.unwrap_or(1.0);
    release.exact.lower.is_some_and(|lower| lower > by_chance)
}

fn describe(document: &Document) -> String {
    let heading = ["attack", "on", "AUC", "found at 0.1 % false alarms", "found at 1 %"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for attack in &document.membership {
        let runs = [
            ("the release", &attack.release),
            ("a verbatim copy", &attack.copy),
            ("a tenth copied", &attack.leak),
            ("other people", &attack.null),
        ];
        for (place, (name, figures)) in runs.into_iter().enumerate() {
            rows.push(vec![
                if place == 0 { attack.attack.clone() } else { String::new() },
                name.to_owned(),
                in_words(&figures.auc),
                in_words(&figures.tpr_at_0_1_percent),
                in_words(&figures.tpr_at_1_percent),
            ]);
        }
    }
    let release = &document.copies.release;
    let verdict = match (document.controls_hold, document.members_found) {
        (_, true) => "The release gives members away: do not release it.",
        (false, false) => "A control fails: with tables of this size or kind these attacks prove nothing.",
        (true, false) => {
            "These attacks find nobody. That proves no privacy: another may. A bound from above needs differential \
             privacy."
        }
    };
    format!(
        "{}\n\nShare of synthetic rows that are a member's own: {}; a stranger's own: {}; nearer to a member than all \
         but 1 in 100 strangers: {}.\n\n{verdict}\n\n95 % intervals; members are the real table's rows, strangers a \
         quarter of those held out.",
        table(&rows),
        in_words(&release.exact),
        in_words(&release.exact_by_chance),
        in_words(&release.near),
    )
}
