//! Reading fields of a state, with faults that name them.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json};

use crate::error::{Fault, Finding, Problem};
use crate::names::{CodingId, KeyId, ModuleId, StateId};
use crate::read::Compiled;
use crate::value::Value;

/// Characters of a faulty value that are shown.
const SHOWN: usize = 60;

/// One state being read.
pub(crate) struct Reading<'r> {
    pub(crate) compiled: &'r mut Compiled,
    pub(crate) outline_modules: &'r FxHashMap<&'r str, ModuleId>,
    pub(crate) file: &'r str,
    pub(crate) state: &'r str,
    /// All states of the module, as written.
    pub(crate) states: &'r Map<String, Json>,
    pub(crate) ids: &'r FxHashMap<&'r str, StateId>,
    pub(crate) tables: &'r Path,
    pub(crate) tolerance: f64,
}

impl Reading<'_> {
    pub(crate) fn fault(&mut self, field: &str, problem: Problem) {
        self.compiled.faults.push(Fault {
            file: self.file.to_owned(),
            state: Some(self.state.to_owned()),
            field: field.to_owned(),
            problem,
        });
    }

    pub(crate) fn finding(&mut self, text: String) {
        let finding = self.found(text);
        self.compiled.findings.push(finding);
    }

    pub(crate) fn unsupported(&mut self, text: String) {
        let finding = self.found(text);
        self.compiled.unsupported.push(finding);
    }

    fn found(&self, text: String) -> Finding {
        Finding { file: self.file.to_owned(), state: self.state.to_owned(), text }
    }

    fn unusable(&mut self, field: &str, found: &Json, expected: &'static str) {
        self.fault(field, Problem::Unusable { found: shortened(found), expected });
    }

    /// A text that must be there.
    pub(crate) fn text<'j>(&mut self, json: &'j Json, at: &str, key: &str) -> Option<&'j str> {
        let found = self.optional_text(json, at, key);
        if found.is_none() && present(json, key).is_none() {
            self.fault(&path(at, key), Problem::Missing { expected: "a text" });
        }
        found
    }

    /// A text that may be there.
    pub(crate) fn optional_text<'j>(&mut self, json: &'j Json, at: &str, key: &str) -> Option<&'j str> {
        let found = present(json, key)?;
        let text = found.as_str();
        if text.is_none() {
            self.unusable(&path(at, key), found, "a text");
        }
        text
    }

    pub(crate) fn shared_text(&mut self, json: &Json, at: &str, key: &str) -> Option<Arc<str>> {
        self.optional_text(json, at, key).map(str::trim).filter(|text| !text.is_empty()).map(Arc::from)
    }

    /// A finite number that must be there.
    pub(crate) fn number(&mut self, json: &Json, at: &str, key: &str) -> Option<f64> {
        let found = self.optional_number(json, at, key);
        if found.is_none() && present(json, key).is_none() {
            self.fault(&path(at, key), Problem::Missing { expected: "a number" });
        }
        found
    }

    /// A finite number that may be there; texts that spell one are accepted, as Gson accepts them.
    pub(crate) fn optional_number(&mut self, json: &Json, at: &str, key: &str) -> Option<f64> {
        let found = present(json, key)?;
        let number = match found {
            Json::Number(number) => number.as_f64(),
            Json::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.unusable(&path(at, key), found, "a finite number");
        }
        number
    }

    pub(crate) fn flag(&mut self, json: &Json, key: &str) -> bool {
        match present(json, key) {
            None => false,
            Some(Json::Bool(flag)) => *flag,
            Some(Json::String(text)) if text == "true" || text == "false" => text == "true",
            Some(other) => {
                self.unusable(key, other, "true or false");
                false
            }
        }
    }

    /// One of a closed set of words.
    pub(crate) fn word<T: Copy>(
        &mut self,
        json: &Json,
        at: &str,
        key: &str,
        words: &[(&str, T)],
        expected: &'static str,
    ) -> Option<T> {
        let text = self.text(json, at, key)?;
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value);
        if found.is_none() {
            self.unusable(&path(at, key), &Json::from(text), expected);
        }
        found
    }

    pub(crate) fn array<'j>(&mut self, json: &'j Json, at: &str, key: &str) -> &'j [Json] {
        match present(json, key) {
            Some(Json::Array(items)) => items,
            Some(other) => {
                self.unusable(&path(at, key), other, "a list");
                &[]
            }
            None => {
                self.fault(&path(at, key), Problem::Missing { expected: "a list" });
                &[]
            }
        }
    }

    pub(crate) fn optional_array<'j>(&mut self, json: &'j Json, at: &str, key: &str) -> &'j [Json] {
        if present(json, key).is_some() { self.array(json, at, key) } else { &[] }
    }

    /// A value of an attribute: true or false, a number, a text, or nothing.
    pub(crate) fn value(&mut self, json: &Json, field: &str) -> Value {
        match json {
            Json::Null => Value::Nil,
            Json::Bool(flag) => Value::Boolean(*flag),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Value::Integer(whole),
                // Java stores a number without a fraction as an int.
                (None, Some(number)) if number.fract() == 0.0 && number.abs() < 1e15 => {
                    Value::Integer(number as i64)
                }
                (None, Some(number)) => Value::Number(number),
                (None, None) => Value::Nil,
            },
            Json::String(text) => Value::Text(self.compiled.vocabulary.text(text)),
            other => {
                self.unusable(field, other, "true, false, a number or a text");
                Value::Nil
            }
        }
    }

    /// A code that must be there.
    pub(crate) fn coding(&mut self, json: &Json, field: &str) -> Option<CodingId> {
        let Json::Object(_) = json else {
            self.unusable(field, json, "a code with system, code and display");
            return None;
        };
        let code = match present(json, "code") {
            Some(Json::String(code)) if !code.trim().is_empty() => code.trim().to_owned(),
            Some(Json::Number(code)) => code.to_string(),
            Some(other) => {
                self.unusable(&path(field, "code"), other, "a text or a number");
                return None;
            }
            None => {
                self.fault(&path(field, "code"), Problem::Missing { expected: "a code" });
                return None;
            }
        };
        let system = self.optional_text(json, field, "system").unwrap_or("");
        let display = self.optional_text(json, field, "display").unwrap_or("");
        let vocabulary = &mut self.compiled.vocabulary;
        vocabulary.codings.add(&mut vocabulary.keys, system, &code, display)
    }

    /// A list of codes with at least one in it.
    pub(crate) fn codings(&mut self, json: &Json, at: &str, key: &str) -> Box<[CodingId]> {
        let field = path(at, key);
        let items = self.array(json, at, key);
        if items.is_empty() && present(json, key).is_some_and(Json::is_array) {
            self.fault(&field, Problem::Missing { expected: "at least one code" });
        }
        let codings: Vec<CodingId> = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| self.coding(item, &format!("{field}[{index}]")))
            .collect();
        codings.into()
    }

    pub(crate) fn optional_coding(&mut self, json: &Json, at: &str, key: &str) -> Option<CodingId> {
        let found = present(json, key)?;
        self.coding(found, &path(at, key))
    }

    pub(crate) fn keys_of(&mut self, codings: &[CodingId]) -> Box<[KeyId]> {
        codings.iter().map(|coding| self.compiled.vocabulary.codings.get(*coding).key).collect()
    }

    /// A state of this module by name.
    pub(crate) fn target(&mut self, json: &Json, at: &str, key: &str) -> Option<StateId> {
        let name = self.text(json, at, key)?;
        self.target_named(name, &path(at, key))
    }

    pub(crate) fn target_named(&mut self, name: &str, field: &str) -> Option<StateId> {
        let found = self.ids.get(name).copied();
        if found.is_none() {
            self.fault(field, Problem::Dangling { target: name.to_owned() });
        }
        found
    }
}

/// A field that is there and not null.
pub(crate) fn present<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    json.get(key).filter(|found| !found.is_null())
}

pub(crate) fn path(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

/// A value as it is shown in a message.
pub(crate) fn shortened(json: &Json) -> String {
    let text = json.to_string();
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain("...".chars()).collect()
}
