//! Counts that only a hospital has: occupancy, the 4-hour clock, the 18-week clock.

use super::Histogram;

/// Minutes of the emergency department's clock.
pub(crate) const FOUR_HOURS_MINUTES: i64 = 240;
/// Days of the referral-to-treatment clock.
pub(crate) const EIGHTEEN_WEEKS_DAYS: i64 = 126;

/// What one kind of ward did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WardMeasures {
    /// Beds open.
    pub beds: u64,
    /// Beds occupied at the end of each day.
    pub occupied_at_midnight: Vec<u32>,
    /// The most beds occupied at any time; of several localities, the sum of each one's.
    pub most_occupied: u64,
    /// Its patients who lay in another kind of ward.
    pub outliers: u64,
    /// Elective admissions put off for want of a bed.
    pub put_off_without_bed: u64,
}

impl WardMeasures {
    /// Mean share of beds occupied at midnight from a day of the series on; `None` without beds or days.
    pub fn occupancy(&self, from_day: usize) -> Option<f64> {
        let days = self.occupied_at_midnight.get(from_day..)?;
        if days.is_empty() || self.beds == 0 {
            return None;
        }
        let occupied: u64 = days.iter().map(|count| u64::from(*count)).sum();
        Some(occupied as f64 / (days.len() as f64 * self.beds as f64))
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.beds += other.beds;
        self.most_occupied += other.most_occupied;
        self.outliers += other.outliers;
        self.put_off_without_bed += other.put_off_without_bed;
        if self.occupied_at_midnight.len() < other.occupied_at_midnight.len() {
            self.occupied_at_midnight.resize(other.occupied_at_midnight.len(), 0);
        }
        for (mine, theirs) in self.occupied_at_midnight.iter_mut().zip(&other.occupied_at_midnight) {
            *mine += theirs;
        }
    }
}

/// The emergency department's clock: from arrival to departure, or to the bed of those admitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmergencyTally {
    /// Attendances that ended.
    pub attendances: u64,
    /// Ended within 4 hours.
    pub within_4_hours: u64,
    /// Left before being seen.
    pub left_unseen: u64,
    /// Of those admitted, in a bed more than 12 hours after the decision to admit.
    pub bed_after_12_hours: u64,
    /// From arrival to departure, without the wait for a bed.
    pub stay: Histogram,
}

impl EmergencyTally {
    /// Attendances that took longer than 4 hours.
    pub fn breaches(&self) -> u64 {
        self.attendances - self.within_4_hours
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.attendances += other.attendances;
        self.within_4_hours += other.within_4_hours;
        self.left_unseen += other.left_unseen;
        self.bed_after_12_hours += other.bed_after_12_hours;
        self.stay.merge(&other.stay);
    }
}

/// Referrals whose clock stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferralTally {
    /// Clocks stopped at a first attendance.
    pub stopped: u64,
    /// Of those, within 18 weeks.
    pub within_18_weeks: u64,
    /// From referral to first attendance.
    pub wait: Histogram,
}

impl ReferralTally {
    /// Clocks that stopped after more than 18 weeks.
    pub fn breaches(&self) -> u64 {
        self.stopped - self.within_18_weeks
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.stopped += other.stopped;
        self.within_18_weeks += other.within_18_weeks;
        self.wait.merge(&other.wait);
    }
}

/// Referrals that waited for a first attendance on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReferralSnapshot {
    /// The day, counted from 1970-01-01.
    pub day: i64,
    /// Waiting, whether or not booked.
    pub waiting: u64,
    /// Of those, for at most 18 weeks.
    pub within_18_weeks: u64,
}

impl ReferralSnapshot {
    /// Adds snapshots to others, both in order of day.
    pub(super) fn merge(into: &mut Vec<Self>, others: &[Self]) {
        for other in others {
            match into.binary_search_by_key(&other.day, |snapshot| snapshot.day) {
                Ok(place) => {
                    into[place].waiting += other.waiting;
                    into[place].within_18_weeks += other.within_18_weeks;
                }
                Err(place) => into.insert(place, *other),
            }
        }
    }
}
