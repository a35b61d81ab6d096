//! Observations: one for each artefact, with its further events as components.
//!
//! # Source
//! UK Core Observation 2.5.0; FHIR R4 Observation.

use twinloom_event::Event;

use super::resource::{ResourceWriter, coded_text, text_attribute};

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// Appends the elements of an Observation: the first event is the Observation, the others its
/// components.
pub(super) fn observation(writer: &mut ResourceWriter, event: &Event, components: &[&Event]) {
    writer.status(",\"status\":", event, "status", "final");
    writer.category(event, CATEGORY);
    writer.codes(",\"code\":", event);
    writer.subject(",\"subject\":");
    writer.encounter(",\"encounter\":", event);
    writer.time_or_period(",\"effectiveDateTime\":", ",\"effectivePeriod\":", event);
    writer.recorded(",\"issued\":", event);
    value(writer, event);
    if event.numeric_value().is_some() {
        writer.note(event);
    }
    for (place, component) in components.iter().enumerate() {
        writer.raw(if place == 0 { ",\"component\":[" } else { "," });
        writer.codes("{\"code\":", component);
        value(writer, component);
        writer.raw("}");
    }
    if !components.is_empty() {
        writer.raw("]");
    }
}

/// Whether an event can be a component of the Observation of `first`: a component has no time,
/// encounter or note of its own.
pub(super) fn is_component_of(event: &Event, first: &Event) -> bool {
    let shared =
        |event: &Event| (event.time(), event.time_precision(), event.end_time(), event.recorded_time());
    event.kind() == first.kind()
        && shared(event) == shared(first)
        && event.encounter_id() == first.encounter_id()
        && (event.numeric_value().is_none() || event.text_value().is_none())
}

/// Appends `value[x]`, which holds one value: the number, if there is one.
fn value(writer: &mut ResourceWriter, event: &Event) {
    if let Some(number) = event.numeric_value() {
        writer.quantity(",\"valueQuantity\":", number, event);
    } else if let Some(text) = event.text_value() {
        match coded_text(text) {
            Some(code) => writer.code(",\"valueCodeableConcept\":", &code),
            None => writer.text(",\"valueString\":", text),
        }
    }
    if let Some(code) = text_attribute(event, "interpretation").and_then(coded_text) {
        writer.code(",\"interpretation\":[", &code);
        writer.raw("]");
    }
}
