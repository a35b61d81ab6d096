//! Settings of general practice, out-of-hours care and pharmacies.

use serde::{Deserialize, Serialize};

use super::{Hours, UnitCost};

/// Rates by the time between booking and appointment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadRates {
    /// Booked for the same day.
    pub same_day: f64,
    /// Booked for the next day.
    pub next_day: f64,
    /// Booked 2 to 7 days ahead.
    pub within_week: f64,
    /// Booked 8 to 14 days ahead.
    pub within_fortnight: f64,
    /// Booked further ahead.
    pub later: f64,
}

impl LeadRates {
    /// The rate at a lead of whole calendar days.
    pub(crate) fn at(&self, lead_days: i64) -> f64 {
        match lead_days {
            ..=0 => self.same_day,
            1 => self.next_day,
            2..=7 => self.within_week,
            8..=14 => self.within_fortnight,
            _ => self.later,
        }
    }
}

/// How booked people behave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttendanceParameters {
    /// Probability of not attending an appointment in primary care.
    pub did_not_attend: LeadRates,
    /// Probability of not attending a hospital clinic or scan.
    pub hospital_did_not_attend: f64,
    /// Probability that the person cancels; the slot is offered again.
    pub cancelled_by_patient: LeadRates,
    /// Probability that a hospital clinic or scan is cancelled by the hospital.
    pub hospital_cancelled_by_provider: f64,
}

/// Sessions of one kind in general practice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionParameters {
    /// Slots for 1,000 registered people in a week without bank holidays.
    pub slots_per_1000_per_week: f64,
    /// Length of a slot; longer contacts take several.
    pub slot_minutes: u16,
    /// The day's sessions, in order, apart from each other, of at most 64 slots.
    pub sessions: Vec<Hours>,
    /// How a week's slots are shared out over Monday to Friday.
    pub weekday_shares: [f64; 5],
    /// Share of slots that are released on the day.
    pub same_day_share: f64,
    /// Share of slots that are released a few days before.
    pub soon_share: f64,
    /// How many days before.
    pub soon_release_days: u16,
    /// How far ahead can be booked.
    pub horizon_days: u16,
    /// Days until the next free routine slot above which extra sessions are held on the day.
    pub extra_above_days: u16,
    /// Extra slots then, as a share of the usual.
    pub extra_share: f64,
    /// Probability that a clinician is away and the session's bookings are cancelled on the day.
    pub session_lost_probability: f64,
    /// How much later a session runs after each hour, at most.
    pub late_minutes_per_hour: f64,
    /// Of one contact.
    pub cost: UnitCost,
}

/// How far ahead people book by choice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenLead {
    /// Share who take the first free slot.
    pub first_free_share: f64,
    /// Days ahead for which the others ask, in the middle.
    pub median_days: f64,
    /// Standard deviation of the logarithm of those days.
    pub spread: f64,
}

/// How far ahead people book by choice, by how soon they want to be seen; those who want to be seen
/// today take the first free slot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenLeads {
    /// Within days.
    pub soon: ChosenLead,
    /// Reviews, results, repeat contacts.
    pub routine: ChosenLead,
}

/// Working days over which people call whose need arose while the practice was shut for a day or more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsSpread {
    /// Of those who want to be seen within days.
    pub soon: u16,
    /// Of the others.
    pub routine: u16,
}

/// Sessions of general practices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PracticeParameters {
    /// Face to face with a general practitioner.
    pub general_practitioner: SessionParameters,
    /// Nurses and other staff.
    pub nurse: SessionParameters,
    /// By telephone.
    pub telephone: SessionParameters,
    /// At home.
    pub home_visit: SessionParameters,
    /// Hours on working days in which appointments are given; who asks at other times is answered when
    /// they next begin.
    pub calls: Hours,
    /// When routine requests begin to be answered.
    pub routine_calls_from_minute: u16,
    /// Over how many working days people call whose need arose on a day off.
    pub calls_spread_days: CallsSpread,
    /// When a practice knows that a clinician is away.
    pub absence_known_minute: u16,
    /// How far ahead people book by choice.
    pub lead: ChosenLeads,
}

/// Care at nights, weekends and bank holidays.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutOfHoursParameters {
    /// Clinicians on duty for 1,000 people; at least one in a locality unless 0.
    pub clinicians_per_1000: f64,
    /// Practices' contracted hours on working days, in which this service is shut.
    pub shut: Hours,
    /// From the call to the earliest contact.
    pub call_back_minutes: f64,
    /// Of one contact.
    pub cost: UnitCost,
}

/// Dispensing in the community.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PharmacyParameters {
    /// Open Monday to Friday except bank holidays.
    pub weekday_hours: Hours,
    /// Open on Saturdays except bank holidays.
    pub saturday_hours: Hours,
    /// Dispensing places for 1,000 people; at least one in a locality unless 0.
    pub dispensers_per_1000: f64,
    /// Work per item.
    pub minutes_per_item: f64,
    /// From the prescription to the person's visit, on average.
    pub visit_delay_days: f64,
    /// Of one item.
    pub cost: UnitCost,
}
