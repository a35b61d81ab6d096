//! Reading the parts that several state types share.

use serde_json::Value as Json;

use crate::error::Problem;
use crate::ir::{Distribution, Observation, Observed, Reason, Series};
use crate::names::{AttributeId, CodingId};
use crate::read::json::{Reading, path, present};

impl Reading<'_> {
    /// Codes of a state that is nothing without one.
    pub(crate) fn some_codings(&mut self, json: &Json) -> Option<Box<[CodingId]>> {
        let codings = self.codings(json, "", "codes");
        (!codings.is_empty()).then_some(codings)
    }

    pub(crate) fn required_coding(&mut self, json: &Json, key: &str) -> Option<CodingId> {
        let Some(found) = present(json, key) else {
            self.fault(key, Problem::Missing { expected: "a code" });
            return None;
        };
        self.coding(found, key)
    }

    pub(crate) fn required_distribution(&mut self, json: &Json) -> Option<Distribution> {
        if present(json, "distribution").is_none() {
            self.fault("distribution", Problem::Missing { expected: "exact, range or distribution" });
        }
        self.distribution(json)
    }

    pub(crate) fn assigned(&mut self, json: &Json) -> Option<AttributeId> {
        let name = self.optional_text(json, "", "assign_to_attribute")?.to_owned();
        (!name.is_empty()).then(|| self.compiled.vocabulary.attribute(&name))
    }

    /// A reason: the name of an attribute or of a state.
    pub(crate) fn reason(&mut self, json: &Json, key: &str) -> Option<Reason> {
        let name = self.optional_text(json, "", key)?.to_owned();
        if name.is_empty() {
            return None;
        }
        let onset = self.state_of_module(&name).map(|(_, state)| state.clone());
        let fallback = onset
            .filter(|state| state.get("type").and_then(Json::as_str) == Some("ConditionOnset"))
            .and_then(|state| state.get("codes")?.get(0).cloned())
            .and_then(|code| self.coding(&code, key));
        let vocabulary = &mut self.compiled.vocabulary;
        Some(Reason {
            attribute: Some(vocabulary.attribute(&name)),
            state: vocabulary.text(&name),
            mark: vocabulary.mark(&name),
            fallback,
        })
    }

    pub(crate) fn observations(&mut self, json: &Json) -> Box<[Observation]> {
        let items = self.array(json, "", "observations");
        let parts: Vec<Observation> = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| self.observation(item, &format!("observations[{index}]")))
            .collect();
        parts.into()
    }

    pub(crate) fn observation(&mut self, json: &Json, at: &str) -> Option<Observation> {
        let codings = self.codings(json, at, "codes");
        if codings.is_empty() {
            return None;
        }
        let unit = self.shared_text(json, at, "unit");
        let is_legacy = present(json, "exact").is_some() || present(json, "range").is_some();
        let observed = if let Some(exact) = present(json, "exact") {
            let field = path(at, "exact.quantity");
            Observed::Exact(self.value(exact.get("quantity").unwrap_or(&Json::Null), &field))
        } else if present(json, "range").is_some() {
            let (low, high, decimals) = self.range(json)?;
            Observed::Range { low, high, decimals }
        } else if present(json, "distribution").is_some() {
            Observed::Distribution(self.distribution(json)?)
        } else if let Some(name) = self.optional_text(json, at, "attribute") {
            let name = name.to_owned();
            Observed::Attribute(self.compiled.vocabulary.attribute(&name))
        } else if let Some(name) = self.optional_text(json, at, "vital_sign") {
            let name = name.to_owned();
            Observed::VitalSign(self.vital_sign(&name, &path(at, "vital_sign"))?)
        } else if let Some(code) = present(json, "value_code") {
            Observed::Exact(crate::value::Value::Code(self.coding(code, &path(at, "value_code"))?))
        } else {
            if present(json, "expression").is_some() {
                self.unsupported("field expression: CQL is not evaluated; no value is recorded".to_owned());
            }
            Observed::Opaque
        };
        if is_legacy && unit.is_none() {
            // The Java engine refuses a number without a unit; an empty one it takes for missing.
            self.finding(format!("field {}: a number without a unit", path(at, "unit")));
        }
        Some(Observation { codings, category: self.shared_text(json, at, "category"), unit, observed })
    }

    pub(crate) fn reactions(&mut self, json: &Json) -> Box<[CodingId]> {
        let items = self.optional_array(json, "", "reactions");
        let reactions: Vec<CodingId> = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                self.optional_coding(item, &format!("reactions[{index}]"), "reaction")
            })
            .collect();
        reactions.into()
    }

    pub(crate) fn series(&mut self, json: &Json) -> Box<[Series]> {
        let mut all = Vec::new();
        for (index, item) in self.array(json, "", "series").iter().enumerate() {
            let at = format!("series[{index}]");
            all.push(Series {
                modality: self.optional_coding(item, &at, "modality"),
                body_site: self.optional_coding(item, &at, "body_site"),
                instances: self.optional_array(item, &at, "instances").len() as u32,
                instance_range: self.counts(item, &at, "minNumberInstances", "maxNumberInstances"),
            });
        }
        all.into()
    }
}
