//! How much there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use twinloom_event::{Attribute, Cohort, EventKind, Timestamp};

/// How much a cohort holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// Subjects.
    pub subjects: u64,
    /// Events.
    pub events: u64,
    /// Distinct codes.
    pub codes: u64,
    /// Events of each kind that occurs.
    pub by_kind: BTreeMap<EventKind, u64>,
    /// Encounters by class.
    pub encounters: Vec<EncounterVolume>,
    /// Earliest event other than a birth.
    pub first: Option<Timestamp>,
    /// Latest event.
    pub last: Option<Timestamp>,
}

/// Encounters of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EncounterVolume {
    /// The class (`AMB`, `IMP`, `EMER`), or the code where the source states no class.
    pub class: Arc<str>,
    /// Encounters.
    pub encounters: u64,
    /// Subjects with one or more.
    pub subjects: u64,
}

/// Counts a cohort's events by kind and its encounters by class.
pub fn volume(cohort: &Cohort) -> Volume {
    let mut volume =
        Volume { subjects: cohort.len() as u64, events: cohort.event_count() as u64, ..Volume::default() };
    let mut codes = rustc_hash::FxHashSet::default();
    let mut classes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for timeline in cohort.timelines() {
        let mut own: BTreeMap<&str, u64> = BTreeMap::new();
        for event in timeline.events() {
            codes.insert(event.code().as_str());
            *volume.by_kind.entry(event.kind()).or_insert(0) += 1;
            if event.kind() == EventKind::Encounter {
                let class = event.attribute("class").and_then(Attribute::as_text);
                *own.entry(class.unwrap_or(event.code().as_str())).or_insert(0) += 1;
            }
            if let Some(time) = event.time() {
                if event.kind() != EventKind::Birth {
                    volume.first = Some(volume.first.map_or(time, |first| first.min(time)));
                }
                volume.last = volume.last.max(Some(time));
            }
        }
        for (class, encounters) in own {
            let counts = classes.entry(class).or_insert((0, 0));
            counts.0 += encounters;
            counts.1 += 1;
        }
    }
    volume.codes = codes.len() as u64;
    volume.encounters = classes
        .into_iter()
        .map(|(class, (encounters, subjects))| EncounterVolume { class: class.into(), encounters, subjects })
        .collect();
    volume
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Code, Event, SubjectId};

    use super::*;

    #[test]
    fn regress_encounters_are_counted_by_class() {
        let event = |id, class: Option<&str>| {
            let at = Timestamp::from_ymd(2020, 1, 1).unwrap();
            let event = Event::new(SubjectId::new(id), Some(at), Code::parse("VISIT").unwrap())
                .with_kind(EventKind::Encounter);
            match class {
                Some(class) => event.with_attribute("class", Attribute::Text(class.into())),
                None => event,
            }
        };
        let cohort =
            Cohort::from_events(vec![event(1, Some("AMB")), event(1, Some("AMB")), event(2, None)]).unwrap();
        let volume = volume(&cohort);
        let rows: Vec<_> =
            volume.encounters.iter().map(|row| (&*row.class, row.encounters, row.subjects)).collect();
        assert_eq!(rows, [("AMB", 2, 1), ("VISIT", 1, 1)]);
        assert_eq!((volume.codes, volume.by_kind[&EventKind::Encounter]), (1, 3));
    }
}
