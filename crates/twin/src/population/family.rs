//! Children with their parents, grown children with theirs, the old with their children's families.

use std::collections::BTreeSet;

use super::assembly::{Home, Wish};
use super::england::{DECILES, Draw};
use super::living::{self, KINS, kin};
use crate::person::{EthnicGroup, Sex};

/// Years between mother and eldest child at home: mean and spread (ONS births: mean age at first birth
/// about 29, with younger mothers in the past; from memory).
const MOTHER_GAP: (f64, f64) = (28.7, 5.2);
/// Least and greatest age of a parent at a birth.
const PARENT_AGE: (f64, f64) = (15.5, 47.0);
/// Most years between the ages that parent and grown child have.
const GROWN_GAP: (f64, f64) = (17.0, 45.0);
const SIBLING_GAP_YEARS: f64 = 2.6;
const ADULT: f64 = 18.0;
/// Age in days orders candidates, place breaks ties.
type Candidates = BTreeSet<(i32, u32)>;

/// Homes while families are made.
pub(super) struct Families<'a> {
    people: &'a mut [Draw],
    wishes: &'a [Wish],
    placed: &'a mut [bool],
    pub(super) homes: Vec<Home>,
    /// Women of couples without children, and adults without partner, women and men, by decile and kin.
    partnered: Vec<Candidates>,
    single: [Vec<Candidates>; 2],
    home_of: Vec<u32>,
}

const NO_HOME: u32 = u32::MAX;

impl<'a> Families<'a> {
    pub(super) fn new(
        people: &'a mut [Draw],
        wishes: &'a [Wish],
        homes: Vec<Home>,
        placed: &'a mut [bool],
    ) -> Self {
        let shelf = || vec![Candidates::new(); DECILES * KINS];
        let (mut partnered, mut single) = (shelf(), [shelf(), shelf()]);
        let mut home_of = vec![NO_HOME; people.len()];
        for (number, home) in homes.iter().enumerate() {
            for member in &home.members {
                home_of[*member as usize] = number as u32;
            }
            if home.couple {
                // Two women or two men can be parents too: the first stands for the mother.
                let [first, second] = [home.members[0], home.members[1]];
                let groups = [first, second].map(|at| people[at as usize].ethnicity.group());
                let mixed = groups[0] != groups[1] || groups[0] == EthnicGroup::Mixed;
                let shelf = shelf_of(&people[first as usize], mixed);
                partnered[shelf].insert((days(people[first as usize].age_years), first));
            }
        }
        for (at, draw) in people.iter().enumerate() {
            if !placed[at] && draw.age_years >= ADULT {
                let column = usize::from(draw.sex == Sex::Male);
                single[column][shelf_of(draw, false)].insert((days(draw.age_years), at as u32));
            }
        }
        Self { people, wishes, placed, homes, partnered, single, home_of }
    }

    /// Sibling sets are made eldest first and go to a mother, father or couple of a fitting age.
    pub(super) fn place_children(&mut self) {
        let mut shelves = vec![Candidates::new(); DECILES * KINS];
        for (at, draw) in self.people.iter().enumerate() {
            if draw.age_years < ADULT && !self.placed[at] {
                shelves[shelf_of(draw, false)].insert((days(draw.age_years), at as u32));
            }
        }
        for shelf in &mut shelves {
            while let Some((eldest_age, eldest)) = shelf.pop_last() {
                let wish = self.wishes[eldest as usize];
                let shares = living::siblings(self.people[eldest as usize].ethnicity);
                let size = 1 + shares.partition_point(|share| *share <= wish.siblings);
                let (mut children, mut age) = (vec![eldest], eldest_age);
                while children.len() < size {
                    let wanted =
                        age - days(SIBLING_GAP_YEARS * (0.5 + self.wishes[children[0] as usize].family));
                    let Some(next) = shelf.range(..=(wanted, u32::MAX)).next_back().copied() else { break };
                    if age - next.0 > days(7.0) {
                        break;
                    }
                    shelf.remove(&next);
                    children.push(next.1);
                    age = next.0;
                }
                self.house(&children, wish);
            }
        }
    }

    fn house(&mut self, children: &[u32], wish: Wish) {
        let eldest = self.people[children[0] as usize];
        let youngest = self.people[children[children.len() - 1] as usize].age_years;
        let lone = wish.lone < living::lone_parent(eldest.imd_decile, eldest.ethnicity);
        let gap =
            (MOTHER_GAP.0 + MOTHER_GAP.1 * wish.parent_gap).clamp(PARENT_AGE.0 + 1.0, PARENT_AGE.1 - 4.0);
        let ages = (eldest.age_years + PARENT_AGE.0, (youngest + PARENT_AGE.1).max(eldest.age_years + 18.0));
        let wanted = (eldest.age_years + gap).clamp(ages.0, ages.1);
        let order: [usize; 3] = match (lone, wish.father < living::LONE_FATHER) {
            (false, _) => [0, 1, 2],
            (true, false) => [1, 0, 2],
            (true, true) => [2, 1, 0],
        };
        let own = eldest.imd_decile;
        let parent = order
            .iter()
            .find_map(|kind| self.take(*kind, own, Some(kin(eldest.ethnicity)), wanted, ages))
            .or_else(|| order.iter().find_map(|kind| self.take(*kind, own, None, wanted, ages)))
            .or_else(|| self.take_anywhere(own, wanted, ages));
        let home = match parent {
            Some(parent) if self.home_of[parent as usize] != NO_HOME => self.home_of[parent as usize],
            Some(parent) => self.open(parent),
            None => self.any_home(eldest.imd_decile),
        };
        for child in children {
            let member = self.homes[home as usize].members[0];
            self.people[*child as usize].imd_decile = self.people[member as usize].imd_decile;
            self.join(*child, home);
        }
    }

    /// Takes the candidate nearest to an age off a shelf: a couple's (0), a woman (1) or a man (2).
    fn take(
        &mut self,
        kind: usize,
        imd_decile: u8,
        of_kin: Option<usize>,
        wanted: f64,
        ages: (f64, f64),
    ) -> Option<u32> {
        let shelves = match kind {
            0 => &mut self.partnered,
            _ => &mut self.single[kind - 1],
        };
        let row = (usize::from(imd_decile) - 1) * KINS;
        let columns = of_kin.map_or(0..KINS, |kin| kin..kin + 1);
        let (shelf, found) = columns
            .filter_map(|kin| Some((row + kin, nearest(&shelves[row + kin], wanted, ages)?)))
            .min_by_key(|(shelf, found)| ((found.0 - days(wanted)).abs(), *shelf))?;
        shelves[shelf].remove(&found);
        Some(found.1)
    }

    /// A couple or woman of another decile, the nearest first: the children move there.
    fn take_anywhere(&mut self, imd_decile: u8, wanted: f64, ages: (f64, f64)) -> Option<u32> {
        let mut deciles: Vec<u8> = (1..=DECILES as u8).collect();
        deciles.sort_by_key(|decile| decile.abs_diff(imd_decile));
        deciles.iter().find_map(|decile| (0..3).find_map(|kind| self.take(kind, *decile, None, wanted, ages)))
    }

    /// The home of some adult, of the decile if there is one; somebody must take the children in.
    fn any_home(&mut self, imd_decile: u8) -> u32 {
        let near =
            |people: &[Draw], home: &Home| people[home.members[0] as usize].imd_decile.abs_diff(imd_decile);
        let private = self.homes.iter().enumerate().filter(|(_, home)| !home.communal);
        if let Some((number, _)) =
            private.min_by_key(|(number, home)| (near(self.people, home), home.members.len(), *number))
        {
            return number as u32;
        }
        let adults = self.people.iter().zip(self.placed.iter()).enumerate();
        let adult = adults
            .filter(|(_, (draw, placed))| !**placed && draw.age_years >= ADULT)
            .map(|(at, _)| at)
            .next();
        // A locality of children only is none that the tables can yield; they would live together.
        if let Some(adult) = adult {
            self.open(adult as u32)
        } else {
            self.homes.push(Home::default());
            self.homes.len() as u32 - 1
        }
    }

    fn open(&mut self, member: u32) -> u32 {
        self.homes.push(Home::default());
        let home = self.homes.len() as u32 - 1;
        self.join(member, home);
        home
    }

    fn join(&mut self, member: u32, home: u32) {
        self.homes[home as usize].members.push(member);
        self.home_of[member as usize] = home;
        self.placed[member as usize] = true;
    }

    /// Grown children join parents of a fitting age, and the old join grown children's families.
    pub(super) fn place_grown(&mut self) {
        let mut elders = vec![Candidates::new(); DECILES * KINS];
        for home in self.homes.iter().filter(|home| !home.communal) {
            let head = home.members[0];
            let draw = &self.people[head as usize];
            elders[shelf_of(draw, false)].insert((days(draw.age_years), head));
        }
        let unplaced = |placed: &[bool], people: &[Draw]| -> Vec<usize> {
            (0..people.len()).filter(|at| !placed[*at] && people[*at].age_years >= ADULT).collect()
        };
        // Singles of middle age can be somebody's parent as well.
        for at in unplaced(self.placed, self.people) {
            let (draw, wish) = (self.people[at], self.wishes[at]);
            if (40.0..75.0).contains(&draw.age_years)
                && wish.lone < 0.35
                && wish.family >= living::with_parents(draw.age_years)
            {
                self.open(at as u32);
                elders[shelf_of(&draw, false)].insert((days(draw.age_years), at as u32));
            }
        }
        for at in unplaced(self.placed, self.people) {
            let (draw, wish) = (self.people[at], self.wishes[at]);
            let older = wish.family < living::with_parents(draw.age_years);
            if !older && wish.family >= living::with_children(draw.age_years, draw.ethnicity) {
                continue;
            }
            let gap = (MOTHER_GAP.0 + MOTHER_GAP.1 * wish.parent_gap).clamp(GROWN_GAP.0, GROWN_GAP.1);
            let (wanted, ages) = if older {
                (draw.age_years + gap, (draw.age_years + GROWN_GAP.0, draw.age_years + GROWN_GAP.1))
            } else {
                (
                    draw.age_years - gap,
                    ((draw.age_years - GROWN_GAP.1).max(ADULT), draw.age_years - GROWN_GAP.0),
                )
            };
            if let Some((_, head)) = nearest(&elders[shelf_of(&draw, false)], wanted, ages) {
                // Three homes in four take another.
                if wish.father < 0.25 {
                    elders[shelf_of(&draw, false)]
                        .remove(&(days(self.people[head as usize].age_years), head));
                }
                self.join(at as u32, self.home_of[head as usize]);
            }
        }
    }
}

/// Where someone stands: decile and kin; a couple of two groups stands with the Mixed.
fn shelf_of(draw: &Draw, mixed: bool) -> usize {
    (usize::from(draw.imd_decile) - 1) * KINS + if mixed { 2 } else { kin(draw.ethnicity) }
}

fn days(years: f64) -> i32 {
    (years * 365.2425) as i32
}

/// The candidate nearest to an age within bounds.
fn nearest(shelf: &Candidates, wanted: f64, ages: (f64, f64)) -> Option<(i32, u32)> {
    let (from, wanted, to) = (days(ages.0), days(wanted), days(ages.1));
    if from > to {
        return None;
    }
    let wanted = wanted.clamp(from, to);
    let below = shelf.range((from, 0)..=(wanted, u32::MAX)).next_back();
    let above = shelf.range((wanted, 0)..=(to, u32::MAX)).next();
    match (below, above) {
        (Some(below), Some(above)) if above.0 - wanted < wanted - below.0 => Some(*above),
        (below, above) => below.or(above).copied(),
    }
}
