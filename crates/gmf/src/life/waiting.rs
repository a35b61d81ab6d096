//! Which modules can move, and when: weeks without work cost nothing.
//!
//! A waiting module keeps the first week in which it can move by itself (a delay that ends, an age or
//! a date that is reached) and the channels on which something may set it free before (an attribute, a
//! code in the record, the end of an encounter). Channels are sixty-four bits; several names may share
//! one, which only makes a module look up in vain.

use crate::calendar::Date;
use crate::ir::{Action, AgeUnit, Condition, DateTest, Referred};
use crate::life::{Life, process};
use crate::names::{AttributeId, KeyId};
use crate::value::{Computed, Operator, Value};

/// The schedule has begun an encounter.
pub(crate) const STARTED: u64 = 1;
/// An encounter has ended.
pub(crate) const RELEASE: u64 = 1 << 1;
pub(crate) const SYMPTOM: u64 = 1 << 2;
pub(crate) const OBSERVATION: u64 = 1 << 3;
pub(crate) const DEATH: u64 = 1 << 4;
/// Chronic medicines were begun or renewed: of interest to the schedule alone.
pub(crate) const CHRONIC: u64 = 1 << 5;
/// Modules in one word of the calendar.
const WORD: usize = u64::BITS as usize;
const FIRST_CODE: u32 = 6;
const CODES: u32 = 18;
const FIRST_ATTRIBUTE: u32 = 24;
const ATTRIBUTES: u32 = 40;

pub(crate) fn attribute_channel(attribute: AttributeId) -> u64 {
    1 << (FIRST_ATTRIBUTE + attribute.0 % ATTRIBUTES)
}

pub(crate) fn present_channel(key: KeyId) -> u64 {
    1 << (FIRST_CODE + key.0 % CODES)
}

/// Who waits for what.
///
/// Beside each module's week stands a calendar: for each week a bit for each module that was once due in
/// it. A bit whose module has got another week meanwhile means nothing, and is dropped when it is met.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// By top-level module: the week to run it in; `u32::MAX` for never.
    due: Vec<u32>,
    channels: Vec<u64>,
    is_over: Vec<bool>,
    /// The module that runs now, or how many there are.
    running: usize,
    any: u64,
    calendar: Vec<u64>,
    /// Words of the calendar a week.
    words: usize,
}

impl Waiting {
    pub(crate) fn new(modules: usize) -> Self {
        Self {
            due: vec![0; modules],
            channels: vec![0; modules],
            is_over: vec![false; modules],
            running: 0,
            any: 0,
            calendar: Vec::new(),
            words: modules.div_ceil(WORD).max(1),
        }
    }

    /// Makes everyone due in the first of `weeks`.
    pub(crate) fn clear(&mut self, weeks: u32) {
        self.due.fill(0);
        self.channels.fill(0);
        self.is_over.fill(false);
        self.running = 0;
        self.any = 0;
        self.calendar.clear();
        self.calendar.resize(weeks as usize * self.words, 0);
        for module in 0..self.due.len() {
            self.note(module, 0);
        }
    }

    /// Writes a week into the calendar; one after the last week never comes.
    fn note(&mut self, module: usize, week: u32) {
        if let Some(word) = self.calendar.get_mut(week as usize * self.words + module / WORD) {
            *word |= 1 << (module % WORD);
        }
    }

    fn set_due(&mut self, module: usize, due: u32) {
        if due < self.due[module] {
            self.due[module] = due;
            self.note(module, due);
        }
    }

    /// The earliest week from `from` on in which any module can move.
    pub(crate) fn next(&mut self, from: u32) -> u32 {
        let Some(rest) = self.calendar.get_mut(from as usize * self.words..) else { return u32::MAX };
        for (week, words) in (from..).zip(rest.chunks_mut(self.words)) {
            for (place, word) in words.iter_mut().enumerate() {
                while *word != 0 {
                    let bit = word.trailing_zeros() as usize;
                    if self.due[place * WORD + bit] <= week {
                        return week;
                    }
                    *word &= *word - 1;
                }
            }
        }
        u32::MAX
    }

    /// The first module of a range that runs this week.
    pub(crate) fn next_due(&self, from: usize, to: usize, week: u32, is_naive: bool) -> Option<usize> {
        if is_naive {
            return (from..to).find(|module| !self.is_over[*module]);
        }
        let first = week as usize * self.words;
        let words = self.calendar.get(first..first + self.words)?;
        for (place, word) in words.iter().enumerate().take(to.div_ceil(WORD)).skip(from / WORD) {
            let start = place * WORD;
            let mut word = *word;
            if from > start {
                word &= u64::MAX << (from - start);
            }
            while word != 0 {
                let module = start + word.trailing_zeros() as usize;
                if module >= to {
                    return None;
                }
                if self.due[module] <= week {
                    return Some(module);
                }
                word &= word - 1;
            }
        }
        None
    }

    pub(crate) fn is_over(&self, module: usize) -> bool {
        self.is_over[module]
    }

    pub(crate) fn run(&mut self, module: usize) {
        self.running = module;
        self.channels[module] = 0;
        self.due[module] = u32::MAX;
    }

    /// What runs before all modules of a week, or after them.
    pub(crate) fn run_outside(&mut self, is_before: bool) {
        self.running = if is_before { 0 } else { self.due.len() };
    }

    /// The host's turn, before a module.
    pub(crate) fn run_before(&mut self, module: usize) {
        self.running = module;
    }

    pub(crate) fn end(&mut self, module: usize) {
        self.is_over[module] = true;
        self.due[module] = u32::MAX;
        self.channels[module] = 0;
    }

    fn wait(&mut self, module: usize, due: u32, channels: u64) {
        self.set_due(module, due);
        self.channels[module] = channels;
        self.any |= channels;
    }

    fn wake(&mut self, module: usize, week: u32, is_outside: bool) {
        // One that comes later in the week runs this week, the others the next.
        let is_later = if is_outside { module >= self.running } else { module > self.running };
        self.set_due(module, if is_later { week } else { week + 1 });
    }

    fn stir(&mut self, channels: u64, week: u32, is_outside: bool) {
        if self.any & channels == 0 {
            return;
        }
        for module in 0..self.due.len() {
            if self.channels[module] & channels != 0 && !self.is_over[module] {
                self.wake(module, week, is_outside);
            }
        }
    }
}

/// What may make a condition change.
#[derive(Clone, Copy, Debug)]
struct Stirred {
    channels: u64,
    due: u32,
}

impl Life<'_> {
    /// Something changed: modules that wait for it look up.
    pub(crate) fn stir(&mut self, channels: u64) {
        if channels & (SYMPTOM | CHRONIC) != 0 {
            self.schedule_due = self.schedule_due.min(self.week + 1);
        }
        self.waiting.stir(channels, self.week, self.is_outside);
    }

    pub(crate) fn wake_users(&mut self, users: u128) {
        for module in 0..self.library.top_level.len() {
            if users & process::user(module) != 0 && !self.waiting.is_over(module) {
                self.waiting.wake(module, self.week, false);
            }
        }
    }

    /// After a module has run: when it runs next.
    pub(crate) fn rest(&mut self, module: usize) {
        let (state, history) = self.innermost(module);
        let soon = self.week.saturating_add(1);
        let (due, channels) = match &self.library.state(state).action {
            Action::Delay(_) | Action::Procedure(_) => {
                let next_ms = self.histories[history.index()].next_ms;
                (next_ms.map_or(soon, |next_ms| self.week_at(next_ms).max(soon)), 0)
            }
            Action::Guard(condition) => {
                let stirred = self.stirred(condition, soon);
                (stirred.due, stirred.channels)
            }
            Action::Encounter(encounter) if encounter.is_wellness => (u32::MAX, STARTED),
            Action::Encounter(_) => (u32::MAX, RELEASE),
            _ => (soon, 0),
        };
        self.waiting.wait(module, due, channels);
    }

    fn stirred(&self, condition: &Condition, soon: u32) -> Stirred {
        let mut stirred = Stirred { channels: 0, due: u32::MAX };
        condition.for_each(&mut |each| {
            let one = self.stirred_alone(each, soon);
            stirred.channels |= one.channels;
            stirred.due = stirred.due.min(one.due);
        });
        stirred
    }

    fn stirred_alone(&self, condition: &Condition, soon: u32) -> Stirred {
        let on = |channels| Stirred { channels, due: u32::MAX };
        let at = |due| Stirred { channels: 0, due };
        match condition {
            Condition::Symptom { .. } => on(SYMPTOM),
            Condition::Observation { of: Referred::Codes(_), .. } => on(OBSERVATION),
            Condition::Observation { of: Referred::Attribute(attribute), .. } => {
                on(attribute_channel(*attribute))
            }
            Condition::Attribute { attribute, .. } => match self.attributes[attribute.index()] {
                Value::Computed(Computed::DaysUntilDeath) if self.death_ms.is_none() => on(DEATH),
                Value::Computed(_) => at(soon),
                _ => on(attribute_channel(*attribute)),
            },
            Condition::Active { of: Referred::Codes(keys), .. } => {
                on(keys.iter().fold(0, |channels, key| channels | present_channel(*key)))
            }
            // Asked every week: readings scatter, entries may change kind, time passes.
            Condition::VitalSign { .. }
            | Condition::Active { of: Referred::Attribute(_), .. }
            | Condition::PriorState { within_ms: Some(_), .. } => at(soon),
            Condition::Age { unit, operator, quantity } => {
                at(self.age_changes(*unit, *operator, *quantity, soon))
            }
            Condition::Date { test, .. } => at(self.date_changes(*test, soon)),
            // These do not change, or only by what is inside them.
            _ => on(0),
        }
    }

    /// The first week in which a comparison with the age can come out otherwise.
    fn age_changes(&self, unit: AgeUnit, operator: Operator, quantity: f64, soon: u32) -> u32 {
        let factor = if unit == AgeUnit::Years { 12 } else { 1 };
        let age = f64::from(self.months(self.now_ms) / factor);
        let reached = quantity.ceil();
        let passed = quantity.floor() + 1.0;
        let candidates = match operator {
            Operator::Less | Operator::GreaterOrEqual => [reached, reached],
            Operator::LessOrEqual | Operator::Greater => [passed, passed],
            _ => [reached, passed],
        };
        let next = candidates.into_iter().filter(|turn| *turn > age && *turn < 1e4).fold(f64::NAN, f64::min);
        if next.is_nan() {
            return u32::MAX;
        }
        self.week_at(self.birth.turns_months_ms(next as i32 * factor)).max(soon)
    }

    /// The first week in which a comparison with the date can come out otherwise.
    fn date_changes(&self, test: DateTest, soon: u32) -> u32 {
        let today = Date::at(self.now_ms);
        let turn_ms = match test {
            DateTest::Year(_) => Date { year: today.year + 1, month: 1, day: 1 }.midnight_ms(),
            DateTest::Month(_) => Date { day: 1, ..today }.turns_months_ms(1),
            DateTest::Instant(instant_ms) if instant_ms < self.now_ms => return u32::MAX,
            // At the instant itself and after it the comparison may differ.
            DateTest::Instant(instant_ms) if self.week_at(instant_ms) <= self.week => return soon,
            DateTest::Instant(instant_ms) => instant_ms,
        };
        self.week_at(turn_ms).max(soon)
    }
}
