//! Who may see a synthetic table.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Link, Reason, Weighs};
use crate::attack::{Claimed, Verdict};

/// Epsilon up to which a claim is strong, and up to which it is reasonable.
const STRONG: f64 = 1.0;
const REASONABLE: f64 = 10.0;

/// Who may see a synthetic table, fewest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// No one: there is an error in how it was made.
    Nobody,
    /// Those who may see the real data, where the real data are kept.
    WithTheRealData,
    /// People named in an agreement that forbids looking for anyone.
    UnderAgreement,
    /// Anyone.
    Anyone,
}

impl fmt::Display for Audience {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nobody => "release to nobody",
            Self::WithTheRealData => "keep it with the real data, for those who may see these",
            Self::UnderAgreement => "for people named in an agreement that forbids looking for anyone",
            Self::Anyone => "may be published",
        })
    }
}

/// The widest audience that nothing speaks against, and why.
pub(super) fn audience(evidence: &Evidence<'_>) -> (Audience, Vec<Reason>) {
    let parts = [claim(evidence), attacks(evidence)];
    let audience = parts.iter().map(|(audience, _)| *audience).min().unwrap_or(Audience::WithTheRealData);
    (audience, parts.into_iter().flat_map(|(_, reasons)| reasons).collect())
}

fn claim(evidence: &Evidence<'_>) -> (Audience, Vec<Reason>) {
    let one = |audience, weighs, says: String| {
        (audience, vec![Reason::new(weighs, says, Link::attacked("verdict"))])
    };
    let (claimed, audited) = match evidence.verdict {
        None | Some(Verdict::NothingClaimed) => {
            let says = "nothing is claimed, so that no bound from above holds";
            return one(Audience::UnderAgreement, Weighs::Missing, says.to_owned());
        }
        Some(Verdict::Refused { claimed, audited }) => {
            let says = format!(
                "epsilon {} is claimed, and an audit finds at least {:.3}: the mechanism is broken",
                claimed.epsilon, audited.lower
            );
            return one(Audience::Nobody, Weighs::Against, says);
        }
        Some(Verdict::NotRefuted { claimed, greatest }) => (claimed, greatest),
    };
    let Claimed { epsilon, delta } = claimed;
    if evidence.people > 0 && delta * evidence.people as f64 >= 1.0 {
        let says = format!(
            "delta {delta:e} is no smaller than one in the {} people: publishing one of them whole would satisfy it",
            evidence.people
        );
        return one(Audience::UnderAgreement, Weighs::Against, says);
    }
    let audit = match audited {
        Some(audit) => format!("an audit's bound from below, {:.3}, does not contradict it", audit.lower),
        None => "no audit has tested it".to_owned(),
    };
    let (audience, weighs, tier) = match epsilon {
        epsilon if epsilon <= STRONG => (Audience::Anyone, Weighs::For, "a strong guarantee"),
        epsilon if epsilon <= REASONABLE => {
            (Audience::UnderAgreement, Weighs::For, "a reasonable guarantee, not a strong one")
        }
        _ => (Audience::UnderAgreement, Weighs::Against, "weak, hardly a guarantee"),
    };
    one(audience, weighs, format!("epsilon {epsilon} at delta {delta:e} is claimed, {tier}; {audit}"))
}

fn attacks(evidence: &Evidence<'_>) -> (Audience, Vec<Reason>) {
    let mut reasons = Vec::new();
    // The figure of each kind of attack, how many whose controls hold find nobody, and those that a control fails.
    let mut quiet = [("membership", 0), ("guesses", 0), ("copies", 0)];
    let mut deaf: Vec<(&str, &str)> = Vec::new();
    let mut found = false;
    let mut judge = |kind: usize, name: &'_ str, holds: bool, finds: bool, tells: String| {
        let figure = quiet[kind].0;
        // What is found is found, whatever the controls say; silence counts only where they hold.
        if finds {
            found = true;
            let says = format!("{name} finds people: {tells}");
            reasons.push(Reason::new(Weighs::Against, says, Link::attacked(figure)));
        } else if holds {
            quiet[kind].1 += 1;
        }
        !finds && !holds
    };
    for attack in evidence.membership {
        let share = attack.release.tpr_at_1_percent;
        let tells = told("share of members found at 1 % false alarms", share.value, share.upper);
        if judge(0, &attack.attack, attack.controls_hold(), attack.gives_members_away(), tells) {
            deaf.push(("membership", &attack.attack));
        }
    }
    for attack in evidence.guesses {
        let risk = attack.release.risk;
        let tells = told("share of guesses that membership makes right", risk.value, risk.upper);
        if judge(1, &attack.attack, attack.controls_hold(), attack.tells_of_members(), tells) {
            deaf.push(("guesses", &attack.attack));
        }
    }
    if let Some(copies) = evidence.copies {
        let exact = copies.release.exact;
        let tells = told("share of rows that are a member's own", exact.value, exact.upper);
        let holds = copies.copy.exact.value.is_some_and(|share| share > 0.99);
        if judge(2, "search for copies", holds, copies.holds_copies(), tells) {
            deaf.push(("copies", "search for copies"));
        }
    }
    let kinds = ["attacks on membership", "attacks that guess", "searches for copies"];
    for (&(figure, count), kind) in quiet.iter().zip(kinds) {
        if count > 0 {
            let says = format!("{count} {kind} find nobody, and would find copied people");
            reasons.push(Reason::new(Weighs::For, says, Link::attacked(figure)));
        }
    }
    for (figure, ..) in quiet {
        let mut names: Vec<&str> =
            deaf.iter().filter(|(own, _)| *own == figure).map(|(_, name)| *name).collect();
        names.dedup();
        if !names.is_empty() {
            let says = format!("a control fails and silence says nothing: {}", names.join(", "));
            reasons.push(Reason::new(Weighs::Missing, says, Link::attacked(figure)));
        }
    }
    if reasons.is_empty() {
        reasons.push(Reason::new(Weighs::Missing, "no attack was run", Link::attacked("membership")));
    }
    let heard = quiet.iter().any(|(_, count)| *count > 0);
    (if found || !heard { Audience::WithTheRealData } else { Audience::Anyone }, reasons)
}

fn told(what: &str, value: Option<f64>, upper: Option<f64>) -> String {
    match (value, upper) {
        (Some(value), Some(upper)) => format!("{what} {value:.3}, at most {upper:.3}"),
        (Some(value), None) => format!("{what} {value:.3}"),
        (None, _) => format!("{what} not defined"),
    }
}
