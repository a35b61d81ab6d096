//! Many comparisons at once: p values that keep their meaning when the smallest is looked at.

use serde::{Deserialize, Serialize};

use crate::compare::{Comparison, compare};
use crate::evaluate::Options;
use crate::predictions::{Predictions, PredictionsError};

/// What the adjustment keeps below the level that p values are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// The chance of any false claim, however the tests depend on each other.
    ///
    /// # Source
    /// Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6
    /// (1979).
    Holm,
    /// The expected share of false claims among the claims, for independent or positively dependent
    /// tests.
    ///
    /// # Source
    /// Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995).
    BenjaminiHochberg,
}

impl Adjustment {
    /// Adjusted p values, in the order given. Tests without a p value are none, and do not count.
    pub fn adjust(self, p_values: &[Option<f64>]) -> Vec<Option<f64>> {
        let mut order: Vec<(usize, f64)> =
            p_values.iter().enumerate().filter_map(|(at, p)| Some((at, (*p)?))).collect();
        order.sort_by(|left, right| left.1.total_cmp(&right.1).then(left.0.cmp(&right.0)));
        let tests = order.len();
        let mut adjusted = vec![None; p_values.len()];
        match self {
            Self::Holm => {
                let mut greatest = 0.0_f64;
                for (rank, &(at, p)) in order.iter().enumerate() {
                    greatest = greatest.max(p * (tests - rank) as f64).min(1.0);
                    adjusted[at] = Some(greatest);
                }
            }
            Self::BenjaminiHochberg => {
                let mut least = 1.0_f64;
                for (rank, &(at, p)) in order.iter().enumerate().rev() {
                    least = least.min(p * (tests as f64 / (rank + 1) as f64));
                    adjusted[at] = Some(least);
                }
            }
        }
        adjusted
    }
}

/// A model beside the reference, with the p value adjusted for how many models are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdjustedComparison {
    /// The comparison, as if it were the only one.
    pub comparison: Comparison,
    /// The p value of the difference of AUROC, adjusted.
    pub adjusted_p: Option<f64>,
}

/// Compares each model with the same reference.
///
/// # Errors
/// [`PredictionsError::OtherInstances`] unless all hold the same subjects and labels in the same order.
pub fn compare_all(
    models: &[&Predictions],
    reference: &Predictions,
    adjustment: Adjustment,
    options: &Options,
) -> Result<Vec<AdjustedComparison>, PredictionsError> {
    let comparisons =
        models.iter().map(|model| compare(model, reference, options)).collect::<Result<Vec<_>, _>>()?;
    let adjusted =
        adjustment.adjust(&comparisons.iter().map(|comparison| comparison.auroc_p).collect::<Vec<_>>());
    let pairs = comparisons.into_iter().zip(adjusted);
    Ok(pairs.map(|(comparison, adjusted_p)| AdjustedComparison { comparison, adjusted_p }).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const P: [f64; 7] = [0.04, 0.001, 0.03, 0.03, 0.9, 0.012, 0.5];

    #[test]
    fn ref_adjusted_p_values_against_statsmodels() {
        // statsmodels 0.15.0: multipletests(P, method="holm") and "fdr_bh" (tests/reference/figures.py).
        let p: Vec<_> = P.into_iter().map(Some).collect();
        for (adjustment, expected) in [
            (Adjustment::Holm, [0.15, 0.007, 0.15, 0.15, 1.0, 0.072, 1.0]),
            (
                Adjustment::BenjaminiHochberg,
                [0.056, 0.007, 0.0525, 0.0525, 0.9, 0.042, 0.583_333_333_333_333_4],
            ),
        ] {
            for (found, expected) in adjustment.adjust(&p).into_iter().zip(expected) {
                assert!((found.unwrap() - expected).abs() < 1e-12, "{adjustment:?} {found:?} {expected}");
            }
        }
    }

    #[test]
    fn regress_absent_p_values_do_not_count() {
        let adjusted = Adjustment::Holm.adjust(&[None, Some(0.02), None, Some(0.5)]);
        assert_eq!(adjusted, [None, Some(0.04), None, Some(0.5)]);
        assert_eq!(Adjustment::BenjaminiHochberg.adjust(&[]), []);
    }

    proptest! {
        #[test]
        fn law_adjusted_values_keep_their_order_and_are_no_smaller(
            p in prop::collection::vec(0.0..=1.0_f64, 1..20)
        ) {
            let given: Vec<_> = p.iter().copied().map(Some).collect();
            for adjustment in [Adjustment::Holm, Adjustment::BenjaminiHochberg] {
                let adjusted: Vec<f64> = adjustment.adjust(&given).into_iter().flatten().collect();
                for (one, other) in p.iter().zip(&adjusted) {
                    prop_assert!(other >= one && *other <= 1.0);
                }
                for first in 0..p.len() {
                    for second in 0..p.len() {
                        prop_assert!(p[first] > p[second] || adjusted[first] <= adjusted[second]);
                    }
                }
            }
            let (holm, hochberg) = (Adjustment::Holm.adjust(&given), Adjustment::BenjaminiHochberg.adjust(&given));
            prop_assert!(holm.iter().zip(&hochberg).all(|(holm, hochberg)| holm.unwrap() >= hochberg.unwrap() - 1e-12));
        }
    }
}
