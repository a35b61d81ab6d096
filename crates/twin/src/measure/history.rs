//! One person's truth in the words of those who count: contacts, stays, referrals, spells of illness.

use twinloom_event::{Attribute, Event, EventKind, SubjectId, Timeline, Timestamp};

use crate::person::Sex;
use crate::supply::Attendance;

/// The period over which a run is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// First moment.
    pub from: Timestamp,
    /// First moment after it.
    pub to: Timestamp,
}

impl Followed {
    /// Whether a time lies within.
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// What became of an appointment.
pub type AppointmentFate = Attendance;

/// A slot that was booked.
#[derive(Clone, Debug, PartialEq)]
pub struct Appointment {
    /// The slot.
    pub start: Timestamp,
    /// When it was booked.
    pub booked: Option<Timestamp>,
    /// `general_practitioner`, `nurse`, `outpatient`, ...
    pub service: String,
    /// What became of it.
    pub fate: AppointmentFate,
    /// Whether it was the first after a referral.
    pub first: Option<bool>,
}

/// A contact that took place, other than in the emergency department or a bed.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// When it began.
    pub start: Timestamp,
    /// `general_practitioner`, `nurse`, `outpatient`, ...
    pub service: String,
}

/// An attendance at the emergency department.
#[derive(Clone, Debug, PartialEq)]
pub struct EmergencyAttendance {
    /// Arrival.
    pub arrived: Timestamp,
    /// First seen by a clinician.
    pub seen: Option<Timestamp>,
    /// Departure.
    pub departed: Option<Timestamp>,
}

/// A stay in a bed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stay {
    /// Decision to admit.
    pub requested: Option<Timestamp>,
    /// Into the bed.
    pub admitted: Timestamp,
    /// Out of it.
    pub discharged: Option<Timestamp>,
    /// Whether it was unplanned (admission methods 21 to 28).
    pub emergency: bool,
    /// Whether it was planned to end on its first day.
    pub day_case: bool,
    /// Hospital, ward and bed, where the truth says which.
    pub bed: Option<(String, String, i64)>,
    /// Code of the reason.
    pub reason: Option<String>,
}

/// A referral with its clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// When it was made.
    pub made: Timestamp,
    /// To whom.
    pub specialty: String,
    /// First attendance.
    pub clock_stop: Option<Timestamp>,
}

/// A test or image: asked for, taken, answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Image rather than specimen.
    pub imaging: bool,
    /// Asked for.
    pub requested: Option<Timestamp>,
    /// Specimen or image taken.
    pub taken: Timestamp,
    /// Answered.
    pub answered: Option<Timestamp>,
}

/// A letter between services.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// Written.
    pub written: Timestamp,
    /// Arrived.
    pub received: Option<Timestamp>,
}

/// A condition from onset to end.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionSpell {
    /// The code with its system.
    pub code: String,
    /// True onset.
    pub onset: Timestamp,
    /// End, if it ended.
    pub ended: Option<Timestamp>,
    /// When it was diagnosed, if it was.
    pub diagnosed: Option<Timestamp>,
}

/// A course of a medicine.
#[derive(Clone, Debug, PartialEq)]
pub struct MedicationCourse {
    /// The code with its system.
    pub code: String,
    /// First issue.
    pub start: Timestamp,
    /// End, if it ended.
    pub end: Option<Timestamp>,
    /// Days between issues.
    pub issue_days: Option<i64>,
    /// When the pharmacy handed out the first issue.
    pub dispensed: Option<Timestamp>,
}

/// A numeric reading, true value.
#[derive(Clone, Debug, PartialEq)]
pub struct TrueReading {
    /// The code with its system.
    pub code: String,
    /// When it was taken.
    pub at: Timestamp,
    /// The value.
    pub value: f64,
}

/// One person's truth, read once, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Who.
    pub subject_id: SubjectId,
    /// Sex, where stated as female or male.
    pub sex: Option<Sex>,
    /// 1 = most deprived.
    pub imd_decile: Option<u8>,
    /// Birth.
    pub birth: Option<Timestamp>,
    /// Death.
    pub death: Option<Timestamp>,
    /// Cause of death, a code.
    pub cause_of_death: Option<String>,
    /// Registrations with a practice; empty if the truth holds none.
    pub registrations: Vec<(Timestamp, Option<Timestamp>)>,
    /// Slots booked.
    pub appointments: Vec<Appointment>,
    /// Contacts that took place.
    pub contacts: Vec<Contact>,
    /// Attendances at the emergency department.
    pub emergencies: Vec<EmergencyAttendance>,
    /// Stays.
    pub stays: Vec<Stay>,
    /// Referrals.
    pub courses: Vec<Course>,
    /// Tests and images.
    pub exchanges: Vec<Exchange>,
    /// Letters.
    pub letters: Vec<Letter>,
    /// Conditions.
    pub conditions: Vec<ConditionSpell>,
    /// Medicines.
    pub medications: Vec<MedicationCourse>,
    /// Readings.
    pub readings: Vec<TrueReading>,
}

impl History {
    /// Reads a truth timeline.
    pub fn of(truth: &Timeline) -> Self {
        let mut history = Self {
            subject_id: truth.subject_id(),
            sex: None,
            imd_decile: None,
            birth: truth.birth(),
            death: truth.death(),
            cause_of_death: None,
            registrations: Vec::new(),
            appointments: Vec::new(),
            contacts: Vec::new(),
            emergencies: Vec::new(),
            stays: Vec::new(),
            courses: Vec::new(),
            exchanges: Vec::new(),
            letters: Vec::new(),
            conditions: Vec::new(),
            medications: Vec::new(),
            readings: Vec::new(),
        };
        for event in truth.events() {
            match event.time() {
                Some(at) => history.read(event, at),
                None => history.read_static(event),
            }
        }
        history
    }

    /// Years lived, registered and followed.
    pub fn person_years(&self, followed: Followed) -> f64 {
        let alive_from = self.birth.map_or(followed.from, |birth| birth.max(followed.from));
        let alive_to = self.death.map_or(followed.to, |death| death.min(followed.to));
        let years = |from: Timestamp, to: Timestamp| to.days_since(from).max(0.0) / 365.25;
        if self.registrations.is_empty() {
            return years(alive_from, alive_to);
        }
        let spells = self.registrations.iter();
        spells
            .map(|(from, to)| {
                let until = to.map_or(alive_to, |to| to.min(alive_to));
                if until <= alive_from.max(*from) { 0.0 } else { years(alive_from.max(*from), until) }
            })
            .sum()
    }

    /// Whether the person is alive, and registered if that is known, at a time.
    pub fn lives_at(&self, at: Timestamp) -> bool {
        let alive = self.birth.is_none_or(|birth| birth <= at) && self.death.is_none_or(|death| death > at);
        alive
            && (self.registrations.is_empty()
                || self
                    .registrations
                    .iter()
                    .any(|(from, to)| *from <= at && to.is_none_or(|to| to > at || Some(to) == self.death)))
    }

    /// Age in completed years at a time.
    pub fn age_at(&self, at: Timestamp) -> Option<i32> {
        self.birth.map(|birth| at.years_since(birth))
    }

    /// Quintile of deprivation, 0 = most deprived.
    pub fn quintile(&self) -> Option<usize> {
        self.imd_decile.map(|decile| usize::from((decile.clamp(1, 10) - 1) / 2))
    }

    fn read_static(&mut self, event: &Event) {
        match event.code().as_str() {
            "SEX//female" => self.sex = Some(Sex::Female),
            "SEX//male" => self.sex = Some(Sex::Male),
            text => {
                if let Some(decile) = text.strip_prefix("IMD_DECILE//").and_then(|text| text.parse().ok()) {
                    self.imd_decile = Some(decile);
                }
            }
        }
    }

    fn read(&mut self, event: &Event, at: Timestamp) {
        let code = event.code().as_str();
        match event.kind() {
            EventKind::Encounter => self.read_encounter(event, at),
            EventKind::Administrative => self.read_administrative(event, at),
            EventKind::Death => self.cause_of_death = text(event, "cause").map(str::to_owned),
            EventKind::Condition => self.conditions.push(ConditionSpell {
                code: code.to_owned(),
                onset: at,
                ended: event.end_time(),
                diagnosed: time(event, "diagnosed"),
            }),
            EventKind::Medication => self.medications.push(MedicationCourse {
                code: code.to_owned(),
                start: at,
                end: event.end_time(),
                issue_days: integer(event, "issue_days"),
                dispensed: time(event, "dispensed"),
            }),
            EventKind::CarePlan => {
                if let Some(specialty) = code.strip_prefix("REFERRAL//") {
                    self.courses.push(Course {
                        made: at,
                        specialty: specialty.to_owned(),
                        clock_stop: time(event, "clock_stop"),
                    });
                }
            }
            EventKind::Observation => {
                if text(event, "category") == Some("laboratory") || time(event, "resulted").is_some() {
                    self.exchanges.push(Exchange {
                        imaging: false,
                        requested: time(event, "requested"),
                        taken: at,
                        answered: time(event, "resulted"),
                    });
                }
                if let Some(value) = event.numeric_value() {
                    self.readings.push(TrueReading { code: code.to_owned(), at, value });
                }
            }
            EventKind::Document if code.starts_with("LETTER//") => {
                self.letters.push(Letter { written: at, received: time(event, "received") });
            }
            EventKind::Procedure | EventKind::Document
                if text(event, "category") == Some("imaging") || time(event, "reported").is_some() =>
            {
                self.exchanges.push(Exchange {
                    imaging: true,
                    requested: time(event, "requested"),
                    taken: at,
                    answered: time(event, "reported"),
                });
            }
            _ => {}
        }
    }

    fn read_encounter(&mut self, event: &Event, at: Timestamp) {
        let class = text(event, "class").unwrap_or_default();
        let service = text(event, "service").unwrap_or(match class {
            "EMER" => "emergency",
            "IMP" | "ACUTE" | "NONAC" => "inpatient",
            "VR" => "telephone",
            "HH" => "home_visit",
            _ => "general_practitioner",
        });
        match service {
            "emergency" => self.emergencies.push(EmergencyAttendance {
                arrived: at,
                seen: time(event, "seen"),
                departed: event.end_time(),
            }),
            "inpatient" | "day_case" => {
                let method = text(event, "admission_method")
                    .map(str::to_owned)
                    .or_else(|| integer(event, "admission_method").map(|method| method.to_string()))
                    .unwrap_or_default();
                let bed = text(event, "ward").zip(integer(event, "bed")).map(|(ward, bed)| {
                    (text(event, "organisation").unwrap_or_default().to_owned(), ward.to_owned(), bed)
                });
                self.stays.push(Stay {
                    requested: time(event, "requested"),
                    admitted: at,
                    discharged: event.end_time(),
                    emergency: method.starts_with('2'),
                    day_case: service == "day_case" || text(event, "ward") == Some("day_case"),
                    bed,
                    reason: text(event, "reason").map(str::to_owned),
                });
            }
            other => self.contacts.push(Contact { start: at, service: other.to_owned() }),
        }
    }

    fn read_administrative(&mut self, event: &Event, at: Timestamp) {
        let code = event.code().as_str();
        if code.starts_with("REGISTRATION//") {
            self.registrations.push((at, event.end_time()));
        } else if let Some(fate) = code.strip_prefix("APPOINTMENT//") {
            let fate = match fate {
                "attended" => AppointmentFate::Attended,
                "did_not_attend" => AppointmentFate::DidNotAttend,
                "cancelled_by_patient" => AppointmentFate::CancelledByPatient,
                "cancelled_by_provider" => AppointmentFate::CancelledByProvider,
                _ => return,
            };
            self.appointments.push(Appointment {
                start: at,
                booked: time(event, "booked"),
                service: text(event, "service").unwrap_or("general_practitioner").to_owned(),
                fate,
                first: match event.attribute("first") {
                    Some(Attribute::Boolean(first)) => Some(*first),
                    _ => None,
                },
            });
        }
    }
}

/// Whether a service is part of general practice in opening hours.
pub(crate) fn at_the_practice(service: &str) -> bool {
    matches!(service, "general_practitioner" | "nurse" | "telephone" | "home_visit")
}

fn time(event: &Event, name: &str) -> Option<Timestamp> {
    match event.attribute(name)? {
        Attribute::Time(at) => Some(*at),
        _ => None,
    }
}

fn text<'e>(event: &'e Event, name: &str) -> Option<&'e str> {
    event.attribute(name)?.as_text()
}

fn integer(event: &Event, name: &str) -> Option<i64> {
    match event.attribute(name)? {
        Attribute::Integer(whole) => Some(*whole),
        _ => None,
    }
}
