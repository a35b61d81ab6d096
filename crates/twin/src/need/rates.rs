//! The table's rates, laid out for the yearly step.

use super::Need;
use super::condition::{AGES, Condition, ConditionId, ConditionSet, Group, MOST_CONDITIONS};
use super::scale::NeedScale;
use super::view::NeedView;
use crate::engine::Moment;

/// Bound on the logarithm of a rate's ratio by vital signs, lest an extreme body make an absurd rate.
const MOST_SIGN_LOG_RATIO: f64 = 2.5;
/// Numbers of morbidities that rates tell apart, the last for all above.
const CROWD: usize = 9;
const DECILES: usize = 10;
const ETHNIC_GROUPS: usize = 5;
const TOBACCO: usize = 3;

/// Rates of one person by condition.
pub(crate) type Rates = [f64; MOST_CONDITIONS];

/// By whole age: conditions that may begin, with their rate.
type ByAge = Vec<Vec<(ConditionId, f64)>>;

/// What [`Condition`]s say about rates, by who and how old.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RateTables {
    /// Conditions with a rate above 0 by sex and whole age, with it: all, and those that leave something
    /// behind, change other rates or may kill.
    by_age: [[ByAge; 2]; 2],
    /// Ratios by decile, ethnic group and smoking, then condition.
    person: Vec<f64>,
    conditions: usize,
    /// Which rates a condition changes while active.
    influences: Vec<Vec<(ConditionId, f64)>>,
    /// Ratios by number of active physical and of active mental conditions.
    crowding: Vec<[[f64; CROWD]; 2]>,
    signs: Vec<Vec<(usize, f64, f64)>>,
    physical: ConditionSet,
    mental: ConditionSet,
    influential: ConditionSet,
}

impl Need {
    /// Every condition that may begin for a person, with its rate per year; season and waves left out.
    pub(crate) fn rates_per_year(
        &self,
        view: &NeedView<'_>,
        at: Moment,
        scale: &NeedScale,
    ) -> Vec<(ConditionId, f64)> {
        let conditions = self.tables().at(view.sex_index(), view.age(at), false);
        let mut rates = [0.0; MOST_CONDITIONS];
        self.tables().fill(view, conditions, view.active, scale, &mut rates);
        conditions.iter().map(|(id, _)| (*id, rates[id.index()])).collect()
    }
}

impl RateTables {
    pub(crate) fn new(conditions: &[Condition]) -> Self {
        let mut tables = Self {
            conditions: conditions.len(),
            influences: vec![Vec::new(); conditions.len()],
            ..Self::default()
        };
        for decile in 0..DECILES {
            for group in 0..ETHNIC_GROUPS {
                for tobacco in 0..TOBACCO {
                    tables.person.extend(conditions.iter().map(|of| {
                        of.rates.decile[decile] * of.rates.ethnicity[group] * of.rates.tobacco[tobacco]
                    }));
                }
            }
        }
        for (index, condition) in conditions.iter().enumerate() {
            let id = ConditionId(index as u8);
            match condition.group {
                Group::Physical => tables.physical.insert(id),
                Group::Mental => tables.mental.insert(id),
                Group::Acute => {}
            }
            for (other, ratio) in &condition.rates.active {
                tables.influences[other.index()].push((id, *ratio));
                tables.influential.insert(*other);
            }
            let powers = |ratio: f64| std::array::from_fn(|count| ratio.powi(count as i32));
            tables.crowding.push([powers(condition.rates.per_physical), powers(condition.rates.per_mental)]);
            tables.signs.push(condition.rates.signs.clone());
        }
        let lasting = |id: ConditionId| {
            let of = &conditions[id.index()];
            tables.matters(id) || !of.brings.is_empty() || !of.fatality.is_empty()
        };
        let by_age = [false, true].map(|lasting_only| {
            [0, 1].map(|sex| {
                let at_age = |age: usize| {
                    let rates = conditions.iter().enumerate();
                    let rates = rates.map(|(index, of)| (ConditionId(index as u8), of.rates.base[sex][age]));
                    rates.filter(|(id, rate)| *rate > 0.0 && (!lasting_only || lasting(*id))).collect()
                };
                (0..AGES).map(at_age).collect()
            })
        });
        tables.by_age = by_age;
        tables
    }

    /// Conditions that may begin at an age, with their rate for the reference person.
    pub(crate) fn at(&self, sex: usize, age: usize, lasting_only: bool) -> &[(ConditionId, f64)] {
        &self.by_age[usize::from(lasting_only)][sex][age.min(AGES - 1)]
    }

    /// Whether the beginning or end of a condition changes other rates.
    pub(crate) fn matters(&self, id: ConditionId) -> bool {
        self.influential.contains(id) || self.physical.contains(id) || self.mental.contains(id)
    }

    /// The ratio by which one condition, while active, multiplies the rate of another.
    pub(crate) fn influence(&self, of: ConditionId, on: ConditionId) -> f64 {
        let ratios = self.influences[of.index()].iter().filter(|(id, _)| *id == on);
        ratios.map(|(_, ratio)| ratio).product()
    }

    /// Rates per year of `conditions`, given what is active.
    pub(crate) fn fill(
        &self,
        view: &NeedView<'_>,
        conditions: &[(ConditionId, f64)],
        active: ConditionSet,
        scale: &NeedScale,
        rates: &mut Rates,
    ) {
        let row = (usize::from(view.imd_decile.clamp(1, 10)) - 1) * ETHNIC_GROUPS + view.ethnicity as usize;
        let row = (row * TOBACCO + view.tobacco as usize) * self.conditions;
        let person = &self.person[row..row + self.conditions];
        let crowd = |of: ConditionSet| (active.and(of).len() as usize).min(CROWD - 1);
        let (physical, mental) = (crowd(self.physical), crowd(self.mental));
        for (id, base) in conditions {
            let index = id.index();
            let [by_physical, by_mental] = &self.crowding[index];
            let mut rate =
                base * person[index] * by_physical[physical] * by_mental[mental] * scale.ratio(*id);
            let signs = &self.signs[index];
            if !signs.is_empty() {
                let sum: f64 =
                    signs.iter().map(|(sign, usual, ratio)| ratio * (view.signs[*sign] - usual)).sum();
                rate *= sum.clamp(-MOST_SIGN_LOG_RATIO, MOST_SIGN_LOG_RATIO).exp();
            }
            rates[index] = rate;
        }
        for other in active.and(self.influential).iter() {
            for (id, ratio) in &self.influences[other.index()] {
                rates[id.index()] *= ratio;
            }
        }
    }
}
