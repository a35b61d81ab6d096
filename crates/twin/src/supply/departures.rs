//! The emergency department's clock of those who go on to a bed.

use rustc_hash::FxHashMap;

use super::beds::EmergencyAdmission;
use super::measures::{FOUR_HOURS_MINUTES, Measures, minutes_between, quintile};
use super::{Answer, Demand, Outcome};
use crate::engine::Moment;

/// A bed asked for later than this after departure has nothing to do with the attendance.
const SAME_ATTENDANCE_MINUTES: i64 = 360;
/// Attendances and waits for beds beyond this are not followed.
const FOLLOWED_MINUTES: i64 = 14 * 24 * 60;
const TWELVE_HOURS_MINUTES: i64 = 720;

/// Someone's last attendance.
#[derive(Clone, Copy, Debug)]
struct Attendance {
    arrived: Moment,
    departed: Option<Moment>,
    quintile: usize,
}

/// Recent attendances by person; looked up, never listed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Departures {
    recent: FxHashMap<u64, Attendance>,
}

impl Departures {
    /// Someone arrives at the department.
    pub(crate) fn arrive(&mut self, demand: &Demand) {
        let attendance =
            Attendance { arrived: demand.at, departed: None, quintile: quintile(demand.imd_decile) };
        self.recent.insert(demand.person, attendance);
    }

    /// Attendances that were answered.
    pub(crate) fn note(&mut self, answers: &[Answer]) {
        for answer in answers {
            if let (Outcome::Emergency { departed, .. }, Some(attendance)) =
                (answer.outcome, self.recent.get_mut(&answer.person))
            {
                attendance.departed = Some(departed);
            }
        }
    }

    /// Runs the clock on to the bed for those admitted, and forgets what is long past.
    pub(crate) fn settle(
        &mut self,
        border: Moment,
        admissions: &mut Vec<EmergencyAdmission>,
        measures: &mut Measures,
    ) {
        for admission in admissions.drain(..) {
            let Some(attendance) = self.recent.get(&admission.person) else { continue };
            let Some(departed) = attendance.departed else { continue };
            if minutes_between(departed, admission.requested) > SAME_ATTENDANCE_MINUTES {
                continue;
            }
            let tally = measures.emergency_mut(attendance.quintile);
            let was_within = minutes_between(attendance.arrived, departed) <= FOUR_HOURS_MINUTES;
            let is_within = minutes_between(attendance.arrived, admission.admitted) <= FOUR_HOURS_MINUTES;
            tally.within_4_hours -= u64::from(was_within && !is_within);
            let waited = minutes_between(admission.requested, admission.admitted);
            tally.bed_after_12_hours += u64::from(waited > TWELVE_HOURS_MINUTES);
            self.recent.remove(&admission.person);
        }
        let too_old =
            |attendance: &Attendance| minutes_between(attendance.arrived, border) > FOLLOWED_MINUTES;
        if self.recent.len() > 1_000 {
            self.recent.retain(|_, attendance| !too_old(attendance));
        }
    }
}
