//! The analyst's query pack: named questions, answered by walking the graph.
//!
//! Each question is a file: what it asks, its parameters with defaults and ranges, its method and
//! limits, and the walk that answers it. An answer is tables of counts, shares with Wilson's interval
//! and medians with that of order statistics; [`Answer::suppressed`] hides small numbers of people.
//! `docs/graph-questions.md` tells analysts the same.
//!
//! # Source
//! Clinical sets and tables: `twinloom-codes`, each with its own.

mod answer;
mod central;
mod companions;
mod handover;
mod indication;
mod interval;
mod members;
mod multimorbidity;
mod next_condition;
mod nsaid;
mod parameter;
mod pathway;
mod polypharmacy;
mod provenance;
mod question;
mod readmissions;
mod similar;
mod suppress;
mod tracing;
mod unanswered;
mod walk;

pub use answer::{Answer, Cell, Table};
pub use parameter::{Parameter, Range, day};
pub use question::{AskError, Asking, QUESTIONS, Question, question};
