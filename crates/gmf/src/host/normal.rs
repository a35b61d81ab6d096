//! The standard normal distribution.
//!
//! # Source
//! Distribution: West 2005 (Hart's double-precision algorithm). Quantile: Acklam's rational
//! approximation with one Halley step.

/// The probability below `z`.
pub(crate) fn cumulative(z: f64) -> f64 {
    let x = z.abs();
    let tail = if x > 37.0 {
        0.0
    } else {
        let e = (-x * x / 2.0).exp();
        if x < 7.071_067_811_865_475 {
            let mut numerator = 3.526_249_659_989_11e-2 * x + 0.700_383_064_443_688;
            numerator = numerator * x + 6.373_962_203_531_65;
            numerator = numerator * x + 33.912_866_078_383;
            numerator = numerator * x + 112.079_291_497_871;
            numerator = numerator * x + 221.213_596_169_931;
            numerator = numerator * x + 220.206_867_912_376;
            let mut denominator = 8.838_834_764_831_84e-2 * x + 1.755_667_163_182_64;
            denominator = denominator * x + 16.064_177_579_207;
            denominator = denominator * x + 86.780_732_202_946_1;
            denominator = denominator * x + 296.564_248_779_674;
            denominator = denominator * x + 637.333_633_378_831;
            denominator = denominator * x + 793.826_512_519_948;
            denominator = denominator * x + 440.413_735_824_752;
            e * numerator / denominator
        } else {
            let fraction = x + 1.0 / (x + 2.0 / (x + 3.0 / (x + 4.0 / (x + 0.65))));
            e / fraction / 2.506_628_274_631
        }
    };
    if z > 0.0 { 1.0 - tail } else { tail }
}

/// The number below which a share `p` lies; `p` is kept within (0.001, 0.999) only if it is 0 or 1.
pub(crate) fn quantile(p: f64) -> f64 {
    let p = if p >= 1.0 {
        0.999
    } else if p <= 0.0 {
        0.001
    } else {
        p
    };
    let z = rational(p);
    let error = cumulative(z) - p;
    let step = error * (std::f64::consts::TAU).sqrt() * (z * z / 2.0).exp();
    z - step / (1.0 + z * step / 2.0)
}

fn rational(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    if p < 0.02425 {
        let q = (-2.0 * p.ln()).sqrt();
        polynomial(&C, q) / (polynomial(&D, q) * q + 1.0)
    } else if p > 1.0 - 0.02425 {
        let q = (-2.0 * (1.0 - p).ln()).sqrt();
        -polynomial(&C, q) / (polynomial(&D, q) * q + 1.0)
    } else {
        let q = p - 0.5;
        let r = q * q;
        polynomial(&A, r) * q / (polynomial(&B, r) * r + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_published_values() {
        // Abramowitz and Stegun, table 26.1 and 26.5.
        for (z, p) in [(0.0, 0.5), (1.0, 0.841_344_746_068_543), (1.96, 0.975_002_104_851_780)] {
            assert!((cumulative(z) - p).abs() < 1e-12, "{z}");
            assert!((quantile(p) - z).abs() < 1e-9, "{p}");
        }
        assert!((quantile(0.001) + 3.090_232_306_167_813).abs() < 1e-9);
        assert!((cumulative(-1.0) - 0.158_655_253_931_457).abs() < 1e-12);
    }
}
