//! OMOP's clinical tables, one event a row.

use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, Link, RecordId, TimePrecision, Timestamp,
};

use super::person::subject;
use super::vocabulary::Vocabulary;
use crate::tables::TableError;
use crate::tables::out::{Out, Outcome};
use crate::tables::row::{NoTime, Row};
use crate::tables::source::TableSource;
use crate::tables::spec::{with_attributes, with_end};
use crate::{ProblemKind, SinkError};

/// One clinical table: the names of its columns.
pub(super) struct Fact {
    pub(super) table: &'static str,
    kind: EventKind,
    concept: &'static str,
    source_concept: &'static str,
    source_value: &'static str,
    datetime: &'static str,
    date: &'static str,
    end: Option<(&'static str, &'static str)>,
    attributes: &'static [&'static str],
}

pub(super) const FACTS: [Fact; 12] = [
    Fact {
        table: "visit_occurrence",
        kind: EventKind::Encounter,
        concept: "visit_concept_id",
        source_concept: "visit_source_concept_id",
        source_value: "",
        datetime: "visit_start_datetime",
        date: "visit_start_date",
        end: Some(("visit_end_datetime", "visit_end_date")),
        attributes: &["admitted_from_source_value"],
    },
    Fact {
        table: "visit_detail",
        kind: EventKind::Encounter,
        concept: "visit_detail_concept_id",
        source_concept: "visit_detail_source_concept_id",
        source_value: "",
        datetime: "visit_detail_start_datetime",
        date: "visit_detail_start_date",
        end: Some(("visit_detail_end_datetime", "visit_detail_end_date")),
        attributes: &["admitted_from_source_value"],
    },
    Fact {
        table: "condition_occurrence",
        kind: EventKind::Condition,
        concept: "condition_concept_id",
        source_concept: "condition_source_concept_id",
        source_value: "condition_source_value",
        datetime: "condition_start_datetime",
        date: "condition_start_date",
        end: Some(("condition_end_datetime", "condition_end_date")),
        attributes: &["condition_status_source_value"],
    },
    Fact {
        table: "drug_exposure",
        kind: EventKind::Medication,
        concept: "drug_concept_id",
        source_concept: "drug_source_concept_id",
        source_value: "drug_source_value",
        datetime: "drug_exposure_start_datetime",
        date: "drug_exposure_start_date",
        end: Some(("drug_exposure_end_datetime", "drug_exposure_end_date")),
        attributes: &[
            "quantity",
            "days_supply",
            "refills",
            "sig",
            "route_source_value",
            "dose_unit_source_value",
        ],
    },
    Fact {
        table: "procedure_occurrence",
        kind: EventKind::Procedure,
        concept: "procedure_concept_id",
        source_concept: "procedure_source_concept_id",
        source_value: "procedure_source_value",
        datetime: "procedure_datetime",
        date: "procedure_date",
        end: Some(("procedure_end_datetime", "procedure_end_date")),
        attributes: &["modifier_source_value", "quantity"],
    },
    Fact {
        table: "device_exposure",
        kind: EventKind::Device,
        concept: "device_concept_id",
        source_concept: "device_source_concept_id",
        source_value: "device_source_value",
        datetime: "device_exposure_start_datetime",
        date: "device_exposure_start_date",
        end: Some(("device_exposure_end_datetime", "device_exposure_end_date")),
        attributes: &["quantity"],
    },
    Fact {
        table: "measurement",
        kind: EventKind::Observation,
        concept: "measurement_concept_id",
        source_concept: "measurement_source_concept_id",
        source_value: "measurement_source_value",
        datetime: "measurement_datetime",
        date: "measurement_date",
        end: None,
        attributes: &["range_low", "range_high"],
    },
    Fact {
        table: "observation",
        kind: EventKind::Observation,
        concept: "observation_concept_id",
        source_concept: "observation_source_concept_id",
        source_value: "observation_source_value",
        datetime: "observation_datetime",
        date: "observation_date",
        end: None,
        attributes: &["qualifier_source_value"],
    },
    Fact {
        table: "specimen",
        kind: EventKind::Procedure,
        concept: "specimen_concept_id",
        source_concept: "",
        source_value: "specimen_source_value",
        datetime: "specimen_datetime",
        date: "specimen_date",
        end: None,
        attributes: &["quantity", "anatomic_site_source_value", "disease_status_source_value"],
    },
    Fact {
        table: "note",
        kind: EventKind::Document,
        concept: "note_class_concept_id",
        source_concept: "note_type_concept_id",
        source_value: "note_source_value",
        datetime: "note_datetime",
        date: "note_date",
        end: None,
        attributes: &["note_title"],
    },
    Fact {
        table: "episode",
        kind: EventKind::Condition,
        concept: "episode_concept_id",
        source_concept: "episode_source_concept_id",
        source_value: "episode_source_value",
        datetime: "episode_start_datetime",
        date: "episode_start_date",
        end: Some(("episode_end_datetime", "episode_end_date")),
        attributes: &["episode_number"],
    },
    Fact {
        table: "payer_plan_period",
        kind: EventKind::Administrative,
        concept: "payer_concept_id",
        source_concept: "payer_source_concept_id",
        source_value: "payer_source_value",
        datetime: "",
        date: "payer_plan_period_start_date",
        end: Some(("", "payer_plan_period_end_date")),
        attributes: &["plan_source_value"],
    },
];

pub(super) fn import(
    source: &TableSource,
    out: &mut Out<'_>,
    vocabulary: &mut Vocabulary,
) -> Result<(), TableError> {
    for fact in &FACTS {
        let needed = ["person_id", fact.concept, fact.date];
        out.read_table(source, fact.table, &needed, &mut |out, row| fact.tell(out, row, vocabulary))?;
    }
    Ok(())
}

/// The datetime if it has a clock, else the day.
pub(super) fn date_or_time(
    row: &Row<'_>,
    datetime: &str,
    date: &str,
) -> Result<(Timestamp, TimePrecision), &'static str> {
    let is_midnight = |at: Timestamp| at.micros().rem_euclid(twinloom_event::MICROSECONDS_PER_DAY) == 0;
    match (row.time(datetime), row.time(date)) {
        (Ok(Some((at, TimePrecision::Instant))), _) if !is_midnight(at) => Ok((at, TimePrecision::Instant)),
        (_, Ok(Some((at, precision)))) | (Ok(Some((at, precision))), _) => {
            Ok((at, precision.min(TimePrecision::Day)))
        }
        (_, Err(NoTime)) | (Err(NoTime), _) => Err("time is no date"),
        (Ok(None), Ok(None)) => Err("no time"),
    }
}

impl Fact {
    fn tell(
        &self,
        out: &mut Out<'_>,
        row: &Row<'_>,
        vocabulary: &mut Vocabulary,
    ) -> Result<Outcome, SinkError> {
        let subject_id = match subject(row) {
            Ok(subject_id) => subject_id,
            Err(reason) => return Ok(Outcome::Skipped(reason)),
        };
        let time = match date_or_time(row, self.datetime, self.date) {
            Ok(time) => time,
            Err(reason) => return Ok(Outcome::Skipped(reason)),
        };
        let Some((code, other)) = self.code(out, row, vocabulary) else {
            return Ok(Outcome::Skipped("no concept, source concept or source value"));
        };
        let mut event = out.draft(subject_id, Some(time), code, self.kind);
        if let Some(other) = other {
            let others = serde_json::json!([other.as_str()]).to_string();
            event = event.with_attribute("other_codes", Attribute::Text(others.into()));
        }
        event = with_value(event, out, row, vocabulary, self.table);
        event = self.with_end(event, out, row);
        event = with_attributes(event, row, self.attributes);
        if let Some(id) = row.record_id(self.table) {
            event = event.with_record_id(id);
        }
        let own = if self.table == "visit_detail" { "visit_detail_id" } else { "visit_occurrence_id" };
        let encounter = row.get(own).map(|id| format!("{}/{id}", own.trim_end_matches("_id")));
        if let Some(id) = encounter.and_then(|id| EncounterId::new(id).ok()) {
            event = event.with_encounter_id(id);
        }
        if self.table == "visit_detail"
            && let (Some(from), Some(id)) = (row.record_id("visit_detail"), row.get("visit_occurrence_id"))
            && let Ok(to) = RecordId::new(format!("visit_occurrence/{id}"))
        {
            out.link(Link { from, path: "partOf".into(), to })?;
        }
        if let (Some(from), Some(id)) = (row.record_id(self.table), row.get("provider_id"))
            && let Ok(to) = RecordId::new(format!("provider/{id}"))
        {
            out.link(Link { from, path: "provider".into(), to })?;
        }
        out.event(event)?;
        Ok(Outcome::Kept(1))
    }

    /// The best code there is, and the source's own where it differs.
    fn code(
        &self,
        out: &mut Out<'_>,
        row: &Row<'_>,
        vocabulary: &mut Vocabulary,
    ) -> Option<(Code, Option<Code>)> {
        let standard_id = row.integer(self.concept);
        let standard = vocabulary.code(out, standard_id);
        let own = vocabulary.code(out, row.integer(self.source_concept));
        match (standard, own) {
            (Some(standard), own) => {
                let other = own.filter(|own| *own != standard);
                Some((standard, other))
            }
            (None, Some(own)) => Some((own, None)),
            (None, None) => row
                .get(self.source_value)
                .and_then(|text| out.code(&["OMOP_SOURCE", text]))
                .or_else(|| {
                    let id = standard_id.filter(|id| *id != 0)?;
                    out.code(&["OMOP", &id.to_string()])
                })
                .map(|code| (code, None)),
        }
    }

    fn with_end(&self, event: Event, out: &mut Out<'_>, row: &Row<'_>) -> Event {
        let Some((datetime, date)) = self.end else {
            return event;
        };
        if row.get(datetime).is_none() && row.get(date).is_none() {
            return event;
        }
        match date_or_time(row, datetime, date) {
            Ok((end, precision)) => {
                // A day's end is its last moment, so that a stay within a day does not end before it began.
                let end = if event.time_precision() == TimePrecision::Instant {
                    precision.latest(end)
                } else {
                    end
                };
                with_end(event, out, self.table, row, end)
            }
            Err(reason) => {
                out.note(self.table, ProblemKind::Date, reason, row);
                event
            }
        }
    }
}

/// Number, unit and text: as number, coded answer, or string.
fn with_value(
    event: Event,
    out: &mut Out<'_>,
    row: &Row<'_>,
    vocabulary: &mut Vocabulary,
    table: &str,
) -> Event {
    let mut event = event;
    if let Some(value) = row.number("value_as_number") {
        event = event.with_numeric_value(value).expect("row numbers are finite");
        let coded = vocabulary.code(out, row.integer("unit_concept_id")).map(|code| code.value().to_owned());
        let stated = row.get("unit_source_value").map(str::to_owned).or(coded);
        match stated.and_then(|unit| out.unit(&unit)) {
            Some(unit) => event = event.with_unit(unit),
            None if table == "measurement" => {
                out.note(table, ProblemKind::Unit, "a number without a unit", row);
            }
            None => {}
        }
    }
    let answer = vocabulary
        .code(out, row.integer("value_as_concept_id"))
        .map(|code| code.to_string())
        .or_else(|| row.get("value_as_string").map(str::to_owned))
        .or_else(|| row.get("note_text").map(str::to_owned))
        .or_else(|| {
            row.get("value_source_value").filter(|_| event.numeric_value().is_none()).map(str::to_owned)
        });
    match answer {
        Some(answer) => event.with_text_value(answer),
        None => event,
    }
}
