//! Tables of the host: beside the modules when they are there, compiled in otherwise.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::host::growth::GrowthCharts;

/// A child of about two years: sex (0 female, 1 male), age in months, body mass index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TwoYearOld {
    pub(crate) age_months: i32,
    pub(crate) body_mass_index: f64,
    pub(crate) weight: f64,
}

/// How likely the ways of care are, by telemedicine era and insurance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypesOfCare {
    pub(crate) start_year: i32,
    /// Before, then during: high use of emergency care, typical use; ambulatory, emergency,
    /// telemedicine.
    pub(crate) shares: [[[f64; 3]; 2]; 2],
}

/// What the host knows.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) growth: GrowthCharts,
    /// By age in years from 3 to 20: correlation and difference of the body mass index's z-score with
    /// the year before.
    pub(crate) correlations: Vec<(f64, f64)>,
    /// By sex; empty without the file.
    pub(crate) two_year_olds: [Vec<TwoYearOld>; 2],
    pub(crate) types_of_care: TypesOfCare,
    found: Vec<(&'static str, bool)>,
}

/// Year-to-year correlation and shift of the z-score of the body mass index, ages 3 to 20: Synthea,
/// `bmi_correlations.json`.
const CORRELATIONS: [(f64, f64); 18] = [
    (0.773, 0.211),
    (0.836, 0.087),
    (0.866, 0.029),
    (0.889, 0.022),
    (0.907, 0.048),
    (0.925, 0.053),
    (0.936, 0.034),
    (0.944, 0.015),
    (0.947, 0.005),
    (0.946, 0.013),
    (0.944, 0.016),
    (0.945, 0.009),
    (0.945, 0.001),
    (0.947, -0.021),
    (0.946, -0.041),
    (0.944, -0.036),
    (0.935, -0.031),
    (0.945, -0.03),
];

/// Synthea, `telemedicine_config.json`.
const TYPES_OF_CARE: TypesOfCare = TypesOfCare {
    start_year: 2020,
    shares: [[[0.65, 0.35, 0.0], [0.75, 0.25, 0.0]], [[0.66, 0.25, 0.09], [0.56, 0.2, 0.24]]],
};

impl Facts {
    /// Looks beside the folder of modules, where Synthea keeps its tables.
    pub(crate) fn find(modules: &Path) -> Self {
        let beside = modules.parent().unwrap_or(modules);
        let json =
            |name: &str| -> Option<Json> { serde_json::from_slice(&fs::read(beside.join(name)).ok()?).ok() };
        let growth = json("cdc_growth_charts.json").and_then(|json| GrowthCharts::from_json(&json));
        let correlations = json("bmi_correlations.json").and_then(|json| correlations(&json));
        let types_of_care = json("telemedicine_config.json").and_then(|json| types_of_care(&json));
        let two_year_olds = fs::read_to_string(beside.join("nhanes_two_year_olds_bmi.csv"))
            .ok()
            .map(|text| two_year_olds(&text));
        Self {
            found: vec![
                ("growth charts", growth.is_some()),
                ("body mass index correlations", correlations.is_some()),
                ("types of care", types_of_care.is_some()),
                ("two-year-olds", two_year_olds.is_some()),
            ],
            growth: growth.unwrap_or_else(GrowthCharts::excerpt),
            correlations: correlations.unwrap_or_else(|| CORRELATIONS.to_vec()),
            two_year_olds: two_year_olds.unwrap_or_default(),
            types_of_care: types_of_care.unwrap_or(TYPES_OF_CARE),
        }
    }

    /// Each table's name and whether it was found beside the modules.
    pub(crate) fn sources(&self) -> Vec<(&'static str, bool)> {
        self.found.clone()
    }
}

fn correlations(json: &Json) -> Option<Vec<(f64, f64)>> {
    (3..=20)
        .map(|age: i32| {
            let entry = json.get(age.to_string())?;
            let correlation = entry.get("correlation")?.as_f64().filter(|value| value.abs() <= 1.0)?;
            Some((correlation, entry.get("diff")?.as_f64()?))
        })
        .collect()
}

fn types_of_care(json: &Json) -> Option<TypesOfCare> {
    let shares = |era: &str, use_: &str| -> Option<[f64; 3]> {
        let entry = json.get(era)?.get(use_)?;
        let share = |key: &str| entry.get(key).and_then(Json::as_f64).unwrap_or(0.0);
        Some([share("ambulatory"), share("emergency"), share("telemedicine")])
    };
    let both = |era: &str| -> Option<[[f64; 3]; 2]> {
        Some([shares(era, "high_emergency_distribution")?, shares(era, "typical_emergency_distribution")?])
    };
    Some(TypesOfCare {
        start_year: json.get("start_year")?.as_i64()? as i32,
        shares: [both("pre_telemedicine")?, both("during_telemedicine")?],
    })
}

fn two_year_olds(text: &str) -> [Vec<TwoYearOld>; 2] {
    let mut by_sex = [Vec::new(), Vec::new()];
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |place: usize| cells.get(place).and_then(|cell| cell.trim().parse::<f64>().ok());
        if let (Some(sex), Some(age), Some(index), Some(weight)) =
            (number(1), number(2), number(7), number(8))
        {
            let place = usize::from((sex - 1.0).abs() < 0.5);
            by_sex[place].push(TwoYearOld { age_months: age as i32, body_mass_index: index, weight });
        }
    }
    by_sex
}
