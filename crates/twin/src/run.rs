//! Runs the twin: localities one after the other, journeys out in subject order, in bounded memory.

use std::sync::mpsc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::engine::Locality;
use crate::gmf::PathwayError;
use crate::journey::{Journey, RunSummary};
use crate::life::LocalityModel;
use crate::misfiling::Misfiling;
use crate::need::NeedError;
use crate::parameters::{ParameterError, TwinParameters};
use crate::supply::Measures;
use crate::world::World;

/// Journeys written by one thread before they are handed on.
const JOURNEYS_PER_THREAD: usize = 32;

/// Simulates a population and hands over each person's journey, in order of subject id.
///
/// Localities run one after the other; `receive` and `progress` run on the calling thread while the next
/// journeys are written or the next locality runs. `progress` gets the number of people handed over. The
/// bytes of every journey depend on the parameters only, not on `threads`. Memory holds one locality and
/// a few hundred journeys whatever the population.
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
    let world = World::new(parameters)?;
    let pool = pool(parameters.threads)?;
    let block = JOURNEYS_PER_THREAD * pool.current_num_threads();
    let mut summary = RunSummary::default();
    std::thread::scope(|scope| {
        // A bounded channel: the workers wait when the receiver is slower than they are.
        let (sender, receiver) = mpsc::sync_channel::<Batch>(2);
        let (world, pool) = (&world, &pool);
        scope.spawn(move || {
            for number in 0..world.settlement.count() {
                if pool.install(|| run_locality(world, number, block, &sender)).is_err() {
                    return;
                }
            }
        });
        let mut misfiling = Misfiling::default();
        for batch in receiver {
            match batch {
                Batch::Journeys(journeys) => {
                    for (mut journey, halted) in journeys {
                        misfiling.exchange(&mut journey);
                        summary.count(&journey, halted);
                        receive(journey)?;
                    }
                    progress(summary.patients);
                }
                Batch::Served(measures) => summary.supply.merge(&measures),
            }
        }
        Ok(summary)
    })
}

/// What a locality hands over.
enum Batch {
    Journeys(Vec<(Journey, u64)>),
    Served(Box<Measures>),
}

/// Runs one locality and sends what became of its people; an error means that nobody receives.
fn run_locality(
    world: &World<'_>,
    number: usize,
    block: usize,
    sender: &mpsc::SyncSender<Batch>,
) -> Result<(), mpsc::SendError<Batch>> {
    let people = world.settlement.locality(number);
    let subjects = world.settlement.subjects(number);
    let model = LocalityModel { world, locality: &people };
    let (start, end) = (world.parameters.start.into(), world.parameters.end.into());
    let mut locality = Locality::begin(&model, subjects.start, subjects.end - 1, start, end);
    let mut supply = world.supply(&people);
    locality.run(&model, end, &mut supply);
    sender.send(Batch::Served(Box::new(supply.close(end))))?;
    let mut lives = locality.into_subjects();
    // Lives are let go as they are written.
    while !lives.is_empty() {
        let rest = lives.split_off(block.min(lives.len()));
        let written = lives
            .into_par_iter()
            .map(|(_, life)| (world.journey(&people, &life), life.instances.halted))
            .collect();
        sender.send(Batch::Journeys(written))?;
        lives = rest;
    }
    Ok(())
}

/// A pool of worker threads.
pub(crate) fn pool(threads: usize) -> Result<rayon::ThreadPool, TwinError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| TwinError::Threads { reason: source.to_string() })
}

/// Why a run can't begin.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TwinError {
    /// A setting is out of range.
    #[error(transparent)]
    Parameters(#[from] ParameterError),
    /// The pathways can't be linked.
    #[error(transparent)]
    Pathway(#[from] PathwayError),
    /// The scenario does not suit the need table.
    #[error(transparent)]
    Need(Box<NeedError>),
    /// The system refused threads.
    #[error("worker threads can't be started: {reason}")]
    Threads {
        /// The system's words.
        reason: String,
    },
}

impl From<NeedError> for TwinError {
    fn from(error: NeedError) -> Self {
        Self::Need(Box::new(error))
    }
}
