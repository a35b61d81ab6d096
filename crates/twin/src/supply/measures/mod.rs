//! What the services did: counts, waits, daily series, occupancy, cost and carbon.

mod histogram;
mod hospital;
mod service;
mod tally;

pub use histogram::Histogram;
pub(crate) use hospital::{EIGHTEEN_WEEKS_DAYS, FOUR_HOURS_MINUTES};
pub use hospital::{EmergencyTally, ReferralSnapshot, ReferralTally, WardMeasures};
pub use service::ServiceKind;
pub use tally::{DayCounts, LeadCounts, LeadTime, ServiceMeasures, Tally};

use super::{ClosedSet, Ward};
use twinloom_event::MICROSECONDS_PER_DAY;

use crate::engine::Moment;

/// Deprivation quintiles.
pub const QUINTILES: usize = 5;
pub(crate) const MINUTE_MICROS: i64 = 60_000_000;
/// Longest daily series, 100 years.
const MAX_DAYS: i64 = 36_525;

/// What the services of one or several localities did from a start on.
///
/// Tables by quintile have the most deprived first.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    first_day: i64,
    services: Vec<ServiceMeasures>,
    wards: Vec<WardMeasures>,
    emergency: [EmergencyTally; QUINTILES],
    referrals: [ReferralTally; QUINTILES],
    snapshots: Vec<ReferralSnapshot>,
}

/// The quintile, 0 = most deprived, of a decile, 1 = most deprived.
pub fn quintile(imd_decile: u8) -> usize {
    usize::from(imd_decile.clamp(1, 10) - 1) / 2
}

impl Default for Measures {
    /// Nothing done, from 1970 on; takes the start of the first that is merged into it.
    fn default() -> Self {
        Self::new(Moment::from_micros(0))
    }
}

impl Measures {
    pub(crate) fn new(start: Moment) -> Self {
        Self {
            first_day: day_of(start),
            services: ServiceKind::all().map(|_| ServiceMeasures::default()).collect(),
            wards: Ward::ALL.iter().map(|_| WardMeasures::default()).collect(),
            emergency: Default::default(),
            referrals: Default::default(),
            snapshots: Vec::new(),
        }
    }

    /// Day of the series' first entry, counted from 1970-01-01.
    pub fn first_day(&self) -> i64 {
        self.first_day
    }

    /// What one service did.
    pub fn service(&self, service: ServiceKind) -> &ServiceMeasures {
        &self.services[service.index()]
    }

    /// What one kind of ward did.
    pub fn ward(&self, ward: Ward) -> &WardMeasures {
        &self.wards[ward.index()]
    }

    /// The emergency department's clock, by quintile.
    pub fn emergency(&self) -> &[EmergencyTally; QUINTILES] {
        &self.emergency
    }

    /// Referrals whose clock stopped at a first attendance, by quintile.
    pub fn referrals(&self) -> &[ReferralTally; QUINTILES] {
        &self.referrals
    }

    /// Referrals still waiting at the first working day of each month.
    pub fn referral_snapshots(&self) -> &[ReferralSnapshot] {
        &self.snapshots
    }

    /// Share of referrals waiting at the snapshots from `from` on that waited at most 18 weeks.
    pub fn waiting_within_18_weeks(&self, from: Moment) -> Option<f64> {
        let counted = self.snapshots.iter().filter(|snapshot| snapshot.day >= day_of(from));
        let (waiting, within) = counted.fold((0, 0), |(waiting, within), snapshot| {
            (waiting + snapshot.waiting, within + snapshot.within_18_weeks)
        });
        (waiting > 0).then(|| within as f64 / waiting as f64)
    }

    /// Cost in pounds of all activity of a quintile.
    pub fn cost_gbp(&self, quintile: usize) -> f64 {
        self.services.iter().map(|service| service.cost_gbp(quintile)).sum()
    }

    /// Carbon dioxide equivalent in kilograms of all activity of a quintile.
    pub fn carbon_kg(&self, quintile: usize) -> f64 {
        self.services.iter().map(|service| service.carbon_kg(quintile)).sum()
    }

    /// Adds what another locality's services did from the same start on.
    pub fn merge(&mut self, other: &Self) {
        if *self == Self::default() {
            self.clone_from(other);
            return;
        }
        for (mine, theirs) in self.services.iter_mut().zip(&other.services) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.wards.iter_mut().zip(&other.wards) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.emergency.iter_mut().zip(&other.emergency) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.referrals.iter_mut().zip(&other.referrals) {
            mine.merge(theirs);
        }
        ReferralSnapshot::merge(&mut self.snapshots, &other.snapshots);
    }

    pub(crate) fn service_mut(&mut self, service: ServiceKind) -> &mut ServiceMeasures {
        &mut self.services[service.index()]
    }

    pub(crate) fn ward_mut(&mut self, ward: Ward) -> &mut WardMeasures {
        &mut self.wards[ward.index()]
    }

    pub(crate) fn emergency_mut(&mut self, quintile: usize) -> &mut EmergencyTally {
        &mut self.emergency[quintile]
    }

    pub(crate) fn referral_mut(&mut self, quintile: usize) -> &mut ReferralTally {
        &mut self.referrals[quintile]
    }

    pub(crate) fn add_snapshot(&mut self, snapshot: ReferralSnapshot) {
        ReferralSnapshot::merge(&mut self.snapshots, &[snapshot]);
    }

    /// The daily counts of a service at a moment; `None` outside the series.
    pub(crate) fn day_mut(&mut self, service: ServiceKind, at: Moment) -> Option<&mut DayCounts> {
        let place = day_of(at) - self.first_day;
        (0..MAX_DAYS).contains(&place).then(|| self.services[service.index()].day_mut(place as usize))
    }

    /// A demand was made.
    pub(crate) fn demanded(&mut self, service: ServiceKind, quintile: usize, at: Moment) {
        self.services[service.index()].quintiles[quintile].demands += 1;
        if let Some(day) = self.day_mut(service, at) {
            day.demands += 1;
        }
    }

    /// A demand was met after a wait, at `at`, with `units` of activity.
    pub(crate) fn attended(
        &mut self,
        service: ServiceKind,
        quintile: usize,
        at: Moment,
        waited_minutes: i64,
        units: f64,
    ) {
        let tally = &mut self.services[service.index()].quintiles[quintile];
        tally.attended += 1;
        tally.units += units;
        tally.wait.add(waited_minutes);
        if let Some(day) = self.day_mut(service, at) {
            day.attended += 1;
        }
    }
}

/// The day, counted from 1970-01-01.
pub(crate) fn day_of(at: Moment) -> i64 {
    at.micros().div_euclid(MICROSECONDS_PER_DAY)
}

/// Minutes from `earlier` to `later`, rounded down.
pub(crate) fn minutes_between(earlier: Moment, later: Moment) -> i64 {
    later.micros().saturating_sub(earlier.micros()).div_euclid(MINUTE_MICROS)
}
