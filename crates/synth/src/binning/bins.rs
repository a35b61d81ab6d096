//! One column's values as a few codes, and back.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use twinloom_table::ColumnKind;

/// How often a number is drawn again that has another code.
const TRIES: usize = 20;

/// How a column's values are told apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bins {
    /// A code per category.
    Categories {
        /// How many.
        count: usize,
    },
    /// Codes of single heavy values first, then of the intervals between cut points.
    Numbers {
        /// Values that have a code of their own, in order.
        spikes: Vec<f64>,
        /// Cut points in order; interval `i` runs from cut `i` to cut `i + 1`, the last one closed.
        cuts: Vec<f64>,
    },
}

impl Bins {
    /// Number of codes.
    pub fn count(&self) -> usize {
        match self {
            Self::Categories { count } => *count,
            Self::Numbers { spikes, cuts } => spikes.len() + cuts.len().saturating_sub(1),
        }
    }

    /// The code of a number; what lies outside all intervals belongs to the nearest.
    pub fn code(&self, value: f64) -> u32 {
        let Self::Numbers { spikes, cuts } = self else { return 0 };
        if let Ok(place) = spikes.binary_search_by(|spike| spike.total_cmp(&value)) {
            return place as u32;
        }
        let intervals = cuts.len().saturating_sub(1);
        if intervals == 0 {
            let after = spikes.partition_point(|spike| *spike < value);
            return after.min(spikes.len().saturating_sub(1)) as u32;
        }
        let place = cuts.partition_point(|cut| *cut <= value).saturating_sub(1).min(intervals - 1);
        (spikes.len() + place) as u32
    }

    /// A number of the code: the heavy value, or one drawn evenly within the interval, with as many digits as the column
    /// has.
    pub fn draw(&self, code: u32, kind: &ColumnKind, rng: &mut impl Rng) -> f64 {
        let Self::Numbers { spikes, .. } = self else { return 0.0 };
        let code = code as usize;
        if let Some(spike) = spikes.get(code) {
            return *spike;
        }
        // A number of the interval may be a heavy value, which has another code.
        for _ in 0..TRIES {
            let value = self.within(code - spikes.len(), kind, rng);
            if self.code(value) as usize == code {
                return value;
            }
        }
        self.within(code - spikes.len(), kind, rng)
    }

    fn within(&self, interval: usize, kind: &ColumnKind, rng: &mut impl Rng) -> f64 {
        let Self::Numbers { cuts, .. } = self else { return 0.0 };
        let (least, greatest) = (cuts[interval], cuts[interval + 1]);
        let value = match step(kind) {
            None => least + (greatest - least) * rng.random::<f64>(),
            Some(step) => {
                let (first, last) = ((least / step).ceil(), (greatest / step).floor());
                let steps = (last - first).max(0.0);
                let drawn = first + (rng.random::<f64>() * (steps + 1.0)).floor().min(steps);
                drawn * step
            }
        };
        rounded(value, kind).clamp(least, greatest)
    }

    /// Middle of a code's values.
    pub fn middle(&self, code: u32) -> f64 {
        let Self::Numbers { spikes, cuts } = self else { return f64::from(code) };
        let code = code as usize;
        match spikes.get(code) {
            Some(spike) => *spike,
            None => f64::midpoint(cuts[code - spikes.len()], cuts[code - spikes.len() + 1]),
        }
    }
}

/// The distance of neighbouring values of a column that has one.
pub(crate) fn step(kind: &ColumnKind) -> Option<f64> {
    match kind {
        ColumnKind::Integer { .. } | ColumnKind::Date { with_time: false, .. } => Some(1.0),
        ColumnKind::Number { decimals: Some(decimals), .. } => Some(10_f64.powi(-i32::from(*decimals))),
        _ => None,
    }
}

/// The number with as many digits as the column has.
pub(crate) fn rounded(value: f64, kind: &ColumnKind) -> f64 {
    match kind {
        ColumnKind::Integer { .. } | ColumnKind::Date { with_time: false, .. } => value.round(),
        ColumnKind::Number { decimals: Some(decimals), .. } => {
            let power = 10_f64.powi(i32::from(*decimals));
            (value * power).round() / power
        }
        _ => value,
    }
}
