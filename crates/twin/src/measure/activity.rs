//! Activity, outcomes and waits of a group of people over a period: what scenarios are compared by.

use serde::Serialize;
use twinloom_event::Timestamp;

use super::history::{AppointmentFate, Followed, History, MedicationCourse, at_the_practice};
use super::unit_costs::UnitCosts;
use super::wait::{Wait, WaitDistribution};

/// A group that is reported on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Everybody.
    Everyone,
    /// A fifth of England by deprivation, 1 = most deprived.
    Quintile(u8),
}

impl Group {
    /// Everybody first, then the quintiles from the most deprived.
    pub const ALL: [Self; 6] = [
        Self::Everyone,
        Self::Quintile(1),
        Self::Quintile(2),
        Self::Quintile(3),
        Self::Quintile(4),
        Self::Quintile(5),
    ];

    /// Its name in tables.
    pub fn title(self) -> String {
        match self {
            Self::Everyone => "Everyone".to_owned(),
            Self::Quintile(1) => "Quintile 1 (most deprived)".to_owned(),
            Self::Quintile(5) => "Quintile 5 (least deprived)".to_owned(),
            Self::Quintile(number) => format!("Quintile {number}"),
        }
    }
}

/// A number by which two runs can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Deaths per 1,000 person-years.
    Deaths,
    /// Onsets of myocardial infarction per 1,000 person-years.
    Infarctions,
    /// Onsets of stroke per 1,000 person-years.
    Strokes,
    /// Emergency admissions per 1,000 person-years.
    EmergencyAdmissions,
    /// Elective admissions, day cases included, per 1,000 person-years.
    ElectiveAdmissions,
    /// Beds occupied per 1,000 people.
    BedsOccupied,
    /// Attendances at A&E per 1,000 person-years.
    EmergencyAttendances,
    /// Contacts with general practice per person-year.
    PracticeContacts,
    /// Appointments missed per person-year.
    MissedAppointments,
    /// Outpatient attendances per person-year.
    OutpatientAttendances,
    /// Items prescribed per person-year.
    MedicationItems,
    /// Pounds per person-year.
    Cost,
    /// Kilograms of carbon dioxide equivalent per person-year.
    Carbon,
    /// Mean wait.
    MeanWait(Wait),
    /// Wait that nine in ten do not exceed.
    NinthDecileWait(Wait),
    /// Per cent of waits within the target.
    WithinTarget(Wait),
}

/// Sums over people that become the first thirteen measures.
const SUMS: usize = 13;

impl Measure {
    /// Those that are sums over people and years lived.
    pub(crate) const SUMMED: [Self; SUMS] = [
        Self::Deaths,
        Self::Infarctions,
        Self::Strokes,
        Self::EmergencyAdmissions,
        Self::ElectiveAdmissions,
        Self::BedsOccupied,
        Self::EmergencyAttendances,
        Self::PracticeContacts,
        Self::MissedAppointments,
        Self::OutpatientAttendances,
        Self::MedicationItems,
        Self::Cost,
        Self::Carbon,
    ];

    /// All of them, in the order of reports.
    pub fn all() -> Vec<Self> {
        let waits = Wait::ALL
            .into_iter()
            .flat_map(|wait| [Self::MeanWait(wait), Self::NinthDecileWait(wait), Self::WithinTarget(wait)]);
        Self::SUMMED.into_iter().chain(waits).collect()
    }

    /// Its name in tables.
    pub fn title(self) -> String {
        match self {
            Self::Deaths => "Deaths".to_owned(),
            Self::Infarctions => "Myocardial infarctions".to_owned(),
            Self::Strokes => "Strokes".to_owned(),
            Self::EmergencyAdmissions => "Emergency admissions".to_owned(),
            Self::ElectiveAdmissions => "Elective admissions".to_owned(),
            Self::BedsOccupied => "Beds occupied".to_owned(),
            Self::EmergencyAttendances => "A&E attendances".to_owned(),
            Self::PracticeContacts => "Contacts with general practice".to_owned(),
            Self::MissedAppointments => "Appointments missed".to_owned(),
            Self::OutpatientAttendances => "Outpatient attendances".to_owned(),
            Self::MedicationItems => "Items prescribed".to_owned(),
            Self::Cost => "Cost".to_owned(),
            Self::Carbon => "Carbon".to_owned(),
            Self::MeanWait(wait) => format!("{}: mean", wait.title()),
            Self::NinthDecileWait(wait) => format!("{}: 90 % wait at most", wait.title()),
            Self::WithinTarget(wait) => {
                format!("{}: within {}", wait.title(), target_in_words(wait))
            }
        }
    }

    /// Its name for machines.
    pub fn name(self) -> String {
        match self {
            Self::Deaths => "deaths".to_owned(),
            Self::Infarctions => "infarctions".to_owned(),
            Self::Strokes => "strokes".to_owned(),
            Self::EmergencyAdmissions => "emergency_admissions".to_owned(),
            Self::ElectiveAdmissions => "elective_admissions".to_owned(),
            Self::BedsOccupied => "beds_occupied".to_owned(),
            Self::EmergencyAttendances => "emergency_attendances".to_owned(),
            Self::PracticeContacts => "practice_contacts".to_owned(),
            Self::MissedAppointments => "missed_appointments".to_owned(),
            Self::OutpatientAttendances => "outpatient_attendances".to_owned(),
            Self::MedicationItems => "medication_items".to_owned(),
            Self::Cost => "cost".to_owned(),
            Self::Carbon => "carbon".to_owned(),
            Self::MeanWait(wait) => format!("wait_mean.{}", wait.as_str()),
            Self::NinthDecileWait(wait) => format!("wait_ninth_decile.{}", wait.as_str()),
            Self::WithinTarget(wait) => format!("wait_within_target.{}", wait.as_str()),
        }
    }

    /// By how much a sum over person-years is multiplied to be in the measure's unit.
    pub(crate) fn per_person_year(self) -> f64 {
        match self.unit() {
            "per 1,000 person-years" => 1000.0,
            "per 1,000 people" => 1000.0 / 365.25,
            _ => 1.0,
        }
    }

    /// Its unit.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Deaths
            | Self::Infarctions
            | Self::Strokes
            | Self::EmergencyAdmissions
            | Self::ElectiveAdmissions
            | Self::EmergencyAttendances => "per 1,000 person-years",
            Self::BedsOccupied => "per 1,000 people",
            Self::PracticeContacts
            | Self::MissedAppointments
            | Self::OutpatientAttendances
            | Self::MedicationItems => "per person-year",
            Self::Cost => "GBP per person-year",
            Self::Carbon => "kg CO2e per person-year",
            Self::MeanWait(wait) | Self::NinthDecileWait(wait) => {
                if in_hours(wait) {
                    "hours"
                } else {
                    "days"
                }
            }
            Self::WithinTarget(_) => "%",
        }
    }
}

/// Whether a wait is told in hours rather than days.
fn in_hours(wait: Wait) -> bool {
    matches!(wait, Wait::EmergencyDepartment | Wait::EmergencyBed | Wait::Laboratory)
}

fn target_in_words(wait: Wait) -> String {
    let days = wait.target_days();
    if days < 1.0 { format!("{} h", (days * 24.0).round()) } else { format!("{} d", days.round()) }
}

/// Myocardial infarction and its kinds.
const INFARCTION: [&str; 4] = ["22298006", "57054005", "401303003", "401314000"];
/// Stroke and its kinds.
const STROKE: [&str; 4] = ["230690007", "422504002", "274100004", "21454007"];

/// Sums over the people of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activity {
    person_years: f64,
    sums: [f64; SUMS],
    waits: [WaitDistribution; Wait::ALL.len()],
}

impl Activity {
    /// Adds one person's period.
    pub fn add(&mut self, history: &History, followed: Followed, costs: &UnitCosts) {
        self.person_years += history.person_years(followed);
        for (sum, value) in self.sums.iter_mut().zip(sums_of(history, followed, costs)) {
            *sum += value;
        }
        each_wait(history, followed, |wait, days| {
            self.waits[wait as usize].add(days, wait.target_days());
        });
    }

    /// Adds the people of another group.
    pub fn merge(&mut self, other: &Self) {
        self.person_years += other.person_years;
        for (sum, value) in self.sums.iter_mut().zip(other.sums) {
            *sum += value;
        }
        for (mine, theirs) in self.waits.iter_mut().zip(&other.waits) {
            mine.merge(theirs);
        }
    }

    /// Years of life followed.
    pub fn person_years(&self) -> f64 {
        self.person_years
    }

    /// The waits of one sort.
    pub fn waits(&self, wait: Wait) -> &WaitDistribution {
        &self.waits[wait as usize]
    }

    /// The measure's value; `None` where nobody was followed or nobody waited.
    pub fn value(&self, measure: Measure) -> Option<f64> {
        let scale = |wait: Wait| if in_hours(wait) { 24.0 } else { 1.0 };
        match measure {
            Measure::MeanWait(wait) => Some(self.waits(wait).mean_days()? * scale(wait)),
            Measure::NinthDecileWait(wait) => Some(self.waits(wait).quantile_days(0.9)? * scale(wait)),
            Measure::WithinTarget(wait) => Some(self.waits(wait).share_within_target()? * 100.0),
            summed => {
                let index = Measure::SUMMED.iter().position(|other| *other == summed)?;
                let per_year = (self.person_years > 0.0).then(|| self.sums[index] / self.person_years)?;
                Some(per_year * summed.per_person_year())
            }
        }
    }

    /// One person's part in each of the summed measures, in the unit of the sums.
    pub fn of_person(history: &History, followed: Followed, costs: &UnitCosts) -> [f64; SUMS] {
        sums_of(history, followed, costs)
    }
}

fn sums_of(history: &History, followed: Followed, costs: &UnitCosts) -> [f64; SUMS] {
    let within = |at: Timestamp| followed.contains(at);
    let count = |number: usize| number as f64;
    let onsets = |codes: &[&str]| {
        let found = history.conditions.iter().filter(|spell| {
            within(spell.onset) && codes.iter().any(|code| spell.code.rsplit("//").next() == Some(code))
        });
        count(found.count())
    };
    let stays = || history.stays.iter().filter(|stay| within(stay.admitted));
    let bed_days: f64 = history
        .stays
        .iter()
        .filter(|stay| !stay.day_case)
        .map(|stay| {
            let until = stay.discharged.unwrap_or(followed.to).min(followed.to);
            until.days_since(stay.admitted.max(followed.from)).max(0.0)
        })
        .sum();
    let contacts = || history.contacts.iter().filter(|contact| within(contact.start));
    let emergencies = count(history.emergencies.iter().filter(|visit| within(visit.arrived)).count());
    let items: f64 = history.medications.iter().map(|course| items_issued(course, followed)).sum();
    let day_cases = count(stays().filter(|stay| stay.day_case).count());
    let exchanges = |imaging: bool| {
        let found = history.exchanges.iter();
        count(found.filter(|exchange| exchange.imaging == imaging && within(exchange.taken)).count())
    };
    let mut pounds = 0.0;
    let mut kilograms = 0.0;
    let mut spend = |service: &str, units: f64| {
        let (cost, carbon) = costs.service(service);
        pounds += cost * units;
        kilograms += carbon * units;
    };
    contacts().for_each(|contact| spend(&contact.service, 1.0));
    spend("emergency", emergencies);
    spend("bed_day", bed_days);
    spend("day_case", day_cases);
    spend("imaging", exchanges(true));
    spend("laboratory", exchanges(false));
    spend("medication_item", items);
    [
        f64::from(u8::from(history.death.is_some_and(within))),
        onsets(&INFARCTION),
        onsets(&STROKE),
        count(stays().filter(|stay| stay.emergency).count()),
        count(stays().filter(|stay| !stay.emergency).count()),
        bed_days,
        emergencies,
        count(contacts().filter(|contact| at_the_practice(&contact.service)).count()),
        count(
            history
                .appointments
                .iter()
                .filter(|slot| slot.fate == AppointmentFate::DidNotAttend && within(slot.start))
                .count(),
        ),
        count(contacts().filter(|contact| contact.service == "outpatient").count()),
        items,
        pounds,
        kilograms,
    ]
}

/// Items issued of one course within the period: one at its start and one each issue period after it.
pub(crate) fn items_issued(course: &MedicationCourse, followed: Followed) -> f64 {
    let until = course.end.unwrap_or(followed.to).min(followed.to);
    if until <= followed.from && course.start < followed.from {
        return 0.0;
    }
    if course.start >= followed.to {
        return 0.0;
    }
    let Some(days) = course.issue_days.filter(|days| *days > 0) else {
        return f64::from(u8::from(followed.contains(course.start)));
    };
    let issued_before = |at: Timestamp| {
        let elapsed = at.days_since(course.start);
        if elapsed <= 0.0 { 0.0 } else { (elapsed / days as f64).ceil() }
    };
    let last = if until > course.start { issued_before(until) } else { 1.0 };
    (last - issued_before(followed.from)).max(0.0)
}

/// Tells each wait that ended, or whose slot was, within the period.
pub(crate) fn each_wait(history: &History, followed: Followed, mut tell: impl FnMut(Wait, f64)) {
    let mut between = |wait: Wait, from: Option<Timestamp>, to: Option<Timestamp>| {
        if let (Some(from), Some(to)) = (from, to)
            && followed.contains(to)
        {
            tell(wait, to.days_since(from));
        }
    };
    for slot in &history.appointments {
        let wait = match slot.service.as_str() {
            "general_practitioner" | "telephone" => Wait::GeneralPractitioner,
            "nurse" => Wait::Nurse,
            _ => continue,
        };
        between(wait, slot.booked, Some(slot.start));
    }
    for visit in &history.emergencies {
        between(Wait::EmergencyDepartment, Some(visit.arrived), visit.departed);
    }
    for stay in &history.stays {
        let wait = if stay.emergency { Wait::EmergencyBed } else { Wait::ElectiveAdmission };
        between(wait, stay.requested, Some(stay.admitted));
    }
    for course in &history.courses {
        between(Wait::ReferralToTreatment, Some(course.made), course.clock_stop);
    }
    for course in &history.medications {
        between(Wait::Pharmacy, Some(course.start), course.dispensed);
    }
    for exchange in &history.exchanges {
        if exchange.imaging {
            between(Wait::Imaging, exchange.requested, exchange.answered);
        } else {
            between(Wait::Laboratory, Some(exchange.taken), exchange.answered);
        }
    }
}
