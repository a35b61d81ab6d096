//! What was charted, measured, given and drained.

use rustc_hash::FxHashSet;
use twinloom_event::{Attribute, Event, EventKind};

use super::dictionary::Dictionary;
use super::people::{Admissions, discharge, whose};
use crate::tables::TableError;
use crate::tables::out::{Out, Outcome};
use crate::tables::row::Row;
use crate::tables::source::TableSource;
use crate::tables::spec::{Spec, UnitOf};
use crate::{ProblemKind, SinkError};

pub(super) const TABLES: [&str; 10] = [
    "chartevents",
    "datetimeevents",
    "inputevents_cv",
    "inputevents_mv",
    "labevents",
    "microbiologyevents",
    "noteevents",
    "outputevents",
    "prescriptions",
    "procedureevents_mv",
];

const LAB: Spec = Spec {
    time: &["charttime"],
    prefix: &["MIMIC3_LABITEM"],
    code: &["itemid"],
    number: Some("valuenum"),
    text: Some("value"),
    unit: UnitOf::Column("valueuom"),
    attributes: &["flag"],
    ..Spec::new("labevents", EventKind::Observation)
};

/// Tables of charted items, one event a row.
const CHARTED: [Spec; 6] = [
    Spec {
        time: &["charttime"],
        recorded: Some("storetime"),
        prefix: &["MIMIC3_ITEM"],
        code: &["itemid"],
        number: Some("valuenum"),
        text: Some("value"),
        unit: UnitOf::Column("valueuom"),
        ..Spec::new("chartevents", EventKind::Observation)
    },
    Spec {
        time: &["charttime"],
        recorded: Some("storetime"),
        prefix: &["MIMIC3_ITEM"],
        code: &["itemid"],
        text: Some("value"),
        ..Spec::new("datetimeevents", EventKind::Observation)
    },
    Spec {
        time: &["charttime"],
        recorded: Some("storetime"),
        prefix: &["MIMIC3_ITEM"],
        code: &["itemid"],
        number: Some("amount"),
        unit: UnitOf::Column("amountuom"),
        attributes: &["rate", "rateuom", "originalroute", "stopped", "orderid"],
        ..Spec::new("inputevents_cv", EventKind::Medication)
    },
    Spec {
        time: &["starttime"],
        recorded: Some("storetime"),
        end: Some("endtime"),
        prefix: &["MIMIC3_ITEM"],
        code: &["itemid"],
        number: Some("amount"),
        unit: UnitOf::Column("amountuom"),
        attributes: &["rate", "rateuom", "ordercategoryname", "patientweight", "orderid"],
        ..Spec::new("inputevents_mv", EventKind::Medication)
    },
    Spec {
        time: &["charttime"],
        recorded: Some("storetime"),
        prefix: &["MIMIC3_ITEM"],
        code: &["itemid"],
        number: Some("value"),
        unit: UnitOf::Column("valueuom"),
        ..Spec::new("outputevents", EventKind::Observation)
    },
    Spec {
        time: &["starttime"],
        recorded: Some("storetime"),
        end: Some("endtime"),
        prefix: &["MIMIC3_ITEM"],
        code: &["itemid"],
        attributes: &["location", "locationcategory", "ordercategoryname", "orderid"],
        ..Spec::new("procedureevents_mv", EventKind::Procedure)
    },
];

const PRESCRIPTION: Spec = Spec {
    time: &["startdate"],
    end: Some("enddate"),
    prefix: &["MIMIC3", "PRESCRIPTION"],
    code: &["drug"],
    number: Some("dose_val_rx"),
    text: Some("dose_val_rx"),
    unit: UnitOf::Column("dose_unit_rx"),
    attributes: &["drug_type", "ndc", "gsn", "prod_strength", "route"],
    ..Spec::new("prescriptions", EventKind::Medication)
};

const NOTE: Spec = Spec {
    time: &["charttime", "chartdate"],
    recorded: Some("storetime"),
    prefix: &["MIMIC3", "NOTE"],
    code: &["category", "description"],
    text: Some("text"),
    ..Spec::new("noteevents", EventKind::Document)
};

pub(super) fn import(
    source: &TableSource,
    out: &mut Out<'_>,
    admissions: &Admissions,
    dictionary: &Dictionary,
) -> Result<(), TableError> {
    for spec in CHARTED {
        let needed: Vec<&str> =
            ["subject_id", spec.time[0]].into_iter().chain(spec.code.iter().copied()).collect();
        out.read_table(source, spec.table, &needed, &mut |out, row| plain(&spec, out, row))?;
    }
    out.read_table(source, "labevents", &["subject_id", "itemid", "charttime"], &mut |out, row| {
        lab(out, row, dictionary)
    })?;
    for spec in [PRESCRIPTION, NOTE] {
        let needed: Vec<&str> = ["subject_id"].into_iter().chain(spec.code.iter().copied()).collect();
        out.read_table(source, spec.table, &needed, &mut |out, row| plain(&spec, out, row))?;
    }
    let mut told = FxHashSet::default();
    out.read_table(source, "microbiologyevents", &["subject_id", "spec_type_desc"], &mut |out, row| {
        culture(out, row, admissions, &mut told)
    })?;
    Ok(())
}

fn plain(spec: &Spec, out: &mut Out<'_>, row: &Row<'_>) -> Result<Outcome, SinkError> {
    if row.get("statusdescription") == Some("Rewritten") {
        return Ok(Outcome::Skipped("order rewritten, not given"));
    }
    if [row.get("error"), row.get("iserror")].contains(&Some("1")) {
        return Ok(Outcome::Skipped("marked as an error"));
    }
    match whose(row) {
        Ok(whose) => spec.emit(out, row, &whose),
        Err(reason) => Ok(Outcome::Skipped(reason)),
    }
}

fn lab(out: &mut Out<'_>, row: &Row<'_>, dictionary: &Dictionary) -> Result<Outcome, SinkError> {
    let whose = match whose(row) {
        Ok(whose) => whose,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let Some((code, others)) = row.get("itemid").and_then(|item| dictionary.lab(out, item)) else {
        return Ok(Outcome::Skipped("no itemid"));
    };
    match LAB.event_of(code, out, row, &whose) {
        Ok(event) => {
            let event = match others {
                Some(others) => event.with_attribute("other_codes", Attribute::Text(others)),
                None => event,
            };
            out.event(event)?;
            Ok(Outcome::Kept(1))
        }
        Err(reason) => Ok(Outcome::Skipped(reason)),
    }
}

/// A specimen taken is known then; what grew in it, MIMIC does not say when.
fn culture(
    out: &mut Out<'_>,
    row: &Row<'_>,
    admissions: &Admissions,
    told: &mut FxHashSet<[Option<String>; 4]>,
) -> Result<Outcome, SinkError> {
    const TAKEN: Spec = Spec {
        time: &["charttime", "chartdate"],
        prefix: &["MIMIC3", "SPECIMEN"],
        code: &["spec_type_desc"],
        ..Spec::new("microbiologyevents", EventKind::Procedure)
    };
    const GROWN: Spec = Spec {
        prefix: &["MIMIC3", "CULTURE_RESULT"],
        code: &["org_name", "ab_name"],
        text: Some("interpretation"),
        attributes: &["spec_type_desc", "isolate_num", "dilution_text"],
        kind: EventKind::Observation,
        ..TAKEN
    };
    let whose = match whose(row) {
        Ok(whose) => whose,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let taken = match TAKEN.event(out, row, &whose) {
        Ok(event) => event,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let known = taken.known_time().max(discharge(row, admissions));
    let mut events = 0;
    // A row per organism and antibiotic: their number is a result, which nobody knew when it was taken.
    let specimen = ["subject_id", "charttime", "chartdate", "spec_type_desc"];
    if told.insert(specimen.map(|name| row.get(name).map(str::to_owned))) {
        out.event(taken)?;
        events += 1;
    }
    if let Ok(grown) = GROWN.event(out, row, &whose) {
        let reason = "the result has no time; counted as known at discharge";
        out.note("microbiologyevents", ProblemKind::Date, reason, row);
        let grown: Event = match known {
            Some(known) => grown.with_recorded_time(known),
            None => grown,
        };
        out.event(grown)?;
        events += 1;
    }
    Ok(if events == 0 {
        Outcome::Skipped("the specimen was told by another row")
    } else {
        Outcome::Kept(events)
    })
}
