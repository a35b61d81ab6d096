//! Readings of vital signs, drawn when someone asks.
//!
//! # Source
//! Synthea draws some thirty values for everyone every week; here the value of a (person, week, sign)
//! is a function of those three and of the person's state, so that weeks nobody asks about cost
//! nothing. Distributions as in `LifecycleModule` and `BloodPressureValueGenerator`.

use crate::calendar::{HOUR_MS, WEEK_MS};
use crate::draw::Draws;
use crate::host::body::Age;
use crate::host::{Body, Host, VitalSign};
use crate::ir::{Distribution, Sex};
use crate::life::Record;
use crate::names::AttributeId;
use crate::value::Value;

// By severity of diabetes, 0 to 4 (mg/dL): metabolic.lipid_panel of biometrics.yml.
const CHOLESTEROL: [f64; 6] = [160.0, 200.0, 239.0, 259.0, 279.0, 300.0];
const TRIGLYCERIDES: [f64; 6] = [100.0, 150.0, 199.0, 499.0, 550.0, 600.0];
const HDL: [f64; 6] = [80.0, 59.0, 40.0, 20.0, 10.0, 0.0];
const GLUCOSE: [f64; 4] = [64.0, 100.0, 125.0, 200.0];
/// Creatinine clearance (mL/min) and albumin to creatinine (mg/g) by stage of kidney disease, 1 to 4.
const KIDNEYS: [((f64, f64), (f64, f64)); 4] = [
    ((60.0, 90.0), (0.0, 17.0)),
    ((30.0, 59.0), (17.0, 30.0)),
    ((15.0, 29.0), (30.0, 300.0)),
    ((1.0, 15.0), (300.0, 600.0)),
];

// Streams beside those of the signs themselves.
const LOW_HDL: u64 = 1_000;
const HIGH_CHOLESTEROL: u64 = 1_001;
const BASELINE: u64 = 1_002;
const DRUG: u64 = 2_000;
const DIET: u64 = 1_010;

/// What modules have set, and the person's own stream.
#[derive(Clone, Debug)]
pub(crate) struct Vitals {
    pub(crate) stream: Draws,
    set: [Option<(Distribution, u32)>; VitalSign::COUNT],
}

impl Vitals {
    pub(crate) fn new(stream: Draws) -> Self {
        Self { stream, set: [None; VitalSign::COUNT] }
    }

    /// A module sets a sign; one that the engine sets every week falls back the week after.
    pub(crate) fn set(&mut self, sign: VitalSign, distribution: Distribution, week: u32) {
        self.set[sign as usize] = Some((distribution, week));
    }

    /// What a module has set and still holds.
    pub(crate) fn held(&self, sign: VitalSign, week: u32) -> Option<Distribution> {
        self.set[sign as usize]
            .filter(|(_, since)| *since == week || !sign.is_weekly())
            .map(|(distribution, _)| distribution)
    }
}

/// A person at the moment someone asks.
pub(crate) struct Asked<'a> {
    pub(crate) host: &'a Host,
    pub(crate) attributes: &'a [Value],
    pub(crate) record: &'a Record,
    pub(crate) body: &'a Body,
    pub(crate) vitals: &'a Vitals,
    pub(crate) age: Age,
    pub(crate) is_black: bool,
    pub(crate) week: u32,
}

impl Asked<'_> {
    pub(crate) fn value(&self, attribute: AttributeId) -> Value {
        self.attributes[attribute.index()]
    }

    pub(crate) fn is(&self, attribute: AttributeId) -> bool {
        self.value(attribute).is_true()
    }

    fn whole(&self, attribute: AttributeId) -> usize {
        self.value(attribute).number().unwrap_or(0.0).max(0.0) as usize
    }

    fn weekly(&self, sign: VitalSign) -> Draws {
        self.vitals.stream.at(u64::from(self.week) * 64 + sign as u64)
    }

    fn lasting(&self, what: u64) -> Draws {
        self.vitals.stream.at(u64::MAX - what)
    }

    /// The reading, rounded as the engine rounds it; `None` for a sign that was never set.
    pub(crate) fn read(&self, sign: VitalSign) -> Option<f64> {
        let value = match self.vitals.held(sign, self.week) {
            Some(distribution) => {
                // A module's range is drawn anew at each reading.
                distribution.draw(&mut self.weekly(sign).at(self.age.time_ms as u64))
            }
            None => self.natural(sign)?,
        };
        let scale = 10_f64.powi(sign.decimals());
        Some((value * scale + 0.5).floor() / scale)
    }

    fn natural(&self, sign: VitalSign) -> Option<f64> {
        let known = &self.host.known;
        let mut draws = self.weekly(sign);
        let severity = self.whole(known.diabetes_severity).min(4);
        Some(match sign {
            VitalSign::Height => self.body.height,
            VitalSign::Weight => self.body.weight(self.age.time_ms),
            VitalSign::HeightPercentile => self.body.height_percentile,
            VitalSign::WeightPercentile => self.body.weight_percentile,
            VitalSign::BodyMassIndex => self.body.index(self.age.time_ms),
            VitalSign::HeadCircumference => self.body.head,
            VitalSign::HeadPercentile => 100.0 * self.body.head_percentile,
            VitalSign::Systolic => self.pressure(true),
            VitalSign::Diastolic => self.pressure(false),
            VitalSign::OxygenSaturation => {
                let low = self.value(known.heart_failure) != Value::Nil;
                if low { draws.between(75.0, 89.0).floor() } else { draws.between(90.0, 99.0).floor() }
            }
            VitalSign::BloodGlucose => self.glycated_haemoglobin(&mut draws),
            VitalSign::Glucose => {
                let place = severity.min(2);
                draws.between(GLUCOSE[place], GLUCOSE[place + 1])
            }
            VitalSign::UreaNitrogen => draws.between(7.0, 20.0),
            VitalSign::Calcium => draws.between(8.5, 10.2),
            VitalSign::Sodium => draws.between(136.0, 144.0),
            VitalSign::Potassium => draws.between(3.7, 5.2),
            VitalSign::Chloride => draws.between(101.0, 111.0),
            VitalSign::CarbonDioxide => draws.between(20.0, 29.0),
            VitalSign::TotalCholesterol => self.cholesterol(severity, &mut draws),
            VitalSign::Triglycerides => draws.between(TRIGLYCERIDES[severity], TRIGLYCERIDES[severity + 1]),
            VitalSign::Hdl => self.hdl(severity, &mut draws),
            VitalSign::Ldl => {
                let part = |sign| self.natural(sign).unwrap_or(0.0);
                part(VitalSign::TotalCholesterol)
                    - part(VitalSign::Hdl)
                    - 0.2 * part(VitalSign::Triglycerides)
            }
            VitalSign::Egfr => {
                let (low, high) = self.clearance();
                draws.between(low, high)
            }
            VitalSign::MicroalbuminCreatinineRatio => {
                let (low, high) = match self.whole(known.kidney_disease) {
                    stage @ 1..=4 => KIDNEYS[stage - 1].1,
                    _ => (0.0, 17.0),
                };
                draws.between(low, high)
            }
            VitalSign::Creatinine => self.creatinine(),
            VitalSign::EjectionFraction => return None,
            VitalSign::HeartRate => trending(&mut draws, 60.0, 100.0),
            VitalSign::RespirationRate => trending(&mut draws, 12.0, 16.0),
        })
    }

    fn clearance(&self) -> (f64, f64) {
        match self.whole(self.host.known.kidney_disease) {
            stage @ 1..=4 => KIDNEYS[stage - 1].0,
            _ if self.age.sex == Sex::Female => (56.0, 161.0),
            _ => (77.0, 160.0),
        }
    }

    /// Cockcroft and Gault, solved for creatinine.
    fn creatinine(&self) -> f64 {
        let clearance = self.natural(VitalSign::Egfr).unwrap_or(100.0).clamp(1.0, 100.0);
        let weight = self.body.weight(self.age.time_ms);
        let creatinine = (140.0 - f64::from(self.age.years)) * weight / (72.0 * clearance);
        if self.age.sex == Sex::Female { 0.85 * creatinine } else { creatinine }
    }

    fn hdl(&self, severity: usize, draws: &mut Draws) -> f64 {
        if severity > 0 {
            return draws.between(HDL[severity], HDL[severity + 1]);
        }
        let chance = if self.age.sex == Sex::Female { 0.085 } else { 0.266 };
        if self.lasting(LOW_HDL).uniform() < chance {
            30.0 + 3.0 * draws.gaussian()
        } else {
            55.0 + 5.0 * draws.gaussian()
        }
    }

    fn cholesterol(&self, severity: usize, draws: &mut Draws) -> f64 {
        if severity > 0 {
            return draws.between(CHOLESTEROL[severity], CHOLESTEROL[severity + 1]);
        }
        if self.lasting(HIGH_CHOLESTEROL).uniform() < 0.114 {
            280.0 + 20.0 * draws.gaussian()
        } else {
            170.0 + 30.0 * draws.gaussian()
        }
    }

    fn glycated_haemoglobin(&self, draws: &mut Draws) -> f64 {
        let known = &self.host.known;
        let (prediabetes, diabetes) = (self.is(known.prediabetes), self.is(known.diabetes));
        let mut value = if diabetes {
            let index = self.body.index(self.age.time_ms);
            match index {
                index if index > 48.0 => 12.0,
                index if index <= 27.0 => 6.6,
                index => index / 4.0,
            }
        } else if prediabetes {
            draws.between(5.8, 6.4)
        } else {
            draws.between(5.0, 5.7)
        };
        if prediabetes || diabetes {
            let active =
                self.host.sugar_drugs.iter().filter(|(key, _)| self.record.is_medication_active(*key));
            value += active.map(|(_, impact)| impact).sum::<f64>();
        }
        value
    }

    /// mmHg: a lasting baseline, medicines, diet and the variation of the moment.
    fn pressure(&self, is_systolic: bool) -> f64 {
        let known = &self.host.known;
        let hypertension = self.is(known.hypertension);
        let severe = self.is(known.hypertension_severe);
        let side = u64::from(is_systolic);
        let (low, high) = match (is_systolic, hypertension, severe) {
            (true, true, true) => (160.0, 200.0),
            (true, true, false) => (140.0, 160.0),
            (true, false, _) => (100.0, 139.0),
            (false, true, _) => (90.0, 120.0),
            (false, false, _) => (70.0, 89.0),
        };
        let sex = if self.age.sex == Sex::Male { 1.0 } else { -1.0 };
        let baseline = self.lasting(BASELINE + 2 * u64::from(hypertension) + side).between(low, high) + sex;
        let mut value = baseline;
        for (place, drug) in self.host.pressure_drugs.iter().enumerate() {
            if self.record.is_medication_active(drug.key) {
                let (least, most) = if is_systolic { drug.systolic } else { drug.diastolic };
                value += self.lasting(DRUG + 2 * place as u64 + side).between(least, most);
            }
        }
        value += self.diet(is_systolic, baseline);
        let spread = if is_systolic { 8.0 } else { 5.0 };
        let half_days = self.age.time_ms / (12 * HOUR_MS);
        let sign = if half_days % 2 == 0 { 1.0 } else { -1.0 };
        let mut moment = self.vitals.stream.at((self.age.time_ms as u64).rotate_left(17) ^ side);
        value + sign * spread * moment.gaussian().abs()
    }

    fn diet(&self, is_systolic: bool, baseline: f64) -> f64 {
        let Some(start_ms) = self.record.care_plan_start(self.host.words.diet_plan) else { return 0.0 };
        if self.lasting(DIET).uniform() >= 0.15 {
            return 0.0;
        }
        let most =
            if is_systolic { (baseline - 124.0).abs().min(14.0) } else { (baseline - 78.0).abs().min(8.0) };
        let years = (self.age.time_ms - start_ms) as f64 / (365.0 / 7.0 * WEEK_MS as f64);
        -most * years.clamp(0.0, 1.0)
    }
}

/// The first value of a week's trend, kept within its bounds.
fn trending(draws: &mut Draws, low: f64, high: f64) -> f64 {
    let mean = draws.between(low, high);
    for _ in 0..64 {
        let value = mean + draws.gaussian();
        if (low..=high).contains(&value) {
            return value;
        }
    }
    mean
}
