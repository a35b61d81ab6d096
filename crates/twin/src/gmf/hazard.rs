//! Rates per year instead of coin flips: the extension key `hazard_per_year` of a Delay.
//!
//! ```json
//! "hazard_per_year": {
//!   "by_age": [[0, 0.0], [30, 0.004], [50, 0.011]],
//!   "male": 1.1, "female": 0.9,
//!   "per_imd_decile": 1.03,
//!   "factors": [{"condition": {...}, "ratio": 2.4},
//!               {"vital_sign": "BMI", "reference": 27, "ratio_per_unit": 1.08}],
//!   "scale": 1.0
//! }
//! ```
//! The rate at an age is that of the last step at or below it, times the sex's factor, times
//! `per_imd_decile` for each decile more deprived than 5.5, times every factor that applies, times
//! `scale` (what calibration moves; `scale_from` names a parameter). A sign that a factor reads is that of the last birthday. So the rate
//! is a function of the person's state and of whole years of age: it holds until the next step of age
//! (with a sign, the next birthday) or until the state changes, and how often anyone looks at it changes
//! nothing. The event comes by the hazard accumulated so far.

use super::condition::{Condition, read_vital_sign};
use super::names::Names;
use super::node::Node;
use super::topics::Topics;
use super::{PathwayError, States};
use crate::engine::Moment;
use crate::patient::Patient;
use crate::person::Sex;
use crate::physiology::VitalSign;

/// A rate by age, sex, deprivation and state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hazard {
    /// First age in years and rate per year, in order of age.
    by_age: Vec<(f64, f64)>,
    female: f64,
    male: f64,
    per_imd_decile: f64,
    factors: Vec<Factor>,
    scale: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Factor {
    When(Condition, f64),
    PerUnit { sign: VitalSign, reference: f64, ratio: f64 },
}

impl Hazard {
    pub(crate) fn read(
        node: &Node<'_>,
        names: &mut Names,
        states: &States<'_>,
    ) -> Result<Self, PathwayError> {
        let steps = node.need("by_age")?;
        let mut by_age = Vec::new();
        for step in steps.list()? {
            let [age, rate] = &step.list()?[..] else {
                return Err(step.error("permitted: [age in years, rate per year]"));
            };
            let (age, rate) = (age.number()?, rate.number()?);
            if rate < 0.0 || by_age.last().is_some_and(|last: &(f64, f64)| last.0 >= age) {
                return Err(step.error("permitted: rising ages, rates of 0 or more"));
            }
            by_age.push((age, rate));
        }
        let positive = |field: &str| match node.number_of(field)? {
            Some(ratio) if ratio < 0.0 => {
                Err(node.error(format!("{field} is {ratio}; permitted: 0 or more")))
            }
            ratio => Ok(ratio.unwrap_or(1.0)),
        };
        let mut factors = Vec::new();
        for factor in node.list_of("factors")? {
            factors.push(match factor.get("vital_sign") {
                Some(sign) => Factor::PerUnit {
                    sign: read_vital_sign(&sign)?,
                    reference: factor.need("reference")?.number()?,
                    ratio: factor.need("ratio_per_unit")?.number()?,
                },
                None => Factor::When(
                    Condition::read(&factor.need("condition")?, names, states)?,
                    factor.need("ratio")?.number()?,
                ),
            });
        }
        Ok(Self {
            by_age,
            female: positive("female")?,
            male: positive("male")?,
            per_imd_decile: positive("per_imd_decile")?,
            factors,
            scale: match names.number_or_parameter(node, "scale")? {
                Some(scale) if scale < 0.0 => {
                    return Err(node.error(format!("scale is {scale}; permitted: 0 or more")));
                }
                scale => scale.unwrap_or(1.0),
            },
        })
    }

    /// The rate per year now, and the moment at which the next step of age begins.
    pub(crate) fn rate_per_year(&self, patient: &Patient, now: Moment, names: &Names) -> (f64, Moment) {
        let age = patient.age_years(now);
        let next = self.by_age.partition_point(|step| step.0 <= age);
        // A microsecond late, so that the age is reached in spite of rounding.
        let begins = |years: f64| patient.birth.plus_years(years).plus_micros(1).max(now.plus_micros(1));
        let mut until = self.by_age.get(next).map_or(Moment::NEVER, |step| begins(step.0));
        let Some((_, base)) = next.checked_sub(1).map(|step| self.by_age[step]) else { return (0.0, until) };
        if base == 0.0 {
            return (0.0, until);
        }
        let birthday = patient.birth.plus_years(age.floor());
        if self.factors.iter().any(|factor| matches!(factor, Factor::PerUnit { .. })) {
            until = until.min(begins(age.floor() + 1.0));
        }
        let sex = if patient.sex == Sex::Male { self.male } else { self.female };
        let deprivation = self.per_imd_decile.powf(5.5 - f64::from(patient.imd_decile));
        let factors = self.factors.iter().map(|factor| match factor {
            Factor::When(condition, ratio) => {
                if condition.holds(patient, now, names) {
                    *ratio
                } else {
                    1.0
                }
            }
            Factor::PerUnit { sign, reference, ratio } => {
                ratio.powf(patient.vital_sign(*sign, birthday) - reference)
            }
        });
        (base * sex * deprivation * self.scale * factors.product::<f64>(), until)
    }

    /// What the rate depends on besides age.
    pub(crate) fn topics(&self) -> Topics {
        self.factors.iter().fold(Topics::default(), |topics, factor| match factor {
            Factor::When(condition, _) => topics | condition.topics(),
            Factor::PerUnit { .. } => topics | Topics::SIGNS,
        })
    }
}
