//! What states do to the person and to time: delays, guards, encounters, attributes, death.
//!
//! # Source
//! Synthea's `State`, one inner class after the other.

use crate::calendar::Date;
use crate::ir::{Action, Class, Death, Encounter, Source, Symptom, Telemedicine};
use crate::life::process::Outcome;
use crate::life::waiting::{CHRONIC, DEATH, RELEASE, SYMPTOM};
use crate::life::{Halt, Life, Owner, Record};
use crate::names::{AttributeId, HistoryId, StateId, TextId};
use crate::value::Value;

impl Life<'_> {
    /// Runs a state.
    pub(crate) fn perform(
        &mut self,
        id: StateId,
        history: HistoryId,
        top: usize,
        time_ms: i64,
    ) -> Result<Outcome, Halt> {
        let state = self.library.state(id);
        match &state.action {
            Action::Pass => {}
            Action::Terminal => {
                // A forgotten encounter is closed, but only by a module that is no submodule.
                if self.library.module(state.module).is_top_level
                    && self.owner == Some(Owner::Module(top as u32))
                {
                    self.close_encounter(time_ms);
                }
                return Ok(Outcome::Wait);
            }
            Action::Delay(amount) => {
                let next_ms = if let Some(next_ms) = self.histories[history.index()].next_ms {
                    next_ms
                } else {
                    let delay_ms = amount.draw_ms(&mut self.streams[top]);
                    self.until(history, time_ms.saturating_add(delay_ms), time_ms)
                };
                return Ok(self.when(next_ms, time_ms));
            }
            Action::Procedure(procedure) => {
                let next_ms = if let Some(next_ms) = self.histories[history.index()].next_ms {
                    next_ms
                } else {
                    let stop_ms = self.do_procedure(procedure, id, history, top, time_ms);
                    self.until(history, stop_ms, time_ms)
                };
                return Ok(self.when(next_ms, time_ms));
            }
            Action::Guard(condition) => {
                if !self.holds(condition, history, time_ms) {
                    return Ok(Outcome::Wait);
                }
            }
            Action::SetAttribute { attribute, source } => self.assign(*attribute, source, top),
            Action::Counter { attribute, step } => {
                let count = self.attribute(*attribute).number().unwrap_or(0.0);
                self.set_attribute(*attribute, Value::Number(count + step));
            }
            Action::CallSubmodule(called) => return self.call(*called, history, top, time_ms),
            Action::Encounter(encounter) => {
                if !self.attend(encounter, id, history, top, time_ms) {
                    return Ok(Outcome::Wait);
                }
            }
            Action::EncounterEnd { discharge } => {
                if !self.end_encounter(top, *discharge, time_ms) {
                    return Ok(Outcome::Wait);
                }
            }
            Action::Symptom(symptom) => self.feel(symptom, top),
            Action::VitalSign { vital_sign, distribution } => {
                self.vitals.set(*vital_sign, *distribution, self.week);
            }
            Action::Death(death) => self.die(death, history, top, time_ms),
            other => self.record_deed(other, id, history, top, time_ms),
        }
        Ok(Outcome::Left(time_ms))
    }

    fn until(&mut self, history: HistoryId, next_ms: i64, time_ms: i64) -> i64 {
        let next_ms = next_ms.max(time_ms);
        self.histories[history.index()].next_ms = Some(next_ms);
        next_ms
    }

    fn when(&self, next_ms: i64, time_ms: i64) -> Outcome {
        if time_ms >= next_ms && self.is_alive(next_ms) { Outcome::Left(next_ms) } else { Outcome::Wait }
    }

    fn assign(&mut self, attribute: AttributeId, source: &Source, top: usize) {
        let value = match source {
            Source::Constant(value) => *value,
            Source::Range { low, high, decimals } => {
                Value::Number(rounded(self.streams[top].between(*low, *high), *decimals))
            }
            Source::Distribution(distribution) => Value::Number(distribution.draw(&mut self.streams[top])),
            Source::Attribute(from) => self.attribute(*from),
        };
        self.set_attribute(attribute, value);
    }

    fn feel(&mut self, symptom: &Symptom, top: usize) {
        if self.streams[top].uniform() <= symptom.probability {
            let value = symptom.value.draw(&mut self.streams[top]) as i32;
            self.symptoms.set(symptom.of, top as u32, value);
            self.stir(SYMPTOM);
        }
    }

    fn die(&mut self, death: &Death, history: HistoryId, top: usize, time_ms: i64) {
        let by_attribute = death.attribute.and_then(|attribute| self.entry_of(self.attribute(attribute)));
        let by_attribute = by_attribute.map(|entry| entry.coding);
        let by_onset = death.onset.as_ref().and_then(|reason| self.reason_code(reason, history, false));
        let cause = death.coding.or(by_onset).or(by_attribute);
        let delay_ms = death.delay.map_or(0, |delay| delay.draw_ms(&mut self.streams[top]));
        self.record_death(time_ms.saturating_add(delay_ms), cause);
    }

    /// Someone will die at a time, unless they die before.
    pub(crate) fn record_death(&mut self, death_ms: i64, cause: Option<crate::names::CodingId>) {
        if self.is_alive(death_ms) {
            self.death_ms = Some(death_ms);
            self.death_week = self.week;
            self.cause = cause;
            self.stir(DEATH);
        }
    }

    /// Attends an encounter; `false` means the module waits for one.
    fn attend(
        &mut self,
        encounter: &Encounter,
        id: StateId,
        history: HistoryId,
        top: usize,
        time_ms: i64,
    ) -> bool {
        let name = self.library.state(id).name;
        if encounter.is_wellness {
            if self.owner != Some(Owner::Schedule) || self.visited[top] != Some(false) {
                return false;
            }
            self.visited[top] = Some(true);
            self.diagnose_pending(name, history, time_ms);
            self.renew_medicines(time_ms);
            return true;
        }
        match self.owner {
            Some(owner) if owner == Owner::Module(top as u32) => self.close_encounter(time_ms),
            Some(_) => return false,
            None => {}
        }
        let class = match encounter.telemedicine {
            Telemedicine::Always => Class::Virtual,
            Telemedicine::Possible if self.is_virtual(top, time_ms) => Class::Virtual,
            _ => encounter.class,
        };
        let mut attended = Record::encounter(class, time_ms, name);
        attended.state = Some(id);
        attended.coding = encounter.codings.first().copied();
        attended.reason =
            encounter.reason.as_ref().and_then(|reason| self.reason_code(reason, history, true));
        self.owner = Some(Owner::Module(top as u32));
        self.record.start_encounter(attended);
        self.diagnose_pending(name, history, time_ms);
        true
    }

    /// Share of encounters by telephone or video: none before 2016, few before April 2020.
    fn is_virtual(&mut self, top: usize, time_ms: i64) -> bool {
        let noon_ms = 12 * crate::calendar::HOUR_MS;
        let from = Date { year: 2016, month: 1, day: 1 }.midnight_ms() + noon_ms;
        let pandemic = Date { year: 2020, month: 4, day: 1 }.midnight_ms() + noon_ms;
        if time_ms < from {
            return false;
        }
        let chance = if time_ms < pandemic { 0.004 } else { 0.15 };
        self.streams[top].uniform() <= chance
    }

    /// Ends the current encounter and lets others have one.
    pub(crate) fn close_encounter(&mut self, time_ms: i64) {
        if let Some(place) = self.record.current_encounter(time_ms) {
            let class = self.record.encounters[place].class;
            self.record.end_encounter(class, time_ms);
        }
        self.release();
    }

    /// Nobody holds an encounter any more.
    pub(crate) fn release(&mut self) {
        self.owner = None;
        self.stir(RELEASE);
        self.schedule_due = self.schedule_due.min(self.week + 1);
    }

    fn end_encounter(&mut self, top: usize, discharge: Option<crate::names::CodingId>, time_ms: i64) -> bool {
        match self.owner {
            Some(owner) if owner == Owner::Module(top as u32) => {
                let place = self.record.current_encounter(time_ms);
                self.close_encounter(time_ms);
                if let Some(place) = place {
                    self.record.encounters[place].discharge = discharge;
                }
                true
            }
            Some(Owner::Schedule) => {
                self.visited[top] = None;
                true
            }
            _ if self.visited[top].take().is_some() => true,
            Some(_) => false,
            None => true,
        }
    }

    /// Chronic medicines are prescribed anew once in a wellness visit.
    fn renew_medicines(&mut self, time_ms: i64) {
        let Some(place) = self.record.current_encounter(time_ms) else { return };
        if self.record.encounters[place].has_renewed || self.record.chronic.is_empty() {
            return;
        }
        for key in std::mem::take(&mut self.record.chronic) {
            if let Some(old) = self.record.end(key, time_ms) {
                let mut renewed = self.record.entries[old];
                renewed.start_ms = time_ms;
                renewed.stop_ms = crate::life::NEVER;
                renewed.encounter = place as u32;
                self.record.add_present(renewed);
                self.record.chronic.push(key);
            }
        }
        self.record.encounters[place].has_renewed = true;
        self.stir(CHRONIC);
    }

    pub(crate) fn name_of(&self, id: StateId) -> TextId {
        self.library.state(id).name
    }
}

/// A number rounded half up to decimals, if any are asked for.
pub(crate) fn rounded(value: f64, decimals: Option<i32>) -> f64 {
    let Some(decimals) = decimals.filter(|decimals| (0..=12).contains(decimals)) else { return value };
    let scale = 10_f64.powi(decimals);
    (value * scale + 0.5).floor() / scale
}
