//! Pooled ratios and their tests against statsmodels and scipy (tests/reference/statistics.py) on
//! published tables.

use proptest::prelude::*;
use twinloom_hypergraph::network::{
    Absent, Homogeneity, NullTest, Ratio, Table, pooled_odds_ratio, pooled_risk_ratio,
};

const fn table(cells: [u64; 4]) -> Table {
    Table { both: cells[0], first_only: cells[1], second_only: cells[2], neither: cells[3] }
}

/// Admissions to six departments of Berkeley by sex (Bickel, Hammel and O'Connell, Science 1975;187:398).
const BERKELEY: [Table; 6] = [
    table([512, 313, 89, 19]),
    table([353, 207, 17, 8]),
    table([120, 205, 202, 391]),
    table([138, 279, 131, 244]),
    table([53, 138, 94, 299]),
    table([22, 351, 24, 317]),
];

/// Penicillin to rabbits (Agresti, Categorical Data Analysis, 1990, p. 226): empty cells in every
/// stratum, and two strata that say nothing.
const RABBITS: [Table; 5] =
    [table([0, 6, 0, 5]), table([3, 3, 0, 6]), table([6, 0, 2, 4]), table([5, 1, 6, 0]), table([2, 0, 5, 0])];

/// Rare conditions, with empty cells.
const SPARSE: [Table; 5] = [
    table([1, 4, 6, 189]),
    table([0, 3, 2, 95]),
    table([2, 0, 1, 57]),
    table([0, 1, 0, 29]),
    table([1, 2, 3, 294]),
];

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-10 * expected.abs(), "{what}: {found} {expected}");
}

fn close_ratio(found: Ratio, expected: [f64; 3], what: &str) {
    let interval = found.interval.expect("these ratios have an interval");
    close(found.estimate.expect("these ratios are bounded"), expected[0], what);
    close(interval.lower, expected[1], what);
    close(interval.upper.expect("these intervals are bounded"), expected[2], what);
}

#[test]
fn ref_pooled_odds_ratios() {
    let berkeley = [0.904_696_828_258_623_1, 0.771_907_361_759_350_5, 1.060_329_764_436_655_8];
    close_ratio(pooled_odds_ratio(&BERKELEY), berkeley, "berkeley");
    let rabbits = [7.0, 1.026_712_688_461_667, 47.725_133_380_222_61];
    close_ratio(pooled_odds_ratio(&RABBITS), rabbits, "rabbits");
    let sparse = [19.125, 5.281_775_623_818_56, 69.250_504_196_079_96];
    close_ratio(pooled_odds_ratio(&SPARSE), sparse, "sparse");
}

#[test]
fn ref_pooled_risk_ratios() {
    for (tables, expected) in [
        (&BERKELEY[..], 0.944_905_022_595_929),
        (&RABBITS, 1.552_631_578_947_368_4),
        (&SPARSE, 14.262_195_121_951_22),
    ] {
        close(pooled_risk_ratio(tables).estimate.unwrap(), expected, "risk ratio");
    }
    // One stratum: Katz's interval, whose log variance is 1/a - 1/n1 + 1/c - 1/n0.
    let one = table([30, 70, 20, 180]);
    let log_error = f64::sqrt(1.0 / 30.0 - 1.0 / 100.0 + 1.0 / 20.0 - 1.0 / 200.0);
    let interval = pooled_risk_ratio(&[one]).interval.unwrap();
    close(interval.lower, 3.0 * (-1.959_963_984_540_054 * log_error).exp(), "Katz");
}

#[test]
fn ref_tests_of_no_association() {
    let berkeley = NullTest::of(&BERKELEY).unwrap();
    close(berkeley.chi_squared, 1.524_606_660_443_435_6, "chi-squared");
    close(berkeley.p_chi_squared, 0.216_923_697_055_518_17, "p");
    close(berkeley.chi_squared_corrected, 1.426_946_228_586_688_3, "corrected");
    close(berkeley.p_corrected, 0.232_263_462_817_048_02, "corrected p");
    assert!(berkeley.exact.is_none() && berkeley.room > 100.0);
    let rabbits = NullTest::of(&RABBITS).unwrap();
    close(rabbits.chi_squared, 5.657_142_857_142_857_5, "chi-squared");
    close(rabbits.chi_squared_corrected, 3.928_571_428_571_429, "corrected");
    close(rabbits.p, 0.039_944_903_581_267_21, "exact");
    let sparse = NullTest::of(&SPARSE).unwrap();
    close(sparse.chi_squared, 36.944_541_590_627_45, "chi-squared");
    close(sparse.p, 0.000_277_376_269_006_446_3, "exact");
}

#[test]
fn ref_exact_odds_ratios_of_several_strata() {
    let exact = |tables: &[Table]| NullTest::of(tables).unwrap().exact.unwrap().odds_ratio;
    close_ratio(
        exact(&RABBITS),
        [10.361_046_349_488_705, 1.077_387_763_518_033_1, 531.512_782_889_933_1],
        "rabbits",
    );
    close_ratio(
        exact(&SPARSE),
        [19.512_418_408_926_035, 3.836_327_720_633_953_7, 83.955_265_059_697],
        "sparse",
    );
}

#[test]
fn ref_exact_odds_ratios_of_one_stratum() {
    // scipy 1.17.1: fisher_exact, contingency.odds_ratio(kind="conditional").
    for (cells, p, estimate, lower, upper) in [
        (
            [3, 1, 1, 3],
            0.485_714_285_714_285_65,
            6.408_319_658_199_662,
            0.211_735_595_446_579_66,
            626.243_530_588_814_1,
        ),
        (
            [7, 2, 12, 200],
            3.533_616_805_367_196e-7,
            55.182_498_909_254_35,
            9.266_515_112_429_33,
            599.624_614_415_561_6,
        ),
    ] {
        let exact = NullTest::of(&[table(cells)]).unwrap().exact.unwrap();
        close(exact.p, p, "p");
        let interval = exact.odds_ratio.interval.unwrap();
        // The other program stops at a coarser tolerance than ours.
        for (found, expected) in [
            (exact.odds_ratio.estimate.unwrap(), estimate),
            (interval.lower, lower),
            (interval.upper.unwrap(), upper),
        ] {
            assert!((found / expected - 1.0).abs() < 1e-7, "{cells:?}: {found} {expected}");
        }
    }
    let top = NullTest::of(&[table([5, 0, 3, 40])]).unwrap().exact.unwrap();
    assert_eq!((top.odds_ratio.estimate, top.odds_ratio.absent), (None, Some(Absent::Unbounded)));
    let interval = top.odds_ratio.interval.unwrap();
    assert!((interval.lower - 7.326_884_205_220_422).abs() < 1e-6 && interval.upper.is_none());
    let bottom = NullTest::of(&[table([0, 8, 9, 30])]).unwrap().exact.unwrap();
    assert_eq!(bottom.odds_ratio.estimate, Some(0.0));
    assert!((bottom.odds_ratio.interval.unwrap().upper.unwrap() - 2.435_795_566_085_641).abs() < 1e-6);
}

#[test]
fn ref_homogeneity() {
    let ratio = pooled_odds_ratio(&BERKELEY).estimate.unwrap();
    let test = Homogeneity::of(&BERKELEY, ratio).unwrap();
    close(test.chi_squared, 18.825_501_252_053_23, "Tarone");
    close(test.p, 0.002_071_401_397_880_867_6, "p");
    assert_eq!(test.degrees_of_freedom, 5);
    // Two of the five strata say nothing; the other program divides by zero there.
    assert_eq!(Homogeneity::of(&RABBITS, 7.0).unwrap().degrees_of_freedom, 2);
}

#[test]
fn regress_what_has_no_answer_says_why() {
    let nobody = [table([0, 0, 5, 9]), table([0, 0, 0, 3])];
    assert_eq!(pooled_odds_ratio(&nobody).absent, Some(Absent::NothingToCompare));
    assert_eq!(NullTest::of(&nobody), None);
    let identical = [table([5, 0, 0, 9])];
    assert_eq!(pooled_odds_ratio(&identical).absent, Some(Absent::Unbounded));
    assert!(NullTest::of(&identical).unwrap().p < 0.001);
    let apart = [table([0, 5, 9, 20])];
    let ratio = pooled_odds_ratio(&apart);
    assert_eq!((ratio.estimate, ratio.absent), (Some(0.0), Some(Absent::Zero)));
    assert_eq!(Homogeneity::of(&apart, 0.0), None);
    assert_eq!(pooled_odds_ratio(&[]).absent, Some(Absent::NothingToCompare));
}

fn any_table() -> impl Strategy<Value = Table> {
    let cell = prop_oneof![3 => 0_u64..4, 3 => 0_u64..60, 1 => 0_u64..100_000];
    [cell.clone(), cell.clone(), cell.clone(), cell].prop_map(table)
}

fn ratio_is_finite(ratio: Ratio) -> bool {
    let limits = ratio.interval.map_or([0.0; 2], |limits| [limits.lower, limits.upper.unwrap_or(0.0)]);
    ratio.estimate.is_none_or(|value| value.is_finite() && value >= 0.0)
        && limits.iter().all(|limit| limit.is_finite() && *limit >= 0.0)
        && (ratio.estimate.is_some() || ratio.absent.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_every_answer_is_a_number_or_absent(strata in proptest::collection::vec(any_table(), 0..6)) {
        let odds = pooled_odds_ratio(&strata);
        prop_assert!(ratio_is_finite(odds), "{odds:?}");
        prop_assert!(ratio_is_finite(pooled_risk_ratio(&strata)));
        if let Some(test) = NullTest::of(&strata) {
            prop_assert!(test.p > 0.0 && test.p <= 1.0 && test.chi_squared.is_finite());
            prop_assert!(test.p_corrected >= test.p_chi_squared);
            if let Some(exact) = test.exact {
                prop_assert!(ratio_is_finite(exact.odds_ratio), "{exact:?}");
                prop_assert!(exact.p > 0.0 && exact.p <= 1.0);
                let limits = exact.odds_ratio.interval.unwrap();
                let estimate = exact.odds_ratio.estimate.unwrap_or(limits.lower);
                prop_assert!(limits.lower <= estimate * (1.0 + 1e-9));
                prop_assert!(limits.upper.is_none_or(|upper| estimate <= upper * (1.0 + 1e-9)));
            }
        }
        if let Some(test) = odds.estimate.and_then(|estimate| Homogeneity::of(&strata, estimate)) {
            prop_assert!(test.p > 0.0 && test.p <= 1.0 && test.chi_squared >= 0.0);
        }
    }

    #[test]
    fn law_exchanging_the_conditions_changes_no_odds_ratio(strata in proptest::collection::vec(any_table(), 0..6)) {
        let exchanged: Vec<Table> = strata
            .iter()
            .map(|one| Table { first_only: one.second_only, second_only: one.first_only, ..*one })
            .collect();
        let (one, other) = (pooled_odds_ratio(&strata), pooled_odds_ratio(&exchanged));
        prop_assert_eq!(one.absent, other.absent);
        if let (Some(one), Some(other)) = (one.estimate, other.estimate) {
            prop_assert!((one - other).abs() <= 1e-12 * one);
        }
        let (one, other) = (NullTest::of(&strata), NullTest::of(&exchanged));
        prop_assert_eq!(one.is_some(), other.is_some());
        if let (Some(one), Some(other)) = (one, other) {
            prop_assert!((one.p - other.p).abs() <= 1e-9 * one.p.max(1e-300));
        }
    }

    #[test]
    fn law_a_stratum_that_says_nothing_changes_no_odds(strata in proptest::collection::vec(any_table(), 0..6), n in 0_u64..50) {
        let more = [&strata[..], &[table([0, 0, n, 7]), table([n, 3, 0, 0]), table([0; 4])]].concat();
        prop_assert_eq!(pooled_odds_ratio(&strata), pooled_odds_ratio(&more));
        prop_assert_eq!(NullTest::of(&strata), NullTest::of(&more));
    }
}
