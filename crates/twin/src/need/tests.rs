//! The table and what comes of it, against published figures and laws.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rayon::prelude::*;
use twinloom_event::Timestamp;

use super::*;
use crate::engine::Moment;
use crate::person::{EthnicGroup, Sex};

fn start() -> Timestamp {
    Timestamp::from_ymd(2020, 1, 1).unwrap()
}

fn alone(seed: u64) -> NeedAlone {
    let need = Need::england();
    let scale = NeedScale::neutral(&need);
    NeedAlone::new(need, scale, seed, start())
}

/// Verhoeff's check digit over a code, as SNOMED CT uses it.
fn verhoeff(code: &str) -> bool {
    let multiply = |left: usize, right: usize| match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right) % 5,
        (false, true) => 5 + (left + 5 - right) % 5,
        (false, false) => (left + 5 - right) % 5,
    };
    let permute = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let digit =
        |(place, byte): (usize, u8)| (0..place % 8).fold(usize::from(byte - b'0'), |digit, _| permute[digit]);
    code.bytes().rev().enumerate().map(digit).fold(0, multiply) == 0
}

#[test]
fn ref_the_table_holds_barnetts_forty_and_a_gps_day() {
    let need = Need::england();
    let morbidities: BTreeSet<_> =
        need.conditions().iter().filter_map(|of| of.morbidity.as_deref()).collect();
    assert_eq!(morbidities.len(), 40, "{morbidities:?}");
    assert!(need.conditions().iter().filter(|of| !of.is_long_term()).count() >= 20);
    for condition in need.conditions() {
        assert!(verhoeff(&condition.snomed), "{}: {}", condition.name, condition.snomed);
        let icd10 = condition.icd10.as_bytes();
        assert!(icd10[0].is_ascii_uppercase() && icd10[1].is_ascii_digit(), "{}", condition.icd10);
        assert!(need.find_snomed(&condition.snomed).is_some_and(|id| need.condition(id) == condition));
    }
    let targets: Vec<&Target> = need.conditions().iter().flat_map(|of| &of.targets).collect();
    assert!(3 * targets.iter().filter(|target| target.held_out).count() >= targets.len());
}

#[test]
fn ref_ratios_are_those_of_the_table_by_hand() {
    let need = Need::england();
    let [asthma, eczema, hypertension, cold] =
        ["asthma", "eczema", "hypertension", "upper_respiratory_infection"]
            .map(|name| need.find(name).unwrap());
    // Eczema is a long-term physical condition too: 1.7 times 1.2.
    assert!((need.ratio(eczema, asthma) - 2.04).abs() < 1e-9);
    assert!((need.ratio(hypertension, asthma) - 1.2).abs() < 1e-9);
    assert!((need.ratio(cold, asthma) - 1.0).abs() < 1e-9);
    assert!((need.smoking_ratio(asthma) - 1.2).abs() < 1e-9);
}

#[test]
fn ref_verhoeff_of_a_published_example() {
    // Verhoeff 1969 by way of the literature: the check digit of 236 is 3.
    assert!(verhoeff("2363") && !verhoeff("2364") && !verhoeff("2633"));
}

/// Shares that need and mortality alone must give. 8,000 people, seed 3; shares of 1 % and more that the
/// table was tuned to: within 15 % and 4 binomial standard errors; false alarm below 1 in 500 over some 30
/// comparisons if the expected share is off by no more than the 15 %. Multimorbidity (Barnett 2012, McLean
/// 2014): the bands of `data/targets.toml`, 4 standard errors of the sample added.
#[test]
fn ref_prevalence_and_multimorbidity() {
    let alone = alone(3);
    let people: Vec<Follower> = (1..=8_000).into_par_iter().map(|subject| alone.anyone(subject)).collect();
    let need = alone.need();
    for condition in need.conditions() {
        let id = need.find(&condition.name).unwrap();
        for target in condition.targets.iter().filter(|of| !of.held_out && of.value >= 0.01) {
            if target.kind == TargetKind::Incidence {
                continue;
            }
            let of_age = people.iter().filter(|who| who.age_years() >= f64::from(target.from_age));
            let (mut count, mut cases) = (0.0, 0.0);
            for who in of_age {
                count += 1.0;
                cases += f64::from(u8::from(who.active().contains(id)));
            }
            let expected = target.value / target.known;
            let allowed = 0.15 * expected + 4.0 * (expected * (1.0 - expected) / count).sqrt();
            let share: f64 = cases / count;
            assert!((share - expected).abs() < allowed, "{}: {share} for {expected}", condition.name);
        }
    }
    let number = |who: &Follower| {
        let names: BTreeSet<_> =
            who.known().iter().filter_map(|id| need.condition(id).morbidity.as_deref()).collect();
        names.len()
    };
    let share = |least: usize, ages: std::ops::Range<f64>| {
        let group: Vec<_> = people.iter().filter(|who| ages.contains(&who.age_years())).collect();
        let cases = group.iter().filter(|who| number(who) >= least).count() as f64;
        let share = cases / group.len() as f64;
        (share, 4.0 * (share * (1.0 - share) / group.len() as f64).sqrt())
    };
    for (least, ages, low, high) in [
        (1, 0.0..120.0, 0.380, 0.464),
        (2, 0.0..120.0, 0.209, 0.255),
        (2, 25.0..35.0, 0.069, 0.093),
        (2, 75.0..120.0, 0.685, 0.837),
    ] {
        let (share, error) = share(least, ages.clone());
        assert!(share > low - error && share < high + error, "{least} at {ages:?}: {share}");
    }
}

/// Expected deaths of 9,600 people at 40 to 99 over those of the life table, weighted by the table's
/// deaths in the population's ages: the standard error is about 1 % (hazards vary by as much as their
/// mean), so 0.97 to 1.03 is passed by a model without bias in all but 3 seeds of 1,000; the seed is fixed.
#[test]
fn ref_standardised_mortality_ratio_with_conditions() {
    let alone = alone(5);
    let people: Vec<(usize, f64, f64)> = (0..9_600_u64)
        .into_par_iter()
        .map(|place| {
            let sex = if place % 2 == 0 { Sex::Female } else { Sex::Male };
            let (decile, age) = (1 + (place / 2 % 10) as u8, 40.0 + (place / 20 % 60) as f64 + 0.5);
            let who = alone.someone(1_000_000 + place, sex, age, decile);
            // Deaths by age of the pyramid of England: a peak at 85 (ONS, from memory).
            let weight = (-((age - 83.0) / 13.0).powi(2) / 2.0).exp();
            (
                usize::from(decile > 5),
                weight,
                alone.deaths_per_year(&who) / alone.expected_deaths_per_year(&who),
            )
        })
        .collect();
    let ratio = |half: Option<usize>| {
        let group = people.iter().filter(|who| half.is_none_or(|half| who.0 == half));
        let (sum, weight) = group.fold((0.0, 0.0), |sum, who| (sum.0 + who.1 * who.2, sum.1 + who.1));
        sum / weight
    };
    assert!((ratio(None) - 1.0).abs() < 0.03, "{}", ratio(None));
    // Deprivation acts by the life table alone, whatever conditions follow it.
    for half in [0, 1] {
        assert!((ratio(Some(half)) - 1.0).abs() < 0.06, "{half}: {}", ratio(Some(half)));
    }
}

#[test]
fn law_those_with_deadly_conditions_are_fewer_among_the_living() {
    // The same people with and without deaths by lung cancer: seed 9, 3,000 of age 80. Survivors of the
    // full table have fewer than two thirds of the cases.
    let text = include_str!("../../data/need.toml");
    let harmless =
        text.replace("mortality_ratio = [[0, 200.0], [50, 110.0]", "mortality_ratio = [[0, 1.0], [50, 1.0]");
    assert_ne!(text, harmless);
    let harmless = harmless.replace("[60, 55.0], [70, 26.0], [80, 12.0], [90, 6.0]]", "[60, 1.0]]");
    let need = Need::parse("harmless", &harmless).unwrap();
    let scale = NeedScale::neutral(&need);
    let cases = |alone: &NeedAlone| {
        let id = alone.need().find("lung_cancer").unwrap();
        let people = (0..3_000_u64).into_par_iter();
        let has = |subject: &u64| alone.someone(*subject, Sex::Male, 80.0, 5).active().contains(id);
        people.filter(has).count()
    };
    let (full, without) = (cases(&alone(9)), cases(&NeedAlone::new(need, scale, 9, start())));
    assert!(3 * full < 2 * without, "{full} of {without}");
}

proptest! {
    #[test]
    fn law_rates_are_finite_and_not_negative(
        subject: u64,
        birth in -3_000_000_000_000_000_i64..1_000_000_000_000_000,
        age in 0_u32..120,
        active in any::<u128>(),
        signs in prop::array::uniform6(-1e4..1e4_f64),
        decile in 0_u8..14,
    ) {
        let need = Need::england();
        let streams = NeedStreams::new(1, &need);
        let mut set = ConditionSet::EMPTY;
        for place in 0..need.conditions().len() {
            if active >> place & 1 == 1 {
                set.insert(ConditionId(place as u8));
            }
        }
        let birth = Moment::from_micros(birth);
        let view = NeedView {
            subject,
            life: 0,
            sex: Sex::Male,
            birth,
            ethnicity: EthnicGroup::Asian,
            imd_decile: decile,
            tobacco: Tobacco::Current,
            signs,
            active: set,
            ends: &[],
        };
        let scale = NeedScale::neutral(&need);
        let from = birth.plus_years(f64::from(age));
        for (_, rate) in need.rates_per_year(&view, from, &scale) {
            prop_assert!(rate.is_finite() && rate >= 0.0);
        }
        let mut onsets = Vec::new();
        let until = from.plus_years(1.0);
        need.year(&streams, &view, from, until, &scale, &mut onsets);
        prop_assert!(onsets.windows(2).all(|pair| pair[0].at <= pair[1].at));
        for onset in onsets {
            prop_assert!(onset.at >= from && onset.at < until);
            prop_assert!(onset.severity.is_finite() && onset.severity >= 0.0);
            prop_assert!(onset.until.is_none_or(|end| end > onset.at));
        }
    }
}

#[test]
fn regress_bad_tables_are_refused_by_entry_field_and_value() {
    let text = include_str!("../../data/need.toml");
    let with = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        Need::parse("bad.toml", &changed).unwrap_err().to_string()
    };
    for (from, to, expected) in [
        (
            "incidence = [[18, 0.005], [25, 0.006]",
            "incidence = [[18, -0.005], [25, 0.006]",
            "bad.toml: hypertension: incidence is -0.005; permitted: 0 to 100 a year",
        ),
        (
            "incidence = [[18, 0.005], [25, 0.006]",
            "incidence = [[18, 0.005], [18, 0.006]",
            "bad.toml: hypertension: incidence is age 18; permitted: rising whole ages up to 110",
        ),
        (
            "[18, 0.005], [25, 0.006]",
            "[18, nan], [25, 0.006]",
            "bad.toml: hypertension: incidence is NaN; permitted: 0 to 100 a year",
        ),
        (
            "active = { type_2_diabetes = 1.8",
            "active = { type_3_diabetes = 1.8",
            "bad.toml: hypertension: active names \"type_3_diabetes\", which is no condition of the need table",
        ),
        (
            "household_probability = 0.2",
            "household_probability = 1.2",
            "household_probability is 1.2; permitted: 0 to 1",
        ),
        ("sign = \"BMI\"", "sign = \"Girth\"", "signs.sign names \"Girth\", which is no vital sign"),
        ("name = \"copd\"", "name = \"asthma\"", "asthma: name is asthma; permitted: distinct names"),
        ("codes = \"codes_checked\"", "codes = \"hearsay\"", "sources names \"hearsay\""),
        ("display = \"Essential", "colour = 1\ndisplay = \"Essential", "unknown field `colour`"),
    ] {
        let message = with(from, to);
        assert!(message.contains(expected), "{message}\nfor {expected}");
    }
    assert!(matches!(Need::parse("bad.toml", "condition = 3"), Err(NeedError::Syntax { .. })));
}

#[test]
fn regress_bad_scales_are_refused() {
    let need = Need::england();
    let refused = |ratios: &[(&str, f64)], waves: &[Wave]| {
        let ratios: BTreeMap<String, f64> = ratios.iter().map(|of| (of.0.to_owned(), of.1)).collect();
        NeedScale::new(&need, "scenario.toml", &ratios, waves).unwrap_err().to_string()
    };
    let wave = |days, peak_ratio| Wave { problem: "influenza".to_owned(), start: start(), days, peak_ratio };
    assert!(refused(&[("hypertension", -1.0)], &[]).contains("hypertension is -1; permitted: 0 to 1000"));
    assert!(refused(&[("hypertension", f64::NAN)], &[]).contains("NaN"));
    assert!(refused(&[("dropsy", 1.0)], &[]).contains("names \"dropsy\""));
    assert!(refused(&[], &[wave(0, 3.0)]).contains("days is 0; permitted: 1 to 3660"));
    assert!(refused(&[], &[wave(90, -3.0)]).contains("peak_ratio is -3; permitted: 0 to 100"));
}

#[test]
fn law_a_wave_brings_more_of_its_problem_within_its_days_and_changes_nothing_before() {
    // 4,000 people of 30 over 2020, seed 2: influenza comes to some 0.8 % a year, tenfold at the height
    // of a wave of 90 days from 1 March.
    let need = Need::england();
    let id = need.find("influenza").unwrap();
    let day = |month| Timestamp::from_ymd(2020, month, 1).unwrap();
    let wave = Wave { problem: "influenza".to_owned(), start: day(3), days: 90, peak_ratio: 40.0 };
    let raised = NeedScale::new(&need, "test", &BTreeMap::new(), &[wave]).unwrap();
    let usual = NeedScale::neutral(&need);
    let streams = NeedStreams::new(2, &need);
    let from = Moment::from(start());
    let of = |subject: u64, scale: &NeedScale| {
        let view = NeedView {
            subject,
            life: 0,
            sex: Sex::Female,
            birth: from.plus_years(-30.0),
            ethnicity: EthnicGroup::White,
            imd_decile: 5,
            tobacco: Tobacco::Never,
            signs: [27.0, 120.0, 36.0, 2.8, 100.0, 100.0],
            active: ConditionSet::EMPTY,
            ends: &[],
        };
        let mut onsets = Vec::new();
        need.year(&streams, &view, from, from.plus_years(1.0), scale, &mut onsets);
        onsets
    };
    let (mut before, mut after) = (0, 0);
    for subject in 0..4_000 {
        let (plain, waved) = (of(subject, &usual), of(subject, &raised));
        let early = |onsets: &[Onset]| -> Vec<Onset> {
            onsets.iter().filter(|onset| onset.at < day(3).into()).copied().collect()
        };
        assert_eq!(early(&plain), early(&waved));
        before += plain.iter().filter(|onset| onset.condition == id).count();
        after += waved.iter().filter(|onset| onset.condition == id).count();
    }
    assert!(after > 3 * before, "{before} and {after}");
}
