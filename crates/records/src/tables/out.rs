//! Where importers put findings: the sink, the report, and texts made once.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::{
    Artefact, Code, Concept, EncounterId, Entity, Event, EventKind, Link, RecordId, Source, SubjectId,
    TimePrecision, Timestamp, Unit,
};

use super::TableError;
use super::row::Row;
use super::source::{Item, TableFile, TableSource};
use crate::{ImportReport, Location, ProblemKind, Sink, SinkError};

/// Distinct texts kept to be shared between events.
const SHARED_TEXTS: usize = 1 << 18;
/// Rows between two reports of progress.
const ROWS_PER_PROGRESS: u64 = 4096;
const UNREAD: &str = "files";

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Something was kept; this many events.
    Kept(u64),
    /// Nothing was kept, and why.
    Skipped(&'static str),
}

/// The receiving side of an import.
pub(super) struct Out<'s> {
    sink: &'s mut dyn Sink,
    progress: &'s mut dyn FnMut(u64),
    pub(super) report: ImportReport,
    source: Option<Source>,
    codes: FxHashMap<Box<str>, Code>,
    units: FxHashMap<Box<str>, Unit>,
    joined: String,
    /// The file and line being read, while it is.
    place: Option<(Arc<str>, u64)>,
    /// The artefact last placed on that line.
    placed: Option<RecordId>,
}

impl<'s> Out<'s> {
    pub(super) fn new(format: &str, sink: &'s mut dyn Sink, progress: &'s mut dyn FnMut(u64)) -> Self {
        Self {
            sink,
            progress,
            report: ImportReport::new(format),
            source: Source::new(format).ok(),
            codes: FxHashMap::default(),
            units: FxHashMap::default(),
            joined: String::new(),
            place: None,
            placed: None,
        }
    }

    /// Names the system that events are said to come from.
    pub(super) fn set_source(&mut self, name: &str) {
        self.source = Source::new(name).ok();
    }

    /// The code whose parts these are, `//` between them; `None` when the last has no text.
    pub(super) fn code(&mut self, parts: &[&str]) -> Option<Code> {
        if parts.last().is_none_or(|part| part.is_empty()) {
            return None;
        }
        self.joined.clear();
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                self.joined.push_str("//");
            }
            self.joined.push_str(part);
        }
        if let Some(code) = self.codes.get(self.joined.as_str()) {
            return Some(code.clone());
        }
        let code = Code::parse(self.joined.as_str()).ok()?;
        if self.codes.len() < SHARED_TEXTS {
            self.codes.insert(self.joined.as_str().into(), code.clone());
        }
        Some(code)
    }

    pub(super) fn unit(&mut self, text: &str) -> Option<Unit> {
        if let Some(unit) = self.units.get(text) {
            return Some(unit.clone());
        }
        let unit = Unit::new(text).ok()?;
        if self.units.len() < SHARED_TEXTS {
            self.units.insert(text.into(), unit.clone());
        }
        Some(unit)
    }

    /// Starts an event of this import's source.
    pub(super) fn draft(
        &self,
        subject_id: SubjectId,
        time: Option<(Timestamp, TimePrecision)>,
        code: Code,
        kind: EventKind,
    ) -> Event {
        let mut event = Event::new(subject_id, time.map(|(at, _)| at), code).with_kind(kind);
        if let Some((_, precision)) = time {
            event = event.with_time_precision(precision);
        }
        match &self.source {
            Some(source) => event.with_source(source.clone()),
            None => event,
        }
    }

    pub(super) fn subject(&mut self, subject_id: SubjectId, source_id: &str) -> Result<(), SinkError> {
        self.report.subjects += 1;
        self.sink.subject(subject_id, source_id)
    }

    pub(super) fn event(&mut self, event: Event) -> Result<(), SinkError> {
        if let Some(record_id) = event.record_id() {
            self.tell_place(record_id)?;
        }
        self.sink.event(event)
    }

    /// Says where an artefact stands; not for those that are told of only after their line.
    fn tell_place(&mut self, record_id: &RecordId) -> Result<(), SinkError> {
        let Some((file, line)) = &self.place else {
            return Ok(());
        };
        if self.placed.as_ref() == Some(record_id) {
            return Ok(());
        }
        self.placed = Some(record_id.clone());
        let file = Arc::clone(file);
        self.sink.artefact(Artefact { record_id: record_id.clone(), file, line: *line, entry: 0 })
    }

    pub(super) fn link(&mut self, link: Link) -> Result<(), SinkError> {
        self.sink.link(link)
    }

    pub(super) fn entity(&mut self, entity: Entity) -> Result<(), SinkError> {
        self.tell_place(&entity.record_id)?;
        self.sink.entity(entity)
    }

    pub(super) fn concept(&mut self, concept: Concept) -> Result<(), SinkError> {
        self.sink.concept(concept)
    }

    pub(super) fn note(&mut self, table: &str, kind: ProblemKind, reason: &str, row: &Row<'_>) {
        self.report.note(table, kind, reason, || row.location());
    }

    /// Reads every file of a table; a file that lacks a column in `needed` is skipped with the reason.
    /// Says whether there was such a table.
    pub(super) fn read_table(
        &mut self,
        source: &TableSource,
        table: &str,
        needed: &[&str],
        visit: &mut dyn FnMut(&mut Self, &Row<'_>) -> Result<Outcome, SinkError>,
    ) -> Result<bool, TableError> {
        let mut was_found = false;
        for file in source.files().iter().filter(|file| file.table == table) {
            was_found = true;
            self.report.files += 1;
            if let Some(missing) = self.read_file(source, file, table, None, needed, visit)? {
                self.skip_file(table, file, &missing);
            }
        }
        Ok(was_found)
    }

    /// Counts a table that lacks a column and goes on without it.
    pub(super) fn skip_file(&mut self, table: &str, file: &TableFile, missing: &TableError) {
        if let TableError::MissingColumn { column, found, .. } = missing {
            let reason = format!("no column {column}; found: {found}");
            self.report.skip(table, &reason, || Location { file: file.member.clone(), position: 1 });
        }
    }

    /// As [`Out::read_table`] for a table that must be there and whole.
    pub(super) fn read_needed_table(
        &mut self,
        source: &TableSource,
        table: &str,
        needed: &[&str],
        visit: &mut dyn FnMut(&mut Self, &Row<'_>) -> Result<Outcome, SinkError>,
    ) -> Result<(), TableError> {
        let mut was_found = false;
        for file in source.files().iter().filter(|file| file.table == table) {
            was_found = true;
            self.report.files += 1;
            if let Some(missing) = self.read_file(source, file, table, None, needed, visit)? {
                return Err(missing);
            }
        }
        if was_found {
            return Ok(());
        }
        Err(TableError::MissingTable { table: table.to_owned(), path: source.root().to_owned() })
    }

    /// Reads one file; returns the missing column, if one is, without having read a row.
    pub(super) fn read_file(
        &mut self,
        source: &TableSource,
        file: &TableFile,
        table: &str,
        delimiter: Option<u8>,
        needed: &[&str],
        visit: &mut dyn FnMut(&mut Self, &Row<'_>) -> Result<Outcome, SinkError>,
    ) -> Result<Option<TableError>, TableError> {
        let mut missing = None;
        let (mut kept, mut events, mut rows) = (0, 0, 0_u64);
        let name: Arc<str> = file.member.as_str().into();
        source.read(file, delimiter, &mut |item| {
            match item {
                Item::Header(header) => {
                    missing = needed.iter().find(|column| header.position(column).is_none()).map(|column| {
                        TableError::MissingColumn {
                            file: file.member.clone(),
                            column: (*column).to_owned(),
                            found: header.joined(),
                        }
                    });
                }
                Item::Row(_) | Item::Bad { .. } if missing.is_some() => {}
                Item::Row(row) => {
                    rows += 1;
                    self.place = Some((Arc::clone(&name), row.line));
                    self.placed = None;
                    let outcome = visit(self, &row)?;
                    self.place = None;
                    match outcome {
                        Outcome::Kept(made) => {
                            kept += 1;
                            events += made;
                        }
                        Outcome::Skipped(reason) => self.report.skip(table, reason, || row.location()),
                    }
                }
                Item::Bad { line, reason } => {
                    let position = line;
                    self.report.skip(table, reason, || Location { file: file.member.clone(), position });
                }
            }
            if rows.is_multiple_of(ROWS_PER_PROGRESS) {
                self.tell_progress(source);
            }
            Ok(())
        })?;
        self.tell_progress(source);
        let counts = self.report.tables.entry(table.to_owned()).or_default();
        counts.read += kept;
        counts.kept += kept;
        counts.events += events;
        Ok(missing)
    }

    fn tell_progress(&mut self, source: &TableSource) {
        let bytes = source.take_read_bytes();
        if bytes > 0 {
            self.report.bytes += bytes;
            (self.progress)(bytes);
        }
    }

    /// Counts the rows of tables that are left aside, each with its reason, and files of no known table.
    pub(super) fn leave_aside(
        &mut self,
        source: &TableSource,
        reasons: &[(&str, &'static str)],
        known: &[&str],
    ) -> Result<(), TableError> {
        for (table, reason) in reasons {
            self.read_table(source, table, &[], &mut |_, _| Ok(Outcome::Skipped(reason)))?;
        }
        for file in source.files() {
            let is_known = known.contains(&file.table.as_str())
                || reasons.iter().any(|(table, _)| *table == file.table.as_str());
            if !is_known {
                let reason = format!("table {} is none of this format", file.table);
                self.report.skip(UNREAD, &reason, || Location { file: file.member.clone(), position: 0 });
            }
        }
        for (name, reason) in &source.refused {
            self.report.skip(UNREAD, reason, || Location { file: name.clone(), position: 0 });
        }
        Ok(())
    }
}

/// Whose row it is and during which encounter.
#[derive(Clone, Debug)]
pub(super) struct Whose {
    pub(super) subject_id: SubjectId,
    pub(super) encounter_id: Option<EncounterId>,
    /// The time from which offsets in minutes count; without it times are absolute.
    pub(super) anchor: Option<Timestamp>,
    /// Nothing about this stay could be known before.
    pub(super) not_known_before: Option<Timestamp>,
}

impl Whose {
    /// The time in a column: an offset in minutes from the anchor, or a date.
    ///
    /// # Errors
    /// The reason when there is a text that is no time.
    pub(super) fn time(
        &self,
        row: &Row<'_>,
        column: &str,
    ) -> Result<Option<(Timestamp, TimePrecision)>, &'static str> {
        let Some(anchor) = self.anchor else {
            return row.time(column).map_err(|_| "time is no date");
        };
        match row.get(column) {
            None => Ok(None),
            Some(_) => offset(anchor, row, column)
                .map(|at| Some((at, TimePrecision::Instant)))
                .ok_or("offset is no number of minutes or leaves the calendar"),
        }
    }
}

/// The time that a column's minutes after `anchor` mean.
pub(super) fn offset(anchor: Timestamp, row: &Row<'_>, column: &str) -> Option<Timestamp> {
    let minutes = row.number(column)?;
    anchor.plus_micros((minutes * 60e6).round() as i64).ok()
}
