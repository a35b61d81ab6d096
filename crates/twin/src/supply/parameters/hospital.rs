//! Settings of the hospital's services.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Hours, Rule, UnitCost};
use crate::supply::{Modality, Specialty, Ward};

/// The emergency department.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyParameters {
    /// Triage nurses for 1,000 people; at least one in a locality unless 0.
    pub triage_nurses_per_1000: f64,
    /// Time at triage, on average (exponential).
    pub triage_minutes: f64,
    /// Patients who can be under care at once for 1,000 people: cubicles with the staff to use them. A
    /// fraction is on duty for that share of the hours; at least one in a locality unless 0.
    pub care_places_per_1000: f64,
    /// Places in use by hour of the day, relative to their mean.
    pub staffing_by_hour: [f64; 24],
    /// Time under care by triage category 1 to 5, on average.
    pub care_minutes: [f64; 5],
    /// Its standard deviation as a share of the mean (log-normal).
    pub care_variation: f64,
    /// Mean of the time after which people leave unseen by triage category, exponential; 0 = never.
    pub patience_minutes: [f64; 5],
    /// Order in which people are seen.
    pub rule: Rule,
    /// Of one attendance.
    pub cost: UnitCost,
}

/// A list that is worked off by slots on working days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaneParameters {
    /// Slots for 1,000 people in a year.
    pub slots_per_1000_per_year: f64,
    /// Length of a slot.
    pub slot_minutes: u16,
    /// Of one contact.
    pub cost: UnitCost,
}

/// Hospital clinics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutpatientParameters {
    /// Clinic hours on working days.
    pub hours: Hours,
    /// Who is taken first from the list.
    pub rule: Rule,
    /// How many days ahead slots are filled.
    pub notice_days: u16,
    /// Least notice given to people on the routine list.
    pub least_notice_days: u16,
    /// Least notice given to the urgent.
    pub urgent_notice_days: u16,
    /// Share of slots kept for two-week-wait and urgent referrals.
    pub held_for_urgent_share: f64,
    /// How many days before the clinic kept slots go to anyone.
    pub held_release_days: u16,
    /// Extra slots while a list is longer than its specialty's usual, as a share of the usual slots.
    pub initiative_extra_share: f64,
    /// Each specialty's clinics.
    pub specialties: BTreeMap<Specialty, SpecialtyParameters>,
}

/// One specialty's clinics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialtyParameters {
    /// Usual length of the list of first attendances in weeks of work: as long at the start, and extra
    /// clinics, also for follow-ups, are held while a list is longer.
    pub list_weeks: f64,
    /// First attendances.
    pub first: LaneParameters,
    /// Follow-ups.
    pub follow_up: LaneParameters,
}

/// Wards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BedParameters {
    /// Hours in which people are discharged.
    pub discharge_hours: Hours,
    /// Share of those due on a weekend or bank holiday who stay until the next working day.
    pub weekend_hold_share: f64,
    /// From discharge until the bed can be used again.
    pub turnaround_minutes: f64,
    /// Probability that someone aged 65 or over with a stay of at least 3 days waits for care outside.
    pub delayed_discharge_probability: f64,
    /// Days of that wait, on average (exponential).
    pub delayed_discharge_days: f64,
    /// Beds that must stay free for an elective admission to go ahead, as a share of the ward's.
    pub emergency_reserve_share: f64,
    /// Hours after which someone who waits for an emergency bed may lie in any ward for adults, the day
    /// unit among them.
    pub escalation_after_hours: f64,
    /// When elective admissions start on working days.
    pub elective_minute: u16,
    /// Who is taken first from the elective list.
    pub rule: Rule,
    /// Weeks of elective work on each list at the start.
    pub backlog_weeks: f64,
    /// Length of the elective list, in weeks of work, above which more are admitted.
    pub initiative_above_weeks: f64,
    /// Extra admissions then, as a share of the usual.
    pub initiative_extra_share: f64,
    /// Each kind of ward.
    pub wards: BTreeMap<Ward, WardParameters>,
}

/// One kind of ward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WardParameters {
    /// Beds for 1,000 people; at least one in a locality unless 0.
    pub beds_per_1000: f64,
    /// Elective admissions for 1,000 people in a year.
    pub elective_per_1000_per_year: f64,
    /// Wards that may take its emergency patients when it is full, in order.
    pub outliers_to: Vec<Ward>,
    /// Of one bed day.
    pub cost: UnitCost,
}

/// Imaging.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImagingParameters {
    /// Hours of booked slots on working days.
    pub hours: Hours,
    /// Who is taken first from the list.
    pub rule: Rule,
    /// How many days ahead slots are filled.
    pub notice_days: u16,
    /// Least notice given to people on the routine list.
    pub least_notice_days: u16,
    /// Least notice given to the urgent.
    pub urgent_notice_days: u16,
    /// Share of slots kept for urgent requests.
    pub held_for_urgent_share: f64,
    /// How many days before, kept slots go to anyone.
    pub held_release_days: u16,
    /// Weeks of work on each list at the start.
    pub backlog_weeks: f64,
    /// Length of the list, in weeks of work, above which extra sessions are held.
    pub initiative_above_weeks: f64,
    /// Extra slots then, as a share of the usual.
    pub initiative_extra_share: f64,
    /// Machines kept for emergencies day and night for 1,000 people; at least one of each kind unless 0.
    pub emergency_rooms_per_1000: f64,
    /// From an emergency request until the scan can start, on average.
    pub emergency_delay_minutes: f64,
    /// From an emergency scan to its report, on average.
    pub emergency_report_minutes: f64,
    /// Each kind of machine.
    pub modalities: BTreeMap<Modality, ModalityParameters>,
}

/// One kind of imaging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModalityParameters {
    /// Booked slots.
    pub booked: LaneParameters,
    /// From scan to report on average, when two-week-wait or urgent.
    pub urgent_report_days: f64,
    /// From scan to report on average, when routine.
    pub routine_report_days: f64,
}

/// The laboratory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaboratoryParameters {
    /// Minutes of the day at which vans collect on working days, in order.
    pub collection_minutes: Vec<u16>,
    /// From collection to the laboratory's reception.
    pub transport_minutes: f64,
    /// From an urgent specimen to reception.
    pub urgent_transport_minutes: f64,
    /// Time between batches of the analyser.
    pub batch_interval_minutes: u16,
    /// Specimens a batch can hold for 1,000 people; at least one in a locality.
    pub batch_places_per_1000: f64,
    /// From loading a batch to its results.
    pub analysis_minutes: f64,
    /// From loading to result for urgent specimens, which need no batch.
    pub urgent_analysis_minutes: f64,
    /// Share of results that a person must authorise, in laboratory hours.
    pub manual_authorisation_share: f64,
    /// Hours in which results are authorised on working days.
    pub authorisation_hours: Hours,
    /// Of one specimen.
    pub cost: UnitCost,
}
