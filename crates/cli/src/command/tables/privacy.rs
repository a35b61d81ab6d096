//! `twinloom audit privacy`: attacks on a synthetic table, each beside its controls, and what they say of a claim.

use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use twinloom_audit::Options;
use twinloom_audit::appropriate::{Evidence, Recommendation, appropriate_use};
use twinloom_audit::attack::{
    AttributeInference, AuditedEpsilon, Claimed, ClosestRecord, Controlled, Copies, DensityRatio,
    DistanceRatio, Exposure, GuessAttack, GuessFigures, Knowledge, Linkability, MarginalReconstruction,
    MembershipAttack, MembershipFigures, SinglingOut, SplitAudit, Verdict, copies, guessing, membership,
    split_audit, verdict,
};
use twinloom_audit::fairness::{GroupMembership, attack_by_group};
use twinloom_synth::Release;
use twinloom_table::Table;

use super::arguments::PrivacyArguments;
use super::grouping::grouping;
use super::{Tables, described, refused};
use crate::compose;
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{print_json, print_text};
use crate::progress;

/// Everything that the attacks found.
#[derive(Serialize)]
pub(crate) struct Attacked {
    pub(crate) copies: Controlled<Copies>,
    pub(crate) membership: Vec<Controlled<MembershipFigures>>,
    pub(crate) guesses: Vec<Guessed>,
    /// Each attack on membership within groups, on the release.
    pub(crate) groups: Vec<GroupsAttacked>,
    /// Bounds from below on epsilon; none where nothing is claimed.
    pub(crate) audits: Vec<AuditedEpsilon>,
    pub(crate) verdict: Verdict,
    /// Whether the claim is refuted.
    pub(crate) refused: bool,
    /// Whether an attack on membership finds what its controls hide, and none finds anything where nothing is.
    pub(crate) controls_hold: bool,
    /// Attacks that a control fails, so that their silence says nothing.
    pub(crate) deaf: Vec<String>,
    /// Whether an attack tells of members by the release more than chance lets it, or rows are members' own more often
    /// than strangers'.
    pub(crate) members_found: bool,
    pub(crate) appropriate_use: Recommendation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) written: Option<String>,
}

/// One attack that guesses.
#[derive(Serialize)]
pub(crate) struct Guessed {
    /// What it guesses.
    pub(crate) about: String,
    #[serde(flatten)]
    pub(crate) figures: Controlled<GuessFigures>,
}

/// One membership attack within the groups of one column.
#[derive(Serialize)]
pub(crate) struct GroupsAttacked {
    pub(crate) attack: String,
    pub(crate) column: String,
    pub(crate) groups: Vec<GroupMembership>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &PrivacyArguments) -> Result<ExitCode> {
    let tables = Tables::read(&arguments.tables)?;
    let seed = context.common.seed;
    let claimed = claimed(arguments)?;
    let exposure = Exposure::new(&tables.real, &tables.holdout, &tables.synthetic, seed).map_err(refused)?;
    let options = Options { replicates: arguments.replicates, seed, ..Options::default() };
    let guesses = guess_attacks(arguments, &tables.real, seed)?;
    let domias = DensityRatio::default();
    let attacks: [&dyn MembershipAttack; 3] = [&DistanceRatio, &domias, &ClosestRecord];
    let bar = progress::bar(&context.common, "attacks", Some((1 + attacks.len() + guesses.len()) as u64));

    let (mut membership_found, mut groups, mut audits) = (Vec::new(), Vec::new(), Vec::new());
    // Several audits of one claim share the chance of error (Bonferroni).
    let confidence = 1.0 - 0.05 / attacks.len() as f64;
    for attack in attacks {
        membership_found.push(membership(attack, &exposure, &options).map_err(refused)?);
        if claimed.is_some() || !arguments.group.is_empty() {
            let scores = scores(attack, &exposure)?;
            if let Some(claimed) = claimed {
                let audit = SplitAudit { confidence, seed, ..SplitAudit::default() };
                audits.push(split_audit(&scores[0], &scores[1], claimed, &audit).map_err(refused)?);
            }
            for column in &arguments.group {
                let [own, others] =
                    [exposure.members(), exposure.others()].map(|table| grouping(table, column));
                let found = attack_by_group(&scores[0], &own?, &scores[1], &others?, &options);
                let (attack, column) = (attack.name().to_owned(), column.clone());
                groups.push(GroupsAttacked { attack, column, groups: found.map_err(refused)? });
            }
        }
        bar.inc(1);
    }
    let mut guessed = Vec::with_capacity(guesses.len());
    for (about, attack) in &guesses {
        let figures = guessing(attack.as_ref(), &exposure).map_err(refused)?;
        guessed.push(Guessed { about: about.clone(), figures });
        bar.inc(1);
    }
    let copies = copies(&exposure).map_err(refused)?;
    bar.finish_and_clear();

    let verdict = verdict(claimed, &audits).map_err(refused)?;
    let guess_figures: Vec<_> = guessed.iter().map(|one| one.figures.clone()).collect();
    let evidence = Evidence {
        people: tables.real.len(),
        verdict: Some(verdict),
        membership: &membership_found,
        guesses: &guess_figures,
        copies: Some(&copies),
        ..Evidence::default()
    };
    let found = Attacked {
        refused: matches!(verdict, Verdict::Refused { .. }),
        controls_hold: membership_found.iter().any(Controlled::<MembershipFigures>::controls_hold)
            && membership_found.iter().all(Controlled::<MembershipFigures>::is_quiet_on_null),
        deaf: deaf(&membership_found, &guessed),
        members_found: membership_found.iter().any(Controlled::<MembershipFigures>::gives_members_away)
            || guess_figures.iter().any(Controlled::<GuessFigures>::tells_of_members)
            || copies.holds_copies(),
        appropriate_use: appropriate_use(&evidence),
        copies,
        membership: membership_found,
        guesses: guessed,
        groups,
        audits,
        verdict,
        written: arguments.report.as_ref().map(|path| path.display().to_string()),
    };
    if let Some(path) = &arguments.report {
        compose::write_page(&compose::tables::attacks::report(context, &tables, &found), path)?;
    }
    if context.common.json {
        print_json(&found);
    } else {
        print_text(&described::attacks(&found));
    }
    let passes = found.controls_hold && !found.members_found && !found.refused;
    Ok(if passes { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn deaf(membership: &[Controlled<MembershipFigures>], guessed: &[Guessed]) -> Vec<String> {
    let membership = membership.iter().filter(|one| !one.controls_hold()).map(|one| one.attack.clone());
    let guessed = guessed.iter().filter(|one| !one.figures.controls_hold());
    membership.chain(guessed.map(|one| format!("{} ({})", one.figures.attack, one.about))).collect()
}

/// What is claimed: stated, or by a fitted model's own sheet.
fn claimed(arguments: &PrivacyArguments) -> Result<Option<Claimed>> {
    if let Some(epsilon) = arguments.claimed_epsilon {
        return Ok(Some(Claimed { epsilon, delta: arguments.claimed_delta }));
    }
    let Some(path) = &arguments.model else { return Ok(None) };
    let name = path.display();
    let file = File::open(path).map_err(|error| BadInput::new(format!("{name} can't be read: {error}")))?;
    let release: Release = serde_json::from_reader(BufReader::new(file)).map_err(|error| {
        let message = format!("{name} is no fitted generator: {error}");
        BadInput::new(message).hint("state what `twinloom synth fit` wrote")
    })?;
    Ok(release
        .claim_sheet()
        .map(|sheet| Claimed { epsilon: sheet.claim.epsilon.get(), delta: sheet.claim.delta.get() }))
}

/// Scores of members and of others, on the release.
fn scores(attack: &dyn MembershipAttack, exposure: &Exposure) -> Result<[Vec<f64>; 2]> {
    let knowledge = Knowledge { synthetic: exposure.synthetic(), reference: exposure.reference() };
    let of = |targets: &Table| attack.scores(targets, knowledge).map_err(refused);
    Ok([of(exposure.members())?, of(exposure.others())?])
}

type Guess = (String, Box<dyn GuessAttack>);

fn guess_attacks(arguments: &PrivacyArguments, table: &Table, seed: u64) -> Result<Vec<Guess>> {
    let names: Vec<String> = table.schema().columns().iter().map(|column| column.name.to_string()).collect();
    let mut attacks: Vec<Guess> = Vec::new();
    if names.len() > 1 {
        let secrets = if arguments.secret.is_empty() { &names } else { &arguments.secret };
        for secret in secrets {
            table.schema().place(secret).map_err(refused)?;
            let attack = AttributeInference { secret: secret.clone(), known: arguments.known.clone() };
            attacks.push((format!("{secret} from the other columns"), Box::new(attack)));
        }
        // Columns side by side often tell the same; two parties' do not.
        let half = |odd: usize| names.iter().skip(odd).step_by(2).cloned().collect::<Vec<_>>();
        let attack = Linkability { first: half(0), second: half(1), neighbours: 1 };
        attacks.push(("two halves of a row".to_owned(), Box::new(attack)));
    }
    let attempts = arguments.attempts as usize;
    for columns in [1, 4] {
        if columns <= names.len() {
            let about = format!("what is true of one person, by {columns} columns");
            attacks.push((about, Box::new(SinglingOut { columns, attempts, seed })));
        }
    }
    for ways in [2, 3] {
        if ways <= names.len() {
            let about = format!("cells that one person fills, by {ways} columns");
            attacks.push((about, Box::new(MarginalReconstruction { ways, seed })));
        }
    }
    Ok(attacks)
}
