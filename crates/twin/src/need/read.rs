//! Reads a need table.

use std::collections::BTreeMap;

use crate::physiology::{Effect, VitalSign};

use super::NeedError;
use super::condition::{
    AGES, Condition, ConditionId, Duration, Group, Infectious, MOST_CONDITIONS, OtherCause, Rates, Season,
    SignEffect, Spread, Target, TargetKind,
};
use super::rates::RateTables;
use super::raw::{RawCause, RawCondition, RawCrowding, RawGroup, RawSpread, RawTable, RawTarget, Steps};
use super::view::NEED_SIGNS;

const FILE: &str = "need.toml";
const TABLE: &str = include_str!("../../data/need.toml");

/// The need table.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    conditions: Vec<Condition>,
    other_causes: Vec<OtherCause>,
    tables: RateTables,
}

impl Need {
    /// The table that ships with the crate.
    ///
    /// # Panics
    /// Never: the tests read it.
    pub fn england() -> Self {
        Self::parse(FILE, TABLE).expect("the embedded table is sound")
    }

    /// Reads a table; `file` is named in errors.
    ///
    /// # Errors
    /// The first fault: unknown key or name, or a value out of range.
    pub fn parse(file: &str, text: &str) -> Result<Self, NeedError> {
        let raw: RawTable = toml::from_str(text)
            .map_err(|fault| NeedError::Syntax { file: file.to_owned(), detail: fault.to_string() })?;
        let reader = Reader {
            file,
            names: raw.condition.iter().enumerate().map(|(at, of)| (of.name.clone(), at)).collect(),
            sources: &raw.sources,
            crowding: &raw.co_occurrence,
        };
        if raw.condition.len() > MOST_CONDITIONS {
            let count = raw.condition.len().to_string();
            return Err(reader.value("table", "condition", &count, "at most 128 entries"));
        }
        if reader.names.len() < raw.condition.len() {
            let mut names: Vec<&str> = raw.condition.iter().map(|of| of.name.as_str()).collect();
            names.sort_unstable();
            let twice = names.windows(2).find(|pair| pair[0] == pair[1]).map_or("", |pair| pair[0]);
            return Err(reader.value(twice, "name", twice, "distinct names"));
        }
        let conditions =
            raw.condition.iter().map(|entry| reader.condition(entry)).collect::<Result<Vec<_>, _>>()?;
        let other_causes =
            raw.other_cause.iter().map(|entry| reader.other_cause(entry)).collect::<Result<Vec<_>, _>>()?;
        let unnamed = |sex: usize, age: usize| {
            other_causes.iter().map(|cause: &OtherCause| cause.share[sex][age]).sum::<f32>() <= 0.0
        };
        if (0..2).any(|sex| (0..AGES).any(|age| unnamed(sex, age))) {
            return Err(reader.value("other_cause", "share", "0 in total", "above 0 at every age"));
        }
        let tables = RateTables::new(&conditions);
        Ok(Self { conditions, other_causes, tables })
    }

    /// Every condition, in the order of the table.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// One condition.
    pub fn condition(&self, id: ConditionId) -> &Condition {
        &self.conditions[id.index()]
    }

    /// The condition of a name.
    pub fn find(&self, name: &str) -> Option<ConditionId> {
        self.conditions.iter().position(|of| of.name == name).map(|index| ConditionId(index as u8))
    }

    /// The condition of a SNOMED CT code, as modules give it.
    pub fn find_snomed(&self, code: &str) -> Option<ConditionId> {
        self.conditions.iter().position(|of| of.snomed == code).map(|index| ConditionId(index as u8))
    }

    /// The ratio by which one condition, while active, multiplies the rate of another: what the other's entry says
    /// of it, and what it says of each long-term physical or mental condition.
    pub fn ratio(&self, of: ConditionId, on: ConditionId) -> f64 {
        let (of_entry, rates) = (self.condition(of), &self.condition(on).rates);
        let named: f64 = rates.active.iter().filter(|(id, _)| *id == of).map(|(_, ratio)| ratio).product();
        named
            * match of_entry.group {
                Group::Physical => rates.per_physical,
                Group::Mental => rates.per_mental,
                Group::Acute => 1.0,
            }
    }

    /// The ratio by which smoking multiplies the rate of a condition, beside never having smoked.
    pub fn smoking_ratio(&self, on: ConditionId) -> f64 {
        let [never, _, current] = self.condition(on).rates.tobacco;
        current / never
    }

    /// Causes of death that no condition stands for.
    pub fn other_causes(&self) -> &[OtherCause] {
        &self.other_causes
    }

    pub(crate) const fn tables(&self) -> &RateTables {
        &self.tables
    }
}

struct Reader<'a> {
    file: &'a str,
    names: BTreeMap<String, usize>,
    sources: &'a BTreeMap<String, String>,
    crowding: &'a RawCrowding,
}

const RATIO: &str = "0 to 1000";
const PROBABILITY: &str = "0 to 1";

impl Reader<'_> {
    fn value(&self, entry: &str, field: &str, value: &str, permitted: &'static str) -> NeedError {
        NeedError::Value {
            file: self.file.to_owned(),
            entry: entry.to_owned(),
            field: field.to_owned(),
            value: value.to_owned(),
            permitted,
        }
    }

    fn unknown(&self, entry: &str, field: &str, name: &str, kind: &'static str) -> NeedError {
        NeedError::Unknown {
            file: self.file.to_owned(),
            entry: entry.to_owned(),
            field: field.to_owned(),
            name: name.to_owned(),
            kind,
        }
    }

    fn within(
        &self,
        entry: &str,
        field: &str,
        value: f64,
        most: f64,
        permitted: &'static str,
    ) -> Result<f64, NeedError> {
        if (0.0..=most).contains(&value) {
            Ok(value)
        } else {
            Err(self.value(entry, field, &value.to_string(), permitted))
        }
    }

    fn find(&self, entry: &str, field: &str, name: &str) -> Result<ConditionId, NeedError> {
        let place = self.names.get(name).ok_or_else(|| self.unknown(entry, field, name, "condition"))?;
        Ok(ConditionId(*place as u8))
    }

    /// Steps by age as a value for each whole age; before the first step `before`.
    fn by_age(
        &self,
        entry: &str,
        field: &str,
        steps: &Steps,
        before: f64,
        (most, permitted): (f64, &'static str),
    ) -> Result<Vec<f64>, NeedError> {
        let mut values = vec![before; AGES];
        let mut last = None;
        for (age, value) in steps {
            if last.is_some_and(|last| last >= *age) || *age as usize >= AGES {
                let permitted = "rising whole ages up to 110";
                return Err(self.value(entry, field, &format!("age {age}"), permitted));
            }
            last = Some(*age);
            let value = self.within(entry, field, *value, most, permitted)?;
            values[*age as usize..].fill(value);
        }
        Ok(values)
    }

    fn condition(&self, raw: &RawCondition) -> Result<Condition, NeedError> {
        let entry = raw.name.as_str();
        if entry.is_empty()
            || !entry.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        {
            return Err(self.value(entry, "name", entry, "lower-case letters, digits and underscores"));
        }
        for source in raw.sources.values() {
            if !self.sources.contains_key(source) {
                return Err(self.unknown(entry, "sources", source, "source"));
            }
        }
        if raw.snomed.is_empty() || !raw.snomed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.value(entry, "snomed", &raw.snomed, "digits"));
        }
        let group = match raw.group {
            RawGroup::Physical => Group::Physical,
            RawGroup::Mental => Group::Mental,
            RawGroup::Acute => Group::Acute,
        };
        if group == Group::Acute && raw.duration_days.is_none() {
            return Err(self.value(entry, "duration_days", "absent", "given for acute problems"));
        }
        let effects = raw.effects.iter().map(|effect| {
            let usually_treated =
                self.within(entry, "effects.usually_treated", effect.usually_treated, 1.0, PROBABILITY)?;
            let sign = self.sign(entry, "effects.sign", &effect.sign)?;
            if !effect.change.is_finite() || !effect.change_per_year.is_finite() {
                return Err(self.value(entry, "effects.change", "not finite", "a number"));
            }
            let effect = Effect { sign, change: effect.change, change_per_year: effect.change_per_year };
            Ok(SignEffect { effect, usually_treated })
        });
        let duration = raw.duration_days.as_ref().map(|duration| {
            Ok(Duration {
                median_days: self.within(
                    entry,
                    "duration_days.median",
                    duration.median,
                    36_500.0,
                    "0 to 36500",
                )?,
                spread: self.within(entry, "duration_days.spread", duration.spread, 3.0, "0 to 3")?,
            })
        });
        let season = raw.season.as_ref().map(|season| {
            Ok(Season {
                peak_day: self.within(entry, "season.peak_day", season.peak_day, 366.0, "0 to 366")?,
                amplitude: self.within(entry, "season.amplitude", season.amplitude, 1.0, PROBABILITY)?,
            })
        });
        let narrow = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect::<Vec<f32>>();
        let infectious = raw.infectious.as_ref().map(|passing| {
            let (household, interval) = (passing.household_probability, passing.serial_interval_days);
            Ok(Infectious {
                household_probability: self.within(
                    entry,
                    "infectious.household_probability",
                    household,
                    1.0,
                    PROBABILITY,
                )?,
                serial_interval_days: self.within(
                    entry,
                    "infectious.serial_interval_days",
                    interval,
                    60.0,
                    "0 to 60",
                )?,
                immune_days: self.within(
                    entry,
                    "infectious.immune_days",
                    passing.immune_days,
                    36_500.0,
                    "0 to 36500",
                )?,
                susceptible: match &passing.susceptible {
                    none if none.is_empty() => Vec::new(),
                    steps => narrow(self.by_age(
                        entry,
                        "infectious.susceptible",
                        steps,
                        1.0,
                        (1.0, PROBABILITY),
                    )?),
                },
            })
        });
        let brings = raw.brings.iter().map(|(name, probability)| {
            Ok((
                self.find(entry, "brings", name)?,
                self.within(entry, "brings", *probability, 1.0, PROBABILITY)?,
            ))
        });
        let mortality_ratio =
            self.by_age(entry, "mortality_ratio", &raw.mortality_ratio, 1.0, (1000.0, RATIO))?;
        let fatality = match &raw.fatality {
            steps if steps.is_empty() => Vec::new(),
            steps => narrow(self.by_age(entry, "fatality", steps, 0.0, (1.0, PROBABILITY))?),
        };
        let fatal_after_days = raw.fatal_after_days.unwrap_or(5.0);
        Ok(Condition {
            name: raw.name.clone(),
            snomed: raw.snomed.clone(),
            display: raw.display.clone(),
            icd10: raw.icd10.clone(),
            group,
            morbidity: raw.morbidity.clone(),
            targets: raw.targets.iter().map(|target| self.target(entry, target)).collect::<Result<_, _>>()?,
            effects: effects.collect::<Result<_, _>>()?,
            severity: self.severity(entry, raw.severity.as_ref())?,
            duration: duration.transpose()?,
            season: season.transpose()?,
            mortality_ratio: narrow(mortality_ratio),
            fatality,
            fatal_after_days: self.within(entry, "fatal_after_days", fatal_after_days, 365.0, "0 to 365")?,
            brings: brings.collect::<Result<_, _>>()?,
            infectious: infectious.transpose()?,
            rates: self.rates(raw, group)?,
            scale: raw.scale,
        })
    }

    fn rates(&self, raw: &RawCondition, group: Group) -> Result<Rates, NeedError> {
        let entry = raw.name.as_str();
        let scale = self.within(entry, "scale", raw.scale, 1000.0, RATIO)?;
        let sex = |own: &Option<Steps>, field: &str, ratio: f64, ratio_field: &str| {
            let ratio = self.within(entry, ratio_field, ratio, 1000.0, RATIO)?;
            let (steps, field) = own.as_ref().map_or((&raw.incidence, "incidence"), |own| (own, field));
            let rates = self.by_age(entry, field, steps, 0.0, (100.0, "0 to 100 a year"))?;
            Ok::<_, NeedError>(rates.into_iter().map(|rate| rate * ratio * scale).collect::<Vec<_>>())
        };
        let base = [
            sex(&raw.incidence_female, "incidence_female", raw.female, "female")?,
            sex(&raw.incidence_male, "incidence_male", raw.male, "male")?,
        ];
        let ratio = |field: &str, value: f64| self.within(entry, field, value, 1000.0, RATIO);
        let per_decile = ratio("per_imd_decile", raw.per_imd_decile)?;
        let of = &raw.ethnicity;
        let ethnicity = [of.white, of.mixed, of.asian, of.black, of.other];
        for value in ethnicity {
            ratio("ethnicity", value)?;
        }
        let signs = raw.signs.iter().map(|factor| {
            let sign = self.sign(entry, "signs.sign", &factor.sign)?;
            let place = NEED_SIGNS.iter().position(|read| *read == sign);
            let place =
                place.ok_or_else(|| self.unknown(entry, "signs.sign", &factor.sign, "sign read by rates"))?;
            if !(0.1..=10.0).contains(&factor.ratio_per_unit) || !factor.reference.is_finite() {
                let value = factor.ratio_per_unit.to_string();
                return Err(self.value(entry, "signs.ratio_per_unit", &value, "0.1 to 10"));
            }
            Ok((place, factor.reference, factor.ratio_per_unit.ln()))
        });
        let active = raw
            .active
            .iter()
            .map(|(name, value)| Ok((self.find(entry, "active", name)?, ratio("active", *value)?)));
        let (physical, mental) = match group {
            Group::Physical => (self.crowding.physical_per_physical, self.crowding.physical_per_mental),
            Group::Mental => (self.crowding.mental_per_physical, self.crowding.mental_per_mental),
            Group::Acute => (1.0, 1.0),
        };
        Ok(Rates {
            base,
            decile: std::array::from_fn(|decile| per_decile.powf(4.5 - decile as f64)),
            ethnicity,
            tobacco: [1.0, ratio("former_smoker", raw.former_smoker)?, ratio("smoker", raw.smoker)?],
            signs: signs.collect::<Result<_, _>>()?,
            active: active.collect::<Result<_, _>>()?,
            per_physical: ratio("per_physical", raw.per_physical.unwrap_or(physical))?,
            per_mental: ratio("per_mental", raw.per_mental.unwrap_or(mental))?,
        })
    }

    fn sign(&self, entry: &str, field: &str, name: &str) -> Result<VitalSign, NeedError> {
        VitalSign::parse(name).ok_or_else(|| self.unknown(entry, field, name, "vital sign"))
    }

    fn severity(&self, entry: &str, raw: Option<&RawSpread>) -> Result<Spread, NeedError> {
        let Some(raw) = raw else {
            return Ok(Spread { mean: 1.0, standard_deviation: 0.0, least: 1.0, greatest: 1.0 });
        };
        if !(0.0 <= raw.least && raw.least <= raw.mean && raw.mean <= raw.greatest && raw.greatest <= 10.0) {
            let value = format!("mean {} between {} and {}", raw.mean, raw.least, raw.greatest);
            return Err(self.value(entry, "severity", &value, "0 <= least <= mean <= greatest <= 10"));
        }
        let standard_deviation = self.within(entry, "severity.sd", raw.sd, 10.0, "0 to 10")?;
        Ok(Spread { mean: raw.mean, standard_deviation, least: raw.least, greatest: raw.greatest })
    }

    fn target(&self, entry: &str, raw: &RawTarget) -> Result<Target, NeedError> {
        let (kind, value) = match (raw.prevalence, raw.incidence) {
            (Some(share), None) => {
                (TargetKind::Prevalence, self.within(entry, "targets.prevalence", share, 1.0, PROBABILITY)?)
            }
            (None, Some(rate)) => (
                TargetKind::Incidence,
                self.within(entry, "targets.incidence", rate, 100.0, "0 to 100 a year")?,
            ),
            _ => return Err(self.value(entry, "targets", "both or none", "one of prevalence and incidence")),
        };
        if !(0.01..=1.0).contains(&raw.known) {
            return Err(self.value(entry, "targets.known", &raw.known.to_string(), "0.01 to 1"));
        }
        let source = raw.source.clone();
        Ok(Target { kind, value, from_age: raw.from_age, known: raw.known, held_out: raw.held_out, source })
    }

    fn other_cause(&self, raw: &RawCause) -> Result<OtherCause, NeedError> {
        let entry = raw.icd10.as_str();
        let share = |field: &str, steps: &Steps| {
            let values = self.by_age(entry, field, steps, 0.0, (1000.0, RATIO))?;
            Ok::<Vec<f32>, NeedError>(values.into_iter().map(|value| value as f32).collect())
        };
        let share = [share("female", &raw.female)?, share("male", &raw.male)?];
        Ok(OtherCause { icd10: raw.icd10.clone(), display: raw.display.clone(), share })
    }
}
