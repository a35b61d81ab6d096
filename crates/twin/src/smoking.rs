//! Who smokes, from when to when.
//!
//! # Source
//! Drawn so that about 13 % of adults smoke in 2025, more in deprived areas, with fewer ever-smokers in
//! each later cohort (ONS Annual Population Survey 2023: 11.9 % of UK adults, men more than women,
//! three times as many in the most as in the least deprived decile). The curves are assumptions drawn
//! by hand to those figures, not estimates.

use crate::engine::Moment;
use crate::person::Sex;
use crate::stream::Stream;

/// First and last moment of smoking.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Smoking {
    pub(crate) started: Option<Moment>,
    pub(crate) stopped: Option<Moment>,
}

/// Share of a birth cohort that ever smokes: birth year, women, men.
const EVER_SMOKED: &[(f64, f64, f64)] = &[
    (1910.0, 0.40, 0.75),
    (1930.0, 0.48, 0.70),
    (1950.0, 0.48, 0.57),
    (1970.0, 0.43, 0.46),
    (1985.0, 0.36, 0.40),
    (1995.0, 0.25, 0.29),
    (2005.0, 0.13, 0.15),
    (2015.0, 0.06, 0.07),
];
/// Yearly hazard of stopping for good, by age from which it holds.
const STOPPING_PER_YEAR: [(f64, f64); 4] = [(0.0, 0.030), (30.0, 0.045), (45.0, 0.050), (60.0, 0.060)];

impl Smoking {
    /// Whether the person smokes at a moment.
    pub(crate) fn is_current(&self, at: Moment) -> bool {
        self.started.is_some_and(|started| started <= at) && self.stopped.is_none_or(|stopped| at < stopped)
    }

    pub(crate) fn draw(
        birth: Moment,
        birth_year: f64,
        sex: Sex,
        imd_decile: u8,
        stream: &mut Stream,
    ) -> Self {
        // Drawn whether used or not, so that one person's answer does not shift the next draw.
        let (ever, age, budget) =
            (stream.uniform(), stream.uniform() + stream.uniform(), stream.uniform_above_zero());
        let deprivation = 5.5 - f64::from(imd_decile);
        let share = ever_smoked(birth_year, sex) * 1.06_f64.powf(deprivation);
        if ever >= share {
            return Self::default();
        }
        // Between 13 and 21, most often 17.
        let from = 13.0 + 4.0 * age;
        let pace = 0.93_f64.powf(deprivation);
        let mut left = -budget.ln();
        let mut at = from;
        for (index, (start, rate)) in STOPPING_PER_YEAR.iter().enumerate() {
            let until = STOPPING_PER_YEAR.get(index + 1).map_or(f64::INFINITY, |next| next.0);
            if until <= at {
                continue;
            }
            let (begin, rate) = (at.max(*start), rate * pace);
            if left <= rate * (until - begin) {
                at = begin + left / rate;
                break;
            }
            left -= rate * (until - begin);
            at = until;
        }
        Self { started: Some(birth.plus_years(from)), stopped: Some(birth.plus_years(at)) }
    }
}

fn ever_smoked(birth_year: f64, sex: Sex) -> f64 {
    let of_sex = |point: &(f64, f64, f64)| if sex == Sex::Female { point.1 } else { point.2 };
    let after = EVER_SMOKED.partition_point(|point| point.0 <= birth_year);
    match (after.checked_sub(1).and_then(|before| EVER_SMOKED.get(before)), EVER_SMOKED.get(after)) {
        (Some(left), Some(right)) => {
            of_sex(left) + (of_sex(right) - of_sex(left)) * (birth_year - left.0) / (right.0 - left.0)
        }
        (Some(end), None) | (None, Some(end)) => of_sex(end),
        (None, None) => 0.0,
    }
}
