//! Services with finite capacity: sessions, clinics, beds, slots and batches, and the waits they cause.
//!
//! People send [`Demand`]s; at the end of each window of the shared clock the services serve those made
//! in it, in order of (time, person, sequence), and hand back [`Answer`]s. Some are answered at once:
//! an appointment is booked, a specimen's batch is known. Others wait within [`Supply`] until their turn
//! comes by acuity, by a rule or for want of a bed, and are answered by a later call.
//!
//! | service | served as |
//! |---|---|
//! | practice (general practitioner, nurse, telephone, home visit) | book of slots, some released late |
//! | out-of-hours, pharmacy, emergency imaging | first come, first served by several servers |
//! | emergency department | triage, then by acuity; people leave unseen |
//! | outpatients, booked imaging | list worked off by a [`Rule`] some days ahead |
//! | wards | emergencies into beds or outlying ones; electives by a [`Rule`] on working days |
//! | laboratory | vans, batches with places, authorisation |
//!
//! # Source
//! Capacities, hours and rates are in `data/supply.toml`, with their sources. The queues' cores are held
//! against Erlang's formula in tests.

mod attendance;
mod beds;
mod book;
mod clinics;
mod community;
mod demand;
mod departures;
mod draws;
mod emergency;
#[cfg(test)]
mod erlang;
mod laboratory;
mod lane;
mod lead;
mod locality;
mod measures;
mod names;
mod opening;
mod parameters;
mod practice;
mod rule;
mod scanners;
mod servers;
mod ward;

pub use demand::{
    Acuity, Answer, Attendance, Clinic, Demand, DemandKind, Modality, Outcome, Priority, Specialty, Urgency,
    Ward,
};
pub use locality::Supply;
pub use measures::{
    DayCounts, EmergencyTally, Histogram, LeadCounts, LeadTime, Measures, QUINTILES, ReferralSnapshot,
    ReferralTally, ServiceKind, ServiceMeasures, Tally, WardMeasures, quintile,
};
pub use names::ClosedSet;
pub use parameters::{
    AttendanceParameters, BedParameters, CallsSpread, ChosenLead, ChosenLeads, EmergencyParameters, Hours,
    HoursError, ImagingParameters, LaboratoryParameters, LaneParameters, LeadRates, ModalityParameters,
    OutOfHoursParameters, OutpatientParameters, PharmacyParameters, PracticeParameters, Rule,
    SessionParameters, SpecialtyParameters, SupplyError, SupplyParameters, UnitCost, WardParameters,
};
