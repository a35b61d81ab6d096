//! Intervals for shares.

const Z_95: f64 = 1.959_963_984_540_054;

/// 95 % Wilson score interval of `cases` in `of`; `None` when there is nobody or more cases than that.
///
/// # Source
/// Wilson, JASA 22 (1927); recommended by Newcombe, Statistics in Medicine 17 (1998), method 3.
pub fn wilson_interval(cases: u64, of: u64) -> Option<(f64, f64)> {
    if of == 0 || cases > of {
        return None;
    }
    let n = of as f64;
    let p = cases as f64 / n;
    let z2 = Z_95 * Z_95;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    // At 0 and at n the formula touches the edge exactly; rounding must not cross it.
    Some(((centre - half).clamp(0.0, p), (centre + half).clamp(p, 1.0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_newcombe_1998_table_1_method_3() {
        for (cases, of, lower, upper) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (low, high) = wilson_interval(cases, of).unwrap();
            // The paper prints four decimals.
            assert!((low - lower).abs() < 5e-5 && (high - upper).abs() < 5e-5, "{low} {high}");
        }
        assert_eq!((wilson_interval(0, 0), wilson_interval(3, 2)), (None, None));
    }

    proptest! {
        #[test]
        fn law_the_share_lies_in_its_interval(of in 1_u64..5_000, share in 0.0..=1.0) {
            let cases = (share * of as f64) as u64;
            let (low, high) = wilson_interval(cases, of).unwrap();
            let p = cases as f64 / of as f64;
            prop_assert!(0.0 <= low && low <= p && p <= high && high <= 1.0 && low < high);
        }
    }
}
