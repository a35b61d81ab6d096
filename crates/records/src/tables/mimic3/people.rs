//! People, admissions, unit stays and what moves them.

use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, Link, RecordId, SubjectId, TimePrecision, Timestamp,
};

use crate::tables::TableError;
use crate::tables::out::{Out, Outcome, Whose};
use crate::tables::row::Row;
use crate::tables::source::TableSource;
use crate::tables::spec::{Spec, with_end};
use crate::{ProblemKind, SinkError, subject_id_from_source};

pub(super) const TABLES: [&str; 6] =
    ["patients", "admissions", "icustays", "transfers", "services", "callout"];

const SYSTEM: &str = "MIMIC3";
/// Ages at admission that only a shifted birth gives.
const SHIFTED_AGE_YEARS: i32 = 150;

/// When admissions ended, by `hadm_id`.
pub(super) type Admissions = FxHashMap<i64, Option<Timestamp>>;

/// The subject and admission that a row names.
pub(super) fn whose(row: &Row<'_>) -> Result<Whose, &'static str> {
    let subject = row.get("subject_id").ok_or("no subject_id")?;
    let encounter_id = row.get("hadm_id").and_then(|id| EncounterId::new(format!("hadm/{id}")).ok());
    Ok(Whose {
        subject_id: subject_id_from_source(subject),
        encounter_id,
        anchor: None,
        not_known_before: None,
    })
}

/// When the row's admission ended, as far as it names one that did.
pub(super) fn discharge(row: &Row<'_>, admissions: &Admissions) -> Option<Timestamp> {
    *admissions.get(&row.integer("hadm_id")?)?
}

/// What must be gathered from admissions before people can be stated.
#[derive(Default)]
struct FromAdmissions {
    admissions: Admissions,
    first: FxHashMap<SubjectId, Timestamp>,
    deaths: FxHashMap<SubjectId, Timestamp>,
    ethnicities: FxHashSet<(SubjectId, Code)>,
}

pub(super) fn import(source: &TableSource, out: &mut Out<'_>) -> Result<Admissions, TableError> {
    let mut gathered = FromAdmissions::default();
    let needed = ["subject_id", "hadm_id", "admittime", "dischtime"];
    out.read_needed_table(source, "admissions", &needed, &mut |out, row| admission(out, row, &mut gathered))?;
    let mut seen = FxHashSet::default();
    out.read_needed_table(source, "patients", &["subject_id", "gender", "dob", "dod"], &mut |out, row| {
        let Some(id) = row.get("subject_id") else {
            return Ok(Outcome::Skipped("no subject_id"));
        };
        if !seen.insert(subject_id_from_source(id)) {
            return Ok(Outcome::Skipped("subject_id stands twice"));
        }
        person(out, row, id, &gathered)
    })?;
    out.read_table(source, "icustays", &["subject_id", "icustay_id", "intime"], &mut unit_stay)?;
    for spec in [TRANSFER, SERVICE] {
        out.read_table(
            source,
            spec.table,
            &["subject_id", spec.time[0]],
            &mut |out, row| match whose(row) {
                Ok(whose) => spec.emit(out, row, &whose),
                Err(reason) => Ok(Outcome::Skipped(reason)),
            },
        )?;
    }
    out.read_table(source, "callout", &["subject_id", "createtime"], &mut callout)?;
    Ok(gathered.admissions)
}

const TRANSFER: Spec = Spec {
    time: &["intime"],
    end: Some("outtime"),
    prefix: &[SYSTEM, "TRANSFER"],
    code: &["eventtype", "curr_careunit"],
    attributes: &["curr_wardid", "prev_careunit"],
    ..Spec::new("transfers", EventKind::Administrative)
};

const SERVICE: Spec = Spec {
    time: &["transfertime"],
    prefix: &[SYSTEM, "SERVICE"],
    code: &["curr_service"],
    ..Spec::new("services", EventKind::Administrative)
};

fn admission(out: &mut Out<'_>, row: &Row<'_>, gathered: &mut FromAdmissions) -> Result<Outcome, SinkError> {
    const STAY: Spec = Spec {
        time: &["admittime"],
        end: Some("dischtime"),
        prefix: &[SYSTEM, "ADMISSION"],
        code: &["admission_type"],
        attributes: &["admission_location"],
        ..Spec::new("admissions", EventKind::Encounter)
    };
    const DIAGNOSIS: Spec = Spec {
        end: None,
        code: &[],
        prefix: &[SYSTEM, "ADMISSION_DIAGNOSIS"],
        attributes: &[],
        text: Some("diagnosis"),
        kind: EventKind::Condition,
        ..STAY
    };
    const DISCHARGE: Spec = Spec {
        time: &["dischtime"],
        prefix: &[SYSTEM, "DISCHARGE"],
        code: &["discharge_location"],
        ..Spec::new("admissions", EventKind::Administrative)
    };
    const EMERGENCY: Spec = Spec {
        time: &["edregtime"],
        end: Some("edouttime"),
        prefix: &[SYSTEM, "EMERGENCY_DEPARTMENT"],
        ..Spec::new("admissions", EventKind::Encounter)
    };
    let whose = match whose(row) {
        Ok(whose) => whose,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let stay = match STAY.event(out, row, &whose) {
        Ok(event) => event,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let stay = as_record_of_itself(stay);
    let (subject_id, end) = (whose.subject_id, stay.end_time());
    if let Some(id) = row.integer("hadm_id") {
        gathered.admissions.insert(id, end);
    }
    if let Some(start) = stay.time() {
        let first = gathered.first.entry(subject_id).or_insert(start);
        *first = start.min(*first);
    }
    let mut told = Told { out, events: 0 };
    let demographics = ["insurance", "language", "religion", "marital_status"];
    let start = stay.time().map(|at| (at, stay.time_precision()));
    for column in demographics {
        if let Some(code) = row.get(column).and_then(|text| told.out.code(&[&column.to_uppercase(), text])) {
            let event = told.out.draft(subject_id, start, code, EventKind::Demographic);
            told.tell(event)?;
        }
    }
    if let Some(code) = row.get("ethnicity").and_then(|text| told.out.code(&["ETHNICITY", text]))
        && gathered.ethnicities.insert((subject_id, code.clone()))
    {
        let event = told.out.draft(subject_id, None, code, EventKind::Demographic);
        told.tell(event)?;
    }
    told.tell(stay)?;
    for spec in [EMERGENCY, DIAGNOSIS, DISCHARGE] {
        if let Ok(event) = spec.event(told.out, row, &whose) {
            told.tell(event)?;
        }
    }
    match row.time("deathtime") {
        Ok(Some((at, _))) => {
            gathered.deaths.insert(subject_id, at);
        }
        Ok(None) => {}
        Err(_) => told.out.note("admissions", ProblemKind::Date, "deathtime is no date", row),
    }
    Ok(Outcome::Kept(told.events))
}

/// Hands events on and counts them.
struct Told<'a, 's> {
    out: &'a mut Out<'s>,
    events: u64,
}

impl Told<'_, '_> {
    fn tell(&mut self, event: Event) -> Result<(), SinkError> {
        self.events += 1;
        self.out.event(event)
    }
}

fn person(
    out: &mut Out<'_>,
    row: &Row<'_>,
    id: &str,
    gathered: &FromAdmissions,
) -> Result<Outcome, SinkError> {
    let subject_id = subject_id_from_source(id);
    out.subject(subject_id, id)?;
    let mut told = Told { out, events: 0 };
    let record_id = RecordId::new(format!("patients/{id}")).ok();
    let with_record = |event: Event| match &record_id {
        Some(id) => event.with_record_id(id.clone()),
        None => event,
    };
    let sex = match row.get("gender") {
        Some("F") => "female",
        Some("M") => "male",
        _ => "unknown",
    };
    if let Some(code) = told.out.code(&["SEX", sex]) {
        let event = told.out.draft(subject_id, None, code, EventKind::Demographic);
        told.tell(with_record(event))?;
    }
    match row.time("dob") {
        Ok(Some((birth, _))) => {
            let day = Some((birth, TimePrecision::Day));
            let mut event = with_record(told.out.draft(subject_id, day, Code::birth(), EventKind::Birth));
            if gathered
                .first
                .get(&subject_id)
                .is_some_and(|first| first.years_since(birth) > SHIFTED_AGE_YEARS)
            {
                let reason = "birth is shifted by 300 years (over 89); kept as it stands";
                told.out.note("patients", ProblemKind::Date, reason, row);
                event = event.with_attribute("shifted", Attribute::Boolean(true));
            }
            told.tell(event)?;
        }
        Ok(None) => {}
        Err(_) => told.out.note("patients", ProblemKind::Date, "dob is no date", row),
    }
    let in_hospital = gathered.deaths.get(&subject_id).map(|at| (*at, TimePrecision::Instant));
    let stated = if let Ok(stated) = row.time("dod") {
        stated.map(|(at, _)| (at, TimePrecision::Day))
    } else {
        told.out.note("patients", ProblemKind::Date, "dod is no date", row);
        None
    };
    if let Some(death) = in_hospital.or(stated) {
        let event = told.out.draft(subject_id, Some(death), Code::death(), EventKind::Death);
        told.tell(with_record(event))?;
    }
    Ok(Outcome::Kept(told.events))
}

fn unit_stay(out: &mut Out<'_>, row: &Row<'_>) -> Result<Outcome, SinkError> {
    const STAY: Spec = Spec {
        time: &["intime"],
        prefix: &[SYSTEM, "ICU_STAY"],
        code: &["first_careunit"],
        attributes: &["first_wardid", "dbsource"],
        ..Spec::new("icustays", EventKind::Encounter)
    };
    let (whose, id) = match (whose(row), row.get("icustay_id")) {
        (Ok(whose), Some(id)) => (whose, id),
        (Err(reason), _) => return Ok(Outcome::Skipped(reason)),
        (_, None) => return Ok(Outcome::Skipped("no icustay_id")),
    };
    let stay = match STAY.event(out, row, &whose) {
        Ok(event) => event,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let end = if let Ok(end) = row.time("outtime") {
        end
    } else {
        out.note("icustays", ProblemKind::Date, "outtime is no date", row);
        None
    };
    let stay = match end {
        Some((end, _)) => with_end(stay, out, "icustays", row, end),
        None => stay,
    };
    let stay = match EncounterId::new(format!("icustay/{id}")) {
        Ok(id) => as_record_of_itself(stay.with_encounter_id(id)),
        Err(_) => stay,
    };
    let hadm = whose.encounter_id.as_ref().and_then(|id| RecordId::new(id.as_str()).ok());
    if let (Ok(from), Some(to)) = (RecordId::new(format!("icustay/{id}")), hadm) {
        out.link(Link { from, path: "partOf".into(), to })?;
    }
    let mut told = Told { out, events: 0 };
    told.tell(stay)?;
    if let (Some(end), Some(unit)) = (end, row.get("last_careunit"))
        && let Some(code) = told.out.code(&[SYSTEM, "ICU_DISCHARGE", unit])
    {
        let mut event = told.out.draft(whose.subject_id, Some(end), code, EventKind::Administrative);
        if let Some(id) = whose.encounter_id {
            event = event.with_encounter_id(id);
        }
        told.tell(event)?;
    }
    Ok(Outcome::Kept(told.events))
}

/// A stay is the artefact that its encounter id names.
fn as_record_of_itself(event: Event) -> Event {
    match event.encounter_id().and_then(|id| RecordId::new(id.as_str()).ok()) {
        Some(id) => event.with_record_id(id),
        None => event,
    }
}

/// The call for a bed, known when made; its outcome, known when it came.
fn callout(out: &mut Out<'_>, row: &Row<'_>) -> Result<Outcome, SinkError> {
    const CALL: Spec = Spec {
        time: &["createtime"],
        prefix: &[SYSTEM, "CALLOUT"],
        code: &["callout_service"],
        attributes: &["request_tele", "request_resp", "request_cdiff", "request_mrsa", "request_vre"],
        ..Spec::new("callout", EventKind::Administrative)
    };
    const OUTCOME: Spec = Spec {
        time: &["outcometime"],
        prefix: &[SYSTEM, "CALLOUT_OUTCOME"],
        code: &["callout_outcome"],
        attributes: &[],
        ..CALL
    };
    let whose = match whose(row) {
        Ok(whose) => whose,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let mut told = Told { out, events: 0 };
    for spec in [CALL, OUTCOME] {
        if let Ok(event) = spec.event(told.out, row, &whose) {
            told.tell(event)?;
        }
    }
    Ok(if told.events == 0 { Outcome::Skipped("no time") } else { Outcome::Kept(told.events) })
}
