//! Growth charts: size for age by sex and percentile.
//!
//! # Source
//! LMS method (Cole 1990) with the parameters of the CDC 2000 growth charts, from
//! `cdc_growth_charts.json` beside the modules or, without it, from the compiled-in excerpt.

use serde_json::Value as Json;

use crate::host::normal;
use crate::ir::Sex;

/// Percentiles above this are read as this.
const HIGHEST: f64 = 0.995;
/// The last month of the charts.
pub(crate) const LAST_MONTH: i32 = 240;

/// What a chart is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chart {
    Height,
    Weight,
    BodyMassIndex,
    Head,
}

impl Chart {
    const NAMES: [(&'static str, Self); 4] = [
        ("height", Self::Height),
        ("weight", Self::Weight),
        ("bmi", Self::BodyMassIndex),
        ("head", Self::Head),
    ];
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Lms {
    power: f64,
    median: f64,
    variation: f64,
}

/// All charts, one entry a month.
#[derive(Clone, Debug)]
pub(crate) struct GrowthCharts {
    /// By chart, then sex, then month.
    entries: Vec<[Vec<Option<Lms>>; 2]>,
}

impl GrowthCharts {
    /// The compiled-in excerpt.
    pub(crate) fn excerpt() -> Self {
        let mut points = empty();
        for line in include_str!("../../data/growth_lms.csv").lines() {
            let cells: Vec<&str> = line.split(',').collect();
            if let [chart, sex, month, l, m, s] = cells[..] {
                add(&mut points, chart, sex, month, [l, m, s].map(|cell| cell.parse().ok()));
            }
        }
        Self::between(points)
    }

    /// Charts from Synthea's file; `None` when it is not one.
    pub(crate) fn from_json(json: &Json) -> Option<Self> {
        let mut points = empty();
        for (chart, by_sex) in json.as_object()? {
            for (sex, by_month) in by_sex.as_object()? {
                for (month, entry) in by_month.as_object()? {
                    let cell = |key: &str| match entry.get(key)? {
                        Json::String(text) => text.parse().ok(),
                        other => other.as_f64(),
                    };
                    add(&mut points, chart, sex, month, ["l", "m", "s"].map(cell));
                }
            }
        }
        let charts = Self::between(points);
        charts.entries[..3]
            .iter()
            .flatten()
            .all(|months| months[LAST_MONTH as usize].is_some())
            .then_some(charts)
    }

    /// Fills months between given ones.
    fn between(mut entries: Vec<[Vec<Option<Lms>>; 2]>) -> Self {
        for months in entries.iter_mut().flatten() {
            let given: Vec<usize> = (0..months.len()).filter(|month| months[*month].is_some()).collect();
            for pair in given.windows(2) {
                let (Some(low), Some(high)) = (months[pair[0]], months[pair[1]]) else { continue };
                for (steps, slot) in months[pair[0] + 1..pair[1]].iter_mut().enumerate() {
                    let share = (steps + 1) as f64 / (pair[1] - pair[0]) as f64;
                    let mix = |a: f64, b: f64| a + (b - a) * share;
                    *slot = Some(Lms {
                        power: mix(low.power, high.power),
                        median: mix(low.median, high.median),
                        variation: mix(low.variation, high.variation),
                    });
                }
            }
        }
        Self { entries }
    }

    fn entry(&self, chart: Chart, sex: Sex, month: i32) -> Option<Lms> {
        let months = &self.entries[chart as usize][sex as usize];
        months.get(month.clamp(0, LAST_MONTH) as usize).copied().flatten()
    }

    /// The size at a percentile (a share, 0 to 1).
    pub(crate) fn size(&self, chart: Chart, sex: Sex, month: i32, percentile: f64) -> Option<f64> {
        let lms = self.entry(chart, sex, month)?;
        let z = normal::quantile(percentile.min(HIGHEST));
        Some(if lms.power == 0.0 {
            lms.median * (lms.variation * z).exp()
        } else {
            lms.median * (1.0 + lms.power * lms.variation * z).max(1e-9).powf(1.0 / lms.power)
        })
    }

    /// The percentile (a share, 0 to 1) of a size.
    pub(crate) fn percentile(&self, chart: Chart, sex: Sex, month: i32, size: f64) -> Option<f64> {
        let lms = self.entry(chart, sex, month)?;
        let ratio = (size / lms.median).max(1e-9);
        let z = if lms.power == 0.0 {
            ratio.ln() / lms.variation
        } else {
            (ratio.powf(lms.power) - 1.0) / (lms.power * lms.variation)
        };
        Some(normal::cumulative(z))
    }
}

fn empty() -> Vec<[Vec<Option<Lms>>; 2]> {
    let months = || vec![None; LAST_MONTH as usize + 1];
    (0..Chart::NAMES.len()).map(|_| [months(), months()]).collect()
}

fn add(points: &mut [[Vec<Option<Lms>>; 2]], chart: &str, sex: &str, month: &str, lms: [Option<f64>; 3]) {
    let chart = Chart::NAMES.iter().find(|(name, _)| *name == chart).map(|(_, chart)| *chart as usize);
    let sex = match sex {
        "F" => Some(Sex::Female as usize),
        "M" => Some(Sex::Male as usize),
        _ => None,
    };
    if let (Some(chart), Some(sex), Ok(month), [Some(power), Some(median), Some(variation)]) =
        (chart, sex, month.parse::<usize>(), lms)
        && month <= LAST_MONTH as usize
        && median > 0.0
        && variation > 0.0
    {
        points[chart][sex][month] = Some(Lms { power, median, variation });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_excerpt_gives_the_charts_percentiles() {
        let charts = GrowthCharts::excerpt();
        // CDC 2000 stature-for-age, boys, 240 months: P50 176.8, P95 188.4 cm (data table statage).
        let size = |p| charts.size(Chart::Height, Sex::Male, 240, p).unwrap();
        assert!((size(0.5) - 176.8).abs() < 0.2 && (size(0.95) - 188.5).abs() < 0.5);
        let share = charts.percentile(Chart::Height, Sex::Male, 240, size(0.3)).unwrap();
        assert!((share - 0.3).abs() < 1e-6);
        assert_eq!(charts.size(Chart::BodyMassIndex, Sex::Female, 3, 0.5), None);
        assert!(charts.size(Chart::Head, Sex::Female, 7, 0.5).is_some());
    }
}
