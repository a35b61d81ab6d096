//! Conditions and transitions at a moment of a life.

use crate::ir::{
    ActiveKind, AgeUnit, Branch, Condition, DateTest, Probability, Referred, Share, TableColumn, Transition,
};
use crate::life::Life;
use crate::names::{HistoryId, StateId, TableId, TextId};
use crate::value::{Operator, Value};

/// Attributes a lookup table may be read by.
const KEYS: usize = 8;

impl Life<'_> {
    /// Whether a condition holds. Values that can't be compared count as no, and are counted.
    pub(crate) fn holds(&mut self, condition: &Condition, history: HistoryId, time_ms: i64) -> bool {
        match condition {
            Condition::True => true,
            Condition::False => false,
            Condition::Gender(sex) => *sex == Some(self.sex()),
            Condition::Race(race) => {
                self.attributes[self.library.host.known.race.index()] == Value::Text(*race)
            }
            Condition::SocioeconomicStatus(category) => {
                let known = &self.library.host.known;
                self.attributes[known.socioeconomic_category.index()] == Value::Text(*category)
            }
            Condition::Age { unit, operator, quantity } => {
                let months = self.months(time_ms);
                let age = if *unit == AgeUnit::Years { months / 12 } else { months };
                operator.numbers(f64::from(age), *quantity)
            }
            Condition::Date { test, operator } => match test {
                DateTest::Year(year) => {
                    operator.numbers(f64::from(self.date(time_ms).year), f64::from(*year))
                }
                DateTest::Month(month) => {
                    operator.numbers(f64::from(self.date(time_ms).month), f64::from(*month))
                }
                DateTest::Instant(instant_ms) => operator.numbers(time_ms as f64, *instant_ms as f64),
            },
            Condition::Symptom { symptom, operator, value } => {
                operator.numbers(f64::from(self.symptoms.value(*symptom)), *value)
            }
            Condition::Observation { of, operator, value } => {
                let observed = self.observed(of);
                match operator {
                    Operator::IsNil => observed.is_none(),
                    Operator::IsNotNil => observed.is_some(),
                    _ => observed.is_some_and(|observed| self.compare(*operator, observed, *value)),
                }
            }
            Condition::VitalSign { vital_sign, operator, value } => {
                self.asked(time_ms).read(*vital_sign).is_some_and(|reading| operator.numbers(reading, *value))
            }
            Condition::Attribute { attribute, operator, value } => {
                let held = self.attribute(*attribute);
                self.compare(*operator, held, *value)
            }
            Condition::Active { kind, of } => self.is_active(*kind, of),
            Condition::PriorState { name, since, within_ms } => {
                let after_ms = within_ms.map(|within_ms| time_ms.saturating_sub(within_ms));
                self.histories[history.index()].had(*name, *since, after_ms)
            }
            Condition::And(conditions) => conditions.iter().all(|each| self.holds(each, history, time_ms)),
            Condition::Or(conditions) => conditions.iter().any(|each| self.holds(each, history, time_ms)),
            Condition::Not(condition) => !self.holds(condition, history, time_ms),
            Condition::AtLeast { minimum, conditions } => {
                self.count(conditions, history, time_ms) >= *minimum
            }
            Condition::AtMost { maximum, conditions } => self.count(conditions, history, time_ms) <= *maximum,
        }
    }

    fn count(&mut self, conditions: &[Condition], history: HistoryId, time_ms: i64) -> usize {
        conditions.iter().filter(|each| self.holds(each, history, time_ms)).count()
    }

    fn compare(&mut self, operator: Operator, left: Value, right: Value) -> bool {
        operator.values(left, right, &self.library.vocabulary.texts).unwrap_or_else(|| {
            self.mismatches += 1;
            false
        })
    }

    fn observed(&self, of: &Referred) -> Option<Value> {
        match of {
            Referred::Codes(keys) => keys.iter().find_map(|key| self.record.latest(*key)),
            Referred::Attribute(attribute) => match self.attribute(*attribute) {
                Value::Entry(place) => self.record.entries.get(place as usize).map(|entry| entry.value),
                _ => None,
            },
        }
    }

    fn is_active(&self, kind: ActiveKind, of: &Referred) -> bool {
        let is_present = |key| match kind {
            ActiveKind::Condition | ActiveKind::Allergy => self.record.present(key).is_some(),
            ActiveKind::Medication => self.record.is_medication_active(key),
            ActiveKind::CarePlan => self.record.is_care_plan_active(key),
        };
        match of {
            Referred::Codes(keys) => keys.iter().any(|key| is_present(*key)),
            Referred::Attribute(attribute) => match self.attribute(*attribute) {
                Value::Entry(place) => {
                    self.record.entries.get(place as usize).is_some_and(|entry| is_present(entry.key))
                }
                _ => false,
            },
        }
    }

    /// Where a transition leads now; `None` only for the terminal one.
    pub(crate) fn follow(
        &mut self,
        transition: &Transition,
        history: HistoryId,
        top: usize,
        time_ms: i64,
    ) -> Option<StateId> {
        match transition {
            Transition::None => None,
            Transition::Direct(target) => Some(*target),
            Transition::Distributed(shares) => self.pick(shares, top),
            Transition::Conditional(options) => {
                let found = options.iter().find(|(condition, _)| {
                    condition.as_ref().is_none_or(|condition| self.holds(condition, history, time_ms))
                });
                found.or(options.last()).map(|(_, target)| *target)
            }
            Transition::Complex(options) => {
                let found = options.iter().find(|(condition, _)| {
                    condition.as_ref().is_none_or(|condition| self.holds(condition, history, time_ms))
                });
                match found.or(options.last()).map(|(_, branch)| branch)? {
                    Branch::To(target) => Some(*target),
                    Branch::Shares(shares) => self.pick(shares, top),
                }
            }
            Transition::Table { table, default } => self.look_up(*table, default, top, time_ms),
            Transition::TypeOfCare { ambulatory, emergency, telemedicine } => {
                let place = self.type_of_care(top, time_ms);
                Some([*ambulatory, *emergency, *telemedicine][place])
            }
        }
    }

    fn pick(&mut self, shares: &[Share], top: usize) -> Option<StateId> {
        let draw = self.streams[top].uniform();
        let mut below = 0.0;
        for share in shares {
            below += match share.probability {
                Probability::Fixed(probability) => probability,
                Probability::Attribute { attribute, default } => {
                    self.attribute(attribute).number().unwrap_or(default)
                }
            };
            if draw < below {
                return Some(share.target);
            }
        }
        shares.last().map(|share| share.target)
    }

    fn look_up(&mut self, table: TableId, default: &[Share], top: usize, time_ms: i64) -> Option<StateId> {
        let table = &self.library.tables[table.index()];
        if !table.has_time(time_ms) {
            return self.pick(default, top);
        }
        let mut values = [TextId(u32::MAX); KEYS];
        let mut count = 0;
        for column in &table.columns {
            if let TableColumn::Attribute(attribute) = column {
                let value = self.spelt(self.attribute(*attribute));
                if count < KEYS {
                    // An attribute without a value, or one no cell spells, matches no row.
                    values[count] = value.unwrap_or(TextId(u32::MAX));
                    count += 1;
                }
            }
        }
        let years = if table.has_age() { self.years(time_ms) } else { 0 };
        match table.find(&values[..count], years, time_ms) {
            Some(row) => self.pick(&row.shares, top),
            None => self.pick(default, top),
        }
    }

    /// A value as a table's cell spells it.
    fn spelt(&self, value: Value) -> Option<TextId> {
        let texts = &self.library.vocabulary.texts;
        let found = match value {
            Value::Text(text) => return Some(text),
            Value::Boolean(flag) => texts.find(if flag { "true" } else { "false" }),
            Value::Integer(whole) => texts.find(&whole.to_string()),
            Value::Number(number) if number.fract() == 0.0 => texts.find(&format!("{number:.1}")),
            Value::Number(number) => texts.find(&number.to_string()),
            _ => None,
        };
        found.map(TextId)
    }

    fn type_of_care(&mut self, top: usize, time_ms: i64) -> usize {
        let care = &self.library.host.facts.types_of_care;
        let era = usize::from(self.date(time_ms).year >= care.start_year);
        // Medicaid, both public insurances, or none.
        let uses_emergency = matches!(self.insurance(time_ms), 1 | 3);
        self.streams[top].pick(&care.shares[era][usize::from(!uses_emergency)])
    }

    /// Private, Medicaid, Medicare or none, by age, income and work.
    ///
    /// # Limits
    /// The Java engine buys plans for people year by year. Here Medicare covers those of 65 and more and
    /// 8 % of the others (its disabled), Medicaid those below 1.38 of the poverty line, and 40 % of the
    /// rest have nothing: assumptions of this release that give about the answers of the reference run.
    pub(crate) fn insurance(&self, time_ms: i64) -> usize {
        if self.years(time_ms) >= 65 || self.person.occupation_level > 0.92 {
            2
        } else if self.person.poverty_ratio() < 1.38 {
            1
        } else if self.person.occupation_level < 0.37 {
            3
        } else {
            0
        }
    }

    pub(crate) fn entry_of(&self, value: Value) -> Option<&crate::life::Entry> {
        match value {
            Value::Entry(place) => self.record.entries.get(place as usize),
            _ => None,
        }
    }

    /// An attribute that holds a text.
    pub(crate) fn spelt_attribute(&self, attribute: crate::names::AttributeId) -> Option<&str> {
        match self.attributes[attribute.index()] {
            Value::Text(text) => Some(self.library.text(text)),
            _ => None,
        }
    }
}
