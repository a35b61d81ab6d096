//! Sets of codes, by exact code or by prefix.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_event::{Attribute, Code, Event};

/// Codes named one by one and codes that share a beginning.
///
/// A prefix matches text, not hierarchy: `EICU//APACHE_IV` holds `EICU//APACHE_IVA//X` too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeSet {
    exact: BTreeSet<Arc<str>>,
    prefixes: Vec<Arc<str>>,
}

impl CodeSet {
    /// The set of no code.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The codes themselves.
    pub fn of<T: Into<Arc<str>>>(codes: impl IntoIterator<Item = T>) -> Self {
        Self { exact: codes.into_iter().map(Into::into).collect(), prefixes: Vec::new() }
    }

    /// Every code that begins so; an empty prefix matches every code.
    pub fn starting_with<T: Into<Arc<str>>>(prefixes: impl IntoIterator<Item = T>) -> Self {
        Self { exact: BTreeSet::new(), prefixes: prefixes.into_iter().map(Into::into).collect() }
    }

    /// The codes of either set.
    #[must_use]
    pub fn union(mut self, other: Self) -> Self {
        self.exact.extend(other.exact);
        self.prefixes.extend(other.prefixes);
        self
    }

    /// Whether the code is in the set.
    pub fn contains(&self, code: &Code) -> bool {
        self.contains_text(code.as_str())
    }

    /// Whether the event's code or one of its other codings is in the set.
    pub fn matches(&self, event: &Event) -> bool {
        self.contains(event.code())
            || event
                .attribute("other_codes")
                .and_then(Attribute::as_text)
                .and_then(|codes| serde_json::from_str::<Vec<Cow<'_, str>>>(codes).ok())
                .is_some_and(|codes| codes.iter().any(|code| self.contains_text(code)))
    }

    /// Whether no code can be in the set.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.prefixes.is_empty()
    }

    fn contains_text(&self, code: &str) -> bool {
        self.exact.contains(code) || self.prefixes.iter().any(|prefix| code.starts_with(&**prefix))
    }
}

#[cfg(test)]
mod tests {
    use twinloom_event::SubjectId;

    use super::*;

    #[test]
    fn regress_exact_and_prefix_members() {
        let set = CodeSet::of(["ICD10//J44"]).union(CodeSet::starting_with(["EICU//APACHE_IV"]));
        let holds = |text: &str| set.contains(&Code::parse(text).unwrap());
        assert!(holds("ICD10//J44") && holds("EICU//APACHE_IVA//SCORE"));
        assert!(!holds("ICD10//J440") && !holds("EICU//APACHE_III"));
        assert!(CodeSet::empty().is_empty() && !set.is_empty());
    }

    #[test]
    fn regress_other_codings_count() {
        let set = CodeSet::of(["ICD10//J44"]);
        let with = |codes: &str| {
            Event::new(SubjectId::new(1), None, Code::parse("SNOMED//13645005").unwrap())
                .with_attribute("other_codes", Attribute::Text(codes.into()))
        };
        assert!(set.matches(&with(r#"["LOCAL//\"COPD\"","ICD10//J44"]"#)));
        assert!(!set.matches(&with(r#"["ICD10//J45"]"#)) && !set.matches(&with("not JSON")));
    }
}
