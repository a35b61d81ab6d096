//! Services that answer one person as the locality's have answered everyone so far.

use rustc_hash::FxHashMap;

use crate::calendar::Calendar;
use crate::engine::{Moment, Services};
use crate::stream::StreamKey;
use crate::supply::{Answer, ClosedSet, Demand, DemandKind, Outcome, Supply};
use crate::world::World;

/// Answers kept of each sort of demand: the latest.
const KEPT: usize = 2_048;

/// What distinguishes demands whose waits differ.
type Sort = (u8, u8, u8);

fn sort_of(kind: &DemandKind) -> Sort {
    match *kind {
        DemandKind::Appointment { clinic, urgency, .. } => (0, clinic.index() as u8, urgency.index() as u8),
        DemandKind::Outpatient { specialty, priority, first, .. } => {
            (1 + u8::from(first), specialty.index() as u8, priority.index() as u8)
        }
        DemandKind::Emergency { acuity, by_ambulance } => (3, acuity.index() as u8, u8::from(by_ambulance)),
        DemandKind::Bed { ward, priority, .. } => (4, ward.index() as u8, priority.index() as u8),
        DemandKind::Imaging { modality, priority } => (5, modality.index() as u8, priority.index() as u8),
        DemandKind::Laboratory { urgent } => (6, u8::from(urgent), 0),
        DemandKind::Pharmacy { .. } => (7, 0, 0),
    }
}

/// The locality's services, with a note of each answer.
pub(super) struct Watched {
    supply: Supply,
    open: FxHashMap<(u64, u32), Demand>,
    seen: FxHashMap<Sort, Vec<(Moment, Outcome)>>,
    /// How many of each sort were seen, to write over the oldest.
    counts: FxHashMap<Sort, usize>,
}

impl Watched {
    pub(super) fn new(supply: Supply) -> Self {
        Self { supply, open: FxHashMap::default(), seen: FxHashMap::default(), counts: FxHashMap::default() }
    }
}

impl Services for Watched {
    fn serve(&mut self, border: Moment, demands: &[Demand], answers: &mut Vec<Answer>) {
        self.open.extend(demands.iter().map(|demand| ((demand.person, demand.sequence), *demand)));
        let first = answers.len();
        self.supply.serve(border, demands, answers);
        for answer in &answers[first..] {
            let Some(demand) = self.open.remove(&(answer.person, answer.sequence)) else { continue };
            let sort = sort_of(&demand.kind);
            let (seen, count) = (self.seen.entry(sort).or_default(), self.counts.entry(sort).or_default());
            if seen.len() < KEPT {
                seen.push((demand.at, answer.outcome));
            } else {
                seen[*count % KEPT] = (demand.at, answer.outcome);
            }
            *count += 1;
        }
    }

    fn next_due(&self) -> Option<Moment> {
        self.supply.next_due()
    }

    fn withdraw(&mut self, at: Moment, person: u64) {
        self.open.retain(|(own, _), _| *own != person);
        self.supply.withdraw(at, person);
    }
}

/// Services of one future.
pub(super) struct Replayed<'a> {
    watched: &'a Watched,
    calendar: &'a Calendar,
    /// For sorts of demand that nobody has made yet: services without a queue.
    idle: Supply,
    key: StreamKey,
    future: u32,
    /// The moment of the fork.
    from: Moment,
    /// How many demands of each sort the person has made in this future.
    counts: FxHashMap<Sort, u64>,
    /// What the person was waiting for at the fork.
    waiting: Vec<Demand>,
}

impl<'a> Replayed<'a> {
    /// `idle` are services without a queue that have come as far as the fork, `from`.
    pub(super) fn new(
        watched: &'a Watched,
        world: &'a World<'_>,
        idle: Supply,
        future: u32,
        from: Moment,
    ) -> Self {
        Self {
            watched,
            calendar: &world.interpreter.calendar,
            idle,
            key: StreamKey::new(world.parameters.seed, "fork/services"),
            future,
            from,
            counts: FxHashMap::default(),
            waiting: Vec::new(),
        }
    }

    /// What was asked before the fork and is still to be answered.
    pub(super) fn waiting_for(mut self, subject: u64) -> Self {
        self.waiting =
            self.watched.open.values().filter(|demand| demand.person == subject).copied().collect();
        self.waiting.sort_unstable_by_key(|demand| demand.sequence);
        self
    }

    fn answer(&mut self, border: Moment, demand: &Demand, answers: &mut Vec<Answer>) {
        let sort = sort_of(&demand.kind);
        let place = self.counts.entry(sort).or_default();
        *place += 1;
        // The n-th demand of a sort draws the same in both arms.
        let sort_number = u64::from(sort.0) << 16 | u64::from(sort.1) << 8 | u64::from(sort.2);
        let stream = demand.person | u64::from(self.future) << 40;
        let mut stream = self.key.open(stream ^ (sort_number << 20) ^ (*place << 54));
        let Some((made, outcome)) =
            self.watched.seen.get(&sort).and_then(|seen| seen.get(stream.below(seen.len())))
        else {
            // Who has waited since before the fork asks again now.
            let now = Demand { at: demand.at.max(border.plus_micros(-1)), ..*demand };
            self.idle.serve(border, &[now], answers);
            return;
        };
        let at = demand.at.max(border);
        let outcome = self.moved(outcome, &demand.kind, at.micros() - made.micros(), border);
        let wake = match outcome {
            Outcome::Appointment { start, .. } => start,
            Outcome::Emergency { departed, .. } => departed,
            Outcome::Bed { admitted, .. } => admitted,
            Outcome::Imaging { reported, .. } => reported,
            Outcome::Laboratory { resulted, .. } => resulted,
            Outcome::Pharmacy { dispensed } => dispensed,
        };
        answers.push(Answer {
            wake: wake.max(border),
            person: demand.person,
            process: demand.process,
            sequence: demand.sequence,
            outcome,
        });
    }

    /// An outcome as it would be so much later; what is booked keeps its time of day and working days.
    fn moved(&self, outcome: &Outcome, kind: &DemandKind, micros: i64, border: Moment) -> Outcome {
        const DAY: i64 = twinloom_event::MICROSECONDS_PER_DAY;
        let later = |at: Moment| at.plus_micros(micros);
        let days = micros.div_euclid(DAY) * DAY;
        let slot = |at: Moment| {
            let mut by = days;
            while at.plus_micros(by) < border
                || !self.calendar.is_working_day(at.plus_micros(by).micros().div_euclid(DAY))
            {
                by += DAY;
            }
            by
        };
        match *outcome {
            Outcome::Appointment { booked, start, called, minutes, clinician, attendance } => {
                let out_of_hours =
                    matches!(kind, DemandKind::Appointment { clinic: crate::supply::Clinic::OutOfHours, .. });
                let by =
                    if out_of_hours { micros.max(border.micros() - start.micros()) } else { slot(start) };
                Outcome::Appointment {
                    booked: later(booked).min(start.plus_micros(by)),
                    start: start.plus_micros(by),
                    called: called.plus_micros(by),
                    minutes,
                    clinician,
                    attendance,
                }
            }
            Outcome::Emergency { triaged, seen, departed, left_unseen } => Outcome::Emergency {
                triaged: later(triaged),
                seen: later(seen),
                departed: later(departed),
                left_unseen,
            },
            Outcome::Bed { requested, admitted, discharged, ward, bed } => {
                let stay = match kind {
                    DemandKind::Bed { stay_days, .. } => f64::from(*stay_days),
                    _ => discharged.days_since(admitted),
                };
                let admitted = later(admitted);
                Outcome::Bed {
                    requested: later(requested),
                    admitted,
                    discharged: admitted.plus_days(stay),
                    ward,
                    bed,
                }
            }
            Outcome::Imaging { taken, reported } => {
                let by = slot(taken);
                Outcome::Imaging { taken: taken.plus_micros(by), reported: reported.plus_micros(by) }
            }
            Outcome::Laboratory { received, resulted } => {
                Outcome::Laboratory { received: later(received), resulted: later(resulted) }
            }
            Outcome::Pharmacy { dispensed } => Outcome::Pharmacy { dispensed: later(dispensed) },
        }
    }
}

impl Services for Replayed<'_> {
    fn serve(&mut self, border: Moment, demands: &[Demand], answers: &mut Vec<Answer>) {
        for demand in std::mem::take(&mut self.waiting).iter().chain(demands) {
            self.answer(border, demand, answers);
        }
        self.idle.serve(border, &[], answers);
    }

    fn next_due(&self) -> Option<Moment> {
        if self.waiting.is_empty() { self.idle.next_due() } else { Some(self.from) }
    }

    fn withdraw(&mut self, at: Moment, person: u64) {
        self.waiting.clear();
        self.idle.withdraw(at, person);
    }
}
