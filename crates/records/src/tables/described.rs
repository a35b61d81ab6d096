//! Any CSV, described by a small TOML.

use rustc_hash::FxHashSet;
use serde::Deserialize;
use twinloom_event::{Attribute, Code, EncounterId, Event, EventKind, SubjectId, TimePrecision, Timestamp};

use super::TableError;
use super::moment::{parse_time, parse_time_as};
use super::out::{Out, Outcome};
use super::row::{Row, number};
use super::source::{TableFile, TableSource};
use super::spec::with_end;
use crate::{Location, ProblemKind, SinkError, subject_id_from_source};

/// What the tables' columns mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    source: Option<String>,
    #[serde(rename = "table")]
    tables: Vec<Table>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    file: String,
    subject: String,
    time: Option<String>,
    time_format: Option<String>,
    recorded: Option<String>,
    end: Option<String>,
    code: Option<String>,
    code_value: Option<String>,
    system: Option<String>,
    value: Option<String>,
    unit: Option<String>,
    unit_value: Option<String>,
    text: Option<String>,
    encounter: Option<String>,
    #[serde(default)]
    kind: EventKind,
    #[serde(default, rename = "static")]
    statics: Vec<String>,
    #[serde(default)]
    attributes: Vec<String>,
    delimiter: Option<char>,
}

impl Description {
    /// Reads the TOML.
    ///
    /// # Errors
    /// [`TableError::Description`] for unsound TOML, unknown keys and contradictions.
    pub(super) fn parse(text: &str) -> Result<Self, TableError> {
        let description: Self =
            toml::from_str(text).map_err(|error| TableError::Description { reason: error.to_string() })?;
        if description.tables.is_empty() {
            return Err(refused("no [[table]]; permitted: one or more"));
        }
        for table in &description.tables {
            table.check()?;
        }
        Ok(description)
    }
}

fn refused(reason: impl Into<String>) -> TableError {
    TableError::Description { reason: reason.into() }
}

impl Table {
    fn check(&self) -> Result<(), TableError> {
        let file = &self.file;
        match (&self.code, &self.code_value) {
            (Some(_), Some(_)) => {
                return Err(refused(format!("{file}: both code and code_value; permitted: one")));
            }
            (None, None) if self.statics.is_empty() => {
                return Err(refused(format!(
                    "{file}: neither code, code_value nor static; permitted: one of them"
                )));
            }
            _ => {}
        }
        if self.unit.is_some() && self.unit_value.is_some() {
            return Err(refused(format!("{file}: both unit and unit_value; permitted: one")));
        }
        if self.delimiter.is_some_and(|delimiter| !delimiter.is_ascii()) {
            return Err(refused(format!("{file}: delimiter is not ASCII; permitted: one ASCII character")));
        }
        if self.time.is_none() && (self.end.is_some() || self.recorded.is_some()) {
            return Err(refused(format!("{file}: end or recorded without time; permitted: with time")));
        }
        Ok(())
    }

    fn columns(&self) -> Vec<String> {
        let single = [
            Some(&self.subject),
            self.time.as_ref(),
            self.recorded.as_ref(),
            self.end.as_ref(),
            self.code.as_ref(),
            self.value.as_ref(),
            self.unit.as_ref(),
            self.text.as_ref(),
            self.encounter.as_ref(),
        ];
        let several = self.statics.iter().chain(&self.attributes);
        single.into_iter().flatten().chain(several).map(|column| column.to_lowercase()).collect()
    }

    /// Whether a file is the one described: by its whole name or without folder and extensions.
    fn is(&self, file: &TableFile) -> bool {
        let wanted = self.file.to_lowercase();
        let base = file.member.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
        let plain = base.trim_end_matches(".gz").trim_end_matches(".xz");
        wanted == base
            || wanted == plain
            || wanted == file.table
            || file.member.to_lowercase().ends_with(&format!("/{wanted}"))
    }

    fn name(&self) -> String {
        self.file.split('.').next().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_lowercase()
    }
}

pub(super) fn import(
    source: &TableSource,
    out: &mut Out<'_>,
    description: &Description,
) -> Result<(), TableError> {
    if let Some(name) = &description.source {
        out.set_source(name);
    }
    let mut subjects = FxHashSet::default();
    let mut read = FxHashSet::default();
    for table in &description.tables {
        let name = table.name();
        let columns = table.columns();
        let needed: Vec<&str> = columns.iter().map(String::as_str).collect();
        let mut was_found = false;
        for file in source.files().iter().filter(|file| table.is(file)) {
            was_found = true;
            if read.insert(file.member.clone()) {
                out.report.files += 1;
            }
            let delimiter = table.delimiter.map(|delimiter| delimiter as u8);
            let mut reading =
                Reading { table, columns: Columns::new(table), name: &name, statics: FxHashSet::default() };
            let missing = out.read_file(source, file, &name, delimiter, &needed, &mut |out, row| {
                reading.row(out, row, &mut subjects)
            })?;
            if let Some(missing) = missing {
                out.skip_file(&name, file, &missing);
            }
        }
        if !was_found {
            let at = || Location { file: source.root().to_owned(), position: 0 };
            out.report.skip(&name, "the described file is absent", at);
        }
    }
    for file in source.files().iter().filter(|file| !read.contains(&file.member)) {
        let at = || Location { file: file.member.clone(), position: 0 };
        out.report.skip("files", "the file is not described", at);
    }
    for (name, reason) in &source.refused {
        out.report.skip("files", reason, || Location { file: name.clone(), position: 0 });
    }
    Ok(())
}

/// Column names in lower case, as headers are.
struct Columns {
    subject: String,
    time: Option<String>,
    recorded: Option<String>,
    end: Option<String>,
    code: Option<String>,
    value: Option<String>,
    unit: Option<String>,
    text: Option<String>,
    encounter: Option<String>,
    statics: Vec<String>,
    attributes: Vec<String>,
}

impl Columns {
    fn new(table: &Table) -> Self {
        let one = |column: &Option<String>| column.as_ref().map(|column| column.to_lowercase());
        let all = |columns: &[String]| columns.iter().map(|column| column.to_lowercase()).collect();
        Self {
            subject: table.subject.to_lowercase(),
            time: one(&table.time),
            recorded: one(&table.recorded),
            end: one(&table.end),
            code: one(&table.code),
            value: one(&table.value),
            unit: one(&table.unit),
            text: one(&table.text),
            encounter: one(&table.encounter),
            statics: all(&table.statics),
            attributes: all(&table.attributes),
        }
    }
}

struct Reading<'a> {
    table: &'a Table,
    columns: Columns,
    name: &'a str,
    statics: FxHashSet<(SubjectId, Code)>,
}

impl Reading<'_> {
    fn row(
        &mut self,
        out: &mut Out<'_>,
        row: &Row<'_>,
        subjects: &mut FxHashSet<SubjectId>,
    ) -> Result<Outcome, SinkError> {
        let Some(id) = row.get(&self.columns.subject) else {
            return Ok(Outcome::Skipped("no subject"));
        };
        let subject_id = subject_id_from_source(id);
        let event = match self.event(out, row, subject_id) {
            Ok(event) => event,
            Err(reason) => return Ok(Outcome::Skipped(reason)),
        };
        if subjects.insert(subject_id) {
            out.subject(subject_id, id)?;
        }
        let mut events = 0;
        for column in &self.columns.statics {
            let code = row.get(column).and_then(|text| out.code(&[&column.to_uppercase(), text]));
            if let Some(code) = code
                && self.statics.insert((subject_id, code.clone()))
            {
                out.event(out.draft(subject_id, None, code, EventKind::Demographic))?;
                events += 1;
            }
        }
        if let Some(event) = event {
            out.event(event)?;
            events += 1;
        }
        Ok(Outcome::Kept(events))
    }

    /// The row's fact; `None` when the table states only static columns.
    fn event(
        &self,
        out: &mut Out<'_>,
        row: &Row<'_>,
        subject_id: SubjectId,
    ) -> Result<Option<Event>, &'static str> {
        let columns = &self.columns;
        let code = match (&columns.code, &self.table.code_value) {
            (Some(column), _) => self.code(out, row.get(column).ok_or("no code")?).ok_or("no code")?,
            (None, Some(fixed)) => out.code(&[fixed]).ok_or("no code")?,
            (None, None) => return Ok(None),
        };
        let time = match &columns.time {
            Some(column) => Some(self.time(row, column)?.ok_or("no time")?),
            None => None,
        };
        let mut event = out.draft(subject_id, time, code, self.table.kind);
        event = self.with_value(event, out, row);
        if let Some(id) =
            columns.encounter.as_ref().and_then(|column| EncounterId::new(row.get(column)?).ok())
        {
            event = event.with_encounter_id(id);
        }
        if let Ok(id) = twinloom_event::RecordId::new(format!("{}/{}", self.name, row.line)) {
            event = event.with_record_id(id);
        }
        let mut optional =
            |column: &Option<String>| match column.as_ref().map(|column| self.time(row, column)) {
                Some(Ok(time)) => time.map(|(at, _)| at),
                Some(Err(reason)) => {
                    out.note(self.name, ProblemKind::Date, reason, row);
                    None
                }
                None => None,
            };
        let (recorded, end) = (optional(&columns.recorded), optional(&columns.end));
        if let Some(recorded) = recorded {
            event = event.with_recorded_time(recorded);
        }
        if let Some(end) = end {
            event = with_end(event, out, self.name, row, end);
        }
        for column in &columns.attributes {
            if let Some(text) = row.get(column) {
                event = event.with_attribute(column.as_str(), Attribute::Text(text.into()));
            }
        }
        Ok(Some(event))
    }

    /// The text with the system described; else as it stands if it names one; else of the table.
    fn code(&self, out: &mut Out<'_>, text: &str) -> Option<Code> {
        match &self.table.system {
            Some(system) => out.code(&[system, text]),
            None if text.contains("//") => out.code(&[text]),
            None => out.code(&[&self.name.to_uppercase(), text]),
        }
    }

    fn time(&self, row: &Row<'_>, column: &str) -> Result<Option<(Timestamp, TimePrecision)>, &'static str> {
        let Some(text) = row.get(column) else {
            return Ok(None);
        };
        let time = match &self.table.time_format {
            Some(format) => parse_time_as(text, format),
            None => parse_time(text),
        };
        time.map(Some).ok_or("time is no date of the format described")
    }

    fn with_value(&self, mut event: Event, out: &mut Out<'_>, row: &Row<'_>) -> Event {
        let columns = &self.columns;
        let stated = columns.value.as_ref().and_then(|column| row.get(column));
        if let Some(value) = stated.and_then(number) {
            event = event.with_numeric_value(value).expect("row numbers are finite");
            let unit = columns.unit.as_ref().and_then(|column| row.get(column));
            match unit.or(self.table.unit_value.as_deref()).and_then(|unit| out.unit(unit)) {
                Some(unit) => event = event.with_unit(unit),
                None if columns.unit.is_some() => {
                    out.note(self.name, ProblemKind::Unit, "a number without a unit", row);
                }
                None => {}
            }
        }
        let text = columns.text.as_ref().and_then(|column| row.get(column));
        match text.or(stated.filter(|stated| number(stated).is_none())) {
            Some(text) => event.with_text_value(text),
            None => event,
        }
    }
}
