//! Attacks on tables made of public people, where what is to be found is known; audits against computed bounds.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod public;

use twinloom_audit::Options;
use twinloom_audit::attack::{
    AttackError, AttributeInference, AuditMethod, AuditedEpsilon, Claimed, ClosestRecord, DensityRatio,
    DistanceRatio, Exposure, Generator, GuessAttack, Linkability, MarginalReconstruction, MembershipAttack,
    Outcomes, RowLoss, ShadowParameters, SinglingOut, Trainer, Verdict, classic_audit, copies, guessing,
    lira, membership, one_run_audit, one_run_bound, one_run_p_value, outliers, shadow_attack, verdict,
};
use twinloom_table::Table;

fn options() -> Options {
    Options { replicates: 200, ..Options::default() }
}

/// 8,873 people of SUPPORT: the even rows were trained on, the odd ones were not.
fn support() -> Option<(Table, Table)> {
    let table = public::table("data/support_nhssynth/support.csv", &["dob"])?;
    let half = |first: usize| table.rows_of(&(first..table.len()).step_by(2).collect::<Vec<_>>());
    Some((half(0), half(1)))
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

#[test]
fn ref_membership_controls_on_support() {
    let Some((members, others)) = support() else { return };
    // The release is of the other people, so that the attack has nothing to find in it.
    let exposure = Exposure::new(&members, &others, &others, 7).unwrap();
    for attack in [&DistanceRatio as &dyn MembershipAttack, &ClosestRecord] {
        let found = membership(attack, &exposure, &options()).unwrap();
        // membership_controls.json: copy 1.0 and 1.0; leak 0.556 and 0.107, of 1,000 members; null 0.508 and 0.009.
        near(found.copy.auc.value.unwrap(), 1.0, 1e-3);
        near(found.copy.tpr_at_1_percent.value.unwrap(), 1.0, 1e-3);
        near(found.leak.tpr_at_1_percent.value.unwrap(), 0.107, 0.02);
        near(found.leak.auc.value.unwrap(), 0.556, 0.03);
        // 1,109 others: the standard error is 0.01; off by more than 0.033 one time in 1,000.
        near(found.null.auc.value.unwrap(), 0.5, 0.033);
        assert!(found.finds_a_copy() && found.finds_a_leak() && found.is_quiet_on_null(), "{found:?}");
        assert!(found.release.auc.upper.unwrap() < 0.5, "the others themselves stand in this release");
    }
    let found = copies(&exposure).unwrap();
    assert_eq!((found.copy.exact.value, found.copy.near.value), (Some(1.0), Some(1.0)));
    assert_eq!((found.null.exact.value, found.release.exact.value), (Some(0.0), Some(0.0)));
    assert!(found.leak.exact.value > Some(0.2) && found.null.near.upper < Some(0.03), "{found:?}");
}

#[test]
fn ref_audits_of_computed_bounds() {
    let Some(file) = public::beside("reference/vectors/privacy_audit.json") else { return };
    let vectors: serde_json::Value = serde_json::from_reader(std::fs::File::open(file).unwrap()).unwrap();
    let rows = |name: &str| vectors[name].as_array().unwrap().clone();
    let whole = |row: &serde_json::Value, name: &str| row[name].as_u64().unwrap();
    let number = |row: &serde_json::Value, name: &str| row[name].as_f64().unwrap();
    for row in rows("clopper_pearson") {
        let outcomes = Outcomes {
            true_positives: whole(&row, "tp"),
            false_negatives: whole(&row, "fn"),
            false_positives: whole(&row, "fp"),
            true_negatives: whole(&row, "tn"),
        };
        let audited = classic_audit(&outcomes, number(&row, "delta"), number(&row, "conf")).unwrap();
        near(audited.lower, number(&row, "eps_lb"), 1e-9);
    }
    for row in rows("steinke_one_run") {
        let (m, r, v) = (whole(&row, "m"), whole(&row, "r"), whole(&row, "v"));
        let audited = one_run_bound(m, r, v, number(&row, "delta"), 1.0 - number(&row, "p")).unwrap();
        near(audited.lower, number(&row, "eps_lb"), 1e-6);
    }
    for row in rows("steinke_pvalue") {
        let (m, r, v) = (whole(&row, "m"), whole(&row, "r"), whole(&row, "v"));
        let p = one_run_p_value(m, r, v, number(&row, "eps"), number(&row, "delta")).unwrap();
        near(p, number(&row, "p_value"), 1e-9);
    }
}

/// Scores and coins of canaries whose coin is told truly with odds e^epsilon: randomised response, which is
/// exactly epsilon-private.
fn randomised_response(epsilon: f64, canaries: usize, seed: u64) -> (Vec<f64>, Vec<bool>) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let coins: Vec<bool> = (0..canaries).map(|_| draw() < 0.5).collect();
    let truth = epsilon.exp() / (1.0 + epsilon.exp());
    let score = |&coin: &bool| f64::from(u8::from((draw() < truth) == coin));
    (coins.iter().map(score).collect(), coins)
}

#[test]
fn law_an_audit_stays_below_the_truth_and_finds_a_broken_mechanism() {
    let audit = |epsilon: f64, seed: u64| {
        let (scores, coins) = randomised_response(epsilon, 1000, seed);
        one_run_audit(&scores, &coins, 200, 0.0, 0.95, seed).unwrap()
    };
    // At 95 % confidence at most 10 of 200 exceed on average; more than 20 in fewer than 1 of 500 runs.
    let above = (0..200).filter(|&seed| audit(1.0, seed).lower > 1.0).count();
    assert!(above <= 20, "{above} of 200");
    let claimed = Some(Claimed { epsilon: 1.0, delta: 0.0 });
    let broken = audit(3.0, 1);
    assert!(
        matches!(verdict(claimed, &[audit(0.5, 1), broken]), Ok(Verdict::Refused { audited, .. }) if audited == broken)
    );
    assert!(matches!(verdict(claimed, &[audit(0.5, 1)]), Ok(Verdict::NotRefuted { .. })));
    assert_eq!(verdict(None, &[broken]), Ok(Verdict::NothingClaimed));
    // A canary told by its place is not found: no score, no bound.
    let coins: Vec<bool> = (0..1000).map(|canary| canary < 500).collect();
    near(one_run_audit(&[0.0; 1000], &coins, 1000, 0.0, 0.95, 3).unwrap().lower, 0.0, 0.15);
}

#[test]
fn regress_audits_refuse_bad_numbers() {
    let counts = Outcomes { true_positives: 1, false_negatives: 0, false_positives: 0, true_negatives: 0 };
    assert!(classic_audit(&counts, 0.0, 0.95).is_err());
    assert!(one_run_bound(10, 11, 1, 0.0, 0.95).is_err() && one_run_bound(10, 5, 6, 0.0, 0.95).is_err());
    assert!(one_run_bound(10, 0, 0, 0.0, 0.95).is_err() && one_run_bound(10, 5, 5, 1.0, 0.95).is_err());
    assert!(one_run_p_value(10, 5, 5, f64::NAN, 0.0).is_err() && one_run_bound(10, 5, 5, 0.0, 1.0).is_err());
    assert!(one_run_audit(&[f64::NAN], &[true], 1, 0.0, 0.95, 0).is_err());
    let audited = AuditedEpsilon { method: AuditMethod::Classic, lower: 2.0, delta: 1e-6, confidence: 0.95 };
    assert!(verdict(Some(Claimed { epsilon: 1.0, delta: 1e-5 }), &[audited]).is_err());
}

/// Every fourth person of SUPPORT: enough to tell, and soon done.
fn part_of_support() -> Option<(Table, Table)> {
    let some = |table: &Table| table.rows_of(&(0..table.len()).step_by(4).collect::<Vec<_>>());
    support().map(|(members, others)| (some(&members), some(&others)))
}

#[test]
fn ref_density_ratio_finds_copies_and_a_leak() {
    let Some((members, others)) = part_of_support() else { return };
    let exposure = Exposure::new(&members, &others, &others, 1).unwrap();
    let found = membership(&DensityRatio::default(), &exposure, &options()).unwrap();
    assert!(found.copy.auc.value > Some(0.9) && found.finds_a_copy(), "{found:?}");
    // 277 others: a standard error of 0.02; off by more than 0.066 one time in 1,000.
    near(found.null.auc.value.unwrap(), 0.5, 0.066);
    assert!(found.leak.auc.value > Some(0.52) && found.is_quiet_on_null(), "{found:?}");
    assert!(membership(&DensityRatio { width: 0.0 }, &exposure, &options()).is_err());
}

#[test]
fn ref_guesses_find_copies_and_nothing_in_a_null() {
    let Some((members, others)) = part_of_support() else { return };
    let exposure = Exposure::new(&members, &others, &others, 1).unwrap();
    let names: Vec<String> =
        members.schema().columns().iter().map(|column| column.name.to_string()).collect();
    let (first, second) = names.split_at(names.len() / 2);
    let attacks: [&dyn GuessAttack; 5] = [
        &AttributeInference { secret: "x14".into(), known: vec![] },
        &Linkability { first: first.to_vec(), second: second.to_vec(), neighbours: 1 },
        &SinglingOut { columns: 1, attempts: 300, seed: 1 },
        &SinglingOut { columns: 4, attempts: 300, seed: 1 },
        &MarginalReconstruction { ways: 3, seed: 1 },
    ];
    for attack in attacks {
        let found = guessing(attack, &exposure).unwrap();
        assert!(found.finds_a_copy(), "{found:?}");
        // The limit lies above 0 by chance one time in 40 for each; below 0.1 it says little in any case.
        assert!(found.null.risk.lower.unwrap() < 0.1, "{found:?}");
        assert!(found.copy.risk.value > found.leak.risk.value, "{found:?}");
    }
    let unknown = AttributeInference { secret: "nothing".into(), known: vec![] };
    assert!(guessing(&unknown, &exposure).is_err());
    assert!(guessing(&SinglingOut { columns: 99, attempts: 1, seed: 0 }, &exposure).is_err());
}

/// Gives back what it was fitted to, row after row.
struct Echo;

impl Generator for Echo {
    fn fit_and_sample(&self, train: &Table, rows: usize, _: u64) -> Result<Table, AttackError> {
        Ok(train.rows_of(&(0..rows).map(|row| row % train.len()).collect::<Vec<_>>()))
    }
}

#[test]
fn law_shadows_find_an_outlier_that_is_copied_and_none_that_is_not() {
    let Some((members, _)) = part_of_support() else { return };
    let targets = outliers(&members, 2);
    let parameters =
        ShadowParameters { shadows: 60, trials: 60, train_rows: 100, rows: 100, ..Default::default() };
    let found = shadow_attack(&Echo, &members, &targets, &parameters, &options()).unwrap();
    let auc = |figures: &[twinloom_audit::attack::TargetFigures]| {
        figures.iter().map(|target| target.figures.auc.value.unwrap()).sum::<f64>() / figures.len() as f64
    };
    // One row of 100 shifts means and correlations little, even of an outlier.
    assert!(auc(&found.release) > 0.65 && auc(&found.copy) > 0.65, "{found:?}");
    // 60 and 60: a standard error of 0.053; off by 0.2 in fewer than one run of 1,000.
    near(auc(&found.null), 0.5, 0.2);
    assert!(shadow_attack(&Echo, &members, &[usize::MAX], &parameters, &options()).is_err());
    let greedy = ShadowParameters { train_rows: 1000, ..parameters };
    assert!(shadow_attack(&Echo, &members, &targets, &greedy, &options()).is_err());
}

/// Loses the same on every row, whatever it was fitted to.
struct Blind;

impl RowLoss for Blind {
    fn losses(&self, rows: &Table) -> Result<Vec<f64>, AttackError> {
        Ok(vec![1.0; rows.len()])
    }
}

impl Trainer for Blind {
    fn fit(&self, _: &Table, _: u64) -> Result<Box<dyn RowLoss>, AttackError> {
        Ok(Box::new(Blind))
    }
}

#[test]
fn law_likelihood_ratios_find_what_a_model_recalls() {
    let Some((members, others)) = part_of_support() else { return };
    let exposure = Exposure::new(&members, &others, &others, 1).unwrap();
    let found = lira(&Blind, &Blind, &exposure, 8, 1, &options()).unwrap();
    near(found.release.auc.value.unwrap(), 0.5, 1e-12);
    near(found.copy.auc.value.unwrap(), 1.0, 1e-3);
    near(found.null.auc.value.unwrap(), 0.5, 0.066);
    assert!(found.leak.auc.value > Some(0.52) && found.finds_a_leak(), "{found:?}");
    assert!(lira(&Blind, &Blind, &exposure, 2, 1, &options()).is_err());
}
