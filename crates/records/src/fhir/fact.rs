//! Facts about a subject: from the mapping table and a resource to drafts.

use std::sync::Arc;

use twinloom_event::{Attribute, Attributes, Code, EventKind};

use super::draft::{Draft, Kept};
use super::mapping::{Mapping, ValueFrom, refusal};
use super::moment::{self, Moment, MomentError, Span};
use super::questionnaire;
use super::reference::{self, Target};
use super::resource::{Refusal, Resource, Work};
use super::tape::Json;
use super::value::Value;
use super::write::RECORDED_TIME_URL;
use crate::ProblemKind;

/// Elements kept as attributes, with the attribute's name.
const TEXT_ATTRIBUTES: [(&str, &str); 10] = [
    ("class", "class"),
    ("status", "status"),
    ("lifecycleStatus", "status"),
    ("intent", "intent"),
    ("clinicalStatus", "clinical_status"),
    ("verificationStatus", "verification_status"),
    ("category", "category"),
    ("severity", "severity"),
    ("criticality", "criticality"),
    ("priority", "priority"),
];

/// Old markers of facts that did not come about (STU3 and before).
const DENIALS: [(&str, &str); 6] = [
    ("doNotPerform", "an instruction not to perform"),
    ("wasNotGiven", "not done"),
    ("notGiven", "not done"),
    ("notDone", "not done"),
    ("wasNotTaken", "not taken"),
    ("prohibited", "an instruction not to perform"),
];

/// Fills `kept` with the events of a resource.
///
/// # Errors
/// The reason why there are none.
pub(crate) fn read(
    work: &mut Work<'_>,
    resource: &Resource<'_>,
    mapping: &Mapping,
    kept: &mut Kept,
) -> Result<(), Refusal> {
    let json = resource.json;
    refuse_denied(json, mapping)?;
    kept.subject = Some(subject(resource, mapping)?);
    kept.encounter = encounter(resource, mapping);
    let mut base = Draft::new(mapping.kind, None);
    set_times(work, json, mapping, &mut base)?;
    base.attributes.append(&mut attributes(work, json));
    set_code(work, resource, mapping, &mut base, kept);
    match mapping.value {
        ValueFrom::Observation => observation(work, json, base, kept),
        ValueFrom::FamilyHistory => family_history(work, json, &base, kept),
        ValueFrom::Questionnaire => questionnaire::read(work, json, base, kept),
        ValueFrom::Nothing => kept.drafts.push(base),
        ValueFrom::Number(path) => {
            if let Some(number) = json.at(path) {
                base.value = Value::of_number(number, &mut work.notes);
            }
            kept.drafts.push(base);
        }
        ValueFrom::Text(path) => {
            if let Some(text) = json.text_at(path) {
                base.value = Value::of_text(text);
            }
            kept.drafts.push(base);
        }
        ValueFrom::Coded(path) => {
            if let Some(element) = json.at(path) {
                base.value = Value::of_coded(element, work.codings);
            }
            kept.drafts.push(base);
        }
    }
    Ok(())
}

fn refuse_denied(json: Json<'_>, mapping: &Mapping) -> Result<(), Refusal> {
    for element in [mapping.status, "status"] {
        let standing = json.get(element).and_then(standing);
        if let Some(standing) = standing.filter(|standing| mapping.refused.contains(standing)) {
            return Err(refusal(standing).into());
        }
        if standing == Some("entered-in-error") {
            return Err(refusal("entered-in-error").into());
        }
    }
    for (element, reason) in DENIALS {
        if json.get(element).and_then(Json::boolean) == Some(true) {
            return Err(reason.into());
        }
    }
    Ok(())
}

/// A code, or the first coding's code.
fn standing(element: Json<'_>) -> Option<&str> {
    let element = element.first();
    element.text().or_else(|| element.text_at("coding.code")).or_else(|| element.text_at("code"))
}

fn subject(resource: &Resource<'_>, mapping: &Mapping) -> Result<Target, Refusal> {
    let mut other = None;
    for path in mapping.subject {
        for value in all_at(resource.json, path) {
            if !value.is_object() {
                continue;
            }
            match patient_target(value, &resource.record) {
                Some(Ok(target)) => return Ok(target),
                Some(Err(reason)) => other = Some(reason),
                None => {}
            }
        }
    }
    Err(other.unwrap_or("no subject").into())
}

/// What a subject element refers to; another type of resource is an error.
fn patient_target(value: Json<'_>, record: &str) -> Option<Result<Target, &'static str>> {
    if value.get("reference").is_none() && value.get("identifier").is_none() {
        return None;
    }
    let mut target = reference::target(value, record);
    if value.get("reference").is_none() && value.get("type").is_none() {
        target = Target::logical(value.get("identifier")?, "Patient");
    }
    Some(match &target {
        Target::Literal(literal) if !literal.starts_with("Patient/") => Err("the subject is not a Patient"),
        Target::Contained(_) => Err("the subject is a contained resource, which has no identity of its own"),
        Target::Unusable(_) => Err("the subject's reference has no usable form"),
        Target::Literal(_) | Target::Named(_) => Ok(target),
    })
}

/// All values at a dotted path, through arrays.
fn all_at<'t>(json: Json<'t>, path: &str) -> Vec<Json<'t>> {
    path.split('.').fold(vec![json], |values, name| {
        values.into_iter().filter_map(|value| value.get(name)).flat_map(Json::items).collect()
    })
}

fn encounter(resource: &Resource<'_>, mapping: &Mapping) -> Option<Target> {
    if mapping.kind == EventKind::Encounter {
        return Some(Target::Literal(resource.record.clone()));
    }
    let value = mapping.encounter.iter().find_map(|path| resource.json.at(path))?;
    match reference::target(value, &resource.record) {
        Target::Literal(literal) if !literal.starts_with("Encounter/") => None,
        target @ (Target::Literal(_) | Target::Named(_)) => Some(target),
        Target::Contained(_) | Target::Unusable(_) => None,
    }
}

fn set_times(
    work: &mut Work<'_>,
    json: Json<'_>,
    mapping: &Mapping,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let mut span = Span::find(json, mapping.time);
    let mut element = None;
    let mut problems = std::mem::take(&mut span.problems);
    if span.start.is_none() {
        for elements in [mapping.fallback_time, &["meta.lastUpdated"]] {
            span = Span::find(json, elements);
            problems.append(&mut span.problems);
            element = span.element;
            if span.start.is_some() {
                break;
            }
        }
    } else if span.from_end {
        element = span.element;
    }
    for problem in &problems {
        work.notes.push((ProblemKind::Date, problem.reason()));
    }
    let Some(start) = span.start else {
        if problems.is_empty() {
            work.notes.push((ProblemKind::Partial, "no time stated; kept as a static event"));
            draft.attributes.insert("time_source".into(), Attribute::Text("none".into()));
            return Ok(());
        }
        return Err("no usable date".into());
    };
    draft.time = Some(start.start);
    draft.precision = start.precision;
    if let Some(element) = element {
        draft.attributes.insert("time_source".into(), Attribute::Text(element.into()));
    }
    let end = span.end.or_else(|| first_moment(work, json, mapping.end));
    if let Some(end) = end.map(Moment::latest) {
        if end < start.start {
            work.notes.push((ProblemKind::Date, "an end before its start was left out"));
        } else {
            draft.end = Some(end);
        }
    }
    draft.recorded = first_moment(work, json, mapping.recorded)
        .or_else(|| extension_moment(work, json, RECORDED_TIME_URL, "valueDateTime"))
        .map(Moment::latest);
    Ok(())
}

/// The moment that an extension states.
pub(crate) fn extension_moment(
    work: &mut Work<'_>,
    json: Json<'_>,
    url: &str,
    value: &str,
) -> Option<Moment> {
    let mut extensions = json.get("extension").into_iter().flat_map(Json::items);
    let extension = extensions.find(|extension| extension.text_at("url") == Some(url))?;
    first_moment(work, extension, &[value])
}

fn first_moment(work: &mut Work<'_>, json: Json<'_>, elements: &[&str]) -> Option<Moment> {
    let text = elements.iter().find_map(|element| json.text_at(element))?;
    moment::parse(text)
        .map_err(|problem: MomentError| work.notes.push((ProblemKind::Date, problem.reason())))
        .ok()
}

fn attributes(work: &mut Work<'_>, json: Json<'_>) -> Attributes {
    let mut attributes = Attributes::new();
    for (element, name) in TEXT_ATTRIBUTES {
        if let Some(text) = json.get(element).and_then(standing) {
            attributes.insert(name.into(), Attribute::Text(text.into()));
        }
    }
    for (element, name) in [
        ("hospitalization.admitSource", "admit_source"),
        ("hospitalization.dischargeDisposition", "discharge_disposition"),
        ("bodySite", "body_site"),
        ("route", "route"),
        ("reasonCode", "reason"),
    ] {
        if let Some(code) = json.at(element).and_then(|value| work.codings.read(value).code) {
            attributes.insert(name.into(), Attribute::Text(code.into()));
        }
    }
    attributes
}

fn set_code(
    work: &mut Work<'_>,
    resource: &Resource<'_>,
    mapping: &Mapping,
    draft: &mut Draft,
    kept: &mut Kept,
) {
    let json = resource.json;
    for path in mapping.code {
        let Some(element) = json.at_array(path) else {
            continue;
        };
        if element.first().get("reference").is_some() {
            set_code_by_reference(work, resource, element.first(), draft, kept);
            return;
        }
        let coded = work.codings.read(element);
        if let Some(others) = coded.others_json() {
            draft.attributes.insert("other_codes".into(), Attribute::Text(others));
        }
        if coded.code.is_some() {
            draft.code = coded.code;
            return;
        }
    }
    let class = json.get("class").filter(|_| mapping.kind == EventKind::Encounter);
    draft.code = class.and_then(|class| class_code(work, class)).or_else(|| Some(kept.fallback.clone()));
    if class.is_none() && !mapping.code.is_empty() {
        work.notes.push((ProblemKind::Partial, "no code; the resource type stands for it"));
    }
}

fn class_code(work: &mut Work<'_>, class: Json<'_>) -> Option<Code> {
    let value = standing(class)?;
    work.codings.code("ACTCODE", value, class.text_at("display"))
}

/// The Medication, Device or the like that a reference names gives the code: at once when it is
/// contained, later when it is a resource of its own.
fn set_code_by_reference(
    work: &mut Work<'_>,
    resource: &Resource<'_>,
    element: Json<'_>,
    draft: &mut Draft,
    kept: &mut Kept,
) {
    match reference::target(element, &resource.record) {
        Target::Contained(record) => {
            let id = record.rsplit('#').next().unwrap_or_default();
            let contained = resource.json.get("contained").into_iter().flat_map(Json::items);
            let code = contained
                .filter(|contained| contained.text_at("id") == Some(id))
                .find_map(|contained| contained.get("code").or_else(|| contained.get("type")));
            draft.code =
                code.and_then(|code| work.codings.read(code).code).or_else(|| Some(kept.fallback.clone()));
        }
        Target::Unusable(_) => draft.code = Some(kept.fallback.clone()),
        target => kept.medication = Some(target),
    }
}

fn observation(work: &mut Work<'_>, json: Json<'_>, mut base: Draft, kept: &mut Kept) {
    base.value = Value::of_observation(json, work.codings, &mut work.notes);
    let mut components = Vec::new();
    for component in json.get("component").into_iter().flat_map(Json::items) {
        let coded = component.get("code").map(|code| work.codings.read(code)).unwrap_or_default();
        if coded.code.is_none() {
            work.notes.push((ProblemKind::Partial, "a component without a code was left out"));
            continue;
        }
        let mut draft = base.clone();
        draft.attributes.remove("other_codes");
        if let Some(others) = coded.others_json() {
            draft.attributes.insert("other_codes".into(), Attribute::Text(others));
        }
        draft.code = coded.code;
        draft.value = Value::of_observation(component, work.codings, &mut work.notes);
        components.push(draft);
    }
    kept.drafts.push(base);
    kept.drafts.append(&mut components);
}

/// A relative's disease must not look like the subject's: the code says family history, the text
/// says which disease.
fn family_history(work: &mut Work<'_>, json: Json<'_>, base: &Draft, kept: &mut Kept) {
    let relationship: Option<Arc<str>> =
        json.get("relationship").and_then(|element| work.codings.read(element).code).map(Arc::from);
    let mut base = base.clone();
    if let Some(relationship) = relationship {
        base = base.with_text_attribute("relationship", relationship);
    }
    for condition in json.get("condition").into_iter().flat_map(Json::items) {
        if let Some(code) = condition.get("code") {
            let mut draft = base.clone();
            draft.value = Value::of_coded(code, work.codings);
            kept.drafts.push(draft);
        }
    }
    if kept.drafts.is_empty() {
        kept.drafts.push(base);
    }
}
