//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// The chance of a value below `z`.
pub(super) fn cumulative(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The value below which lies the chance `share`, kept within 1e-300 of 0 and 1e-16 of 1.
///
/// # Source
/// Wichura 1988, *Algorithm AS 241*, PPND7 (seven digits), then one step of Newton's.
pub(super) fn quantile(share: f64) -> f64 {
    let share = share.clamp(1e-300, 1.0 - 1e-16);
    let start = rough(share);
    let density = (-0.5 * start * start).exp() / TAU.sqrt();
    if density < 1e-280 { start } else { start - (cumulative(start) - share) / density }
}

fn rough(share: f64) -> f64 {
    let from_middle = share - 0.5;
    if from_middle.abs() <= 0.425 {
        let r = 0.180_625 - from_middle * from_middle;
        let above = ((59.109_374_72 * r + 159.291_132_02) * r + 50.434_271_938) * r + 3.387_132_717_9;
        let below = ((67.187_563_6 * r + 78.757_757_664) * r + 17.895_169_469) * r + 1.0;
        return from_middle * above / below;
    }
    let r = (-share.min(1.0 - share).ln()).sqrt();
    let size = if r <= 5.0 {
        let r = r - 1.6;
        (((0.170_238_211_03 * r + 1.306_728_481_6) * r + 2.756_815_39) * r + 1.423_437_277_7)
            / ((0.120_211_329_75 * r + 0.737_001_642_5) * r + 1.0)
    } else {
        let r = r - 5.0;
        (((0.017_337_203_997 * r + 0.428_682_943_37) * r + 3.081_226_386) * r + 6.657_905_115)
            / ((0.012_258_202_635 * r + 0.241_978_942_25) * r + 1.0)
    };
    if from_middle < 0.0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_published_quantiles() {
        // Abramowitz and Stegun, table 26.5; and 6.3613 of one in ten thousand million by R's qnorm(1e-10).
        for (share, expected) in
            [(0.5, 0.0), (0.975, 1.959_963_984_54), (0.99, 2.326_347_874_04), (1e-10, -6.361_340_902_40)]
        {
            assert!((quantile(share) - expected).abs() < 1e-9, "{share}: {}", quantile(share));
        }
    }

    #[test]
    fn law_each_undoes_the_other() {
        for place in -60..=60 {
            let z = f64::from(place) / 10.0;
            assert!((quantile(cumulative(z)) - z).abs() < 1e-6, "{z}: {}", quantile(cumulative(z)));
        }
        assert!(quantile(0.0).is_finite() && quantile(1.0).is_finite());
    }
}
