//! Services with finite capacity: sessions, clinics, beds, slots and batches, and the waits they cause.
//!
//! People send [`Demand`]s; at the end of each window of the shared clock the services serve those made
//! in it, in order of (time, person, sequence), and hand back [`Answer`]s.

mod demand;
mod locality;
mod measures;
mod names;
mod parameters;

pub use demand::{
    Acuity, Answer, Attendance, Clinic, Demand, DemandKind, Modality, Outcome, Priority, Specialty, Urgency,
    Ward,
};
pub use locality::Supply;
pub use measures::Measures;
pub use names::ClosedSet;
pub use parameters::SupplyParameters;
