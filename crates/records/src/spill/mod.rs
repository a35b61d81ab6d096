//! Sorting more than fits in memory: encoded rows in sorted runs, merged at the end.

mod encode;
mod intern;
mod merge;
mod run;
mod sorter;
mod varint;

pub(crate) use encode::{AttributeView, EventCoder, EventView, event_key, key_subject};
pub(crate) use merge::Merge;
pub(crate) use sorter::{Sorted, Sorter};
