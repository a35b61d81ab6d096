//! Codings: which code an element means, and what the codes used are called.
//!
//! # Limits
//! The first coding is the code; the others, translations of it by FHIR's definition, follow in
//! `other_codes`. Text without a coding becomes `TEXT//words`, a coding without a system
//! `LOCAL//code`: they are codes of the source alone.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_codes::{TEXT_SYSTEM, code_of_words, parents, system_name};
use twinloom_event::{Code, Concept};

use super::tape::Json;

const LOCAL_SYSTEM: &str = "LOCAL";
/// The system of codes that only name a resource type.
const RESOURCE_SYSTEM: &str = "FHIR";
/// Codes remembered before forgetting all, so that free text can't fill the memory.
const CACHE_LIMIT: usize = 200_000;

/// What an element is coded as.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Coded {
    /// The first coding.
    pub(crate) code: Option<Code>,
    /// The others, in rank order.
    pub(crate) others: Vec<Code>,
}

impl Coded {
    /// The others as the JSON array kept in `other_codes`.
    pub(crate) fn others_json(&self) -> Option<Arc<str>> {
        let texts: Vec<&str> = self.others.iter().map(Code::as_str).collect();
        (!texts.is_empty()).then(|| serde_json::Value::from(texts).to_string().into())
    }
}

/// Makes codes, each text once, and collects what a batch of resources calls them.
#[derive(Debug, Default)]
pub(crate) struct Codings {
    known: FxHashMap<Arc<str>, Known>,
    scratch: String,
    batch: u64,
    concepts: Vec<Concept>,
}

#[derive(Debug)]
struct Known {
    code: Code,
    /// The batch that last stated the code, and the batch that last stated what it is called.
    stated: u64,
    described: u64,
}

impl Codings {
    /// Starts a batch; within it each code's description is collected once.
    pub(crate) fn start_batch(&mut self) {
        self.batch += 1;
        if self.known.len() > CACHE_LIMIT {
            self.known.clear();
        }
    }

    /// The concepts met since the last call.
    pub(crate) fn take_concepts(&mut self) -> Vec<Concept> {
        std::mem::take(&mut self.concepts)
    }

    /// Reads a CodeableConcept, a Coding, a code or an array of them.
    pub(crate) fn read(&mut self, element: Json<'_>) -> Coded {
        let mut coded = Coded::default();
        for item in element.items() {
            self.read_one(item, &mut coded);
        }
        coded
    }

    fn read_one(&mut self, item: Json<'_>, coded: &mut Coded) {
        let words = item.text_at("text");
        let before = coded.others.len() + usize::from(coded.code.is_some());
        if let Some(codings) = item.get("coding") {
            for coding in codings.items() {
                self.read_coding(coding, words, coded);
            }
        } else if item.get("code").is_some_and(|code| code.text().is_some()) {
            self.read_coding(item, None, coded);
        } else if let Some(code) = item.text() {
            push(self.code(LOCAL_SYSTEM, code, None), coded);
        }
        let after = coded.others.len() + usize::from(coded.code.is_some());
        if let Some(words) = words.filter(|_| before == after) {
            let code = self.words(words);
            push(code, coded);
        }
    }

    fn read_coding(&mut self, coding: Json<'_>, words: Option<&str>, coded: &mut Coded) {
        if let Some(code) = coding.text_at("code") {
            let system = coding.text_at("system").map_or(LOCAL_SYSTEM.into(), system_name);
            let display = coding.text_at("display").or(words);
            push(self.code(&system, code, display), coded);
        } else if let Some(display) = coding.text_at("display") {
            let code = self.words(display);
            push(code, coded);
        }
    }

    fn words(&mut self, words: &str) -> Option<Code> {
        let plain = code_of_words(words)?;
        self.code(TEXT_SYSTEM, plain.value(), Some(words))
    }

    /// The code that names a resource type, for resources that state none.
    pub(crate) fn resource(&mut self, resource: &str) -> Option<Code> {
        self.code(RESOURCE_SYSTEM, resource, None)
    }

    /// Makes a code and remembers its description.
    pub(crate) fn code(&mut self, system: &str, value: &str, description: Option<&str>) -> Option<Code> {
        let value = value.trim();
        self.scratch.clear();
        self.scratch.push_str(system);
        self.scratch.push_str("//");
        self.scratch.push_str(value);
        if let Some(known) = self.known.get_mut(self.scratch.as_str()) {
            let is_new = known.stated != self.batch || description.is_some() && known.described != self.batch;
            if is_new {
                known.stated = self.batch;
                if description.is_some() {
                    known.described = self.batch;
                }
                self.concepts.push(concept(&known.code, description));
            }
            return Some(known.code.clone());
        }
        let code = Code::new(system, value).ok()?;
        self.concepts.push(concept(&code, description));
        let described = if description.is_some() { self.batch } else { 0 };
        if let Entry::Vacant(vacant) = self.known.entry(self.scratch.as_str().into()) {
            vacant.insert(Known { code: code.clone(), stated: self.batch, described });
        }
        Some(code)
    }
}

fn push(code: Option<Code>, coded: &mut Coded) {
    match code {
        Some(code) if coded.code.is_none() => coded.code = Some(code),
        Some(code) if coded.code.as_ref() != Some(&code) && !coded.others.contains(&code) => {
            coded.others.push(code);
        }
        _ => {}
    }
}

fn concept(code: &Code, description: Option<&str>) -> Concept {
    Concept { code: code.clone(), description: description.map(Arc::from), parents: parents(code) }
}

#[cfg(test)]
mod tests {
    use super::super::tape::Tape;
    use super::*;

    fn read(document: &str) -> (Vec<String>, Vec<Concept>) {
        let mut tape = Tape::default();
        let mut codings = Codings::default();
        codings.start_batch();
        let coded = codings.read(tape.read(document).unwrap());
        let codes = coded.code.iter().chain(&coded.others).map(ToString::to_string).collect();
        (codes, codings.take_concepts())
    }

    #[test]
    fn regress_first_coding_is_the_code_and_others_keep_rank() {
        let (codes, concepts) = read(
            r#"{"coding":[{"system":"http://snomed.info/sct","code":"44054006","display":"T2DM"},
                {"system":"http://hl7.org/fhir/sid/icd-10","code":"E11.9"},{"code":"DM"}],"text":"Diabetes"}"#,
        );
        assert_eq!(codes, ["SNOMED//44054006", "ICD10//E11.9", "LOCAL//DM"]);
        assert_eq!(concepts[0].description.as_deref(), Some("T2DM"));
        assert_eq!(concepts[1].description.as_deref(), Some("Diabetes"));
        assert_eq!(concepts[1].parents[0].as_str(), "ICD10//E11");
    }

    #[test]
    fn regress_words_alone_become_a_code_of_the_source() {
        assert_eq!(read(r#"{"text":" Heart \n rate "}"#).0, ["TEXT//Heart rate"]);
        assert_eq!(read(r#"[{"coding":[{"display":"x"}]}]"#).0, ["TEXT//x"]);
        assert_eq!(read(r#""discovery""#).0, ["LOCAL//discovery"]);
        assert!(read(r#"{"coding":[{"system":"s"}]}"#).0.is_empty());
        assert!(read(r#"{"text":"   "}"#).0.is_empty());
    }

    #[test]
    fn law_a_description_is_collected_once_a_batch() {
        let mut codings = Codings::default();
        codings.start_batch();
        for description in [None, Some("a"), Some("b"), None] {
            codings.code("S", "1", description);
        }
        let described: Vec<_> =
            codings.take_concepts().into_iter().map(|concept| concept.description).collect();
        assert_eq!(described, [None, Some("a".into())]);
        codings.start_batch();
        codings.code("S", "1", None);
        assert_eq!(codings.take_concepts().len(), 1);
    }
}
