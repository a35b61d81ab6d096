//! How often a condition would come next if people's conditions came in any order.

use rayon::prelude::*;
use serde::Serialize;

use crate::statistics::columns::{Columns, count};
use crate::statistics::discovery::adjusted;
use crate::statistics::probability::FittedCount;
use crate::statistics::step::{Arcs, for_each_step, ways};
use crate::{ConditionId, People};

/// One arc, observed and by chance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArcByChance {
    /// The conditions before.
    pub tail: Vec<ConditionId>,
    /// The next one.
    pub head: ConditionId,
    /// People whose first conditions are the tail and whose next is the head; a fraction where
    /// conditions of one day leave the order open.
    pub observed: f64,
    /// Expected number when every order of each person's conditions is equally likely.
    pub expected: f64,
    /// Its standard deviation.
    pub standard_deviation: f64,
    /// Observed over expected; none when nobody could have the arc.
    pub ratio: Option<f64>,
    /// Observed less expected over the standard deviation; none when that is 0.
    pub z: Option<f64>,
    /// Two-sided p.
    pub p: f64,
    /// `p` adjusted for all arcs of this tail size that the conditions present allow.
    pub q: f64,
}

/// Compares each arc with what random orders of each person's own conditions would give.
///
/// A person with k conditions, the arc's t + 1 among them, has the arc in `1 / (C(k, t) (k - t))` of
/// the orders, so that mean and variance are exact sums and need no simulation; p is that of a
/// binomial count of this mean and variance.
///
/// # Limits
/// People with an undated condition, or with more than ten on one day, are left out. Where conditions of one day leave the order open,
/// the observed count varies less than assumed here: p is then too large, not too small.
pub fn order_by_chance(people: &People, arcs: &[(Vec<ConditionId>, ConditionId)]) -> Vec<ArcByChance> {
    let places = Arcs::of(arcs);
    let mut observed = vec![0.0; arcs.len()];
    let mut ordered = vec![false; people.len()];
    for (person, ordered) in ordered.iter_mut().enumerate() {
        *ordered = for_each_step(people.person(person), |step| {
            places.places(&step).for_each(|place| observed[place] += step.share);
        });
    }
    let size_of = |person: usize| people.person(person).conditions().len();
    let columns = Columns::of(people, |person| ordered[person].then(|| size_of(person)));
    let present = (0..people.conditions().len())
        .filter(|condition| columns.column(*condition).iter().any(|word| *word != 0))
        .count();
    let sets: Vec<Vec<ConditionId>> = arcs.iter().map(|(tail, head)| joined(tail, *head)).collect();
    let mut found: Vec<ArcByChance> = arcs
        .par_iter()
        .zip(&sets)
        .zip(&observed)
        .map(|(((tail, head), set), observed)| {
            let (expected, variance) = moments(&columns, set, tail.len());
            judged(tail.clone(), *head, *observed, expected, variance)
        })
        .collect();
    let most = arcs.iter().map(|arc| arc.0.len()).max().unwrap_or(0);
    for size in 0..=most {
        let of_size: Vec<usize> = (0..found.len()).filter(|place| found[*place].tail.len() == size).collect();
        let tests = (0..size).fold(present.saturating_sub(size) as f64, |ways, chosen| {
            ways * (present as f64 - chosen as f64).max(0.0) / (chosen as f64 + 1.0)
        });
        let p: Vec<f64> = of_size.iter().map(|place| found[*place].p).collect();
        for (place, q) in of_size.iter().zip(adjusted(&p, tests)) {
            found[*place].q = q;
        }
    }
    found
}

fn joined(tail: &[ConditionId], head: ConditionId) -> Vec<ConditionId> {
    let mut set = tail.to_vec();
    set.push(head);
    set.sort_unstable();
    set
}

/// Mean and variance over the blocks of people, which hold those with 0, 1, 2 ... conditions.
fn moments(columns: &Columns, set: &[ConditionId], tail: usize) -> (f64, f64) {
    let (mut mean, mut variance) = (0.0, 0.0);
    for (size, block) in columns.blocks().iter().enumerate().skip(tail + 1) {
        if block.is_empty() {
            continue;
        }
        let mut all = columns.column(set[0].index())[block.clone()].to_vec();
        for condition in &set[1..] {
            let column = &columns.column(condition.index())[block.clone()];
            all.iter_mut().zip(column).for_each(|(word, other)| *word &= other);
        }
        let holders = count(&all) as f64;
        let chance = 1.0 / (ways(size, tail) * (size - tail) as f64);
        mean += holders * chance;
        variance += holders * chance * (1.0 - chance);
    }
    (mean, variance)
}

fn judged(
    tail: Vec<ConditionId>,
    head: ConditionId,
    observed: f64,
    expected: f64,
    variance: f64,
) -> ArcByChance {
    let standard_deviation = variance.sqrt();
    ArcByChance {
        tail,
        head,
        observed,
        expected,
        standard_deviation,
        ratio: (expected > 0.0).then(|| observed / expected),
        z: (variance > 0.0).then(|| (observed - expected) / standard_deviation),
        p: if expected > 0.0 { FittedCount::new(expected, variance).two_sided(observed) } else { 1.0 },
        q: 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Onset;
    use crate::statistics::random::{Purpose, shuffle, stream};

    #[test]
    fn law_moments_are_those_of_random_orders() {
        let mut builder = People::builder();
        let ids: Vec<ConditionId> = (0..4).map(|place| builder.condition(&format!("c{place}"))).collect();
        let rows: Vec<Vec<usize>> =
            (0..60).map(|row| (0..4).filter(|c| ((row % 15 + 1) >> c) & 1 == 1).collect()).collect();
        for row in &rows {
            let onsets: Vec<Onset> =
                row.iter().enumerate().map(|(day, c)| Onset::on(ids[*c], day as i32)).collect();
            builder.person(&onsets, None);
        }
        let arcs = vec![(vec![ids[0]], ids[1]), (vec![ids[2], ids[0]], ids[3]), (ids[..3].to_vec(), ids[3])];
        let found = order_by_chance(&builder.build(), &arcs);
        let mut sums = [[0.0; 2]; 3];
        let draws = 4000;
        for draw in 0..draws {
            let mut generator = stream(3, Purpose::Trades, draw);
            let mut counts = [0.0; 3];
            for row in &rows {
                let mut row = row.clone();
                shuffle(&mut generator, &mut row);
                let starts = |tail: &[usize], head: usize| {
                    row.len() > tail.len()
                        && row[tail.len()] == head
                        && row[..tail.len()].iter().all(|c| tail.contains(c))
                };
                counts[0] += f64::from(starts(&[0], 1));
                counts[1] += f64::from(starts(&[0, 2], 3));
                counts[2] += f64::from(starts(&[0, 1, 2], 3));
            }
            for (sum, count) in sums.iter_mut().zip(counts) {
                sum[0] += count;
                sum[1] += count * count;
            }
        }
        for (arc, [sum, squares]) in found.iter().zip(sums) {
            let mean = sum / draws as f64;
            let variance = squares / draws as f64 - mean * mean;
            let error = arc.standard_deviation / (draws as f64).sqrt();
            // Four standard errors: a false alarm in one of 5,000 seeds.
            assert!((mean - arc.expected).abs() < 4.0 * error, "{mean} {}", arc.expected);
            assert!((variance / arc.standard_deviation.powi(2) - 1.0).abs() < 0.1, "{variance}");
        }
    }

    #[test]
    fn law_one_order_that_all_have_is_found_and_mixed_orders_are_not() {
        let mut builder = People::builder();
        let [a, b, c] = ["a", "b", "c"].map(|name| builder.condition(name));
        for person in 0..200 {
            let first = if person % 2 == 0 { [a, c] } else { [c, a] };
            builder.person(&[Onset::on(a, 1), Onset::on(b, 2)], None);
            builder.person(&[Onset::on(first[0], 1), Onset::on(first[1], 2)], None);
            builder.person(&[Onset::on(b, 5), Onset::on(c, 5)], None);
        }
        let arcs = vec![(vec![a], b), (vec![b], a), (vec![a], c), (vec![b], c)];
        let found = order_by_chance(&builder.build(), &arcs);
        assert_eq!(found.iter().map(|arc| arc.observed).collect::<Vec<_>>(), [200.0, 0.0, 100.0, 100.0]);
        assert!(found[0].q < 1e-20 && found[1].q < 1e-20, "{found:?}");
        assert!(found[2].p > 0.5 && found[3].p > 0.5, "{found:?}");
    }
}
