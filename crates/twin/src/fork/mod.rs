//! Forks: one person's possible futures, with and without an intervention.
//!
//! The person's locality is run to the moment of the fork exactly as in the study. From there each future
//! redraws all that is to come for the person; both arms of a future draw the same numbers, so that they
//! differ by what the intervention does and by nothing else. Services answer with the waits that the
//! locality has seen so far.
//!
//! # Limits
//! The rest of the locality stands still: the person's household and the queues do not react. What was
//! under way at the fork (an appointment given, a delay begun) is the same in every future.

mod error;
mod intervention;
mod services;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use twinloom_event::Timestamp;

pub use error::ForkError;
pub use intervention::Intervention;

use crate::engine::{Context, Locality, Moment};
use crate::journey::Journey;
use crate::life::{Life, LocalityModel};
use crate::parameters::TwinParameters;
use crate::run::{TwinError, pool};
use crate::stream::StreamKey;
use crate::world::World;
use services::{Replayed, Watched};

/// The most futures of one fork.
pub const MOST_FUTURES: u32 = 10_000;

/// One future, lived twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Future {
    /// From 1.
    pub number: u32,
    /// Whether there was anything to do: who does not smoke can't stop. The same in every future.
    pub acted: bool,
    /// What happens without the intervention.
    pub without: Journey,
    /// What happens with it.
    pub with: Journey,
}

/// Lives `futures` futures of `subject` from `at` on, each without and with `intervention`.
///
/// The same for any number of threads. With [`Intervention::Nothing`] both arms are alike.
///
/// # Errors
/// [`ForkError`] when the parameters can't be run, nobody of that number is alive at the time, or the
/// intervention names a code or attribute that the run does not have.
pub fn fork(
    parameters: &TwinParameters,
    subject: u64,
    at: Timestamp,
    intervention: &Intervention,
    futures: u32,
) -> Result<Vec<Future>, ForkError> {
    parameters.check().map_err(TwinError::from)?;
    if !(1..=MOST_FUTURES).contains(&futures) {
        return Err(ForkError::Futures { futures });
    }
    if subject == 0 || subject > parameters.population {
        return Err(ForkError::Subject { subject, population: parameters.population });
    }
    if at < parameters.start || at >= parameters.end {
        return Err(ForkError::Time { at, start: parameters.start, end: parameters.end });
    }
    let world = World::new(parameters)?;
    let change = intervention.resolve(&world)?;
    let number = ((subject - 1) / parameters.people_per_locality) as usize;
    let people = world.settlement.locality(number);
    let subjects = world.settlement.subjects(number);
    let model = LocalityModel { world: &world, locality: &people };
    let (start, end, at) = (parameters.start.into(), parameters.end.into(), Moment::from(at));
    let key = StreamKey::new(parameters.seed, "fork");
    pool(parameters.threads)?.install(|| {
        let mut locality = Locality::begin(&model, subjects.start, subjects.end - 1, start, end);
        let mut services = Watched::new(world.supply(&people));
        locality.run(&model, at, &mut services);
        let (context, life) = locality.subject(subject).ok_or(ForkError::Absent { subject })?;
        if life.patient.death.is_some() || life.patient.birth > at {
            return Err(ForkError::Absent { subject });
        }
        let mut idle = world.supply(&people);
        idle.serve(at, &[], &mut Vec::new());
        let live = |future: u32, with: bool| {
            let (mut context, mut life): (Context, Life) = (context.clone(), life.clone());
            context.jump(at);
            life.patient.stream = subject | u64::from(future) << 40;
            let mut stream = key.open(life.patient.stream);
            let acted = with && change.apply(&mut life, at, &mut stream);
            model.redraw(&mut life, &mut context);
            let mut alone = Locality::of_one(subject, context, life);
            let services = Replayed::new(&services, &world, idle.clone(), future, at).waiting_for(subject);
            alone.run(&model, end, &mut { services });
            let lives = alone.into_subjects();
            lives.first().map(|(_, life)| (acted, world.journey(&people, life)))
        };
        let pair = |number: u32| {
            let absent = ForkError::Absent { subject };
            match (live(number, false), live(number, true)) {
                (Some((_, without)), Some((acted, with))) => Ok(Future { number, acted, without, with }),
                _ => Err(absent),
            }
        };
        (1..=futures).into_par_iter().map(pair).collect()
    })
}
