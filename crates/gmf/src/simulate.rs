//! Many lives: a population of living people, as Synthea makes one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::Serialize;
use twinloom_event::{SubjectId, Timeline, Timestamp};

use crate::draw::{LifeKey, process};
use crate::events::Writer;
use crate::host::{born_for_age_ms, person};
use crate::library::Library;
use crate::life::{Halt, Life, Terms};
use crate::visits::{VisitTable, Visits};

/// People simulated before their lives are handed over; bounds memory.
const BLOCK: u64 = 64;
/// People a worker takes at a time.
const SHARE: usize = 4;
/// Lives tried for one place in the population; beyond 10, those meant to be over 90 are made younger.
const ATTEMPTS: u64 = 1000;
/// Subject ids of one place in the population.
const IDS_PER_PLACE: i64 = 1024;

/// More would not fit the ids of subjects with room to spare.
const MOST_PEOPLE: u64 = 100_000_000;

/// What to simulate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Living people to make; those who die before are made too and replaced.
    pub population: u64,
    /// Seed of all streams.
    pub seed: u64,
    /// When everyone is looked at: ages are drawn for this date, and the run ends on it.
    pub reference: Timestamp,
    /// Threads; 0 for one a core. Results do not depend on it.
    pub threads: usize,
    /// States a module may go through for one person in one week before it is halted; never fewer than the
    /// library has, since only a circle passes one twice.
    pub step_cap: u32,
    /// Whether people also die of nothing in particular, as a switch of Synthea's has it; off there.
    pub natural_death: bool,
    /// Whether lives come with their events.
    pub events: bool,
    /// Runs every module every week: slow, for comparison.
    pub every_week: bool,
}

impl Parameters {
    /// The reference run's: 2026-01-01, no natural death.
    ///
    /// # Panics
    /// Never: the date is one.
    pub fn new(population: u64, seed: u64) -> Self {
        Self {
            population,
            seed,
            reference: Timestamp::from_ymd(2026, 1, 1).expect("2026-01-01 is a date"),
            threads: 0,
            step_cap: 20_000,
            natural_death: false,
            events: true,
            every_week: false,
        }
    }
}

/// One simulated life.
#[derive(Clone, Debug)]
pub struct Lifetime {
    /// Whose.
    pub subject_id: SubjectId,
    /// Whether the person is alive at the reference date.
    pub is_alive: bool,
    /// The events in order; none but the frame when they were not asked for.
    pub timeline: Option<Timeline>,
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Lives simulated, of the living and the dead.
    pub lifetimes: u64,
    /// Of them, alive at the reference date.
    pub living: u64,
    /// Years lived.
    pub person_years: f64,
    /// Events handed over.
    pub events: u64,
    /// Comparisons of values of different kinds, taken as "no".
    pub mismatches: u64,
    /// Places in the population for which nobody survived to the reference date.
    pub given_up: u64,
    /// Modules that passed too many states without rest (in circles, or along a chain of very many), by file and
    /// state, and how often they were halted.
    pub halted: BTreeMap<String, u64>,
    /// Visits of every state.
    #[serde(skip)]
    pub visits: VisitTable,
}

/// Why a run can't be made or did not end.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError<E> {
    /// The number of people is out of range.
    #[error("population {found} is out of range; permitted: 1 to {most}")]
    Population {
        /// The number.
        found: u64,
        /// The largest.
        most: u64,
    },
    /// The threads can't be started.
    #[error("threads can't be started: {0}")]
    Threads(String),
    /// Whoever receives the lives refused one.
    #[error(transparent)]
    Receive(E),
}

struct Worker<'l> {
    life: Life<'l>,
    writer: Writer,
    halts: Vec<Halt>,
}

struct Place {
    lifetimes: Vec<Lifetime>,
    years: f64,
}

impl Parameters {
    /// # Errors
    /// [`SimulationError::Population`] when it is out of range.
    pub(crate) fn check<E>(&self) -> Result<(), SimulationError<E>> {
        if self.population == 0 || self.population > MOST_PEOPLE {
            return Err(SimulationError::Population { found: self.population, most: MOST_PEOPLE });
        }
        Ok(())
    }

    pub(crate) fn terms(&self, library: &Library) -> Terms {
        Terms {
            end_ms: self.reference.micros() / 1000,
            step_cap: self.step_cap.max(library.state_count() as u32).max(1),
            natural_death: self.natural_death,
            keeps_observations: self.events,
            is_naive: self.every_week,
        }
    }
}

impl Summary {
    /// Adds what a finished worker counted.
    pub(crate) fn take(
        &mut self,
        library: &Library,
        visits: &mut Visits,
        life: &mut Life<'_>,
        halts: Vec<Halt>,
    ) {
        visits.take(&mut life.visits);
        self.mismatches += life.mismatches;
        for halt in halts {
            let state = library.state(halt.state);
            let name =
                format!("{}.json, state {:?}", library.module(state.module).path, library.text(state.name));
            *self.halted.entry(name).or_default() += 1;
        }
    }
}

/// Simulates a population and hands every life over, in the order of places and attempts.
///
/// # Errors
/// [`SimulationError`] when the population is out of range, or with what `receive` says.
pub fn simulate<E>(
    library: &Library,
    parameters: &Parameters,
    mut receive: impl FnMut(Lifetime) -> Result<(), E>,
) -> Result<Summary, SimulationError<E>> {
    parameters.check()?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(parameters.threads)
        .build()
        .map_err(|error| SimulationError::Threads(error.to_string()))?;
    let workers: Mutex<Vec<Worker<'_>>> = Mutex::new(Vec::new());
    let mut summary = Summary::default();
    let mut first = 0;
    while first < parameters.population {
        let slots: Vec<u64> = (first..parameters.population.min(first + BLOCK)).collect();
        let places: Vec<Vec<Place>> = pool.install(|| {
            slots.par_chunks(SHARE).map(|share| live_share(library, parameters, share, &workers)).collect()
        });
        for place in places.into_iter().flatten() {
            summary.person_years += place.years;
            summary.given_up += u64::from(place.lifetimes.last().is_none_or(|life| !life.is_alive));
            for lifetime in place.lifetimes {
                summary.lifetimes += 1;
                summary.living += u64::from(lifetime.is_alive);
                summary.events +=
                    lifetime.timeline.as_ref().map_or(0, |timeline| timeline.events().len() as u64);
                receive(lifetime).map_err(SimulationError::Receive)?;
            }
        }
        first += BLOCK;
    }
    let mut visits = Visits::new(library);
    for mut worker in workers.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let halts = std::mem::take(&mut worker.halts);
        summary.take(library, &mut visits, &mut worker.life, halts);
    }
    summary.visits = visits.table(library);
    Ok(summary)
}

fn live_share<'l>(
    library: &'l Library,
    parameters: &Parameters,
    slots: &[u64],
    workers: &Mutex<Vec<Worker<'l>>>,
) -> Vec<Place> {
    let idle = workers.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut worker = idle.unwrap_or_else(|| Worker {
        life: Life::new(library, parameters.terms(library)),
        writer: Writer::new(),
        halts: Vec::new(),
    });
    let places = slots.iter().map(|slot| live_place(&mut worker, parameters, *slot)).collect();
    workers.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
    places
}

/// Lives until one is alive at the reference date.
fn live_place(worker: &mut Worker<'_>, parameters: &Parameters, slot: u64) -> Place {
    let Worker { life, writer, halts } = worker;
    let mut lifetimes = Vec::new();
    let years = fill_place(life, halts, parameters, slot, &mut |life, subject_id, is_alive| {
        let timeline = if parameters.events { writer.timeline(life, subject_id) } else { None };
        lifetimes.push(Lifetime { subject_id, is_alive, timeline });
    });
    Place { lifetimes, years }
}

/// Lives one place's lives until one is alive at the reference date, and shows each when it is over;
/// gives the years lived.
pub(crate) fn fill_place<'l>(
    life: &mut Life<'l>,
    halts: &mut Vec<Halt>,
    parameters: &Parameters,
    slot: u64,
    over: &mut impl FnMut(&Life<'l>, SubjectId, bool),
) -> f64 {
    let mut draws = LifeKey::new(parameters.seed, slot, u64::MAX).open(process("demographics"));
    let mut who = person(&mut draws);
    let reference_ms = parameters.reference.micros() / 1000;
    let mut birth_ms = born_for_age_ms(who.target_age_years, reference_ms, &mut draws);
    let mut years = 0.0;
    for attempt in 0..ATTEMPTS {
        life.begin(LifeKey::new(parameters.seed, slot, attempt), who.clone(), birth_ms);
        life.live();
        halts.append(&mut life.halts);
        let is_alive = life.is_alive(reference_ms);
        let end_ms = life.death_ms.filter(|_| !is_alive).unwrap_or(reference_ms);
        years += (end_ms - birth_ms) as f64 / (365.25 * crate::calendar::DAY_MS as f64);
        let subject_id = SubjectId::new(slot as i64 * IDS_PER_PLACE + attempt as i64 + 1);
        over(life, subject_id, is_alive);
        if is_alive {
            break;
        }
        if attempt >= 10 && who.target_age_years > 90 {
            who.target_age_years = 85 + (draws.uniform() * 5.0) as i32;
            birth_ms = born_for_age_ms(who.target_age_years, reference_ms, &mut draws);
        }
    }
    years
}
