//! With which practice people are registered, and when that changes.
//!
//! A household registers together. After a move about half change practice, some weeks later; now and
//! then the old practice has taken them off its list before, so that there is a gap. Few change without
//! moving. Before the start only the day of the present registration is drawn, from the same rates.
//!
//! # Source
//! Assumption of this release, set so that about 6 % of people register anew each year (NHS England
//! counts of new registrations; from memory).

use super::living::step;
use super::locality::{Locality, Registered};
use super::moves::Span;
use crate::engine::Moment;
use crate::person::Practice;
use crate::stream::{Stream, StreamKey};

/// Of those who move, how many register with another practice.
const CHANGES_AFTER_MOVE: f64 = 0.55;
/// Changes a year without a move.
const CHANGES_WITHOUT_MOVE: f64 = 0.008;
/// Days from move to new registration on average.
const DAYS_TO_REGISTER: f64 = 60.0;
/// Of those who change, how many have been taken off the old list before they register.
const TAKEN_OFF: f64 = 0.12;
/// Registrations a year before the start, by age then: moves and other changes together.
const PAST_RATE: [(f64, f64); 6] =
    [(0.0, 0.07), (18.0, 0.15), (30.0, 0.09), (40.0, 0.05), (50.0, 0.03), (65.0, 0.018)];
/// A practice's registered people on average within a locality.
const LIST_SIZE: usize = 7_000;
/// Practices of a locality at most.
const MOST: usize = 12;

/// How many practices serve so many people (England 2024: 10,100 to a practice, many far smaller).
pub(super) fn practice_count(people: usize) -> usize {
    ((people + LIST_SIZE / 2) / LIST_SIZE).clamp(1, MOST)
}

/// The practices of a locality with their pull on each decile.
#[derive(Clone, Debug)]
pub(super) struct Catchments {
    pulls: Vec<[f64; 10]>,
}

impl Catchments {
    /// Practices differ in size, up to threefold, and in how deprived their patients are.
    pub(super) fn draw(count: usize, stream: &mut Stream) -> Self {
        let pulls = (0..count)
            .map(|_| {
                let (size, slope) = ((stream.uniform() - 0.5) * 1.1, (stream.uniform() - 0.5) * 0.5);
                std::array::from_fn(|decile| f64::exp(size + slope * (decile as f64 - 4.5)))
            })
            .collect();
        Self { pulls }
    }

    /// A practice for someone of a decile, not the one they leave if there is another.
    fn choose(&self, imd_decile: u8, leaving: Option<u16>, drawn: f64) -> u16 {
        let leaving = leaving.filter(|_| self.pulls.len() > 1).map(usize::from);
        let pull =
            |at: usize| if leaving == Some(at) { 0.0 } else { self.pulls[at][usize::from(imd_decile) - 1] };
        let mut left = drawn * (0..self.pulls.len()).map(pull).sum::<f64>();
        let mut last = 0;
        for at in 0..self.pulls.len() {
            if pull(at) > 0.0 {
                last = at;
                if left < pull(at) {
                    break;
                }
                left -= pull(at);
            }
        }
        last as u16
    }
}

/// A fictitious practice by number. No organisation code of the NHS begins with `ZZ`.
pub(super) fn practice(number: usize) -> Practice {
    const NAMES: [&str; 24] = [
        "Alder",
        "Beacon",
        "Coppice",
        "Dovecote",
        "Foundry",
        "Kiln Lane",
        "Millrace",
        "Rowan",
        "Sorrel",
        "Thistle Road",
        "Willow Bank",
        "Yew Tree",
        "Barley Close",
        "Chestnut",
        "Elm Terrace",
        "Hawthorn",
        "Jubilee",
        "Larch Grove",
        "Nettle Hill",
        "Orchard",
        "Paddock",
        "Quarry Street",
        "Upper Meadow",
        "Vicarage",
    ];
    const KINDS: [&str; 4] = ["Surgery", "Medical Centre", "Health Centre", "Practice"];
    let kind = KINDS[number / NAMES.len() % KINDS.len()];
    Practice { ods_code: format!("ZZ{number:04}"), name: format!("{} {kind}", NAMES[number % NAMES.len()]) }
}

/// Registers everyone, once homes, moves and births are settled.
pub(super) fn register(
    locality: &mut Locality,
    catchments: &Catchments,
    span: Span,
    streams: &StreamKey,
    first_stream: u64,
) {
    let first_of_households = first_stream + super::settlement::STREAMS_PER_LOCALITY / 2;
    // One draw for each household, move and resident, taken from streams of their own.
    let of_household: Vec<Vec<(Moment, u16, bool)>> = (0..locality.households.len())
        .map(|number| {
            let household = &locality.households[number];
            let mut stream = streams.open(first_of_households + number as u64);
            let decile = household.imd_decile;
            let mut practice = catchments.choose(decile, None, stream.uniform());
            let mut course = vec![(Moment::EVER, practice, false)];
            let mut changes: Vec<Moment> = household
                .moves
                .iter()
                .filter_map(|moved| {
                    let (changes, days) = (stream.chance(CHANGES_AFTER_MOVE), stream.uniform_above_zero());
                    changes.then(|| moved.plus_days(1.0 - DAYS_TO_REGISTER * days.ln()).midnight())
                })
                .collect();
            let without_move =
                span.start.plus_years(-stream.uniform_above_zero().ln() / CHANGES_WITHOUT_MOVE);
            if !household.communal {
                changes.push(without_move.midnight());
            }
            changes.sort_unstable();
            changes.retain(|at| *at > span.start && *at < span.end);
            changes.dedup();
            for at in changes {
                let next = catchments.choose(decile, Some(practice), stream.uniform());
                let taken_off = stream.chance(TAKEN_OFF);
                if next != practice {
                    practice = next;
                    course.push((at, practice, taken_off));
                }
            }
            course
        })
        .collect();
    for at in 0..locality.residents.len() {
        let mut stream = streams.open(first_stream + at as u64);
        let resident = &locality.residents[at];
        let tenure = tenure_years(span.start.years_since(resident.birth), &mut stream);
        let mut registrations: Vec<Registered> = Vec::with_capacity(2);
        for (place, stay) in resident.stays.iter().enumerate() {
            let until = resident.stays.get(place + 1).map_or(Moment::NEVER, |next| next.from);
            let course = &of_household[stay.household as usize];
            let joins = if place == 0 {
                resident.birth.max(span.start.plus_years(-tenure))
            } else {
                stay.from.plus_days(1.0 - DAYS_TO_REGISTER * stream.uniform_above_zero().ln())
            };
            let current =
                course.partition_point(|change| change.0 <= joins.max(resident.birth)).saturating_sub(1);
            for (step, (from, practice, taken_off)) in course.iter().enumerate().skip(current) {
                let from = if step == current { joins.midnight() } else { *from };
                if from < until && from < span.end {
                    add(
                        &mut registrations,
                        from.max(resident.birth),
                        *practice,
                        *taken_off && step > current,
                    );
                }
            }
        }
        locality.residents[at].registrations = registrations;
    }
}

/// Adds a registration, which ends the one before: on its day, or earlier if taken off that list.
fn add(registrations: &mut Vec<Registered>, from: Moment, practice: u16, taken_off: bool) {
    if let Some(last) = registrations.last_mut() {
        if last.practice == practice || from <= last.from {
            return;
        }
        let gap_days = if taken_off { (from.days_since(last.from) / 2.0).min(75.0) } else { 0.0 };
        last.to = Some(from.plus_days(-gap_days).midnight());
    }
    registrations.push(Registered { practice, from, to: None });
}

/// Years since the present registration, of someone of an age.
fn tenure_years(age_years: f64, stream: &mut Stream) -> f64 {
    let mut left = -stream.uniform_above_zero().ln();
    let mut years = 0.0;
    while years < age_years {
        let rate = step(&PAST_RATE, age_years - years - 0.5);
        if left < rate {
            return years + left / rate;
        }
        left -= rate;
        years += 1.0;
    }
    age_years.max(0.0)
}
