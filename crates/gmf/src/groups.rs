//! Many lives in groups: simulated and encoded on all threads, handed over in order.
//!
//! A group is a fixed number of places in the population, whatever the number of threads, so that what
//! is written does not depend on it. Threads take the next group as they become free, and wait when
//! they are far ahead of whoever receives the groups: memory holds a few groups a thread.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::columns::Columns;
use crate::library::Library;
use crate::life::Life;
use crate::simulate::{Parameters, SimulationError, Summary, fill_place};
use crate::visits::Visits;
use crate::wording::Wording;

/// Places in the population whose lives make a group.
const PLACES: u64 = 64;
/// Groups a thread may be ahead.
const AHEAD: u64 = 4;

/// A group of lives, encoded.
#[derive(Debug)]
pub struct Group<R> {
    /// What the encoder made of their events.
    pub encoded: R,
    lived: Lived,
}

impl<R> Group<R> {
    /// Lives in it that last to the reference date.
    pub fn living(&self) -> u64 {
        self.lived.living
    }
}

/// What a group's lives came to.
#[derive(Debug, Default)]
struct Lived {
    lifetimes: u64,
    living: u64,
    events: u64,
    given_up: u64,
    /// By place, so that sums do not depend on the grouping.
    years: Vec<f64>,
}

/// Which groups are taken, ready and received.
struct Progress<R> {
    taken: u64,
    received: u64,
    ready: BTreeMap<u64, Group<R>>,
    /// Nobody wants more, or a thread broke.
    is_over: bool,
}

struct Exchange<R> {
    progress: Mutex<Progress<R>>,
    changed: Condvar,
}

impl<R> Exchange<R> {
    fn new() -> Self {
        let progress = Progress { taken: 0, received: 0, ready: BTreeMap::new(), is_over: false };
        Self { progress: Mutex::new(progress), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Progress<R>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'e>(&'e self, progress: MutexGuard<'e, Progress<R>>) -> MutexGuard<'e, Progress<R>> {
        self.changed.wait(progress).unwrap_or_else(PoisonError::into_inner)
    }

    /// The next group to simulate, once there is room for it.
    fn take(&self, groups: u64, ahead: u64) -> Option<u64> {
        let mut progress = self.lock();
        loop {
            if progress.is_over || progress.taken == groups {
                return None;
            }
            if progress.taken < progress.received + ahead {
                progress.taken += 1;
                return Some(progress.taken - 1);
            }
            progress = self.wait(progress);
        }
    }

    fn give(&self, number: u64, group: Group<R>) {
        self.lock().ready.insert(number, group);
        self.changed.notify_all();
    }

    /// The group of a number, once it is ready; `None` when it never will be.
    fn receive(&self, number: u64) -> Option<Group<R>> {
        let mut progress = self.lock();
        loop {
            if let Some(group) = progress.ready.remove(&number) {
                progress.received = number + 1;
                self.changed.notify_all();
                return Some(group);
            }
            if progress.is_over {
                return None;
            }
            progress = self.wait(progress);
        }
    }

    fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }
}

/// Ends the exchange when its thread breaks, so that nobody waits for it.
struct Watch<'e, R>(&'e Exchange<R>);

impl<R> Drop for Watch<'_, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

/// Simulates a population, encodes its lives in groups on the threads that made them (each thread with
/// an encoder of its own), and hands the groups over in order.
///
/// # Errors
/// [`SimulationError`] when the population is out of range, or with what `receive` says.
///
/// # Panics
/// With what an encoder panics.
pub fn simulate_columns<R: Send, E, F: FnMut(&Columns) -> R>(
    library: &Library,
    wording: &Wording,
    parameters: &Parameters,
    encoder: impl Fn() -> F + Sync,
    mut receive: impl FnMut(Group<R>) -> Result<(), E>,
) -> Result<Summary, SimulationError<E>> {
    parameters.check()?;
    let groups = parameters.population.div_ceil(PLACES);
    let threads = match parameters.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from) as u64,
        threads => threads as u64,
    };
    let threads = threads.min(groups);
    let exchange = Exchange::new();
    let mut summary = Summary::default();
    let mut visits = Visits::new(library);
    let received = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let _watch = Watch(&exchange);
                    let mut life = Life::new(library, parameters.terms(library));
                    let (mut halts, mut columns, mut encode) = (Vec::new(), Columns::default(), encoder());
                    while let Some(number) = exchange.take(groups, threads * AHEAD) {
                        let lived =
                            live_group(&mut life, &mut halts, &mut columns, wording, parameters, number);
                        exchange.give(number, Group { encoded: encode(&columns), lived });
                    }
                    (life, halts)
                })
            })
            .collect();
        let mut received = Ok(());
        for number in 0..groups {
            let Some(group) = exchange.receive(number) else { break };
            let lived = &group.lived;
            summary.lifetimes += lived.lifetimes;
            summary.living += lived.living;
            summary.events += lived.events;
            summary.given_up += lived.given_up;
            summary.person_years = lived.years.iter().fold(summary.person_years, |sum, years| sum + years);
            received = receive(group);
            if received.is_err() {
                break;
            }
        }
        exchange.end();
        for worker in workers {
            match worker.join() {
                Ok((mut life, halts)) => summary.take(library, &mut visits, &mut life, halts),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        received
    });
    received.map_err(SimulationError::Receive)?;
    summary.visits = visits.table(library);
    Ok(summary)
}

/// Lives the lives of a group into columns.
fn live_group(
    life: &mut Life<'_>,
    halts: &mut Vec<crate::life::Halt>,
    columns: &mut Columns,
    wording: &Wording,
    parameters: &Parameters,
    number: u64,
) -> Lived {
    columns.clear();
    let mut lived = Lived::default();
    for slot in number * PLACES..parameters.population.min((number + 1) * PLACES) {
        let mut has_living = false;
        let years = fill_place(life, halts, parameters, slot, &mut |life, subject, is_alive| {
            if parameters.events {
                columns.push(life, wording, subject);
            }
            lived.lifetimes += 1;
            has_living |= is_alive;
        });
        lived.living += u64::from(has_living);
        lived.given_up += u64::from(!has_living);
        lived.years.push(years);
    }
    lived.events = columns.len() as u64;
    lived
}
