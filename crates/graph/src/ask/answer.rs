//! An answer: tables of checked cells, and notes.

use serde_json::{Value as Json, json};
use twinloom_event::Timestamp;

use super::interval::{self, Interval};
use crate::NodeId;

/// What a question's answer is.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The question's name.
    pub question: &'static str,
    /// The parameters it was asked with.
    pub parameters: Json,
    /// The tables, the main one first.
    pub tables: Vec<Table>,
    /// What a reader must know: what is missing, what was left out.
    pub notes: Vec<String>,
}

/// One table of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// The rows, each as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// Whether each row tells of one person: such a table is withheld while small numbers are.
    pub of_persons: bool,
    /// Whether the last row is the sum of the others, so that one withheld number could be worked out.
    pub summed: bool,
    /// Whether which rows there are is found in the record, so that a row alone tells of people.
    pub found: bool,
}

/// How often something happened, and to how many people; they are told one after another.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Happenings {
    pub(super) count: u64,
    people: u64,
    last: Option<NodeId>,
}

impl Happenings {
    /// Once more, to this person.
    pub(super) fn add(&mut self, person: NodeId) {
        self.add_many(person, 1);
    }

    /// So many times more, to this person.
    pub(super) fn add_many(&mut self, person: NodeId, times: u64) {
        if times == 0 {
            return;
        }
        self.count += times;
        self.people += u64::from(self.last.replace(person) != Some(person));
    }

    pub(super) fn cell(&self) -> Cell {
        Cell::Happenings { count: self.count, people: self.people }
    }

    /// How many people.
    pub(super) fn people(&self) -> Cell {
        Cell::Count(self.people)
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A moment.
    Time(Timestamp),
    /// A number that is no count of people, in the column's unit.
    Number(f64),
    /// A count that is not of people.
    Tally(u64),
    /// A count of people.
    Count(u64),
    /// A count of what happened to people.
    Happenings {
        /// How often.
        count: u64,
        /// To how many different people.
        people: u64,
    },
    /// A share of people with Wilson's interval.
    Share {
        /// How many of them.
        part: u64,
        /// Of how many.
        whole: u64,
    },
    /// A median over people, in the column's unit, with the interval of order statistics.
    Median(Vec<f64>),
    /// A number of people that ties have made a fraction.
    People(f64),
    /// A number computed from people, in the column's unit, with its interval if it has one.
    Estimate {
        /// The number.
        value: f64,
        /// The ends of its interval of 95 %.
        limits: Option<(f64, f64)>,
        /// From how many people it is.
        people: f64,
        /// Whether it is a probability, which people read in per cent.
        percent: bool,
    },
    /// Nothing there.
    Empty,
    /// A count below the limit.
    Below(u64),
    /// Withheld because it would tell another.
    Withheld,
}

impl Table {
    pub(super) fn new(name: &'static str, columns: &[&'static str]) -> Self {
        Self {
            name,
            columns: columns.to_vec(),
            rows: Vec::new(),
            of_persons: false,
            summed: false,
            found: false,
        }
    }

    /// Marks that each row tells of one person.
    pub(super) fn of_persons(mut self) -> Self {
        self.of_persons = true;
        self
    }

    /// Marks that the last row sums the others.
    pub(super) fn summed(mut self) -> Self {
        self.summed = true;
        self
    }

    /// Marks that which rows there are is found in the record.
    pub(super) fn found(mut self) -> Self {
        self.found = true;
        self
    }

    pub(super) fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len(), "{}", self.name);
        self.rows.push(row);
    }
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn time(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Empty, Self::Time)
    }

    fn interval(&self) -> Option<Interval> {
        match self {
            Self::Share { part, whole } => interval::wilson(*part, *whole),
            Self::Median(values) => interval::median(values),
            Self::Estimate { value, limits, .. } => Some(Interval { value: *value, limits: *limits }),
            _ => None,
        }
    }

    /// The cell as a document: intervals as `value`, `low`, `high`, small numbers as `"<5"`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::Time(at) => json!(at.to_string()),
            Self::Number(number) | Self::People(number) => json!(number),
            Self::Tally(count) | Self::Count(count) | Self::Happenings { count, .. } => json!(count),
            Self::Share { .. } | Self::Median(_) | Self::Estimate { .. } => {
                self.interval().map_or(Json::Null, |interval| {
                    let (low, high) = interval.limits.unzip();
                    json!({ "value": interval.value, "low": low, "high": high })
                })
            }
            Self::Empty => Json::Null,
            Self::Below(limit) => json!(format!("<{limit}")),
            Self::Withheld => json!("withheld"),
        }
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = matches!(self, Self::Share { .. } | Self::Estimate { percent: true, .. });
        match self {
            Self::Text(text) => formatter.write_str(text),
            Self::Time(at) => at.fmt(formatter),
            Self::Number(number) | Self::People(number) => {
                write!(formatter, "{}", (number * 1e6).round() / 1e6)
            }
            Self::Tally(count) | Self::Count(count) | Self::Happenings { count, .. } => count.fmt(formatter),
            Self::Share { .. } | Self::Median(_) | Self::Estimate { .. } => match self.interval() {
                None => Ok(()),
                Some(Interval { value, limits }) => {
                    let (scale, unit) = if percent { (100.0, " %") } else { (1.0, "") };
                    write!(formatter, "{:.1}{unit}", value * scale)?;
                    match limits {
                        Some((low, high)) => {
                            write!(formatter, " ({:.1} to {:.1})", low * scale, high * scale)
                        }
                        None => Ok(()),
                    }
                }
            },
            Self::Empty => Ok(()),
            Self::Below(limit) => write!(formatter, "<{limit}"),
            Self::Withheld => formatter.write_str("withheld"),
        }
    }
}

impl Answer {
    /// The answer as a document.
    pub fn to_json(&self) -> Json {
        let tables = self.tables.iter().map(|table| {
            let rows: Vec<Vec<Json>> =
                table.rows.iter().map(|row| row.iter().map(Cell::to_json).collect()).collect();
            json!({ "name": table.name, "columns": table.columns, "rows": rows })
        });
        json!({
            "question": self.question,
            "parameters": self.parameters,
            "tables": tables.collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}
