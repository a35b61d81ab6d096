//! How to import, how far it is, and why it can't go on.

use std::path::PathBuf;

use twinloom_event::Source;

use crate::SinkError;

/// How to import FHIR.
///
/// | option | default | purpose | range |
/// |---|---|---|---|
/// | `threads` | one per core | parsing threads; the outcome does not depend on it | 1 to 1024; 0 means one per core |
/// | `source` | `fhir` | the events' `source` | any text of one or more characters |
/// | `max_document_bytes` | 64 MiB | the largest single resource | 1 KiB to 1 GiB |
#[derive(Clone, Debug, PartialEq)]
pub struct ImportOptions {
    /// Parsing threads; 0 means one per core.
    pub threads: usize,
    /// The system that recorded the events.
    pub source: Source,
    /// The largest single resource read; larger ones are passed over and named. A Bundle's entries
    /// count one by one. Memory grows with `threads` times this in the worst case.
    pub max_document_bytes: usize,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            threads: 0,
            source: Source::new("fhir").expect("the text is not empty"),
            max_document_bytes: 64 << 20,
        }
    }
}

impl ImportOptions {
    const MIN_DOCUMENT_BYTES: usize = 1 << 10;
    const MAX_DOCUMENT_BYTES: usize = 1 << 30;
    const MAX_THREADS: usize = 1024;

    /// The number of parsing threads meant.
    pub(crate) fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads.min(Self::MAX_THREADS),
        }
    }

    pub(crate) fn document_limit(&self) -> usize {
        self.max_document_bytes.clamp(Self::MIN_DOCUMENT_BYTES, Self::MAX_DOCUMENT_BYTES)
    }
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read from disk.
    pub read_bytes: u64,
    /// Bytes of all sources on disk, where known from the start.
    pub total_bytes: u64,
    /// Resources dealt with.
    pub resources: u64,
    /// Whether all input is read and references are being resolved.
    pub resolving: bool,
}

/// Why an import can't go on. What is wrong with the data is not here but in the report.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A path leads nowhere.
    #[error("{} can't be opened", path.display())]
    Open {
        /// The path given.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// Temporary files can't be used.
    #[error("temporary files can't be used")]
    Temporary(#[from] std::io::Error),
    /// The findings can't be stored.
    #[error(transparent)]
    Sink(#[from] SinkError),
}
