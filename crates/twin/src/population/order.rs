//! The order in which people are numbered.
//!
//! Homes are sorted by kind and age and taken in the order of the van der Corput sequence, of the next
//! few always the one after which the ages, sexes and deciles so far are nearest to those of all. The
//! first people of a locality, however many are asked for, are thus an even sample of it, and one person
//! more changes nobody before. Within a home adults come first: a home that the last number cuts holds
//! no child without them.

use super::assembly::Home;
use super::england::{DECILES, Draw};
use crate::person::Sex;

/// The places of `homes` in the order in which their members are numbered; sorts members.
pub(super) fn even_order(homes: &mut [Home], people: &[Draw], phase: f64) -> Vec<usize> {
    let age = |member: &u32| people[*member as usize].age_years;
    for home in homes.iter_mut() {
        // A couple stays in front; it is of adults.
        let fixed = if home.couple { 2 } else { 0 };
        home.members[fixed..].sort_by(|a, b| age(b).total_cmp(&age(a)).then(a.cmp(b)));
    }
    let oldest = |home: &Home| home.members.iter().map(age).fold(0.0, f64::max);
    let youngest = |home: &Home| home.members.iter().map(age).fold(200.0, f64::min);
    let mut sorted: Vec<usize> = (0..homes.len()).collect();
    sorted.sort_by(|a, b| {
        let [a, b] = [&homes[*a], &homes[*b]];
        let kind = |home: &Home| (home.communal, home.members.len());
        kind(a)
            .cmp(&kind(b))
            .then_with(|| ((youngest(a) / 10.0) as u8).cmp(&((youngest(b) / 10.0) as u8)))
            .then_with(|| oldest(a).total_cmp(&oldest(b)))
            .then_with(|| a.members.cmp(&b.members))
    });
    let bits = usize::BITS - homes.len().next_power_of_two().leading_zeros() - 1;
    let shift = (phase * homes.len() as f64) as usize;
    let reversed = |index: usize| if bits == 0 { 0 } else { index.reverse_bits() >> (usize::BITS - bits) };
    let spread = (0..1_usize << bits).map(reversed).filter(|place| *place < homes.len());
    balanced(spread.map(|place| sorted[(place + shift) % homes.len()]), homes, people)
}

/// Homes looked at for the next place.
const WINDOW: usize = 40;
/// Bands of five years up to 85, the same by sex, deciles.
const TRAITS: usize = 3 * BANDS + DECILES;
const BANDS: usize = 18;
/// Ages count most; deciles least, or a care home, whose people are of one, would wait to the end.
const WEIGHTS: Counts = {
    let mut weights = [1.0; TRAITS];
    let mut sexed = BANDS;
    while sexed < 3 * BANDS {
        weights[sexed] = 0.25;
        sexed += 1;
    }
    let mut decile = 3 * BANDS;
    while decile < TRAITS {
        weights[decile] = 0.03;
        decile += 1;
    }
    weights
};
type Counts = [f64; TRAITS];

fn count(members: &[u32], people: &[Draw]) -> Counts {
    let mut counts = [0.0; TRAITS];
    for member in members {
        let draw = &people[*member as usize];
        let band = (draw.age_years as usize / 5).min(BANDS - 1);
        counts[band] += 1.0;
        counts[BANDS + 2 * band + usize::from(draw.sex == Sex::Female)] += 1.0;
        counts[3 * BANDS - 1 + usize::from(draw.imd_decile)] += 1.0;
    }
    counts
}

fn balanced(mut homes_left: impl Iterator<Item = usize>, homes: &[Home], people: &[Draw]) -> Vec<usize> {
    let mut share = [0.0; TRAITS];
    let mut total = 0.0;
    for home in homes {
        total += home.members.len() as f64;
        share.iter_mut().zip(count(&home.members, people)).for_each(|(sum, here)| *sum += here);
    }
    for sum in &mut share {
        *sum /= f64::max(total, 1.0);
    }
    // What each home adds to the excess of each trait over its share.
    let excess_of = |home: usize| -> Counts {
        let (counts, size) = (count(&homes[home].members, people), homes[home].members.len() as f64);
        std::array::from_fn(|at| counts[at] - size * share[at])
    };
    let mut window: Vec<(usize, Counts)> =
        homes_left.by_ref().take(WINDOW).map(|home| (home, excess_of(home))).collect();
    let (mut order, mut excess) = (Vec::with_capacity(homes.len()), [0.0; TRAITS]);
    let squared = |counts: &Counts, excess: &Counts| -> f64 {
        let squares = counts.iter().zip(excess).map(|(more, excess)| (more + excess).powi(2));
        squares.zip(WEIGHTS).map(|(square, weight)| square * weight).sum()
    };
    while !window.is_empty() {
        let scores = window.iter().map(|(_, counts)| squared(counts, &excess)).enumerate();
        let best = scores.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |best| best.0);
        let (home, counts) = match homes_left.next() {
            Some(next) => std::mem::replace(&mut window[best], (next, excess_of(next))),
            None => window.remove(best),
        };
        excess.iter_mut().zip(counts).for_each(|(excess, more)| *excess += more);
        order.push(home);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Ethnicity;

    #[test]
    fn law_every_home_once_and_prefixes_even() {
        let person =
            |age_years| Draw { age_years, sex: Sex::Female, imd_decile: 1, ethnicity: Ethnicity::Other };
        let people: Vec<Draw> = (0..1000).map(|age| person(f64::from(age) / 10.0)).collect();
        let mut homes: Vec<Home> =
            (0..1000).map(|at| Home { members: vec![at], ..Home::default() }).collect();
        let order = even_order(&mut homes, &people, 0.37);
        let mut seen = order.clone();
        seen.sort_unstable();
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
        for taken in [64, 200, 500] {
            let young = order[..taken].iter().filter(|home| **home < 300).count();
            assert!((young as f64 - 0.3 * taken as f64).abs() < 4.0, "{taken}: {young}");
        }
        assert!(even_order(&mut [], &people, 0.5).is_empty());
    }
}
