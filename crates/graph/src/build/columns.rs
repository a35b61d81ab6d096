//! Node tables of the instance and provenance strata.

use std::fmt::Write;
use std::sync::Arc;

use twinloom_event::{Attribute, Entity, EventKind, Timestamp};

use super::subject::{EncounterKey, PlannedEvent, Subject};
use crate::column::{Column, TextTooLong, Texts};
use crate::{NodeLabel, NodeTable, Property};

pub(super) fn patients(subjects: &[Subject<'_>]) -> Result<NodeTable, TextTooLong> {
    let ids: Vec<String> = subjects.iter().map(|subject| subject.id.to_string()).collect();
    let sexes: Vec<_> = subjects.iter().map(|subject| subject.facts.sex.clone()).collect();
    let ethnicities: Vec<_> = subjects.iter().map(|subject| subject.facts.ethnicity.clone()).collect();
    let columns = vec![
        (Property::Id, Column::text(ids.iter().map(String::as_str))?),
        (Property::SubjectId, Column::integers(subjects.iter().map(|subject| Some(subject.id.get())))),
        (Property::Sex, Column::category(&sexes)),
        (Property::BirthYear, Column::integers(subjects.iter().map(|subject| subject.facts.birth_year))),
        (Property::ImdDecile, Column::integers(subjects.iter().map(|subject| subject.facts.imd_decile))),
        (Property::Ethnicity, Column::category(&ethnicities)),
    ];
    Ok(NodeTable { label: NodeLabel::Patient, first: 0, rows: subjects.len() as u32, columns })
}

/// `repeated` marks, subject by subject, the encounters whose id an earlier subject's has.
pub(super) fn encounters(
    subjects: &[Subject<'_>],
    repeated: &[bool],
    first: u32,
) -> Result<NodeTable, TextTooLong> {
    let all = || {
        subjects
            .iter()
            .flat_map(|subject| subject.encounters.iter().map(move |encounter| (subject, encounter)))
    };
    let ids: Vec<String> = all()
        .zip(repeated)
        .map(|((subject, encounter), repeated)| match encounter.id {
            EncounterKey::Named(id) if *repeated => format!("{id}@{}", subject.id),
            EncounterKey::Named(id) => id.to_owned(),
            EncounterKey::Unnamed(place) => format!("{}:{place}", subject.id),
        })
        .collect();
    let classes: Vec<_> = all().map(|(_, encounter)| encounter.class.clone()).collect();
    let discharges: Vec<_> = all().map(|(_, encounter)| encounter.discharge.clone()).collect();
    let reasons: Vec<_> = all().map(|(_, encounter)| encounter.reason.clone()).collect();
    let mut columns = vec![
        (Property::Id, Column::text(ids.iter().map(String::as_str))?),
        (Property::Class, Column::category(&classes)),
        (Property::Discharge, Column::category(&discharges)),
        (Property::Start, Column::times(all().map(|(_, encounter)| encounter.start))),
        (Property::End, Column::times(all().map(|(_, encounter)| encounter.end))),
        (Property::Known, Column::times(all().map(|(_, encounter)| encounter.known))),
    ];
    if reasons.iter().any(Option::is_some) {
        columns.push((Property::Reason, Column::category(&reasons)));
    }
    Ok(NodeTable { label: NodeLabel::Encounter, first, rows: ids.len() as u32, columns })
}

/// An event node on its way into its table.
pub(super) struct EventRow<'a> {
    pub(super) planned: &'a PlannedEvent<'a>,
    /// Whether an artefact of another subject has the same id.
    pub(super) repeated: bool,
}

pub(super) fn events(kind: EventKind, rows: &[EventRow<'_>], first: u32) -> Result<NodeTable, TextTooLong> {
    let mut ids = Texts::with_capacity(rows.len());
    for row in rows {
        ids.push(|text| event_id(row, text))?;
    }
    let events = || rows.iter().map(|row| row.planned.event);
    let word = |name: &'static str| {
        move |event: &twinloom_event::Event| {
            event.attribute(name).and_then(Attribute::as_text).map(Arc::<str>::from)
        }
    };
    let units: Vec<Option<Arc<str>>> =
        events().map(|event| event.unit().map(|unit| unit.as_str().into())).collect();
    let statuses: Vec<Option<Arc<str>>> =
        events().map(|event| word("status")(event).or_else(|| word("clinical_status")(event))).collect();
    let texts: Vec<Option<Arc<str>>> = events().map(|event| event.text_value().map(Arc::from)).collect();
    let ends: Vec<Option<Timestamp>> = events().map(twinloom_event::Event::end_time).collect();
    let mut columns = vec![
        (Property::Id, ids.finish()),
        (Property::Time, Column::times(events().map(twinloom_event::Event::time))),
        (Property::Known, Column::times(events().map(twinloom_event::Event::known_time))),
    ];
    if ends.iter().any(Option::is_some) {
        columns.push((Property::End, Column::times(ends)));
    }
    if events().any(|event| event.numeric_value().is_some()) {
        columns.push((Property::Value, Column::floats(events().map(twinloom_event::Event::numeric_value))));
    }
    let verifications: Vec<_> = events().map(word("verification_status")).collect();
    let reasons: Vec<_> = events().map(word("reason")).collect();
    let interpretations: Vec<_> = events().map(word("interpretation")).collect();
    for (property, words) in [
        (Property::Unit, units),
        (Property::Status, statuses),
        (Property::Verification, verifications),
        (Property::Reason, reasons),
        (Property::Interpretation, interpretations),
        (Property::Text, texts),
    ] {
        if words.iter().any(Option::is_some) {
            columns.push((property, Column::category(&words)));
        }
    }
    for (property, name) in
        [(Property::ReferenceLow, "reference_low"), (Property::ReferenceHigh, "reference_high")]
    {
        let limit = |event: &twinloom_event::Event| match event.attribute(name) {
            Some(Attribute::Float(limit)) => Some(*limit),
            _ => None,
        };
        if events().any(|event| limit(event).is_some()) {
            columns.push((property, Column::floats(events().map(limit))));
        }
    }
    Ok(NodeTable { label: NodeLabel::Event(kind), first, rows: rows.len() as u32, columns })
}

/// Writes the artefact's id; with `#part` for its further events, `@subject` where another subject's
/// artefact has the same; `subject:place` when there is no artefact.
fn event_id(row: &EventRow<'_>, text: &mut String) {
    let (planned, event) = (row.planned, row.planned.event);
    // Writing to a string never fails.
    let _ = match event.record_id() {
        None => write!(text, "{}:{}", event.subject_id(), planned.place),
        Some(record) => {
            text.push_str(record.as_str());
            if row.repeated {
                let _ = write!(text, "@{}", event.subject_id());
            }
            match planned.part {
                0 => Ok(()),
                part => write!(text, "#{part}"),
            }
        }
    };
}

/// `entities` are of one sort and in id order.
pub(super) fn entities(kind: &Arc<str>, entities: &[&Entity], first: u32) -> Result<NodeTable, TextTooLong> {
    let columns = vec![
        (Property::Id, Column::text(entities.iter().map(|entity| entity.record_id.as_str()))?),
        (Property::Name, Column::text(entities.iter().map(|entity| entity.name.as_deref().unwrap_or("")))?),
    ];
    Ok(NodeTable { label: NodeLabel::Entity(kind.clone()), first, rows: entities.len() as u32, columns })
}
