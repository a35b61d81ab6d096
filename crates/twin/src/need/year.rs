//! One year of a person's need.
//!
//! Each condition has an exponential budget from its own numbers; it begins when the hazard since the
//! year's start has used the budget up. Hazards are constant between onsets that change others' rates
//! (but for seasons, whose course is inverted), so the times are exact. Memorylessness makes a fresh
//! budget each year right.

use crate::engine::{DAYS_PER_YEAR, Moment};

use super::Need;
use super::condition::{ConditionId, ConditionSet, MOST_CONDITIONS};
use super::draw::{Draws, NeedStreams, PLACES_PER_EVENT};
use super::onset::Onset;
use super::rates::Rates;
use super::scale::NeedScale;
use super::view::NeedView;

/// Events of one condition in one year after which no more are looked for.
const MOST_EVENTS: u64 = 250;
/// First event number of conditions that another brought.
const BROUGHT: u64 = 300;
/// First place of the draws that decide what an onset brings.
const BRINGS_PLACE: u64 = 8;

impl Need {
    /// What begins for a person from `from` to `until`, at most a year later and within one year of age,
    /// appended to `out` in order of time.
    ///
    /// A condition of `view.active` begins no second time while it lasts. Problems may recur. Each call
    /// draws from places of its own, named by `from`.
    pub(crate) fn year(
        &self,
        streams: &NeedStreams,
        view: &NeedView<'_>,
        from: Moment,
        until: Moment,
        scale: &NeedScale,
        out: &mut Vec<Onset>,
    ) {
        self.year_of(streams, view, from, until, scale, false, out);
    }

    /// As [`Need::year`], without the problems that pass and leave nothing if `lasting_only`.
    #[expect(clippy::too_many_arguments, reason = "one call site outside, in the same module")]
    pub(super) fn year_of(
        &self,
        streams: &NeedStreams,
        view: &NeedView<'_>,
        from: Moment,
        until: Moment,
        scale: &NeedScale,
        lasting_only: bool,
        out: &mut Vec<Onset>,
    ) {
        if until <= from {
            return;
        }
        let draws = streams.call(view.subject, view.life, from);
        let age = view.age(from);
        let conditions = self.tables().at(view.sex_index(), age, lasting_only);
        let year = Year { need: self, view, draws, scale, conditions, until, age };
        let mut rates = [0.0; MOST_CONDITIONS];
        year.fill(view.active, &mut rates);
        let mut due = Vec::new();
        for (id, _) in conditions {
            due.extend(year.next(*id, &rates, view.active, &Progress { since: from, spent: 0.0, event: 0 }));
        }
        let ends = view.ends.iter().filter(|(id, end)| view.active.contains(*id) && *end < until);
        let ends: Vec<_> = ends.map(|(id, end)| (from.max(*end), *id)).collect();
        if due.is_empty() && ends.is_empty() {
            return;
        }
        let first = out.len();
        let progress = [Progress { since: from, spent: 0.0, event: 0 }; MOST_CONDITIONS];
        Course { year: &year, active: view.active, rates, due, ends, progress, out }.run();
        out[first..].sort_by_key(|onset| (onset.at, onset.condition));
    }
}

/// What stays the same over the year.
struct Year<'a> {
    need: &'a Need,
    view: &'a NeedView<'a>,
    draws: Draws<'a>,
    scale: &'a NeedScale,
    conditions: &'a [(ConditionId, f64)],
    until: Moment,
    age: usize,
}

/// An event that comes if no rate changes before.
#[derive(Clone, Copy)]
struct Due {
    at: Moment,
    id: ConditionId,
}

/// How far a condition has come towards its next event.
#[derive(Clone, Copy)]
struct Progress {
    /// Since when its present rate has held.
    since: Moment,
    /// Hazard spent before that.
    spent: f64,
    /// The number of the event.
    event: u64,
}

impl Year<'_> {
    fn fill(&self, active: ConditionSet, rates: &mut Rates) {
        self.need.tables().fill(self.view, self.conditions, active, self.scale, rates);
    }

    /// The condition's next event within the year.
    #[inline]
    fn next(&self, id: ConditionId, rates: &Rates, active: ConditionSet, progress: &Progress) -> Option<Due> {
        let rate = rates[id.index()];
        let uniform = self.draws.uniform(id.index(), progress.event * PLACES_PER_EVENT);
        let years = self.until.days_since(progress.since) / DAYS_PER_YEAR;
        // The budget -ln(u) is at least 1 - u: most conditions of most years end here.
        let most = progress.spent + rate * years * self.scale.highest(id);
        if 1.0 - uniform > most || active.contains(id) || progress.event > MOST_EVENTS {
            return None;
        }
        let budget = -uniform.ln() - progress.spent;
        let course = self.scale.course(self.need, id);
        if rate * course.years(progress.since, self.until) <= budget {
            return None;
        }
        let at = course.reach(progress.since, self.until, (budget / rate).max(0.0));
        (at < self.until).then_some(Due { at, id })
    }
}

/// A year in which something happens.
struct Course<'a, 'b> {
    year: &'a Year<'b>,
    active: ConditionSet,
    rates: Rates,
    due: Vec<Due>,
    /// Active conditions that end within the year.
    ends: Vec<(Moment, ConditionId)>,
    progress: [Progress; MOST_CONDITIONS],
    out: &'a mut Vec<Onset>,
}

impl Course<'_, '_> {
    fn run(mut self) {
        loop {
            let due = self.due.iter().copied().min_by_key(|due| (due.at, due.id));
            let end = self.ends.iter().copied().min();
            match (due, end) {
                (Some(due), end) if end.is_none_or(|(at, _)| due.at < at) => {
                    self.due.retain(|other| other.id != due.id);
                    let event = self.progress[due.id.index()].event;
                    let before = self.active;
                    self.begin(due.id, due.at, event);
                    self.progress[due.id.index()] = Progress { since: due.at, spent: 0.0, event: event + 1 };
                    self.changed(before, due.at);
                    if !self.active.contains(due.id) {
                        self.look_again(due.id);
                    }
                }
                (_, Some((at, id))) => {
                    self.ends.retain(|end| *end != (at, id));
                    let before = self.active;
                    self.active.remove(id);
                    self.progress[id.index()].since = at;
                    self.changed(before, at);
                    self.look_again(id);
                }
                _ => return,
            }
        }
    }

    /// Writes an onset down, with what it brings.
    fn begin(&mut self, id: ConditionId, at: Moment, event: u64) {
        let (year, draws) = (self.year, &self.year.draws);
        let condition = year.need.condition(id);
        let onset = Onset::settle(id, condition, at, year.age, draws, event);
        if onset.until.is_none_or(|until| until > at) {
            self.active.insert(id);
        }
        if let Some(until) = onset.until.filter(|until| *until < year.until) {
            self.ends.push((until, id));
        }
        self.out.push(onset);
        for (index, (other, probability)) in condition.brings.iter().enumerate() {
            let place = event * PLACES_PER_EVENT + BRINGS_PLACE + index as u64;
            if draws.uniform(id.index(), place) <= *probability && !self.active.contains(*other) {
                self.due.retain(|due| due.id != *other);
                self.begin(*other, at, BROUGHT + event.min(MOST_EVENTS));
            }
        }
    }

    /// Settles what was spent at the old rates and works out the new ones, if any changed.
    fn changed(&mut self, before: ConditionSet, at: Moment) {
        let year = self.year;
        let matters = |id: ConditionId| before.contains(id) != self.active.contains(id);
        if !before.or(self.active).iter().any(|id| matters(id) && year.need.tables().matters(id)) {
            return;
        }
        for (id, _) in year.conditions {
            let progress = &mut self.progress[id.index()];
            if !before.contains(*id) && at > progress.since {
                let years = year.scale.course(year.need, *id).years(progress.since, at);
                progress.spent += self.rates[id.index()] * years;
            }
            progress.since = progress.since.max(at);
        }
        year.fill(self.active, &mut self.rates);
        self.due.clear();
        for (id, _) in year.conditions {
            let next = year.next(*id, &self.rates, self.active, &self.progress[id.index()]);
            self.due.extend(next);
        }
    }

    fn look_again(&mut self, id: ConditionId) {
        self.due.retain(|due| due.id != id);
        if self.year.conditions.iter().any(|(other, _)| *other == id) {
            self.due.extend(self.year.next(id, &self.rates, self.active, &self.progress[id.index()]));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::need::Tobacco;
    use crate::person::{EthnicGroup, Sex};

    fn view(subject: u64) -> NeedView<'static> {
        NeedView {
            subject,
            life: 0,
            sex: if subject.is_multiple_of(2) { Sex::Female } else { Sex::Male },
            birth: Moment::from_micros(0),
            ethnicity: EthnicGroup::White,
            imd_decile: 1 + (subject % 10) as u8,
            tobacco: Tobacco::Never,
            signs: [27.0, 125.0, 36.0, 3.0, 90.0, 100.0],
            active: ConditionSet::EMPTY,
            ends: &[],
        }
    }

    fn years(need: &Need, view: &NeedView<'_>, scale: &NeedScale, ages: std::ops::Range<u32>) -> Vec<Onset> {
        let streams = NeedStreams::new(8, need);
        let mut onsets = Vec::new();
        for age in ages {
            let from = view.birth.plus_years(f64::from(age));
            need.year(&streams, view, from, from.plus_years(1.0), scale, &mut onsets);
        }
        onsets
    }

    proptest! {
        #[test]
        fn law_raising_a_rate_delays_no_onset_and_moves_no_other(
            subject: u64, name in "hypertension|copd|upper_respiratory_infection", ratio in 1.0..20.0_f64
        ) {
            // Within one year from an empty set, so that no onset of the raised condition has yet changed
            // anybody else's rate before the first event of all.
            let need = Need::england();
            let raised = BTreeMap::from([(name.clone(), ratio)]);
            let raised = NeedScale::new(&need, "test", &raised, &[]).unwrap();
            let id = need.find(&name).unwrap();
            let first = |onsets: &[Onset], id| onsets.iter().find(|onset| onset.condition == id).map(|o| o.at);
            for age in [30, 70] {
                let before = years(&need, &view(subject), &NeedScale::neutral(&need), age..age + 1);
                let after = years(&need, &view(subject), &raised, age..age + 1);
                if let Some(at) = first(&before, id) {
                    prop_assert!(first(&after, id).is_some_and(|sooner| sooner <= at));
                }
                let until = first(&after, id).unwrap_or(Moment::NEVER);
                let others = |onsets: &[Onset]| -> Vec<Onset> {
                    onsets.iter().filter(|o| o.condition != id && o.at < until).copied().collect()
                };
                prop_assert_eq!(others(&before), others(&after));
            }
        }
    }
}
