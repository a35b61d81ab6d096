//! The questions: names, parameters, methods, and how each is answered.

use twinloom_codes::{ClinicalSet, ClinicalTables, TablesError};
use twinloom_event::{Code, Timestamp};

use super::answer::Answer;
use super::members::{Members, Terminology};
use super::parameter::{Arguments, Parameter};
use super::walk::{Life, Walk, record_end, tells_nothing_after};
use crate::PropertyGraph;

/// One named question.
#[derive(Clone, Copy)]
pub struct Question {
    /// What it is called.
    pub name: &'static str,
    /// What it asks.
    pub asks: &'static str,
    /// What it can be told.
    pub parameters: &'static [Parameter],
    /// How the answer is computed.
    pub method: &'static str,
    /// What the answer does not say.
    pub limits: &'static str,
    /// Whether it looks at pairs of drugs that interact.
    pub takes_interactions: bool,
    pub(super) answer: fn(&Asked<'_>) -> Result<Answer, AskError>,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Question").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Every question, in the order of the pack.
pub const QUESTIONS: &[Question] = &[
    super::nsaid::QUESTION,
    super::polypharmacy::QUESTION,
    super::pathway::QUESTION,
    super::similar::QUESTION,
    super::central::QUESTION,
    super::next_condition::QUESTION,
    super::unanswered::QUESTION,
    super::indication::QUESTION,
    super::handover::QUESTION,
    super::tracing::QUESTION,
    super::readmissions::QUESTION,
    super::companions::QUESTION,
    super::provenance::QUESTION,
];

/// The question of that name.
///
/// # Errors
/// [`AskError::NoSuchQuestion`] with the names there are.
pub fn question(name: &str) -> Result<&'static Question, AskError> {
    QUESTIONS.iter().find(|question| question.name == name).ok_or_else(|| AskError::NoSuchQuestion {
        name: name.to_owned(),
        permitted: QUESTIONS.iter().map(|question| question.name).collect::<Vec<_>>().join(", "),
    })
}

/// What every question is asked with.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Parameters by name, as written.
    pub told: &'a [(String, String)],
    /// Sets and tables of clinical knowledge.
    pub tables: &'a ClinicalTables,
    /// Pairs of drugs or classes that interact, beside those of the graph.
    pub interactions: &'a [(Code, Code)],
    /// Only what was known by then is seen; everything, without one.
    pub as_of: Option<Timestamp>,
}

/// A question on its way to an answer.
pub(super) struct Asked<'a> {
    pub(super) question: &'static str,
    pub(super) walk: Walk<'a>,
    pub(super) terminology: Terminology<'a>,
    pub(super) tables: &'a ClinicalTables,
    pub(super) interactions: &'a [(Code, Code)],
    pub(super) arguments: Arguments,
    pub(super) lives: Vec<Life>,
}

impl PropertyGraph {
    /// Answers a question; small numbers are shown until [`Answer::suppressed`] hides them.
    ///
    /// # Errors
    /// [`AskError`] when a parameter is unknown, out of range or names nothing.
    pub fn ask(&self, question: &'static Question, asking: Asking<'_>) -> Result<Answer, AskError> {
        let arguments = Arguments::parse(question.parameters, asking.told, asking.tables)?;
        if let (Some(at), Some(as_of)) = (arguments.date("at"), asking.as_of)
            && at > as_of
        {
            return Err(AskError::AfterAsOf { at, as_of });
        }
        let as_of = asking.as_of.filter(|as_of| !tells_nothing_after(self, *as_of));
        let walk = Walk::new(self, as_of);
        let asked = Asked {
            question: question.name,
            walk,
            terminology: Terminology::new(walk, asking.tables),
            tables: asking.tables,
            interactions: asking.interactions,
            arguments,
            lives: walk.lives(),
        };
        (question.answer)(&asked)
    }
}

impl Asked<'_> {
    /// The set that a parameter names.
    pub(super) fn set(&self, parameter: &str) -> Result<&ClinicalSet, AskError> {
        Ok(self.tables.set(self.arguments.word(parameter))?)
    }

    /// The members of the set that a parameter names.
    pub(super) fn members(&self, parameter: &str) -> Result<Members, AskError> {
        Ok(self.terminology.members(self.set(parameter)?))
    }

    /// The last moment of the record.
    pub(super) fn end(&self) -> Option<Timestamp> {
        record_end(&self.lives)
    }

    /// The date that a parameter tells, else the last moment of the record; the epoch if it is empty.
    pub(super) fn date_or_end(&self, parameter: &str) -> Timestamp {
        let epoch = || Timestamp::from_micros(0).expect("the epoch is a time");
        self.arguments.date(parameter).or_else(|| self.end()).unwrap_or_else(epoch)
    }

    /// An answer to fill.
    pub(super) fn answer(&self) -> Answer {
        Answer {
            question: self.question,
            parameters: self.arguments.to_json(),
            tables: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// Notes which of the sets that matter hold no concept of this graph.
pub(super) fn note_absent(answer: &mut Answer, sets: &[(&str, &Members)]) {
    for (name, members) in sets {
        if members.is_empty() {
            answer.notes.push(format!("no concept of the set `{name}` is in this record"));
        }
    }
}

/// A moment some days before or after another, held within what can be stored.
pub(super) fn shifted(at: Timestamp, days: i64) -> Timestamp {
    let micros = days.saturating_mul(twinloom_event::MICROSECONDS_PER_DAY);
    at.plus_micros(micros).unwrap_or(at)
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AskError {
    /// No such question.
    #[error("no question is called {name:?}; permitted: {permitted}")]
    NoSuchQuestion {
        /// The name given.
        name: String,
        /// The names there are.
        permitted: String,
    },
    /// No such parameter.
    #[error("the question has no parameter {name:?}; permitted: {permitted}")]
    NoSuchParameter {
        /// The name given.
        name: String,
        /// The names there are.
        permitted: String,
    },
    /// A parameter told twice.
    #[error("the parameter {name} was told twice; permitted: once")]
    ToldTwice {
        /// Its name.
        name: &'static str,
    },
    /// A parameter that must be told.
    #[error("the parameter {name} was not told; permitted: {permitted}")]
    NotTold {
        /// Its name.
        name: &'static str,
        /// What it may be.
        permitted: String,
    },
    /// A value out of range.
    #[error("{name} can't be {value:?}; permitted: {permitted}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// The value given.
        value: String,
        /// What it may be.
        permitted: String,
    },
    /// A day to look at that lies after what may be known.
    #[error("at can't be {at}, after as-of; permitted: up to {as_of}")]
    AfterAsOf {
        /// The day looked at.
        at: Timestamp,
        /// What was known by.
        as_of: Timestamp,
    },
    /// A patient that is not there.
    #[error(
        "no patient of this record has the id given as {name}; permitted: an id that `graph query` shows as p.id"
    )]
    NoSuchPatient {
        /// The parameter.
        name: &'static str,
    },
    /// More sets of conditions than can be looked through.
    #[error(transparent)]
    TooMany(#[from] twinloom_hypergraph::LimitError),
    /// Conditions that can't be told apart.
    #[error(transparent)]
    History(#[from] twinloom_hypergraph::HistoryError),
    /// Numbers of people that are none.
    #[error(transparent)]
    Mass(#[from] twinloom_hypergraph::MassError),
    /// A set or table that can't be used.
    #[error(transparent)]
    Tables(#[from] TablesError),
}
