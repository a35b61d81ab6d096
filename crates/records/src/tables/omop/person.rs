//! The `person` and `death` tables.

use rustc_hash::FxHashSet;
use twinloom_event::{Attribute, Code, Event, EventKind, SubjectId, TimePrecision, Timestamp};

use super::facts::date_or_time;
use super::vocabulary::Vocabulary;
use crate::tables::TableError;
use crate::tables::out::{Out, Outcome};
use crate::tables::row::Row;
use crate::tables::source::TableSource;
use crate::{ProblemKind, SinkError, subject_id_from_source};

pub(super) const TABLES: [&str; 2] = ["person", "death"];

/// OMOP's standard gender concepts.
///
/// # Source
/// OHDSI standardised vocabularies, vocabulary Gender.
const FEMALE: i64 = 8532;
const MALE: i64 = 8507;

/// The subject that a row names.
pub(super) fn subject(row: &Row<'_>) -> Result<SubjectId, &'static str> {
    row.get("person_id").map(subject_id_from_source).ok_or("no person_id")
}

pub(super) fn import(
    source: &TableSource,
    out: &mut Out<'_>,
    vocabulary: &mut Vocabulary,
) -> Result<(), TableError> {
    let mut seen = FxHashSet::default();
    let needed = ["person_id", "gender_concept_id", "year_of_birth"];
    out.read_needed_table(source, "person", &needed, &mut |out, row| {
        let subject_id = match subject(row) {
            Ok(subject_id) => subject_id,
            Err(reason) => return Ok(Outcome::Skipped(reason)),
        };
        if !seen.insert(subject_id) {
            return Ok(Outcome::Skipped("person_id stands twice"));
        }
        out.subject(subject_id, row.get("person_id").unwrap_or_default())?;
        person(out, row, subject_id, vocabulary)
    })?;
    out.read_table(source, "death", &["person_id", "death_date"], &mut |out, row| {
        death(out, row, vocabulary)
    })?;
    Ok(())
}

fn person(
    out: &mut Out<'_>,
    row: &Row<'_>,
    subject_id: SubjectId,
    vocabulary: &mut Vocabulary,
) -> Result<Outcome, SinkError> {
    let mut events = 0;
    let sex = match (row.integer("gender_concept_id"), row.get("gender_source_value")) {
        (Some(FEMALE), _) | (_, Some("F" | "f" | "female")) => "female",
        (Some(MALE), _) | (_, Some("M" | "m" | "male")) => "male",
        _ => "unknown",
    };
    let ethnicity = vocabulary
        .name(row.integer("ethnicity_concept_id").filter(|id| *id != 0))
        .or(row.get("ethnicity_source_value"))
        .map(str::to_owned);
    let race = vocabulary
        .name(row.integer("race_concept_id").filter(|id| *id != 0))
        .or(row.get("race_source_value"))
        .map(str::to_owned);
    let facts = [("SEX", Some(sex.to_owned())), ("ETHNICITY", ethnicity), ("RACE", race)];
    for (system, value) in facts {
        if let Some(code) = value.and_then(|value| out.code(&[system, &value])) {
            let event = out.draft(subject_id, None, code, EventKind::Demographic);
            out.event(with_record(event, row, "person"))?;
            events += 1;
        }
    }
    match birth(row) {
        Some(birth) => {
            let event = out.draft(subject_id, Some(birth), Code::birth(), EventKind::Birth);
            out.event(with_record(event, row, "person"))?;
            events += 1;
        }
        None => out.note("person", ProblemKind::Date, "no birth date can be made of its parts", row),
    }
    Ok(Outcome::Kept(events))
}

/// Year, and as much more as is stated.
fn birth(row: &Row<'_>) -> Option<(Timestamp, TimePrecision)> {
    let part = |column: &str| row.integer(column).and_then(|value| u32::try_from(value).ok());
    let year = i32::try_from(row.integer("year_of_birth")?).ok()?;
    if let Ok(Some((at, _))) = row.time("birth_datetime") {
        return Some((at, TimePrecision::Day));
    }
    match (part("month_of_birth"), part("day_of_birth")) {
        (Some(month), Some(day)) => {
            Timestamp::from_ymd(year, month, day).ok().map(|at| (at, TimePrecision::Day))
        }
        (Some(month), None) => Timestamp::from_ymd(year, month, 1).ok().map(|at| (at, TimePrecision::Month)),
        (None, _) => Timestamp::from_ymd(year, 1, 1).ok().map(|at| (at, TimePrecision::Year)),
    }
}

fn death(out: &mut Out<'_>, row: &Row<'_>, vocabulary: &mut Vocabulary) -> Result<Outcome, SinkError> {
    let subject_id = match subject(row) {
        Ok(subject_id) => subject_id,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let time = match date_or_time(row, "death_datetime", "death_date") {
        Ok(time) => time,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let mut event = out.draft(subject_id, Some(time), Code::death(), EventKind::Death);
    let cause = vocabulary
        .code(out, row.integer("cause_concept_id"))
        .or_else(|| vocabulary.code(out, row.integer("cause_source_concept_id")))
        .map(|code| code.to_string())
        .or_else(|| row.get("cause_source_value").map(str::to_owned));
    if let Some(cause) = cause {
        event = event.with_attribute("cause", Attribute::Text(cause.into()));
    }
    out.event(with_record(event, row, "death"))?;
    Ok(Outcome::Kept(1))
}

fn with_record(event: Event, row: &Row<'_>, table: &str) -> Event {
    match row.record_id(table) {
        Some(id) => event.with_record_id(id),
        None => event,
    }
}
