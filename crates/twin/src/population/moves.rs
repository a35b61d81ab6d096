//! Who moves house or leaves home during the run, and who goes into a care home.
//!
//! Private households move as a whole, at the rate of their youngest adult; grown children and sharers
//! leave, alone or two together; people of great age go into a care home. Everyone stays in the locality
//! and in the decile.
//!
//! # Source
//! Rates from memory of the Census of 2021 (about one person in ten lived elsewhere a year before, most
//! of them between 18 and 34) and of the English Housing Survey; smoothed by hand: assumption of this
//! release.
//!
//! # Limits
//! Couples do not part, nobody comes from or goes to other localities.

use super::living::{care_home, step};
use super::locality::{Household, Resident, Stay};
use crate::engine::Moment;
use crate::person::Sex;
use crate::stream::{Stream, StreamKey};

/// House moves a year of a household by the age of its youngest adult.
const HOUSEHOLD_MOVES: [(f64, f64); 7] =
    [(18.0, 0.20), (25.0, 0.14), (30.0, 0.095), (35.0, 0.06), (45.0, 0.032), (65.0, 0.018), (80.0, 0.014)];
/// A year of adults who live with parents or share.
const LEAVES_HOME: [(f64, f64); 6] =
    [(18.0, 0.12), (21.0, 0.17), (25.0, 0.15), (30.0, 0.10), (40.0, 0.03), (50.0, 0.01)];
/// People who leave home to live with another who does.
const LEAVES_TOGETHER: f64 = 0.55;
/// Years of life in a care home on average (from memory), which turns shares of residents into entries.
const YEARS_IN_CARE: f64 = 2.2;
const ADULT_YEARS: f64 = 18.0;

/// The part of the clock in which things happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: Moment,
    pub(super) end: Moment,
}

/// Adds moves, leavings and entries to care to people who all live where they did at the start.
pub(super) fn move_people(
    residents: &mut [Resident],
    households: &mut Vec<Household>,
    span: Span,
    streams: &StreamKey,
    first_stream: u64,
) {
    let leavers = leavings(residents, households, span, streams, first_stream);
    settle_leavers(residents, households, &leavers);
    enter_care(residents, households, span, streams, first_stream);
    for (number, household) in households.iter_mut().enumerate().filter(|(_, household)| !household.communal)
    {
        let mut stream = streams.open(first_stream + 2 * residents.len() as u64 + number as u64);
        let from = household.members.iter().map(|at| begins(&residents[*at as usize], number as u32)).min();
        household.moves =
            moves(household, residents, from.unwrap_or(span.start).max(span.start), span.end, &mut stream);
    }
}

/// When a resident comes to live in a household.
fn begins(resident: &Resident, household: u32) -> Moment {
    let stay = resident.stays.iter().find(|stay| stay.household == household);
    stay.map_or(Moment::NEVER, |stay| stay.from)
}

/// Times of a Poisson process whose rate changes with the year, by thinning.
fn moves(
    household: &Household,
    residents: &[Resident],
    from: Moment,
    end: Moment,
    stream: &mut Stream,
) -> Vec<Moment> {
    const HIGHEST: f64 = 0.20;
    let (mut at, mut moves) = (from, Vec::new());
    loop {
        at = at.plus_years(-stream.uniform_above_zero().ln() / HIGHEST);
        let accepted = stream.uniform();
        if at >= end {
            return moves;
        }
        let ages = household.members.iter().map(|member| at.years_since(residents[*member as usize].birth));
        let youngest = ages.filter(|age| *age >= ADULT_YEARS).fold(f64::INFINITY, f64::min);
        if youngest.is_finite() && accepted * HIGHEST < step(&HOUSEHOLD_MOVES, youngest) {
            moves.push(at.midnight());
        }
    }
}

struct Leaver {
    resident: u32,
    at: Moment,
    together: bool,
}

/// Adults who leave homes in which another adult stays, at most once each.
fn leavings(
    residents: &[Resident],
    households: &[Household],
    span: Span,
    streams: &StreamKey,
    first_stream: u64,
) -> Vec<Leaver> {
    let mut leavers = Vec::new();
    for household in households.iter().filter(|household| !household.communal) {
        let fixed = if household.couple { 2 } else { 1 };
        for resident in household.members.iter().skip(fixed) {
            let birth = residents[*resident as usize].birth;
            let mut stream = streams.open(first_stream + u64::from(*resident));
            let (mut at, together) =
                (span.start.max(birth.plus_years(ADULT_YEARS)), stream.chance(LEAVES_TOGETHER));
            while at < span.end {
                let rate = step(&LEAVES_HOME, at.years_since(birth));
                let wait = -stream.uniform_above_zero().ln() / rate;
                if wait < 1.0 {
                    at = at.plus_years(wait).midnight();
                    if at > span.start && at < span.end {
                        leavers.push(Leaver { resident: *resident, at, together });
                    }
                    break;
                }
                at = at.plus_years(1.0);
            }
        }
    }
    leavers
        .sort_by_key(|leaver| (residents[leaver.resident as usize].imd_decile, leaver.at, leaver.resident));
    leavers
}

/// Gives leavers new homes: two of a decile and of different sex who leave one after the other and are
/// of like age share one.
fn settle_leavers(residents: &mut [Resident], households: &mut Vec<Household>, leavers: &[Leaver]) {
    let mut waiting: Vec<u32> = Vec::new();
    for leaver in leavers {
        let one = &residents[leaver.resident as usize];
        let (birth, sex, decile) = (one.birth, one.sex, one.imd_decile);
        waiting.retain(|other| residents[*other as usize].imd_decile == decile);
        let suits = |other: &u32| {
            let other = &residents[*other as usize];
            other.sex != sex && other.birth.years_since(birth).abs() < 6.0
        };
        let partner = if leaver.together { waiting.iter().position(suits) } else { None };
        let household = if let Some(place) = partner {
            let partner = &residents[waiting.remove(place) as usize];
            partner.stays[partner.stays.len() - 1].household
        } else {
            households.push(Household { imd_decile: decile, ..Household::default() });
            if leaver.together {
                waiting.push(leaver.resident);
            }
            households.len() as u32 - 1
        };
        let home = &mut households[household as usize];
        home.couple = partner.is_some();
        home.members.push(leaver.resident);
        residents[leaver.resident as usize].stays.push(Stay { from: leaver.at, household });
    }
}

/// Old people go into a care home at the rate that keeps its share of them, if no child loses its only
/// adult by it.
fn enter_care(
    residents: &mut [Resident],
    households: &mut [Household],
    span: Span,
    streams: &StreamKey,
    first_stream: u64,
) {
    let homes: Vec<u32> =
        (0..households.len()).filter(|at| households[*at].communal).map(|at| at as u32).collect();
    if homes.is_empty() {
        return;
    }
    for at in 0..residents.len() {
        let resident = &residents[at];
        let mut stream = streams.open(first_stream + (residents.len() + at) as u64);
        let chosen = stream.below(homes.len());
        let nearest = homes.iter().enumerate().min_by_key(|(place, home)| {
            let decile = households[**home as usize].imd_decile;
            (decile.abs_diff(resident.imd_decile), (place + homes.len() - chosen) % homes.len())
        });
        let Some((_, &home)) = nearest else { return };
        let mut moment = span.start.max(resident.birth.plus_years(70.0));
        let own = resident.stays[0].household;
        let has_child = |members: &[u32]| {
            members.iter().any(|other| span.end.years_since(residents[*other as usize].birth) < 40.0)
        };
        if moment >= span.end
            || households[own as usize].communal
            || has_child(&households[own as usize].members)
        {
            continue;
        }
        while moment < span.end {
            let age = moment.years_since(resident.birth);
            let wait = -stream.uniform_above_zero().ln() / (care_home(age, Sex::Female) / YEARS_IN_CARE);
            if wait < 1.0 {
                let from = moment.plus_years(wait).midnight();
                if from > span.start && from < span.end && resident.stays.len() == 1 {
                    residents[at].stays.push(Stay { from, household: home });
                    households[home as usize].members.push(at as u32);
                }
                break;
            }
            moment = moment.plus_years(1.0);
        }
    }
}
