//! The measurements that the twin knows.
//!
//! # Source
//! Scatter of one measurement about the true value (biological and analytical together): assumptions of
//! the size of published within-person variation (the EFLM biological variation database; from memory,
//! to be checked).

use crate::distribution::standard_normal;
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
    HdlCholesterol,
    LdlCholesterol,
    NonHdlCholesterol,
    Triglycerides,
    Fev1PercentPredicted,
    Fev1,
    Fev1FvcRatio,
    PeakExpiratoryFlow,
    Haemoglobin,
    WhiteCellCount,
    Potassium,
    Sodium,
    AlbuminCreatinineRatio,
    Tsh,
    Alt,
    Crp,
    Psa,
    Ferritin,
    VitaminB12,
    NtProBnp,
    HeartRate,
    RespiratoryRate,
    OxygenSaturation,
    BodyTemperature,
}

/// What is fixed about a sign.
struct Described {
    sign: VitalSign,
    name: &'static str,
    /// UCUM.
    unit: &'static str,
    /// Standard deviation of one measurement, as a fixed size and as a share of the value.
    scatter: (f64, f64),
    /// Places that the record keeps.
    decimals: i32,
}

const fn described(
    sign: VitalSign,
    name: &'static str,
    unit: &'static str,
    scatter: (f64, f64),
    decimals: i32,
) -> Described {
    Described { sign, name, unit, scatter, decimals }
}

/// In declaration order.
const DESCRIBED: [Described; 35] = [
    described(VitalSign::Height, "Height", "cm", (0.6, 0.0), 0),
    described(VitalSign::BodyMassIndex, "BMI", "kg/m2", (0.25, 0.0), 1),
    described(VitalSign::Weight, "Weight", "kg", (0.6, 0.0), 1),
    described(VitalSign::SystolicBloodPressure, "Systolic Blood Pressure", "mm[Hg]", (7.0, 0.0), 0),
    described(VitalSign::DiastolicBloodPressure, "Diastolic Blood Pressure", "mm[Hg]", (4.5, 0.0), 0),
    described(
        VitalSign::AmbulatorySystolicBloodPressure,
        "Ambulatory Systolic Blood Pressure",
        "mm[Hg]",
        (3.0, 0.0),
        0,
    ),
    described(
        VitalSign::AmbulatoryDiastolicBloodPressure,
        "Ambulatory Diastolic Blood Pressure",
        "mm[Hg]",
        (2.5, 0.0),
        0,
    ),
    described(VitalSign::Hba1c, "HbA1c", "mmol/mol", (0.0, 0.025), 0),
    described(VitalSign::Egfr, "EGFR", "mL/min/{1.73_m2}", (0.0, 0.05), 0),
    described(VitalSign::Creatinine, "Creatinine", "umol/L", (0.0, 0.05), 0),
    described(VitalSign::TotalCholesterol, "Total Cholesterol", "mmol/L", (0.0, 0.06), 1),
    described(VitalSign::HdlCholesterol, "HDL Cholesterol", "mmol/L", (0.0, 0.07), 1),
    described(VitalSign::LdlCholesterol, "LDL Cholesterol", "mmol/L", (0.0, 0.08), 1),
    described(VitalSign::NonHdlCholesterol, "Non-HDL Cholesterol", "mmol/L", (0.0, 0.07), 1),
    described(VitalSign::Triglycerides, "Triglycerides", "mmol/L", (0.0, 0.2), 1),
    described(VitalSign::Fev1PercentPredicted, "FEV1 Percent Predicted", "%", (0.0, 0.04), 0),
    described(VitalSign::Fev1, "FEV1", "L", (0.0, 0.04), 2),
    described(VitalSign::Fev1FvcRatio, "FEV1/FVC", "1", (0.015, 0.0), 2),
    described(VitalSign::PeakExpiratoryFlow, "Peak Expiratory Flow", "L/min", (0.0, 0.05), 0),
    described(VitalSign::Haemoglobin, "Haemoglobin", "g/L", (0.0, 0.03), 0),
    described(VitalSign::WhiteCellCount, "White Cell Count", "10*9/L", (0.0, 0.12), 1),
    described(VitalSign::Potassium, "Potassium", "mmol/L", (0.0, 0.05), 1),
    described(VitalSign::Sodium, "Sodium", "mmol/L", (1.2, 0.0), 0),
    described(VitalSign::AlbuminCreatinineRatio, "Albumin Creatinine Ratio", "mg/mmol", (0.2, 0.3), 1),
    described(VitalSign::Tsh, "TSH", "m[IU]/L", (0.0, 0.2), 2),
    described(VitalSign::Alt, "ALT", "U/L", (0.0, 0.15), 0),
    described(VitalSign::Crp, "CRP", "mg/L", (0.3, 0.3), 0),
    described(VitalSign::Psa, "PSA", "ug/L", (0.0, 0.15), 1),
    described(VitalSign::Ferritin, "Ferritin", "ug/L", (0.0, 0.14), 0),
    described(VitalSign::VitaminB12, "Vitamin B12", "ng/L", (0.0, 0.1), 0),
    described(VitalSign::NtProBnp, "NT-proBNP", "ng/L", (0.0, 0.25), 0),
    described(VitalSign::HeartRate, "Heart Rate", "/min", (4.0, 0.0), 0),
    described(VitalSign::RespiratoryRate, "Respiratory Rate", "/min", (1.0, 0.0), 0),
    described(VitalSign::OxygenSaturation, "Oxygen Saturation", "%", (0.7, 0.0), 0),
    described(VitalSign::BodyTemperature, "Body Temperature", "Cel", (0.15, 0.0), 1),
];

impl VitalSign {
    /// How many there are.
    pub const COUNT: usize = DESCRIBED.len();

    /// Every sign, in declaration order.
    pub const ALL: [Self; Self::COUNT] = {
        let mut all = [Self::Height; Self::COUNT];
        let mut place = 0;
        while place < Self::COUNT {
            all[place] = DESCRIBED[place].sign;
            place += 1;
        }
        all
    };

    /// The name that modules use.
    pub const fn name(self) -> &'static str {
        DESCRIBED[self as usize].name
    }

    /// UCUM unit of the values.
    pub const fn unit(self) -> &'static str {
        DESCRIBED[self as usize].unit
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sign| sign.name() == name)
    }

    /// What an instrument shows for a true value.
    pub(crate) fn measure(self, value: f64, stream: &mut Stream) -> f64 {
        let (fixed, share) = DESCRIBED[self as usize].scatter;
        let shown = (value + (fixed + share * value) * standard_normal(stream)).max(0.0);
        self.round(if self == Self::OxygenSaturation { shown.min(100.0) } else { shown })
    }

    /// A value with the decimals that the record keeps.
    pub(crate) fn round(self, value: f64) -> f64 {
        let scale = 10_f64.powi(DESCRIBED[self as usize].decimals);
        (value * scale).round() / scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_names_are_distinct_and_places_those_of_the_table() {
        for (place, sign) in VitalSign::ALL.into_iter().enumerate() {
            assert_eq!(sign as usize, place);
            assert_eq!(VitalSign::parse(sign.name()), Some(sign));
        }
    }
}
