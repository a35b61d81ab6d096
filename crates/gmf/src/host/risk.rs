//! Risks that the Java engine works out every week, worked out here when a module asks.
//!
//! # Source
//! Atherosclerotic disease: pooled cohort equations (Goff et al. 2014, table A). Atrial fibrillation:
//! Schnabel et al. 2009, point score. Stroke: D'Agostino et al. 1994, Framingham points, and below 60
//! the prevalences of the American Heart Association's sheet. Which of them, and the conversion of a
//! ten-year risk to a week or a month, as in Synthea's `CardiovascularDiseaseModule`.

use crate::calendar::{DAY_MS, WEEK_MS};
use crate::host::{Asked, VitalSign};
use crate::ir::Sex;
use crate::value::{Computed, Value};

const TEN_YEARS_DAYS: f64 = 3650.0;
const WEEK_DAYS: f64 = (WEEK_MS / DAY_MS) as f64;
const MONTH_DAYS: f64 = 30.0;

/// Coefficients in the order of the published table, for: white women, Black women, white men, Black
/// men.
const POOLED_COHORT: [[f64; 4]; 13] = [
    [-29.799, 17.114, 12.344, 2.469],
    [4.884, 0.0, 0.0, 0.0],
    [13.540, 0.940, 11.853, 0.302],
    [-3.114, 0.0, -2.664, 0.0],
    [-13.578, -18.920, -7.990, -0.307],
    [3.149, 4.475, 1.769, 0.0],
    [2.019, 29.291, 1.797, 1.916],
    [0.0, -6.432, 0.0, 0.0],
    [1.957, 27.820, 1.764, 1.809],
    [0.0, -6.087, 0.0, 0.0],
    [7.574, 0.691, 7.837, 0.549],
    [-1.665, 0.0, -1.795, 0.0],
    [0.661, 0.874, 0.658, 0.645],
];
const POOLED_MEAN: [f64; 4] = [-29.18, 86.61, 61.18, 19.54];
const POOLED_SURVIVAL: [f64; 4] = [0.9665, 0.9533, 0.9144, 0.8954];

/// Points for ages 45-49, 50-54, ... 85 and over; men, women.
const FIBRILLATION_AGE: [[i32; 9]; 2] = [[1, 2, 3, 4, 5, 6, 7, 7, 8], [-3, -2, 0, 1, 3, 4, 6, 7, 8]];
const FIBRILLATION_RISK: [f64; 11] = [0.01, 0.02, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.16, 0.22, 0.3];

/// Lower ends of the classes that give 0, 1, 2, ... points; men, women.
const STROKE_AGE: [[i32; 11]; 2] =
    [[54, 57, 60, 63, 66, 69, 73, 76, 79, 82, 85], [54, 57, 60, 63, 65, 68, 71, 74, 77, 79, 82]];
const STROKE_UNTREATED: [[i32; 11]; 2] = [
    [0, 106, 116, 126, 136, 146, 156, 166, 176, 185, 196],
    [0, 95, 107, 119, 131, 144, 156, 168, 181, 193, 205],
];
const STROKE_TREATED: [[i32; 11]; 2] = [
    [0, 106, 113, 118, 124, 130, 136, 143, 151, 162, 177],
    [0, 95, 107, 114, 120, 126, 132, 140, 149, 161, 205],
];
const STROKE_RISK: [&[f64]; 2] = [
    &[
        0.0, 0.03, 0.03, 0.04, 0.04, 0.05, 0.05, 0.06, 0.07, 0.08, 0.1, 0.11, 0.13, 0.15, 0.17, 0.2, 0.22,
        0.26, 0.29, 0.33, 0.37, 0.42, 0.47, 0.52, 0.57, 0.63, 0.68, 0.74, 0.79, 0.84, 0.88,
    ],
    &[
        0.0, 0.01, 0.01, 0.02, 0.02, 0.02, 0.03, 0.04, 0.04, 0.05, 0.06, 0.08, 0.09, 0.11, 0.13, 0.16, 0.19,
        0.23, 0.27, 0.32, 0.37, 0.43, 0.5, 0.57, 0.64, 0.71, 0.78, 0.84,
    ],
];

/// A risk for a shorter time than it is known for.
fn shortened(risk: f64, days: f64) -> f64 {
    1.0 - (1.0 - risk).powf(days / TEN_YEARS_DAYS)
}

/// The risks of someone at a moment; -1 over ten years where they are not defined, as in the engine.
pub(crate) struct Risks;

impl Risks {
    /// Ten-year risk of atherosclerotic disease at 40 to 79.
    fn atherosclerotic(asked: &Asked<'_>) -> f64 {
        let known = &asked.host.known;
        let years = asked.age.years;
        if !(40..=79).contains(&years) {
            return -1.0;
        }
        let logarithm = |sign| asked.read(sign).filter(|value| *value > 0.0).map(f64::ln);
        let (Some(pressure), Some(cholesterol), Some(hdl)) = (
            logarithm(VitalSign::Systolic),
            logarithm(VitalSign::TotalCholesterol),
            logarithm(VitalSign::Hdl),
        ) else {
            return -1.0;
        };
        let age = f64::from(years).ln();
        let flag = |is: bool| if is { 1.0 } else { 0.0 };
        let treated = flag(asked.is(known.hypertension));
        let smoker = flag(asked.is(known.smoker));
        let diabetes = flag(asked.is(known.diabetes));
        let values = [
            age,
            age * age,
            cholesterol,
            age * cholesterol,
            hdl,
            age * hdl,
            treated * pressure,
            treated * age * pressure,
            (1.0 - treated) * pressure,
            (1.0 - treated) * age * pressure,
            smoker,
            age * smoker,
            diabetes,
        ];
        let column = 2 * usize::from(asked.age.sex == Sex::Male) + usize::from(asked.is_black);
        let sum: f64 = POOLED_COHORT.iter().zip(values).map(|(row, value)| row[column] * value).sum();
        1.0 - POOLED_SURVIVAL[column].powf((sum - POOLED_MEAN[column]).exp())
    }

    fn fibrillation(asked: &Asked<'_>) -> f64 {
        let known = &asked.host.known;
        if asked.age.years < 45 || asked.value(known.atrial_fibrillation) != Value::Nil {
            return -1.0;
        }
        let at_least = |sign, limit: f64| i32::from(asked.read(sign).is_some_and(|value| value >= limit));
        let place = (((asked.age.years - 45) / 5) as usize).min(8);
        let points = FIBRILLATION_AGE[usize::from(asked.age.sex == Sex::Female)][place]
            + at_least(VitalSign::BodyMassIndex, 30.0)
            + at_least(VitalSign::Systolic, 160.0)
            + i32::from(asked.is(known.blood_pressure_controlled));
        FIBRILLATION_RISK[points.clamp(0, 10) as usize]
    }

    fn stroke(asked: &Asked<'_>) -> f64 {
        let known = &asked.host.known;
        let sex = usize::from(asked.age.sex == Sex::Female);
        match asked.age.years {
            ..20 => return -1.0,
            20..40 => return [0.002, 0.007][sex],
            40..60 => return [0.019, 0.022][sex],
            _ => {}
        }
        let points_of = |is: bool, points: usize| if is { points } else { 0 };
        let pressure = asked.read(VitalSign::Systolic).unwrap_or(120.0) as i32;
        let treated = asked.is(known.blood_pressure_controlled);
        let limits = if treated { &STROKE_TREATED[sex] } else { &STROKE_UNTREATED[sex] };
        let points = points_of(asked.is(known.smoker), 3)
            + points_of(asked.is(known.ventricular_hypertrophy), 5)
            + class_of(asked.age.years, &STROKE_AGE[sex])
            + class_of(pressure, limits)
            + points_of(asked.is(known.diabetes), [2, 3][sex])
            + points_of(asked.is(known.coronary_heart_disease), [4, 2][sex])
            + points_of(asked.value(known.atrial_fibrillation) != Value::Nil, [4, 6][sex]);
        STROKE_RISK[sex][points.min(STROKE_RISK[sex].len() - 1)]
    }
}

/// The first class whose ends both hold the value: a value on a border is in the lower class.
fn class_of(value: i32, limits: &[i32; 11]) -> usize {
    limits.windows(2).position(|pair| pair[0] <= value && value <= pair[1]).unwrap_or(10)
}

/// The value of a computed attribute.
pub(crate) fn risk_of(computed: Computed, asked: &Asked<'_>) -> Value {
    Value::Number(match computed {
        Computed::InfarctionRisk => shortened(Risks::atherosclerotic(asked), MONTH_DAYS),
        Computed::IschaemicHeartDiseaseRisk => 5.0 * shortened(Risks::atherosclerotic(asked), MONTH_DAYS),
        Computed::CardiovascularRisk => shortened(Risks::atherosclerotic(asked), WEEK_DAYS),
        Computed::FibrillationRisk => shortened(Risks::fibrillation(asked), WEEK_DAYS),
        Computed::StrokeRisk => shortened(Risks::stroke(asked), WEEK_DAYS),
        Computed::FallRisk if asked.age.years < 65 => return Value::Nil,
        Computed::FallRisk => {
            if asked.is(asked.host.known.osteoporosis) {
                0.06
            } else {
                0.035
            }
        }
        Computed::DaysUntilDeath | Computed::InsuranceStatus => return Value::Nil,
    })
}
