//! A made-up record in which the risk of the outcome is written down.
#![expect(clippy::unwrap_used, reason = "the record is written here and well formed")]

mod home;

use std::cmp::Ordering;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_event::{
    Code, Cohort, EncounterId, Event, EventKind, Label, LabelValue, Split, SubjectId, Timestamp, Unit,
};
use twinloom_learn::BenchmarkData;
use twinloom_views::{
    CodeSet, Instance, Predicate, Task,
    task::{FollowUp, Moment, Occurrence, Outcome, PredictionWindow, Trigger},
};

pub struct KnownRisk {
    pub task: Task,
    pub cohort: Cohort,
    pub instances: Vec<Instance>,
    pub splits: Vec<Split>,
    /// The probability that each label was drawn with.
    pub risks: Vec<f64>,
}

/// Codes that mean nothing, so that the models have something to ignore.
const NOISE_CODES: u32 = 60;

impl KnownRisk {
    /// Subjects with one to five encounters; risk rises with two codes and with the last pressure.
    pub fn new(subjects: i64, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let prediction_time = Timestamp::from_ymd(2020, 1, 1).unwrap();
        let (mut events, mut instances, mut splits, mut risks) = (vec![], vec![], vec![], vec![]);
        for id in 0..subjects {
            let subject_id = SubjectId::new(id + 1);
            let (failing, treated) = (rng.random_bool(0.3), rng.random_bool(0.3));
            let pressure: f64 = rng.random_range(100.0..180.0);
            let encounters = rng.random_range(1..=5);
            for encounter in 0..encounters {
                let name = EncounterId::new(format!("Encounter/{id}-{encounter}")).unwrap();
                let days = 20.0 + 100.0 * f64::from(encounters - encounter);
                let at = prediction_time.plus_days(-days).unwrap();
                let last = encounter + 1 == encounters;
                let event = |code: &str, kind| {
                    Event::new(subject_id, Some(at), Code::new("TEST", code).unwrap())
                        .with_kind(kind)
                        .with_encounter_id(name.clone())
                };
                events.push(event("VISIT", EventKind::Encounter));
                for _ in 0..6 {
                    let noise = format!("NOISE{}", rng.random_range(0..NOISE_CODES));
                    events.push(event(&noise, EventKind::Condition));
                }
                if failing && (last || rng.random_bool(0.5)) {
                    events.push(event("HEART_FAILURE", EventKind::Condition));
                }
                if treated && (last || rng.random_bool(0.5)) {
                    events.push(event("STATIN", EventKind::Medication));
                }
                let reading = if last { pressure } else { rng.random_range(100.0..180.0) };
                let reading = event("SYSTOLIC", EventKind::Observation)
                    .with_numeric_value(reading)
                    .unwrap()
                    .with_unit(Unit::new("mm[Hg]").unwrap());
                events.push(reading);
            }
            let log_odds = -1.9 + 2.4 * f64::from(u8::from(failing)) - 1.0 * f64::from(u8::from(treated))
                + 0.05 * (pressure - 140.0);
            let risk = 1.0 / (1.0 + (-log_odds).exp());
            let label = LabelValue::Boolean(rng.random_bool(risk));
            instances.push(Instance {
                label: Label { subject_id, prediction_time, value: label },
                trigger_time: prediction_time,
                window_end: prediction_time.plus_days(365.0).unwrap(),
                encounter_id: None,
                comparator: None,
            });
            splits.push(
                [Split::Train, Split::Train, Split::Train, Split::Tuning, Split::HeldOut][(id % 5) as usize],
            );
            risks.push(risk);
        }
        Self { task: task(), cohort: Cohort::from_events(events).unwrap(), instances, splits, risks }
    }

    #[must_use]
    pub fn with_permuted_labels(mut self, seed: u64) -> Self {
        let mut values: Vec<LabelValue> =
            self.instances.iter().map(|instance| instance.label.value.clone()).collect();
        values.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        for (instance, value) in self.instances.iter_mut().zip(values) {
            instance.label.value = value;
        }
        self
    }

    /// The same record with every outcome written down after its prediction time.
    #[must_use]
    pub fn with_later_events(&self) -> Self {
        let mut events: Vec<Event> = self.cohort.events().cloned().collect();
        for instance in &self.instances {
            let at = instance.label.prediction_time.plus_days(1.0).unwrap();
            let word = if instance.is_positive() { "OUTCOME" } else { "NO_OUTCOME" };
            let code = Code::new("TEST", word).unwrap();
            events.push(Event::new(instance.subject_id(), Some(at), code).with_kind(EventKind::Condition));
        }
        Self {
            task: self.task.clone(),
            cohort: Cohort::from_events(events).unwrap(),
            instances: self.instances.clone(),
            splits: self.splits.clone(),
            risks: self.risks.clone(),
        }
    }

    pub fn labels(&self) -> Vec<bool> {
        self.instances.iter().map(Instance::is_positive).collect()
    }

    pub fn data(&self) -> BenchmarkData<'_> {
        BenchmarkData {
            task: &self.task,
            cohort: &self.cohort,
            instances: &self.instances,
            splits: &self.splits,
        }
    }
}

fn task() -> Task {
    Task {
        name: "known-risk".into(),
        description: "An outcome drawn from a risk that we wrote down".into(),
        trigger: Trigger {
            predicate: Predicate::Kind(EventKind::Encounter),
            occurrence: Occurrence::FirstPerSubject,
            moment: Moment::Start,
        },
        prediction_delay_days: 0.0,
        gap_days: 0.0,
        window: PredictionWindow::Days(365.0),
        outcome: Outcome::Any(Predicate::Codes(CodeSet::of(["TEST//OUTCOME"]))),
        required: Vec::new(),
        excluded: Vec::new(),
        follow_up: FollowUp::default(),
        comparator: None,
        hidden: CodeSet::empty(),
    }
}

/// The chance that a positive scores above a negative, ties counting half.
pub fn auroc(scores: &[f64], labels: &[bool]) -> f64 {
    let of = |wanted: bool| {
        scores.iter().zip(labels).filter(move |(_, label)| **label == wanted).map(|(score, _)| *score)
    };
    let (mut wins, mut pairs) = (0.0, 0.0);
    for positive in of(true) {
        for negative in of(false) {
            pairs += 1.0;
            wins += match positive.total_cmp(&negative) {
                Ordering::Greater => 1.0,
                Ordering::Equal => 0.5,
                Ordering::Less => 0.0,
            };
        }
    }
    wins / pairs
}
