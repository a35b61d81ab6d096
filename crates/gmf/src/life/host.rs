//! What happens to people without any module: growing, smoking, drinking, marrying, losing work.
//!
//! # Source
//! Synthea's `LifecycleModule`, `WeightLossModule`, `Employment` and `C19ImmunizationModule`, with
//! weekly draws of one probability replaced by one draw of the number of weeks.
//!
//! # Limits
//! First vaccinations against COVID-19 are spread evenly over nine months from January 2021 with the
//! coverage by age that Synthea uses; the second follows four weeks later.

use crate::calendar::{DAY_MS, Date};
use crate::host::{Body, Host};
use crate::life::{Entry, Kind, Life, NEVER};
use crate::names::TextId;
use crate::value::Value;

const QUITS_SMOKING: f64 = 0.01;
const QUITS_DRINKING: f64 = 0.001;
const ALCOHOLIC: f64 = 0.025;
const UNEMPLOYMENT: f64 = 0.075;
const HALF_YEAR_MS: i64 = 6 * 30 * DAY_MS;
/// Yearly risk of death from anything, by the first age in years it counts from (2014, United
/// States; `LifecycleModule`), used only when natural death is switched on.
const MORTALITY: [(i32, f64); 12] = [
    (0, 508.1e-5),
    (1, 15.6e-5),
    (5, 10.6e-5),
    (15, 56.4e-5),
    (25, 74.7e-5),
    (35, 145.7e-5),
    (45, 326.5e-5),
    (55, 737.8e-5),
    (65, 1817.0e-5),
    (75, 4877.3e-5),
    (85, 13_499.4e-5),
    (95, 50_000.0e-5),
];

/// When something is next to happen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lifecycle {
    grows_ms: i64,
    looks_at_weight_ms: i64,
    turns_ms: i64,
    quits_smoking: Option<u32>,
    quits_drinking: Option<u32>,
    checks_work_ms: i64,
    vaccinated_ms: i64,
    dies_ms: i64,
    /// By the model of work, which starts everyone employed whatever they were said to be at birth.
    is_unemployed: bool,
}

impl Life<'_> {
    pub(crate) fn be_born(&mut self) {
        let age = self.age(self.birth_ms);
        self.body = Body::born(&self.library.host.facts, age, &mut self.host_stream);
        self.lifecycle = Lifecycle {
            grows_ms: self.birth.turns_months_ms(1),
            looks_at_weight_ms: self.birth.turns_months_ms(60),
            turns_ms: self.birth.turns_months_ms(16 * 12),
            checks_work_ms: self.birth.turns_months_ms(18 * 12),
            vaccinated_ms: self.vaccination_ms(),
            dies_ms: i64::MAX,
            quits_smoking: None,
            quits_drinking: None,
            is_unemployed: false,
        };
        self.describe_body();
        if self.terms.natural_death {
            self.lifecycle.dies_ms = self.natural_death_ms();
        }
        self.plan_host();
    }

    /// A week's turn of the host.
    pub(crate) fn live_on(&mut self) {
        let now_ms = self.now_ms;
        if now_ms >= self.lifecycle.grows_ms {
            self.grow();
        }
        while now_ms >= self.lifecycle.turns_ms {
            self.turn();
        }
        self.quit();
        if now_ms >= self.lifecycle.checks_work_ms {
            self.check_work();
        }
        if now_ms >= self.lifecycle.vaccinated_ms {
            self.be_vaccinated();
        }
        if now_ms >= self.lifecycle.looks_at_weight_ms {
            self.look_at_weight();
        }
        if now_ms >= self.lifecycle.dies_ms {
            let cause = self.library.host.words.natural_death;
            self.record_death(now_ms, cause);
            self.lifecycle.dies_ms = i64::MAX;
        }
        self.plan_host();
    }

    /// The host is woken when a module changes what it acts on.
    pub(crate) fn plan_host(&mut self) {
        let lifecycle = &self.lifecycle;
        let next_ms = lifecycle
            .grows_ms
            .min(lifecycle.looks_at_weight_ms)
            .min(lifecycle.turns_ms)
            .min(lifecycle.checks_work_ms)
            .min(lifecycle.vaccinated_ms)
            .min(lifecycle.dies_ms);
        let quits =
            lifecycle.quits_smoking.unwrap_or(u32::MAX).min(lifecycle.quits_drinking.unwrap_or(u32::MAX));
        self.host_due = self.week_at(next_ms).max(self.week + 1).min(quits.max(self.week + 1));
    }

    fn grow(&mut self) {
        let age = self.age(self.now_ms);
        self.body.grow(&self.library.host.facts, age, &mut self.host_stream);
        self.lifecycle.grows_ms = if age.years < 20 {
            self.birth.turns_months_ms(age.months + 1)
        } else {
            self.birth.turns_months_ms((age.years + 1) * 12)
        };
        self.describe_body();
        // Weight has changed: whether to manage it is asked again this very week.
        if self.body.management.is_none() {
            self.lifecycle.looks_at_weight_ms = self.lifecycle.looks_at_weight_ms.min(self.now_ms);
        }
    }

    fn describe_body(&mut self) {
        let (age, known) = (self.age(self.now_ms), self.library.host.known);
        let growth = &self.library.host.facts.growth;
        if (2..20).contains(&age.years)
            && let Some(percentile) = self.body.index_percentile(growth, age)
        {
            self.set_attribute(known.bmi_percentile, Value::Number(percentile));
        }
        if age.months <= 36
            && let Some(percentile) = self.body.weight_percentile_now(growth, age)
        {
            self.set_attribute(known.weight_length_percentile, Value::Number(percentile));
        }
    }

    fn look_at_weight(&mut self) {
        let (age, known) = (self.age(self.now_ms), self.library.host.known);
        let host: &Host = &self.library.host;
        let triggered = match self.attributes[known.trigger_weight_loss.index()] {
            Value::Boolean(flag) => Some(flag),
            _ => None,
        };
        let gains = self.attributes[known.kilograms_to_gain.index()].number().is_some_and(|kg| kg > 0.0);
        if !gains && age.years >= 5 && self.body.manage(&host.facts, age, triggered, &mut self.host_stream) {
            let managed = self.body.management;
            self.set_attribute(known.active_weight_management, Value::Boolean(managed.is_some()));
            let flag = |flag: Option<bool>| flag.map_or(Value::Nil, Value::Boolean);
            self.set_attribute(known.weight_loss_adherence, flag(managed.map(|managed| managed.follows)));
            self.set_attribute(known.long_term_weight_loss, flag(managed.map(|managed| managed.keeps)));
            let spent =
                if managed.is_some() && triggered == Some(true) { Value::Boolean(false) } else { Value::Nil };
            if triggered.is_some() {
                self.set_attribute(known.trigger_weight_loss, spent);
            }
        }
        self.lifecycle.looks_at_weight_ms = self.body.next_look_ms(&host.facts, age).unwrap_or(i64::MAX);
    }

    /// Birthdays on which something may begin.
    fn turn(&mut self) {
        let years = self.years(self.lifecycle.turns_ms);
        let (known, words) = (self.library.host.known, self.library.host.words);
        let next = match years {
            16 => {
                let year = f64::from(Date::at(self.now_ms).year);
                let smokes = if year < 1965.0 { 0.424 } else { (996.41 - 0.4865 * year) / 100.0 };
                let is_smoker = self.host_stream.uniform() < smokes;
                if self.attributes[known.smoker.index()] == Value::Nil {
                    self.set_attribute(known.smoker, Value::Boolean(is_smoker));
                }
                25
            }
            25 => {
                let is_alcoholic = self.host_stream.uniform() < ALCOHOLIC;
                if self.attributes[known.alcoholic.index()] == Value::Nil {
                    self.set_attribute(known.alcoholic, Value::Boolean(is_alcoholic));
                }
                28
            }
            28 => {
                let status = if self.host_stream.uniform() < 0.8 { words.married } else { words.single };
                self.set_attribute(known.marital_status, Value::Text(status));
                35
            }
            35 => self.part(0.02, 0.20, 45),
            45 => self.part(0.03, 0.05, 55),
            55 => self.part(0.06, 0.11, 0),
            _ => 0,
        };
        self.lifecycle.turns_ms = if next > 0 { self.birth.turns_months_ms(next * 12) } else { i64::MAX };
    }

    fn part(&mut self, widowed: f64, parted: f64, next: i32) -> i32 {
        let (known, words) = (self.library.host.known, self.library.host.words);
        let draw = self.host_stream.uniform();
        if self.attributes[known.marital_status.index()] == Value::Text(words.married) && draw < parted {
            let status: TextId = if draw < widowed { words.widowed } else { words.divorced };
            self.set_attribute(known.marital_status, Value::Text(status));
        }
        next
    }

    /// Smokers and drinkers stop in some week; each week is as good as another.
    fn quit(&mut self) {
        let known = self.library.host.known;
        for (habit, age_at, each) in [
            (known.smoker, known.quit_smoking_age, QUITS_SMOKING),
            (known.alcoholic, known.quit_alcoholism_age, QUITS_DRINKING),
        ] {
            let is_smoking = habit == known.smoker;
            let planned =
                if is_smoking { self.lifecycle.quits_smoking } else { self.lifecycle.quits_drinking };
            let has_habit = self.attributes[habit.index()].is_true();
            let next = match planned {
                _ if !has_habit => None,
                None => Some(self.week.saturating_add(self.host_stream.tries(each) - 1)),
                planned => planned,
            };
            let quits = next.is_some_and(|week| week <= self.week);
            if quits {
                let years = self.years(self.now_ms);
                self.set_attribute(habit, Value::Boolean(false));
                self.set_attribute(age_at, Value::Integer(years.into()));
            }
            let next = if quits { None } else { next };
            if is_smoking {
                self.lifecycle.quits_smoking = next;
            } else {
                self.lifecycle.quits_drinking = next;
            }
        }
    }

    fn check_work(&mut self) {
        let known = self.library.host.known;
        let loses = self.host_stream.uniform() < UNEMPLOYMENT;
        let was_unemployed = self.lifecycle.is_unemployed;
        if was_unemployed || loses {
            self.lifecycle.is_unemployed = !was_unemployed;
            self.set_attribute(known.unemployed, Value::Boolean(!was_unemployed));
        }
        self.lifecycle.checks_work_ms = self.now_ms + HALF_YEAR_MS;
    }

    fn vaccination_ms(&mut self) -> i64 {
        let start_ms = Date { year: 2021, month: 1, day: 1 }.midnight_ms();
        let coverage = match self.years(start_ms) {
            ..12 => 0.0,
            12..16 => 0.521,
            16..18 => 0.601,
            18..30 => 0.606,
            30..40 => 0.681,
            40..50 => 0.739,
            50..65 => 0.817,
            65..75 => 0.952,
            _ => 0.899,
        };
        let (is_covered, delay) = (self.host_stream.uniform() < coverage, self.host_stream.uniform());
        let first_ms = start_ms + (delay * 270.0) as i64 * DAY_MS;
        if is_covered && first_ms > self.birth_ms { first_ms + 28 * DAY_MS } else { i64::MAX }
    }

    fn be_vaccinated(&mut self) {
        self.lifecycle.vaccinated_ms = i64::MAX;
        let (known, words) = (self.library.host.known, self.library.host.words);
        self.set_attribute(known.vaccinated_against_covid, Value::Boolean(true));
        if let Some(coding) = words.covid_vaccine {
            self.record.add(Entry {
                kind: Kind::Immunisation,
                coding,
                key: self.library.key(coding),
                state: None,
                part: 0,
                name: TextId(u32::MAX),
                start_ms: self.now_ms,
                stop_ms: NEVER,
                encounter: u32::MAX,
                value: Value::Integer(2),
                reason: None,
            });
        }
    }

    fn natural_death_ms(&mut self) -> i64 {
        for (place, (from, yearly)) in MORTALITY.iter().enumerate() {
            let weekly = 1.0 - (1.0 - yearly).powf(7.0 / 365.0);
            let weeks = self.host_stream.tries(weekly);
            let start = self.week_at(self.birth.turns_months_ms(from * 12));
            let end = MORTALITY
                .get(place + 1)
                .map_or(u32::MAX, |(until, _)| self.week_at(self.birth.turns_months_ms(until * 12)));
            let week = start.saturating_add(weeks - 1);
            if week < end {
                return self.week_ms(week.min(20_000));
            }
        }
        i64::MAX
    }
}
