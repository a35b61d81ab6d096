//! A person's steps: from the conditions had so far to the next one, and how long it took.

use rustc_hash::FxHashMap;

use crate::{ConditionId, Day, Person};

/// The most conditions of one day whose every order is followed.
///
/// # Limits
/// 2^10 subsets of one day; a person with more on one day has no steps.
pub(crate) const MOST_TIED: usize = 10;

/// One step of one person.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step<'a> {
    /// The conditions before, sorted.
    pub tail: &'a [ConditionId],
    /// The next one.
    pub head: ConditionId,
    /// The share of the person's possible orders that have this step.
    pub share: f64,
    /// When the last of the tail began.
    pub since: Day,
    /// When the head began.
    pub day: Day,
}

/// Calls back with every step that any order of the person's tied conditions has.
///
/// All orders within a day are equally likely, so that of g tied conditions s come first with
/// probability `1 / C(g, s)`, and each of the others is next with `1 / (g - s)`.
///
/// Returns whether the person's conditions can be ordered; nobody else has steps.
pub(crate) fn for_each_step(person: Person<'_>, mut found: impl FnMut(Step<'_>)) -> bool {
    if !person.is_dated() || person.ties().any(|(_, tied)| tied.len() > MOST_TIED) {
        return false;
    }
    let mut before: Vec<ConditionId> = Vec::with_capacity(person.conditions().len());
    let mut tail: Vec<ConditionId> = Vec::with_capacity(person.conditions().len());
    let mut last = None;
    for (day, tied) in person.ties() {
        let Some(day) = day else { return false };
        for subset in 0..(1_u32 << tied.len()) - 1 {
            if subset == 0 && before.is_empty() {
                continue;
            }
            let size = subset.count_ones() as usize;
            tail.clear();
            tail.extend_from_slice(&before);
            tail.extend((0..tied.len()).filter(|place| subset >> place & 1 == 1).map(|place| tied[place]));
            tail.sort_unstable();
            let share = 1.0 / (ways(tied.len(), size) * (tied.len() - size) as f64);
            let since = if size > 0 { day } else { last.unwrap_or(day) };
            for head in (0..tied.len()).filter(|place| subset >> place & 1 == 0).map(|place| tied[place]) {
                found(Step { tail: &tail, head, share, since, day });
            }
        }
        before.extend_from_slice(tied);
        last = Some(day);
    }
    true
}

/// Number of ways to choose `size` of `number`.
pub(crate) fn ways(number: usize, size: usize) -> f64 {
    (0..size).fold(1.0, |ways, chosen| ways * (number - chosen) as f64 / (chosen + 1) as f64).round()
}

/// Places of arcs by tail and head.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arcs {
    tails: FxHashMap<Vec<ConditionId>, Vec<(ConditionId, usize)>>,
}

impl Arcs {
    pub(crate) fn of(arcs: &[(Vec<ConditionId>, ConditionId)]) -> Self {
        let mut tails: FxHashMap<Vec<ConditionId>, Vec<(ConditionId, usize)>> = FxHashMap::default();
        for (place, (tail, head)) in arcs.iter().enumerate() {
            let mut tail = tail.clone();
            tail.sort_unstable();
            tails.entry(tail).or_default().push((*head, place));
        }
        Self { tails }
    }

    /// The places of the arcs that a step is; more than one only when an arc was given twice.
    pub(crate) fn places<'a>(&'a self, step: &Step<'_>) -> impl Iterator<Item = usize> + use<'a> {
        let head = step.head;
        let heads = self.tails.get(step.tail).map_or(&[][..], Vec::as_slice);
        heads.iter().filter(move |arc| arc.0 == head).map(|arc| arc.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Onset, People};

    #[test]
    fn law_steps_of_each_size_sum_to_one_person() {
        let mut builder = People::builder();
        let ids: Vec<ConditionId> = ["a", "b", "c", "d", "e"].map(|name| builder.condition(name)).to_vec();
        let days = [3, 3, 3, 9, 9];
        let onsets: Vec<Onset> = ids.iter().zip(days).map(|(id, day)| Onset::on(*id, day)).collect();
        builder.person(&onsets, None).person(&[Onset::on(ids[0], 1), Onset::undated(ids[1])], None);
        let people = builder.build();
        let mut sums = [0.0; 5];
        assert!(for_each_step(people.person(0), |step| {
            sums[step.tail.len()] += step.share;
            let expected = match step.tail.len() {
                ..3 => (3, 3),
                3 => (3, 9),
                4.. => (9, 9),
            };
            assert_eq!((step.since, step.day), expected);
        }));
        assert!(sums[1..].iter().all(|sum| (sum - 1.0).abs() < 1e-12), "{sums:?}");
        assert!(!for_each_step(people.person(1), |_| ()));
    }
}
