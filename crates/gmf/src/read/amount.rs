//! Reading random amounts, in the old form (`exact`, `range`) and the new (`distribution`).

use serde_json::Value as Json;

use crate::error::Problem;
use crate::ir::{Amount, Distribution, Shape, TimeUnit};
use crate::read::json::{Reading, path, present};

const UNITS: &str = "seconds, minutes, hours, days, weeks, months or years";

/// The kinds of distribution.
const KINDS: [(&str, Kind); 5] = [
    ("EXACT", Kind::Exact),
    ("UNIFORM", Kind::Uniform),
    ("GAUSSIAN", Kind::Gaussian),
    ("EXPONENTIAL", Kind::Exponential),
    ("TRIANGULAR", Kind::Triangular),
];

#[derive(Clone, Copy)]
enum Kind {
    Exact,
    Uniform,
    Gaussian,
    Exponential,
    Triangular,
}

impl Reading<'_> {
    pub(crate) fn unit(&mut self, json: &Json, at: &str) -> Option<TimeUnit> {
        self.word(json, at, "unit", &TimeUnit::WORDS, UNITS)
    }

    /// `distribution`, if it is there.
    pub(crate) fn distribution(&mut self, json: &Json) -> Option<Distribution> {
        let found = present(json, "distribution")?;
        let kind = self.word(
            found,
            "distribution",
            "kind",
            &KINDS,
            "EXACT, UNIFORM, GAUSSIAN, EXPONENTIAL or TRIANGULAR",
        )?;
        let at = "distribution.parameters";
        let Some(parameters) = present(found, "parameters") else {
            self.fault(at, Problem::Missing { expected: "the distribution's parameters" });
            return None;
        };
        let shape = match kind {
            Kind::Exact => Shape::Exact(self.number(parameters, at, "value")?),
            Kind::Uniform => Shape::Uniform {
                low: self.number(parameters, at, "low")?,
                high: self.number(parameters, at, "high")?,
            },
            Kind::Gaussian => Shape::Gaussian {
                mean: self.number(parameters, at, "mean")?,
                standard_deviation: self.number(parameters, at, "standardDeviation")?,
                min: self.optional_number(parameters, at, "min"),
                max: self.optional_number(parameters, at, "max"),
            },
            Kind::Exponential => Shape::Exponential { mean: self.number(parameters, at, "mean")? },
            Kind::Triangular => {
                let min = self.number(parameters, at, "min")?;
                let mode = self.number(parameters, at, "mode")?;
                let max = self.number(parameters, at, "max")?;
                if !(min <= mode && mode <= max && min < max) {
                    let found = format!("{min}, {mode}, {max}");
                    self.fault(at, Problem::Unusable { found, expected: "min <= mode <= max, min < max" });
                    return None;
                }
                Shape::Triangular { min, mode, max }
            }
        };
        Some(Distribution { shape, round: present(found, "round").is_some_and(|round| round == true) })
    }

    /// `exact` or `range` of the old form, if one is there.
    pub(crate) fn legacy(&mut self, json: &Json) -> Option<Distribution> {
        let shape = if let Some(exact) = present(json, "exact") {
            Shape::Exact(self.number(exact, "exact", "quantity")?)
        } else {
            let range = present(json, "range")?;
            Shape::Uniform {
                low: self.number(range, "range", "low")?,
                high: self.number(range, "range", "high")?,
            }
        };
        Some(Distribution { shape, round: false })
    }

    /// A span of time in the old form, if it is there.
    pub(crate) fn legacy_span(&mut self, json: &Json) -> Option<Amount> {
        let distribution = self.legacy(json)?;
        let key = if present(json, "exact").is_some() { "exact" } else { "range" };
        let unit = self.unit(&json[key], key)?;
        Some(Amount { distribution, unit, is_whole: false })
    }

    /// The span of a Delay.
    pub(crate) fn delay(&mut self, json: &Json) -> Option<Amount> {
        if present(json, "exact").is_some() || present(json, "range").is_some() {
            return self.legacy_span(json);
        }
        if present(json, "distribution").is_none() {
            self.fault("distribution", Problem::Missing { expected: "exact, range or distribution" });
            return None;
        }
        let distribution = self.distribution(json)?;
        Some(Amount { distribution, unit: self.unit(json, "")?, is_whole: true })
    }

    /// The duration of a Procedure, if it takes time.
    pub(crate) fn duration(&mut self, json: &Json) -> Option<Amount> {
        if let Some(duration) = present(json, "duration") {
            let at = "duration";
            let shape = Shape::Uniform {
                low: self.number(duration, at, "low")?,
                high: self.number(duration, at, "high")?,
            };
            let distribution = Distribution { shape, round: false };
            return Some(Amount { distribution, unit: self.unit(duration, at)?, is_whole: false });
        }
        let distribution = self.distribution(json)?;
        Some(Amount { distribution, unit: self.unit(json, "")?, is_whole: false })
    }

    /// The two ends of a range and the decimals it is rounded to.
    pub(crate) fn range(&mut self, json: &Json) -> Option<(f64, f64, Option<i32>)> {
        let range = present(json, "range")?;
        let low = self.number(range, "range", "low")?;
        let high = self.number(range, "range", "high")?;
        let decimals = self.optional_number(range, "range", "decimals").map(|decimals| decimals as i32);
        Some((low, high, decimals))
    }

    /// A pair of counts such as `minNumberSeries` and `maxNumberSeries`, if it makes a range.
    pub(crate) fn counts(&mut self, json: &Json, at: &str, least: &str, most: &str) -> Option<(f64, f64)> {
        let low = self.optional_number(json, at, least)?;
        let high = self.optional_number(json, at, most)?;
        if high < low {
            let found = format!("{high}");
            self.fault(&path(at, most), Problem::Unusable { found, expected: "at least the minimum" });
            return None;
        }
        (low > 0.0).then_some((low, high))
    }
}
