//! What a question can be told, and how it is checked.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use twinloom_codes::ClinicalTables;
use twinloom_event::Timestamp;

use super::AskError;

/// One thing that a question can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it means, with its unit.
    pub meaning: &'static str,
    /// What it may be.
    pub range: Range,
    /// What it is when not told, in the same words; none if the answer then depends on the record or
    /// the parameter must be given.
    pub default: Option<&'static str>,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// A whole number between two, both included.
    Whole(i64, i64),
    /// A number between two, both included.
    Number(f64, f64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A day, as YYYY-MM-DD; the question says which when it is not told.
    Date,
    /// The name of a clinical set.
    Set,
    /// Names of clinical sets, joined by commas.
    Sets,
    /// The source's or the graph's identifier of a patient; must be told.
    Patient,
    /// The same, where the question is answered without one too.
    PatientOrNone,
}

impl Range {
    /// The range in words.
    pub fn describe(&self) -> String {
        match self {
            Self::Whole(least, most) => format!("{least} to {most}"),
            Self::Number(least, most) => format!("{least} to {most}"),
            Self::Choice(words) => words.join(" | "),
            Self::Date => "a date, YYYY-MM-DD".to_owned(),
            Self::Set => "the name of a clinical set".to_owned(),
            Self::Sets => "names of clinical sets, joined by commas".to_owned(),
            Self::Patient | Self::PatientOrNone => "a patient's id in the graph".to_owned(),
        }
    }
}

/// A value that was checked against its range.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Whole(i64),
    Number(f64),
    Word(String),
    Words(Vec<String>),
    Date(Timestamp),
}

/// A question's parameters, checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments {
    values: BTreeMap<&'static str, Value>,
}

impl Arguments {
    /// Checks what was told and fills in defaults.
    pub(super) fn parse(
        parameters: &'static [Parameter],
        told: &[(String, String)],
        tables: &ClinicalTables,
    ) -> Result<Self, AskError> {
        let permitted = || parameters.iter().map(|own| own.name).collect::<Vec<_>>().join(", ");
        let mut values = BTreeMap::new();
        for (name, text) in told {
            let own = parameters
                .iter()
                .find(|own| own.name == name)
                .ok_or_else(|| AskError::NoSuchParameter { name: name.clone(), permitted: permitted() })?;
            if values.insert(own.name, own.value(text, tables)?).is_some() {
                return Err(AskError::ToldTwice { name: own.name });
            }
        }
        for own in parameters {
            if let Some(default) = own.default.filter(|_| !values.contains_key(own.name)) {
                values.insert(own.name, own.value(default, tables)?);
            }
            if own.range == Range::Patient && !values.contains_key(own.name) {
                return Err(AskError::NotTold { name: own.name, permitted: own.range.describe() });
            }
        }
        Ok(Self { values })
    }

    pub(super) fn whole(&self, name: &str) -> i64 {
        match self.values.get(name) {
            Some(Value::Whole(number)) => *number,
            _ => unreachable!("{name} is declared as a whole number with a default"),
        }
    }

    pub(super) fn number(&self, name: &str) -> f64 {
        match self.values.get(name) {
            Some(Value::Number(number)) => *number,
            _ => unreachable!("{name} is declared as a number with a default"),
        }
    }

    pub(super) fn word(&self, name: &str) -> &str {
        match self.values.get(name) {
            Some(Value::Word(word)) => word,
            _ => unreachable!("{name} is declared as a word with a default, or must be told"),
        }
    }

    pub(super) fn word_if_told(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(Value::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(super) fn words(&self, name: &str) -> &[String] {
        match self.values.get(name) {
            Some(Value::Words(words)) => words,
            _ => unreachable!("{name} is declared as words with a default"),
        }
    }

    pub(super) fn date(&self, name: &str) -> Option<Timestamp> {
        match self.values.get(name) {
            Some(Value::Date(at)) => Some(*at),
            _ => None,
        }
    }

    /// The values as a document; dates that were not told are left out.
    pub(super) fn to_json(&self) -> Json {
        let values = self.values.iter().map(|(name, value)| {
            let value = match value {
                Value::Whole(number) => json!(number),
                Value::Number(number) => json!(number),
                Value::Word(word) => json!(word),
                Value::Words(words) => json!(words),
                Value::Date(at) => json!(at.to_string()),
            };
            ((*name).to_owned(), value)
        });
        Json::Object(values.collect())
    }
}

impl Parameter {
    /// A value for an example of use; none where the default shows enough.
    pub fn example(&self) -> Option<&'static str> {
        match self.range {
            Range::Patient => Some("12"),
            Range::Whole(..) => self.default,
            _ => None,
        }
    }

    fn value(&self, text: &str, tables: &ClinicalTables) -> Result<Value, AskError> {
        let fault = || AskError::OutOfRange {
            name: self.name,
            value: text.to_owned(),
            permitted: self.range.describe(),
        };
        match self.range {
            Range::Whole(least, most) => {
                let number: i64 = text.parse().map_err(|_| fault())?;
                (least..=most).contains(&number).then_some(Value::Whole(number)).ok_or_else(fault)
            }
            Range::Number(least, most) => {
                let number: f64 = text.parse().map_err(|_| fault())?;
                (least..=most).contains(&number).then_some(Value::Number(number)).ok_or_else(fault)
            }
            Range::Choice(words) => {
                words.contains(&text).then(|| Value::Word(text.to_owned())).ok_or_else(fault)
            }
            Range::Date => day(text).map(Value::Date).ok_or_else(fault),
            Range::Set => {
                tables.set(text)?;
                Ok(Value::Word(text.to_owned()))
            }
            Range::Sets => {
                let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
                for name in &names {
                    tables.set(name)?;
                }
                Ok(Value::Words(names))
            }
            Range::Patient | Range::PatientOrNone if text.trim().is_empty() => Err(fault()),
            Range::Patient | Range::PatientOrNone => Ok(Value::Word(text.to_owned())),
        }
    }
}

/// The last moment of a day written as YYYY-MM-DD.
pub fn day(text: &str) -> Option<Timestamp> {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if parts.next().is_some() {
        return None;
    }
    let start = Timestamp::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    start.plus_micros(twinloom_event::MICROSECONDS_PER_DAY - 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: Parameter =
        Parameter { name: "days", meaning: "days", range: Range::Whole(1, 10), default: Some("3") };
    const OWN: &[Parameter] = &[DAYS];

    #[test]
    fn regress_what_is_told_is_checked() {
        let tables = ClinicalTables::built_in().unwrap();
        let parse = |told: &[(&str, &str)]| {
            let told: Vec<_> =
                told.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Arguments::parse(OWN, &told, &tables).map(|arguments| arguments.whole("days"))
        };
        assert_eq!(parse(&[]), Ok(3));
        assert_eq!(parse(&[("days", "10")]), Ok(10));
        let message = parse(&[("days", "11")]).unwrap_err().to_string();
        assert!(message.contains("11") && message.contains("1 to 10"), "{message}");
        assert!(parse(&[("weeks", "1")]).unwrap_err().to_string().contains("permitted: days"));
        assert!(parse(&[("days", "1"), ("days", "2")]).is_err());
    }

    #[test]
    fn regress_days_are_whole() {
        assert_eq!(day("2020-02-29").unwrap().to_string(), "2020-02-29T23:59:59.999999");
        for text in ["2021-02-29", "2020-2-29", "2020-02", "2020-02-29-1", "", "yesterday", "+020-01-01"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
