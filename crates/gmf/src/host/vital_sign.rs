//! The vital signs the engine knows.

/// A vital sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VitalSign {
    Height,
    Weight,
    HeightPercentile,
    WeightPercentile,
    BodyMassIndex,
    HeadCircumference,
    HeadPercentile,
    Systolic,
    Diastolic,
    OxygenSaturation,
    /// HbA1c, under the name the engine gives it.
    BloodGlucose,
    Glucose,
    UreaNitrogen,
    Creatinine,
    Calcium,
    Sodium,
    Potassium,
    Chloride,
    CarbonDioxide,
    TotalCholesterol,
    Triglycerides,
    Ldl,
    Hdl,
    MicroalbuminCreatinineRatio,
    Egfr,
    EjectionFraction,
    HeartRate,
    RespirationRate,
}

impl VitalSign {
    pub(crate) const COUNT: usize = 28;

    const NAMES: [(&'static str, Self); Self::COUNT] = [
        ("Height", Self::Height),
        ("Weight", Self::Weight),
        ("Height Percentile", Self::HeightPercentile),
        ("Weight Percentile", Self::WeightPercentile),
        ("BMI", Self::BodyMassIndex),
        ("Head Circumference", Self::HeadCircumference),
        ("Head Circumference Percentile", Self::HeadPercentile),
        ("Systolic Blood Pressure", Self::Systolic),
        ("Diastolic Blood Pressure", Self::Diastolic),
        ("Oxygen Saturation", Self::OxygenSaturation),
        ("Blood Glucose", Self::BloodGlucose),
        ("Glucose", Self::Glucose),
        ("Urea Nitrogen", Self::UreaNitrogen),
        ("Creatinine", Self::Creatinine),
        ("Calcium", Self::Calcium),
        ("Sodium", Self::Sodium),
        ("Potassium", Self::Potassium),
        ("Chloride", Self::Chloride),
        ("Carbon Dioxide", Self::CarbonDioxide),
        ("Total Cholesterol", Self::TotalCholesterol),
        ("Triglycerides", Self::Triglycerides),
        ("LDL", Self::Ldl),
        ("HDL", Self::Hdl),
        ("Microalbumin Creatinine Ratio", Self::MicroalbuminCreatinineRatio),
        ("EGFR", Self::Egfr),
        ("Left ventricular Ejection fraction", Self::EjectionFraction),
        ("Heart Rate", Self::HeartRate),
        ("Respiration Rate", Self::RespirationRate),
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, sign)| *sign)
    }

    /// Decimals of a reading.
    pub(crate) fn decimals(self) -> i32 {
        match self {
            Self::Systolic | Self::Diastolic | Self::HeartRate | Self::RespirationRate => 0,
            Self::Height | Self::Weight => 1,
            _ => 2,
        }
    }

    /// Whether the engine sets it anew every week, so that a module's setting lasts a week.
    pub(crate) fn is_weekly(self) -> bool {
        !matches!(
            self,
            Self::Height
                | Self::Weight
                | Self::HeightPercentile
                | Self::WeightPercentile
                | Self::BodyMassIndex
                | Self::HeadCircumference
                | Self::HeadPercentile
                | Self::Systolic
                | Self::Diastolic
                | Self::EjectionFraction
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_every_name_is_known() {
        for (place, (name, sign)) in VitalSign::NAMES.into_iter().enumerate() {
            assert_eq!(VitalSign::named(name), Some(sign));
            assert_eq!(sign as usize, place);
        }
        assert_eq!(VitalSign::named("Mood"), None);
    }
}
