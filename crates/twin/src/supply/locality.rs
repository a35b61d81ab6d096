//! All services of one locality.

use super::{Answer, Attendance, Demand, DemandKind, Measures, Outcome, SupplyParameters};
use crate::engine::Moment;

/// The services of one locality: its practices and its share of a hospital.
///
/// # Determinism
/// Answers depend on the parameters, the seed, the locality and the demands alone.
#[derive(Clone, Debug)]
pub struct Supply {
    measures: Measures,
}

impl Supply {
    /// Opens the services for `people` registered with `practices` practices, from `start`.
    pub fn new(
        _parameters: &SupplyParameters,
        _people: u64,
        _practices: u16,
        _start: Moment,
        _seed: u64,
        _locality: u64,
    ) -> Self {
        Self { measures: Measures::default() }
    }

    /// Serves the demands made before `border` and since the last call, in order of (time, person,
    /// sequence), and carries on with those that wait.
    ///
    /// Every demand gets exactly one answer, in this call or (those that queue for a clinician, a
    /// waiting list or a bed) in a later one; no answer wakes before `border`. Borders must not go back.
    /// May be called without demands.
    pub fn serve(&mut self, border: Moment, demands: &[Demand], answers: &mut Vec<Answer>) {
        for demand in demands {
            let at = demand.at;
            let later = |days: f64| at.plus_days(days);
            let (wake, outcome) = match demand.kind {
                DemandKind::Appointment { earliest, minutes, .. } => {
                    let start = earliest.max(at).plus_days(3.0);
                    (
                        start,
                        Outcome::Appointment {
                            booked: at,
                            start,
                            called: start,
                            minutes,
                            clinician: 0,
                            attendance: Attendance::Attended,
                        },
                    )
                }
                DemandKind::Outpatient { earliest, .. } => {
                    let start = earliest.max(at).plus_days(60.0);
                    (
                        start,
                        Outcome::Appointment {
                            booked: at,
                            start,
                            called: start,
                            minutes: 20,
                            clinician: 0,
                            attendance: Attendance::Attended,
                        },
                    )
                }
                DemandKind::Emergency { .. } => (
                    later(0.15),
                    Outcome::Emergency {
                        triaged: later(0.01),
                        seen: later(0.05),
                        departed: later(0.15),
                        left_unseen: false,
                    },
                ),
                DemandKind::Bed { ward, stay_days, earliest, .. } => {
                    let admitted = earliest.max(at);
                    (
                        admitted,
                        Outcome::Bed {
                            requested: at,
                            admitted,
                            discharged: admitted.plus_days(f64::from(stay_days)),
                            ward,
                            bed: 0,
                        },
                    )
                }
                DemandKind::Imaging { .. } => {
                    (later(22.0), Outcome::Imaging { taken: later(20.0), reported: later(22.0) })
                }
                DemandKind::Laboratory { .. } => {
                    (later(1.0), Outcome::Laboratory { received: later(0.2), resulted: later(1.0) })
                }
                DemandKind::Pharmacy { .. } => (later(1.0), Outcome::Pharmacy { dispensed: later(1.0) }),
            };
            self.measures.answered += 1;
            answers.push(Answer {
                wake: wake.max(border),
                person: demand.person,
                process: demand.process,
                sequence: demand.sequence,
                outcome,
            });
        }
    }

    /// The border of the earliest call of [`Supply::serve`] that may answer someone who waits now;
    /// `None` when nobody waits. Windows without demands need no call before it.
    pub fn next_due(&self) -> Option<Moment> {
        None
    }

    /// Takes someone who died or moved away off all lists and out of their bed. What they still wait
    /// for is not answered any more.
    pub fn withdraw(&mut self, _at: Moment, _person: u64) {}

    /// What the services did so far.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// Counts who still waits at the end of the run and hands over what the services did.
    pub fn close(self, _end: Moment) -> Measures {
        self.measures
    }
}
