//! Control of the false-discovery rate over many tests.

use serde::{Deserialize, Serialize};

/// How to adjust p values so that rejecting those of at most q bounds the expected share of false
/// rejections by q.
///
/// # Source
/// Benjamini and Hochberg, J R Stat Soc B 1995;57:289; Benjamini and Yekutieli, Ann Stat
/// 2001;29:1165.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FalseDiscovery {
    /// Benjamini and Hochberg: holds for independent and for positively dependent tests.
    #[default]
    BenjaminiHochberg,
    /// Benjamini and Yekutieli: holds under any dependence, at the cost of a factor 1 + 1/2 + ... + 1/m.
    BenjaminiYekutieli,
}

impl FalseDiscovery {
    /// The adjusted p value (q value) of each test; what has no p value was not tested, counts as no
    /// test, and gets none.
    ///
    /// # Shapes
    /// As many as given, in the same order.
    ///
    /// # Errors
    /// [`FalseDiscoveryError`] when a p value is not a number from 0 to 1.
    pub fn adjust(self, p_values: &[Option<f64>]) -> Result<Vec<Option<f64>>, FalseDiscoveryError> {
        let mut tested = Vec::with_capacity(p_values.len());
        for (place, p) in p_values.iter().enumerate() {
            match p {
                Some(p) if (0.0..=1.0).contains(p) => tested.push((*p, place)),
                Some(p) => return Err(FalseDiscoveryError { place, p: *p }),
                None => {}
            }
        }
        // Equal p values get equal q values, so the order among them does not matter.
        tested.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let tests = tested.len() as f64;
        let factor = match self {
            Self::BenjaminiHochberg => tests,
            Self::BenjaminiYekutieli => {
                tests * (1..=tested.len()).rev().map(|rank| 1.0 / rank as f64).sum::<f64>()
            }
        };
        let mut adjusted = vec![None; p_values.len()];
        // A test is rejected when any larger p value is, hence the running minimum from the largest.
        let mut least = 1.0_f64;
        for (rank, (p, place)) in tested.iter().enumerate().rev() {
            // p m / m may round to below p.
            least = least.min((p * factor / (rank + 1) as f64).max(*p));
            adjusted[*place] = Some(least);
        }
        Ok(adjusted)
    }
}

/// A p value that is none.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("test {place} has p value {p}; permitted: 0 to 1")]
pub struct FalseDiscoveryError {
    /// Which test, from 0.
    pub place: usize,
    /// Its p value.
    pub p: f64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn ref_four_of_fifteen_hypotheses_of_the_paper() {
        // Benjamini and Hochberg 1995, section 3.2: at q = 0.05 the first four are rejected where
        // Bonferroni rejects three.
        let p = some(&[
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ]);
        let q = FalseDiscovery::BenjaminiHochberg.adjust(&p).unwrap();
        assert_eq!(q.iter().flatten().filter(|q| **q <= 0.05).count(), 4);
        let q = FalseDiscovery::BenjaminiYekutieli.adjust(&p).unwrap();
        assert_eq!(q.iter().flatten().filter(|q| **q <= 0.05).count(), 3);
    }

    #[test]
    fn ref_agrees_with_scipy() {
        // scipy 1.17.1: stats.false_discovery_control([.01, .04, .03, .005, .04, .9], method=...).
        let p = some(&[0.01, 0.04, 0.03, 0.005, 0.04, 0.9]);
        let expected = [
            (FalseDiscovery::BenjaminiHochberg, [0.03, 0.048, 0.048, 0.03, 0.048, 0.9]),
            (FalseDiscovery::BenjaminiYekutieli, [0.0735, 0.1176, 0.1176, 0.0735, 0.1176, 1.0]),
        ];
        for (procedure, expected) in expected {
            let found = procedure.adjust(&p).unwrap();
            for (found, expected) in found.iter().flatten().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{procedure:?}: {found} {expected}");
            }
        }
    }

    #[test]
    fn regress_untested_stay_untested_and_nonsense_is_named() {
        let both = [FalseDiscovery::BenjaminiHochberg, FalseDiscovery::BenjaminiYekutieli];
        for procedure in both {
            assert_eq!(procedure.adjust(&[]).unwrap(), []);
            assert_eq!(procedure.adjust(&[None, Some(0.2), None]).unwrap(), [None, Some(0.2), None]);
            assert_eq!(
                procedure.adjust(&[None, Some(1.5)]).unwrap_err().to_string(),
                "test 1 has p value 1.5; permitted: 0 to 1"
            );
            assert!(procedure.adjust(&[Some(f64::NAN)]).is_err());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn law_rejections_are_those_of_the_step_up_rule(
            p in proptest::collection::vec(0.0..=1.0_f64, 1..60),
            q in 0.001..0.999_f64,
        ) {
            // The rule itself: reject the k smallest, k the largest with p(k) <= k q / m.
            let mut sorted = p.clone();
            sorted.sort_by(f64::total_cmp);
            let m = p.len() as f64;
            let k = (1..=p.len()).rev().find(|k| sorted[k - 1] * m <= *k as f64 * q).unwrap_or(0);
            let adjusted = FalseDiscovery::BenjaminiHochberg.adjust(&some(&p)).unwrap();
            // Rounding may decide only where a p value lies on the line to the last digit.
            let on_line = sorted.iter().enumerate().any(|(rank, p)| {
                (p * m / (rank + 1) as f64 - q).abs() < 1e-12
            });
            prop_assume!(!on_line);
            prop_assert_eq!(adjusted.iter().flatten().filter(|adjusted| **adjusted <= q).count(), k);
        }

        #[test]
        fn law_adjusting_keeps_order_and_never_helps(p in proptest::collection::vec(0.0..=1.0_f64, 1..60)) {
            let bh = FalseDiscovery::BenjaminiHochberg.adjust(&some(&p)).unwrap();
            let by = FalseDiscovery::BenjaminiYekutieli.adjust(&some(&p)).unwrap();
            for (one, (bh_one, by_one)) in p.iter().zip(bh.iter().flatten().zip(by.iter().flatten())) {
                prop_assert!(one <= bh_one && bh_one <= by_one && *by_one <= 1.0);
                for (other, bh_other) in p.iter().zip(bh.iter().flatten()) {
                    prop_assert!(one > other || bh_one <= bh_other);
                }
            }
        }
    }
}
