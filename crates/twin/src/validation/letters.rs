//! Whether the practice knew of a hospital contact before the letter about it arrived.

use rustc_hash::FxHashMap;
use twinloom_event::{Attribute, Timeline, Timestamp};

use crate::systems::{Book, System};

/// Entries that the practice made from a letter whose arrival the truth states: those made before it, and all.
pub fn filed_before_arrival(book: &Book, truth: &Timeline) -> (u64, u64) {
    let mut arrivals: FxHashMap<&str, Timestamp> = FxHashMap::default();
    for event in truth.timed_events().iter().filter(|event| event.code().as_str().starts_with("LETTER//")) {
        if let (Some(encounter), Some(Attribute::Time(received))) =
            (event.encounter_id(), event.attribute("received"))
        {
            let first = arrivals.entry(encounter.as_str()).or_insert(*received);
            *first = (*first).min(*received);
        }
    }
    let (mut early, mut entries) = (0, 0);
    for artefact in book.artefacts() {
        let heading = artefact.heading;
        if heading.system != System::GeneralPractice || !heading.by_letter {
            continue;
        }
        let encounter = truth.events().get(heading.origin as usize).and_then(|event| event.encounter_id());
        if let Some(arrived) = encounter.and_then(|encounter| arrivals.get(encounter.as_str())) {
            entries += 1;
            early += u64::from(heading.recorded < *arrived);
        }
    }
    (early, entries)
}
