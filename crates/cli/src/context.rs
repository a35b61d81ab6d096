//! What every command has at hand: the common options, the thread count, a stopwatch.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::args::Common;
use crate::manifest::{FileRecord, Step, Timing};

/// The common options, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// As given.
    pub(crate) common: Common,
    /// Threads in use, at least 1.
    pub(crate) threads: usize,
}

impl Context {
    /// Sizes the thread pool that all crates share.
    pub(crate) fn new(common: Common) -> Result<Self> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(common.threads)
            .build_global()
            .context("the thread pool can't be started")?;
        Ok(Self { common, threads: rayon::current_num_threads() })
    }

    /// A step of the manifest, with the version and the seed filled in.
    pub(crate) fn step(
        &self,
        command: &str,
        parameters: Value,
        inputs: Vec<FileRecord>,
        outputs: Vec<FileRecord>,
    ) -> Step {
        Step {
            command: command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.common.seed,
            parameters,
            inputs,
            outputs,
            projections: Vec::new(),
            model_description: None,
        }
    }
}

/// Measures a step and its parts.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    started: Instant,
    lap: Instant,
    parts: BTreeMap<String, f64>,
}

impl Stopwatch {
    /// Starts now.
    pub(crate) fn start() -> Self {
        let now = Instant::now();
        Self { started: now, lap: now, parts: BTreeMap::new() }
    }

    /// Ends a part that began at the last call.
    pub(crate) fn lap(&mut self, part: &str) {
        let now = Instant::now();
        self.parts.insert(part.to_owned(), (now - self.lap).as_secs_f64());
        self.lap = now;
    }

    /// Seconds since the start.
    pub(crate) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// The whole, for the study's timings.
    pub(crate) fn timing(self, threads: usize) -> Timing {
        Timing { seconds: self.seconds(), threads, parts_seconds: self.parts }
    }
}

/// The most memory that this process has held so far; `None` where the system does not tell.
pub(crate) fn peak_memory_mebibytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024)
}
