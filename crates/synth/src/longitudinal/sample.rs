//! Making patients, encounters and events.

use std::error::Error;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use twinloom_table::{Column, ColumnKind, Schema, Table};

use super::fit::{Feature, FittedLongitudinal};
use super::parameters::LongitudinalError;
use super::plan::GAPS;
use crate::Generator;
use crate::causal::{Coding, FittedCausal, fitting, stream, uniform};

/// What draws patients' rows, without their key.
pub trait RowSource: Sync {
    /// Draws so many rows, the same for the same seed.
    ///
    /// # Errors
    /// Whatever the source says.
    fn rows(&self, rows: usize, seed: u64) -> Result<Table, Box<dyn Error + Send + Sync>>;
}

impl RowSource for FittedCausal {
    fn rows(&self, rows: usize, seed: u64) -> Result<Table, Box<dyn Error + Send + Sync>> {
        Ok(self.sample(rows, seed)?)
    }
}

impl RowSource for Generator {
    fn rows(&self, rows: usize, seed: u64) -> Result<Table, Box<dyn Error + Send + Sync>> {
        Ok(self.sample(rows, seed)?.0)
    }
}

/// A table drawn before; it can't give more rows than it has.
impl RowSource for Table {
    fn rows(&self, rows: usize, _seed: u64) -> Result<Table, Box<dyn Error + Send + Sync>> {
        if rows > self.len() {
            return Err(format!("{rows} rows asked for; permitted: {} at most", self.len()).into());
        }
        Ok(self.rows_of(&(0..rows).collect::<Vec<_>>()))
    }
}

/// What was made: keys are whole numbers from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// One row per patient.
    pub patients: Table,
    /// One row per encounter, by patient and time.
    pub encounters: Table,
    /// One row per event, by encounter and time.
    pub events: Table,
}

/// A value: its level, and its number if it is of numbers and there.
#[derive(Clone, Copy, Debug)]
struct Value {
    level: u32,
    number: Option<f64>,
}

struct Encounter {
    kind: u32,
    start: f64,
    features: Vec<Value>,
    events: Vec<Event>,
}

struct Event {
    code: u32,
    time: f64,
    features: Vec<Value>,
}

impl<G: RowSource> FittedLongitudinal<G> {
    /// Makes so many patients with their encounters and events.
    ///
    /// # Errors
    /// [`LongitudinalError`] where patients can't be drawn or are of other columns.
    pub fn sample(&self, patients: usize, seed: u64) -> Result<Drawn, LongitudinalError> {
        let mut random = stream(seed, 0);
        let drawn = self.parents.rows(patients, random.next_u64()).map_err(LongitudinalError::Source)?;
        let classes = self.classes(&drawn)?;
        let own_seed = random.next_u64();
        let histories: Vec<Vec<Encounter>> = classes
            .par_iter()
            .enumerate()
            .map(|(patient, &class)| self.history(class, &mut stream(own_seed, patient as u64)))
            .collect();
        let keys: Vec<f64> = (0..drawn.len()).map(|at| at as f64 + 1.0).collect();
        let patients = table(&self.patients, |name| {
            if name == self.layout.patient {
                return Some(Column::Number(keys.iter().copied().map(Some).collect()));
            }
            drawn.column(name).ok().cloned()
        })?;
        let encounters: Vec<(usize, &Encounter)> = histories
            .iter()
            .enumerate()
            .flat_map(|(patient, own)| own.iter().map(move |encounter| (patient, encounter)))
            .collect();
        let events: Vec<(usize, &Event)> = encounters
            .iter()
            .enumerate()
            .flat_map(|(at, (_, encounter))| encounter.events.iter().map(move |event| (at, event)))
            .collect();
        Ok(Drawn {
            patients,
            encounters: self.encounter_table(&encounters)?,
            events: self.event_table(&events)?,
        })
    }

    fn encounter_table(&self, all: &[(usize, &Encounter)]) -> Result<Table, LongitudinalError> {
        let layout = &self.layout;
        table(&self.encounters, |name| {
            let number = |value: &dyn Fn(usize) -> f64| {
                Some(Column::Number((0..all.len()).map(|at| Some(value(at))).collect()))
            };
            if name == layout.patient {
                return number(&|at| all[at].0 as f64 + 1.0);
            }
            if name == layout.encounter {
                return number(&|at| at as f64 + 1.0);
            }
            if name == layout.start {
                return number(&|at| all[at].1.start);
            }
            if let (Some(kind), true) = (&self.kind, layout.kind.as_deref() == Some(name)) {
                // Numbers of a kind are any of its bin's; its level is what encounters differ by.
                let schema = &self.encounters.column(name).ok()?.kind;
                let value = |(_, encounter): &(usize, &Encounter)| Value {
                    level: encounter.kind,
                    number: Some(kind.number(encounter.kind, schema, 0.5)),
                };
                return Some(column(kind, schema, all.iter().map(value)));
            }
            let place = self.encounter_features.iter().position(|feature| feature.column == name)?;
            let schema = &self.encounters.column(name).ok()?.kind;
            let values = all.iter().map(|(_, encounter)| encounter.features[place]);
            Some(column(&self.encounter_features[place].coding, schema, values))
        })
    }

    fn event_table(&self, all: &[(usize, &Event)]) -> Result<Table, LongitudinalError> {
        let layout = &self.layout;
        table(&self.events, |name| {
            let schema = &self.events.column(name).ok()?.kind;
            if name == layout.encounter {
                return Some(Column::Number(all.iter().map(|(at, _)| Some(*at as f64 + 1.0)).collect()));
            }
            if layout.time.as_deref() == Some(name) {
                return Some(Column::Number(all.iter().map(|(_, event)| Some(event.time)).collect()));
            }
            if name == layout.code {
                let value = |(_, event): &(usize, &Event)| Value {
                    level: event.code,
                    number: Some(self.code.number(event.code, schema, 0.5)),
                };
                return Some(column(&self.code, schema, all.iter().map(value)));
            }
            let place = self.event_features.iter().position(|feature| feature.column == name)?;
            let values = all.iter().map(|(_, event)| event.features[place]);
            Some(column(&self.event_features[place].coding, schema, values))
        })
    }

    fn classes(&self, patients: &Table) -> Result<Vec<usize>, LongitudinalError> {
        let mut classes = vec![0_usize; patients.len()];
        for (name, coding) in &self.conditions {
            let column = patients.column(name).map_err(|_| LongitudinalError::Parents)?;
            if patients.schema().column(name)?.kind.is_numeric()
                != self.patients.column(name)?.kind.is_numeric()
            {
                return Err(LongitudinalError::Parents);
            }
            for (class, level) in classes.iter_mut().zip(coding.all(column)) {
                *class = *class * coding.coarse_levels() + coding.coarse(level) as usize;
            }
        }
        Ok(classes)
    }

    fn history(&self, class: usize, random: &mut ChaCha8Rng) -> Vec<Encounter> {
        let kinds = self.kind.as_ref().map_or(1, Coding::levels);
        let count = self.rules.encounters.draw(class, uniform(random));
        let (mut made, mut before, mut at) = (Vec::new(), kinds, 0.0);
        let mut tokens: Vec<u32> = Vec::new();
        let mut left = self.most_events;
        let Ok(start) = self.encounters.column(&self.layout.start) else { return made };
        for number in 0..count {
            let kind = self.rules.kinds.draw(class * (kinds + 1) + before, uniform(random));
            before = kind as usize;
            at = if number == 0 {
                let level = self.rules.start.draw(class, uniform(random));
                self.start.number(level, &start.kind, uniform(random))
            } else {
                at + time_of(self.rules.gaps.draw(before, uniform(random)), uniform(random))
            };
            at = fitting(at, &start.kind);
            let features = draw_features(&self.encounter_features, before, &self.encounters, random);
            tokens.push(self.code.levels() as u32 + kind);
            let events = self.events((before, at), &mut tokens, &mut left, random);
            made.push(Encounter { kind, start: at, features, events });
        }
        made
    }

    /// Events until the end is drawn, or no more are permitted.
    fn events(
        &self,
        (kind, start): (usize, f64),
        tokens: &mut Vec<u32>,
        left: &mut usize,
        random: &mut ChaCha8Rng,
    ) -> Vec<Event> {
        let time_kind =
            self.layout.time.as_deref().and_then(|name| self.events.column(name).ok()).map(|own| &own.kind);
        let (mut made, mut at) = (Vec::new(), start);
        while *left > 0 {
            let code = self.codes.draw(tokens, || uniform(random));
            if code as usize >= self.code.levels() {
                break;
            }
            *left -= 1;
            tokens.push(code);
            if let Some(kind_of_time) = time_kind {
                at += time_of(self.rules.event_gaps.draw(kind, uniform(random)), uniform(random));
                at = fitting(at, kind_of_time);
            }
            let features = draw_features(&self.event_features, code as usize, &self.events, random);
            made.push(Event { code, time: at, features });
        }
        made
    }
}

/// A time of a gap, any of its own alike.
fn time_of(gap: u32, share: f64) -> f64 {
    match gap as usize {
        0 => 0.0,
        1 => share * libm::exp2(-10.0),
        gap => libm::exp2(gap.min(GAPS - 1) as f64 - 12.0) * (1.0 + share),
    }
}

fn draw_features(features: &[Feature], place: usize, schema: &Schema, random: &mut ChaCha8Rng) -> Vec<Value> {
    let draw = |feature: &Feature| {
        let level = feature.shares.draw(place, uniform(random));
        let share = uniform(random);
        let number = schema.column(&feature.column).ok().and_then(|own| {
            let there = own.kind.is_numeric() && !feature.coding.is_missing(level);
            there.then(|| feature.coding.number(level, &own.kind, share))
        });
        Value { level, number }
    };
    features.iter().map(draw).collect()
}

fn column(coding: &Coding, kind: &ColumnKind, values: impl Iterator<Item = Value>) -> Column {
    let there = |value: Value| (!coding.is_missing(value.level)).then_some(value);
    if kind.is_numeric() {
        Column::Number(values.map(|value| there(value).and_then(|value| value.number)).collect())
    } else {
        Column::Category(values.map(|value| there(value).map(|value| value.level)).collect())
    }
}

fn table(schema: &Schema, column: impl Fn(&str) -> Option<Column>) -> Result<Table, LongitudinalError> {
    let columns = schema.columns().iter().map(|own| column(&own.name));
    let columns = columns.collect::<Option<Vec<Column>>>().ok_or(LongitudinalError::Parents)?;
    Ok(Table::new(schema.clone(), columns)?)
}
