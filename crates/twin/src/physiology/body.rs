//! A body and the true values of its signs.
//!
//! # Source
//! Curves are drawn to Health Survey for England 2021-22 means (adult BMI 27.6 kg/m2; height 176 and
//! 162 cm; systolic pressure 126 and 121 mmHg with the treated and hypertensive included) and are
//! smoothed by hand: assumptions, not estimates. Predicted FEV1 and peak flow: Quanjer et al. 1993
//! (ECSC). Creatinine is that which the CKD-EPI 2009 equation, without a term for ethnicity (NICE NG203
//! 1.1.3), turns into the person's eGFR. LDL cholesterol by Friedewald et al. 1972.
//!
//! # Units
//! Those of [`VitalSign::unit`].

use super::curve::curve;
use super::sign::VitalSign;
use super::traits::Traits;
use crate::person::Sex;

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
                let parts = shift(VitalSign::LdlCholesterol) + shift(VitalSign::HdlCholesterol);
                let own = 4.1 + 0.026 * (age.min(60.0) - 20.0).max(0.0) - 0.02 * (age - 60.0).max(0.0)
                    + 0.9 * traits.cholesterol;
                own + parts + LDL_PER_TRIGLYCERIDES * shift(VitalSign::Triglycerides)
            }
            VitalSign::LdlCholesterol => {
                return (self.value(VitalSign::TotalCholesterol, shift)
                    - self.value(VitalSign::HdlCholesterol, shift)
                    - LDL_PER_TRIGLYCERIDES * self.value(VitalSign::Triglycerides, shift))
                .max(0.4);
            }
            VitalSign::NonHdlCholesterol => {
                return self.value(VitalSign::TotalCholesterol, shift)
                    - self.value(VitalSign::HdlCholesterol, shift);
            }
            VitalSign::Fev1PercentPredicted => 100.0 + 11.0 * traits.lung,
            VitalSign::Fev1 => {
                self.predicted_fev1() * self.value(VitalSign::Fev1PercentPredicted, shift) / 100.0
            }
            VitalSign::PeakExpiratoryFlow => {
                self.predicted_peak_flow() * self.value(VitalSign::Fev1PercentPredicted, shift) / 100.0
            }
            VitalSign::Fev1FvcRatio => 0.82 - 0.0015 * (age - 25.0).max(0.0) + 0.035 * traits.airway,
            other => return self.blood_and_observations(other, shift),
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

    pub(super) fn body_mass_above_usual(&self, shift: &impl Fn(VitalSign) -> f64, per_unit: f64) -> f64 {
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

    fn predicted_peak_flow(&self) -> f64 {
        let (height, age) = (self.height_cm() / 100.0, self.age_years.max(25.0));
        let litres_per_second = match self.sex {
            Sex::Male => 6.14 * height - 0.043 * age + 0.15,
            Sex::Female => 5.50 * height - 0.030 * age - 1.11,
        };
        (litres_per_second * 60.0).max(60.0)
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

/// mmol/L of VLDL cholesterol for each mmol/L of triglycerides (Friedewald).
const LDL_PER_TRIGLYCERIDES: f64 = 0.45;
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
    fn ref_children_are_of_the_usual_size() {
        // UK-WHO and UK90 growth references, 50th centiles in kg and cm, from memory: within 12 %.
        for (sex, age, kilograms, centimetres) in [
            (Sex::Male, 0.0, 3.5, 50.5),
            (Sex::Female, 0.0, 3.4, 50.0),
            (Sex::Male, 1.0, 9.6, 75.5),
            (Sex::Male, 5.0, 18.5, 109.5),
            (Sex::Female, 5.0, 18.0, 108.5),
            (Sex::Male, 10.0, 31.5, 138.5),
            (Sex::Female, 15.0, 53.0, 162.0),
        ] {
            let child = body(sex, age);
            let (weight, height) =
                (child.value(VitalSign::Weight, &|_| 0.0), child.value(VitalSign::Height, &|_| 0.0));
            assert!((weight / kilograms - 1.0).abs() < 0.12, "{sex:?} {age}: {weight} kg");
            assert!((height / centimetres - 1.0).abs() < 0.04, "{sex:?} {age}: {height} cm");
        }
    }

    #[test]
    fn law_every_sign_of_every_body_is_finite_and_measurable() {
        // Traits at five standard deviations, ages 0 to 115, and effects far beyond any disease.
        let key = crate::stream::StreamKey::new(1, "test");
        for subject in 0..200 {
            let mut stream = key.open(subject);
            let traits = Traits::draw(&mut stream);
            let (age_years, size) = (115.0 * stream.uniform(), 400.0 * (stream.uniform() - 0.5));
            let sex = if stream.chance(0.5) { Sex::Male } else { Sex::Female };
            let person = Body { sex, age_years, imd_decile: 1 + (subject % 10) as u8, traits };
            for sign in VitalSign::ALL {
                for shift in [0.0, size] {
                    let value = person.value(sign, &|_| shift);
                    assert!(value.is_finite() && value >= 0.0, "{} {value}", sign.name());
                    assert!(sign.measure(value, &mut stream).is_finite());
                }
            }
        }
    }

    #[test]
    fn law_a_lower_ldl_lowers_what_it_is_part_of() {
        let person = body(Sex::Male, 60.0);
        let treated = |sign| if sign == VitalSign::LdlCholesterol { -1.0 } else { 0.0 };
        for sign in [VitalSign::LdlCholesterol, VitalSign::TotalCholesterol, VitalSign::NonHdlCholesterol] {
            let change = person.value(sign, &treated) - person.value(sign, &|_| 0.0);
            assert!((change + 1.0).abs() < 1e-9, "{} {change}", sign.name());
        }
    }

    #[test]
    fn law_effects_shift_a_sign_and_what_follows_from_it() {
        let person = body(Sex::Female, 50.0);
        let heavier = |sign| if sign == VitalSign::BodyMassIndex { 5.0 } else { 0.0 };
        for sign in [VitalSign::Weight, VitalSign::SystolicBloodPressure, VitalSign::Hba1c] {
            assert!(person.value(sign, &heavier) > person.value(sign, &|_| 0.0), "{}", sign.name());
        }
    }
}
