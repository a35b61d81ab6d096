//! Reading states.

use serde_json::Value as Json;

use crate::error::Problem;
use crate::ir::{
    Action, Called, Class, Death, Encounter, End, EndKind, EndOf, ImagingStudy, Onset, OnsetKind, Order,
    Plan, Procedure, Source, State, Symptom, Telemedicine, Transition,
};
use crate::names::{ModuleId, StateId};
use crate::read::json::{Reading, present, shortened};

const CLASSES: &str =
    "wellness, ambulatory, outpatient, inpatient, emergency, urgentcare, hospice, home, snf or virtual";

/// Reads a state; a faulty one is kept as a terminal one so that the others can be checked.
pub(crate) fn state(reading: &mut Reading<'_>, module: ModuleId, json: &Json) -> State {
    let (action, transition) = parts(reading, json).unwrap_or((Action::Terminal, Transition::None));
    State {
        module,
        name: reading.compiled.vocabulary.text(reading.state),
        mark: None,
        action,
        transition,
        targets: Box::default(),
        first_edge: 0,
    }
}

fn parts(reading: &mut Reading<'_>, json: &Json) -> Option<(Action, Transition)> {
    if !json.is_object() {
        reading.fault("", Problem::Unusable { found: shortened(json), expected: "an object" });
        return None;
    }
    let kind = reading.text(json, "", "type")?.to_owned();
    if kind == "Physiology" {
        let alternative = reading.target(json, "", "alt_direct_transition")?;
        return Some((Action::Pass, Transition::Direct(alternative)));
    }
    let action = reading.action(&kind, json);
    let transition = reading.transition(json, kind == "Terminal");
    Some((action?, transition))
}

impl Reading<'_> {
    fn action(&mut self, kind: &str, json: &Json) -> Option<Action> {
        Some(match kind {
            "Initial" | "Simple" => Action::Pass,
            "Terminal" => Action::Terminal,
            "Delay" => Action::Delay(self.delay(json)?),
            "Guard" => Action::Guard(Box::new(self.condition(json, "", "allow")?)),
            "SetAttribute" => self.set_attribute(json)?,
            "Counter" => self.counter(json)?,
            "CallSubmodule" => self.call(json)?,
            "Encounter" => self.encounter(json)?,
            "EncounterEnd" => {
                Action::EncounterEnd { discharge: self.optional_coding(json, "", "discharge_disposition") }
            }
            "ConditionOnset" => self.onset(OnsetKind::Condition, json),
            "AllergyOnset" => self.onset(OnsetKind::Allergy, json),
            "ConditionEnd" => self.end(EndKind::Condition, json, "condition_onset"),
            "AllergyEnd" => self.end(EndKind::Allergy, json, "allergy_onset"),
            "MedicationEnd" => self.end(EndKind::Medication, json, "medication_order"),
            "CarePlanEnd" => self.end(EndKind::CarePlan, json, "careplan"),
            "DeviceEnd" => self.end(EndKind::Device, json, "device"),
            "MedicationOrder" => Action::Order(Box::new(Order {
                codings: self.some_codings(json)?,
                reason: self.reason(json, "reason"),
                assign: self.assigned(json),
                is_chronic: self.flag(json, "chronic"),
                is_administration: self.flag(json, "administration"),
            })),
            "CarePlanStart" => Action::Plan(Box::new(Plan {
                codings: self.some_codings(json)?,
                reason: self.reason(json, "reason"),
                assign: self.assigned(json),
            })),
            "Procedure" => Action::Procedure(Box::new(Procedure {
                codings: self.some_codings(json)?,
                reason: self.reason(json, "reason"),
                assign: self.assigned(json),
                duration: self.duration(json),
            })),
            "VitalSign" => self.set_vital_sign(json)?,
            "Observation" => Action::Observation(Box::new(self.observation(json, "")?)),
            "MultiObservation" => Action::MultiObservation {
                codings: self.some_codings(json)?,
                category: self.shared_text(json, "", "category"),
                parts: self.observations(json),
            },
            "DiagnosticReport" => {
                Action::Report { codings: self.some_codings(json)?, parts: self.observations(json) }
            }
            "ImagingStudy" => self.imaging_study(json)?,
            "Symptom" => self.symptom(json)?,
            "Device" => {
                Action::Device { coding: self.required_coding(json, "code")?, assign: self.assigned(json) }
            }
            "SupplyList" => self.supplies(json),
            "Death" => self.death(json),
            "Vaccine" => Action::Vaccine {
                codings: self.some_codings(json)?,
                series: self.optional_number(json, "", "series").unwrap_or(0.0) as i64,
            },
            _ => {
                self.fault("type", Problem::StateType { found: kind.to_owned() });
                return None;
            }
        })
    }

    fn set_attribute(&mut self, json: &Json) -> Option<Action> {
        let attribute = self.text(json, "", "attribute")?.to_owned();
        let attribute = self.compiled.vocabulary.attribute(&attribute);
        let source = if present(json, "expression").is_some() {
            self.unsupported("field expression: CQL is not evaluated; the attribute is cleared".to_owned());
            Source::Constant(crate::value::Value::Nil)
        } else if present(json, "range").is_some() {
            let (low, high, decimals) = self.range(json)?;
            Source::Range { low, high, decimals }
        } else if let Some(series) = self.optional_text(json, "", "series_data") {
            let text = self.compiled.vocabulary.text(series);
            Source::Constant(crate::value::Value::Text(text))
        } else if present(json, "distribution").is_some() {
            Source::Distribution(self.distribution(json)?)
        } else if let Some(code) = present(json, "value_code") {
            Source::Constant(crate::value::Value::Code(self.coding(code, "value_code")?))
        } else if let Some(from) = self.optional_text(json, "", "value_attribute") {
            let from = from.to_owned();
            Source::Attribute(self.compiled.vocabulary.attribute(&from))
        } else {
            Source::Constant(self.value(json.get("value").unwrap_or(&Json::Null), "value"))
        };
        Some(Action::SetAttribute { attribute, source })
    }

    fn counter(&mut self, json: &Json) -> Option<Action> {
        let attribute = self.text(json, "", "attribute")?.to_owned();
        let sign = self.word(
            json,
            "",
            "action",
            &[("increment", 1.0), ("decrement", -1.0)],
            "increment or decrement",
        )?;
        let amount = self.optional_number(json, "", "amount").filter(|amount| *amount != 0.0).unwrap_or(1.0);
        Some(Action::Counter {
            attribute: self.compiled.vocabulary.attribute(&attribute),
            step: sign * amount,
        })
    }

    fn call(&mut self, json: &Json) -> Option<Action> {
        let path = self.text(json, "", "submodule")?;
        let Some(module) = self.outline_modules.get(path).copied() else {
            self.fault("submodule", Problem::Submodule { path: path.to_owned() });
            return None;
        };
        Some(Action::CallSubmodule(Called(module)))
    }

    fn encounter(&mut self, json: &Json) -> Option<Action> {
        let is_wellness = self.flag(json, "wellness");
        let class = if present(json, "encounter_class").is_some() {
            self.word(json, "", "encounter_class", &Class::WORDS, CLASSES)?
        } else {
            Class::Ambulatory
        };
        let telemedicine = match self.optional_text(json, "", "telemedicine_possibility") {
            None | Some("") => Telemedicine::None,
            Some(_) => self.word(
                json,
                "",
                "telemedicine_possibility",
                &[
                    ("none", Telemedicine::None),
                    ("possible", Telemedicine::Possible),
                    ("always", Telemedicine::Always),
                ],
                "none, possible or always",
            )?,
        };
        let codings =
            if present(json, "codes").is_some() { self.codings(json, "", "codes") } else { Box::default() };
        Some(Action::Encounter(Box::new(Encounter {
            is_wellness,
            class,
            telemedicine,
            codings,
            reason: self.reason(json, "reason"),
        })))
    }

    fn onset(&mut self, kind: OnsetKind, json: &Json) -> Action {
        let target = self.optional_text(json, "", "target_encounter").map(str::trim);
        let target = target.filter(|target| !target.is_empty()).map(ToOwned::to_owned);
        if let Some(target) = target.as_ref().filter(|target| !self.ids.contains_key(target.as_str())) {
            self.finding(format!("field target_encounter: {target:?} is no state of the module"));
        }
        Action::Onset(Box::new(Onset {
            kind,
            codings: self.codings(json, "", "codes"),
            target_encounter: target.map(|target| self.compiled.vocabulary.text(&target)),
            assign: self.assigned(json),
            category: self.shared_text(json, "", "category"),
            reactions: self.reactions(json),
        }))
    }

    fn end(&mut self, kind: EndKind, json: &Json, by_state: &str) -> Action {
        let of = if let Some(state) = self.optional_text(json, "", by_state) {
            let state = state.to_owned();
            EndOf::State(self.compiled.vocabulary.text(&state))
        } else if let Some(attribute) = self.optional_text(json, "", "referenced_by_attribute") {
            let attribute = attribute.to_owned();
            EndOf::Attribute(self.compiled.vocabulary.attribute(&attribute))
        } else if present(json, "codes").is_some() {
            let codings = self.codings(json, "", "codes");
            EndOf::Codes(self.keys_of(&codings))
        } else {
            self.finding("says not what ends; nothing does".to_owned());
            EndOf::Nothing
        };
        Action::End(Box::new(End { kind, of }))
    }

    fn set_vital_sign(&mut self, json: &Json) -> Option<Action> {
        let name = self.text(json, "", "vital_sign")?.to_owned();
        let vital_sign = self.vital_sign(&name, "vital_sign")?;
        if present(json, "expression").is_some() {
            self.unsupported("field expression: CQL is not evaluated; the vital sign stays".to_owned());
            return Some(Action::Pass);
        }
        let distribution = match self.legacy(json) {
            Some(distribution) => distribution,
            None => self.required_distribution(json)?,
        };
        Some(Action::VitalSign { vital_sign, distribution })
    }

    fn symptom(&mut self, json: &Json) -> Option<Action> {
        let name = self.text(json, "", "symptom")?.to_owned();
        let probability =
            self.optional_number(json, "", "probability").filter(|p| (0.0..=1.0).contains(p)).unwrap_or(1.0);
        let zero = crate::ir::Distribution { shape: crate::ir::Shape::Exact(0.0), round: false };
        let value = self.legacy(json).or_else(|| self.distribution(json)).unwrap_or(zero);
        Some(Action::Symptom(Symptom { of: self.compiled.vocabulary.symptom(&name), probability, value }))
    }

    fn imaging_study(&mut self, json: &Json) -> Option<Action> {
        let procedure = self.required_coding(json, "procedure_code")?;
        let series = self.series(json);
        let series_range = self.counts(json, "", "minNumberSeries", "maxNumberSeries");
        Some(Action::ImagingStudy(Box::new(ImagingStudy { procedure, series, series_range })))
    }

    fn supplies(&mut self, json: &Json) -> Action {
        let mut supplies = Vec::new();
        for (index, item) in self.array(json, "", "supplies").iter().enumerate() {
            let at = format!("supplies[{index}]");
            let Some(code) = present(item, "code") else {
                self.fault(&at, Problem::Missing { expected: "a code" });
                continue;
            };
            let quantity = self.optional_number(item, &at, "quantity").unwrap_or(0.0) as i64;
            if let Some(coding) = self.coding(code, &format!("{at}.code")) {
                supplies.push((coding, quantity));
            }
        }
        Action::Supplies(supplies.into())
    }

    fn death(&mut self, json: &Json) -> Action {
        let coding = present(json, "codes").and_then(|_| self.codings(json, "", "codes").first().copied());
        let onset = if coding.is_some() { None } else { self.reason(json, "condition_onset") };
        let attribute = self.optional_text(json, "", "referenced_by_attribute").map(ToOwned::to_owned);
        Action::Death(Box::new(Death {
            coding,
            onset,
            attribute: attribute.map(|name| self.compiled.vocabulary.attribute(&name)),
            delay: self.legacy_span(json),
        }))
    }

    /// The state that a reason names, if it is a state of this module.
    pub(crate) fn state_of_module(&self, name: &str) -> Option<(StateId, &Json)> {
        Some((*self.ids.get(name)?, self.states.get(name)?))
    }
}
