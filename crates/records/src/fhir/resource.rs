//! From one resource to drafts, entities and references.

use std::borrow::Cow;

use twinloom_event::{Code, RecordId, Timestamp};

use super::coding::Codings;
use super::draft::{Kept, Outcome, Reference, Verdict};
use super::fact;
use super::mapping::mapping;
use super::moment;
use super::reference::{self, Target, id_from_full_url};
use super::tape::{Json, Tape};
use super::types::{is_entity, is_resource_type};
use super::value::Notes;
use super::{entity, patient};
use crate::ProblemKind;

/// The table under which pieces without a resource type are counted.
pub(crate) const DOCUMENT: &str = "document";
/// Bundles may stand in Bundles, but not without end.
const MAX_NESTED_BUNDLES: usize = 4;

/// Maps pieces to outcomes; one for each thread.
#[derive(Debug, Default)]
pub(crate) struct Mapper {
    tape: Tape,
    pub(crate) codings: Codings,
}

/// What the parts of the mapper work on.
pub(crate) struct Work<'m> {
    pub(crate) codings: &'m mut Codings,
    pub(crate) notes: Notes,
}

/// A resource with its place and names.
pub(crate) struct Resource<'t> {
    pub(crate) json: Json<'t>,
    pub(crate) kind: &'t str,
    /// `Type/id`.
    pub(crate) record: String,
}

/// Why nothing is kept of a resource.
pub(crate) type Refusal = Cow<'static, str>;

impl Mapper {
    /// Maps one piece: a Bundle's entry, a resource or a Bundle whose type came late.
    pub(crate) fn map(&mut self, piece: &[u8], is_entry: bool, ordinal: u64) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(1);
        let mut tape = std::mem::take(&mut self.tape);
        let read = match std::str::from_utf8(piece) {
            Ok(text) => tape.read(text),
            Err(error) => {
                outcomes.push(skipped(DOCUMENT, 0, format!("not UTF-8: {}", utf8_reason(&error))));
                self.tape = tape;
                return outcomes;
            }
        };
        match read {
            Ok(json) if is_entry => self.map_entry(json, 0, ordinal, 0, &mut outcomes),
            Ok(json) => self.map_resource(json, None, 0, ordinal, 0, &mut outcomes),
            Err(error) => outcomes.push(skipped(DOCUMENT, 0, error.to_string())),
        }
        self.tape = tape;
        outcomes
    }

    fn map_entry(
        &mut self,
        entry: Json<'_>,
        number: u64,
        ordinal: u64,
        depth: usize,
        outcomes: &mut Vec<Outcome>,
    ) {
        match entry.get("resource") {
            Some(resource) => {
                let full_url = entry.text_at("fullUrl");
                self.map_resource(resource, full_url, number, ordinal, depth, outcomes);
            }
            None => outcomes.push(skipped(DOCUMENT, number, "an entry without a resource")),
        }
    }

    fn map_resource(
        &mut self,
        json: Json<'_>,
        full_url: Option<&str>,
        number: u64,
        ordinal: u64,
        depth: usize,
        outcomes: &mut Vec<Outcome>,
    ) {
        let Some(resource_type) = json.text_at("resourceType") else {
            outcomes.push(skipped(DOCUMENT, number, "no resourceType"));
            return;
        };
        if resource_type == "Bundle" {
            self.map_bundle(json, number, ordinal, depth, outcomes);
            return;
        }
        let table = table_name(resource_type);
        let mut work = Work { codings: &mut self.codings, notes: Vec::new() };
        let verdict = match build(&mut work, json, resource_type, full_url, (ordinal, outcomes.len())) {
            Ok(kept) => Verdict::Kept(Box::new(kept)),
            Err(reason) => Verdict::Skipped(reason),
        };
        let notes = work.notes;
        let concepts = self.codings.take_concepts();
        outcomes.push(Outcome { table, entry: number, verdict, notes, concepts });
    }

    fn map_bundle(
        &mut self,
        bundle: Json<'_>,
        number: u64,
        ordinal: u64,
        depth: usize,
        outcomes: &mut Vec<Outcome>,
    ) {
        if depth == MAX_NESTED_BUNDLES {
            outcomes.push(skipped("Bundle", number, "Bundles within Bundles; permitted: up to 4 deep"));
            return;
        }
        let Some(entries) = bundle.get("entry") else {
            outcomes.push(skipped("Bundle", number, "a Bundle without entries"));
            return;
        };
        for (index, entry) in entries.items().enumerate() {
            let number = if number == 0 { index as u64 + 1 } else { number };
            self.map_entry(entry, number, ordinal, depth + 1, outcomes);
        }
    }
}

fn build(
    work: &mut Work<'_>,
    json: Json<'_>,
    resource_type: &str,
    full_url: Option<&str>,
    position: (u64, usize),
) -> Result<Kept, Refusal> {
    let mapping = mapping(resource_type);
    if mapping.is_none() && !is_entity(resource_type) && resource_type != "Patient" {
        return Err(if is_resource_type(resource_type) {
            "not part of a patient's record".into()
        } else {
            "not a resource type of FHIR R4".into()
        });
    }
    let resource =
        Resource { json, kind: resource_type, record: record(json, resource_type, full_url, position)? };
    let mut kept = Kept {
        record_id: RecordId::new(resource.record.as_str()).map_err(|error| error.to_string())?,
        names: reference::names(json, resource_type, &resource.record, full_url),
        content: json.content() as u32,
        updated: updated(json),
        subject: None,
        encounter: None,
        medication: None,
        own_code: None,
        fallback: fallback(work.codings, resource_type)?,
        drafts: Vec::new(),
        entities: Vec::new(),
        references: Vec::new(),
    };
    match mapping {
        Some(mapping) => fact::read(work, &resource, mapping, &mut kept)?,
        None if resource_type == "Patient" => patient::read(work, &resource, &mut kept),
        None => entity::read(work, &resource, &mut kept),
    }
    entity::read_contained(work, &resource, &mut kept);
    references(&resource, &mut kept);
    if json.get("note").is_some() {
        work.notes.push((ProblemKind::Partial, "free-text notes left out"));
    }
    if json.at("content.attachment.data").or_else(|| json.at("presentedForm.data")).is_some() {
        work.notes.push((ProblemKind::Partial, "attached data left out"));
    }
    if json.get("modifierExtension").is_some() {
        work.notes.push((ProblemKind::Partial, "a modifierExtension was not understood"));
    }
    Ok(kept)
}

/// `Type/id`; an entry without an id takes its fullUrl's, anything else its place in the input.
fn record(
    json: Json<'_>,
    resource_type: &str,
    full_url: Option<&str>,
    (ordinal, within): (u64, usize),
) -> Result<String, Refusal> {
    match json.text_at("id").or_else(|| full_url.and_then(id_from_full_url)) {
        Some(id) => Ok(format!("{resource_type}/{id}")),
        None if resource_type == "Patient" => Err("a Patient without an id".into()),
        None => Ok(format!("{resource_type}/_{ordinal}.{within}")),
    }
}

fn fallback(codings: &mut Codings, resource_type: &str) -> Result<Code, Refusal> {
    codings.resource(resource_type).ok_or(Cow::Borrowed("no resourceType"))
}

fn references(resource: &Resource<'_>, kept: &mut Kept) {
    reference::each(resource.json, &mut |path, value| {
        let target = reference::target(value, &resource.record);
        kept.references.push(Reference { from: None, path: path.join("."), target });
    });
    for contained in resource.json.get("contained").into_iter().flat_map(Json::items) {
        let Some(id) = contained.text_at("id") else {
            continue;
        };
        let from = format!("{}#{id}", resource.record);
        reference::each(contained, &mut |path, value| {
            let target = reference::target(value, &resource.record);
            kept.references.push(Reference { from: Some(from.clone()), path: path.join("."), target });
        });
    }
    for reference in &mut kept.references {
        if let Target::Contained(record) = &reference.target {
            let is_there = *record == resource.record
                || kept.entities.iter().any(|entity| entity.record_id.as_str() == record);
            if !is_there {
                reference.target = Target::Unusable("a reference to nothing contained".into());
            }
        }
    }
}

fn updated(json: Json<'_>) -> u32 {
    let stated = json.text_at("meta.lastUpdated").and_then(|text| moment::parse(text).ok());
    let seconds = stated.map_or(0, |moment| Timestamp::micros(moment.start) / 1_000_000);
    u32::try_from(seconds).unwrap_or(0)
}

fn table_name(resource_type: &str) -> Cow<'static, str> {
    let plausible = resource_type.len() <= 40 && resource_type.bytes().all(|byte| byte.is_ascii_alphabetic());
    if plausible { Cow::Owned(resource_type.to_owned()) } else { Cow::Borrowed("unknown") }
}

fn utf8_reason(error: &std::str::Utf8Error) -> &'static str {
    if error.error_len().is_some() {
        "a byte that no character starts with or continues"
    } else {
        "it ends within a character"
    }
}

fn skipped(table: impl Into<Cow<'static, str>>, entry: u64, reason: impl Into<Refusal>) -> Outcome {
    Outcome {
        table: table.into(),
        entry,
        verdict: Verdict::Skipped(reason.into()),
        notes: Vec::new(),
        concepts: Vec::new(),
    }
}
