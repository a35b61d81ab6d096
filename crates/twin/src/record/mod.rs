//! Truth and record: what happened, and what the practice came to know of it, when.

mod assumptions;
mod recorder;
mod vocabulary;

pub use vocabulary::concepts;

pub(crate) use recorder::Recorder;
