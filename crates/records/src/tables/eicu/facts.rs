//! eICU tables whose rows become several events, or need a rule of their own.

use rustc_hash::FxHashSet;
use twinloom_event::{Attribute, Attributes, Entity, Event, EventKind, RecordId};

use super::SYSTEM;
use super::specs::SPECS;
use super::stay::{Stay, Stays};
use crate::tables::TableError;
use crate::tables::out::{Out, Outcome, offset};
use crate::tables::row::{Row, number};
use crate::tables::source::TableSource;
use crate::tables::spec::{Spec, UnitOf, with_end};
use crate::{ProblemKind, SinkError};

pub(super) const TABLES: [&str; 6] =
    ["diagnosis", "medication", "microlab", "respiratorycare", "vitalaperiodic", "vitalperiodic"];

const STAY: &str = "patientunitstayid";
const NO_STAY: &str = "patientunitstayid is not in patient";
const NO_VALUE: &str = "no value in any column";
const LEAVES_CALENDAR: &str = "offset is no number of minutes or leaves the calendar";

const DIAGNOSIS: Spec = Spec {
    time: &["diagnosisoffset"],
    prefix: &[SYSTEM, "DIAGNOSIS"],
    code: &["diagnosisstring"],
    attributes: &["diagnosispriority"],
    ..Spec::new("diagnosis", EventKind::Condition)
};

const MEDICATION: Spec = Spec {
    time: &["drugstartoffset"],
    recorded: Some("drugorderoffset"),
    prefix: &[SYSTEM, "MEDICATION"],
    code: &["drugname"],
    attributes: &["dosage", "routeadmin", "frequency", "prn", "drughiclseqno", "drugivadmixture"],
    ..Spec::new("medication", EventKind::Medication)
};

/// A drug known by its class number only.
const MEDICATION_BY_NUMBER: Spec = Spec { prefix: &[SYSTEM, "HICL"], code: &["drughiclseqno"], ..MEDICATION };

const RESPIRATORY_CARE: Spec = Spec {
    time: &["respcarestatusoffset"],
    prefix: &[SYSTEM, "RESPIRATORY_CARE"],
    unit: UnitOf::None,
    attributes: &[
        "airwaytype",
        "airwaysize",
        "airwayposition",
        "cuffpressure",
        "apneaparams",
        "lowexhmvlimit",
        "hiexhmvlimit",
        "lowexhtvlimit",
        "hipeakpreslimit",
        "lowpeakpreslimit",
        "hirespratelimit",
        "lowrespratelimit",
        "peeplimit",
        "cpaplimit",
        "setapneainterval",
        "setapneatv",
        "setapnearr",
        "setapneapeakflow",
        "setapneainsptime",
        "setapneafio2",
    ],
    ..Spec::new("respiratorycare", EventKind::Procedure)
};

/// Columns of the two vital-sign tables with their units.
///
/// # Source
/// eicu-crd.mit.edu/eicutables/vitalaperiodic and vitalperiodic.
const VITALS: [(&str, &str); 26] = [
    ("noninvasivesystolic", "mm[Hg]"),
    ("noninvasivediastolic", "mm[Hg]"),
    ("noninvasivemean", "mm[Hg]"),
    ("paop", "mm[Hg]"),
    ("cardiacoutput", "L/min"),
    ("cardiacinput", "L/min/m2"),
    ("svr", "dyn.s/cm5"),
    ("svri", "dyn.s.m2/cm5"),
    ("pvr", "dyn.s/cm5"),
    ("pvri", "dyn.s.m2/cm5"),
    ("temperature", "Cel"),
    ("sao2", "%"),
    ("heartrate", "/min"),
    ("respiration", "/min"),
    ("cvp", "mm[Hg]"),
    ("etco2", "mm[Hg]"),
    ("systemicsystolic", "mm[Hg]"),
    ("systemicdiastolic", "mm[Hg]"),
    ("systemicmean", "mm[Hg]"),
    ("pasystolic", "mm[Hg]"),
    ("padiastolic", "mm[Hg]"),
    ("pamean", "mm[Hg]"),
    ("st1", "mm"),
    ("st2", "mm"),
    ("st3", "mm"),
    ("icp", "mm[Hg]"),
];

/// Hospitals become entities.
pub(super) fn hospitals(source: &TableSource, out: &mut Out<'_>) -> Result<(), TableError> {
    out.read_table(source, "hospital", &["hospitalid"], &mut |out, row| {
        let Some(record_id) =
            row.get("hospitalid").and_then(|id| RecordId::new(format!("hospital/{id}")).ok())
        else {
            return Ok(Outcome::Skipped("no hospitalid"));
        };
        let mut attributes = Attributes::new();
        for column in ["numbedscategory", "teachingstatus", "region"] {
            if let Some(text) = row.get(column) {
                attributes.insert(column.into(), Attribute::Text(text.into()));
            }
        }
        out.entity(Entity { record_id, kind: "Hospital".into(), name: None, attributes })?;
        Ok(Outcome::Kept(0))
    })?;
    Ok(())
}

pub(super) fn import(source: &TableSource, out: &mut Out<'_>, stays: &Stays) -> Result<(), TableError> {
    for spec in &SPECS {
        let needed: Vec<&str> = spec.time.iter().chain(spec.code).copied().collect();
        each(source, out, stays, spec.table, &needed, &mut |out, row, stay| {
            note_active(spec.table, out, row);
            spec.emit(out, row, &stay.whose)
        })?;
    }
    each(source, out, stays, "diagnosis", &["diagnosisoffset", "diagnosisstring"], &mut diagnosis)?;
    each(source, out, stays, "medication", &["drugstartoffset"], &mut medication)?;
    let mut taken = FxHashSet::default();
    each(source, out, stays, "microlab", &["culturetakenoffset"], &mut |out, row, stay| {
        culture(out, row, stay, &mut taken)
    })?;
    each(source, out, stays, "respiratorycare", &["respcarestatusoffset"], &mut respiratory_care)?;
    for table in ["vitalaperiodic", "vitalperiodic"] {
        each(source, out, stays, table, &["observationoffset"], &mut |out, row, stay| {
            vitals(table, out, row, stay)
        })?;
    }
    Ok(())
}

type Rule<'f> = dyn FnMut(&mut Out<'_>, &Row<'_>, &Stay) -> Result<Outcome, SinkError> + 'f;

/// Reads a table's rows with the stay that each belongs to.
fn each(
    source: &TableSource,
    out: &mut Out<'_>,
    stays: &Stays,
    table: &'static str,
    columns: &[&str],
    rule: &mut Rule<'_>,
) -> Result<(), TableError> {
    let mut needed = vec![STAY];
    needed.extend(columns);
    out.read_table(source, table, &needed, &mut |out, row| match row
        .integer(STAY)
        .and_then(|id| stays.get(&id))
    {
        Some(stay) => rule(out, row, stay),
        None => Ok(Outcome::Skipped(NO_STAY)),
    })?;
    Ok(())
}

/// Whether a row was still true at discharge is not known before: the column is left out, and said so.
fn note_active(table: &str, out: &mut Out<'_>, row: &Row<'_>) {
    if row.get("activeupondischarge").is_some() {
        let reason = "activeupondischarge is known at discharge only; left out";
        out.note(table, ProblemKind::Partial, reason, row);
    }
}

/// One event for eICU's own path, one for each ICD code beside it.
fn diagnosis(out: &mut Out<'_>, row: &Row<'_>, stay: &Stay) -> Result<Outcome, SinkError> {
    note_active("diagnosis", out, row);
    let event = match DIAGNOSIS.event(out, row, &stay.whose) {
        Ok(event) => event,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let mut events = 1;
    for text in row.get("icd9code").into_iter().flat_map(|texts| texts.split(',')) {
        let text = text.trim();
        if let Some(code) = icd_system(text).and_then(|system| out.code(&[system, text])) {
            let mut coded = out.draft(
                stay.whose.subject_id,
                event.time().map(|at| (at, event.time_precision())),
                code,
                EventKind::Condition,
            );
            if let Some(id) = event.encounter_id() {
                coded = coded.with_encounter_id(id.clone());
            }
            if let Some(id) = event.record_id() {
                coded = coded.with_record_id(id.clone());
            }
            if let Some(recorded) = event.recorded_time() {
                coded = coded.with_recorded_time(recorded);
            }
            if let Some(priority) = event.attribute("diagnosispriority") {
                coded = coded.with_attribute("diagnosispriority", priority.clone());
            }
            out.event(coded)?;
            events += 1;
        } else if !text.is_empty() {
            out.note("diagnosis", ProblemKind::Partial, "icd9code is of no known shape; left out", row);
        }
    }
    out.event(event)?;
    Ok(Outcome::Kept(events))
}

/// The system a code's shape tells: ICD-9-CM codes are digits, or V or E and digits where ICD-10-CM
/// would have two characters after the letter and then a point.
fn icd_system(text: &str) -> Option<&'static str> {
    let (category, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let alphanumeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = category.bytes().next()?;
    match (first, category.len()) {
        (b'0'..=b'9', 1..=3) if digits(category) && digits(rest) => Some("ICD9CM"),
        // E000 to E999: four characters before the point exist in ICD-9-CM only.
        (b'E', 4) if digits(&category[1..]) && digits(rest) => Some("ICD9CM"),
        // V01 to V91 in ICD-9-CM have at most two digits after the point; ICD-10-CM's V00 to V99 have
        // seven characters.
        (b'V', 3) if digits(&category[1..]) && digits(rest) && rest.len() <= 2 => Some("ICD9CM"),
        (b'A'..=b'Z', 3) if category.is_ascii() && alphanumeric(&category[1..]) && alphanumeric(rest) => {
            Some("ICD10CM")
        }
        _ => None,
    }
}

fn medication(out: &mut Out<'_>, row: &Row<'_>, stay: &Stay) -> Result<Outcome, SinkError> {
    if row.get("drugordercancelled") == Some("Yes") {
        return Ok(Outcome::Skipped("order cancelled"));
    }
    let spec = match (row.get("drugname"), row.get("drughiclseqno")) {
        (Some(_), _) => MEDICATION,
        (None, Some(_)) => MEDICATION_BY_NUMBER,
        (None, None) => return Ok(Outcome::Skipped("neither drug name nor class number")),
    };
    let event = match spec.event(out, row, &stay.whose) {
        Ok(event) => with_dose(event, out, row),
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let event = match row.get("drugstopoffset").map(|_| offset(stay.unit_admission, row, "drugstopoffset")) {
        // eICU writes 0 for a stop that was never entered.
        Some(Some(end)) if row.number("drugstopoffset") != Some(0.0) => {
            with_end(event, out, "medication", row, end)
        }
        Some(None) => {
            out.note("medication", ProblemKind::Date, LEAVES_CALENDAR, row);
            event
        }
        _ => event,
    };
    out.event(event)?;
    Ok(Outcome::Kept(1))
}

/// `40 mg` and `1,000 mL` are doses with units; `5 3` has a unit number that eICU does not explain.
fn with_dose(event: Event, out: &mut Out<'_>, row: &Row<'_>) -> Event {
    let Some((amount, unit)) = row.get("dosage").and_then(|dosage| dosage.split_once(' ')) else {
        return event;
    };
    let Some(amount) = number(&amount.replace(',', "")) else {
        return event;
    };
    let event = event.with_numeric_value(amount).expect("row numbers are finite");
    match out.unit(&unit.trim().to_lowercase()).filter(|unit| number(unit.as_str()).is_none()) {
        Some(unit) => event.with_unit(unit),
        None => event,
    }
}

/// A culture taken is known then; what grew in it, eICU does not say when.
fn culture(
    out: &mut Out<'_>,
    row: &Row<'_>,
    stay: &Stay,
    taken: &mut FxHashSet<[Option<String>; 3]>,
) -> Result<Outcome, SinkError> {
    const TAKEN: Spec = Spec {
        time: &["culturetakenoffset"],
        prefix: &[SYSTEM, "CULTURE"],
        code: &["culturesite"],
        ..Spec::new("microlab", EventKind::Procedure)
    };
    const GROWN: Spec = Spec {
        prefix: &[SYSTEM, "CULTURE_RESULT"],
        code: &["organism", "antibiotic"],
        text: Some("sensitivitylevel"),
        attributes: &["culturesite"],
        kind: EventKind::Observation,
        ..TAKEN
    };
    let event = match TAKEN.event(out, row, &stay.whose) {
        Ok(event) => event,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    // A row per organism and antibiotic: their number is a result, which nobody knew when it was taken.
    let culture = [STAY, "culturetakenoffset", "culturesite"].map(|name| row.get(name).map(str::to_owned));
    let mut events = 0;
    if taken.insert(culture) {
        out.event(event)?;
        events += 1;
    }
    if let Ok(grown) = GROWN.event(out, row, &stay.whose) {
        let known = grown.time().max(Some(stay.hospital_discharge)).unwrap_or(stay.hospital_discharge);
        let reason = "the result has no time; counted as known at hospital discharge";
        out.note("microlab", ProblemKind::Date, reason, row);
        out.event(grown.with_recorded_time(known))?;
        events += 1;
    }
    if events == 0 {
        Ok(Outcome::Skipped("the culture was told by another row"))
    } else {
        Ok(Outcome::Kept(events))
    }
}

/// The airway's state, and the ventilation that it says has started.
fn respiratory_care(out: &mut Out<'_>, row: &Row<'_>, stay: &Stay) -> Result<Outcome, SinkError> {
    let state = match RESPIRATORY_CARE.event(out, row, &stay.whose) {
        Ok(event) => event,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let mut events = 1;
    // Zero stands for a time not entered.
    let time = |column| match row.number(column) {
        Some(minutes) if minutes != 0.0 => offset(stay.unit_admission, row, column),
        _ => None,
    };
    if let (Some(start), Some(code)) = (time("ventstartoffset"), out.code(&[SYSTEM, "VENTILATION"])) {
        let at = Some((start, state.time_precision()));
        let mut ventilation = out.draft(stay.whose.subject_id, at, code, EventKind::Procedure);
        if let Some(id) = &stay.whose.encounter_id {
            ventilation = ventilation.with_encounter_id(id.clone());
        }
        if let Some(id) = row.record_id("respiratorycare") {
            ventilation = ventilation.with_record_id(id);
        }
        if let Some(stated) = state.known_time() {
            ventilation = ventilation.with_recorded_time(stated);
        }
        if let Some(end) = time("ventendoffset") {
            ventilation = with_end(ventilation, out, "respiratorycare", row, end);
        }
        out.event(ventilation)?;
        events += 1;
    }
    out.event(state)?;
    Ok(Outcome::Kept(events))
}

fn vitals(table: &'static str, out: &mut Out<'_>, row: &Row<'_>, stay: &Stay) -> Result<Outcome, SinkError> {
    let Ok(Some(at)) = stay.whose.time(row, "observationoffset") else {
        return Ok(Outcome::Skipped(LEAVES_CALENDAR));
    };
    let record_id = row.record_id(table);
    let mut events = 0;
    for (column, unit) in VITALS {
        let Some(value) = row.number(column) else {
            continue;
        };
        let Some(code) = out.code(&[SYSTEM, "VITAL", column]) else {
            continue;
        };
        let mut event = out
            .draft(stay.whose.subject_id, Some(at), code, EventKind::Observation)
            .with_numeric_value(value)
            .expect("row numbers are finite");
        if let Some(unit) = out.unit(unit) {
            event = event.with_unit(unit);
        }
        if let Some(id) = &stay.whose.encounter_id {
            event = event.with_encounter_id(id.clone());
        }
        if let Some(id) = &record_id {
            event = event.with_record_id(id.clone());
        }
        if let Some(from) = stay.whose.not_known_before.filter(|from| at.0 < *from) {
            event = event.with_recorded_time(from);
        }
        out.event(event)?;
        events += 1;
    }
    Ok(if events == 0 { Outcome::Skipped(NO_VALUE) } else { Outcome::Kept(events) })
}
