//! Values: numbers with their units, coded answers and text.
//!
//! # Units
//! As the source wrote them: the UCUM code where there is one, else the unit's words.
//!
//! # Source
//! FHIR R4 Observation.value[x], Quantity (§2.24.0.5).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_event::{Attribute, Attributes, Unit};

use super::coding::Codings;
use super::tape::Json;
use crate::ProblemKind;

const UCUM: &str = "http://unitsofmeasure.org";

/// A value, ready for an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Value {
    /// The number.
    #[serde(with = "super::exact::number")]
    pub(crate) number: Option<f64>,
    /// The text or coded answer.
    pub(crate) text: Option<Arc<str>>,
    /// The unit of the number.
    pub(crate) unit: Option<Unit>,
    /// What else the source said of it.
    #[serde(with = "super::exact")]
    pub(crate) attributes: Attributes,
}

/// Difficulties that did not cost the resource.
pub(crate) type Notes = Vec<(ProblemKind, &'static str)>;

impl Value {
    /// Reads `value[x]` of an Observation or one of its components.
    pub(crate) fn of_observation(element: Json<'_>, codings: &mut Codings, notes: &mut Notes) -> Self {
        let mut value = Self::default();
        for (name, member) in element.members() {
            match name {
                "valueQuantity" | "valueInteger" | "valueDecimal" => value.read_number(member, notes),
                "valueRange" => value.read_range(member, notes),
                "valueRatio" => value.read_ratio(member, notes),
                "valueCodeableConcept" | "valueCoding" => value.read_coded(member, codings),
                "valueString" | "valueDateTime" | "valueTime" | "valueDate" | "valueUri" => {
                    value.text = member.text().map(Arc::from);
                }
                "valueBoolean" => value.text = member.boolean().map(|yes| yes.to_string().into()),
                "valuePeriod" => value.read_period(member),
                "valueSampledData" => notes.push((ProblemKind::Partial, "sampled data left out")),
                "valueAttachment" => notes.push((ProblemKind::Partial, "attached data left out")),
                "interpretation" => value.code_attribute("interpretation", member, codings),
                "dataAbsentReason" => value.code_attribute("data_absent_reason", member, codings),
                "bodySite" => value.code_attribute("body_site", member, codings),
                "method" => value.code_attribute("method", member, codings),
                "referenceRange" => value.read_reference_range(member),
                _ => {}
            }
        }
        value
    }

    /// Reads a Quantity, Money, SimpleQuantity or bare number.
    pub(crate) fn of_number(element: Json<'_>, notes: &mut Notes) -> Self {
        let mut value = Self::default();
        value.read_number(element.first(), notes);
        value
    }

    /// Reads a coded answer.
    pub(crate) fn of_coded(element: Json<'_>, codings: &mut Codings) -> Self {
        let mut value = Self::default();
        value.read_coded(element, codings);
        value
    }

    /// Takes text as it is.
    pub(crate) fn of_text(text: &str) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    fn read_number(&mut self, element: Json<'_>, notes: &mut Notes) {
        if let Some(number) = element.number() {
            self.number = Some(number);
            return;
        }
        self.unit = unit(element);
        let Some(number) = element.get("value").and_then(Json::number) else {
            if element.get("value").is_some() {
                notes.push((ProblemKind::Partial, "a quantity's value is no number and was left out"));
            }
            self.unit = None;
            return;
        };
        self.number = Some(number);
        if let Some(comparator) = element.text_at("comparator") {
            self.attributes.insert("comparator".into(), Attribute::Text(comparator.into()));
        }
        if self.unit.is_none() {
            notes.push((ProblemKind::Unit, "a number without a unit"));
        }
    }

    fn read_range(&mut self, element: Json<'_>, notes: &mut Notes) {
        let (low, high) = (element.get("low"), element.get("high"));
        for (name, bound) in [("low", low), ("high", high)] {
            if let Some(number) = bound.and_then(|bound| bound.get("value")).and_then(Json::number) {
                self.attributes.insert(name.into(), Attribute::Float(number));
            }
        }
        self.unit = low.and_then(unit).or_else(|| high.and_then(unit));
        if self.unit.is_none() && !self.attributes.is_empty() {
            notes.push((ProblemKind::Unit, "a range without a unit"));
        }
    }

    fn read_ratio(&mut self, element: Json<'_>, notes: &mut Notes) {
        let number = |name| element.get(name).and_then(|part| part.get("value")).and_then(Json::number);
        if let (Some(numerator), Some(denominator)) = (number("numerator"), number("denominator")) {
            self.text = Some(format!("{numerator}:{denominator}").into());
            for (name, part) in [("numerator_unit", "numerator"), ("denominator_unit", "denominator")] {
                if let Some(unit) = element.get(part).and_then(unit) {
                    self.attributes.insert(name.into(), Attribute::Text(unit.into()));
                }
            }
        } else {
            notes.push((ProblemKind::Partial, "a ratio without both numbers was left out"));
        }
    }

    fn read_coded(&mut self, element: Json<'_>, codings: &mut Codings) {
        let element = element.first();
        if let Some(words) = element.text_at("text").filter(|_| element.get("coding").is_none()) {
            self.text = Some(words.into());
            return;
        }
        let coded = codings.read(element);
        if let Some(others) = coded.others_json() {
            self.attributes.insert("other_values".into(), Attribute::Text(others));
        }
        self.text = coded.code.map(Arc::from);
    }

    fn read_period(&mut self, element: Json<'_>) {
        let bound = |name| element.text_at(name).unwrap_or_default();
        self.text = Some(format!("{}/{}", bound("start"), bound("end")).into());
    }

    fn read_reference_range(&mut self, element: Json<'_>) {
        for (name, path) in [("reference_low", "low.value"), ("reference_high", "high.value")] {
            if let Some(number) = element.first().at(path).and_then(Json::number) {
                self.attributes.insert(name.into(), Attribute::Float(number));
            }
        }
    }

    fn code_attribute(&mut self, name: &str, element: Json<'_>, codings: &mut Codings) {
        if let Some(code) = codings.read(element).code {
            self.attributes.insert(name.into(), Attribute::Text(code.into()));
        }
    }
}

fn unit(quantity: Json<'_>) -> Option<Unit> {
    let code = quantity.text_at("code");
    let is_ucum = quantity.text_at("system").is_none_or(|system| system == UCUM);
    let words = quantity.text_at("unit").or_else(|| quantity.text_at("currency"));
    let text = if is_ucum { code.or(words) } else { words.or(code) };
    Unit::new(text?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::tape::Tape;
    use super::*;

    fn read(document: &str) -> (Value, Notes) {
        let (mut tape, mut codings, mut notes) = (Tape::default(), Codings::default(), Vec::new());
        codings.start_batch();
        let value = Value::of_observation(tape.read(document).unwrap(), &mut codings, &mut notes);
        (value, notes)
    }

    #[test]
    fn regress_the_ucum_code_wins_over_words_but_not_over_nothing() {
        let unit = |text: &str| read(text).0.unit.map(|unit| unit.as_str().to_owned());
        let ucum = r#"{"valueQuantity":{"value":1,"unit":"mmHg","code":"mm[Hg]","system":"http://unitsofmeasure.org"}}"#;
        assert_eq!(unit(ucum).as_deref(), Some("mm[Hg]"));
        assert_eq!(unit(r#"{"valueQuantity":{"value":1,"unit":"puffs"}}"#).as_deref(), Some("puffs"));
        let other = r#"{"valueQuantity":{"value":1,"unit":"tablet","code":"732936001","system":"http://snomed.info/sct"}}"#;
        assert_eq!(unit(other).as_deref(), Some("tablet"));
    }

    #[test]
    fn regress_every_form_of_value() {
        let text = |document: &str| read(document).0.text.map(|text| text.to_string());
        assert_eq!(read(r#"{"valueInteger":3}"#).0.number, Some(3.0));
        assert_eq!(text(r#"{"valueBoolean":false}"#).as_deref(), Some("false"));
        assert_eq!(
            text(r#"{"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}}"#).as_deref(),
            Some("1:128")
        );
        let coded =
            r#"{"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"266919005"}]}}"#;
        assert_eq!(text(coded).as_deref(), Some("SNOMED//266919005"));
        let (value, notes) = read(r#"{"valueQuantity":{"value":3,"comparator":"<"}}"#);
        assert_eq!(value.attributes["comparator"], Attribute::Text("<".into()));
        assert_eq!(notes, [(ProblemKind::Unit, "a number without a unit")]);
    }
}
