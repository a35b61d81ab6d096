use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{ConditionId, Onset, People, Trait};

const CONDITIONS: usize = 3;

/// People by level and by exactly what they have (bits).
fn people(levels: &[[u64; 1 << CONDITIONS]]) -> People {
    let mut builder = People::builder();
    let ids: Vec<ConditionId> =
        (0..CONDITIONS).map(|place| builder.condition(&format!("c{place}"))).collect();
    let mut names = Vec::new();
    for (level, atoms) in levels.iter().enumerate() {
        for (atom, people) in atoms.iter().enumerate() {
            for _ in 0..*people {
                let onsets: Vec<Onset> = (0..CONDITIONS)
                    .filter(|place| atom >> place & 1 == 1)
                    .map(|place| Onset::undated(ids[place]))
                    .collect();
                builder.person(&onsets, None);
                names.push(Some(if level == 0 { "x" } else { "y" }));
            }
        }
    }
    builder.build().with_trait(Trait::new("level", names).unwrap()).unwrap()
}

fn all_sets() -> Vec<Vec<ConditionId>> {
    (1_usize..1 << CONDITIONS)
        .map(|set| {
            (0..CONDITIONS)
                .filter(|place| set >> place & 1 == 1)
                .map(|place| ConditionId(place as u32))
                .collect()
        })
        .collect()
}

fn bits(set: &[ConditionId]) -> usize {
    set.iter().map(|condition| 1 << condition.index()).sum()
}

/// People with at least each set.
fn supports(atoms: &[u64; 1 << CONDITIONS]) -> [u64; 1 << CONDITIONS] {
    std::array::from_fn(|set| {
        (0..1 << CONDITIONS).filter(|atom| atom & set == set).map(|atom| atoms[atom]).sum()
    })
}

/// What somebody who only reads the release knows: by level (all together last) and set.
fn told(release: &Release, levels: usize) -> Vec<[Option<u64>; 1 << CONDITIONS]> {
    let mut told = vec![[None; 1 << CONDITIONS]; levels + usize::from(levels > 1)];
    let last = told.len() - 1;
    told[last][0] = release.people;
    for (level, people) in release.people_by_level.iter().enumerate().take(levels) {
        told[level][0] = *people;
    }
    for set in &release.sets {
        told[last][bits(&set.conditions)] = set.people;
        for (level, people) in set.by_level.iter().enumerate().take(levels) {
            told[level][bits(&set.conditions)] = *people;
        }
    }
    told
}

/// Every value that a count could have, by trying all cohorts of one or two levels: independent of how
/// the release keeps its counts. `most` bounds the people of one atom.
fn possible(
    told: &[[Option<u64>; 1 << CONDITIONS]],
    most: u64,
) -> Vec<BTreeMap<usize, std::collections::BTreeSet<u64>>> {
    let fits = |supports: &[u64; 1 << CONDITIONS], told: &[Option<u64>; 1 << CONDITIONS]| {
        supports.iter().zip(told).all(|(count, told)| told.is_none_or(|told| told == *count))
    };
    let mut of_level: Vec<Vec<[u64; 1 << CONDITIONS]>> = Vec::new();
    for level in told.iter().take(if told.len() > 1 { told.len() - 1 } else { 1 }) {
        let mut cohorts = Vec::new();
        let mut atoms = [0_u64; 1 << CONDITIONS];
        fill(&mut atoms, (1 << CONDITIONS) - 1, most, level, &mut |atoms| {
            let supports = supports(atoms);
            if fits(&supports, level) {
                cohorts.push(supports);
            }
        });
        of_level.push(cohorts);
    }
    let mut found = vec![BTreeMap::<usize, std::collections::BTreeSet<u64>>::new(); told.len()];
    let mut note = |level: usize, supports: &[u64; 1 << CONDITIONS]| {
        for (set, count) in supports.iter().enumerate() {
            found[level].entry(set).or_default().insert(*count);
        }
    };
    if of_level.len() == 1 {
        of_level[0].iter().for_each(|supports| note(0, supports));
    } else {
        // Cohorts of the second level, by what all together would be with them.
        for one in &of_level[0] {
            for two in &of_level[1] {
                let all: [u64; 1 << CONDITIONS] = std::array::from_fn(|set| one[set] + two[set]);
                if fits(&all, &told[2]) {
                    note(0, one);
                    note(1, two);
                    note(2, &all);
                }
            }
        }
    }
    found
}

/// Tries every number of people of every atom, from the largest set down, leaving branches in which a
/// told count can no longer be met.
fn fill(
    atoms: &mut [u64; 1 << CONDITIONS],
    atom: usize,
    most: u64,
    told: &[Option<u64>; 1 << CONDITIONS],
    found: &mut impl FnMut(&[u64; 1 << CONDITIONS]),
) {
    // Atoms above this one are chosen; those that hold it are all above, so its count is known once it is.
    let above: u64 =
        (atom + 1..1 << CONDITIONS).filter(|other| other & atom == atom).map(|other| atoms[other]).sum();
    let choices = match told[atom] {
        Some(count) if count < above => return,
        Some(count) => count - above..=count - above,
        None => 0..=most,
    };
    for people in choices {
        atoms[atom] = people;
        if atom == 0 {
            found(atoms);
        } else {
            fill(atoms, atom - 1, most, told, found);
        }
    }
    atoms[atom] = 0;
}

fn rule() -> DisclosureRule {
    DisclosureRule { differences: false, ..DisclosureRule::new(4).unwrap() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn law_nobody_who_knows_the_release_can_pin_a_withheld_count(
        atoms in proptest::array::uniform8(0_u64..7),
    ) {
        let people = people(&[atoms]);
        let release = release_sets(&people, &all_sets(), None, rule());
        let told = told(&release, 1);
        if told[0].iter().all(Option::is_none) {
            return Ok(());
        }
        let possible = possible(&told, 9);
        for withheld in &release.log {
            let values = &possible[0][&bits(&withheld.conditions)];
            let small = values.iter().filter(|value| **value < rule().threshold).count() as u64;
            let seen = if withheld.reason == Reason::Small { small } else { values.len() as u64 };
            prop_assert!(seen > rule().width, "{withheld:?} {values:?} {release:?}");
            prop_assert!(withheld.other_values >= rule().width);
        }
        // What is told is true.
        let truth = supports(&atoms);
        for (told, truth) in told[0].iter().zip(truth) {
            prop_assert!(told.is_none_or(|told| told == truth && !rule().is_small(truth)));
        }
    }

    #[test]
    fn law_levels_and_their_sum_do_not_tell_either(
        atoms in proptest::array::uniform4((0_u64..6, 0_u64..6)),
    ) {
        // Two conditions of the three, so that all pairs of cohorts can be tried.
        let mut levels = [[0; 1 << CONDITIONS]; 2];
        for (atom, (one, two)) in atoms.iter().enumerate() {
            levels[0][atom] = *one;
            levels[1][atom] = *two;
        }
        let people = people(&levels);
        let level = people.trait_named("level").unwrap();
        if level.levels().len() < 2 {
            return Ok(());
        }
        let release = release_sets(&people, &all_sets(), Some(level), rule());
        let told = told(&release, 2);
        if told.iter().flatten().all(Option::is_none) {
            return Ok(());
        }
        // Nobody has the third condition, and trying cohorts in which somebody does only adds values.
        let told: Vec<[Option<u64>; 1 << CONDITIONS]> = told
            .into_iter()
            .map(|level| std::array::from_fn(|set| if set >> 2 == 1 { Some(0) } else { level[set] }))
            .collect();
        let possible = possible(&told, 8);
        for withheld in &release.log {
            let place = match withheld.level.as_deref() {
                Some("x") => 0,
                Some(_) => 1,
                None => 2,
            };
            let values = &possible[place][&bits(&withheld.conditions)];
            prop_assert!(values.len() as u64 > rule().width, "{withheld:?} {values:?} {release:?}");
        }
    }
}

#[test]
fn regress_without_secondary_withholding_counts_are_pinned() {
    let mut levels = [[0; 1 << CONDITIONS]; 2];
    levels[0][0b001] = 20;
    levels[0][0b011] = 2;
    levels[1][0b001] = 20;
    levels[1][0b011] = 9;
    levels[0][0] = 30;
    levels[1][0] = 30;
    levels[0][0b010] = 20;
    levels[1][0b010] = 20;
    let people = people(&levels);
    let level = people.trait_named("level").unwrap();
    let primary_only = {
        let mut told = vec![[None; 1 << CONDITIONS]; 3];
        for (place, told) in told.iter_mut().enumerate() {
            let counts: [u64; 1 << CONDITIONS] = match place {
                2 => std::array::from_fn(|set| supports(&levels[0])[set] + supports(&levels[1])[set]),
                place => supports(&levels[place]),
            };
            for (told, count) in told.iter_mut().zip(counts) {
                *told = (!rule().is_small(count)).then_some(count);
            }
        }
        told
    };
    // By subtraction, two people of the first level have both.
    let found = possible(&primary_only, 12);
    assert_eq!(found[0][&0b011].iter().copied().collect::<Vec<_>>(), [2]);
    let release = release_sets(&people, &all_sets(), Some(level), rule());
    let secondary: Vec<&Withheld> =
        release.log.iter().filter(|withheld| withheld.reason == Reason::Secondary).collect();
    assert_eq!(secondary.len(), 1, "{:?}", release.log);
    assert_eq!((secondary[0].level.as_deref(), bits(&secondary[0].conditions)), (Some("y"), 0b011));
}

#[test]
fn regress_rounding_weights_and_odd_rules() {
    let mut atoms = [0; 1 << CONDITIONS];
    (atoms[0], atoms[0b001], atoms[0b010], atoms[0b011]) = (103, 38, 44, 21);
    let release = release_sets(&people(&[atoms]), &all_sets(), None, DisclosureRule::default());
    assert_eq!(release.people, Some(205));
    let pair = release.sets.iter().find(|set| set.conditions.len() == 2).unwrap();
    assert_eq!((pair.people, pair.weight), (Some(20), Some(20.0 / 60.0)));
    assert!(release.log.is_empty(), "{:?}", release.log);
    assert!(DisclosureRule::new(1).is_err() && DisclosureRule::new(5).unwrap().rounded(11).is_err());
    // Four people are too few for anything.
    atoms = [0, 1, 1, 2, 0, 0, 0, 0];
    let few = release_sets(&people(&[atoms]), &all_sets(), None, DisclosureRule::default());
    assert!(few.sets.is_empty() && few.people.is_none());
    let nobody = release_sets(&People::builder().build(), &[], None, DisclosureRule::default());
    assert_eq!((nobody.sets.len(), nobody.log.len()), (0, 0));
}

#[test]
fn regress_people_with_one_condition_and_not_another_are_a_count() {
    // All but two with b have a: told both, b without a would be known to be two.
    let mut atoms = [0; 1 << CONDITIONS];
    (atoms[0], atoms[0b001], atoms[0b010], atoms[0b011]) = (100, 50, 2, 40);
    let found = release_sets(&people(&[atoms]), &all_sets(), None, DisclosureRule::new(5).unwrap());
    let pair = found.log.iter().find(|withheld| bits(&withheld.conditions) == 0b011).unwrap();
    assert_eq!(pair.reason, Reason::SmallDifference);
    assert!(found.sets.iter().all(|set| set.conditions.len() == 1), "{found:?}");
}

/// People with conditions in the orders given.
fn steps(paths: &[(&[usize], usize)]) -> People {
    let mut builder = People::builder();
    let ids: Vec<ConditionId> = ["a", "b", "c", "d"].map(|name| builder.condition(name)).to_vec();
    for (path, people) in paths {
        let onsets: Vec<Onset> =
            path.iter().enumerate().map(|(day, place)| Onset::on(ids[*place], day as i32)).collect();
        (0..*people).for_each(|_| {
            builder.person(&onsets, None);
        });
    }
    builder.build()
}

#[test]
fn law_withheld_steps_keep_other_values() {
    // a then c was taken by three; all of them and seventeen by way of c went on to d.
    let people = steps(&[(&[0, 1], 30), (&[0, 1, 3], 25), (&[0, 2, 3], 3), (&[2, 0, 3], 17)]);
    let rule = DisclosureRule::new(5).unwrap();
    let release = release_arcs(&people, rule);
    let withheld: Vec<(Vec<usize>, usize, Reason)> = release
        .log
        .iter()
        .map(|arc| (arc.tail.iter().map(|node| node.index()).collect(), arc.head.index(), arc.reason))
        .collect();
    assert!(withheld.contains(&(vec![0], 2, Reason::Small)), "{withheld:?}");
    assert!(release.log.iter().all(|arc| arc.other_values >= rule.width), "{:?}", release.log);
    assert!(release.arcs.iter().all(|arc| arc.people >= rule.threshold && arc.share <= 1.0));
    assert!(!release.arcs.is_empty());
    assert_eq!(release_arcs(&People::builder().build(), rule).arcs.len(), 0);
}

#[test]
fn regress_a_small_step_from_a_place_with_told_ways_in_and_on_withholds_another() {
    // Nobody stops at a: all forty went on to b, to c or (two) to d, and from there on to where all told
    // steps leave no doubt, unless one of them is withheld.
    let people = steps(&[
        (&[0, 1, 2], 20),
        (&[0, 2, 1], 18),
        (&[0, 3, 1, 2], 2),
        (&[3, 0, 1, 2], 8),
        (&[1, 0, 3, 2], 9),
    ]);
    let rule = DisclosureRule::new(5).unwrap();
    let release = release_arcs(&people, rule);
    let of = |reason| release.log.iter().filter(|arc| arc.reason == reason).count();
    assert!(of(Reason::Small) >= 1 && !release.arcs.is_empty(), "{:?}", release.log);
    assert!(release.log.iter().all(|arc| arc.other_values >= rule.width), "{:?}", release.log);
}

#[test]
fn law_most_releases_tell_something_and_withhold_something() {
    use crate::statistics::random::{Purpose, below, stream};
    let mut generator = stream(1, Purpose::Simulation, 0);
    let (mut both, mut nothing) = (0, 0);
    for _ in 0..50 {
        let atoms = std::array::from_fn(|_| u64::from(below(&mut generator, 12)));
        let release = release_sets(&people(&[atoms]), &all_sets(), None, rule());
        both += usize::from(!release.log.is_empty() && !release.sets.is_empty());
        nothing += usize::from(release.people.is_none());
    }
    assert!(both >= 10 && nothing <= 10, "{both} {nothing}");
}
