//! Recommending what a rule gives, with and without a penalty.

use twinloom_event::{Code, Cohort, EncounterId, Event, EventKind, SubjectId, Timestamp};

use super::*;

/// 90 patients with one admission or two. Diagnosis of sort k is given classes k and k + 1 of six; every third
/// patient has two sorts. Classes 0 and 1, 2 and 3, 4 and 5 interact.
fn cohort() -> Cohort {
    let mut events = Vec::new();
    for patient in 0..90_i64 {
        let subject = SubjectId::new(patient);
        for visit in 0..=i64::from(patient % 4 == 0) {
            let time = Timestamp::from_ymd(2020, 1 + (visit as u32), 1 + (patient as u32 % 28)).unwrap();
            let event = |system: &str, value: String, kind| {
                Event::new(subject, Some(time), Code::new(system, &value).unwrap())
                    .with_kind(kind)
                    .with_encounter_id(EncounterId::new(format!("hadm/{patient}-{visit}")).unwrap())
            };
            let sorts =
                if patient % 3 == 0 { vec![patient % 5, (patient / 3) % 5] } else { vec![patient % 5] };
            for sort in sorts {
                events.push(event("ICD9CM", format!("10{sort}.1"), EventKind::Condition));
                for class in [sort, sort + 1] {
                    events.push(event("DRUG", class.to_string(), EventKind::Medication));
                }
            }
            // A fluid that is no treatment, and a procedure that says nothing.
            events.push(event("DRUG", "water".to_owned(), EventKind::Medication));
            events.push(event("ICD9CM", "96.04".to_owned(), EventKind::Procedure));
        }
    }
    Cohort::from_events(events).unwrap()
}

fn admissions() -> Admissions {
    let class = |event: &Event| {
        let place: u32 = event.code().value().parse().ok()?;
        Some(format!("C{place:02}A"))
    };
    let pairs = [("C00A", "C01A"), ("C03A", "C02A"), ("C04A", "C05A"), ("C04A", "X99X")];
    let pairs = pairs.map(|(a, b)| (a.to_owned(), b.to_owned()));
    Admissions::new(&cohort(), &class, &pairs, 3).unwrap()
}

/// Mean overlap of what is chosen and given, and the share of interacting pairs.
fn judged(admissions: &Admissions, sets: &[RecommendedSet]) -> (f64, f64) {
    let (mut overlap, mut interacting, mut pairs) = (0.0, 0.0, 0.0);
    for set in sets {
        let count =
            |of: &dyn Fn(usize) -> bool| (0..set.given.len()).filter(|class| of(*class)).count() as f64;
        let both = count(&|class| set.given[class] && set.chosen[class]);
        let items = count(&|class| set.chosen[class]);
        overlap += both / count(&|class| set.given[class] || set.chosen[class]);
        pairs += items * (items - 1.0).max(0.0) / 2.0;
        let held = |(a, b): &&(u32, u32)| set.chosen[*a as usize] && set.chosen[*b as usize];
        interacting += admissions.interactions().iter().filter(held).count() as f64;
    }
    (overlap / sets.len() as f64, if pairs > 0.0 { interacting / pairs } else { 0.0 })
}

#[test]
fn regress_admissions_of_a_cohort() {
    let admissions = admissions();
    assert_eq!(admissions.patients().len(), 90);
    assert_eq!(admissions.rows().len(), 90 + 23);
    assert_eq!(admissions.classes(), ["C00A", "C01A", "C02A", "C03A", "C04A", "C05A"]);
    assert_eq!(admissions.interactions(), [(0, 1), (2, 3), (4, 5)]);
    // Five codes and their categories; one procedure and its category.
    assert_eq!((admissions.diagnoses(), admissions.procedures()), (10, 2));
    let few = Admissions::new(&cohort(), &|_| None, &[], 1);
    assert!(matches!(few, Err(MedicationError::Few { patients: 0, classes: 0 })));
}

#[test]
fn law_a_rule_is_found_and_a_penalty_lowers_the_interactions() {
    let admissions = admissions();
    let loss = SafeDrugLoss { scale: 1.0, ..SafeDrugLoss::default() };
    let parameters = MedicationParameters { repeats: 1, folds: 3, loss, ..MedicationParameters::default() };
    let models = [
        MedicationModel::MostGiven,
        MedicationModel::Logistic,
        MedicationModel::Memory,
        MedicationModel::Safe { gamma: 0.02 },
    ];
    let found = recommend(&admissions, &models, &parameters, &|| {}).unwrap();
    assert!(found.iter().all(|sets| sets.len() == admissions.rows().len()), "each admission once");
    let [most, logistic, memory, safe] = [0, 1, 2, 3].map(|model| judged(&admissions, &found[model]));
    assert!(logistic.0 > 0.9 && memory.0 > 0.9, "{logistic:?} {memory:?}");
    assert!(most.0 < 0.5, "{most:?}");
    // Three of five sorts are given a pair that interacts.
    assert!(memory.1 > 0.3, "{memory:?}");
    assert!(safe.1 < 0.5 * memory.1, "{safe:?} {memory:?}");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let again = pool.install(|| recommend(&admissions, &models[2..3], &parameters, &|| {})).unwrap();
    assert_eq!(again[0], found[2], "the same on one thread");
}

#[test]
fn regress_parameters_out_of_range_are_refused() {
    let usual = MedicationParameters::default();
    for bad in [
        MedicationParameters { folds: 1, ..usual },
        MedicationParameters { repeats: 0, ..usual },
        MedicationParameters { loss: SafeDrugLoss { alpha: 2.0, ..usual.loss }, ..usual },
    ] {
        assert!(matches!(bad.check(), Err(MedicationError::Parameter { .. })));
    }
}
