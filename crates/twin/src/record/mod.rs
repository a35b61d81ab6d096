//! Truth and record: what happened, and what the practice came to know of it, when.

mod arrival;
mod assumptions;
mod recorder;
mod vocabulary;
mod words;

pub use vocabulary::concepts;

pub(crate) use recorder::Recorder;
pub(crate) use vocabulary::imd_decile_code;
