//! Lives' records as columns of numbers, the form in which they go to disk.
//!
//! The same events as [`crate::Lifetime::timeline`] holds, in the same order, without a text or an
//! allocation for each: words are keys of a [`Wording`], and the state that made an event stands beside.

use std::fmt::Write as _;
use std::ops::Range;

use twinloom_event::{EventKind, SubjectId};

use crate::life::{EncounterRecord, Entry, Kind, Life, NEVER};
use crate::value::Value;
use crate::wording::{NO_WORD, Wording};

/// No time.
pub const NO_TIME: i64 = i64::MIN;

/// Values of the few rows that have one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sparse<T> {
    /// The rows, ascending.
    pub rows: Vec<u32>,
    /// A value for each of them.
    pub values: Vec<T>,
}

impl<T> Sparse<T> {
    fn push(&mut self, row: u32, value: T) {
        self.rows.push(row);
        self.values.push(value);
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.values.clear();
    }
}

impl Sparse<u32> {
    fn push_word(&mut self, row: u32, key: u32) {
        if key != NO_WORD {
            self.push(row, key);
        }
    }
}

/// Events of whole lives, in order of subject and time.
///
/// # Units
/// Times are microseconds since 1970, [`NO_TIME`] for none; words are keys of a [`Wording`],
/// [`NO_WORD`] for none.
#[derive(Debug, Default)]
pub struct Columns {
    /// Whose.
    pub subject_id: Vec<i64>,
    /// When.
    pub time: Vec<i64>,
    /// What: a word.
    pub code: Vec<u32>,
    /// The number; NaN for none.
    pub numeric_value: Vec<f32>,
    /// The answer: a word.
    pub text_value: Vec<u32>,
    /// The sort: a word.
    pub kind: Vec<u32>,
    /// The unit: a word.
    pub unit: Vec<u32>,
    /// The encounter; [`Columns::encounter`] names it, [`NO_WORD`] for none.
    pub encounter: Vec<u32>,
    /// When it ended.
    pub end_time: Vec<i64>,
    /// The category of an observation or condition: a word.
    pub category: Vec<u32>,
    /// The module and the state that made it: a word.
    pub state: Vec<u32>,
    /// An encounter's class in HL7's ActCode: a word.
    pub class: Sparse<u32>,
    /// An encounter's class in the framework's word.
    pub service: Sparse<u32>,
    /// Why: a code.
    pub reason: Sparse<u32>,
    /// Where an encounter led: a code.
    pub discharge: Sparse<u32>,
    /// Of what somebody died: a code.
    pub cause: Sparse<u32>,
    /// What an allergy may do: codes.
    pub reactions: Sparse<u32>,
    /// How images were made: a code.
    pub modality: Sparse<u32>,
    /// Of what images were made: a code.
    pub body_site: Sparse<u32>,
    /// How many images were made.
    pub images: Sparse<i64>,
    /// Medicines that were given at once; the values say nothing.
    pub administration: Sparse<()>,
    encounter_ids: String,
    encounter_ends: Vec<u32>,
    order: Vec<(i64, u32)>,
}

/// Places in a life's order: birth, death, encounters, entries.
const BIRTH: u32 = 0;
const DEATH: u32 = 1;
const FIRST_ENCOUNTER: u32 = 2;

impl Columns {
    /// Rows.
    pub fn len(&self) -> usize {
        self.subject_id.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.subject_id.is_empty()
    }

    /// The id of an encounter.
    ///
    /// # Panics
    /// When [`Columns::encounter`] does not hold the key.
    pub fn encounter(&self, key: u32) -> &str {
        let ends = &self.encounter_ends;
        let start = if key == 0 { 0 } else { ends[key as usize - 1] };
        &self.encounter_ids[start as usize..ends[key as usize] as usize]
    }

    pub(crate) fn clear(&mut self) {
        for integers in [&mut self.subject_id, &mut self.time, &mut self.end_time] {
            integers.clear();
        }
        self.numeric_value.clear();
        for words in [
            &mut self.code,
            &mut self.text_value,
            &mut self.kind,
            &mut self.unit,
            &mut self.encounter,
            &mut self.category,
            &mut self.state,
            &mut self.encounter_ends,
        ] {
            words.clear();
        }
        for words in [
            &mut self.class,
            &mut self.service,
            &mut self.reason,
            &mut self.discharge,
            &mut self.cause,
            &mut self.reactions,
            &mut self.modality,
            &mut self.body_site,
        ] {
            words.clear();
        }
        self.images.clear();
        self.administration.clear();
        self.encounter_ids.clear();
    }

    /// Adds a life.
    pub(crate) fn push(&mut self, life: &Life<'_>, wording: &Wording, subject: SubjectId) {
        let person = &life.person;
        let race = wording.races.get(person.race).copied().unwrap_or(NO_WORD);
        let ethnicity = wording.ethnicities[usize::from(person.is_hispanic)];
        for code in [wording.sex(life.sex()), race, ethnicity] {
            if code != NO_WORD {
                self.row(NO_TIME, code, wording.kind(EventKind::Demographic));
            }
        }
        let encounters = self.name_encounters(life, subject);
        let mut order = std::mem::take(&mut self.order);
        sort(life, &mut order);
        for (time_ms, place) in &order {
            let time = time_ms.saturating_mul(1000);
            let in_record = (*place).saturating_sub(FIRST_ENCOUNTER) as usize;
            match *place {
                BIRTH => self.row(time, wording.birth, wording.kind(EventKind::Birth)),
                DEATH => {
                    let row = self.time.len() as u32;
                    self.row(time, wording.death, wording.kind(EventKind::Death));
                    self.cause.push_word(row, life.cause.map_or(NO_WORD, Wording::code));
                }
                _ => {
                    if let Some(encounter) = life.record.encounters.get(in_record) {
                        self.encounter_row(encounter, encounters.start + in_record as u32, wording);
                    } else {
                        let entry = &life.record.entries[in_record - life.record.encounters.len()];
                        self.entry_row(entry, &encounters, wording);
                    }
                }
            }
        }
        self.order = order;
        self.subject_id.resize(self.time.len(), subject.get());
    }

    fn name_encounters(&mut self, life: &Life<'_>, subject: SubjectId) -> Range<u32> {
        let first = self.encounter_ends.len() as u32;
        for place in 0..life.record.encounters.len() {
            // Writing into a text can't fail.
            let _ = write!(self.encounter_ids, "Encounter/{subject}-{place}");
            self.encounter_ends.push(self.encounter_ids.len() as u32);
        }
        first..self.encounter_ends.len() as u32
    }

    /// A row with nothing but a time, a code and a sort; its subject follows with the life's others.
    fn row(&mut self, time: i64, code: u32, kind: u32) {
        self.time.push(time);
        self.code.push(code);
        self.numeric_value.push(f32::NAN);
        self.text_value.push(NO_WORD);
        self.kind.push(kind);
        self.unit.push(NO_WORD);
        self.encounter.push(NO_WORD);
        self.end_time.push(NO_TIME);
        self.category.push(NO_WORD);
        self.state.push(NO_WORD);
    }

    fn encounter_row(&mut self, encounter: &EncounterRecord, key: u32, wording: &Wording) {
        let row = self.time.len() as u32;
        let [code, class, service] = wording.class(encounter.class);
        self.time.push(encounter.start_ms.saturating_mul(1000));
        self.code.push(encounter.coding.map_or(code, Wording::code));
        self.numeric_value.push(f32::NAN);
        self.text_value.push(NO_WORD);
        self.kind.push(wording.kind(EventKind::Encounter));
        self.unit.push(NO_WORD);
        self.encounter.push(key);
        let has_ended = encounter.stop_ms >= encounter.start_ms;
        self.end_time.push(if has_ended { encounter.stop_ms.saturating_mul(1000) } else { NO_TIME });
        self.category.push(NO_WORD);
        self.state.push(encounter.state.map_or(NO_WORD, |state| wording.state(state).name));
        self.class.push_word(row, class);
        self.service.push_word(row, service);
        self.reason.push_word(row, encounter.reason.map_or(NO_WORD, Wording::code));
        self.discharge.push_word(row, encounter.discharge.map_or(NO_WORD, Wording::code));
    }

    fn entry_row(&mut self, entry: &Entry, encounters: &Range<u32>, wording: &Wording) {
        let Some(kind) = wording.entry_kind(entry.kind) else { return };
        let row = self.time.len() as u32;
        let state = entry.state.map(|state| wording.state(state));
        let part = state
            .filter(|_| entry.kind == Kind::Observation)
            .and_then(|state| wording.part(state, entry.part));
        let category = match entry.kind {
            Kind::Observation => part.map_or(NO_WORD, |part| part.category),
            Kind::MultiObservation | Kind::Condition | Kind::Allergy => {
                state.map_or(NO_WORD, |state| state.category)
            }
            _ => NO_WORD,
        };
        let is_picture = entry.kind == Kind::ImagingStudy;
        let number = match entry.value {
            Value::Integer(whole) => whole as f32,
            Value::Number(number) if !is_picture && (number as f32).is_finite() => number as f32,
            _ => f32::NAN,
        };
        self.time.push(entry.start_ms.saturating_mul(1000));
        self.code.push(Wording::code(entry.coding));
        self.numeric_value.push(number);
        self.text_value.push(wording.text_value(entry.value));
        self.kind.push(kind);
        self.unit.push(part.map_or(NO_WORD, |part| part.unit));
        let encounter = encounters.start.saturating_add(entry.encounter);
        self.encounter.push(if encounters.contains(&encounter) { encounter } else { NO_WORD });
        let has_ended = entry.stop_ms != NEVER;
        let end_ms = entry.stop_ms.max(entry.start_ms);
        self.end_time.push(if has_ended { end_ms.saturating_mul(1000) } else { NO_TIME });
        self.category.push(category);
        self.state.push(state.map_or(NO_WORD, |state| state.name));
        self.reason.push_word(row, entry.reason.map_or(NO_WORD, Wording::code));
        match (entry.kind, state) {
            (Kind::Administration, _) => self.administration.push(row, ()),
            (Kind::ImagingStudy, Some(state)) => {
                if let Value::Number(images) = entry.value {
                    self.images.push(row, images as i64);
                }
                self.body_site.push_word(row, state.body_site);
                self.modality.push_word(row, state.modality);
            }
            (Kind::Condition | Kind::Allergy, Some(state)) => self.reactions.push_word(row, state.reactions),
            _ => {}
        }
    }
}

/// What a life holds, in order of time; of one time birth comes first, then encounters, then entries.
fn sort(life: &Life<'_>, order: &mut Vec<(i64, u32)>) {
    order.clear();
    order.push((life.birth_ms, BIRTH));
    if let Some(death_ms) = life.death_ms.filter(|death_ms| *death_ms <= life.terms.end_ms) {
        order.push((death_ms, DEATH));
    }
    let places = FIRST_ENCOUNTER..;
    let starts = life.record.encounters.iter().map(|encounter| encounter.start_ms);
    let starts = starts.chain(life.record.entries.iter().map(|entry| entry.start_ms));
    order.extend(starts.zip(places));
    // Stable, and quick on what is nearly in order.
    order.sort_by_key(|(time_ms, _)| *time_ms);
}
