//! A made-up record, the same for every run.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_event::{
    Code, Cohort, Dataset, EncounterId, Event, EventKind, MICROSECONDS_PER_DAY, RecordId, SubjectId,
    Timestamp,
};

const EVENTS_PER_ENCOUNTER: usize = 8;

/// Events of people with unequally long records (a Pareto tail of index 1.2), codes used unequally often.
pub fn dataset(events: usize) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let codes: Vec<Code> =
        (0..20_000).map(|code| Code::new("SNOMED", &code.to_string()).expect("not empty")).collect();
    let mut made = Vec::with_capacity(events);
    let (mut subject, mut encounter) = (0, 0);
    while made.len() < events {
        subject += 1;
        let share = 1.0 - rng.random::<f64>();
        let own = ((10.0 * share.powf(-1.0 / 1.2)) as usize).min(5000);
        for place in 0..own {
            if place % EVENTS_PER_ENCOUNTER == 0 {
                encounter += 1;
            }
            let day = (place / EVENTS_PER_ENCOUNTER) as i64 * 7;
            let time = Timestamp::from_micros(day * MICROSECONDS_PER_DAY).expect("within a century of 1970");
            let code = codes[(rng.random::<f64>().powi(3) * 20_000.0) as usize].clone();
            let encounter_id = EncounterId::new(format!("Encounter/{encounter}")).expect("not empty");
            let event = Event::new(SubjectId::new(subject), Some(time), code).with_encounter_id(encounter_id);
            made.push(if place % EVENTS_PER_ENCOUNTER == 0 {
                let record = RecordId::new(format!("Encounter/{encounter}")).expect("not empty");
                event.with_kind(EventKind::Encounter).with_record_id(record)
            } else {
                let record = RecordId::new(format!("Observation/{}", made.len())).expect("not empty");
                event
                    .with_kind(EventKind::Observation)
                    .with_record_id(record)
                    .with_numeric_value(place as f64)
                    .expect("finite")
            });
        }
    }
    Dataset { cohort: Cohort::from_events(made).expect("few events a subject"), ..Dataset::default() }
}
