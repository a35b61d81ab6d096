//! Blood and urine tests, and the observations taken at the bedside.
//!
//! # Source
//! Means and spreads follow common UK adult reference intervals and Health Survey for England 2021
//! lipids (total 4.7, HDL 1.5 mmol/L); assumptions of this release, from memory, to be checked.

use super::body::Body;
use super::curve::curve;
use super::sign::VitalSign;
use crate::person::Sex;

const HEART_RATE_BY_AGE: &[(f64, f64)] =
    &[(0.0, 135.0), (1.0, 120.0), (5.0, 98.0), (12.0, 82.0), (18.0, 72.0)];
const RESPIRATORY_RATE_BY_AGE: &[(f64, f64)] =
    &[(0.0, 42.0), (1.0, 32.0), (5.0, 24.0), (12.0, 18.0), (18.0, 15.0)];
const CHILDS_HAEMOGLOBIN: &[(f64, f64)] =
    &[(0.0, 170.0), (0.25, 115.0), (1.0, 120.0), (6.0, 125.0), (12.0, 132.0)];

impl Body {
    /// The signs that [`Body::value`] doesn't work out itself.
    pub(super) fn blood_and_observations(&self, sign: VitalSign, shift: &impl Fn(VitalSign) -> f64) -> f64 {
        let (age, traits, male) = (self.age_years, &self.traits, self.sex == Sex::Male);
        let by_sex = |female: f64, of_men: f64| if male { of_men } else { female };
        // Skewed signs: a median times the exponential of the score.
        let skewed = |median: f64, spread: f64, score: f64| median * (spread * score).exp();
        let own = match sign {
            VitalSign::HdlCholesterol => {
                by_sex(1.65, 1.35) + 0.33 * traits.hdl - self.body_mass_above_usual(shift, 0.015)
            }
            VitalSign::Triglycerides => {
                let heavier = self.body_mass_above_usual(shift, 0.03).clamp(-0.5, 0.8);
                skewed(by_sex(1.05, 1.3), 0.42, traits.triglycerides) * heavier.exp()
            }
            VitalSign::Haemoglobin => {
                let adult = by_sex(134.0, 149.0) - by_sex(0.05, 0.2) * (age - 60.0).max(0.0);
                let usual = if age < 16.0 { curve(CHILDS_HAEMOGLOBIN, age) } else { adult };
                usual + 9.5 * traits.haemoglobin
            }
            VitalSign::WhiteCellCount => skewed(if age < 5.0 { 9.0 } else { 6.7 }, 0.24, traits.white_cells),
            // Kidneys that filter less keep more potassium.
            VitalSign::Potassium => {
                let lost = (60.0 - self.value(VitalSign::Egfr, shift)).max(0.0);
                4.35 + 0.3 * traits.potassium + 0.008 * lost
            }
            VitalSign::Sodium => 140.0 + 2.1 * traits.sodium - 0.03 * (age - 60.0).max(0.0),
            VitalSign::AlbuminCreatinineRatio => {
                skewed(0.7 + 0.012 * (age - 40.0).max(0.0), 0.7, traits.albuminuria)
            }
            VitalSign::Tsh => skewed(1.6 + 0.006 * (age - 40.0).max(0.0), 0.45, traits.thyroid),
            VitalSign::Alt => {
                let heavier = self.body_mass_above_usual(shift, 0.02).clamp(-0.4, 0.6);
                skewed(by_sex(18.0, 25.0), 0.4, traits.liver) * heavier.exp()
            }
            VitalSign::Crp => {
                let heavier = self.body_mass_above_usual(shift, 0.07).clamp(-0.8, 1.5);
                skewed(1.3, 0.9, traits.inflammation) * heavier.exp()
            }
            VitalSign::Psa if male && age >= 15.0 => {
                skewed(0.6 + 0.035 * (age - 40.0).max(0.0), 0.65, traits.prostate)
            }
            VitalSign::Ferritin => {
                let usual =
                    if (12.0..50.0).contains(&age) { by_sex(38.0, 110.0) } else { by_sex(75.0, 130.0) };
                skewed(usual, 0.7, traits.iron)
            }
            VitalSign::VitaminB12 => skewed(400.0 - 1.2 * (age - 50.0).max(0.0), 0.33, traits.cobalamin),
            VitalSign::NtProBnp => {
                skewed(35.0 * (0.035 * (age - 45.0).max(0.0)).exp(), 0.7, traits.natriuretic)
            }
            VitalSign::HeartRate => {
                curve(HEART_RATE_BY_AGE, age) + by_sex(2.0, -1.0) + 9.0 * traits.heart_rate
            }
            VitalSign::RespiratoryRate => curve(RESPIRATORY_RATE_BY_AGE, age) + 1.5 * traits.lung.abs(),
            VitalSign::OxygenSaturation => 97.8 - 0.02 * (age - 50.0).max(0.0) + 0.6 * traits.lung,
            VitalSign::BodyTemperature => 36.6 + 0.2 * traits.heart_rate,
            _ => 0.0,
        };
        let (least, greatest) = match sign {
            VitalSign::HdlCholesterol => (0.4, 4.0),
            VitalSign::Triglycerides => (0.2, 20.0),
            VitalSign::Haemoglobin => (40.0, 220.0),
            VitalSign::WhiteCellCount => (0.5, 60.0),
            VitalSign::Potassium => (2.2, 7.5),
            VitalSign::Sodium => (110.0, 165.0),
            VitalSign::AlbuminCreatinineRatio => (0.1, 600.0),
            VitalSign::Tsh => (0.01, 150.0),
            VitalSign::Alt => (4.0, 3000.0),
            VitalSign::Crp => (0.2, 500.0),
            VitalSign::Ferritin => (2.0, 3000.0),
            VitalSign::VitaminB12 => (60.0, 2000.0),
            VitalSign::NtProBnp => (5.0, 35_000.0),
            VitalSign::HeartRate => (35.0, 220.0),
            VitalSign::RespiratoryRate => (8.0, 60.0),
            VitalSign::OxygenSaturation => (70.0, 100.0),
            VitalSign::BodyTemperature => (34.0, 41.5),
            _ => (0.0, 10_000.0),
        };
        (own + shift(sign)).clamp(least, greatest)
    }
}
