//! Deaths shared out among the conditions that people have.
//!
//! The hazard of a person is that of the life table for their age, sex and deprivation, times the
//! product of the mortality ratios of what they have, over the mean of that product among the living of
//! the same age, sex and deprivation. Deaths that onsets bring about themselves (case fatality) are
//! taken off first. So the population dies by the table and those with conditions sooner than others.
//!
//! # Source
//! `data/expected_mortality_ratio.csv`, derived from the model itself by
//! `examples/expected_mortality.rs`; a whole run, where pathways treat, differs from it in old age.

use crate::engine::{DAYS_PER_YEAR, Moment};
use crate::need::{ConditionId, ConditionSet, Need, NeedStreams, NeedView, Onset};
use crate::population::{number, rows};

use super::Mortality;

const EXPECTED: &str = include_str!("../../data/expected_mortality_ratio.csv");
/// Five-year bands of age, the last from 105 on.
const BANDS: usize = 22;
const DECILES: usize = 10;
/// At least this share of the table's deaths is left to the product, whatever case fatality takes.
const LEAST_BACKGROUND: f64 = 0.2;
const DEATH_PLACE: u64 = 1;
const CAUSE_PLACE: u64 = 2;

/// From which age on, what the living of a whole run have of the product and of the case fatality that
/// need alone makes, where pathways treat nobody.
///
/// # Source
/// 10,000 people from 2015 to 2025, seed 1, against the embedded table; steps of pooled ages, standard
/// errors about 0.05.
const IN_A_RUN: [(usize, f64, f64); 3] = [(0, 1.0, 0.95), (75, 0.97, 0.95), (80, 0.88, 0.82)];

/// What the model's conditions make of mortality on average.
#[derive(Clone, Debug)]
pub(super) struct ExpectedRatio {
    /// Mean product of mortality ratios, and deaths per person-year by case fatality, by sex, decile and
    /// band of age.
    cells: [[[(f64, f64); BANDS]; DECILES]; 2],
}

impl ExpectedRatio {
    pub(super) fn embedded() -> Self {
        Self::parse(EXPECTED)
    }

    /// Reads a table in the form of the embedded one.
    pub(super) fn parse(text: &str) -> Self {
        let mut cells = [[[(1.0, 0.0); BANDS]; DECILES]; 2];
        for row in rows(text) {
            let (Ok(decile), Ok(age)) = (row[1].parse::<usize>(), row[2].parse::<usize>()) else { continue };
            let of_sex = &mut cells[usize::from(row[0] == "male")];
            if let Some(cell) = of_sex.get_mut(decile - 1).and_then(|bands| bands.get_mut(age / 5)) {
                *cell = (number(row[3]), number(row[4]));
            }
        }
        Self { cells }
    }

    /// As the living of a whole run have it.
    pub(super) fn in_a_run(mut self) -> Self {
        for bands in self.cells.as_flattened_mut() {
            for (band, (product, by_fatality)) in bands.iter_mut().enumerate() {
                let step = IN_A_RUN.iter().rev().find(|(from, ..)| band * 5 >= *from);
                if let Some((_, of_product, of_fatality)) = step {
                    *product = (*product * of_product).max(1.0);
                    *by_fatality *= of_fatality;
                }
            }
        }
        self
    }

    /// The cell's values at an age, between the middles of the bands.
    fn at(&self, sex: usize, imd_decile: u8, age: usize) -> (f64, f64) {
        let bands = &self.cells[sex][usize::from(imd_decile.clamp(1, 10)) - 1];
        let place = (age as f64 - 2.0) / 5.0;
        let low = (place.floor().max(0.0) as usize).min(BANDS - 1);
        let high = (low + 1).min(BANDS - 1);
        let part = (place - low as f64).clamp(0.0, 1.0);
        let between = |low: f64, high: f64| low + (high - low) * part;
        (between(bands[low].0, bands[high].0), between(bands[low].1, bands[high].1))
    }
}

/// A death of the life table's own; those by case fatality stand in [`Onset::fatal_at`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Death {
    pub(crate) at: Moment,
    pub(crate) cause: CauseOfDeath,
    /// Active conditions that raised the hazard, the cause among them if it is one.
    pub(crate) contributing: ConditionSet,
}

/// What somebody dies of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CauseOfDeath {
    /// A condition of the need table.
    Condition(ConditionId),
    /// One of [`Need::other_causes`].
    Other(usize),
}

impl CauseOfDeath {
    /// ICD-10 code and words.
    pub(crate) fn code(self, need: &Need) -> (&str, &str) {
        match self {
            Self::Condition(id) => (&need.condition(id).icd10, &need.condition(id).display),
            Self::Other(index) => {
                let cause = &need.other_causes()[index];
                (&cause.icd10, &cause.display)
            }
        }
    }
}

impl Mortality {
    /// Deaths per person-year of someone whose conditions raise no mortality.
    pub(crate) fn background_per_year(&self, view: &NeedView<'_>, age: usize) -> f64 {
        let (product, by_fatality) = self.expected.at(view.sex_index(), view.imd_decile, age);
        let table = self.rate_per_year(view.sex, view.imd_decile, age);
        (table - by_fatality).max(LEAST_BACKGROUND * table) / product.max(1e-6)
    }

    /// Whether and of what a person dies from `from` to `until`, at most a year later and within one year
    /// of age; `onsets` are those of the same time.
    pub(crate) fn year(
        &self,
        need: &Need,
        streams: &NeedStreams,
        view: &NeedView<'_>,
        from: Moment,
        until: Moment,
        onsets: &[Onset],
    ) -> Option<Death> {
        let draws = streams.call(view.subject, view.life, from);
        let mut budget = -draws.mortality(DEATH_PLACE).ln();
        let age = view.age(from);
        let background = self.background_per_year(view, age);
        let mut death = None;
        stretches(need, view, age, from, until, onsets, |begin, end, active, product| {
            if death.is_some() {
                return;
            }
            let hazard = background * product;
            let spent = hazard * end.days_since(begin) / DAYS_PER_YEAR;
            if budget < spent {
                death = Some((begin.plus_years(budget / hazard), active));
            }
            budget -= spent;
        });
        death.map(|(at, active)| {
            let raises = |id: &ConditionId| need.condition(*id).mortality_ratio[age_index(age)] > 1.0;
            let mut contributing = ConditionSet::EMPTY;
            active.iter().filter(raises).for_each(|id| contributing.insert(id));
            let cause = cause(need, view, age, contributing, draws.mortality(CAUSE_PLACE));
            Death { at, cause, contributing }
        })
    }

    /// The hazard beyond that of someone without conditions, summed from `from` to `until`.
    pub(crate) fn excess_hazard(
        &self,
        need: &Need,
        view: &NeedView<'_>,
        from: Moment,
        until: Moment,
        onsets: &[Onset],
    ) -> f64 {
        let age = view.age(from);
        let background = self.background_per_year(view, age);
        let mut sum = 0.0;
        stretches(need, view, age, from, until, onsets, |begin, end, _, product| {
            sum += background * (product - 1.0) * end.days_since(begin) / DAYS_PER_YEAR;
        });
        sum
    }
}

const fn age_index(age: usize) -> usize {
    if age > 110 { 110 } else { age }
}

/// Product of the mortality ratios of a set.
pub(crate) fn mortality_product(need: &Need, active: ConditionSet, age: usize) -> f64 {
    active.iter().map(|id| f64::from(need.condition(id).mortality_ratio[age_index(age)])).product()
}

/// Visits the stretches of time within which nothing begins or ends.
fn stretches(
    need: &Need,
    view: &NeedView<'_>,
    age: usize,
    from: Moment,
    until: Moment,
    onsets: &[Onset],
    mut visit: impl FnMut(Moment, Moment, ConditionSet, f64),
) {
    let mut active = view.active;
    if onsets.is_empty() && view.ends.is_empty() {
        visit(from, until, active, mortality_product(need, active, age));
        return;
    }
    let raises =
        |id: ConditionId| (need.condition(id).mortality_ratio[age_index(age)] - 1.0).abs() > f32::EPSILON;
    let begins = onsets.iter().map(|onset| (onset.at, true, onset.condition));
    let over = onsets.iter().filter_map(|onset| onset.until.map(|at| (at, false, onset.condition)));
    let running = view.ends.iter().map(|(id, at)| (*at, false, *id));
    let mut changes: Vec<_> = begins.chain(over).chain(running).filter(|(_, _, id)| raises(*id)).collect();
    changes.sort_unstable();
    let mut begin = from;
    for (at, starts, id) in changes {
        let at = at.clamp(from, until);
        if at > begin {
            visit(begin, at, active, mortality_product(need, active, age));
            begin = at;
        }
        if at >= until {
            return;
        }
        if starts {
            active.insert(id);
        } else {
            active.remove(id);
        }
    }
    if until > begin {
        visit(begin, until, active, mortality_product(need, active, age));
    }
}

/// Draws the cause: the share 1/product to the other causes, the rest to conditions by the logarithms of
/// their ratios.
fn cause(
    need: &Need,
    view: &NeedView<'_>,
    age: usize,
    contributing: ConditionSet,
    uniform: f64,
) -> CauseOfDeath {
    let ratio = |id: ConditionId| f64::from(need.condition(id).mortality_ratio[age_index(age)]);
    let product: f64 = contributing.iter().map(ratio).product();
    let share_of_others = 1.0 / product;
    if uniform > share_of_others {
        let total = product.ln();
        let mut left = (uniform - share_of_others) / (1.0 - share_of_others) * total;
        let mut last = None;
        for id in contributing.iter() {
            last = Some(id);
            left -= ratio(id).ln();
            if left <= 0.0 {
                break;
            }
        }
        if let Some(id) = last {
            return CauseOfDeath::Condition(id);
        }
    }
    let shares = need.other_causes().iter().map(|of| f64::from(of.share(view.sex_index(), age)));
    let total: f64 = shares.clone().sum();
    let mut left = (uniform / share_of_others).min(1.0) * total;
    for (index, share) in shares.enumerate() {
        left -= share;
        if left <= 0.0 && share > 0.0 {
            return CauseOfDeath::Other(index);
        }
    }
    CauseOfDeath::Other(need.other_causes().len() - 1)
}
