//! The `patient` table: people, hospital stays and unit stays.

use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, Link, RecordId, SubjectId, TimePrecision, Timestamp,
};

use super::SYSTEM;
use super::stay::{Stay, Stays, UnitRow, place};
use crate::tables::TableError;
use crate::tables::out::{Out, Outcome};
use crate::tables::row::Row;
use crate::tables::source::TableSource;
use crate::tables::spec::with_end;
use crate::{ProblemKind, SinkError, subject_id_from_source};

const TABLE: &str = "patient";
const NEEDED: [&str; 9] = [
    "patientunitstayid",
    "patienthealthsystemstayid",
    "uniquepid",
    "hospitaldischargeyear",
    "hospitaladmittime24",
    "hospitaladmitoffset",
    "hospitaldischargeoffset",
    "unitdischargeoffset",
    "hospitaldischargestatus",
];

/// Reads the table twice: to place all stays, then to state what is known of each.
pub(super) fn import(source: &TableSource, out: &mut Out<'_>) -> Result<Stays, TableError> {
    let mut rows: Vec<UnitRow> = Vec::new();
    let mut seen: FxHashSet<i64> = FxHashSet::default();
    {
        let mut ignored = |_: u64| ();
        let mut nowhere = crate::MemorySink::default();
        let mut scan = Out::new("eicu", &mut nowhere, &mut ignored);
        scan.read_needed_table(source, TABLE, &NEEDED, &mut |_, row| {
            if let Ok(unit) = UnitRow::new(row)
                && seen.insert(unit.unit_stay)
            {
                rows.push(unit);
            }
            Ok(Outcome::Kept(0))
        })?;
    }
    let stays = place(&rows, &subject_id_from_source);
    let units: FxHashMap<i64, &UnitRow> = rows.iter().map(|unit| (unit.unit_stay, unit)).collect();
    let mut told = Told::default();
    out.read_needed_table(source, TABLE, &NEEDED, &mut |out, row| {
        if let Err(reason) = UnitRow::new(row) {
            return Ok(Outcome::Skipped(reason));
        }
        let id = row.integer("patientunitstayid").unwrap_or_default();
        let (Some(unit), Some(stay)) = (units.get(&id), stays.get(&id)) else {
            return Ok(Outcome::Skipped("offsets leave the calendar"));
        };
        if !told.units.insert(id) {
            return Ok(Outcome::Skipped("patientunitstayid stands twice"));
        }
        let mut teller = Teller { out, row, stay, unit, events: 0 };
        if told.people.insert(stay.whose.subject_id) {
            teller.out.subject(stay.whose.subject_id, &unit.person)?;
        }
        teller.person(&mut told.demographics)?;
        if told.hospital_stays.insert(stay.part_of) {
            teller.hospital_stay()?;
        }
        teller.unit_stay()?;
        Ok(Outcome::Kept(teller.events))
    })?;
    Ok(stays)
}

/// What has been stated already, so that it is not stated for each unit stay again.
#[derive(Default)]
struct Told {
    people: FxHashSet<SubjectId>,
    demographics: FxHashMap<(SubjectId, &'static str), Code>,
    hospital_stays: FxHashSet<i64>,
    units: FxHashSet<i64>,
}

/// States one row's facts.
struct Teller<'a, 's> {
    out: &'a mut Out<'s>,
    row: &'a Row<'a>,
    stay: &'a Stay,
    unit: &'a UnitRow,
    events: u64,
}

impl Teller<'_, '_> {
    fn tell(&mut self, event: Event) -> Result<(), SinkError> {
        let event = match self.row.record_id(TABLE) {
            Some(id) if event.record_id().is_none() => event.with_record_id(id),
            _ => event,
        };
        self.events += 1;
        self.out.event(event)
    }

    fn event(&mut self, parts: &[&str], at: Timestamp, kind: EventKind) -> Option<Event> {
        let mut all = vec![SYSTEM];
        all.extend(parts);
        let code = self.out.code(&all)?;
        Some(self.out.draft(self.stay.whose.subject_id, Some((at, TimePrecision::Instant)), code, kind))
    }

    fn in_hospital_stay(&self, event: Event) -> Event {
        match EncounterId::new(format!("hospitalstay/{}", self.stay.part_of)) {
            Ok(id) => event.with_encounter_id(id),
            Err(_) => event,
        }
    }

    fn in_unit_stay(&self, event: Event) -> Event {
        match &self.stay.whose.encounter_id {
            Some(id) => event.with_encounter_id(id.clone()),
            None => event,
        }
    }

    fn person(&mut self, told: &mut FxHashMap<(SubjectId, &'static str), Code>) -> Result<(), SinkError> {
        let sex = match self.row.get("gender").map(str::to_lowercase).as_deref() {
            Some("female") => "female",
            Some("male") => "male",
            Some("other") => "other",
            _ => "unknown",
        };
        for (system, value) in [("SEX", Some(sex)), ("ETHNICITY", self.row.get("ethnicity"))] {
            let Some(code) = value.and_then(|value| self.out.code(&[system, value])) else {
                continue;
            };
            let subject_id = self.stay.whose.subject_id;
            match told.get(&(subject_id, system)) {
                None => {
                    told.insert((subject_id, system), code.clone());
                    let event = self.out.draft(subject_id, None, code, EventKind::Demographic);
                    self.tell(event)?;
                }
                // Another stay's value would tell an earlier one that there was another.
                Some(first) if *first != code => {
                    let reason =
                        "sex or ethnicity differs from an earlier row of the person; the first was kept";
                    self.out.note(TABLE, ProblemKind::Partial, reason, self.row);
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn hospital_stay(&mut self) -> Result<(), SinkError> {
        let (admission, discharge) = (self.stay.hospital_admission, self.stay.hospital_discharge);
        let placed = if self.stay.was_moved {
            "hospital stay begins on the day after the person's stay before it ended; eICU gives only the year"
        } else {
            "hospital stay begins on 1 January of the discharge year; eICU gives only the year"
        };
        self.out.note(TABLE, ProblemKind::Date, placed, self.row);
        if let Some(event) = self.event(&["HOSPITAL_ADMISSION"], admission, EventKind::Encounter) {
            let event = with_end(event, self.out, TABLE, self.row, discharge);
            let event = as_record_of_itself(self.in_hospital_stay(event));
            let event =
                with_text(event, "hospital", self.row.get("hospitalid").map(|id| format!("hospital/{id}")));
            let from = self.row.get("hospitaladmitsource").map(str::to_owned);
            self.tell(with_text(event, "admission_source", from))?;
        }
        if let (Some(age), Some(event)) =
            (self.unit.age(), self.event(&["AGE"], admission, EventKind::Observation))
        {
            let event = self.with_number(event, age, "a");
            let event = self.in_hospital_stay(event);
            let event = match self.row.get("age") {
                Some(text) if text.starts_with('>') => event.with_text_value(text),
                _ => event,
            };
            self.tell(event)?;
        }
        let status = match self.row.get("hospitaldischargestatus") {
            Some("Alive") => "ALIVE",
            Some("Expired") => "EXPIRED",
            _ => {
                let reason = "hospitaldischargestatus is not stated";
                self.out.note(TABLE, ProblemKind::Partial, reason, self.row);
                "UNKNOWN"
            }
        };
        if let Some(event) = self.event(&["HOSPITAL_DISCHARGE", status], discharge, EventKind::Administrative)
        {
            let event = with_value(event, self.row.get("hospitaldischargelocation"));
            let event = self.in_hospital_stay(event);
            self.tell(event)?;
        }
        if status == "EXPIRED" {
            let at = Some((discharge, TimePrecision::Instant));
            let death = self.out.draft(self.stay.whose.subject_id, at, Code::death(), EventKind::Death);
            let death = self.in_hospital_stay(death);
            self.tell(death)?;
        }
        Ok(())
    }

    fn unit_stay(&mut self) -> Result<(), SinkError> {
        let (admission, discharge) = (self.stay.unit_admission, self.stay.unit_discharge);
        if let Some(event) = self.event(&["UNIT_ADMISSION"], admission, EventKind::Encounter) {
            let event = with_end(event, self.out, TABLE, self.row, discharge);
            let mut event = as_record_of_itself(self.in_unit_stay(event));
            let hospital = self.row.get("hospitalid").map(|id| format!("hospital/{id}"));
            event = with_text(event, "hospital", hospital);
            for column in ["unittype", "unitstaytype", "unitadmitsource", "unitvisitnumber", "wardid"] {
                event = with_text(event, column, self.row.get(column).map(str::to_owned));
            }
            self.tell(event)?;
        }
        if let Some(event) = self.row.get("apacheadmissiondx").and_then(|text| {
            self.event(&["APACHE_ADMISSION_DIAGNOSIS", text], admission, EventKind::Condition)
        }) {
            let event = self.in_unit_stay(event);
            self.tell(event)?;
        }
        let measures = [
            ("admissionheight", "ADMISSION_HEIGHT", admission, "cm"),
            ("admissionweight", "ADMISSION_WEIGHT", admission, "kg"),
            ("dischargeweight", "DISCHARGE_WEIGHT", discharge, "kg"),
        ];
        for (column, name, at, unit) in measures {
            if let Some(value) = self.row.number(column)
                && let Some(event) = self.event(&[name], at, EventKind::Observation)
            {
                let event = self.with_number(event, value, unit);
                let event = self.in_unit_stay(event);
                self.tell(event)?;
            }
        }
        self.unit_discharge(discharge)?;
        self.links()
    }

    fn unit_discharge(&mut self, discharge: Timestamp) -> Result<(), SinkError> {
        let location = self.row.get("unitdischargelocation");
        let died = self.row.get("unitdischargestatus") == Some("Expired");
        let status = match self.row.get("unitdischargestatus") {
            Some("Alive") => "ALIVE",
            Some("Expired") => "EXPIRED",
            _ => "UNKNOWN",
        };
        if died && self.row.get("hospitaldischargestatus") == Some("Alive") {
            let reason = "unit status is Expired, hospital status Alive; the hospital's counts";
            self.out.note(TABLE, ProblemKind::Partial, reason, self.row);
        }
        if let Some(event) = self.event(&["UNIT_DISCHARGE", status], discharge, EventKind::Administrative) {
            let mut event = self.in_unit_stay(with_value(event, location));
            // A death is known when the hospital states it, even if the unit stay ends minutes before.
            if died || location == Some("Death") {
                event = event.with_recorded_time(self.stay.hospital_discharge.max(discharge));
            }
            self.tell(event)?;
        }
        Ok(())
    }

    /// The unit stay is part of the hospital stay and took place at a hospital.
    fn links(&mut self) -> Result<(), SinkError> {
        let Ok(unit_stay) = RecordId::new(format!("unitstay/{}", self.unit.unit_stay)) else {
            return Ok(());
        };
        if let Ok(to) = RecordId::new(format!("hospitalstay/{}", self.stay.part_of)) {
            self.out.link(Link { from: unit_stay.clone(), path: "partOf".into(), to })?;
        }
        let hospital = self.row.get("hospitalid").and_then(|id| RecordId::new(format!("hospital/{id}")).ok());
        match hospital {
            Some(to) => self.out.link(Link { from: unit_stay, path: "hospital".into(), to }),
            None => Ok(()),
        }
    }

    fn with_number(&mut self, event: Event, value: f64, unit: &str) -> Event {
        let event = event.with_numeric_value(value).expect("row numbers are finite");
        match self.out.unit(unit) {
            Some(unit) => event.with_unit(unit),
            None => event,
        }
    }
}

/// A stay is the artefact that its encounter id names.
fn as_record_of_itself(event: Event) -> Event {
    match event.encounter_id().and_then(|id| RecordId::new(id.as_str()).ok()) {
        Some(id) => event.with_record_id(id),
        None => event,
    }
}

fn with_text(event: Event, name: &str, text: Option<String>) -> Event {
    match text {
        Some(text) => event.with_attribute(name, Attribute::Text(text.into())),
        None => event,
    }
}

fn with_value(event: Event, text: Option<&str>) -> Event {
    match text {
        Some(text) => event.with_text_value(text),
        None => event,
    }
}
