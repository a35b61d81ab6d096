//! What a measurement would truly show, and how well it is measured.
//!
//! A person has standing traits (standard normal scores); a vital sign is a curve by age and sex moved
//! by the trait, by deprivation and by the effects of conditions and medicines that pathways declare.
//!
//! # Source
//! Curves are drawn to Health Survey for England 2021-22 means (adult BMI 27.6 kg/m2; height 176 and
//! 162 cm; systolic pressure 126 and 121 mmHg with the treated and hypertensive included) and are
//! smoothed by hand: assumptions, not estimates. Predicted FEV1: Quanjer et al. 1993 (ECSC).
//! Creatinine is that which the CKD-EPI 2009 equation, without a term for ethnicity (NICE NG203
//! 1.1.3), turns into the person's eGFR. Measurement scatter: assumption, of the size of published
//! within-person variation.
//!
//! # Units
//! Those of [`VitalSign::unit`].

use crate::distribution::standard_normal;
use crate::person::Sex;
use crate::stream::Stream;

/// A measurement that modules may read, set or shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // Each name is the measurement's own.
pub enum VitalSign {
    Height,
    BodyMassIndex,
    Weight,
    SystolicBloodPressure,
    DiastolicBloodPressure,
    AmbulatorySystolicBloodPressure,
    AmbulatoryDiastolicBloodPressure,
    Hba1c,
    Egfr,
    Creatinine,
    TotalCholesterol,
    LdlCholesterol,
    Fev1PercentPredicted,
    Fev1,
    Fev1FvcRatio,
}

impl VitalSign {
    /// Every sign, in declaration order.
    pub const ALL: [Self; 15] = [
        Self::Height,
        Self::BodyMassIndex,
        Self::Weight,
        Self::SystolicBloodPressure,
        Self::DiastolicBloodPressure,
        Self::AmbulatorySystolicBloodPressure,
        Self::AmbulatoryDiastolicBloodPressure,
        Self::Hba1c,
        Self::Egfr,
        Self::Creatinine,
        Self::TotalCholesterol,
        Self::LdlCholesterol,
        Self::Fev1PercentPredicted,
        Self::Fev1,
        Self::Fev1FvcRatio,
    ];

    /// The name that modules use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Height => "Height",
            Self::BodyMassIndex => "BMI",
            Self::Weight => "Weight",
            Self::SystolicBloodPressure => "Systolic Blood Pressure",
            Self::DiastolicBloodPressure => "Diastolic Blood Pressure",
            Self::AmbulatorySystolicBloodPressure => "Ambulatory Systolic Blood Pressure",
            Self::AmbulatoryDiastolicBloodPressure => "Ambulatory Diastolic Blood Pressure",
            Self::Hba1c => "HbA1c",
            Self::Egfr => "EGFR",
            Self::Creatinine => "Creatinine",
            Self::TotalCholesterol => "Total Cholesterol",
            Self::LdlCholesterol => "LDL Cholesterol",
            Self::Fev1PercentPredicted => "FEV1 Percent Predicted",
            Self::Fev1 => "FEV1",
            Self::Fev1FvcRatio => "FEV1/FVC",
        }
    }

    /// UCUM unit of the values.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Height => "cm",
            Self::BodyMassIndex => "kg/m2",
            Self::Weight => "kg",
            Self::SystolicBloodPressure
            | Self::DiastolicBloodPressure
            | Self::AmbulatorySystolicBloodPressure
            | Self::AmbulatoryDiastolicBloodPressure => "mm[Hg]",
            Self::Hba1c => "mmol/mol",
            Self::Egfr => "mL/min/{1.73_m2}",
            Self::Creatinine => "umol/L",
            Self::TotalCholesterol | Self::LdlCholesterol => "mmol/L",
            Self::Fev1PercentPredicted => "%",
            Self::Fev1 => "L",
            Self::Fev1FvcRatio => "1",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sign| sign.name() == name)
    }

    /// Scatter of one measurement: a fixed standard deviation and a share of the value.
    const fn scatter(self) -> (f64, f64) {
        match self {
            Self::Height | Self::Weight => (0.6, 0.0),
            Self::BodyMassIndex => (0.25, 0.0),
            Self::SystolicBloodPressure => (7.0, 0.0),
            Self::DiastolicBloodPressure => (4.5, 0.0),
            Self::AmbulatorySystolicBloodPressure => (3.0, 0.0),
            Self::AmbulatoryDiastolicBloodPressure => (2.5, 0.0),
            Self::Hba1c => (0.0, 0.025),
            Self::Egfr | Self::Creatinine => (0.0, 0.05),
            Self::TotalCholesterol | Self::LdlCholesterol => (0.0, 0.06),
            Self::Fev1PercentPredicted | Self::Fev1 => (0.0, 0.04),
            Self::Fev1FvcRatio => (0.015, 0.0),
        }
    }

    /// Decimal places that the record keeps.
    const fn decimals(self) -> i32 {
        match self {
            Self::TotalCholesterol | Self::LdlCholesterol | Self::BodyMassIndex | Self::Weight => 1,
            Self::Fev1 | Self::Fev1FvcRatio => 2,
            _ => 0,
        }
    }

    /// What an instrument shows for a true value.
    pub(crate) fn measure(self, value: f64, stream: &mut Stream) -> f64 {
        let (fixed, share) = self.scatter();
        self.round((value + (fixed + share * value) * standard_normal(stream)).max(0.0))
    }

    /// A value with the decimals that the record keeps.
    pub(crate) fn round(self, value: f64) -> f64 {
        let scale = 10_f64.powi(self.decimals());
        (value * scale).round() / scale
    }
}

/// A person's standing differences from others of their age and sex, as standard normal scores.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Traits {
    height: f64,
    body_mass: f64,
    systolic: f64,
    diastolic: f64,
    glucose: f64,
    kidney: f64,
    cholesterol: f64,
    lung: f64,
    airway: f64,
}

impl Traits {
    pub(crate) fn draw(stream: &mut Stream) -> Self {
        let mut score = || standard_normal(stream);
        let systolic = score();
        Self {
            systolic,
            // Correlation 0.6 between the two pressures.
            diastolic: 0.6 * systolic + 0.8 * score(),
            height: score(),
            body_mass: score(),
            glucose: score(),
            kidney: score(),
            cholesterol: score(),
            lung: score(),
            airway: score(),
        }
    }
}

/// A shift of a vital sign by a condition or a medicine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effect {
    pub(crate) sign: VitalSign,
    /// At once.
    pub(crate) change: f64,
    /// For each year since it began.
    pub(crate) change_per_year: f64,
}

/// Who is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    pub(crate) sex: Sex,
    pub(crate) age_years: f64,
    pub(crate) imd_decile: u8,
    pub(crate) traits: Traits,
}

impl Body {
    /// The true value of a sign; `shift` sums the effects on a sign.
    pub(crate) fn value(&self, sign: VitalSign, shift: &impl Fn(VitalSign) -> f64) -> f64 {
        let (age, traits, male) = (self.age_years, &self.traits, self.sex == Sex::Male);
        let adult_years = (age - 18.0).max(0.0);
        let own = match sign {
            VitalSign::Height => self.height_cm(),
            VitalSign::BodyMassIndex => {
                let spread = if age < 18.0 { 0.12 } else { 0.185 };
                let gradient = 0.012 * (5.5 - f64::from(self.imd_decile));
                curve(BODY_MASS_BY_AGE, age) * (spread * traits.body_mass + gradient).exp()
            }
            VitalSign::Weight => {
                self.value(VitalSign::BodyMassIndex, shift) * (self.height_cm() / 100.0).powi(2)
            }
            VitalSign::SystolicBloodPressure => {
                let usual = if age < 18.0 {
                    95.0 + age
                } else if male {
                    118.0 + 0.14 * adult_years
                } else {
                    110.0 + 0.26 * adult_years
                };
                usual + 8.0 * traits.systolic + self.body_mass_above_usual(shift, 0.4)
            }
            VitalSign::DiastolicBloodPressure => {
                let usual = 56.0 + 0.8 * age.min(18.0) + 0.16 * adult_years.min(35.0)
                    - 0.12 * (adult_years - 35.0).max(0.0);
                usual + 6.0 * traits.diastolic + self.body_mass_above_usual(shift, 0.3)
            }
            // Daytime averages run lower than clinic readings: 135/85 stands for 140/90 (NICE NG136).
            VitalSign::AmbulatorySystolicBloodPressure => {
                self.value(VitalSign::SystolicBloodPressure, shift) - 5.0
            }
            VitalSign::AmbulatoryDiastolicBloodPressure => {
                self.value(VitalSign::DiastolicBloodPressure, shift) - 5.0
            }
            VitalSign::Hba1c => (33.0
                + 0.07 * (age - 20.0).max(0.0)
                + 3.0 * traits.glucose
                + self.body_mass_above_usual(shift, 0.15))
            .min(46.0),
            VitalSign::Egfr => 112.0 - 0.85 * (age - 25.0).max(0.0) + 12.0 * traits.kidney,
            VitalSign::Creatinine => return self.creatinine(self.value(VitalSign::Egfr, shift)),
            VitalSign::TotalCholesterol => {
                4.1 + 0.026 * (age.min(60.0) - 20.0).max(0.0) - 0.02 * (age - 60.0).max(0.0)
                    + 0.9 * traits.cholesterol
            }
            VitalSign::LdlCholesterol => self.value(VitalSign::TotalCholesterol, shift) - 1.9,
            VitalSign::Fev1PercentPredicted => 100.0 + 11.0 * traits.lung,
            VitalSign::Fev1 => {
                self.predicted_fev1() * self.value(VitalSign::Fev1PercentPredicted, shift) / 100.0
            }
            VitalSign::Fev1FvcRatio => 0.82 - 0.0015 * (age - 25.0).max(0.0) + 0.035 * traits.airway,
        };
        let (least, greatest) = match sign {
            VitalSign::Egfr => (5.0, 140.0),
            VitalSign::BodyMassIndex => (10.0, 70.0),
            VitalSign::Fev1PercentPredicted => (15.0, 140.0),
            VitalSign::Fev1FvcRatio => (0.25, 0.95),
            VitalSign::TotalCholesterol => (1.8, 12.0),
            VitalSign::SystolicBloodPressure => (75.0, 240.0),
            VitalSign::DiastolicBloodPressure => (40.0, 140.0),
            VitalSign::Hba1c => (18.0, 160.0),
            _ => (0.0, f64::INFINITY),
        };
        (own + shift(sign)).clamp(least, greatest)
    }

    fn height_cm(&self) -> f64 {
        let (adult, spread, share) = match self.sex {
            Sex::Male => (176.0, 7.0, curve(BOYS_HEIGHT_SHARE, self.age_years)),
            Sex::Female => (162.0, 6.5, curve(GIRLS_HEIGHT_SHARE, self.age_years)),
        };
        (adult + spread * self.traits.height) * share
    }

    fn body_mass_above_usual(&self, shift: &impl Fn(VitalSign) -> f64, per_unit: f64) -> f64 {
        if self.age_years < 18.0 {
            0.0
        } else {
            per_unit * (self.value(VitalSign::BodyMassIndex, shift) - 27.0)
        }
    }

    fn predicted_fev1(&self) -> f64 {
        let (height, age) = (self.height_cm() / 100.0, self.age_years.max(25.0));
        let litres = match self.sex {
            Sex::Male => 4.30 * height - 0.029 * age - 2.49,
            Sex::Female => 3.95 * height - 0.025 * age - 2.60,
        };
        litres.max(0.4)
    }

    /// Inverse of CKD-EPI 2009: 141 min(Scr/k,1)^a max(Scr/k,1)^-1.209 0.993^age (1.018 if female).
    fn creatinine(&self, egfr: f64) -> f64 {
        let (kappa, alpha, factor) = match self.sex {
            Sex::Female => (0.7, -0.329, 1.018),
            Sex::Male => (0.9, -0.411, 1.0),
        };
        let at_kappa = 141.0 * factor * 0.993_f64.powf(self.age_years);
        let exponent = if egfr > at_kappa { alpha } else { -1.209 };
        kappa * (egfr / at_kappa).powf(1.0 / exponent) * 88.4
    }
}

const BODY_MASS_BY_AGE: &[(f64, f64)] = &[
    (0.0, 13.5),
    (1.0, 17.0),
    (5.0, 15.6),
    (10.0, 17.2),
    (15.0, 20.4),
    (18.0, 22.6),
    (30.0, 26.0),
    (45.0, 27.6),
    (62.0, 28.0),
    (75.0, 27.4),
    (90.0, 25.4),
];
const BOYS_HEIGHT_SHARE: &[(f64, f64)] =
    &[(0.0, 0.285), (1.0, 0.43), (2.0, 0.495), (5.0, 0.62), (10.0, 0.785), (14.0, 0.93), (18.0, 1.0)];
const GIRLS_HEIGHT_SHARE: &[(f64, f64)] =
    &[(0.0, 0.305), (1.0, 0.455), (2.0, 0.525), (5.0, 0.665), (10.0, 0.85), (14.0, 0.985), (16.0, 1.0)];

/// Linear interpolation, flat beyond the ends.
fn curve(points: &[(f64, f64)], at: f64) -> f64 {
    let after = points.partition_point(|point| point.0 <= at);
    match (after.checked_sub(1).and_then(|before| points.get(before)), points.get(after)) {
        (Some(left), Some(right)) => left.1 + (right.1 - left.1) * (at - left.0) / (right.0 - left.0),
        (Some(end), None) | (None, Some(end)) => end.1,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(sex: Sex, age_years: f64) -> Body {
        Body { sex, age_years, imd_decile: 5, traits: Traits::default() }
    }

    #[test]
    fn ref_creatinine_turns_back_into_egfr() {
        // CKD-EPI 2009 worked forwards: man of 60, creatinine 88.4 umol/L (1.0 mg/dL): 81.6.
        let forwards = 141.0 * (1.0_f64 / 0.9).powf(-1.209) * 0.993_f64.powf(60.0);
        assert!((forwards - 81.6).abs() < 0.5);
        assert!((body(Sex::Male, 60.0).creatinine(forwards) - 88.4).abs() < 0.01);
    }

    #[test]
    fn ref_predicted_fev1_of_quanjer_1993() {
        // Man of 60, 1.76 m: 4.30 x 1.76 - 0.029 x 60 - 2.49 = 3.34 L.
        assert!((body(Sex::Male, 60.0).value(VitalSign::Fev1, &|_| 0.0) - 3.338).abs() < 0.001);
    }

    #[test]
    fn law_effects_shift_a_sign_and_what_follows_from_it() {
        let person = body(Sex::Female, 50.0);
        let heavier = |sign| if sign == VitalSign::BodyMassIndex { 5.0 } else { 0.0 };
        for sign in [VitalSign::Weight, VitalSign::SystolicBloodPressure, VitalSign::Hba1c] {
            assert!(person.value(sign, &heavier) > person.value(sign, &|_| 0.0), "{}", sign.name());
        }
        for sign in VitalSign::ALL {
            assert_eq!(VitalSign::parse(sign.name()), Some(sign));
        }
    }
}
