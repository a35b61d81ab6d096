//! Need: the conditions and problems that people get, how severe, and what follows from them.
//!
//! Every onset of the twin stands in one table, `data/need.toml`: long-term conditions (the forty
//! morbidities of Barnett et al. 2012) and the acute and minor problems that fill a GP's day. Pathways
//! react to onsets and never make any of their own.
//!
//! The table is asked once for each year of a person's life, from birthday to birthday (or to the start
//! or end of the run), what begins in it; and once for each person alive at the run's start, what they
//! have behind them.
//!
//! # Source
//! The table names a source beside each number. Barnett K. et al., Lancet 2012;380:37-43, for the list
//! of morbidities.
//!
//! # Limits
//! Rates hold within a year of age except where an onset within the year changes those of others; signs
//! such as blood pressure are read once a year.

mod alone;
mod condition;
mod draw;
mod error;
mod history;
mod onset;
mod rates;
mod raw;
mod read;
mod scale;
mod season;
#[cfg(test)]
mod tests;
mod vaccine;
mod view;
mod year;

pub use alone::{Follower, NeedAlone};
pub use condition::{Condition, ConditionId, ConditionSet, Group, OtherCause, Target, TargetKind};
pub(crate) use draw::{NeedStreams, PLACES_PER_EVENT};
pub use error::NeedError;
pub(crate) use history::HistoryQuestion;
pub(crate) use onset::Onset;
pub use read::Need;
pub use scale::{NeedScale, Wave};
pub(crate) use vaccine::Vaccine;
pub(crate) use view::{NEED_SIGNS, NeedView, Tobacco};
