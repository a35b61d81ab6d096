//! Whether two conditions go together at all, given the strata.

use serde::Serialize;

use super::exact::{ConditionalLaw, Exact};
use super::table::Table;
use crate::distribution::chi_squared_upper;

/// Below this many people of room on either side of the expected count, the chi-squared law is a poor
/// approximation.
///
/// # Source
/// Mantel and Fleiss, Am J Epidemiol 1980;112:129.
const FEWEST_OF_ROOM: f64 = 5.0;

/// Tests of no association within any stratum.
///
/// # Source
/// Cochran, Biometrics 1954;10:417; Mantel and Haenszel, J Natl Cancer Inst 1959;22:719.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NullTest {
    /// People expected to have both, if neither condition had to do with the other.
    pub expected_both: f64,
    /// Cochran-Mantel-Haenszel chi-squared on one degree of freedom, without continuity correction.
    pub chi_squared: f64,
    /// Its p value.
    pub p_chi_squared: f64,
    /// The same with half a person of continuity correction.
    pub chi_squared_corrected: f64,
    /// Its p value.
    pub p_corrected: f64,
    /// Room between the expected count and the nearest count that the margins allow (Mantel and
    /// Fleiss); the exact test is made where it is below 5.
    pub room: f64,
    /// The exact conditional test, where it is called for.
    pub exact: Option<Exact>,
    /// The p value to go by: the exact one if there is one, else the uncorrected chi-squared test's.
    pub p: f64,
}

impl NullTest {
    /// Tests the strata; `None` when no stratum is informative.
    pub fn of(strata: &[Table]) -> Option<Self> {
        let (mut observed, mut expected, mut variance) = (0.0, 0.0, 0.0);
        let (mut least, mut most) = (0.0, 0.0);
        for table in strata.iter().filter(|table| table.is_informative()) {
            let (first, second) = (table.first() as f64, table.second() as f64);
            let people = table.people() as f64;
            observed += table.both as f64;
            expected += first * second / people;
            variance +=
                first * (people - first) * second * (people - second) / (people * people * (people - 1.0));
            let (lowest, highest) = table.range_of_both();
            least += lowest as f64;
            most += highest as f64;
        }
        if variance <= 0.0 {
            return None;
        }
        let excess = f64::abs(observed - expected);
        let chi_squared = excess * excess / variance;
        let corrected = (excess - 0.5).max(0.0);
        let chi_squared_corrected = corrected * corrected / variance;
        let room = (expected - least).min(most - expected);
        let exact =
            if room < FEWEST_OF_ROOM { ConditionalLaw::of(strata).map(|law| law.exact()) } else { None };
        let p_chi_squared = chi_squared_upper(chi_squared, 1);
        Some(Self {
            expected_both: expected,
            chi_squared,
            p_chi_squared,
            chi_squared_corrected,
            p_corrected: chi_squared_upper(chi_squared_corrected, 1),
            room,
            exact,
            p: exact.map_or(p_chi_squared, |exact| exact.p),
        })
    }
}
