//! The Encounter state: which service, how soon, for how long, and what it finds out.

use super::names::Names;
use super::node::Node;
use super::quantity::read_distribution;
use super::words::{read_acuity, read_flag, read_service, read_word};
use super::{PathwayError, States};
use crate::contact::Service;
use crate::distribution::Distribution;
use crate::patient::CodeId;
use crate::supply::{Acuity, Priority, Specialty, Urgency, Ward};

/// A contact that a module asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EncounterSpec {
    pub(crate) service: Service,
    pub(crate) code: CodeId,
    pub(crate) reason: Option<CodeId>,
    pub(crate) minutes: f64,
    /// Days from the wish for a contact to the first day on which it may be.
    pub(crate) wait_days: Distribution,
    pub(crate) specialty: Specialty,
    pub(crate) ward: Ward,
    pub(crate) priority: Priority,
    pub(crate) urgency: Urgency,
    pub(crate) acuity: Acuity,
    pub(crate) by_ambulance: bool,
    /// A first attendance, which takes a referral.
    pub(crate) first: bool,
    pub(crate) stay_days: Distribution,
    /// Conditions that the contact finds if the person has them.
    pub(crate) diagnoses: Vec<CodeId>,
    /// Where to go if the person was not seen.
    pub(crate) on_missed: Option<u16>,
    /// Whether the hospital writes to the practice afterwards.
    pub(crate) letter: bool,
}

/// Mean days in a bed where a module does not say: an assumption of this release.
const USUAL_STAY_DAYS: f64 = 4.0;
/// Days in a bed of a day case.
const DAY_CASE_DAYS: f64 = 0.3;

impl EncounterSpec {
    pub(super) fn read(
        node: &Node<'_>,
        names: &mut Names,
        states: &States<'_>,
    ) -> Result<Self, PathwayError> {
        let service = match read_service(node)? {
            Some(service) => service,
            None => service_of_class(node)?,
        };
        let reason = match node.get("reason") {
            // A reason that names a state or an attribute is resolved by neither the GP nor the twin.
            Some(reason) if reason.json().is_object() => Some(names.code(&reason)?),
            _ => None,
        };
        let exact = |value| Distribution::Exact { value };
        let (minutes, wait) = match service {
            Service::Telephone => (8.0, Distribution::Exponential { mean: 3.0 }),
            Service::GeneralPractitioner | Service::Nurse => (10.0, Distribution::Exponential { mean: 3.0 }),
            Service::HomeVisit => (25.0, Distribution::Exponential { mean: 1.0 }),
            Service::OutOfHours => (15.0, exact(0.0)),
            Service::Outpatient => (20.0, Distribution::Exponential { mean: 60.0 }),
            Service::Emergency => (180.0, exact(0.0)),
            Service::Inpatient | Service::DayCase => (60.0, exact(0.0)),
        };
        let minutes = match node.number_of("duration_minutes")? {
            Some(given) if !(1.0..=1440.0).contains(&given) => {
                return Err(node.error(format!("duration_minutes is {given}; permitted: 1 to 1440")));
            }
            given => given.unwrap_or(minutes),
        };
        let wait_days = match node.get("wait_days") {
            Some(days) => read_distribution(&days)?,
            None => wait,
        };
        // Unsaid, how soon a contact is wanted is read off how long it was waited for.
        let usual_urgency = match wait_days.mean() {
            days if days <= 1.0 => Urgency::SameDay,
            days if days <= 7.0 => Urgency::Soon,
            _ => Urgency::Routine,
        };
        let usual_priority = match service {
            Service::Inpatient => Priority::Emergency,
            _ => Priority::Routine,
        };
        let ward = if service == Service::DayCase { Ward::DayCase } else { Ward::Medical };
        Ok(Self {
            service,
            code: match node.get("codes") {
                Some(codes) => names.code_list(&codes)?[0],
                None => return Err(node.error("lacks the field \"codes\"")),
            },
            reason,
            minutes,
            wait_days,
            specialty: read_word(node, "specialty")?.unwrap_or(Specialty::GeneralMedicine),
            ward: read_word(node, "ward")?.unwrap_or(ward),
            priority: read_word(node, "priority")?.unwrap_or(usual_priority),
            urgency: read_word(node, "urgency")?.unwrap_or(usual_urgency),
            acuity: read_acuity(node)?.unwrap_or(Acuity::Urgent),
            by_ambulance: read_flag(node, "by_ambulance", false)?,
            first: read_flag(node, "first", false)?,
            stay_days: match node.get("stay_days") {
                Some(days) => read_distribution(&days)?,
                None if service == Service::DayCase => exact(DAY_CASE_DAYS),
                None => Distribution::Exponential { mean: USUAL_STAY_DAYS },
            },
            diagnoses: node.get("diagnoses").map_or(Ok(Vec::new()), |codes| names.code_list(&codes))?,
            on_missed: node.get("on_missed").map(|state| states.local(&state)).transpose()?,
            letter: read_flag(node, "letter", true)?,
        })
    }
}

/// The service that the framework's class of encounter means in England.
fn service_of_class(node: &Node<'_>) -> Result<Service, PathwayError> {
    if node.get("wellness").is_some_and(|flag| flag.json().as_bool() == Some(true)) {
        return Ok(Service::GeneralPractitioner);
    }
    Ok(match node.text_of("encounter_class")? {
        Some("ambulatory" | "wellness") => Service::GeneralPractitioner,
        Some("home") => Service::HomeVisit,
        Some("virtual") => Service::Telephone,
        Some("outpatient") => Service::Outpatient,
        Some("emergency" | "urgentcare") => Service::Emergency,
        Some("inpatient" | "snf" | "hospice") => Service::Inpatient,
        other => {
            return Err(node.error(format!(
                "encounter class {other:?} is unknown; permitted: ambulatory, wellness, home, virtual, outpatient, emergency, urgentcare, inpatient, snf, hospice"
            )));
        }
    })
}
