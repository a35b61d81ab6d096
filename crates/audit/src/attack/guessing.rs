//! Guesses that a synthetic table should not allow: how many more are right about members than about others.

use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::copies::share;
use super::error::AttackError;
use super::exposure::{Controlled, Exposure, joined};
use crate::bootstrap::shuffled;
use crate::estimate::{Estimate, Undefined};
use crate::normal::Z_95;

/// Guesses made, and those that were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Right ones.
    pub right: usize,
    /// All.
    pub of: usize,
}

/// An attack that guesses something about people of a table from a synthetic one.
pub trait GuessAttack {
    /// Its name.
    fn name(&self) -> &'static str;

    /// Guesses about the people of `targets`.
    ///
    /// # Errors
    /// [`AttackError`] where the tables don't allow it.
    fn guess(&self, targets: &Table, synthetic: &Table) -> Result<Tally, AttackError>;
}

/// How often guesses are right about members, about others, and what the release adds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GuessFigures {
    /// Share right about members.
    pub members: Estimate,
    /// Share right about as many others, of whom the release knows nothing but what holds for everyone.
    pub others: Estimate,
    /// (members - others) / (1 - others): the share of guesses that membership makes right; 0 to 1.
    pub risk: Estimate,
    /// Guesses about members.
    pub guesses: usize,
}

/// Guesses about members and as many others, on the release and its controls.
///
/// # Source
/// Giomi, Boenisch, Wehmeyer and Tasnádi, A unified framework for quantifying privacy risk in synthetic data, PoPETs
/// 2023(2), section 4: the risk of equation 3 from rates at the centre of Wilson's interval, its error
/// propagated from both.
///
/// # Errors
/// [`AttackError`] as the attack's.
///
/// # Limits
/// Where there are more members than others, some members stand for all, drawn by lot: what singles out one of those left
/// out counts as wrong, so that the risk lies low by as much.
pub fn guessing(
    attack: &dyn GuessAttack,
    exposure: &Exposure,
) -> Result<Controlled<GuessFigures>, AttackError> {
    // Guesses need no reference, so that those people count among the others.
    let others = joined(exposure.others(), exposure.reference())?;
    let count = others.len().min(exposure.members().len());
    // A table of more people has fewer who stand alone in it: both must be of one size.
    let some = |table: &Table| table.rows_of(&shuffled(table.len(), 0, 1)[..count]);
    let (members, others) = (some(exposure.members()), some(&others));
    exposure.controlled(attack.name(), |synthetic| {
        let (own, control) = (attack.guess(&members, synthetic)?, attack.guess(&others, synthetic)?);
        Ok(GuessFigures {
            members: share(own.right, own.of),
            others: share(control.right, control.of),
            risk: risk(own, control),
            guesses: own.of,
        })
    })
}

impl Controlled<GuessFigures> {
    /// Whether the attack finds what there is: on a verbatim copy, more about members than about others.
    pub fn finds_a_copy(&self) -> bool {
        self.copy.risk.lower.is_some_and(|lower| lower > 0.0)
    }

    /// Whether it finds nothing where nothing is, but for one time in about 40.
    pub fn is_quiet_on_null(&self) -> bool {
        self.null.risk.lower.is_some_and(|lower| lower <= 0.0)
    }
}

impl Controlled<GuessFigures> {
    /// Whether the release tells more of members than of others for sure, and more than a table without any of them
    /// seems to.
    pub fn tells_of_members(&self) -> bool {
        let by_chance = self.null.risk.upper.unwrap_or(1.0);
        self.release.risk.lower.is_some_and(|lower| lower > by_chance)
    }

    /// Whether its controls allow it to say something.
    pub fn controls_hold(&self) -> bool {
        self.finds_a_copy() && self.is_quiet_on_null()
    }
}

fn risk(own: Tally, control: Tally) -> Estimate {
    if own.of == 0 || control.of == 0 {
        return Estimate::new(Err(Undefined::NoInstances), None);
    }
    let ((attack, attack_error), (control, control_error)) = (rate(own), rate(control));
    let rest = 1.0 - control;
    let value = (attack - control) / rest;
    let error = (attack_error / rest).hypot((attack - 1.0) / (rest * rest) * control_error);
    let within = |value: f64| value.clamp(0.0, 1.0);
    Estimate::new(Ok(within(value)), Some((within(value - error), within(value + error))))
}

/// Centre and half width of Wilson's 95 % interval; below 1 however many are right.
fn rate(tally: Tally) -> (f64, f64) {
    let (n, right) = (tally.of as f64, tally.right as f64);
    let square = Z_95 * Z_95;
    let half = Z_95 / (n + square) * (right * (n - right) / n + square / 4.0).sqrt();
    ((right + square / 2.0) / (n + square), half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_risk_by_hand() {
        // z^2 = 3.8415: rates (80 + 1.9207) / 103.8415 and (20 + 1.9207) / 103.8415.
        let found = risk(Tally { right: 80, of: 100 }, Tally { right: 20, of: 100 });
        let (attack, control) = (0.788_901, 0.211_099);
        assert!((found.value.unwrap() - (attack - control) / (1.0 - control)).abs() < 1e-5);
        assert!(found.lower.unwrap() > 0.6 && found.upper.unwrap() < 0.85);
        assert_eq!(risk(Tally::default(), Tally::default()).value, None);
        let certain = risk(Tally { right: 9, of: 9 }, Tally { right: 9, of: 9 });
        assert_eq!(certain.value, Some(0.0));
    }
}
