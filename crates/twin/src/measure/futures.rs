//! What a fork's futures come to: paired differences of one person's outcomes.

use serde::Serialize;
use twinloom_event::Timestamp;

use super::activity::{Activity, Measure};
use super::history::{Followed, History};
use super::interval::{Interval, paired_t};
use super::unit_costs::UnitCosts;
use crate::fork::Future;

/// One outcome over all futures of a fork.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairedOutcome {
    /// Its name for machines.
    pub name: &'static str,
    /// Its name in tables.
    pub title: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Futures in which both arms have a value.
    pub pairs: usize,
    /// Mean without the intervention.
    pub without: Option<f64>,
    /// Mean with it.
    pub with: Option<f64>,
    /// Mean of the paired differences, with less without.
    pub difference: Option<f64>,
    /// Student's 95 % interval of that mean.
    pub interval: Option<Interval>,
    /// How the differences are spread over futures: their 2.5th, 50th and 97.5th percentiles.
    pub quantiles: Option<[f64; 3]>,
    /// The difference in each future that has one.
    pub differences: Vec<f64>,
}

type Outcome = (&'static str, &'static str, &'static str, fn(&Lived) -> Option<f64>);

/// One arm of one future.
struct Lived {
    history: History,
    followed: Followed,
    sums: [f64; Measure::SUMMED.len()],
}

const OUTCOMES: [Outcome; 13] = [
    ("life_years", "Years lived", "years", |lived| Some(lived.history.person_years(lived.followed))),
    ("death", "Died", "share", |lived| lived.sum(Measure::Deaths)),
    ("infarctions", "Myocardial infarctions", "count", |lived| lived.sum(Measure::Infarctions)),
    ("strokes", "Strokes", "count", |lived| lived.sum(Measure::Strokes)),
    ("emergency_admissions", "Emergency admissions", "count", |lived| {
        lived.sum(Measure::EmergencyAdmissions)
    }),
    ("bed_days", "Days in hospital", "days", |lived| lived.sum(Measure::BedsOccupied)),
    ("emergency_attendances", "A&E attendances", "count", |lived| lived.sum(Measure::EmergencyAttendances)),
    ("practice_contacts", "Contacts with general practice", "count", |lived| {
        lived.sum(Measure::PracticeContacts)
    }),
    ("cost", "Cost", "GBP", |lived| lived.sum(Measure::Cost)),
    ("carbon", "Carbon", "kg CO2e", |lived| lived.sum(Measure::Carbon)),
    ("systolic", "Systolic blood pressure, mean of readings", "mmHg", |lived| lived.mean(&["271649006"])),
    ("hba1c", "HbA1c, mean of readings", "mmol/mol", |lived| lived.mean(&["999791000000106", "59261-8"])),
    ("bmi", "Body mass index, mean of readings", "kg/m2", |lived| lived.mean(&["60621009"])),
];

impl Lived {
    fn of(history: History, followed: Followed, costs: &UnitCosts) -> Self {
        let sums = Activity::of_person(&history, followed, costs);
        Self { history, followed, sums }
    }

    fn sum(&self, measure: Measure) -> Option<f64> {
        let index = Measure::SUMMED.iter().position(|other| *other == measure)?;
        Some(self.sums[index])
    }

    /// The mean true value of the readings with any of the codes.
    fn mean(&self, codes: &[&str]) -> Option<f64> {
        let readings = self.history.readings.iter().filter(|reading| {
            let value = reading.code.rsplit("//").next().unwrap_or(&reading.code);
            self.followed.contains(reading.at) && codes.contains(&value)
        });
        let (sum, count) =
            readings.fold((0.0, 0_u32), |(sum, count), reading| (sum + reading.value, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }
}

/// The paired outcomes of futures that part at `at` and are lived until `until`.
pub fn paired_outcomes(
    futures: &[Future],
    at: Timestamp,
    until: Timestamp,
    costs: &UnitCosts,
) -> Vec<PairedOutcome> {
    let followed = Followed { from: at, to: until };
    let lived: Vec<(Lived, Lived)> = futures
        .iter()
        .map(|future| {
            let arm = |truth| Lived::of(History::of(truth), followed, costs);
            (arm(&future.without.truth), arm(&future.with.truth))
        })
        .collect();
    OUTCOMES.into_iter().map(|outcome| paired(outcome, &lived)).collect()
}

fn paired((name, title, unit, pick): Outcome, lived: &[(Lived, Lived)]) -> PairedOutcome {
    let values: Vec<(f64, f64)> =
        lived.iter().filter_map(|(without, with)| Some((pick(without)?, pick(with)?))).collect();
    let differences: Vec<f64> = values.iter().map(|(without, with)| with - without).collect();
    let count = values.len() as f64;
    let mean =
        |pick: fn(&(f64, f64)) -> f64| (count > 0.0).then(|| values.iter().map(pick).sum::<f64>() / count);
    let tested = paired_t(&differences);
    let mut sorted = differences.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    PairedOutcome {
        name,
        title,
        unit,
        pairs: values.len(),
        without: mean(|pair| pair.0),
        with: mean(|pair| pair.1),
        difference: tested.map(|(mean, _)| mean),
        interval: tested.and_then(|(_, interval)| interval),
        quantiles: (!sorted.is_empty()).then(|| [0.025, 0.5, 0.975].map(|share| quantile(&sorted, share))),
        differences,
    }
}

/// Linear interpolation between order statistics (Hyndman and Fan's type 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_quantiles_against_numpy() {
        // numpy 2: numpy.quantile([1, 2, 4, 8], [0.025, 0.975])
        let sorted = [1.0, 2.0, 4.0, 8.0];
        assert!((quantile(&sorted, 0.025) - 1.075).abs() < 1e-12);
        assert!((quantile(&sorted, 0.975) - 7.7).abs() < 1e-12);
    }
}
