//! Whether one odds ratio serves every stratum.

use serde::Serialize;

use super::table::Table;
use crate::distribution::chi_squared_upper;

/// A test of equal odds ratios.
///
/// # Source
/// Breslow and Day, Statistical Methods in Cancer Research I, 1980, 4.4; with the correction of
/// Tarone, Biometrika 1985;72:91, since Mantel and Haenszel's estimate is not the most likely one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Homogeneity {
    /// Chi-squared.
    pub chi_squared: f64,
    /// Informative strata less one.
    pub degrees_of_freedom: usize,
    /// The p value; small when the strata differ.
    pub p: f64,
}

impl Homogeneity {
    /// Tests strata against their pooled odds ratio; `None` when fewer than two are informative or
    /// the ratio is not positive.
    ///
    /// # Limits
    /// The chi-squared law needs some people in every cell; with many small strata take the p value
    /// as a hint.
    pub fn of(strata: &[Table], odds_ratio: f64) -> Option<Self> {
        if !(odds_ratio.is_finite() && odds_ratio > 0.0) {
            return None;
        }
        let (mut chi_squared, mut excess, mut variances) = (0.0, 0.0, 0.0);
        let mut informative = 0_usize;
        for table in strata.iter().filter(|table| table.is_informative()) {
            let expected = expected_both(table, odds_ratio)?;
            let (first, second) = (table.first() as f64, table.second() as f64);
            let cells = [
                expected,
                first - expected,
                second - expected,
                table.people() as f64 - first - second + expected,
            ];
            let variance = 1.0 / cells.iter().map(|cell| 1.0 / cell).sum::<f64>();
            if !(variance.is_finite() && variance > 0.0) {
                return None;
            }
            let difference = table.both as f64 - expected;
            chi_squared += difference * difference / variance;
            excess += difference;
            variances += variance;
            informative += 1;
        }
        if informative < 2 {
            return None;
        }
        let chi_squared = f64::max(chi_squared - excess * excess / variances, 0.0);
        let degrees_of_freedom = informative - 1;
        let p = chi_squared_upper(chi_squared, degrees_of_freedom);
        chi_squared.is_finite().then_some(Self { chi_squared, degrees_of_freedom, p })
    }
}

/// The count with both that has a given odds ratio with its table's margins.
fn expected_both(table: &Table, odds_ratio: f64) -> Option<f64> {
    let (first, second, people) = (table.first() as f64, table.second() as f64, table.people() as f64);
    let (least, most) = table.range_of_both();
    let root = {
        // (1 - r) x^2 + (n - f - s + r (f + s)) x - r f s = 0, solved without cancellation.
        let a = 1.0 - odds_ratio;
        let b = people - first - second + odds_ratio * (first + second);
        let c = -odds_ratio * first * second;
        let discriminant = (b * b - 4.0 * a * c).max(0.0).sqrt();
        // Of the two roots the one within the margins is -2c / (b + sqrt): b may be negative.
        if b >= 0.0 { -2.0 * c / (b + discriminant) } else { (discriminant - b) / (2.0 * a) }
    };
    (root > least as f64 && root < most as f64).then_some(root)
}
