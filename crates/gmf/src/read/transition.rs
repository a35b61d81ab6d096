//! Reading transitions.

use serde_json::Value as Json;

use crate::error::Problem;
use crate::ir::{Branch, Condition, Probability, Share, Transition};
use crate::names::StateId;
use crate::read::json::{Reading, path, present, shortened};

/// Sums of probabilities further from 1 than this are worth a finding.
pub(super) const WORTH_SAYING: f64 = 1e-3;

impl Reading<'_> {
    /// A state's transition; the first form that is there counts, in the Java engine's order.
    pub(crate) fn transition(&mut self, json: &Json, is_terminal: bool) -> Transition {
        if present(json, "direct_transition").is_some() {
            return self.target(json, "", "direct_transition").map_or(Transition::None, Transition::Direct);
        }
        if present(json, "distributed_transition").is_some() {
            let shares = self.shares(json, "", "distributed_transition");
            return if shares.is_empty() { Transition::None } else { Transition::Distributed(shares) };
        }
        if present(json, "conditional_transition").is_some() {
            return self.conditional(json);
        }
        if present(json, "complex_transition").is_some() {
            return self.complex(json);
        }
        if present(json, "lookup_table_transition").is_some() {
            return self.lookup_table(json).unwrap_or(Transition::None);
        }
        if let Some(options) = present(json, "type_of_care_transition") {
            return self.type_of_care(options).unwrap_or(Transition::None);
        }
        if !is_terminal {
            self.fault("transition", Problem::NoTransition);
        }
        Transition::None
    }

    fn options<'j>(&mut self, json: &'j Json, at: &str, key: &str) -> &'j [Json] {
        let items = self.array(json, at, key);
        if items.is_empty() && present(json, key).is_some_and(Json::is_array) {
            self.fault(&path(at, key), Problem::Missing { expected: "at least one option" });
        }
        items
    }

    /// Options with probabilities.
    pub(crate) fn shares(&mut self, json: &Json, at: &str, key: &str) -> Box<[Share]> {
        let field = path(at, key);
        let items = self.options(json, at, key);
        let mut shares = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let at = format!("{field}[{index}]");
            let probability = match present(item, "distribution") {
                Some(Json::Object(_)) => {
                    self.named_probability(&item["distribution"], &path(&at, "distribution"))
                }
                _ => self.number(item, &at, "distribution").map(Probability::Fixed),
            };
            let target = self.target(item, &at, "transition");
            if let (Some(probability), Some(target)) = (probability, target) {
                shares.push(Share { target, probability });
            }
        }
        if shares.len() == items.len() && !shares.is_empty() {
            self.check_sum(&shares, &field);
        }
        shares.into()
    }

    fn named_probability(&mut self, json: &Json, at: &str) -> Option<Probability> {
        let attribute = self.text(json, at, "attribute")?.to_owned();
        let default = self.number(json, at, "default")?;
        Some(Probability::Attribute { attribute: self.compiled.vocabulary.attribute(&attribute), default })
    }

    /// Probabilities must be none below 0 or above 1, and sum to 1 within the tolerance.
    pub(crate) fn check_sum(&mut self, shares: &[Share], field: &str) {
        let mut sum = 0.0;
        for (index, share) in shares.iter().enumerate() {
            let probability = share.probability.usual();
            if !(0.0..=1.0).contains(&probability) {
                let found = probability.to_string();
                self.fault(
                    &format!("{field}[{index}].distribution"),
                    Problem::Unusable { found, expected: "a probability from 0 to 1" },
                );
                return;
            }
            sum += probability;
        }
        // An attribute may hold what the default does not; Java goes on to the last option.
        if shares.iter().any(|share| matches!(share.probability, Probability::Attribute { .. })) {
            return;
        }
        if sum <= 0.0 || (sum - 1.0).abs() > self.tolerance {
            self.fault(field, Problem::Sum { sum, tolerance: self.tolerance });
        } else {
            self.tell_sum(sum, field);
        }
    }

    /// Tells of a sum that is not 1 and of what becomes of it.
    pub(crate) fn tell_sum(&mut self, sum: f64, field: &str) {
        if (sum - 1.0).abs() <= WORTH_SAYING {
            return;
        }
        let outcome = if sum < 1.0 {
            "the last option takes what is missing"
        } else {
            "what comes after the first 1 is never taken"
        };
        self.finding(format!("field {field}: probabilities sum to {sum}, not 1; {outcome}"));
    }

    /// The condition of an option, if it has one; a faulty one has been noted.
    fn guard_of(&mut self, item: &Json, at: &str) -> Option<Condition> {
        present(item, "condition").and_then(|_| self.condition(item, at, "condition"))
    }

    fn conditional(&mut self, json: &Json) -> Transition {
        let field = "conditional_transition";
        let mut options: Vec<(Option<Condition>, StateId)> = Vec::new();
        for (index, item) in self.options(json, "", field).iter().enumerate() {
            let at = format!("{field}[{index}]");
            let condition = self.guard_of(item, &at);
            if let Some(target) = self.target(item, &at, "transition") {
                options.push((condition, target));
            }
        }
        if options.is_empty() { Transition::None } else { Transition::Conditional(options.into()) }
    }

    fn complex(&mut self, json: &Json) -> Transition {
        let field = "complex_transition";
        let mut options: Vec<(Option<Condition>, Branch)> = Vec::new();
        for (index, item) in self.options(json, "", field).iter().enumerate() {
            let at = format!("{field}[{index}]");
            let condition = self.guard_of(item, &at);
            let branch = if present(item, "transition").is_some() {
                self.target(item, &at, "transition").map(Branch::To)
            } else if present(item, "distributions").is_some() {
                let shares = self.shares(item, &at, "distributions");
                (!shares.is_empty()).then_some(Branch::Shares(shares))
            } else {
                self.fault(&at, Problem::Missing { expected: "transition or distributions" });
                None
            };
            if let Some(branch) = branch {
                options.push((condition, branch));
            }
        }
        if options.is_empty() { Transition::None } else { Transition::Complex(options.into()) }
    }

    fn type_of_care(&mut self, json: &Json) -> Option<Transition> {
        let at = "type_of_care_transition";
        if !json.is_object() {
            self.fault(at, Problem::Unusable { found: shortened(json), expected: "an object" });
            return None;
        }
        Some(Transition::TypeOfCare {
            ambulatory: self.target(json, at, "ambulatory")?,
            emergency: self.target(json, at, "emergency")?,
            telemedicine: self.target(json, at, "telemedicine")?,
        })
    }
}
