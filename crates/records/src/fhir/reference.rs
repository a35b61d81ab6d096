//! What a Reference says, and the names under which a resource can be referred to.
//!
//! # Source
//! FHIR R4 §2.3 (References), §3.1.1.4.3 (resolving references in Bundles), §3.1.0.11 (conditional
//! references).

use std::borrow::Cow;
use std::hash::Hasher;

use serde::{Deserialize, Serialize};

use super::tape::Json;
use super::types::is_resource_type;

/// What is referred to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Target {
    /// `Type/id`, whose record id needs no look-up.
    Literal(String),
    /// A name (`urn:uuid:`, another URL, an identifier) that some resource may bear.
    Named(u64),
    /// A resource contained in the same one, by its record id.
    Contained(String),
    /// A form that can't be resolved, with the reason.
    Unusable(Cow<'static, str>),
}

/// A name's key: equal for equal names, and in practice for those only.
pub(crate) fn key(parts: &[&str]) -> u64 {
    // Its algorithm and keys are fixed within one build of the program, and keys are never stored.
    let mut hasher = std::hash::DefaultHasher::new();
    for part in parts {
        hasher.write(part.as_bytes());
    }
    hasher.finish()
}

impl Target {
    /// Reads `Reference.reference`.
    pub(crate) fn parse(text: &str, container: &str) -> Self {
        if let Some(local) = text.strip_prefix('#') {
            let record = if local.is_empty() { container.to_owned() } else { format!("{container}#{local}") };
            return Self::Contained(record);
        }
        if text.starts_with("urn:") {
            return Self::Named(key(&[text]));
        }
        if let Some((resource_type, query)) = text.split_once('?') {
            return Self::conditional(resource_type.rsplit('/').next().unwrap_or_default(), query);
        }
        match literal(text) {
            Some(literal) => Self::Literal(literal),
            None if text.contains("://") => Self::Named(key(&[text])),
            None => Self::Unusable("a reference in no known form".into()),
        }
    }

    /// Reads a logical reference: `Reference.identifier`, with `Reference.type` if stated.
    pub(crate) fn logical(identifier: Json<'_>, resource_type: &str) -> Self {
        match identifier.text_at("value") {
            Some(value) => {
                let system = identifier.text_at("system").unwrap_or_default();
                Self::Named(identifier_key(resource_type, system, value))
            }
            None => Self::Unusable("a reference by an identifier without a value".into()),
        }
    }

    fn conditional(resource_type: &str, query: &str) -> Self {
        let Some(("identifier", token)) = query.split_once('=') else {
            return Self::Unusable("a conditional reference that is not by identifier".into());
        };
        if token.contains('&') {
            return Self::Unusable("a conditional reference with more than one criterion".into());
        }
        let token = percent_decoded(token);
        match token.split_once('|') {
            Some((system, value)) => Self::Named(identifier_key(resource_type, system, value)),
            None => Self::Named(identifier_key(resource_type, ANY_SYSTEM, &token)),
        }
    }
}

/// Stands for the system in the key of an identifier sought by its value alone.
const ANY_SYSTEM: &str = "*";

fn identifier_key(resource_type: &str, system: &str, value: &str) -> u64 {
    key(&[resource_type, "?identifier=", system, "|", value])
}

/// `Type/id` at the end of a relative or absolute literal reference, without a version.
fn literal(text: &str) -> Option<String> {
    let absolute = text.contains("://");
    let path = text.split_once("/_history/").map_or(text, |(path, _)| path);
    let mut segments = path.rsplit('/');
    let id = segments.next().filter(|id| !id.is_empty())?;
    let resource_type = segments.next()?;
    // A relative reference of an unknown type leads nowhere, but says so itself.
    let known = is_resource_type(resource_type) || !absolute && segments.next().is_none();
    (known && !resource_type.is_empty()).then(|| format!("{resource_type}/{id}"))
}

fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escape = if byte == b'%' { after.get(..2) } else { None };
        let decoded = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = if decoded.is_some() { &after[2..] } else { after };
        bytes.push(decoded.unwrap_or(byte));
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The id that an entry's `fullUrl` implies for a resource without one.
pub(crate) fn id_from_full_url(full_url: &str) -> Option<&str> {
    if let Some(rest) = full_url.strip_prefix("urn:uuid:").or_else(|| full_url.strip_prefix("urn:oid:")) {
        return Some(rest).filter(|id| !id.is_empty());
    }
    full_url.rsplit('/').next().filter(|id| !id.is_empty() && full_url.contains('/'))
}

/// The keys of the names a resource bears beside `Type/id`: its `fullUrl` and its identifiers.
pub(crate) fn names(
    resource: Json<'_>,
    resource_type: &str,
    record_id: &str,
    full_url: Option<&str>,
) -> Vec<u64> {
    let mut names = Vec::new();
    match full_url.map(|url| Target::parse(url, record_id)) {
        Some(Target::Named(name)) => names.push(name),
        Some(Target::Literal(other)) if other != record_id => names.push(key(&[&other])),
        _ => {}
    }
    for identifier in resource.get("identifier").into_iter().flat_map(Json::items) {
        if let Some(value) = identifier.text_at("value") {
            let system = identifier.text_at("system").unwrap_or_default();
            for system in [system, ANY_SYSTEM] {
                names.push(identifier_key(resource_type, system, value));
                names.push(identifier_key("", system, value));
            }
        }
    }
    names
}

/// Calls `found` for every Reference in a value with its path, passing over `contained`.
pub(crate) fn each<'t>(value: Json<'t>, found: &mut dyn FnMut(&[&'t str], Json<'t>)) {
    walk(value, &mut Vec::new(), found);
}

// Depth is bounded by the parser's own limit of 128 levels.
fn walk<'t>(value: Json<'t>, path: &mut Vec<&'t str>, found: &mut dyn FnMut(&[&'t str], Json<'t>)) {
    if value.is_array() {
        for item in value.items() {
            walk(item, path, found);
        }
        return;
    }
    if !path.is_empty() && is_reference(value) {
        found(path, value);
        return;
    }
    for (name, member) in value.members() {
        if (member.is_object() || member.is_array()) && !(path.is_empty() && name == "contained") {
            path.push(name);
            walk(member, path, found);
            path.pop();
        }
    }
}

/// A Reference has a text `reference`, or an `identifier` and nothing but Reference's other members.
fn is_reference(value: Json<'_>) -> bool {
    if value.get("reference").is_some_and(|reference| reference.text().is_some()) {
        return true;
    }
    value.get("identifier").is_some_and(Json::is_object)
        && value
            .members()
            .all(|(name, _)| matches!(name, "identifier" | "type" | "display" | "id" | "extension"))
}

/// What a Reference refers to.
pub(crate) fn target(reference: Json<'_>, container: &str) -> Target {
    match reference.text_at("reference") {
        Some(text) => Target::parse(text, container),
        None => match reference.get("identifier") {
            Some(identifier) => Target::logical(identifier, reference.text_at("type").unwrap_or_default()),
            None => Target::Unusable("a reference without a target".into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::tape::Tape;
    use super::*;

    #[test]
    fn ref_forms_of_fhir_r4_references() {
        let parse = |text| Target::parse(text, "Claim/1");
        assert_eq!(parse("Patient/034AB16"), Target::Literal("Patient/034AB16".into()));
        let absolute = "http://fhir.hl7.org/svc/StructureDefinition/c8973a22-2b5b-4e76-9c66-00639c99e61b";
        assert_eq!(
            parse(absolute),
            Target::Literal("StructureDefinition/c8973a22-2b5b-4e76-9c66-00639c99e61b".into())
        );
        assert_eq!(
            parse("http://example.org/fhir/Observation/1x2/_history/2"),
            Target::Literal("Observation/1x2".into())
        );
        assert_eq!(parse("#prov1"), Target::Contained("Claim/1#prov1".into()));
        assert_eq!(parse("#"), Target::Contained("Claim/1".into()));
        assert_eq!(parse("Patient?identifier=urn:x|1"), parse("Patient?identifier=urn:x%7C1"));
        assert!(matches!(parse("http://example.org/about"), Target::Named(_)));
        assert!(matches!(parse("Patient?name=x"), Target::Unusable(_)));
        assert!(matches!(parse("gibberish"), Target::Unusable(_)));
    }

    #[test]
    fn law_a_conditional_reference_meets_the_identifier_it_names() {
        let mut tape = Tape::default();
        let patient = tape.read(r#"{"identifier":[{"system":"urn:x","value":"1"}]}"#).unwrap();
        let names = names(patient, "Patient", "Patient/a", Some("urn:uuid:9"));
        for text in ["Patient?identifier=urn:x|1", "Patient?identifier=1", "urn:uuid:9"] {
            match Target::parse(text, "") {
                Target::Named(name) => assert!(names.contains(&name), "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn regress_paths_leave_out_indices_and_contained() {
        let mut tape = Tape::default();
        let document = r#"{"resourceType":"Encounter","contained":[{"subject":{"reference":"X/1"}}],
            "participant":[{"individual":{"reference":"Practitioner/1"}}],
            "subject":{"identifier":{"value":"1"},"type":"Patient"},"identifier":[{"value":"2"}]}"#;
        let mut found = Vec::new();
        each(tape.read(document).unwrap(), &mut |path, _| found.push(path.join(".")));
        assert_eq!(found, ["participant.individual", "subject"]);
    }
}
