//! The elements that resources share: identity, codes, references, times.

use rustc_hash::FxHashSet;
use twinloom_codes::TEXT_SYSTEM;
use twinloom_event::{Attribute, Code, EncounterId, Event, TimePrecision, Timestamp};

use super::coding::Codings;
use super::id::{append_id, logical_id};
use super::resource_type::ResourceType;
use super::{BASE_URL, RECORDED_TIME_URL, json, time};

/// Appends entries of one subject's bundle; each method appends one element of the open resource.
///
/// Element names are given as they stand in the JSON, with the comma before and the colon after
/// (`,"code":`), so that appending one is one copy.
pub(super) struct ResourceWriter<'w, 'd> {
    pub(super) out: &'w mut Vec<u8>,
    pub(super) codings: &'w mut Codings<'d>,
    pub(super) subject: i64,
    /// The practice, as an Organization's id.
    pub(super) practice: Option<&'w str>,
    /// The encounters of the bundle.
    pub(super) encounters: &'w FxHashSet<&'w str>,
}

impl ResourceWriter<'_, '_> {
    /// Opens an entry and its resource, up to the end of `meta`.
    pub(super) fn open(&mut self, resource_type: ResourceType, id: &str) {
        // The entry before this one ended in a brace.
        if self.out.last() == Some(&b'}') {
            self.out.push(b',');
        }
        self.raw("{\"fullUrl\":\"");
        self.raw(BASE_URL);
        self.raw(resource_type.name());
        self.raw("/");
        append_id(self.out, id);
        self.raw("\",\"resource\":{\"resourceType\":\"");
        self.raw(resource_type.name());
        self.raw("\",\"id\":\"");
        append_id(self.out, id);
        self.raw(resource_type.meta());
    }

    /// Closes the resource and its entry.
    pub(super) fn close(&mut self) {
        self.raw("}}");
    }

    /// Appends JSON that needs no escaping.
    pub(super) fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Appends a string element.
    pub(super) fn text(&mut self, element: &str, text: &str) {
        self.raw(element);
        json::string(self.out, text);
    }

    /// Appends a code element: what the event's attribute says, or the usual value.
    pub(super) fn status(&mut self, element: &str, event: &Event, attribute: &str, usual: &str) {
        self.text(element, text_attribute(event, attribute).unwrap_or(usual));
    }

    /// Appends a CodeableConcept with one Coding of a system that HL7 defines.
    pub(super) fn concept(&mut self, element: &str, system: &str, code: &str) {
        self.raw(element);
        self.raw("{\"coding\":[{\"system\":\"");
        self.raw(system);
        self.raw("\",\"code\":");
        json::string(self.out, code);
        self.raw("}]}");
    }

    /// Appends a CodeableConcept of one code.
    pub(super) fn code(&mut self, element: &str, code: &Code) {
        self.raw(element);
        self.raw("{\"coding\":[");
        self.codings.append(self.out, code);
        self.raw("]}");
    }

    /// Appends the event's code and its further codings as one CodeableConcept.
    pub(super) fn codes(&mut self, element: &str, event: &Event) {
        self.raw(element);
        let others = other_codes(event);
        if others.is_empty() && event.code().system() == Some(TEXT_SYSTEM) {
            self.text("{\"text\":", event.code().value());
            self.raw("}");
            return;
        }
        self.raw("{\"coding\":[");
        self.codings.append(self.out, event.code());
        for other in others {
            self.raw(",");
            self.codings.append(self.out, &other);
        }
        self.raw("]}");
    }

    /// Appends `category` as a list of one CodeableConcept, if the event states one; a category
    /// without a system is taken to be of `system`.
    pub(super) fn category(&mut self, event: &Event, system: &str) {
        let Some(category) = text_attribute(event, "category") else {
            return;
        };
        match coded_text(category) {
            Some(code) => self.code(",\"category\":[", &code),
            None => self.concept(",\"category\":[", system, category),
        }
        self.raw("]");
    }

    /// Appends the reference to the subject.
    pub(super) fn subject(&mut self, element: &str) {
        self.raw(element);
        self.raw("{\"reference\":\"Patient/");
        json::integer(self.out, self.subject);
        self.raw("\"}");
    }

    /// Appends the reference to the event's encounter, if the bundle has it.
    pub(super) fn encounter(&mut self, element: &str, event: &Event) {
        let Some(encounter) = event.encounter_id().map(EncounterId::as_str) else {
            return;
        };
        if !self.has_encounter(event) {
            return;
        }
        self.raw(element);
        self.raw("{\"reference\":\"Encounter/");
        append_id(self.out, logical_id(encounter, ResourceType::Encounter.name()));
        self.raw("\"}");
    }

    /// Whether the event's encounter is in the bundle.
    pub(super) fn has_encounter(&self, event: &Event) -> bool {
        event.encounter_id().is_some_and(|id| self.encounters.contains(id.as_str()))
    }

    /// Appends a reference to the practice, if there is one.
    pub(super) fn practice(&mut self, element: &str) {
        let Some(practice) = self.practice else {
            return;
        };
        self.raw(element);
        self.raw("{\"reference\":\"Organization/");
        append_id(self.out, practice);
        self.raw("\"}");
    }

    /// Appends a time as precise as it was stated.
    pub(super) fn time(&mut self, element: &str, at: Timestamp, precision: TimePrecision) {
        self.raw(element);
        self.raw("\"");
        time::date_time(self.out, at, precision);
        self.raw("\"");
    }

    /// Appends a full point in time.
    pub(super) fn instant(&mut self, element: &str, at: Timestamp) {
        self.time(element, at, TimePrecision::Instant);
    }

    /// Appends when the event was recorded, if the source said.
    pub(super) fn recorded(&mut self, element: &str, event: &Event) {
        if let Some(at) = event.recorded_time() {
            self.instant(element, at);
        }
    }

    /// Appends when the event was recorded as an extension, for types that have no element for it.
    pub(super) fn recorded_extension(&mut self, event: &Event) {
        if let Some(at) = event.recorded_time() {
            self.raw(",\"extension\":[{\"url\":\"");
            self.raw(RECORDED_TIME_URL);
            self.instant("\",\"valueDateTime\":", at);
            self.raw("}]");
        }
    }

    /// Appends the coded reason for what was done, if the event states one.
    pub(super) fn reason(&mut self, event: &Event) {
        if let Some(code) = text_attribute(event, "reason").and_then(coded_text) {
            self.code(",\"reasonCode\":[", &code);
            self.raw("]");
        }
    }

    /// Appends a Period from the event's time to its end.
    pub(super) fn period(&mut self, element: &str, event: &Event) {
        let Some(start) = event.time() else {
            return;
        };
        self.raw(element);
        self.time("{\"start\":", start, event.time_precision());
        if let Some(end) = event.end_time() {
            self.instant(",\"end\":", end);
        }
        self.raw("}");
    }

    /// Appends the event's time.
    pub(super) fn point(&mut self, element: &str, event: &Event) {
        if let Some(at) = event.time() {
            self.time(element, at, event.time_precision());
        }
    }

    /// Appends the event's end.
    pub(super) fn end(&mut self, element: &str, event: &Event) {
        if let Some(end) = event.end_time() {
            self.instant(element, end);
        }
    }

    /// Appends the event's time as one point, or as a Period when it has an end.
    pub(super) fn time_or_period(&mut self, point: &str, period: &str, event: &Event) {
        if event.end_time().is_some() {
            self.period(period, event);
        } else {
            self.point(point, event);
        }
    }

    /// Appends the event's text as a note.
    pub(super) fn note(&mut self, event: &Event) {
        if let Some(text) = event.text_value() {
            self.text(",\"note\":[{\"text\":", text);
            self.raw("}]");
        }
    }

    /// Appends the event's number with its unit.
    pub(super) fn quantity(&mut self, element: &str, value: f64, event: &Event) {
        self.raw(element);
        self.raw("{\"value\":");
        json::number(self.out, value);
        if let Some(comparator) = text_attribute(event, "comparator") {
            self.text(",\"comparator\":", comparator);
        }
        if let Some(unit) = event.unit() {
            self.text(",\"unit\":", unit.as_str());
            // UCUM codes have no blanks; anything else is a unit in words.
            if !unit.as_str().contains(char::is_whitespace) {
                self.text(",\"system\":\"http://unitsofmeasure.org\",\"code\":", unit.as_str());
            }
        }
        self.raw("}");
    }
}

/// An attribute's text.
pub(super) fn text_attribute<'e>(event: &'e Event, name: &str) -> Option<&'e str> {
    event.attribute(name).and_then(Attribute::as_text)
}

/// The code that a text is, if it is one: `SYSTEM//value` without blanks.
pub(super) fn coded_text(text: &str) -> Option<Code> {
    let (system, value) = text.split_once("//")?;
    let plain = !value.is_empty() && !text.contains(char::is_whitespace);
    // A scheme before the slashes makes it a web address.
    let address = system.is_empty() || system.ends_with(':');
    (plain && !address).then(|| Code::parse(text).ok()).flatten()
}

fn other_codes(event: &Event) -> Vec<Code> {
    let Some(text) = text_attribute(event, "other_codes") else {
        return Vec::new();
    };
    serde_json::from_str::<Vec<Code>>(text).unwrap_or_default()
}
