//! Reading conditions.

use serde_json::Value as Json;

use crate::calendar::{Date, HOUR_MS, MINUTE_MS, SECOND_MS};
use crate::error::Problem;
use crate::host::VitalSign;
use crate::ir::{ActiveKind, AgeUnit, Condition, DateTest, Referred, Sex};
use crate::read::json::{Reading, path, present};
use crate::value::{Operator, Value};

/// Conditions may stand this deep inside each other.
const DEEPEST: usize = 64;
const OPERATORS: &str = "<, <=, ==, !=, >=, >, is nil or is not nil";

impl Reading<'_> {
    /// A condition that must be there.
    pub(crate) fn condition(&mut self, json: &Json, at: &str, key: &str) -> Option<Condition> {
        let field = path(at, key);
        if let Some(found) = present(json, key) {
            self.logic(found, &field, 0)
        } else {
            self.fault(&field, Problem::Missing { expected: "a condition" });
            None
        }
    }

    fn logic(&mut self, json: &Json, at: &str, depth: usize) -> Option<Condition> {
        if depth > DEEPEST {
            let found = "a deeper one".to_owned();
            self.fault(at, Problem::Unusable { found, expected: "conditions at most 64 deep" });
            return None;
        }
        let kind = self.text(json, at, "condition_type")?.to_owned();
        Some(match kind.to_ascii_lowercase().as_str() {
            "true" => Condition::True,
            "false" => Condition::False,
            "gender" => Condition::Gender(match self.text(json, at, "gender")? {
                "F" => Some(Sex::Female),
                "M" => Some(Sex::Male),
                _ => None,
            }),
            "race" => {
                // Races are compared without regard to case; people's are in lower case.
                let race = self.text(json, at, "race")?.to_lowercase();
                Condition::Race(self.compiled.vocabulary.text(&race))
            }
            "socioeconomic status" => {
                let category = self.text(json, at, "category")?.to_owned();
                Condition::SocioeconomicStatus(self.compiled.vocabulary.text(&category))
            }
            "age" => Condition::Age {
                unit: self.word(
                    json,
                    at,
                    "unit",
                    &[("years", AgeUnit::Years), ("months", AgeUnit::Months)],
                    "years or months",
                )?,
                operator: self.operator(json, at)?,
                quantity: self.number(json, at, "quantity")?,
            },
            "date" => Condition::Date { test: self.date(json, at)?, operator: self.operator(json, at)? },
            "symptom" => {
                let symptom = self.text(json, at, "symptom")?.to_owned();
                Condition::Symptom {
                    symptom: self.compiled.vocabulary.symptom(&symptom),
                    operator: self.operator(json, at)?,
                    value: self.number(json, at, "value")?,
                }
            }
            "observation" => {
                let value = match present(json, "value_code") {
                    Some(code) => self.coding(code, &path(at, "value_code")).map_or(Value::Nil, Value::Code),
                    None => self.value(json.get("value").unwrap_or(&Json::Null), &path(at, "value")),
                };
                Condition::Observation {
                    of: self.referred(json, at)?,
                    operator: self.operator(json, at)?,
                    value,
                }
            }
            "vital sign" => {
                let name = self.text(json, at, "vital_sign")?.to_owned();
                Condition::VitalSign {
                    vital_sign: self.vital_sign(&name, &path(at, "vital_sign"))?,
                    operator: self.operator(json, at)?,
                    value: self.number(json, at, "value")?,
                }
            }
            "attribute" => {
                let attribute = self.text(json, at, "attribute")?.to_owned();
                Condition::Attribute {
                    attribute: self.compiled.vocabulary.attribute(&attribute),
                    operator: self.operator(json, at)?,
                    value: self.value(json.get("value").unwrap_or(&Json::Null), &path(at, "value")),
                }
            }
            "active condition" => self.active(ActiveKind::Condition, json, at)?,
            "active allergy" => self.active(ActiveKind::Allergy, json, at)?,
            "active medication" => self.active(ActiveKind::Medication, json, at)?,
            "active careplan" => self.active(ActiveKind::CarePlan, json, at)?,
            "priorstate" => self.prior_state(json, at)?,
            "and" => Condition::And(self.group(json, at, depth)),
            "or" => Condition::Or(self.group(json, at, depth)),
            "not" => {
                let field = path(at, "condition");
                let Some(inner) = present(json, "condition") else {
                    self.fault(&field, Problem::Missing { expected: "a condition" });
                    return None;
                };
                Condition::Not(Box::new(self.logic(inner, &field, depth + 1)?))
            }
            "at least" => Condition::AtLeast {
                minimum: self.number(json, at, "minimum")?.max(0.0) as usize,
                conditions: self.group(json, at, depth),
            },
            "at most" => Condition::AtMost {
                maximum: self.number(json, at, "maximum")?.max(0.0) as usize,
                conditions: self.group(json, at, depth),
            },
            _ => {
                self.fault(&path(at, "condition_type"), Problem::ConditionType { found: kind });
                return None;
            }
        })
    }

    fn operator(&mut self, json: &Json, at: &str) -> Option<Operator> {
        self.word(json, at, "operator", &Operator::WORDS, OPERATORS)
    }

    fn group(&mut self, json: &Json, at: &str, depth: usize) -> Box<[Condition]> {
        let field = path(at, "conditions");
        let items = self.array(json, at, "conditions");
        let conditions: Vec<Condition> = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| self.logic(item, &format!("{field}[{index}]"), depth + 1))
            .collect();
        conditions.into()
    }

    fn referred(&mut self, json: &Json, at: &str) -> Option<Referred> {
        if present(json, "codes").is_some() {
            let codings = self.codings(json, at, "codes");
            return Some(Referred::Codes(self.keys_of(&codings)));
        }
        if let Some(attribute) = self.optional_text(json, at, "referenced_by_attribute") {
            let attribute = attribute.to_owned();
            return Some(Referred::Attribute(self.compiled.vocabulary.attribute(&attribute)));
        }
        self.fault(&path(at, "codes"), Problem::Missing { expected: "codes or referenced_by_attribute" });
        None
    }

    fn active(&mut self, kind: ActiveKind, json: &Json, at: &str) -> Option<Condition> {
        Some(Condition::Active { kind, of: self.referred(json, at)? })
    }

    fn prior_state(&mut self, json: &Json, at: &str) -> Option<Condition> {
        let name = self.text(json, at, "name")?.to_owned();
        let since = self.optional_text(json, at, "since").map(ToOwned::to_owned);
        for (key, state) in [("name", Some(&name)), ("since", since.as_ref())] {
            if let Some(state) = state.filter(|state| !self.ids.contains_key(state.as_str())) {
                let field = path(at, key);
                self.finding(format!("field {field}: {state:?} is no state of the module"));
            }
        }
        let within_ms = match present(json, "within") {
            None => None,
            Some(within) => {
                let field = path(at, "within");
                let quantity = self.number(within, &field, "quantity")?;
                Some(self.unit(within, &field)?.fractional_ms(quantity))
            }
        };
        Some(Condition::PriorState {
            name: self.compiled.vocabulary.mark(&name),
            since: since.map(|since| self.compiled.vocabulary.mark(&since)),
            within_ms,
        })
    }

    fn date(&mut self, json: &Json, at: &str) -> Option<DateTest> {
        if let Some(year) = self.optional_number(json, at, "year") {
            return Some(DateTest::Year(year as i32));
        }
        if let Some(month) = self.optional_number(json, at, "month") {
            return Some(DateTest::Month(month as i32));
        }
        let Some(date) = present(json, "date") else {
            self.fault(&path(at, "year"), Problem::Missing { expected: "year, month or date" });
            return None;
        };
        let field = path(at, "date");
        let mut part = |key: &str| self.optional_number(date, &field, key).unwrap_or(0.0) as i64;
        let (year, month, day) = (part("year"), part("month"), part("day"));
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            let found = format!("{year}-{month}-{day}");
            self.fault(&field, Problem::Unusable { found, expected: "a date of the years 1 to 9999" });
            return None;
        }
        let time_ms = part("hour") * HOUR_MS
            + part("minute") * MINUTE_MS
            + part("second") * SECOND_MS
            + part("millisecond");
        let date = Date { year: year as i32, month: month as i32, day: day as i32 };
        Some(DateTest::Instant(date.midnight_ms() + time_ms))
    }

    pub(crate) fn vital_sign(&mut self, name: &str, field: &str) -> Option<VitalSign> {
        let found = VitalSign::named(name);
        if found.is_none() {
            let found = format!("{name:?}");
            self.fault(field, Problem::Unusable { found, expected: "one of the engine's 28 vital signs" });
        }
        found
    }
}
