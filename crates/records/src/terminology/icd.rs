//! ICD-10-CM tables in JSON: the Clinical Classifications Software Refined, and names.
//!
//! # Source
//! AHRQ CCSR for ICD-10-CM, default category of each code (`{"A000": "DIG001", ...}`); ICD-10-CM names
//! (`{"A000": [true, "Cholera ..."], ...}`).

use std::io::Read;

use serde_json::Value;
use twinloom_codes::CodeSystem;
use twinloom_event::RelationKind;

use super::collector::{Collector, Member};
use super::open::{held, refuse};

/// The system of CCSR categories; it has no URI of its own.
const CCSR: &str = "CCSR";
const TABLE: &str = "ICD-10-CM JSON";

pub(super) fn read(member: &Member<'_>, reader: &mut dyn Read, collector: &mut Collector) {
    let bytes = match held(reader) {
        Ok(bytes) => bytes,
        Err(reason) => return refuse(member.path, &reason, collector),
    };
    let entries = match serde_json::from_slice(&bytes) {
        Ok(Value::Object(entries)) => entries,
        Ok(_) => return refuse(member.path, "the JSON is no object of codes", collector),
        Err(error) => {
            let line = error.line() as u64;
            return collector.report.skip(TABLE, "invalid JSON; the file is passed over", || member.at(line));
        }
    };
    let system = CodeSystem::Icd10Cm.name();
    for (place, (code, value)) in (1..).zip(&entries) {
        let code = dotted(code);
        let kept = match (&code, value) {
            (Some(code), Value::String(category)) if is_category(category) => {
                collector.relate((system, code), RelationKind::IsA, (CCSR, category), &member.source)
            }
            (Some(code), Value::Array(parts)) => match parts.as_slice() {
                [Value::Bool(_), Value::String(name)] => collector.name((system, code), name),
                _ => false,
            },
            _ => false,
        };
        if kept {
            collector.report.keep(TABLE, 0);
        } else {
            let reason = "neither a CCSR category nor a name of an ICD-10-CM code";
            collector.report.skip(TABLE, reason, || member.at(place));
        }
    }
}

/// Three letters and three digits.
fn is_category(text: &str) -> bool {
    text.len() == 6
        && text.bytes().take(3).all(|byte| byte.is_ascii_uppercase())
        && text.bytes().skip(3).all(|byte| byte.is_ascii_digit())
}

/// An ICD-10-CM code with the point that tables leave out; `None` for what is none.
pub(super) fn dotted(code: &str) -> Option<String> {
    let shaped = (3..=8).contains(&code.len())
        && code.starts_with(|letter: char| letter.is_ascii_uppercase())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    if !shaped || code.contains('.') || code.len() == 3 {
        return shaped.then(|| code.to_owned());
    }
    Some(format!("{}.{}", &code[..3], &code[3..]))
}

/// An ICD-9-CM diagnosis with its point: after four characters for external causes, else after three.
pub(super) fn dotted_icd9(code: &str) -> Option<String> {
    let category = if code.starts_with('E') { 4 } else { 3 };
    let shaped = (3..=6).contains(&code.len())
        && code.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, 'E' | 'V'))
        && code.bytes().skip(1).all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !shaped || code.contains('.') || code.len() <= category {
        return shaped.then(|| code.to_owned());
    }
    Some(format!("{}.{}", &code[..category], &code[category..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_points_are_put_where_the_categories_end() {
        assert_eq!(dotted("E119").as_deref(), Some("E11.9"));
        assert_eq!(dotted("I10").as_deref(), Some("I10"));
        assert_eq!(dotted("S72.001A").as_deref(), Some("S72.001A"));
        assert_eq!(dotted("é119"), None);
        assert_eq!(dotted_icd9("25002").as_deref(), Some("250.02"));
        assert_eq!(dotted_icd9("E8889").as_deref(), Some("E888.9"));
        assert_eq!(dotted_icd9("V053").as_deref(), Some("V05.3"));
        assert_eq!(dotted_icd9("NoDx"), None);
    }
}
