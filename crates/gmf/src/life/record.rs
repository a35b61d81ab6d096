//! A person's record: encounters, entries, and what is present by code.
//!
//! # Source
//! Synthea's `HealthRecord`: conditions, allergies, medicines, care plans, devices and procedures
//! share one map by code, so that one code is present once whatever its kind.

use crate::calendar::{HOUR_MS, MINUTE_MS};
use crate::ir::Class;
use crate::library::Library;
use crate::names::{CodingId, KeyId, StateId, TextId};
use crate::value::Value;

/// No time: an entry that has not ended.
pub(crate) const NEVER: i64 = i64::MIN;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Condition,
    /// A condition or allergy that nobody has diagnosed yet; of no record.
    Latent,
    Allergy,
    Medication,
    Administration,
    CarePlan,
    Procedure,
    Device,
    Observation,
    MultiObservation,
    Report,
    ImagingStudy,
    Supply,
    Immunisation,
}

/// One entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) coding: CodingId,
    pub(crate) key: KeyId,
    /// The state that made it, and the part of the state for grouped observations.
    pub(crate) state: Option<StateId>,
    pub(crate) part: u16,
    pub(crate) name: TextId,
    pub(crate) start_ms: i64,
    pub(crate) stop_ms: i64,
    pub(crate) encounter: u32,
    pub(crate) value: Value,
    pub(crate) reason: Option<CodingId>,
}

/// One encounter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncounterRecord {
    pub(crate) start_ms: i64,
    pub(crate) stop_ms: i64,
    pub(crate) class: Class,
    pub(crate) has_ended: bool,
    pub(crate) coding: Option<CodingId>,
    pub(crate) name: TextId,
    /// The state that asked for it; none when the schedule did.
    pub(crate) state: Option<StateId>,
    pub(crate) reason: Option<CodingId>,
    pub(crate) discharge: Option<CodingId>,
    pub(crate) has_renewed: bool,
}

/// The record.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) entries: Vec<Entry>,
    pub(crate) encounters: Vec<EncounterRecord>,
    /// By key: place of the entry that is present, plus one.
    present: Vec<u32>,
    present_keys: Vec<KeyId>,
    /// By key: encounter (plus one) and value of the latest observation.
    latest: Vec<(u32, Value)>,
    latest_keys: Vec<KeyId>,
    pub(crate) chronic: Vec<KeyId>,
    last_wellness_ms: Option<i64>,
}

impl Record {
    pub(crate) fn new(library: &Library) -> Self {
        let keys = library.vocabulary.keys.len();
        Self {
            entries: Vec::new(),
            encounters: Vec::new(),
            present: vec![0; keys],
            present_keys: Vec::new(),
            latest: vec![(0, Value::Nil); keys],
            latest_keys: Vec::new(),
            chronic: Vec::new(),
            last_wellness_ms: None,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.encounters.clear();
        self.present_keys.drain(..).for_each(|key| self.present[key.index()] = 0);
        self.latest_keys.drain(..).for_each(|key| self.latest[key.index()] = (0, Value::Nil));
        self.chronic.clear();
        self.last_wellness_ms = None;
    }

    pub(crate) fn start_encounter(&mut self, encounter: EncounterRecord) {
        if encounter.class == Class::Wellness {
            self.last_wellness_ms = Some(encounter.start_ms);
        }
        self.encounters.push(encounter);
    }

    /// A new encounter of a class, with the length it has if nobody prolongs it.
    pub(crate) fn encounter(class: Class, start_ms: i64, name: TextId) -> EncounterRecord {
        let length_ms = match class {
            Class::Emergency => HOUR_MS,
            Class::Inpatient | Class::Hospice | Class::SkilledNursing => 24 * HOUR_MS,
            _ => 15 * MINUTE_MS,
        };
        EncounterRecord {
            start_ms,
            stop_ms: start_ms + length_ms,
            class,
            has_ended: false,
            coding: None,
            name,
            state: None,
            reason: None,
            discharge: None,
            has_renewed: false,
        }
    }

    /// Ends the last encounter of a class that has not ended.
    pub(crate) fn end_encounter(&mut self, class: Class, time_ms: i64) {
        let open = self.encounters.iter_mut().rev().find(|each| each.class == class && !each.has_ended);
        if let Some(encounter) = open {
            encounter.has_ended = true;
            encounter.stop_ms = encounter.stop_ms.max(time_ms);
        }
    }

    /// The last encounter that had begun by a time, or the first of all.
    pub(crate) fn current_encounter(&self, time_ms: i64) -> Option<usize> {
        let begun = self.encounters.iter().rposition(|encounter| encounter.start_ms <= time_ms);
        begun.or((!self.encounters.is_empty()).then_some(0))
    }

    pub(crate) fn last_wellness_ms(&self) -> Option<i64> {
        self.last_wellness_ms
    }

    pub(crate) fn present(&self, key: KeyId) -> Option<&Entry> {
        let place = self.present[key.index()].checked_sub(1)?;
        self.entries.get(place as usize)
    }

    pub(crate) fn present_place(&self, key: KeyId) -> Option<usize> {
        self.present[key.index()].checked_sub(1).map(|place| place as usize)
    }

    /// What the state of a name began and is still present.
    pub(crate) fn present_of_state(&self, name: TextId) -> Option<&Entry> {
        self.present_keys.iter().filter_map(|key| self.present(*key)).find(|entry| entry.name == name)
    }

    pub(crate) fn is_medication_active(&self, key: KeyId) -> bool {
        self.present(key).is_some_and(|entry| entry.kind == Kind::Medication)
    }

    pub(crate) fn is_care_plan_active(&self, key: KeyId) -> bool {
        self.present(key).is_some_and(|entry| entry.kind == Kind::CarePlan)
    }

    /// When the present care plan of a code began.
    pub(crate) fn care_plan_start(&self, key: KeyId) -> Option<i64> {
        self.present(key).filter(|entry| entry.kind == Kind::CarePlan).map(|entry| entry.start_ms)
    }

    /// Adds an entry and gives its place.
    pub(crate) fn add(&mut self, entry: Entry) -> usize {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    /// Adds an entry and makes it present in place of another of its code.
    pub(crate) fn add_present(&mut self, entry: Entry) -> usize {
        let place = self.add(entry);
        let slot = &mut self.present[entry.key.index()];
        if *slot == 0 {
            self.present_keys.push(entry.key);
        }
        *slot = place as u32 + 1;
        place
    }

    /// Ends what is present under a key.
    pub(crate) fn end(&mut self, key: KeyId, time_ms: i64) -> Option<usize> {
        let place = self.present_place(key)?;
        self.entries[place].stop_ms = time_ms;
        self.present[key.index()] = 0;
        if let Some(at) = self.present_keys.iter().position(|present| *present == key) {
            self.present_keys.swap_remove(at);
        }
        Some(place)
    }

    /// Remembers an observation's value: the latest encounter counts, and its first value of the code.
    pub(crate) fn observe(&mut self, key: KeyId, encounter: usize, value: Value) {
        let slot = &mut self.latest[key.index()];
        let encounter = encounter as u32 + 1;
        if slot.0 == 0 {
            self.latest_keys.push(key);
        }
        if encounter > slot.0 {
            *slot = (encounter, value);
        }
    }

    /// The latest observation of a code, if there was one.
    pub(crate) fn latest(&self, key: KeyId) -> Option<Value> {
        let (encounter, value) = self.latest[key.index()];
        (encounter > 0).then_some(value)
    }
}
