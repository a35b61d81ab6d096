//! Time to an event.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::coded::check_alike;
use super::error::SyntheticError;
use super::labels::Target;
use super::resample::{Resampling, Value, Weights, estimate};
use crate::estimate::{Estimate, Undefined};
use crate::normal::two_sided_p;

/// Which columns tell of time to an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalColumns {
    /// Column of times from the start, in the column's own unit.
    pub duration: Arc<str>,
    /// Whether the event came at that time; else follow-up ended.
    pub event: Target,
}

/// How another table's survival stands to the real one's, from the start to the `horizon`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalFigures {
    /// Time up to which curves are compared: the shorter of the two tables' longest follow-ups.
    pub horizon: f64,
    /// Greatest difference of the Kaplan-Meier curves.
    pub greatest_difference: Estimate,
    /// Mean difference of the curves, absolute.
    pub mean_difference: Estimate,
    /// Mean time without the event up to the horizon, the other's less the real one's.
    pub restricted_mean_difference: Estimate,
    /// The same in the real table.
    pub restricted_mean_real: Estimate,
    /// Log-rank statistic, chi-squared with one degree of freedom where survival is the same.
    pub log_rank: Option<f64>,
    /// The chance of so large a one.
    pub log_rank_p: Option<f64>,
}

/// Compares survival. Rows where a column is missing or the time is negative are left out.
///
/// # Source
/// Kaplan and Meier, JASA 53 (1958). Log-rank: Mantel, Cancer Chemotherapy Reports 50 (1966). Restricted mean: Royston
/// and Parmar, BMC Medical Research Methodology 13 (2013), equation 1.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a column or category is unknown, or a table has fewer than 2 rows with
/// both.
///
/// # Limits
/// Says nothing of what survival depends on. The log-rank test misses curves that cross, and with many rows finds
/// differences too small to matter.
pub fn survival(
    real: &Table,
    other: &Table,
    columns: &SurvivalColumns,
    resampling: &Resampling,
) -> Result<SurvivalFigures, SyntheticError> {
    resampling.check()?;
    check_alike(real, other)?;
    let (real, other) =
        (followed(&resampling.kept(real), columns)?, followed(&resampling.kept(other), columns)?);
    let weights = resampling.weights([&real.table, &other.table]);
    let horizon = real.longest().min(other.longest());
    let curves = |weights: &Weights| Some([real.curve(&weights[0])?, other.curve(&weights[1])?]);
    let of = |statistic: &dyn Fn(&[Curve; 2]) -> f64, range| {
        let value = |weights: &Weights| -> Value {
            curves(weights).map(|own| statistic(&own)).ok_or(Undefined::NoInstances)
        };
        estimate(&weights.iter().map(value).collect::<Vec<_>>(), range)
    };
    let tested = log_rank(&real, &other);
    Ok(SurvivalFigures {
        horizon,
        greatest_difference: of(&|curves| differences(curves, horizon).0, (0.0, 1.0)),
        mean_difference: of(&|curves| differences(curves, horizon).1, (0.0, 1.0)),
        restricted_mean_difference: of(
            &|[real, other]| area(other, horizon) - area(real, horizon),
            (-horizon, horizon),
        ),
        restricted_mean_real: of(&|[real, _]| area(real, horizon), (0.0, horizon)),
        log_rank: tested,
        log_rank_p: tested.map(|square| two_sided_p(square.sqrt())),
    })
}

/// The Kaplan-Meier curve of one table: from each time on, the share without the event. Rows where a column is missing
/// or the time is negative are left out.
///
/// # Errors
/// [`SyntheticError`] where a column or category is unknown, or fewer than 2 rows have both.
pub fn survival_curve(
    table: &Table,
    columns: &SurvivalColumns,
    resampling: &Resampling,
) -> Result<Vec<(f64, f64)>, SyntheticError> {
    resampling.check()?;
    let followed = followed(&resampling.kept(table), columns)?;
    let longest = followed.longest();
    let mut curve = followed.curve(&vec![1.0; followed.table.len()]).unwrap_or_default();
    if let Some(&(time, share)) = curve.last()
        && time < longest
    {
        curve.push((longest, share));
    }
    Ok(curve)
}

/// Times and events, earliest first.
struct Followed {
    table: Table,
    /// Time, whether the event came, row.
    times: Vec<(f64, bool, usize)>,
}

/// Steps of a survival curve: from this time on, this share is without the event.
type Curve = Vec<(f64, f64)>;

fn followed(table: &Table, columns: &SurvivalColumns) -> Result<Followed, SyntheticError> {
    let (durations, events) = (table.number(&columns.duration)?, columns.event.labels(table)?);
    let known = |row: &usize| durations[*row].is_some_and(|time| time >= 0.0) && events[*row].is_some();
    let rows: Vec<usize> = (0..table.len()).filter(known).collect();
    if rows.len() < 2 {
        return Err(SyntheticError::Rows { rows: rows.len(), least: 2 });
    }
    let entry = |(at, &row): (usize, &usize)| Some((durations[row]?, events[row]?, at));
    let mut times: Vec<_> = rows.iter().enumerate().filter_map(entry).collect();
    times.sort_by(|left, right| left.0.total_cmp(&right.0));
    Ok(Followed { table: table.rows_of(&rows), times })
}

impl Followed {
    fn longest(&self) -> f64 {
        self.times.last().map_or(0.0, |last| last.0)
    }

    fn curve(&self, weights: &[f32]) -> Option<Curve> {
        let mut at_risk: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
        if at_risk <= 0.0 {
            return None;
        }
        let (mut share, mut steps) = (1.0, vec![(0.0, 1.0)]);
        for tied in self.times.chunk_by(|left, right| left.0.total_cmp(&right.0).is_eq()) {
            let sum = |keep: &dyn Fn(bool) -> bool| {
                tied.iter().filter(|one| keep(one.1)).map(|one| f64::from(weights[one.2])).sum::<f64>()
            };
            let died = sum(&|event| event);
            if died > 0.0 {
                share *= (1.0 - died / at_risk).max(0.0);
                steps.push((tied[0].0, share));
            }
            at_risk -= sum(&|_| true);
            if at_risk <= 0.0 {
                break;
            }
        }
        Some(steps)
    }
}

/// Greatest and mean absolute difference up to the horizon.
fn differences([real, other]: &[Curve; 2], horizon: f64) -> (f64, f64) {
    let mut times: Vec<f64> =
        real.iter().chain(other).map(|step| step.0).filter(|time| *time <= horizon).collect();
    times.push(horizon);
    times.sort_unstable_by(f64::total_cmp);
    times.dedup();
    let at =
        |curve: &Curve, time: f64| curve[curve.partition_point(|step| step.0 <= time).saturating_sub(1)].1;
    let (mut most, mut sum) = (0.0_f64, 0.0);
    for (place, &time) in times.iter().enumerate() {
        let gap = (at(real, time) - at(other, time)).abs();
        most = most.max(gap);
        sum += times.get(place + 1).map_or(0.0, |next| (next - time) * gap);
    }
    (most, if horizon > 0.0 { sum / horizon } else { most })
}

fn area(curve: &Curve, horizon: f64) -> f64 {
    let ends = curve.iter().skip(1).map(|step| step.0).chain([f64::INFINITY]);
    curve.iter().zip(ends).map(|(step, end)| step.1 * (end.min(horizon) - step.0).max(0.0)).sum()
}

fn log_rank(real: &Followed, other: &Followed) -> Option<f64> {
    let mut all: Vec<(f64, bool, bool)> = real
        .times
        .iter()
        .map(|one| (one.0, one.1, false))
        .chain(other.times.iter().map(|one| (one.0, one.1, true)))
        .collect();
    all.sort_by(|left, right| left.0.total_cmp(&right.0));
    let (mut left, mut right) = (real.times.len() as f64, other.times.len() as f64);
    let (mut excess, mut variance) = (0.0, 0.0);
    for tied in all.chunk_by(|one, next| one.0.total_cmp(&next.0).is_eq()) {
        let count =
            |keep: &dyn Fn(&(f64, bool, bool)) -> bool| tied.iter().filter(|one| keep(one)).count() as f64;
        let (died, died_right) = (count(&|one| one.1), count(&|one| one.1 && one.2));
        let total = left + right;
        if died > 0.0 {
            excess += died_right - died * right / total;
            if total > 1.0 {
                variance += died * (right / total) * (left / total) * (total - died) / (total - 1.0);
            }
        }
        let gone = count(&|one| one.2);
        (left, right) = (left - (tied.len() as f64 - gone), right - gone);
    }
    (variance > 0.0).then(|| excess * excess / variance)
}
