//! What a scenario or a calibration changes of need.

use std::collections::BTreeMap;

use twinloom_event::Timestamp;

use super::condition::ConditionId;
use super::season::{Course, WaveTable};
use super::{Need, NeedError};

/// Ratios of rates and passing waves, by condition.
#[derive(Clone, Debug, PartialEq)]
pub struct NeedScale {
    ratios: Vec<f64>,
    waves: Vec<Vec<WaveTable>>,
    /// The most that a condition's rate rises above its mean, by season and waves.
    highest: Vec<f64>,
}

/// A passing rise of a problem's rate, such as an influenza winter.
///
/// The rate rises from its usual level to `peak_ratio` times it at the middle, and back.
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    /// The entry of the need table.
    pub problem: String,
    /// Its first day.
    pub start: Timestamp,
    /// How long it lasts, 1 to 3,660 days.
    pub days: u32,
    /// The rate at its height over the usual rate, 0 to 100.
    pub peak_ratio: f64,
}

impl NeedScale {
    /// Changes nothing.
    pub fn neutral(need: &Need) -> Self {
        let count = need.conditions().len();
        let highest = need.conditions().iter();
        let highest = highest.map(|of| 1.0 + of.season.map_or(0.0, |season| season.amplitude));
        Self { ratios: vec![1.0; count], waves: vec![Vec::new(); count], highest: highest.collect() }
    }

    /// Ratios by entry's name, and waves; `file` is named in errors.
    ///
    /// # Errors
    /// A name that the table doesn't have, or a number out of range.
    pub fn new(
        need: &Need,
        file: &str,
        ratios: &BTreeMap<String, f64>,
        waves: &[Wave],
    ) -> Result<Self, NeedError> {
        let mut scale = Self::neutral(need);
        let value = |entry: &str, field: &str, value: String, permitted| NeedError::Value {
            file: file.to_owned(),
            entry: entry.to_owned(),
            field: field.to_owned(),
            value,
            permitted,
        };
        let find = |entry: &str, field: &str, name: &str| {
            need.find(name).ok_or_else(|| NeedError::Unknown {
                file: file.to_owned(),
                entry: entry.to_owned(),
                field: field.to_owned(),
                name: name.to_owned(),
                kind: "entry",
            })
        };
        for (name, ratio) in ratios {
            let id = find("need.rates", name, name)?;
            if !(0.0..=1000.0).contains(ratio) {
                return Err(value("need.rates", name, ratio.to_string(), "0 to 1000"));
            }
            scale.ratios[id.index()] = *ratio;
        }
        for wave in waves {
            let id = find("need.waves", "problem", &wave.problem)?;
            if !(1..=3660).contains(&wave.days) {
                return Err(value("need.waves", "days", wave.days.to_string(), "1 to 3660"));
            }
            if !(0.0..=100.0).contains(&wave.peak_ratio) {
                return Err(value("need.waves", "peak_ratio", wave.peak_ratio.to_string(), "0 to 100"));
            }
            let season = need.condition(id).season;
            let table = WaveTable::new(wave.start.into(), wave.days, wave.peak_ratio, season);
            scale.waves[id.index()].push(table);
            // Waves add up: each gains at most its own height over the season's.
            let season = 1.0 + season.map_or(0.0, |season| season.amplitude);
            scale.highest[id.index()] += season * (wave.peak_ratio - 1.0).max(0.0);
        }
        Ok(scale)
    }

    pub(crate) fn ratio(&self, id: ConditionId) -> f64 {
        self.ratios[id.index()]
    }

    pub(crate) fn highest(&self, id: ConditionId) -> f64 {
        self.highest[id.index()]
    }

    pub(crate) fn course(&self, need: &Need, id: ConditionId) -> Course<'_> {
        Course { season: need.condition(id).season, waves: &self.waves[id.index()] }
    }
}
