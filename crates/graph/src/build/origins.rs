//! The artefact behind every node, and where it stood in the input.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::Artefact;

use super::numbering::{Entities, Numbering, take_number};
use super::subject::{EncounterKey, Subject};
use crate::column::NO_WORD;
use crate::lineage::Origins;

/// One node's artefact on its way into [`Origins`].
struct Collector<'a> {
    places: FxHashMap<&'a str, &'a Artefact>,
    files: FxHashMap<&'a str, u32>,
    record_bytes: Vec<u32>,
    others: BTreeMap<u32, Arc<str>>,
    file_numbers: Vec<u32>,
    lines: Vec<u64>,
    entries: Vec<u64>,
}

pub(super) fn origins<'a>(
    subjects: &'a [Subject<'a>],
    numbering: &Numbering,
    entities: &Entities<'a>,
    nodes: usize,
    artefacts: &'a [Artefact],
) -> Origins {
    let mut files: Vec<&Arc<str>> = Vec::new();
    for artefact in artefacts {
        // Artefacts of a file mostly stand together, which keeps the list short before it is sorted.
        if files.last().is_none_or(|last| !Arc::ptr_eq(last, &artefact.file)) {
            files.push(&artefact.file);
        }
    }
    files.sort_unstable();
    files.dedup();
    let placed = if artefacts.is_empty() { 0 } else { nodes };
    let mut collector = Collector {
        places: artefacts.iter().rev().map(|artefact| (artefact.record_id.as_str(), artefact)).collect(),
        files: files.iter().map(|file| &***file).zip(0..).collect(),
        record_bytes: vec![0; nodes],
        others: BTreeMap::new(),
        file_numbers: vec![NO_WORD; placed],
        lines: vec![0; placed],
        entries: vec![0; placed],
    };
    for (patient, subject) in (0..).zip(subjects) {
        if let Some(record) = subject.patient_records.iter().min() {
            collector.other(patient, record);
        }
        for (node, encounter) in (numbering.encounters[patient as usize]..).zip(&subject.encounters) {
            match (encounter.id, encounter.record_id) {
                (EncounterKey::Named(id), Some(record)) if id == record => collector.prefix(node, record),
                (_, Some(record)) => collector.other(node, record),
                (_, None) => {}
            }
        }
        let mut next = numbering.events[patient as usize];
        for planned in &subject.events {
            let node = take_number(&mut next, planned.event.kind());
            if let Some(record) = planned.event.record_id() {
                collector.prefix(node, record.as_str());
            }
        }
    }
    for (first, entities) in numbering.entities.iter().zip(entities.values()) {
        for (node, entity) in (*first..).zip(entities) {
            collector.prefix(node, entity.record_id.as_str());
        }
    }
    Origins {
        record_bytes: collector.record_bytes.into(),
        others: collector.others,
        files: files.into_iter().cloned().collect(),
        file_numbers: collector.file_numbers.into(),
        lines: collector.lines.into(),
        entries: collector.entries.into(),
    }
}

impl<'a> Collector<'a> {
    /// The node's id begins with the artefact's.
    fn prefix(&mut self, node: u32, record: &'a str) {
        match u32::try_from(record.len()) {
            Ok(bytes) => self.record_bytes[node as usize] = bytes,
            Err(_) => return self.other(node, record),
        }
        self.place(node, record);
    }

    fn other(&mut self, node: u32, record: &'a str) {
        self.others.insert(node, record.into());
        self.place(node, record);
    }

    fn place(&mut self, node: u32, record: &'a str) {
        let node = node as usize;
        if let Some(artefact) = self.places.get(record) {
            self.file_numbers[node] = self.files[&*artefact.file];
            self.lines[node] = artefact.line;
            self.entries[node] = artefact.entry;
        }
    }
}
