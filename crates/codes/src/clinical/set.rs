//! A named set of codes.

use std::collections::BTreeSet;
use std::sync::Arc;

use twinloom_event::{Code, EventKind};

use super::TablesError;
use crate::{CodeSystem, code_of_words};

/// A named set of codes of several systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClinicalSet {
    pub(super) name: Arc<str>,
    pub(super) title: Arc<str>,
    pub(super) source: Arc<str>,
    pub(super) long_term: bool,
    pub(super) codes: BTreeSet<Code>,
    pub(super) excluded: BTreeSet<Code>,
    pub(super) kinds: Vec<EventKind>,
}

impl ClinicalSet {
    /// The set of a user's file: a heading with `code`, and `system` unless every code is a full one
    /// (`SNOMED//44054006`); further columns are let be.
    ///
    /// # Errors
    /// [`TablesError`] names the line that is no code, or says that there is none.
    pub fn from_csv(name: &str, text: &str) -> Result<Self, TablesError> {
        let mut lines = text.lines().map(|line| line.trim_start_matches('\u{feff}')).zip(1..);
        let heading = lines.next().map_or("", |(line, _)| line);
        let place = |wanted: &str| {
            heading.split(',').position(|column| unquoted(column).eq_ignore_ascii_case(wanted))
        };
        let code_column =
            place("code").ok_or_else(|| TablesError::NoCodeColumn { heading: heading.to_owned() })?;
        let system_column = place("system");
        let mut codes = BTreeSet::new();
        for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
            let fields: Vec<&str> = line.split(',').map(unquoted).collect();
            let field = |column: usize| fields.get(column).copied().unwrap_or_default();
            let code = match system_column.map(field) {
                Some(system) => Code::new(system, field(code_column)),
                None => Code::parse(field(code_column)),
            };
            codes.insert(
                code.map_err(|_| TablesError::NotACode {
                    line: number,
                    text: field(code_column).to_owned(),
                })?,
            );
        }
        Self::given(name, codes)
    }

    /// The set of full codes in a row, joined by commas: `SNOMED//44054006,ICD10//E11`.
    ///
    /// # Errors
    /// [`TablesError`] names what is no code.
    pub fn from_codes(name: &str, text: &str) -> Result<Self, TablesError> {
        let codes: Result<BTreeSet<Code>, TablesError> = text
            .split(',')
            .map(str::trim)
            .map(|own| {
                Code::parse(own)
                    .ok()
                    .filter(|code| code.system().is_some())
                    .ok_or_else(|| TablesError::NotACode { line: 0, text: own.to_owned() })
            })
            .collect();
        Self::given(name, codes?)
    }

    fn given(name: &str, codes: BTreeSet<Code>) -> Result<Self, TablesError> {
        if codes.is_empty() {
            return Err(TablesError::NoCodes { name: name.to_owned() });
        }
        Ok(Self {
            name: name.into(),
            title: name.into(),
            source: "given by the user".into(),
            long_term: false,
            kinds: Self::usual_kinds(&codes),
            codes,
            excluded: BTreeSet::new(),
        })
    }

    /// Drugs are ordered; other codes are of conditions unless the set says otherwise.
    pub(super) fn usual_kinds(codes: &BTreeSet<Code>) -> Vec<EventKind> {
        let drugs = codes.iter().all(|code| code.system() == Some(CodeSystem::Atc.name()));
        vec![if drugs { EventKind::Medication } else { EventKind::Condition }]
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in words.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where the choice of codes comes from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether multimorbidity counts it.
    pub fn is_long_term(&self) -> bool {
        self.long_term
    }

    /// The codes as listed, in order; what lies below them belongs too.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        self.codes.iter()
    }

    /// Codes that are not of the set, nor what lies below them, though they lie below one of its codes.
    pub fn excluded(&self) -> impl Iterator<Item = &Code> {
        self.excluded.iter()
    }

    /// The kinds of events that state what the set means.
    pub fn kinds(&self) -> &[EventKind] {
        &self.kinds
    }

    /// The ATC classes among the codes.
    pub fn atc_classes(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().filter(|code| code.system() == Some(CodeSystem::Atc.name())).map(Code::value)
    }

    /// The codes and the words of a table's entry.
    pub(super) fn members(codes: &[String], words: &[String]) -> Result<BTreeSet<Code>, TablesError> {
        let mut members = BTreeSet::new();
        for text in codes {
            let code = Code::parse(text.as_str()).ok().filter(|code| code.system().is_some());
            members.insert(code.ok_or_else(|| TablesError::NotACode { line: 0, text: text.clone() })?);
        }
        members.extend(words.iter().filter_map(|words| code_of_words(words)));
        Ok(members)
    }
}

fn unquoted(field: &str) -> &str {
    field.trim().trim_matches('"').trim()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn regress_a_users_set_in_two_shapes() {
        let full = ClinicalSet::from_csv("mine", "code,term\nSNOMED//1,one\n\nSNOMED//2,\"two\"\n").unwrap();
        let split = ClinicalSet::from_csv("mine", "term,\"code\",system\r\none,1,SNOMED\r\ntwo,2,SNOMED\r\n")
            .unwrap();
        assert_eq!(full, split);
        assert_eq!(full.codes().count(), 2);
        let error = ClinicalSet::from_csv("mine", "term\nx").unwrap_err().to_string();
        assert!(error.contains("permitted"), "{error}");
        assert!(ClinicalSet::from_csv("mine", "code\n").is_err());
        let inline = ClinicalSet::from_codes("mine", "SNOMED//2, SNOMED//1").unwrap();
        assert_eq!(inline, full);
        let error = ClinicalSet::from_codes("mine", "SNOMED//1,E11").unwrap_err().to_string();
        assert!(error.contains("E11") && error.contains("permitted"), "{error}");
    }

    #[test]
    fn regress_drugs_are_ordered() {
        let kinds = |codes| ClinicalSet::from_codes("mine", codes).unwrap().kinds().to_vec();
        assert_eq!(kinds("ATC//M01A,ATC//C03"), [EventKind::Medication]);
        assert_eq!(kinds("ATC//M01A,SNOMED//1"), [EventKind::Condition]);
    }

    proptest! {
        #[test]
        fn law_no_text_stops_the_reader(text in "\\PC*") {
            let _ = ClinicalSet::from_csv("mine", &text);
            let _ = ClinicalSet::from_csv("mine", &format!("code,system\n{text}"));
        }
    }
}
