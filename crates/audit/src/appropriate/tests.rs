use proptest::prelude::*;
use twinloom_table::{InferParameters, Rows, Table, infer};

use super::*;
use crate::attack::{AuditMethod, AuditedEpsilon, Claimed, Controlled, GuessFigures, Verdict, verdict};
use crate::estimate::Estimate;
use crate::synthetic::{Resampling, RidgeLogistic, SyntheticOptions, Target, evaluate_synthetic};

fn estimate(value: f64, half: f64) -> Estimate {
    Estimate::new(Ok(value), Some(((value - half).max(0.0), (value + half).min(1.0))))
}

/// An attack whose controls hold and that finds this risk on the release.
fn guessing(risk: f64) -> Controlled<GuessFigures> {
    let figures = |risk: f64| GuessFigures {
        members: estimate(risk, 0.01),
        others: estimate(0.0, 0.01),
        risk: estimate(risk, 0.01),
        guesses: 1_000,
    };
    Controlled {
        attack: "a guess".to_owned(),
        release: figures(risk),
        copy: figures(0.9),
        leak: figures(0.1),
        null: figures(0.0),
    }
}

fn claim(epsilon: f64, delta: f64, audited: f64) -> Verdict {
    let audit = AuditedEpsilon { method: AuditMethod::OneRun, lower: audited, delta, confidence: 0.95 };
    verdict(Some(Claimed { epsilon, delta }), &[audit]).unwrap()
}

#[test]
fn law_the_table_of_audiences_holds() {
    let (quiet, loud) = ([guessing(0.0)], [guessing(0.5)]);
    let mut broken = guessing(0.0);
    broken.copy = broken.null;
    let broken = [broken];
    for (verdict, guesses, audience) in [
        (Some(claim(1.0, 1e-6, 2.0)), &quiet[..], Audience::Nobody),
        (Some(claim(1.0, 1e-6, 0.2)), &loud, Audience::WithTheRealData),
        (Some(claim(1.0, 1e-6, 0.2)), &[], Audience::WithTheRealData),
        (Some(claim(1.0, 1e-6, 0.2)), &broken, Audience::WithTheRealData),
        (None, &quiet, Audience::UnderAgreement),
        (Some(Verdict::NothingClaimed), &quiet, Audience::UnderAgreement),
        (Some(claim(20.0, 1e-6, 0.2)), &quiet, Audience::UnderAgreement),
        (Some(claim(1.0, 1e-2, 0.2)), &quiet, Audience::UnderAgreement),
        (Some(claim(4.0, 1e-6, 0.2)), &quiet, Audience::UnderAgreement),
        (Some(claim(1.0, 1e-6, 0.2)), &quiet, Audience::Anyone),
    ] {
        let found = appropriate_use(&Evidence { people: 1_000, verdict, guesses, ..Evidence::default() });
        assert_eq!(found.audience, audience, "{verdict:?} {:?}", found.audience_reasons);
        assert_eq!(found.uses.len(), 6);
        let publishing = found.uses.iter().find(|row| row.used_for == Use::PublishingEstimates).unwrap();
        assert_eq!(publishing.judged, Judged::Unsupported);
        if audience == Audience::Nobody {
            assert!(found.uses.iter().all(|row| row.judged == Judged::Unsupported));
        }
    }
}

fn table(rows: usize, shift: usize) -> Table {
    let of = |row: usize| {
        let number = (row * 37 + shift) % 100;
        let word = if (number + row % 7) > 50 { "old" } else { "young" };
        [number.to_string(), ((number * 3 + row % 5) % 70).to_string(), word.to_owned()]
    };
    let rows = Rows::new(&["age", "visits", "group"], (0..rows).map(of)).unwrap();
    Table::read(&infer(&rows, &InferParameters::default()).unwrap(), &rows).unwrap()
}

#[test]
fn law_more_of_the_same_people_may_teach_and_a_shuffled_column_may_not() {
    let (real, holdout) = (table(400, 0), table(400, 1));
    let options = SyntheticOptions {
        resampling: Resampling { replicates: 0, ..Resampling::default() },
        distance_rows: 50,
        targets: vec![Target::Category { column: "group".into(), category: "old".into() }],
        ..SyntheticOptions::default()
    };
    let learner = RidgeLogistic::default();
    let judged = |synthetic: &Table| {
        let report = evaluate_synthetic(&real, Some(&holdout), synthetic, &[&learner], &options).unwrap();
        appropriate_use(&Evidence { fidelity: Some(&report), ..Evidence::default() })
    };
    let of = |found: &Recommendation, asked: Use| {
        found.uses.iter().find(|row| row.used_for == asked).map(|row| row.judged)
    };
    let alike = judged(&real);
    for asked in
        [Use::TestingSoftware, Use::DevelopingCode, Use::Teaching, Use::Exploring, Use::TrainingModels]
    {
        assert_eq!(of(&alike, asked), Some(Judged::Supported), "{:?}", alike.paragraphs());
    }
    let columns: Vec<_> = real.columns().to_vec();
    let turned: Vec<usize> = (0..real.len()).map(|row| (row + 137) % real.len()).collect();
    let other = real.rows_of(&turned);
    let mixed = vec![columns[0].clone(), other.columns()[1].clone(), other.columns()[2].clone()];
    let apart = judged(&Table::new(real.schema().clone(), mixed).unwrap());
    assert_eq!(of(&apart, Use::TrainingModels), Some(Judged::Unsupported), "{:?}", apart.paragraphs());
    assert_eq!(of(&apart, Use::TestingSoftware), Some(Judged::Supported));
}

#[test]
fn law_a_card_names_every_use_and_what_was_not_looked_at() {
    let subject = CardSubject { model: "MST".into(), version: "1".into(), ..CardSubject::default() };
    let card = model_card(&subject, &Evidence::default());
    let text = card.to_markdown();
    assert_eq!(card.sections.len(), 10);
    for words in
        ["No use is supported.", "not held against the real one", "no attack was run", "Training models"]
    {
        assert!(text.contains(words), "{words} is not in {text}");
    }
}

proptest! {
    #[test]
    fn law_a_stronger_claim_never_narrows_the_audience_nor_more_leakage_widens_it(
        epsilon in 0.01_f64..30.0,
        more in 0.0_f64..30.0,
        risk in 0.0_f64..0.5,
        worse in 0.0_f64..0.5,
    ) {
        let audience = |epsilon: f64, risk: f64| {
            let guesses = [guessing(risk)];
            let verdict = Some(claim(epsilon, 1e-6, 0.5));
            appropriate_use(&Evidence { people: 1_000, verdict, guesses: &guesses, ..Evidence::default() }).audience
        };
        let own = audience(epsilon, risk);
        prop_assert!(own >= audience(epsilon, risk + worse));
        // A claim so strong that the audit refutes it is another matter.
        prop_assume!(epsilon >= 0.5);
        prop_assert!(own >= audience(epsilon + more, risk));
    }
}
