//! What the need table says of one condition or problem.

use crate::physiology::{Effect, VitalSign};

/// The most conditions that a table may hold: the width of a [`ConditionSet`].
pub(crate) const MOST_CONDITIONS: usize = 128;
/// Ages 0 to 110; the last for ever.
pub(crate) const AGES: usize = 111;

/// A condition's place in the need table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConditionId(pub(crate) u8);

impl ConditionId {
    /// The place as a number from 0.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of conditions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConditionSet(u128);

impl ConditionSet {
    /// No condition.
    pub const EMPTY: Self = Self(0);

    /// Whether a condition is in it.
    pub const fn contains(self, id: ConditionId) -> bool {
        self.0 >> id.0 & 1 == 1
    }

    /// Puts a condition in.
    pub const fn insert(&mut self, id: ConditionId) {
        self.0 |= 1 << id.0;
    }

    /// Takes a condition out.
    pub const fn remove(&mut self, id: ConditionId) {
        self.0 &= !(1 << id.0);
    }

    /// How many.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// In order of the table.
    pub fn iter(self) -> impl Iterator<Item = ConditionId> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let next = ConditionId(rest.trailing_zeros() as u8);
            (rest != 0).then(|| {
                rest &= rest - 1;
                next
            })
        })
    }
}

/// Whether a condition counts as a morbidity, and of which sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// A long-term physical condition.
    Physical,
    /// A long-term mental-health condition.
    Mental,
    /// A problem that ends by itself or is an event.
    Acute,
}

/// One entry of the need table.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Name in scenario files and in other entries.
    pub name: String,
    /// SNOMED CT concept of the condition, as general practice codes it.
    pub snomed: String,
    /// The concept's words.
    pub display: String,
    /// ICD-10 code, as hospitals and death certificates code it.
    pub icd10: String,
    /// Sort.
    pub group: Group,
    /// The one of Barnett's forty morbidities that it counts as.
    pub morbidity: Option<String>,
    /// Published figures that it is held to.
    pub targets: Vec<Target>,
    pub(crate) effects: Vec<SignEffect>,
    pub(crate) severity: Spread,
    /// How long it lasts; none: for life.
    pub(crate) duration: Option<Duration>,
    pub(crate) season: Option<Season>,
    /// Ratio of the hazard of death while active, by whole age.
    pub(crate) mortality_ratio: Vec<f32>,
    /// Probability that an onset kills, by whole age; empty when it never does.
    pub(crate) fatality: Vec<f32>,
    /// Median days from onset to that death.
    pub(crate) fatal_after_days: f64,
    /// Conditions that may begin with it: which, and with what probability.
    pub(crate) brings: Vec<(ConditionId, f64)>,
    /// Passed on within the household.
    pub(crate) infectious: Option<Infectious>,
    pub(crate) rates: Rates,
    /// What calibration multiplies the rates by; `rates` holds it already.
    pub(crate) scale: f64,
}

impl Condition {
    /// Whether it is one of the long-term conditions.
    pub const fn is_long_term(&self) -> bool {
        !matches!(self.group, Group::Acute)
    }

    /// Shifts of vital signs while active, for a severity of 1.
    pub(crate) fn effects(&self) -> impl Iterator<Item = Effect> {
        self.effects.iter().map(|effect| effect.effect)
    }

    /// How it passes within the household, if it does.
    pub(crate) const fn infectious(&self) -> Option<&Infectious> {
        self.infectious.as_ref()
    }
}

/// How often a condition begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rates {
    /// Per year by sex (female, male) and whole age, the table's own scale included.
    pub(crate) base: [Vec<f64>; 2],
    /// Ratio for each decile of deprivation, 1 = most deprived first.
    pub(crate) decile: [f64; 10],
    /// Ratio for each of the Census's five groups, in their order.
    pub(crate) ethnicity: [f64; 5],
    /// Ratio for those who never smoked, once smoked, smoke.
    pub(crate) tobacco: [f64; 3],
    /// Which sign, its reference value, and the logarithm of the ratio for each unit.
    pub(crate) signs: Vec<(usize, f64, f64)>,
    /// Ratio while another condition is active.
    pub(crate) active: Vec<(ConditionId, f64)>,
    /// Ratio for each long-term physical condition that is active.
    pub(crate) per_physical: f64,
    /// Ratio for each long-term mental condition that is active.
    pub(crate) per_mental: f64,
}

/// A shift of a vital sign, and how much of it usual treatment takes away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SignEffect {
    pub(crate) effect: Effect,
    /// Used only for the years before a run's start, which are lived without pathways.
    pub(crate) usually_treated: f64,
}

impl SignEffect {
    pub(crate) const fn sign(&self) -> VitalSign {
        self.effect.sign
    }
}

/// A normal distribution between two bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    pub(crate) standard_deviation: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

/// A log-normal number of days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Duration {
    pub(crate) median_days: f64,
    /// Standard deviation of the logarithm.
    pub(crate) spread: f64,
}

/// A yearly wave: the rate is `1 + amplitude * cos` of the time since the peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Season {
    pub(crate) peak_day: f64,
    pub(crate) amplitude: f64,
}

/// How a condition passes within the household.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Infectious {
    /// Probability that one other member catches it.
    pub(crate) household_probability: f64,
    /// Mean days from onset to onset.
    pub(crate) serial_interval_days: f64,
    /// Days from onset for which nobody catches it again.
    pub(crate) immune_days: f64,
    /// Share who can catch it, by whole years of age; empty: everybody.
    pub(crate) susceptible: Vec<f32>,
}

impl Infectious {
    /// Whether someone of an age can catch it; `standing` is the person's own number from 0 to 1.
    pub(crate) fn takes(&self, age: usize, standing: f64) -> bool {
        let share = self.susceptible.get(age.min(self.susceptible.len().saturating_sub(1)));
        share.is_none_or(|share| standing < f64::from(*share))
    }
}

/// Others at home beyond whom more of them make no more cases: each is met the less.
const MOST_MET: f64 = 2.0;

impl Infectious {
    /// Probability that one of so many others at home catches it.
    ///
    /// # Source
    /// The larger the household, the less probable is each transmission (Cauchemez et al., NEJM
    /// 2009;361:2619, from memory, to be checked); the bound is an assumption of this release.
    pub(crate) fn probability_among(&self, others: usize) -> f64 {
        self.household_probability * (MOST_MET / others.max(1) as f64).min(1.0)
    }

    /// Share of cases that nobody at home passed on, by the first two generations of a chain.
    pub(crate) fn share_from_outside(&self, others: usize) -> f64 {
        let passed_on = self.probability_among(others) * others as f64;
        1.0 / (1.0 + passed_on + passed_on * passed_on)
    }
}

/// A published figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What it counts.
    pub kind: TargetKind,
    /// The figure.
    pub value: f64,
    /// Among people from this age on.
    pub from_age: u32,
    /// Share of the true cases that the figure's source knows of.
    pub known: f64,
    /// Kept out of tuning.
    pub held_out: bool,
    /// Where it comes from.
    pub source: String,
}

/// What a target counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TargetKind {
    /// Share of the living with the condition.
    Prevalence,
    /// Onsets per person-year.
    Incidence,
}

/// A cause of death that no condition of the table stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherCause {
    /// ICD-10 code.
    pub icd10: String,
    /// The code's words.
    pub display: String,
    /// Share among such causes, by whole age and sex (female, male).
    pub(crate) share: [Vec<f32>; 2],
}

impl OtherCause {
    /// Weight among such causes at an age; sex 0 is female.
    pub(crate) fn share(&self, sex: usize, age: usize) -> f32 {
        self.share[sex][age.min(AGES - 1)]
    }
}
