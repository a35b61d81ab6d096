//! Clinicians, sites, and periods of observation.

use std::sync::Arc;

use twinloom_event::{Attribute, Attributes, Entity, EventKind, Link, RecordId};

use super::facts::date_or_time;
use super::person::subject;
use super::vocabulary::Vocabulary;
use crate::tables::TableError;
use crate::tables::out::{Out, Outcome};
use crate::tables::source::TableSource;
use crate::tables::spec::with_end;

pub(super) const TABLES: [&str; 4] = ["provider", "care_site", "observation_period", "episode_event"];

pub(super) fn import(
    source: &TableSource,
    out: &mut Out<'_>,
    vocabulary: &mut Vocabulary,
) -> Result<(), TableError> {
    let sites = [
        (
            "provider",
            "provider_id",
            "Practitioner",
            "provider_name",
            "specialty_concept_id",
            "specialty_source_value",
        ),
        (
            "care_site",
            "care_site_id",
            "Organization",
            "care_site_name",
            "place_of_service_concept_id",
            "place_of_service_source_value",
        ),
    ];
    for (table, id, kind, name, concept, text) in sites {
        out.read_table(source, table, &[id], &mut |out, row| {
            let Some(record_id) = row.record_id(table).filter(|_| row.get(id).is_some()) else {
                return Ok(Outcome::Skipped("no identifier"));
            };
            let mut attributes = Attributes::new();
            if let Some(code) = vocabulary.code(out, row.integer(concept)) {
                attributes.insert(
                    concept.trim_end_matches("_concept_id").into(),
                    Attribute::Text(code.as_str().into()),
                );
            } else if let Some(text) = row.get(text) {
                attributes
                    .insert(concept.trim_end_matches("_concept_id").into(), Attribute::Text(text.into()));
            }
            let name = row.get(name).map(Arc::from);
            out.entity(Entity { record_id, kind: kind.into(), name, attributes })?;
            Ok(Outcome::Kept(0))
        })?;
    }
    observation_periods(source, out)?;
    out.read_table(source, "episode_event", &["episode_id", "event_id"], &mut |out, row| {
        let (Some(episode), Some(event)) = (row.get("episode_id"), row.get("event_id")) else {
            return Ok(Outcome::Skipped("no episode_id or event_id"));
        };
        let table = match row.integer("episode_event_field_concept_id") {
            // CDM field concepts of the primary keys.
            Some(1_147_127) => "condition_occurrence",
            Some(1_147_082) => "procedure_occurrence",
            Some(1_147_094) => "drug_exposure",
            Some(1_147_138) => "measurement",
            _ => return Ok(Outcome::Skipped("episode_event_field_concept_id names no table that is read")),
        };
        let ends = (RecordId::new(format!("episode/{episode}")), RecordId::new(format!("{table}/{event}")));
        if let (Ok(from), Ok(to)) = ends {
            out.link(Link { from, path: "event".into(), to })?;
        }
        Ok(Outcome::Kept(0))
    })?;
    Ok(())
}

fn observation_periods(source: &TableSource, out: &mut Out<'_>) -> Result<(), TableError> {
    const TABLE: &str = "observation_period";
    let needed = ["person_id", "observation_period_start_date", "observation_period_end_date"];
    out.read_table(source, TABLE, &needed, &mut |out, row| {
        let (subject_id, time) = match (subject(row), date_or_time(row, "", "observation_period_start_date"))
        {
            (Ok(subject_id), Ok(time)) => (subject_id, time),
            (Err(reason), _) | (_, Err(reason)) => return Ok(Outcome::Skipped(reason)),
        };
        let Some(code) = out.code(&["OMOP", "OBSERVATION_PERIOD"]) else {
            return Ok(Outcome::Skipped("no code"));
        };
        let mut event = out.draft(subject_id, Some(time), code, EventKind::Administrative);
        if let Ok((end, _)) = date_or_time(row, "", "observation_period_end_date") {
            event = with_end(event, out, TABLE, row, end);
        }
        if let Some(id) = row.record_id(TABLE) {
            event = event.with_record_id(id);
        }
        out.event(event)?;
        Ok(Outcome::Kept(1))
    })?;
    Ok(())
}
