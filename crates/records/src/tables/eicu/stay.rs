//! Hospital and unit stays placed in time.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use twinloom_event::{EncounterId, MICROSECONDS_PER_DAY, SubjectId, Timestamp};

use crate::tables::out::Whose;
use crate::tables::row::Row;

const MICROS_PER_MINUTE: f64 = 60e6;

/// One row of `patient`: a unit stay within a hospital stay.
#[derive(Clone, Debug)]
pub(super) struct UnitRow {
    pub(super) unit_stay: i64,
    pub(super) hospital_stay: i64,
    pub(super) person: String,
    age: f64,
    discharge_year: i32,
    died: bool,
    admission_clock_minutes: u32,
    admission_offset: f64,
    hospital_discharge_offset: f64,
    unit_discharge_offset: f64,
}

impl UnitRow {
    /// Takes the columns that place a stay in time.
    pub(super) fn new(row: &Row<'_>) -> Result<Self, &'static str> {
        let clock = row.get("hospitaladmittime24").and_then(clock_minutes);
        let age = row.get("age").map(|age| age.trim_start_matches(['>', ' ']));
        let over = if row.get("age").is_some_and(|age| age.starts_with('>')) { 1.0 } else { 0.0 };
        Ok(Self {
            unit_stay: row.integer("patientunitstayid").ok_or("no patientunitstayid")?,
            hospital_stay: row.integer("patienthealthsystemstayid").ok_or("no patienthealthsystemstayid")?,
            person: row.get("uniquepid").ok_or("no uniquepid")?.to_owned(),
            age: age.and_then(|age| age.parse::<f64>().ok()).map_or(-1.0, |age| age + over),
            discharge_year: row
                .integer("hospitaldischargeyear")
                .and_then(|year| i32::try_from(year).ok())
                .ok_or("no hospitaldischargeyear")?,
            died: row.get("hospitaldischargestatus") == Some("Expired"),
            admission_clock_minutes: clock.ok_or("hospitaladmittime24 is no time of day")?,
            admission_offset: row.number("hospitaladmitoffset").ok_or("no hospitaladmitoffset")?,
            hospital_discharge_offset: row
                .number("hospitaldischargeoffset")
                .ok_or("no hospitaldischargeoffset")?,
            unit_discharge_offset: row.number("unitdischargeoffset").ok_or("no unitdischargeoffset")?,
        })
    }

    /// Age in years; `> 89` reads 90; `None` when not stated.
    pub(super) fn age(&self) -> Option<f64> {
        (self.age >= 0.0).then_some(self.age)
    }
}

/// Minutes since midnight of `23:36:00`.
fn clock_minutes(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let (hour, minute): (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// A unit stay's place in time.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    pub(super) whose: Whose,
    /// Its hospital stay.
    pub(super) part_of: i64,
    pub(super) unit_admission: Timestamp,
    pub(super) unit_discharge: Timestamp,
    pub(super) hospital_admission: Timestamp,
    pub(super) hospital_discharge: Timestamp,
    /// Its hospital stay would have begun before the one before it ended.
    pub(super) was_moved: bool,
}

/// Unit stays by `patientunitstayid`.
pub(super) type Stays = FxHashMap<i64, Stay>;

/// Places every unit stay; those that leave the calendar are absent from the result.
pub(super) fn place(rows: &[UnitRow], subject_of: &dyn Fn(&str) -> SubjectId) -> Stays {
    let mut people: BTreeMap<&str, BTreeMap<i64, Vec<&UnitRow>>> = BTreeMap::new();
    for row in rows {
        people.entry(&row.person).or_default().entry(row.hospital_stay).or_default().push(row);
    }
    let mut stays = Stays::default();
    for (person, hospital_stays) in people {
        let subject_id = subject_of(person);
        let mut hospital_stays: Vec<Vec<&UnitRow>> = hospital_stays.into_values().collect();
        hospital_stays
            .sort_by(|a, b| stay_order(a).partial_cmp(&stay_order(b)).unwrap_or(std::cmp::Ordering::Equal));
        let mut free_from = None;
        for units in hospital_stays {
            free_from = place_hospital_stay(&units, subject_id, free_from, &mut stays).or(free_from);
        }
    }
    stays
}

/// Death last, then by age, year and id.
fn stay_order(units: &[&UnitRow]) -> (bool, f64, i32, i64) {
    let died = units.iter().any(|unit| unit.died);
    units.first().map_or((died, 0.0, 0, 0), |unit| (died, unit.age, unit.discharge_year, unit.hospital_stay))
}

/// Places the unit stays of one hospital stay; returns when it ends.
fn place_hospital_stay(
    units: &[&UnitRow],
    subject_id: SubjectId,
    free_from: Option<Timestamp>,
    stays: &mut Stays,
) -> Option<Timestamp> {
    let first = units.first()?;
    let midnight = |year, month, day| Timestamp::from_ymd(year, month, day).ok();
    let clock = i64::from(first.admission_clock_minutes) * 60_000_000;
    let own = midnight(first.discharge_year, 1, 1)?.plus_micros(clock).ok()?;
    let admission = match free_from {
        Some(end) if own <= end => {
            let next_day =
                midnight(end.year(), end.month(), end.day())?.plus_micros(MICROSECONDS_PER_DAY).ok()?;
            next_day.plus_micros(clock).ok()?
        }
        _ => own,
    };
    let after =
        |start: Timestamp, minutes: f64| start.plus_micros((minutes * MICROS_PER_MINUTE).round() as i64).ok();
    let mut end: Option<Timestamp> = None;
    for unit in units {
        let placed = after(admission, -unit.admission_offset).and_then(|unit_admission| {
            let unit_discharge = after(unit_admission, unit.unit_discharge_offset)?;
            let hospital_discharge = after(unit_admission, unit.hospital_discharge_offset)?;
            Some((unit_admission, unit_discharge, hospital_discharge))
        });
        let Some((unit_admission, unit_discharge, hospital_discharge)) = placed else {
            continue;
        };
        end = end.max(Some(unit_discharge)).max(Some(hospital_discharge));
        let whose = Whose {
            subject_id,
            encounter_id: EncounterId::new(format!("unitstay/{}", unit.unit_stay)).ok(),
            anchor: Some(unit_admission),
            not_known_before: Some(admission.min(unit_admission)),
        };
        let stay = Stay {
            whose,
            part_of: unit.hospital_stay,
            unit_admission,
            unit_discharge,
            hospital_admission: admission,
            hospital_discharge,
            was_moved: admission != own,
        };
        stays.insert(unit.unit_stay, stay);
    }
    end
}
