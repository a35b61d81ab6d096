//! Odds and risk ratios pooled over strata by Mantel and Haenszel.

use serde::Serialize;

use super::table::Table;
use crate::distribution::Z_95;

/// A ratio with its 95 % interval, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// The estimate.
    pub estimate: Option<f64>,
    /// The 95 % interval.
    pub interval: Option<Interval>,
    /// Why the estimate or its interval is absent.
    pub absent: Option<Absent>,
}

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit; `None` where it is unbounded.
    pub upper: Option<f64>,
}

/// Why a ratio or its interval is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// In every stratum nobody or everybody has one of the two conditions: nothing to compare.
    NothingToCompare,
    /// The ratio is unbounded, since a cell that it divides by is empty in every stratum.
    Unbounded,
    /// The ratio is zero, and a logarithm of zero has no interval.
    Zero,
}

impl Ratio {
    pub(crate) const fn absent(reason: Absent) -> Self {
        Self { estimate: None, interval: None, absent: Some(reason) }
    }

    /// A ratio of two pooled sums, and the variance of its logarithm where both are positive.
    fn of(numerator: f64, denominator: f64, log_variance: impl FnOnce() -> f64) -> Self {
        match (numerator > 0.0, denominator > 0.0) {
            (false, false) => Self::absent(Absent::NothingToCompare),
            (true, false) => Self::absent(Absent::Unbounded),
            (false, true) => Self { estimate: Some(0.0), interval: None, absent: Some(Absent::Zero) },
            (true, true) => {
                let estimate = numerator / denominator;
                let factor = (Z_95 * log_variance().max(0.0).sqrt()).exp();
                let upper = (estimate * factor).is_finite().then_some(estimate * factor);
                let interval = Some(Interval { lower: estimate / factor, upper });
                Self { estimate: Some(estimate), interval, absent: None }
            }
        }
    }
}

/// The odds ratio pooled over strata. Strata with an empty cell count like any other.
///
/// # Source
/// Mantel and Haenszel, J Natl Cancer Inst 1959;22:719; variance of the logarithm: Robins, Breslow and
/// Greenland, Biometrics 1986;42:311.
pub fn pooled_odds_ratio(strata: &[Table]) -> Ratio {
    let (mut r, mut s, mut pr, mut ps_qr, mut qs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for table in strata.iter().filter(|table| table.is_informative()) {
        let [both, first, second, neither] = table.cells();
        let people = table.people() as f64;
        let (concordant, discordant) = (both * neither / people, first * second / people);
        let (p, q) = ((both + neither) / people, (first + second) / people);
        r += concordant;
        s += discordant;
        pr += p * concordant;
        ps_qr += p * discordant + q * concordant;
        qs += q * discordant;
    }
    Ratio::of(r, s, || pr / (2.0 * r * r) + ps_qr / (2.0 * r * s) + qs / (2.0 * s * s))
}

/// The odds ratio with half a person added to both of the sums that it divides; bounded, but drawn
/// towards 1. `None` without an informative stratum.
pub(crate) fn bounded_odds_ratio(strata: &[Table]) -> Option<f64> {
    let (mut r, mut s, mut any) = (0.5, 0.5, false);
    for table in strata.iter().filter(|table| table.is_informative()) {
        let [both, first, second, neither] = table.cells();
        r += both * neither / table.people() as f64;
        s += first * second / table.people() as f64;
        any = true;
    }
    any.then_some(r / s)
}

/// The risk of the second condition in those with the first over the risk in those without, pooled
/// over strata.
///
/// # Source
/// Mantel and Haenszel's weights; variance of the logarithm: Greenland and Robins, Biometrics
/// 1985;41:55.
pub fn pooled_risk_ratio(strata: &[Table]) -> Ratio {
    let (mut r, mut s, mut v) = (0.0, 0.0, 0.0);
    // A stratum where everybody has the second condition has a risk ratio of 1 and counts as such; one
    // where nobody or everybody has the first gives zeros.
    for table in strata.iter().filter(|table| table.people() > 0) {
        let [both, first, second, neither] = table.cells();
        let people = table.people() as f64;
        let (exposed, unexposed, cases) = (both + first, second + neither, both + second);
        r += both * unexposed / people;
        s += second * exposed / people;
        v += (cases * exposed * unexposed - both * second * people) / (people * people);
    }
    Ratio::of(r, s, || v / (r * s))
}
