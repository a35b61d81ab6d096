//! Runs a model: one subject alone, or many that share services.

use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};

use super::{Context, Moment, Plan, Request};

/// What happens to subjects.
pub trait Model: Sync {
    /// One subject's state.
    type State: Send;

    /// Makes the subject and schedules their first plans.
    fn begin(&self, context: &mut Context) -> Self::State;

    /// Carries out a plan that is due.
    fn wake(&self, state: &mut Self::State, context: &mut Context, plan: Plan);
}

/// A resource that subjects share.
pub trait Service {
    /// The least time, in microseconds, between a request and its answer; above 0.
    fn lookahead_micros(&self) -> i64;

    /// Serves the requests made since the last call, in order of (time, subject, sequence). No answer
    /// may come before `border`, the end of the window in which the requests were made.
    fn serve(&mut self, border: Moment, requests: &[Request]) -> Vec<Answer>;
}

/// A service's answer: the process that asked is woken at `at` with `note`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When the answer arrives.
    pub at: Moment,
    /// Who gets it.
    pub subject: u64,
    /// The process to wake.
    pub process: u16,
    /// What it is woken with.
    pub note: u32,
}

/// Runs one subject that uses no shared service, from start to end.
pub fn run_alone<M: Model>(model: &M, subject: u64, end: Moment) -> M::State {
    let mut context = Context::new(subject, end);
    let mut state = model.begin(&mut context);
    while let Some(plan) = context.next_before(end) {
        model.wake(&mut state, &mut context, plan);
    }
    state
}

/// Runs subjects `1..=population` that share `services`, window by window; states in subject order.
///
/// Subjects run on the current rayon pool; the result does not depend on its size. Memory holds all
/// subjects at once.
pub fn run_together<M: Model>(
    model: &M,
    population: u64,
    end: Moment,
    services: &mut [Box<dyn Service>],
) -> Vec<M::State> {
    let mut subjects: Vec<(Context, M::State)> = (1..=population)
        .map(|subject| {
            let mut context = Context::new(subject, end);
            let state = model.begin(&mut context);
            (context, state)
        })
        .collect();
    let lookahead = services.iter().map(|service| service.lookahead_micros().max(1)).min();
    // Windows without a plan are jumped over.
    while let Some(first) = subjects.iter().filter_map(|(context, _)| context.next_time()).min() {
        if first >= end {
            break;
        }
        let border = lookahead.map_or(end, |micros| first.plus_micros(micros).min(end));
        subjects.par_iter_mut().for_each(|(context, state)| {
            while let Some(plan) = context.next_before(border) {
                model.wake(state, context, plan);
            }
        });
        let mut requests: Vec<Request> =
            subjects.iter_mut().flat_map(|(context, _)| context.take_requests()).collect();
        requests.sort_unstable();
        for (index, service) in services.iter_mut().enumerate() {
            let own: Vec<Request> =
                requests.iter().copied().filter(|request| usize::from(request.service) == index).collect();
            for answer in service.serve(border, &own) {
                // Subjects are numbered from 1 without gaps.
                if let Some((context, _)) = subjects.get_mut((answer.subject as usize).wrapping_sub(1)) {
                    context.schedule(answer.at.max(border), answer.process, answer.note);
                }
            }
        }
    }
    subjects.into_iter().map(|(_, state)| state).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKey;

    const MINUTE: i64 = 60_000_000;
    const ARRIVE: u32 = 0;

    /// Each subject asks for the clinic once, at a random minute of the day.
    struct Arrivals;

    impl Model for Arrivals {
        type State = (Moment, Option<Moment>);

        fn begin(&self, context: &mut Context) -> Self::State {
            let minute = StreamKey::new(3, "arrival").open(context.subject()).below(600) as i64;
            let at = Moment::from_micros(minute * MINUTE);
            context.schedule(at, 0, ARRIVE);
            (at, None)
        }

        fn wake(&self, state: &mut Self::State, context: &mut Context, plan: Plan) {
            if plan.note == ARRIVE {
                context.request(0, 0, 1);
            } else {
                state.1 = Some(context.now());
            }
        }
    }

    /// Two rooms, twenty minutes each, first come first served; answers when a room is entered, which
    /// takes at least five minutes of checking in.
    struct Clinic {
        free_at: [i64; 2],
    }

    impl Service for Clinic {
        fn lookahead_micros(&self) -> i64 {
            5 * MINUTE
        }

        fn serve(&mut self, border: Moment, requests: &[Request]) -> Vec<Answer> {
            let enter = |request: &Request| {
                let room = usize::from(self.free_at[1] < self.free_at[0]);
                let at = self.free_at[room].max(request.at.micros() + 5 * MINUTE);
                self.free_at[room] = at + 20 * MINUTE;
                assert!(at >= border.micros(), "no answer into the past");
                Answer {
                    at: Moment::from_micros(at),
                    subject: request.subject,
                    process: request.process,
                    note: 1,
                }
            };
            requests.iter().map(enter).collect()
        }
    }

    fn clinic_day(threads: usize) -> Vec<(Moment, Option<Moment>)> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut services: Vec<Box<dyn Service>> = vec![Box::new(Clinic { free_at: [0, 0] })];
            run_together(&Arrivals, 70, Moment::from_micros(100_000 * MINUTE), &mut services)
        })
    }

    #[test]
    fn ref_clinic_queue_serves_as_a_serial_first_come_first_served_queue() {
        let served = clinic_day(2);
        let mut order: Vec<(i64, usize)> =
            served.iter().enumerate().map(|(index, (at, _))| (at.micros(), index)).collect();
        order.sort_unstable();
        let mut free_at = [0_i64; 2];
        for (arrival, index) in order {
            let room = usize::from(free_at[1] < free_at[0]);
            let expected = free_at[room].max(arrival + 5 * MINUTE);
            free_at[room] = expected + 20 * MINUTE;
            assert_eq!(served[index].1, Some(Moment::from_micros(expected)));
        }
        let waited = served.iter().filter(|(at, seen)| seen.unwrap().micros() > at.micros() + 5 * MINUTE);
        assert!(waited.count() > 10, "seventy patients in ten hours keep two rooms busy");
    }

    #[test]
    fn law_windows_do_not_depend_on_threads() {
        assert_eq!(clinic_day(1), clinic_day(4));
    }
}
