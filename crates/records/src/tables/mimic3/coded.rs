//! What is coded for billing, at discharge.

use twinloom_event::{Attribute, EventKind, TimePrecision};

use super::dictionary::{icd9_diagnosis, icd9_procedure};
use super::people::{Admissions, discharge, whose};
use crate::SinkError;
use crate::tables::TableError;
use crate::tables::out::{Out, Outcome};
use crate::tables::row::Row;
use crate::tables::source::TableSource;
use crate::tables::spec::with_attributes;

pub(super) const TABLES: [&str; 4] = ["diagnoses_icd", "procedures_icd", "drgcodes", "cptevents"];

pub(super) fn import(
    source: &TableSource,
    out: &mut Out<'_>,
    admissions: &Admissions,
) -> Result<(), TableError> {
    let needed = ["subject_id", "hadm_id", "icd9_code"];
    out.read_table(source, "diagnoses_icd", &needed, &mut |out, row| {
        let code = row.get("icd9_code").map(icd9_diagnosis);
        let parts = ["ICD9CM", code.as_deref().unwrap_or_default()];
        Coded { table: "diagnoses_icd", kind: EventKind::Condition, attributes: &["seq_num"] }
            .tell(out, row, admissions, &parts, None)
    })?;
    out.read_table(source, "procedures_icd", &needed, &mut |out, row| {
        let code = row.get("icd9_code").map(icd9_procedure);
        let parts = ["ICD9CM", code.as_deref().unwrap_or_default()];
        Coded { table: "procedures_icd", kind: EventKind::Procedure, attributes: &["seq_num"] }
            .tell(out, row, admissions, &parts, None)
    })?;
    out.read_table(
        source,
        "drgcodes",
        &["subject_id", "hadm_id", "drg_type", "drg_code"],
        &mut |out, row| {
            let system = format!("{}_DRG", row.get("drg_type").unwrap_or("UNKNOWN").replace(' ', "_"));
            let parts = [system.as_str(), row.get("drg_code").unwrap_or_default()];
            let attributes = &["drg_severity", "drg_mortality"];
            Coded { table: "drgcodes", kind: EventKind::Administrative, attributes }.tell(
                out,
                row,
                admissions,
                &parts,
                row.get("description"),
            )
        },
    )?;
    out.read_table(source, "cptevents", &["subject_id", "hadm_id", "cpt_cd"], &mut |out, row| {
        let parts = ["CPT", row.get("cpt_cd").unwrap_or_default()];
        let attributes = &["costcenter", "sectionheader", "subsectionheader"];
        Coded { table: "cptevents", kind: EventKind::Procedure, attributes }.tell(
            out,
            row,
            admissions,
            &parts,
            row.get("description"),
        )
    })?;
    Ok(())
}

/// How a table's rows are stated.
struct Coded {
    table: &'static str,
    kind: EventKind,
    attributes: &'static [&'static str],
}

impl Coded {
    /// States a code on its own date if it has one, else at discharge.
    fn tell(
        &self,
        out: &mut Out<'_>,
        row: &Row<'_>,
        admissions: &Admissions,
        parts: &[&str],
        text: Option<&str>,
    ) -> Result<Outcome, SinkError> {
        let whose = match whose(row) {
            Ok(whose) => whose,
            Err(reason) => return Ok(Outcome::Skipped(reason)),
        };
        let Some(code) = out.code(parts) else {
            return Ok(Outcome::Skipped("no code"));
        };
        let end = discharge(row, admissions);
        let (time, time_source) = match (row.time("chartdate"), end) {
            (Ok(Some((at, _))), _) => (at, None),
            (_, Some(end)) => (end, Some("dischtime")),
            (_, None) => return Ok(Outcome::Skipped("no date and no discharge of the admission")),
        };
        let precision = if time_source.is_none() { TimePrecision::Day } else { TimePrecision::Instant };
        let mut event = out.draft(whose.subject_id, Some((time, precision)), code, self.kind);
        if let Some(column) = time_source {
            event = event.with_attribute("time_source", Attribute::Text(column.into()));
        }
        if let Some(text) = text {
            event = event.with_text_value(text);
        }
        if let Some(id) = whose.encounter_id {
            event = event.with_encounter_id(id);
        }
        if let Some(id) = row.record_id(self.table) {
            event = event.with_record_id(id);
        }
        // Billing codes are given after the fact, also those with a date.
        if let Some(end) = end.filter(|end| *end > time) {
            event = event.with_recorded_time(end);
        }
        out.event(with_attributes(event, row, self.attributes))?;
        Ok(Outcome::Kept(1))
    }
}
