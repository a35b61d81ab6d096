//! What a run is judged by: histories read from the truth, activity, waits, and intervals.

mod activity;
mod futures;
mod history;
mod interval;
mod ratio;
mod unit_costs;
mod wait;

pub use activity::{Activity, Group, Measure};
pub(crate) use activity::{each_wait, items_issued};
pub use futures::{PairedOutcome, paired_outcomes};
pub use history::{
    Appointment, AppointmentFate, ConditionSpell, Contact, Course, EmergencyAttendance, Exchange, Followed,
    History, Letter, MedicationCourse, Stay, TrueReading,
};
pub use interval::{Interval, garwood, paired_t, student_t_quantile, wilson};
pub use ratio::RatioSum;
pub use unit_costs::UnitCosts;
pub use wait::{Wait, WaitDistribution};
