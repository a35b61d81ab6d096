//! Every resource of the record but Patient and Observation: one event, one resource.
//!
//! What R4 or UK Core requires and an event does not state gets the usual value of a finished fact:
//! a confirmed condition, a completed procedure, an order.
//!
//! # Source
//! UK Core 2.0.0 profiles of each resource; FHIR R4.

use twinloom_codes::CodeSystem;
use twinloom_event::{Event, TimePrecision};

use super::resource::{ResourceWriter, coded_text, text_attribute};
use super::resource_type::ResourceType;

const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const CONDITION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
const ALLERGY_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
const ALLERGY_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
const MEDICATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/medicationrequest-category";
const DIAGNOSTIC_SERVICE: &str = "http://terminology.hl7.org/CodeSystem/v2-0074";
const ENCOUNTER_CLASS: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const SNOMED: &str = "http://snomed.info/sct";

/// Appends the elements of a resource that one event makes.
pub(super) fn elements(writer: &mut ResourceWriter, resource_type: ResourceType, event: &Event) {
    match resource_type {
        ResourceType::Encounter => encounter(writer, event),
        ResourceType::Condition => condition(writer, event),
        ResourceType::MedicationRequest => medication_request(writer, event),
        ResourceType::Procedure => procedure(writer, event),
        ResourceType::Immunization => immunization(writer, event),
        ResourceType::AllergyIntolerance => allergy_intolerance(writer, event),
        ResourceType::DiagnosticReport => diagnostic_report(writer, event),
        ResourceType::DocumentReference => document_reference(writer, event),
        ResourceType::ServiceRequest => service_request(writer, event),
        ResourceType::CarePlan => care_plan(writer, event),
        ResourceType::Organization | ResourceType::Patient | ResourceType::Observation => {}
    }
}

/// The class is the code where the event has no finer type.
fn encounter(writer: &mut ResourceWriter, event: &Event) {
    writer.recorded_extension(event);
    let code_is_class = event.code().system() == Some(CodeSystem::ActCode.name());
    let own_class = if code_is_class { event.code().value() } else { "AMB" };
    writer.status(",\"status\":", event, "status", "finished");
    writer.raw(",\"class\":{\"system\":\"");
    writer.raw(ENCOUNTER_CLASS);
    writer.status("\",\"code\":", event, "class", own_class);
    writer.raw("}");
    if !code_is_class {
        writer.codes(",\"type\":[", event);
        writer.raw("]");
    }
    writer.subject(",\"subject\":");
    writer.period(",\"period\":", event);
    writer.reason(event);
    writer.practice(",\"serviceProvider\":");
}

fn condition(writer: &mut ResourceWriter, event: &Event) {
    let verification = text_attribute(event, "verification_status").unwrap_or("confirmed");
    // R4 con-5: a condition entered in error has no clinical status; con-4: an abated one is not active.
    if verification != "entered-in-error" {
        let usual = if event.end_time().is_some() { "resolved" } else { "active" };
        let clinical = text_attribute(event, "clinical_status").unwrap_or(usual);
        writer.concept(",\"clinicalStatus\":", CONDITION_CLINICAL, clinical);
    }
    writer.concept(",\"verificationStatus\":", CONDITION_VERIFICATION, verification);
    writer.category(event, CONDITION_CATEGORY);
    writer.codes(",\"code\":", event);
    writer.subject(",\"subject\":");
    writer.encounter(",\"encounter\":", event);
    writer.point(",\"onsetDateTime\":", event);
    writer.end(",\"abatementDateTime\":", event);
    writer.recorded(",\"recordedDate\":", event);
    writer.note(event);
}

fn medication_request(writer: &mut ResourceWriter, event: &Event) {
    writer.recorded_extension(event);
    writer.status(",\"status\":", event, "status", "active");
    writer.status(",\"intent\":", event, "intent", "order");
    writer.category(event, MEDICATION_CATEGORY);
    writer.codes(",\"medicationCodeableConcept\":", event);
    writer.subject(",\"subject\":");
    writer.encounter(",\"encounter\":", event);
    writer.point(",\"authoredOn\":", event);
    writer.reason(event);
    // GP Connect states the span of a course so.
    if event.end_time().is_some() {
        writer.period(",\"dispenseRequest\":{\"validityPeriod\":", event);
        writer.raw("}");
    }
    dosage(writer, event);
    // UK Core requires it; its examples do not allow substitution.
    writer.raw(",\"substitution\":{\"allowedBoolean\":false}");
}

/// The words of the prescription and the single dose.
fn dosage(writer: &mut ResourceWriter, event: &Event) {
    match (event.text_value(), event.numeric_value()) {
        (None, None) => return,
        (Some(text), None) => writer.text(",\"dosageInstruction\":[{\"text\":", text),
        (None, Some(dose)) => {
            writer.quantity(",\"dosageInstruction\":[{\"doseAndRate\":[{\"doseQuantity\":", dose, event);
            writer.raw("}]");
        }
        (Some(text), Some(dose)) => {
            writer.text(",\"dosageInstruction\":[{\"text\":", text);
            writer.quantity(",\"doseAndRate\":[{\"doseQuantity\":", dose, event);
            writer.raw("}]");
        }
    }
    writer.raw("}]");
}

fn procedure(writer: &mut ResourceWriter, event: &Event) {
    writer.recorded_extension(event);
    writer.status(",\"status\":", event, "status", "completed");
    writer.codes(",\"code\":", event);
    writer.subject(",\"subject\":");
    writer.encounter(",\"encounter\":", event);
    writer.time_or_period(",\"performedDateTime\":", ",\"performedPeriod\":", event);
    writer.reason(event);
    match event.text_value().and_then(coded_text) {
        Some(outcome) => writer.code(",\"outcome\":", &outcome),
        None => writer.note(event),
    }
}

fn immunization(writer: &mut ResourceWriter, event: &Event) {
    writer.status(",\"status\":", event, "status", "completed");
    writer.codes(",\"vaccineCode\":", event);
    writer.subject(",\"patient\":");
    writer.encounter(",\"encounter\":", event);
    match event.time() {
        Some(_) => writer.point(",\"occurrenceDateTime\":", event),
        None => writer.raw(",\"occurrenceString\":\"unknown\""),
    }
    writer.recorded(",\"recorded\":", event);
    if let Some(dose) = event.numeric_value() {
        writer.quantity(",\"doseQuantity\":", dose, event);
    }
    writer.note(event);
}

fn allergy_intolerance(writer: &mut ResourceWriter, event: &Event) {
    let verification = text_attribute(event, "verification_status").unwrap_or("confirmed");
    // R4 ait-2, as for conditions.
    if verification != "entered-in-error" {
        let clinical = text_attribute(event, "clinical_status").unwrap_or("active");
        writer.concept(",\"clinicalStatus\":", ALLERGY_CLINICAL, clinical);
    }
    writer.concept(",\"verificationStatus\":", ALLERGY_VERIFICATION, verification);
    if let Some(category) = text_attribute(event, "category") {
        writer.text(",\"category\":[", category);
        writer.raw("]");
    }
    writer.codes(",\"code\":", event);
    writer.subject(",\"patient\":");
    writer.encounter(",\"encounter\":", event);
    writer.point(",\"onsetDateTime\":", event);
    writer.recorded(",\"recordedDate\":", event);
    writer.note(event);
}

fn diagnostic_report(writer: &mut ResourceWriter, event: &Event) {
    writer.status(",\"status\":", event, "status", "final");
    writer.category(event, DIAGNOSTIC_SERVICE);
    writer.codes(",\"code\":", event);
    writer.subject(",\"subject\":");
    writer.encounter(",\"encounter\":", event);
    writer.time_or_period(",\"effectiveDateTime\":", ",\"effectivePeriod\":", event);
    writer.recorded(",\"issued\":", event);
    if let Some(text) = event.text_value() {
        writer.text(",\"conclusion\":", text);
    }
}

/// `date` is a full point in time; a time stated otherwise is the period of what is documented.
fn document_reference(writer: &mut ResourceWriter, event: &Event) {
    writer.recorded_extension(event);
    writer.status(",\"status\":", event, "status", "current");
    writer.codes(",\"type\":", event);
    writer.category(event, SNOMED);
    writer.subject(",\"subject\":");
    let is_point = event.end_time().is_none() && event.time_precision() == TimePrecision::Instant;
    if is_point {
        writer.point(",\"date\":", event);
    }
    if let Some(text) = event.text_value() {
        writer.text(",\"description\":", text);
    }
    writer.raw(",\"content\":[{\"attachment\":{\"contentType\":\"text/plain\"}}]");
    let has_encounter = writer.has_encounter(event);
    if is_point && !has_encounter {
        return;
    }
    writer.raw(",\"context\":{");
    if has_encounter {
        writer.encounter("\"encounter\":[", event);
        writer.raw("]");
    }
    if !is_point {
        writer.period(if has_encounter { ",\"period\":" } else { "\"period\":" }, event);
    }
    writer.raw("}");
}

fn service_request(writer: &mut ResourceWriter, event: &Event) {
    writer.recorded_extension(event);
    writer.status(",\"status\":", event, "status", "active");
    writer.status(",\"intent\":", event, "intent", "order");
    writer.category(event, SNOMED);
    writer.codes(",\"code\":", event);
    writer.subject(",\"subject\":");
    writer.encounter(",\"encounter\":", event);
    if event.end_time().is_some() {
        writer.period(",\"occurrencePeriod\":", event);
    }
    writer.point(",\"authoredOn\":", event);
    writer.reason(event);
    writer.note(event);
}

/// A CarePlan has no code; its category says what it is a plan for.
fn care_plan(writer: &mut ResourceWriter, event: &Event) {
    writer.status(",\"status\":", event, "status", "active");
    writer.status(",\"intent\":", event, "intent", "plan");
    writer.codes(",\"category\":[", event);
    writer.raw("]");
    writer.subject(",\"subject\":");
    writer.encounter(",\"encounter\":", event);
    writer.period(",\"period\":", event);
    writer.recorded(",\"created\":", event);
    writer.note(event);
}
