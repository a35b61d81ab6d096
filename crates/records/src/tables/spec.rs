//! Tables of one row per fact, described instead of programmed.

use twinloom_event::{Attribute, Code, Event, EventKind, TimePrecision, Timestamp};

use super::out::{Out, Outcome, Whose};
use super::row::{Row, number};
use crate::{ProblemKind, SinkError};

/// Where a unit is found.
#[derive(Clone, Copy, Debug)]
pub(super) enum UnitOf {
    /// Nowhere.
    None,
    /// In a column.
    Column(&'static str),
}

/// How the rows of one table become events, one each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spec {
    /// The table.
    pub(super) table: &'static str,
    /// The sort of fact.
    pub(super) kind: EventKind,
    /// The first of these columns with a text says when.
    pub(super) time: &'static [&'static str],
    /// Times are whole days, though written with a clock.
    pub(super) is_date: bool,
    /// When it was entered.
    pub(super) recorded: Option<&'static str>,
    /// When it ended.
    pub(super) end: Option<&'static str>,
    /// Before the code's columns.
    pub(super) prefix: &'static [&'static str],
    /// The columns that make the code; empty ones are passed over.
    pub(super) code: &'static [&'static str],
    /// The number.
    pub(super) number: Option<&'static str>,
    /// The text; a text that is a number counts as one when no number is given.
    pub(super) text: Option<&'static str>,
    /// The unit.
    pub(super) unit: UnitOf,
    /// Columns kept as attributes.
    pub(super) attributes: &'static [&'static str],
}

impl Spec {
    /// A table of observations with nothing said yet.
    pub(super) const fn new(table: &'static str, kind: EventKind) -> Self {
        Self {
            table,
            kind,
            time: &[],
            is_date: false,
            recorded: None,
            end: None,
            prefix: &[],
            code: &[],
            number: None,
            text: None,
            unit: UnitOf::None,
            attributes: &[],
        }
    }

    /// The event of a row, or why there is none.
    pub(super) fn event(
        &self,
        out: &mut Out<'_>,
        row: &Row<'_>,
        whose: &Whose,
    ) -> Result<Event, &'static str> {
        let mut parts: Vec<&str> = self.prefix.to_vec();
        parts.extend(self.code.iter().filter_map(|column| row.get(column)));
        if !self.code.is_empty() && parts.len() == self.prefix.len() {
            return Err("no code: its columns are empty");
        }
        let code = out.code(&parts).ok_or("no code: its columns are empty")?;
        self.event_of(code, out, row, whose)
    }

    /// As [`Spec::event`], with a code found elsewhere.
    pub(super) fn event_of(
        &self,
        code: Code,
        out: &mut Out<'_>,
        row: &Row<'_>,
        whose: &Whose,
    ) -> Result<Event, &'static str> {
        let time = self.time_of(row, whose)?;
        let mut event = out.draft(whose.subject_id, Some(time), code, self.kind);
        event = self.with_value(event, out, row);
        if let Some(encounter_id) = &whose.encounter_id {
            event = event.with_encounter_id(encounter_id.clone());
        }
        if let Some(record_id) = row.record_id(self.table) {
            event = event.with_record_id(record_id);
        }
        event = self.with_times(event, out, row, whose, time.0);
        Ok(with_attributes(event, row, self.attributes))
    }

    /// Makes the row's event and hands it on.
    pub(super) fn emit(&self, out: &mut Out<'_>, row: &Row<'_>, whose: &Whose) -> Result<Outcome, SinkError> {
        match self.event(out, row, whose) {
            Ok(event) => out.event(event).map(|()| Outcome::Kept(1)),
            Err(reason) => Ok(Outcome::Skipped(reason)),
        }
    }

    fn time_of(&self, row: &Row<'_>, whose: &Whose) -> Result<(Timestamp, TimePrecision), &'static str> {
        for column in self.time {
            if let Some((at, precision)) = whose.time(row, column)? {
                // `chartdate` stands for a day even where it is written with a midnight.
                let is_date = self.is_date || (column.ends_with("date") && whose.anchor.is_none());
                return Ok((at, if is_date { precision.min(TimePrecision::Day) } else { precision }));
            }
        }
        Err("no time")
    }

    fn with_value(&self, mut event: Event, out: &mut Out<'_>, row: &Row<'_>) -> Event {
        let text = self.text.and_then(|column| row.get(column));
        let value = self.number.and_then(|column| row.number(column)).or_else(|| text.and_then(number));
        if let Some(value) = value {
            event = event.with_numeric_value(value).expect("row numbers are finite");
            if let UnitOf::Column(column) = self.unit
                && let Some(unit) = row.get(column).and_then(|text| out.unit(text))
            {
                event = event.with_unit(unit);
            }
        }
        match text {
            Some(text) if number(text).is_none() || event.numeric_value() != number(text) => {
                event.with_text_value(text)
            }
            _ => event,
        }
    }

    fn with_times(
        &self,
        event: Event,
        out: &mut Out<'_>,
        row: &Row<'_>,
        whose: &Whose,
        at: Timestamp,
    ) -> Event {
        let mut event = event;
        let recorded = self.recorded.and_then(|column| match whose.time(row, column) {
            Ok(time) => time.map(|(at, _)| at),
            Err(reason) => {
                out.note(self.table, ProblemKind::Date, reason, row);
                None
            }
        });
        let known = whose.not_known_before.filter(|from| at < *from);
        if let Some(recorded) = recorded.max(known) {
            event = event.with_recorded_time(recorded);
        }
        if let Some(column) = self.end {
            event = match whose.time(row, column) {
                Ok(Some((end, _))) => with_end(event, out, self.table, row, end),
                Ok(None) => event,
                Err(reason) => {
                    out.note(self.table, ProblemKind::Date, reason, row);
                    event
                }
            };
        }
        event
    }
}

/// Ends the event, or notes that its end comes before its start.
pub(super) fn with_end(event: Event, out: &mut Out<'_>, table: &str, row: &Row<'_>, end: Timestamp) -> Event {
    if event.time().is_some_and(|start| end >= start) {
        return event.with_end_time(end).expect("compared on the line above");
    }
    out.note(table, ProblemKind::Date, "end precedes start; end left out", row);
    event
}

/// Adds columns that have a text.
pub(super) fn with_attributes(mut event: Event, row: &Row<'_>, columns: &[&'static str]) -> Event {
    for column in columns {
        if let Some(text) = row.get(column) {
            event = event.with_attribute(*column, Attribute::Text(text.into()));
        }
    }
    event
}
