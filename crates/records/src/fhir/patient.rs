//! The Patient: subject, demographics, birth and death; who exactly it is stays behind.
//!
//! # Source
//! FHIR R4 Patient; UK Core Extension-UKCore-EthnicCategory and
//! -DeathNotificationStatus; this project's own extensions imd-decile, household and practice, since no profile
//! has elements for them (a Patient's practice is the present one only); US Core race, ethnicity and birth sex.

use twinloom_event::{Code, EventKind};

use super::draft::{Draft, Kept};
use super::fact::extension_moment;
use super::moment::{self, Moment};
use super::reference::Target;
use super::resource::{Resource, Work};
use super::tape::Json;
use crate::ProblemKind;

const UK_ETHNIC_CATEGORY: &str =
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory";
const IMD_DECILE: &str = "https://twinloom.example/fhir/StructureDefinition/imd-decile";
/// Where someone lived, by the home's pseudonym, and with which practice they were registered, each since when.
const AFFILIATIONS: [(&str, &str); 2] = [
    ("https://twinloom.example/fhir/StructureDefinition/household", "HOUSEHOLD"),
    ("https://twinloom.example/fhir/StructureDefinition/practice", "PRACTICE"),
];
const US_RACE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race";
const US_ETHNICITY: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity";
const US_BIRTH_SEX: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex";
const UK_DEATH_NOTIFICATION: &str =
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus";
const BIRTH_TIME: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthTime";

/// Elements that say who exactly someone is, or how to reach them.
const IDENTIFYING: [&str; 6] = ["identifier", "name", "telecom", "address", "photo", "contact"];

/// Fills `kept` with what a Patient resource says of its subject.
pub(crate) fn read(work: &mut Work<'_>, resource: &Resource<'_>, kept: &mut Kept) {
    let json = resource.json;
    kept.subject = Some(Target::Literal(resource.record.clone()));
    if let Some(gender) = json.text_at("gender") {
        let sex = if matches!(gender, "female" | "male" | "other" | "unknown") { gender } else { "unknown" };
        demographic(work, kept, "SEX", sex, None);
    }
    for extension in json.get("extension").into_iter().flat_map(Json::items) {
        read_extension(work, extension, kept);
    }
    marital_status(work, kept, json.at("maritalStatus.coding"));
    for communication in json.get("communication").into_iter().flat_map(Json::items) {
        coded_demographic(work, kept, "LANGUAGE", communication.at("language.coding"));
    }
    birth(work, json, kept);
    death(work, json, kept);
    if IDENTIFYING.iter().any(|element| json.get(element).is_some()) {
        work.notes.push((ProblemKind::Partial, "direct identifiers left behind"));
    }
    if json
        .get("link")
        .into_iter()
        .flat_map(Json::items)
        .any(|link| link.text_at("type") == Some("replaced-by"))
    {
        work.notes.push((ProblemKind::Partial, "replaced by another Patient; their records were not merged"));
    }
}

fn read_extension(work: &mut Work<'_>, extension: Json<'_>, kept: &mut Kept) {
    match extension.text_at("url") {
        Some(UK_ETHNIC_CATEGORY) => {
            coded_demographic(work, kept, "ETHNICITY", extension.at("valueCodeableConcept.coding"));
        }
        Some(US_RACE) => coded_demographic(work, kept, "RACE", omb_category(extension)),
        Some(US_ETHNICITY) => coded_demographic(work, kept, "ETHNICITY", omb_category(extension)),
        Some(US_BIRTH_SEX) => {
            if let Some(code) = extension.text_at("valueCode") {
                demographic(work, kept, "BIRTH_SEX", code, None);
            }
        }
        Some(IMD_DECILE) => {
            let decile = extension.get("valueInteger").and_then(Json::number);
            match decile.filter(|decile| (1.0..=10.0).contains(decile) && decile.fract() == 0.0) {
                Some(decile) => {
                    demographic(work, kept, "IMD_DECILE", &format!("{decile:.0}"), None);
                    if let Some(draft) = kept.drafts.last_mut() {
                        draft.value.number = Some(decile);
                    }
                }
                None => work.notes.push((
                    ProblemKind::Partial,
                    "deprivation decile left out; permitted: whole numbers 1 to 10",
                )),
            }
        }
        Some(url) => {
            if let Some((_, code)) = AFFILIATIONS.iter().find(|(own, _)| *own == url) {
                affiliation(work, kept, code, extension);
            }
        }
        None => {}
    }
}

/// A home or practice since a date; without a date it can't be told when it held.
fn affiliation(work: &mut Work<'_>, kept: &mut Kept, code: &str, extension: Json<'_>) {
    let mut parts = extension.get("extension").into_iter().flat_map(Json::items);
    let value = parts.find(|part| part.text_at("url") == Some("value"));
    let value = value.and_then(|part| part.text_at("valueString")).filter(|text| !text.trim().is_empty());
    let since = extension_moment(work, extension, "since", "valueDateTime");
    let (Some(value), Some(since), Ok(code)) = (value, since, Code::parse(code)) else {
        let reason = "home or practice left out; permitted: extensions value (text) and since (a date)";
        work.notes.push((ProblemKind::Partial, reason));
        return;
    };
    let mut draft = Draft::new(EventKind::Administrative, Some(code)).at(since);
    draft.value.text = Some(value.into());
    kept.drafts.push(draft);
}

fn omb_category(extension: Json<'_>) -> Option<Json<'_>> {
    let mut parts = extension.get("extension").into_iter().flat_map(Json::items);
    parts.find(|part| part.text_at("url") == Some("ombCategory")).and_then(|part| part.get("valueCoding"))
}

fn coded_demographic(work: &mut Work<'_>, kept: &mut Kept, system: &str, coding: Option<Json<'_>>) {
    let Some(coding) = coding else {
        return;
    };
    if let Some(code) = coding.text_at("code") {
        demographic(work, kept, system, code, coding.text_at("display"));
    }
}

/// As it is at export, which may be years after what the record is asked about: kept, but unlike a
/// demographic fact never shown to a model.
fn marital_status(work: &mut Work<'_>, kept: &mut Kept, coding: Option<Json<'_>>) {
    let stated = coding.and_then(|coding| Some((coding.text_at("code")?, coding.text_at("display"))));
    if let Some((value, description)) = stated
        && let Some(code) = work.codings.code("MARITAL_STATUS", value, description)
    {
        kept.drafts.push(Draft::new(EventKind::Administrative, Some(code)));
    }
}

fn demographic(work: &mut Work<'_>, kept: &mut Kept, system: &str, value: &str, description: Option<&str>) {
    if let Some(code) = work.codings.code(system, value, description) {
        kept.drafts.push(Draft::new(EventKind::Demographic, Some(code)));
    }
}

fn birth(work: &mut Work<'_>, json: Json<'_>, kept: &mut Kept) {
    let mut extensions =
        json.at("_birthDate").and_then(|birth| birth.get("extension")).into_iter().flat_map(Json::items);
    let time_of_birth = extensions
        .find(|extension| extension.text_at("url") == Some(BIRTH_TIME))
        .and_then(|extension| extension.text_at("valueDateTime"));
    let stated = [time_of_birth, json.text_at("birthDate")];
    if let Some(moment) = stated.into_iter().flatten().find_map(|text| moment_or_note(work, text)) {
        kept.drafts.push(Draft::new(EventKind::Birth, Some(Code::birth())).at(moment));
    }
}

fn death(work: &mut Work<'_>, json: Json<'_>, kept: &mut Kept) {
    let mut death = Draft::new(EventKind::Death, Some(Code::death()));
    let mut extensions = json.get("extension").into_iter().flat_map(Json::items);
    if let Some(notice) = extensions.find(|item| item.text_at("url") == Some(UK_DEATH_NOTIFICATION)) {
        let since = extension_moment(work, notice, "systemEffectiveDate", "valueDateTime");
        death.recorded = since.map(Moment::latest);
    }
    if let Some(text) = json.text_at("deceasedDateTime") {
        // That the subject died stands even where the date does not.
        let moment = moment_or_note(work, text);
        kept.drafts.push(match moment {
            Some(moment) => death.at(moment),
            None => death,
        });
    } else if json.get("deceasedBoolean").and_then(Json::boolean) == Some(true) {
        work.notes.push((ProblemKind::Partial, "dead without a date; kept as a static event"));
        kept.drafts.push(death);
    }
}

fn moment_or_note(work: &mut Work<'_>, text: &str) -> Option<Moment> {
    moment::parse(text).map_err(|problem| work.notes.push((ProblemKind::Date, problem.reason()))).ok()
}
