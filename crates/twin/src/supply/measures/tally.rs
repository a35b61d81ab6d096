//! Counts of one service.

use super::{Histogram, QUINTILES};
use crate::supply::Attendance;
use crate::supply::parameters::UnitCost;

/// Time between booking and appointment, in the bands of the national publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // Each name is the band's own.
pub enum LeadTime {
    SameDay,
    NextDay,
    TwoToSevenDays,
    EightToFourteenDays,
    FifteenToTwentyOneDays,
    TwentyTwoToTwentyEightDays,
    Longer,
}

impl LeadTime {
    /// Every band, in order.
    pub const ALL: [Self; 7] = [
        Self::SameDay,
        Self::NextDay,
        Self::TwoToSevenDays,
        Self::EightToFourteenDays,
        Self::FifteenToTwentyOneDays,
        Self::TwentyTwoToTwentyEightDays,
        Self::Longer,
    ];

    /// The band of a number of calendar days.
    pub fn of_days(days: i64) -> Self {
        match days {
            ..=0 => Self::SameDay,
            1 => Self::NextDay,
            2..=7 => Self::TwoToSevenDays,
            8..=14 => Self::EightToFourteenDays,
            15..=21 => Self::FifteenToTwentyOneDays,
            22..=28 => Self::TwentyTwoToTwentyEightDays,
            _ => Self::Longer,
        }
    }
}

/// What became of appointments with one lead time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeadCounts {
    /// Attended.
    pub attended: u64,
    /// Not attended.
    pub did_not_attend: u64,
    /// Cancelled by either side.
    pub cancelled: u64,
}

/// One service's counts in one quintile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Demands made.
    pub demands: u64,
    /// Appointments made; a demand met without one has none.
    pub booked: u64,
    /// Demands met.
    pub attended: u64,
    /// Appointments missed.
    pub did_not_attend: u64,
    /// Appointments that the person cancelled.
    pub cancelled_by_patient: u64,
    /// Appointments that the service cancelled.
    pub cancelled_by_provider: u64,
    /// Demands for which nothing was free as far ahead as can be booked.
    pub not_offered: u64,
    /// Units of activity that are paid for: contacts, items, or bed days.
    pub units: f64,
    /// From demand (or the earliest time asked for) to its being met, of those met.
    pub wait: Histogram,
}

/// One service's counts on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCounts {
    /// Demands made.
    pub demands: u32,
    /// Demands met.
    pub attended: u32,
    /// Appointments of the day that were missed.
    pub did_not_attend: u32,
    /// Appointments of the day that were cancelled.
    pub cancelled: u32,
    /// People on the list that morning.
    pub waiting: u32,
}

/// What one service did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceMeasures {
    /// By deprivation quintile, most deprived first.
    pub quintiles: [Tally; QUINTILES],
    /// By time between booking and appointment, in the order of [`LeadTime::ALL`].
    pub by_lead_time: [LeadCounts; 7],
    /// By day.
    pub days: Vec<DayCounts>,
    /// Minutes of slots held up to now.
    pub offered_minutes: u64,
    /// Of those, minutes of slots that had been booked and not given back in time.
    pub used_minutes: u64,
    /// People who wait at the end of the run.
    pub waiting_at_end: u64,
    /// Of one unit of activity.
    pub(crate) cost: UnitCost,
}

impl ServiceMeasures {
    /// All quintiles together.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in &self.quintiles {
            total.merge(tally);
        }
        total
    }

    /// Share of offered time that was used; `None` where no slots are offered.
    pub fn utilisation(&self) -> Option<f64> {
        (self.offered_minutes > 0).then(|| self.used_minutes as f64 / self.offered_minutes as f64)
    }

    /// Cost in pounds of a quintile's activity.
    pub fn cost_gbp(&self, quintile: usize) -> f64 {
        self.quintiles[quintile].units * self.cost.gbp
    }

    /// Carbon dioxide equivalent in kilograms of a quintile's activity.
    pub fn carbon_kg(&self, quintile: usize) -> f64 {
        self.quintiles[quintile].units * self.cost.carbon_kg
    }

    pub(super) fn day_mut(&mut self, place: usize) -> &mut DayCounts {
        if self.days.len() <= place {
            self.days.resize(place + 1, DayCounts::default());
        }
        &mut self.days[place]
    }

    /// An appointment's fate, with the time between booking and it.
    pub(crate) fn fated(&mut self, quintile: usize, lead_days: i64, attendance: Attendance) {
        let tally = &mut self.quintiles[quintile];
        let lead = &mut self.by_lead_time[LeadTime::of_days(lead_days) as usize];
        tally.booked += 1;
        match attendance {
            // Counted with its wait.
            Attendance::Attended => lead.attended += 1,
            Attendance::DidNotAttend => {
                tally.did_not_attend += 1;
                lead.did_not_attend += 1;
            }
            Attendance::CancelledByPatient => {
                tally.cancelled_by_patient += 1;
                lead.cancelled += 1;
            }
            Attendance::CancelledByProvider => {
                tally.cancelled_by_provider += 1;
                lead.cancelled += 1;
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.quintiles.iter_mut().zip(&other.quintiles) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.by_lead_time.iter_mut().zip(&other.by_lead_time) {
            mine.attended += theirs.attended;
            mine.did_not_attend += theirs.did_not_attend;
            mine.cancelled += theirs.cancelled;
        }
        if self.days.len() < other.days.len() {
            self.days.resize(other.days.len(), DayCounts::default());
        }
        for (mine, theirs) in self.days.iter_mut().zip(&other.days) {
            mine.demands += theirs.demands;
            mine.attended += theirs.attended;
            mine.did_not_attend += theirs.did_not_attend;
            mine.cancelled += theirs.cancelled;
            mine.waiting += theirs.waiting;
        }
        self.offered_minutes += other.offered_minutes;
        self.used_minutes += other.used_minutes;
        self.waiting_at_end += other.waiting_at_end;
        self.cost = other.cost;
    }
}

impl Tally {
    fn merge(&mut self, other: &Self) {
        self.demands += other.demands;
        self.booked += other.booked;
        self.attended += other.attended;
        self.did_not_attend += other.did_not_attend;
        self.cancelled_by_patient += other.cancelled_by_patient;
        self.cancelled_by_provider += other.cancelled_by_provider;
        self.not_offered += other.not_offered;
        self.units += other.units;
        self.wait.merge(&other.wait);
    }
}
