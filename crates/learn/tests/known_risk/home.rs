//! A made-up record in which the outcome is of those at home.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_event::{Code, Cohort, Event, EventKind, Label, LabelValue, Split, SubjectId, Timestamp};
use twinloom_views::Instance;

use super::KnownRisk;

/// Codes that mean nothing, and how many of them everyone has.
const NOISE_CODES: u32 = 30;
const NOISE_EVENTS: usize = 8;

impl KnownRisk {
    /// Homes of two or three, turn by turn; three in ten people smoke, and those have the outcome who live with
    /// a smoker. One's own smoking, drawn apart from the others', says nothing of it.
    pub fn at_home(subjects: i64, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let prediction_time = Timestamp::from_ymd(2020, 1, 1).unwrap();
        // In every five people there is a home of two and one of three.
        let home = |id: i64| id / 5 * 2 + i64::from(id % 5 >= 2);
        let smokes: Vec<bool> = (0..subjects).map(|_| rng.random_bool(0.3)).collect();
        let (mut events, mut instances, mut splits, mut risks) = (vec![], vec![], vec![], vec![]);
        for id in 0..subjects {
            let subject_id = SubjectId::new(id + 1);
            let event = |days: f64, code: &str| {
                let at = prediction_time.plus_days(-days).unwrap();
                Event::new(subject_id, Some(at), Code::parse(code).unwrap()).with_kind(EventKind::Condition)
            };
            events.push(event(900.0, "HOUSEHOLD").with_text_value(format!("home {}", home(id))));
            events.push(event(900.0, "PRACTICE").with_text_value("practice"));
            for _ in 0..NOISE_EVENTS {
                let noise = format!("TEST//NOISE{}", rng.random_range(0..NOISE_CODES));
                events.push(event(rng.random_range(1.0..800.0), &noise));
            }
            if smokes[id as usize] {
                events.push(event(rng.random_range(1.0..800.0), "TEST//SMOKER"));
            }
            let with_smoker =
                (0..subjects).any(|other| other != id && home(other) == home(id) && smokes[other as usize]);
            instances.push(Instance {
                label: Label { subject_id, prediction_time, value: LabelValue::Boolean(with_smoker) },
                trigger_time: prediction_time,
                window_end: prediction_time.plus_days(365.0).unwrap(),
                encounter_id: None,
                comparator: None,
            });
            splits.push(Split::Train);
            risks.push(f64::from(u8::from(with_smoker)));
        }
        let cohort = Cohort::from_events(events).unwrap();
        Self { task: super::task(), cohort, instances, splits, risks }
    }
}
