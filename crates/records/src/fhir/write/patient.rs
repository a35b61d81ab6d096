//! The Patient and the Organization it is registered with.
//!
//! # Source
//! UK Core Patient 2.6.1 and Organization; the extensions EthnicCategory, DeathNotificationStatus and
//! NHSNumberVerificationStatus; FHIR R4's `patient-birthTime`; our own `imd-decile`, `household` and `practice`.

use twinloom_event::{Event, EventKind, TimePrecision};

use super::resource::ResourceWriter;
use super::resource_type::ResourceType;
use super::{json, time};

const ETHNIC_CATEGORY: &str = concat!(
    r#",{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory","#,
    r#""valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland","code":"#
);
const IMD_DECILE: &str =
    r#",{"url":"https://twinloom.example/fhir/StructureDefinition/imd-decile","valueInteger":"#;
/// Codes that a Patient states as an extension of value and date, and its URL.
const AFFILIATIONS: [(&str, &str); 2] = [
    ("HOUSEHOLD", r#",{"url":"https://twinloom.example/fhir/StructureDefinition/household","extension":["#),
    ("PRACTICE", r#",{"url":"https://twinloom.example/fhir/StructureDefinition/practice","extension":["#),
];
const DEATH_NOTIFICATION: &str = concat!(
    r#",{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus","#,
    r#""extension":[{"url":"deathNotificationStatus","valueCodeableConcept":{"coding":[{"#,
    r#""system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus","code":"2"}]}},"#,
    r#"{"url":"systemEffectiveDate","valueDateTime":"#
);
const NHS_NUMBER: &str = concat!(
    r#","identifier":[{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus","#,
    r#""valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland","#,
    r#""code":"01","display":"Number present and verified"}]}}],"system":"https://fhir.nhs.uk/Id/nhs-number","value":"#
);
const BIRTH_TIME: &str = concat!(
    r#","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","#,
    r#""valueDateTime":"#
);

/// Direct identifiers of a patient, which the canonical record never holds; fictitious ones for a
/// simulated patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatientIdentity<'i> {
    /// Ten digits without spaces.
    pub nhs_number: &'i str,
    /// Family name.
    pub family: &'i str,
    /// Given name.
    pub given: &'i str,
    /// House and street.
    pub address_line: &'i str,
    /// Town.
    pub city: &'i str,
    /// Postcode.
    pub postcode: &'i str,
    /// Mobile telephone, if known.
    pub telephone: Option<&'i str>,
    /// The practice where the patient is registered.
    pub practice: Practice<'i>,
}

/// A general practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Practice<'i> {
    /// Its code with the Organisation Data Service (`A81001`).
    pub ods_code: &'i str,
    /// Its name.
    pub name: &'i str,
}

/// What the events say about the person themself.
#[derive(Debug, Default)]
pub(super) struct Person<'e> {
    sex: Option<&'e str>,
    ethnicity: Option<&'e str>,
    imd_decile: Option<i64>,
    birth: Option<&'e Event>,
    death: Option<&'e Event>,
    /// Homes and practices, each since when.
    affiliations: Vec<&'e Event>,
}

impl<'e> Person<'e> {
    /// Takes an event's fact; `false` when it is no fact that a Patient can state, or states again
    /// what another event said.
    pub(super) fn take(&mut self, event: &'e Event) -> bool {
        match event.kind() {
            EventKind::Birth if event.time().is_some() => fill(&mut self.birth, event),
            EventKind::Death => fill(&mut self.death, event),
            EventKind::Administrative => {
                let stated = affiliation(event).is_some();
                self.affiliations.extend(stated.then_some(event));
                stated
            }
            EventKind::Demographic => match (event.code().system(), event.code().value()) {
                (Some("SEX"), sex @ ("female" | "male" | "other" | "unknown")) => fill(&mut self.sex, sex),
                (Some("ETHNICITY"), category) => fill(&mut self.ethnicity, category),
                (Some("IMD_DECILE"), decile) => {
                    decile.parse().is_ok_and(|decile| fill(&mut self.imd_decile, decile))
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// How an extension begins that states someone's home or practice, and which.
fn affiliation(event: &Event) -> Option<(&'static str, &str)> {
    let (_, opening) = AFFILIATIONS.into_iter().find(|(code, _)| event.code().as_str() == *code)?;
    event.time()?;
    // FHIR's texts are not empty.
    let text = event.text_value().filter(|text| !text.trim().is_empty())?;
    Some((opening, text))
}

fn fill<T>(slot: &mut Option<T>, value: T) -> bool {
    let free = slot.is_none();
    if free {
        *slot = Some(value);
    }
    free
}

/// Appends the practice's Organization.
pub(super) fn organization(writer: &mut ResourceWriter, practice: Practice) {
    writer.open(ResourceType::Organization, practice.ods_code);
    writer.text(
        r#","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"#,
        practice.ods_code,
    );
    writer.text("}],\"name\":", practice.name);
    writer.close();
}

/// Appends the Patient.
pub(super) fn patient(writer: &mut ResourceWriter, person: &Person, identity: Option<&PatientIdentity>) {
    let mut id = Vec::with_capacity(20);
    json::integer(&mut id, writer.subject);
    writer.open(ResourceType::Patient, std::str::from_utf8(&id).unwrap_or_default());
    extensions(writer, person);
    if let Some(identity) = identity {
        writer.text(NHS_NUMBER, identity.nhs_number);
        writer.text("}],\"name\":[{\"use\":\"official\",\"family\":", identity.family);
        writer.text(",\"given\":[", identity.given);
        writer.raw("]}]");
        if let Some(telephone) = identity.telephone {
            writer.text(",\"telecom\":[{\"system\":\"phone\",\"use\":\"mobile\",\"value\":", telephone);
            writer.raw("}]");
        }
    }
    if let Some(sex) = person.sex {
        writer.text(",\"gender\":", sex);
    }
    birth(writer, person);
    if let Some(death) = person.death {
        match death.time() {
            Some(at) => writer.time(",\"deceasedDateTime\":", at, death.time_precision()),
            None => writer.raw(",\"deceasedBoolean\":true"),
        }
    }
    if let Some(identity) = identity {
        writer.text(",\"address\":[{\"use\":\"home\",\"line\":[", identity.address_line);
        writer.text("],\"city\":", identity.city);
        writer.text(",\"postalCode\":", identity.postcode);
        writer.raw("}]");
    }
    if writer.practice.is_some() {
        writer.practice(",\"generalPractitioner\":[");
        writer.raw("]");
        writer.practice(",\"managingOrganization\":");
    }
    writer.close();
}

fn extensions(writer: &mut ResourceWriter, person: &Person) {
    let start = writer.out.len();
    if let Some(category) = person.ethnicity {
        writer.text(ETHNIC_CATEGORY, category);
        writer.raw("}]}}");
    }
    if let Some(decile) = person.imd_decile {
        writer.raw(IMD_DECILE);
        json::integer(writer.out, decile);
        writer.raw("}");
    }
    for event in &person.affiliations {
        if let (Some((opening, text)), Some(at)) = (affiliation(event), event.time()) {
            writer.raw(opening);
            writer.text(r#"{"url":"value","valueString":"#, text);
            writer.time(r#"},{"url":"since","valueDateTime":"#, at, event.time_precision());
            writer.raw("}]}");
        }
    }
    if let Some(at) = person.death.and_then(Event::recorded_time) {
        writer.instant(DEATH_NOTIFICATION, at);
        writer.raw("}]}");
    }
    if writer.out.len() > start {
        // The first extension's comma makes room for the list's opening.
        writer.out.splice(start..=start, *b",\"extension\":[");
        writer.raw("]");
    }
}

/// A `birthDate` holds no time of day; one that is known goes to the extension made for it.
fn birth(writer: &mut ResourceWriter, person: &Person) {
    let Some((birth, at)) = person.birth.and_then(|birth| Some((birth, birth.time()?))) else {
        return;
    };
    writer.raw(",\"birthDate\":\"");
    time::date(writer.out, at, birth.time_precision());
    writer.raw("\"");
    if birth.time_precision() == TimePrecision::Instant && !time::is_midnight(at) {
        writer.instant(BIRTH_TIME, at);
        writer.raw("}]}");
    }
}
