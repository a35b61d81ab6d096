//! Things that are not subjects: organisations, clinicians, places, devices, medicines.

use twinloom_event::{Attribute, Attributes, Entity, RecordId};

use super::draft::Kept;
use super::resource::{Resource, Work};
use super::tape::Json;
use super::types::is_entity;
use crate::ProblemKind;

/// Elements that say what an entity is, with the attribute that keeps its code.
const CODED: [(&str, &str); 7] = [
    ("code", "code"),
    ("type", "type"),
    ("specialty", "specialty"),
    ("relationship", "relationship"),
    ("physicalType", "physical_type"),
    ("form", "form"),
    ("activity", "activity"),
];

const TEXTS: [(&str, &str); 4] =
    [("status", "status"), ("recorded", "recorded"), ("lotNumber", "lot_number"), ("actual", "actual")];

/// Fills `kept` with the entity a resource describes.
pub(crate) fn read(work: &mut Work<'_>, resource: &Resource<'_>, kept: &mut Kept) {
    let json = resource.json;
    if resource.kind == "Medication" {
        kept.own_code = json.get("code").and_then(|code| work.codings.read(code).code);
    } else if matches!(resource.kind, "Device" | "Substance") {
        kept.own_code =
            json.get("code").or_else(|| json.get("type")).and_then(|code| work.codings.read(code).code);
    }
    kept.entities.push(Entity {
        record_id: kept.record_id.clone(),
        kind: resource.kind.into(),
        name: name(json, resource.kind).map(Into::into),
        attributes: attributes(work, json),
    });
    if matches!(resource.kind, "RelatedPerson" | "Person") && json.get("name").is_some() {
        work.notes.push((ProblemKind::Partial, "direct identifiers left behind"));
    }
}

/// Adds the resources contained in another; they have no life of their own and make no events.
pub(crate) fn read_contained(work: &mut Work<'_>, resource: &Resource<'_>, kept: &mut Kept) {
    for contained in resource.json.get("contained").into_iter().flat_map(Json::items) {
        let (Some(resource_type), Some(id)) = (contained.text_at("resourceType"), contained.text_at("id"))
        else {
            work.notes.push((ProblemKind::Partial, "a contained resource without type or id was left out"));
            continue;
        };
        if let Ok(record_id) = RecordId::new(format!("{}#{id}", resource.record)) {
            let name = if is_entity(resource_type) { name(contained, resource_type) } else { None };
            kept.entities.push(Entity {
                record_id,
                kind: resource_type.into(),
                name: name.map(Into::into),
                attributes: attributes(work, contained),
            });
        }
    }
}

/// What people call it; nobody but staff is called by a person's name.
fn name(json: Json<'_>, resource_type: &str) -> Option<String> {
    match resource_type {
        "RelatedPerson" | "Person" | "Group" => None,
        "Practitioner" => person_name(json.at("name")?),
        "Device" => json.text_at("deviceName.name").or_else(|| words(json, "type")).map(str::to_owned),
        _ => json
            .text_at("name")
            .or_else(|| words(json, "code"))
            .or_else(|| words(json, "type"))
            .or_else(|| json.text_at("title"))
            .map(str::to_owned),
    }
}

fn person_name(name: Json<'_>) -> Option<String> {
    if let Some(text) = name.text_at("text") {
        return Some(text.to_owned());
    }
    let parts = ["prefix", "given", "family"].into_iter().filter_map(|part| name.get(part));
    let words: Vec<&str> = parts.flat_map(Json::items).filter_map(Json::text).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn words<'t>(json: Json<'t>, element: &str) -> Option<&'t str> {
    let element = json.at(element)?;
    element.text_at("text").or_else(|| element.text_at("coding.display"))
}

fn attributes(work: &mut Work<'_>, json: Json<'_>) -> Attributes {
    let mut attributes = Attributes::new();
    for (element, name) in CODED {
        if let Some(code) = json.get(element).and_then(|value| work.codings.read(value).code) {
            attributes.insert(name.into(), Attribute::Text(code.into()));
        }
    }
    for (element, name) in TEXTS {
        if let Some(text) = json.text_at(element) {
            attributes.insert(name.into(), Attribute::Text(text.into()));
        }
    }
    attributes
}
