//! Runs the twin: people in parallel, out in subject order, in bounded memory.

use std::sync::mpsc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::gmf::PathwayError;
use crate::journey::{Journey, RunSummary};
use crate::parameters::{ParameterError, TwinParameters};
use crate::world::World;

/// People computed by one thread before their journeys are handed on.
const PEOPLE_PER_THREAD: u64 = 32;

/// Simulates a population and hands over each person's journey, in order of subject id.
///
/// `receive` and `progress` run on the calling thread while the next people are computed; `progress`
/// gets the number of people handed over. The bytes of every journey depend on the parameters only,
/// not on `threads`. Memory holds a few hundred journeys whatever the population.
///
/// # Errors
/// [`TwinError`] turned into `E` when the parameters can't be run or threads can't be started; the
/// error of `receive` ends the run.
pub fn run<E: From<TwinError>>(
    parameters: &TwinParameters,
    mut receive: impl FnMut(Journey) -> Result<(), E>,
    mut progress: impl FnMut(u64),
) -> Result<RunSummary, E> {
    parameters.check().map_err(TwinError::from)?;
    let world = World::new(parameters).map_err(TwinError::from)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(parameters.threads)
        .build()
        .map_err(|source| TwinError::Threads { reason: source.to_string() })?;
    let block = PEOPLE_PER_THREAD * pool.current_num_threads() as u64;
    let mut summary = RunSummary::default();
    std::thread::scope(|scope| {
        // A bounded channel: the workers wait when the receiver is slower than they are.
        let (sender, receiver) = mpsc::sync_channel::<Vec<(Journey, u64)>>(1);
        let (world, pool) = (&world, &pool);
        scope.spawn(move || {
            let mut first = 1;
            while first <= parameters.population {
                let last = (first + block - 1).min(parameters.population);
                let journeys = pool.install(|| {
                    (first..=last).into_par_iter().map(|subject| world.journey(subject)).collect()
                });
                if sender.send(journeys).is_err() {
                    return;
                }
                first = last + 1;
            }
        });
        for journeys in receiver {
            for (journey, halted) in journeys {
                summary.count(&journey, halted);
                receive(journey)?;
            }
            progress(summary.patients);
        }
        Ok(summary)
    })
}

/// Why a run can't begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TwinError {
    /// A setting is out of range.
    #[error(transparent)]
    Parameters(#[from] ParameterError),
    /// The pathways can't be linked.
    #[error(transparent)]
    Pathway(#[from] PathwayError),
    /// The system refused threads.
    #[error("worker threads can't be started: {reason}")]
    Threads {
        /// The system's words.
        reason: String,
    },
}
