//! One life under the weekly clock.

mod conduct;
mod decide;
mod deed;
mod history;
mod host;
mod process;
mod record;
mod schedule;
mod symptoms;
mod waiting;
mod weeks;

use std::cell::Cell;

use crate::calendar::{DAY_MS, Date, WEEK_MS};
use crate::draw::{Draws, LifeKey, process};
use crate::host::{Asked, Body, Person, Vitals, risk_of};
use crate::ir::Sex;
use crate::library::Library;
use crate::names::{AttributeId, CodingId, StateId};
use crate::value::{Computed, Value};
use crate::visits::Visits;

pub(crate) use history::History;
pub(crate) use record::{EncounterRecord, Entry, Kind, NEVER, Record};
pub(crate) use symptoms::Symptoms;
pub(crate) use waiting::Waiting;

/// Dates kept; a power of two.
const DATES: i64 = 256;

/// Who holds the person's current encounter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The schedule of wellness visits and of visits driven by symptoms.
    Schedule,
    /// A module by its place among the top-level ones.
    Module(u32),
}

/// A module that went on for too long within one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Halt {
    pub(crate) state: StateId,
}

/// What a run asks of every life.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) end_ms: i64,
    pub(crate) step_cap: u32,
    pub(crate) natural_death: bool,
    /// Whether observations are kept for events, or only the latest of each code for conditions.
    pub(crate) keeps_observations: bool,
    /// Runs every module every week instead of only those that can move.
    pub(crate) is_naive: bool,
}

/// A person's life so far, and what is needed to go on. Reused from person to person.
pub(crate) struct Life<'l> {
    pub(crate) library: &'l Library,
    pub(crate) terms: Terms,
    pub(crate) person: Person,
    pub(crate) birth_ms: i64,
    birth: Date,
    /// Dates of days by the day modulo [`DATES`]: weeks and rewound moments ask for the same again.
    dates: Box<[Cell<(i64, Date)>]>,
    pub(crate) death_ms: Option<i64>,
    death_week: u32,
    pub(crate) cause: Option<CodingId>,
    /// The current week and its time.
    week: u32,
    now_ms: i64,
    attributes: Vec<Value>,
    histories: Vec<History>,
    /// By top-level module: whether it has had the current wellness visit; absent between visits.
    visited: Vec<Option<bool>>,
    owner: Option<Owner>,
    last_visit_symptoms: Option<i32>,
    pub(crate) record: Record,
    symptoms: Symptoms,
    body: Body,
    vitals: Vitals,
    streams: Vec<Draws>,
    host_stream: Draws,
    lifecycle: host::Lifecycle,
    waiting: Waiting,
    schedule_due: u32,
    /// Whether schedule or host run, not a module.
    is_outside: bool,
    host_due: u32,
    steps: u32,
    pub(crate) mismatches: u64,
    pub(crate) halts: Vec<Halt>,
    pub(crate) visits: Visits,
}

impl<'l> Life<'l> {
    /// Room for a life.
    pub(crate) fn new(library: &'l Library, terms: Terms) -> Self {
        let tops = library.top_level.len();
        let key = LifeKey::new(0, 0, 0);
        let person = crate::host::person(&mut key.open(0));
        let age = crate::host::Age { sex: person.sex, years: 0, months: 0, time_ms: 0 };
        Self {
            library,
            terms,
            birth_ms: 0,
            birth: Date::at(0),
            dates: (0..DATES).map(|_| Cell::new((0, Date::at(0)))).collect(),
            death_ms: None,
            death_week: u32::MAX,
            cause: None,
            week: 0,
            now_ms: 0,
            attributes: vec![Value::Nil; library.vocabulary.attributes.len()],
            histories: (0..library.history_count).map(|_| History::default()).collect(),
            visited: vec![None; tops],
            owner: None,
            last_visit_symptoms: None,
            record: Record::new(library),
            symptoms: Symptoms::new(library.vocabulary.symptoms.len()),
            body: Body::born(&library.host.facts, age, &mut key.open(1)),
            vitals: Vitals::new(key.open(2)),
            streams: vec![Draws::default(); tops],
            host_stream: key.open(3),
            lifecycle: host::Lifecycle::default(),
            waiting: Waiting::new(tops),
            schedule_due: 0,
            is_outside: true,
            host_due: 0,
            steps: 0,
            mismatches: 0,
            halts: Vec::new(),
            visits: Visits::new(library),
            person,
        }
    }

    /// Begins another life.
    pub(crate) fn begin(&mut self, key: LifeKey, person: Person, birth_ms: i64) {
        let library = self.library;
        self.birth_ms = birth_ms;
        self.birth = Date::at(birth_ms);
        self.death_ms = None;
        self.death_week = u32::MAX;
        self.cause = None;
        self.week = 0;
        self.now_ms = birth_ms;
        self.attributes.fill(Value::Nil);
        self.histories.iter_mut().for_each(History::clear);
        self.visited.fill(None);
        self.owner = None;
        self.last_visit_symptoms = None;
        self.record.clear();
        self.symptoms.clear();
        self.waiting.clear(self.week_at(self.terms.end_ms).saturating_add(1));
        for (place, module) in library.top_level.iter().enumerate() {
            // Named, not numbered, so that another module in the folder shifts nobody's draws.
            self.streams[place] = key.open(process(&library.module(*module).path));
        }
        self.host_stream = key.open(process("host"));
        self.vitals = Vitals::new(key.open(process("vital signs")));
        person.describe(&library.host, &mut self.attributes, &mut key.open(process("person")));
        self.person = person;
        for (attribute, computed) in computed(library) {
            self.attributes[attribute.index()] = Value::Computed(computed);
        }
        self.schedule_due = 0;
        self.halts.clear();
        self.visits.begin_person();
        self.be_born();
    }

    pub(crate) fn is_alive(&self, time_ms: i64) -> bool {
        self.death_ms.is_none_or(|death_ms| death_ms > time_ms)
    }

    /// The time of a week.
    pub(crate) fn week_ms(&self, week: u32) -> i64 {
        self.birth_ms + i64::from(week) * WEEK_MS
    }

    /// The first week at or after a time; `u32::MAX` when it is too far off.
    fn week_at(&self, time_ms: i64) -> u32 {
        let weeks = time_ms.saturating_sub(self.birth_ms).max(0).saturating_add(WEEK_MS - 1) / WEEK_MS;
        u32::try_from(weeks).unwrap_or(u32::MAX)
    }

    /// The date of a time; conditions ask for the same one again and again.
    fn date(&self, time_ms: i64) -> Date {
        let day = time_ms.div_euclid(DAY_MS);
        let slot = &self.dates[day.rem_euclid(DATES) as usize];
        let (known, date) = slot.get();
        if known == day {
            return date;
        }
        let date = Date::at(time_ms);
        slot.set((day, date));
        date
    }

    fn months(&self, time_ms: i64) -> i32 {
        self.birth.months_until(self.date(time_ms))
    }

    fn years(&self, time_ms: i64) -> i32 {
        self.months(time_ms) / 12
    }

    fn age(&self, time_ms: i64) -> crate::host::Age {
        let months = self.months(time_ms);
        crate::host::Age { sex: self.person.sex, years: months / 12, months, time_ms }
    }

    pub(crate) fn sex(&self) -> Sex {
        self.person.sex
    }

    fn asked(&self, time_ms: i64) -> Asked<'_> {
        Asked {
            host: &self.library.host,
            attributes: &self.attributes,
            record: &self.record,
            body: &self.body,
            vitals: &self.vitals,
            age: self.age(time_ms),
            is_black: self.person.race == 1,
            week: self.week,
        }
    }

    /// An attribute's value now; computed ones are computed for the week, not for a rewound moment.
    fn attribute(&self, attribute: AttributeId) -> Value {
        match self.attributes[attribute.index()] {
            Value::Computed(Computed::DaysUntilDeath) => match self.death_ms {
                // The engine writes it once a week, after most modules have run.
                Some(death_ms) if self.death_week < self.week => {
                    Value::Integer((death_ms - self.now_ms) / DAY_MS)
                }
                _ => Value::Nil,
            },
            Value::Computed(Computed::InsuranceStatus) => {
                Value::Text(self.library.host.words.insured[self.insurance(self.now_ms)])
            }
            Value::Computed(computed) => risk_of(computed, &self.asked(self.now_ms)),
            value => value,
        }
    }

    fn set_attribute(&mut self, attribute: AttributeId, value: Value) {
        let slot = &mut self.attributes[attribute.index()];
        if *slot != value {
            *slot = value;
            let known = &self.library.host.known;
            if [known.smoker, known.alcoholic, known.trigger_weight_loss].contains(&attribute) {
                self.host_due = self.host_due.min(self.week + 1);
            }
            self.stir(waiting::attribute_channel(attribute));
        }
    }
}

/// Attributes that are computed when read.
fn computed(library: &Library) -> [(AttributeId, Computed); 8] {
    let known = &library.host.known;
    [
        (known.ischaemic_heart_disease_risk, Computed::IschaemicHeartDiseaseRisk),
        (known.infarction_risk, Computed::InfarctionRisk),
        (known.cardiovascular_risk, Computed::CardiovascularRisk),
        (known.fibrillation_risk, Computed::FibrillationRisk),
        (known.stroke_risk, Computed::StrokeRisk),
        (known.days_until_death, Computed::DaysUntilDeath),
        (known.fall_risk, Computed::FallRisk),
        (known.insurance_status, Computed::InsuranceStatus),
    ]
}
