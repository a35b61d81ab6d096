//! Runs the subjects of one locality: each alone up to a date, then together with shared services.

use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator,
};
use rayon::slice::ParallelSliceMut;

use super::{Context, Model, Moment, Passed, Signal};
use crate::supply::{Answer, Demand, Supply};

/// Length of a window: what is asked within it is answered at its end.
pub const WINDOW_MICROS: i64 = 2 * 3_600_000_000;
/// Subjects whose earliest plan is kept together, so that idle ones cost nothing.
const BLOCK: usize = 64;
/// Blocks looked through by one thread at a time.
const BLOCKS_PER_TASK: usize = 4;

/// The services of a locality.
pub trait Services {
    /// Serves the demands of a window in order of (time, person, sequence), and adds their answers. No
    /// answer wakes anyone before `border`, the end of the window.
    fn serve(&mut self, border: Moment, demands: &[Demand], answers: &mut Vec<Answer>);

    /// When someone who waits may next be served: in the window that holds it.
    fn next_due(&self) -> Option<Moment>;

    /// Takes someone whose run has ended off all lists.
    fn withdraw(&mut self, at: Moment, person: u64);
}

impl Services for Supply {
    fn serve(&mut self, border: Moment, demands: &[Demand], answers: &mut Vec<Answer>) {
        Self::serve(self, border, demands, answers);
    }

    fn next_due(&self) -> Option<Moment> {
        Self::next_due(self)
    }

    fn withdraw(&mut self, at: Moment, person: u64) {
        Self::withdraw(self, at, person);
    }
}

/// The first border after a moment: windows are aligned to the clock.
pub fn border_after(at: Moment) -> Moment {
    Moment::from_micros((at.micros().div_euclid(WINDOW_MICROS) + 1) * WINDOW_MICROS)
}

/// Subjects of a locality with their clocks.
#[derive(Debug)]
pub struct Locality<S> {
    first: u64,
    subjects: Vec<(Context, S)>,
    /// When something is next due for each.
    due: Vec<Moment>,
    /// The least of each block of `due`.
    block_due: Vec<Moment>,
}

fn least(dues: &[Moment]) -> Moment {
    dues.iter().copied().min().unwrap_or(Moment::NEVER)
}

/// What a pass over the subjects leaves behind.
#[derive(Default)]
struct Pass {
    demands: Vec<Demand>,
    signals: Vec<Signal>,
    stopped: Vec<(Moment, u64)>,
    next: Option<Moment>,
}

impl Pass {
    fn collect(&mut self, context: &mut Context) {
        if context.has_post() {
            self.demands.extend(context.take_demands());
            self.signals.extend(context.take_signals());
            let subject = context.subject();
            self.stopped.extend(context.take_stopped().map(|at| (at, subject)));
        }
    }

    fn merge(mut self, mut other: Self) -> Self {
        if self.demands.is_empty() {
            self.demands = other.demands;
        } else {
            self.demands.append(&mut other.demands);
        }
        self.signals.append(&mut other.signals);
        self.stopped.append(&mut other.stopped);
        self.next = [self.next, other.next].into_iter().flatten().min();
        self
    }
}

impl<S: Send> Locality<S> {
    /// Makes the subjects `first..=last` and runs each alone up to `served_from`.
    pub fn begin<M: Model<State = S>>(
        model: &M,
        first: u64,
        last: u64,
        served_from: Moment,
        end: Moment,
    ) -> Self {
        let subjects: Vec<u64> = (first..=last).collect();
        let subjects: Vec<(Context, S)> = subjects
            .into_par_iter()
            .with_max_len(16)
            .map(|subject| {
                let mut context = Context::new(subject, served_from, end);
                let mut state = model.begin(&mut context);
                while let Some(plan) = context.next_before(served_from) {
                    model.wake(&mut state, &mut context, plan);
                }
                (context, state)
            })
            .collect();
        Self::of(first, subjects)
    }

    /// One subject alone, from where it stands.
    pub fn of_one(subject: u64, context: Context, state: S) -> Self {
        Self::of(subject, vec![(context, state)])
    }

    fn of(first: u64, subjects: Vec<(Context, S)>) -> Self {
        let due: Vec<Moment> = subjects.iter().map(|(context, _)| context.next_time()).collect();
        let block_due = due.chunks(BLOCK).map(least).collect();
        Self { first, subjects, due, block_due }
    }

    /// Runs all subjects together up to `until`, window by window, from where they stand.
    ///
    /// Subjects run on the current rayon pool; the result does not depend on its size.
    pub fn run<M: Model<State = S>>(&mut self, model: &M, until: Moment, services: &mut impl Services) {
        let (mut answers, mut passed) = (Vec::new(), Vec::new());
        let earlier = |one: Option<Moment>, other: Option<Moment>| [one, other].into_iter().flatten().min();
        let mut next = earlier(self.due.iter().copied().min(), services.next_due());
        // Windows in which nothing is due are jumped over.
        while let Some(first) = next.filter(|first| *first < until) {
            let border = border_after(first).min(until);
            let mut pass = self.advance(model, border);
            pass.stopped.sort_unstable();
            for (at, subject) in pass.stopped.drain(..) {
                services.withdraw(at, subject);
            }
            pass.signals.sort_unstable();
            for signal in pass.signals.drain(..) {
                model.pass_on(&signal, &mut passed);
            }
            for Passed { subject, at, note } in passed.drain(..) {
                let post = |context: &mut Context| {
                    context.schedule_from(border, at, 0, note);
                };
                pass.next = earlier(pass.next, self.post(subject, post));
            }
            pass.demands.sort_unstable_by_key(|demand| (demand.at, demand.person, demand.sequence));
            let waits = services.next_due().is_some_and(|due| due < border);
            if waits || !pass.demands.is_empty() {
                services.serve(border, &pass.demands, &mut answers);
                for answer in answers.drain(..) {
                    let at = self.post(answer.person, |context| context.answer(answer, border));
                    pass.next = earlier(pass.next, at);
                }
            }
            // The window in which someone who waits may be served is opened for them.
            next = earlier(pass.next, services.next_due().map(|due| due.max(border)));
        }
    }

    /// Puts something on a subject's clock; when it is next due.
    fn post(&mut self, subject: u64, post: impl FnOnce(&mut Context)) -> Option<Moment> {
        let place = subject.checked_sub(self.first)? as usize;
        let (context, _) = self.subjects.get_mut(place)?;
        post(context);
        let at = context.next_time();
        self.due[place] = at;
        let block = &mut self.block_due[place / BLOCK];
        *block = at.min(*block);
        Some(at)
    }

    /// Carries out what is due before `border`.
    fn advance<M: Model<State = S>>(&mut self, model: &M, border: Moment) -> Pass {
        let blocks = self.due.par_chunks_mut(BLOCK).zip(self.subjects.par_chunks_mut(BLOCK));
        blocks
            .zip(self.block_due.par_iter_mut())
            .with_min_len(BLOCKS_PER_TASK)
            .fold(Pass::default, |mut pass, ((dues, subjects), block_due)| {
                if *block_due < border {
                    for (due, (context, state)) in dues.iter_mut().zip(subjects) {
                        if *due < border {
                            while let Some(plan) = context.next_before(border) {
                                model.wake(state, context, plan);
                            }
                            *due = context.next_time();
                            pass.collect(context);
                        }
                    }
                    *block_due = least(dues);
                }
                if *block_due != Moment::NEVER && pass.next.is_none_or(|next| *block_due < next) {
                    pass.next = Some(*block_due);
                }
                pass
            })
            .reduce(Pass::default, Pass::merge)
    }

    /// One subject with its clock.
    pub fn subject(&self, subject: u64) -> Option<&(Context, S)> {
        self.subjects.get(subject.checked_sub(self.first)? as usize)
    }

    /// The subjects in order.
    pub fn into_subjects(self) -> Vec<(Context, S)> {
        self.subjects
    }
}
