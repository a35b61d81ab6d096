//! Puts the people of a locality into homes: care homes, couples, families, sharers, people alone.
//!
//! Everyone draws their arrangement from their own stream; partners and parents are then found by age
//! among people of the same decile, and first of the same kin, by rank or in ordered sets: O(n log n).
//!
//! # Limits
//! One decile per home, so care homes move a few residents to their neighbours' decile. No halls of
//! residence, prisons or barracks.

use super::area::BANDS;
use super::england::{DECILES, Draw};
use super::family::Families;
use super::living::{self, KINS, kin};
use crate::distribution::standard_normal;
use crate::person::Sex;
use crate::stream::{Stream, StreamKey};

/// People who share a home, by place in the list of people.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Home {
    pub(super) members: Vec<u32>,
    /// Care home.
    pub(super) communal: bool,
    /// The first two members are a couple.
    pub(super) couple: bool,
}

/// Residents of a care home at most.
const CARE_HOME_SIZE: usize = 30;
/// Years by which partners differ at most within their kin, and at all.
const WIDEST_GAP: [f64; 2] = [14.0, 22.0];
/// Years that men are older than their partners on average (ONS marriages; from memory), and its spread.
const PARTNER_GAP: (f64, f64) = (2.3, 3.5);
/// People of 18 and over in same-sex couples (ONS Families and Households: about 1.5 % of couples).
const SAME_SEX: f64 = 0.018;
const ADULT: f64 = 18.0;
/// Running shares of homes of 2, 3, 4 and 5 sharers.
const SHARERS: [f64; 4] = [0.76, 0.86, 0.94, 1.0];

/// The homes of all people; a child's decile may be changed to its family's.
pub(super) fn assemble(people: &mut [Draw], streams: &StreamKey, first_stream: u64) -> Vec<Home> {
    let mut assembly = Assembly {
        wishes: (0..people.len()).map(|at| Wish::draw(&mut streams.open(first_stream + at as u64))).collect(),
        placed: vec![false; people.len()],
        homes: Vec::new(),
        people,
    };
    assembly.care_homes();
    for decile in 1..=DECILES as u8 {
        let pool: Vec<u32> = assembly.unplaced(|draw| draw.imd_decile == decile);
        assembly.couples(&pool);
    }
    let Assembly { wishes, mut placed, homes, people } = assembly;
    let mut families = Families::new(people, &wishes, homes, &mut placed);
    families.place_children();
    families.place_grown();
    let homes = families.homes;
    let mut assembly = Assembly { people, wishes, placed, homes };
    for decile in 1..=DECILES as u8 {
        let pool: Vec<u32> = assembly.unplaced(|draw| draw.imd_decile == decile);
        assembly.sharers(&pool);
    }
    for alone in assembly.unplaced(|_| true) {
        assembly.settle(vec![alone], false, false);
    }
    assembly.homes
}

/// What a person's stream says about how they live, drawn whole so that no choice shifts another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    care_home: f64,
    couple: f64,
    mixes: f64,
    same_sex: f64,
    gap: f64,
    pub(super) parent_gap: f64,
    pub(super) lone: f64,
    pub(super) father: f64,
    pub(super) siblings: f64,
    pub(super) family: f64,
    shares: f64,
    sharers: f64,
}

impl Wish {
    fn draw(stream: &mut Stream) -> Self {
        Self {
            care_home: stream.uniform(),
            couple: stream.uniform(),
            mixes: stream.uniform(),
            same_sex: stream.uniform(),
            gap: standard_normal(stream),
            parent_gap: standard_normal(stream),
            lone: stream.uniform(),
            father: stream.uniform(),
            siblings: stream.uniform(),
            family: stream.uniform(),
            shares: stream.uniform(),
            sharers: stream.uniform(),
        }
    }
}

struct Assembly<'p> {
    people: &'p mut [Draw],
    wishes: Vec<Wish>,
    placed: Vec<bool>,
    homes: Vec<Home>,
}

impl Assembly<'_> {
    fn unplaced(&self, suits: impl Fn(&Draw) -> bool) -> Vec<u32> {
        let all = 0..self.people.len();
        all.filter(|at| !self.placed[*at] && suits(&self.people[*at])).map(|at| at as u32).collect()
    }

    fn settle(&mut self, members: Vec<u32>, communal: bool, couple: bool) {
        for member in &members {
            self.placed[*member as usize] = true;
        }
        self.homes.push(Home { members, communal, couple });
    }

    fn care_homes(&mut self) {
        let lives_there = |at: &usize| {
            let draw = &self.people[*at];
            self.wishes[*at].care_home < living::care_home(draw.age_years, draw.sex)
        };
        let mut residents: Vec<u32> =
            (0..self.people.len()).filter(lives_there).map(|at| at as u32).collect();
        residents.sort_by_key(|at| self.people[*at as usize].imd_decile);
        let homes = residents.len().div_ceil(CARE_HOME_SIZE).max(1);
        let size = residents.len().div_ceil(homes).max(1);
        for members in residents.chunks(size) {
            let decile = self.people[members[members.len() / 2] as usize].imd_decile;
            for member in members {
                self.people[*member as usize].imd_decile = decile;
            }
            self.settle(members.to_vec(), true, false);
        }
    }

    /// Partners are matched by rank of age, the man's set back by the gap; whoever finds nobody near
    /// enough within the kin looks among all, and then lives without.
    fn couples(&mut self, pool: &[u32]) {
        let mut kins: Vec<[Vec<(f64, u32)>; 2]> = vec![Default::default(); KINS + 1];
        let mut same_sex: [Vec<(f64, u32)>; 2] = Default::default();
        for at in pool {
            let (draw, wish) = (&self.people[*at as usize], &self.wishes[*at as usize]);
            let share = living::couple(draw.age_years, draw.sex, draw.ethnicity);
            if draw.age_years < ADULT || wish.couple >= share {
                continue;
            }
            let column = usize::from(draw.sex == Sex::Male);
            let seen = if column == 1 {
                draw.age_years - PARTNER_GAP.0 + PARTNER_GAP.1 * wish.gap
            } else {
                draw.age_years
            };
            if wish.same_sex < SAME_SEX {
                same_sex[column].push((draw.age_years, *at));
            } else {
                let open = wish.mixes < living::mixes(draw.ethnicity);
                kins[if open { KINS } else { kin(draw.ethnicity) }][column].push((seen, *at));
            }
        }
        for alike in &mut same_sex {
            alike.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for pair in alike.chunks_exact(2).filter(|pair| pair[1].0 - pair[0].0 <= WIDEST_GAP[0]) {
                self.settle(vec![pair[0].1, pair[1].1], false, true);
            }
        }
        for own in 0..KINS {
            let [women, men] = std::mem::take(&mut kins[own]);
            let left = self.match_partners(women, men, WIDEST_GAP[0]);
            for (column, left) in left.into_iter().enumerate() {
                kins[KINS][column].extend(left);
            }
        }
        let [women, men] = std::mem::take(&mut kins[KINS]);
        self.match_partners(women, men, WIDEST_GAP[1]);
    }

    /// Joins women and men in order of age as seen; hands back who is left.
    fn match_partners(
        &mut self,
        mut women: Vec<(f64, u32)>,
        mut men: Vec<(f64, u32)>,
        widest: f64,
    ) -> [Vec<(f64, u32)>; 2] {
        let order = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        women.sort_by(order);
        men.sort_by(order);
        let mut left: [Vec<(f64, u32)>; 2] = Default::default();
        // Surpluses are let go band by band, so that the rest differ in age as little as can be.
        let band = |seen: f64| (seen / 5.0).clamp(0.0, BANDS as f64) as usize;
        let count = |list: &[(f64, u32)]| {
            let mut counts = [0_usize; BANDS + 1];
            for one in list {
                counts[band(one.0)] += 1;
            }
            counts
        };
        let (of_women, of_men) = (count(&women), count(&men));
        let surplus = women.len().abs_diff(men.len());
        let more = usize::from(men.len() > women.len());
        let mut excess: Vec<usize> = (0..=BANDS)
            .map(|at| {
                if more == 1 {
                    of_men[at].saturating_sub(of_women[at])
                } else {
                    of_women[at].saturating_sub(of_men[at])
                }
            })
            .collect();
        let all: usize = excess.iter().sum();
        for place in &mut excess {
            *place = (*place * surplus).div_ceil(all.max(1));
        }
        let longer = if more == 1 { &mut men } else { &mut women };
        let mut spare = surplus;
        longer.retain(|one| {
            let room = &mut excess[band(one.0)];
            if spare > 0 && *room > 0 {
                *room -= 1;
                spare -= 1;
                left[more].push(*one);
                return false;
            }
            true
        });
        for (woman, man) in women.into_iter().zip(men) {
            if (woman.0 - man.0).abs() <= widest {
                self.settle(vec![woman.1, man.1], false, true);
            } else {
                left[0].push(woman);
                left[1].push(man);
            }
        }
        left
    }

    /// Adults of like age who share a home.
    fn sharers(&mut self, pool: &[u32]) {
        let shares = |at: &u32| {
            self.wishes[*at as usize].shares < living::shares_home(self.people[*at as usize].age_years)
        };
        let mut sharers: Vec<u32> = pool.iter().copied().filter(shares).collect();
        let age = |at: &u32| self.people[*at as usize].age_years;
        sharers.sort_by(|a, b| age(a).total_cmp(&age(b)).then(a.cmp(b)));
        let mut rest = &sharers[..];
        while let Some(first) = rest.first() {
            let drawn = self.wishes[*first as usize].sharers;
            let size = (2 + SHARERS.partition_point(|share| *share <= drawn)).min(rest.len());
            let (home, others) = rest.split_at(size);
            self.settle(home.to_vec(), false, false);
            rest = others;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::area::AreaTable;
    use crate::population::england::Population;
    use crate::population::order::even_order;
    use crate::population::shares::Shares;

    fn locality(seed: u64) -> (Vec<Draw>, Vec<Home>) {
        let population = Population::england();
        let areas = AreaTable::england();
        let shares = Shares::rake(&population, &[&areas[20]], &[1.0]);
        let mut people = shares[0].sample(&population, 20_000, &mut StreamKey::new(seed, "t").open(0));
        let homes = assemble(&mut people, &StreamKey::new(seed, "household"), 0);
        (people, homes)
    }

    /// Shares of households of 1, 2, 3, 4 and 5 or more people, Census 2021, England (TS017); from
    /// memory, to be checked.
    const SIZES: [f64; 5] = [0.301, 0.340, 0.160, 0.129, 0.070];

    #[test]
    fn ref_households_are_those_of_the_census() {
        // One locality with England's ages, seed 4. Tolerance 4 percentage points of all households.
        let (people, homes) = locality(4);
        let private: Vec<&Home> = homes.iter().filter(|home| !home.communal).collect();
        let count = private.len() as f64;
        let mut sizes = [0.0; 5];
        for home in &private {
            sizes[home.members.len().min(5) - 1] += 1.0 / count;
        }
        println!("{sizes:.3?}");
        assert!(sizes.iter().zip(SIZES).all(|(found, census)| (found - census).abs() < 0.04), "{sizes:?}");
        // Census 2021: 2.36 people to a household.
        let mean = private.iter().map(|home| home.members.len() as f64).sum::<f64>() / count;
        assert!((mean - 2.36).abs() < 0.08, "{mean}");
        let child = |at: &u32| people[*at as usize].age_years < ADULT;
        let families = private.iter().filter(|home| home.members.iter().any(child)).count() as f64;
        let lone =
            private.iter().filter(|home| !home.couple && home.members.iter().any(child)).count() as f64;
        // ONS Families and Households 2021: dependent children in 28 % of households; 23 % of families
        // with them have one parent. Both from memory.
        assert!((families / count - 0.28).abs() < 0.03, "{}", families / count);
        assert!((lone / families - 0.23).abs() < 0.04, "{}", lone / families);
        let in_care = homes.iter().filter(|home| home.communal).map(|home| home.members.len()).sum::<usize>();
        let old = people.iter().filter(|draw| draw.age_years >= 65.0).count() as f64;
        assert!((in_care as f64 / old - 0.025).abs() < 0.006, "{}", in_care as f64 / old);
    }

    #[test]
    fn law_everyone_has_one_home_and_no_child_is_alone() {
        for seed in 0..3 {
            let (people, homes) = locality(seed);
            let mut seen = vec![0; people.len()];
            for home in &homes {
                assert!(home.members.iter().any(|at| people[*at as usize].age_years >= ADULT));
                let decile = people[home.members[0] as usize].imd_decile;
                for member in &home.members {
                    seen[*member as usize] += 1;
                    assert_eq!(people[*member as usize].imd_decile, decile, "one decile to a home");
                }
            }
            assert!(seen.iter().all(|times| *times == 1));
        }
    }

    #[test]
    fn ref_partners_are_of_like_age_and_group() {
        let (people, homes) = locality(6);
        let couples: Vec<[Draw; 2]> = homes
            .iter()
            .filter(|home| home.couple)
            .map(|home| [people[home.members[0] as usize], people[home.members[1] as usize]])
            .collect();
        let within = couples.iter().filter(|[a, b]| (a.age_years - b.age_years).abs() < 10.0).count() as f64;
        assert!(within / couples.len() as f64 > 0.85, "{within} of {}", couples.len());
        // ONS, Census 2011: about one couple in ten is of two ethnic groups; from memory.
        let mixed = couples.iter().filter(|[a, b]| kin(a.ethnicity) != kin(b.ethnicity)).count() as f64;
        assert!((mixed / couples.len() as f64 - 0.10).abs() < 0.05, "{mixed} of {}", couples.len());
    }

    #[test]
    fn ref_first_people_have_the_pyramid_of_all() {
        let (people, mut homes) = locality(7);
        let order = even_order(&mut homes, &people, 0.3);
        let numbered: Vec<usize> =
            order.iter().flat_map(|home| &homes[*home].members).map(|at| *at as usize).collect();
        let shares = |first: usize| {
            let mut bands = [0.0; 18];
            for at in &numbered[..first] {
                bands[(people[*at].age_years as usize / 5).min(17)] += 1.0 / first as f64;
            }
            bands
        };
        let all = shares(people.len());
        for (first, worst) in [(1000, 0.007), (5000, 0.003), (10_000, 0.002)] {
            let found = shares(first).iter().zip(all).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(found < worst, "{first} people: {found}");
        }
    }
}
