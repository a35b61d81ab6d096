//! Subjects that share a queue are served as a serial queue would serve them.

use super::{ANSWERED, Context, Locality, Model, Moment, Passed, Plan, Services, Signal, WINDOW_MICROS};
use crate::stream::StreamKey;
use crate::supply::{Answer, Demand, DemandKind, Outcome};

const MINUTE: i64 = 60_000_000;
const END: Moment = Moment::from_micros(400 * 24 * 60 * MINUTE);
const SERVICE_MINUTES: i64 = 200;

/// Each subject asks once, at a random minute of ten days; who is served tells the next in number.
struct Arrivals;

#[derive(Clone, Debug, PartialEq)]
struct Visit {
    asked: Moment,
    served: Option<Moment>,
    told: Option<Moment>,
}

impl Model for Arrivals {
    type State = Visit;

    fn begin(&self, context: &mut Context) -> Visit {
        let minute = StreamKey::new(3, "arrival").open(context.subject()).below(14_400) as i64;
        let asked = Moment::from_micros(minute * MINUTE);
        context.schedule(asked, 0, 0);
        Visit { asked, served: None, told: None }
    }

    fn wake(&self, state: &mut Visit, context: &mut Context, plan: Plan) {
        let (now, person) = (context.now(), context.subject());
        match plan.note {
            ANSWERED => {
                if let Some((_, Outcome::Pharmacy { dispensed })) = context.take_answer(&plan) {
                    state.served = Some(dispensed);
                    context.signal(1);
                }
            }
            1 => state.told = Some(now),
            _ => {
                context.demand(|sequence| Demand {
                    at: now,
                    person,
                    sequence,
                    process: 0,
                    kind: DemandKind::Pharmacy { items: 1 },
                    practice: 0,
                    age_years: 40.0,
                    imd_decile: 5,
                    missing_ratio: 1.0,
                });
            }
        }
    }

    fn pass_on(&self, signal: &Signal, out: &mut Vec<Passed>) {
        out.push(Passed { subject: signal.subject + 1, at: signal.at, note: signal.what });
    }
}

/// Two clerks, first come first served.
struct Counter {
    free_at: [i64; 2],
}

impl Counter {
    fn serve_one(&mut self, at: i64) -> i64 {
        let clerk = usize::from(self.free_at[1] < self.free_at[0]);
        let begins = self.free_at[clerk].max(at);
        self.free_at[clerk] = begins + SERVICE_MINUTES * MINUTE;
        begins
    }
}

impl Services for Counter {
    fn serve(&mut self, border: Moment, demands: &[Demand], answers: &mut Vec<Answer>) {
        for demand in demands {
            assert!(demand.at < border && border.micros() - demand.at.micros() <= WINDOW_MICROS);
            let dispensed = Moment::from_micros(self.serve_one(demand.at.micros()));
            answers.push(Answer {
                wake: dispensed.max(border),
                person: demand.person,
                process: demand.process,
                sequence: demand.sequence,
                outcome: Outcome::Pharmacy { dispensed },
            });
        }
    }

    fn next_due(&self) -> Option<Moment> {
        None
    }

    fn withdraw(&mut self, _at: Moment, _person: u64) {}
}

fn days(threads: usize, halfway: Option<Moment>) -> Vec<Visit> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut locality = Locality::begin(&Arrivals, 1, 150, Moment::from_micros(0), END);
        let mut counter = Counter { free_at: [0, 0] };
        if let Some(halfway) = halfway {
            locality.run(&Arrivals, halfway, &mut counter);
        }
        locality.run(&Arrivals, END, &mut counter);
        locality.into_subjects().into_iter().map(|(_, visit)| visit).collect()
    })
}

#[test]
fn ref_windows_serve_as_a_serial_first_come_first_served_queue() {
    let visits = days(2, None);
    let mut order: Vec<(i64, usize)> =
        visits.iter().enumerate().map(|(index, visit)| (visit.asked.micros(), index)).collect();
    order.sort_unstable();
    let (mut counter, mut waited) = (Counter { free_at: [0, 0] }, 0);
    for (asked, index) in order {
        let expected = counter.serve_one(asked);
        assert_eq!(visits[index].served, Some(Moment::from_micros(expected)));
        waited += usize::from(expected > asked);
    }
    assert!(waited > 50, "{waited}");
}

#[test]
fn law_signals_reach_others_and_never_the_past() {
    let visits = days(2, None);
    for pair in visits.windows(2) {
        assert!(pair[1].told.is_some() && pair[1].told >= pair[0].served, "{pair:?}");
    }
}

#[test]
fn law_windows_do_not_depend_on_threads_nor_on_pauses_between_them() {
    let one = days(1, None);
    assert_eq!(one, days(4, None));
    let border = Moment::from_micros(30 * WINDOW_MICROS);
    assert_eq!(one, days(2, Some(border)));
}
