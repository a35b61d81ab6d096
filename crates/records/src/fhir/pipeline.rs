//! Reading, parsing and assembling, each on its own threads, with bounded memory between them.
//!
//! One thread opens, decompresses and cuts; `threads` threads parse; the caller's thread assembles in
//! input order. Batches are cut by size alone, so they and the outcome are the same for any number
//! of threads.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::assemble::Assembler;
use super::draft::Outcome;
use super::frame::{Framer, Place};
use super::options::{ImportError, ImportOptions, Progress};
use super::origin::Origin;
use super::resource::{DOCUMENT, Mapper};
use crate::ImportReport;
use crate::Sink;
use crate::input::{Found, Sources};

const BATCH_BYTES: usize = 1 << 19;
const BATCH_ITEMS: usize = 2048;
/// Bytes of pieces under way between cutting and assembling.
const BYTES_UNDER_WAY: usize = 16 << 20;
/// The table under which files that can't be read are counted.
const FILE: &str = "file";
const UNWANTED: &str = "not JSON by its name; permitted: .json, .ndjson, .jsonl, also .gz and .xz of them";

/// Pieces to parse together.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    items: Vec<Item>,
    /// Files that begin in this batch, in order.
    files: Vec<Arc<str>>,
}

struct Item {
    origin: Origin,
    what: What,
}

enum What {
    Piece(Range<usize>),
    Refused { table: &'static str, reason: String },
}

/// What an item turned out to be.
enum Finding {
    Outcomes(Vec<Outcome>),
    Refused { table: &'static str, reason: String },
}

/// A batch parsed.
struct Parsed {
    files: Vec<Arc<str>>,
    items: Vec<(Origin, Finding)>,
    weight: usize,
}

/// Imports the paths; see [`super::import`].
pub(crate) fn run(
    paths: &[PathBuf],
    options: &ImportOptions,
    sink: &mut dyn Sink,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<ImportReport, ImportError> {
    let total_bytes = check_paths(paths)?;
    let gate = Gate::default();
    let read_bytes = AtomicU64::new(0);
    let (batches_in, batches_out) = channel::<(u64, Batch)>();
    let batches_out = Mutex::new(batches_out);
    let (parsed_in, parsed_out) = channel();
    let mut assembler = Assembler::new(sink, options.source.clone());
    let show = |resources, resolving| {
        progress(Progress {
            read_bytes: read_bytes.load(Ordering::Relaxed),
            total_bytes,
            resources,
            resolving,
        });
    };
    let (assembled, read) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let _guard = CloseOnPanic(&gate);
            let mut cutter = Cutter::new(options.document_limit(), batches_in, &gate);
            cutter.read(paths, &read_bytes);
            (cutter.files_read, cutter.bytes_read)
        });
        for _ in 0..options.thread_count() {
            let parsed_in = parsed_in.clone();
            let (gate, batches_out) = (&gate, &batches_out);
            scope.spawn(move || {
                let _guard = CloseOnPanic(gate);
                parse_batches(batches_out, &parsed_in);
            });
        }
        drop(parsed_in);
        let _guard = CloseOnPanic(&gate);
        let assembled = assemble(&mut assembler, &parsed_out, &gate, &show);
        gate.close();
        (assembled, reader.join())
    });
    let resources = assembled?;
    let (files, bytes) = read.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    show(resources, true);
    let mut report = assembler.finish()?;
    (report.files, report.bytes) = (files, bytes);
    show(resources, true);
    Ok(report)
}

/// Every path must exist before anything is read; returns their bytes on disk as far as known.
fn check_paths(paths: &[PathBuf]) -> Result<u64, ImportError> {
    let mut total = 0;
    for path in paths {
        let metadata =
            std::fs::metadata(path).map_err(|source| ImportError::Open { path: path.clone(), source })?;
        total += if metadata.is_file() { metadata.len() } else { 0 };
    }
    Ok(total)
}

fn is_json_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".json", ".ndjson", ".jsonl"].iter().any(|suffix| name.ends_with(suffix))
}

/// Opens, decompresses and cuts.
struct Cutter<'g> {
    max_bytes: usize,
    batches: Sender<(u64, Batch)>,
    gate: &'g Gate,
    batch: Batch,
    sent: u64,
    file: u32,
    files_named: u32,
    ordinal: u64,
    files_read: u64,
    bytes_read: u64,
}

impl<'g> Cutter<'g> {
    fn new(max_bytes: usize, batches: Sender<(u64, Batch)>, gate: &'g Gate) -> Self {
        Self {
            max_bytes,
            batches,
            gate,
            batch: Batch::default(),
            sent: 0,
            file: 0,
            files_named: 0,
            ordinal: 0,
            files_read: 0,
            bytes_read: 0,
        }
    }

    fn read(&mut self, paths: &[PathBuf], read_bytes: &AtomicU64) {
        let sources = Sources { wanted: is_json_name, unwanted: UNWANTED, read_bytes };
        let outcome = sources.visit(paths, &mut |found| match found {
            Found::Member { name, reader } => {
                self.start_file(name);
                self.files_read += 1;
                let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".xz")).unwrap_or(name);
                let mut framer = Framer::new(reader, name, self.max_bytes);
                let outcome = self.cut(&mut framer);
                self.bytes_read += framer.bytes();
                outcome
            }
            Found::Refused { name, reason } => {
                self.start_file(name);
                self.refuse(FILE, reason.to_owned(), Place::default())
            }
        });
        if outcome.is_continue() {
            let _ = self.send();
        }
    }

    fn start_file(&mut self, name: &str) {
        self.file = self.files_named;
        self.files_named = self.files_named.saturating_add(1);
        self.batch.files.push(name.into());
    }

    fn cut(&mut self, framer: &mut Framer<'_>) -> ControlFlow<()> {
        loop {
            let start = self.batch.bytes.len();
            match framer.next_piece(&mut self.batch.bytes) {
                None => return ControlFlow::Continue(()),
                Some(Ok(place)) => self.push(What::Piece(start..self.batch.bytes.len()), place)?,
                Some(Err(error)) => self.refuse(DOCUMENT, error.reason.into_owned(), error.place)?,
            }
        }
    }

    fn refuse(&mut self, table: &'static str, reason: String, place: Place) -> ControlFlow<()> {
        self.push(What::Refused { table, reason }, place)
    }

    fn push(&mut self, what: What, place: Place) -> ControlFlow<()> {
        let origin = Origin { file: self.file, place, ordinal: self.ordinal };
        self.ordinal += 1;
        self.batch.items.push(Item { origin, what });
        if self.batch.bytes.len() >= BATCH_BYTES || self.batch.items.len() >= BATCH_ITEMS {
            self.send()
        } else {
            ControlFlow::Continue(())
        }
    }

    fn send(&mut self) -> ControlFlow<()> {
        let batch = std::mem::take(&mut self.batch);
        let is_open = self.gate.enter(weight(&batch)) && self.batches.send((self.sent, batch)).is_ok();
        self.sent += 1;
        if is_open { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

fn weight(batch: &Batch) -> usize {
    batch.bytes.len() + batch.items.len() * size_of::<Item>()
}

fn parse_batches(batches: &Mutex<Receiver<(u64, Batch)>>, parsed: &Sender<(u64, Parsed)>) {
    let mut mapper = Mapper::default();
    loop {
        let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((index, batch)) = next else {
            return;
        };
        mapper.codings.start_batch();
        let weight = weight(&batch);
        let Batch { bytes, items, files } = batch;
        let items = items
            .into_iter()
            .map(|Item { origin, what }| match what {
                What::Piece(range) => {
                    let piece = bytes.get(range).unwrap_or_default();
                    let is_entry = origin.place.entry > 0;
                    (origin, Finding::Outcomes(mapper.map(piece, is_entry, origin.ordinal)))
                }
                What::Refused { table, reason } => (origin, Finding::Refused { table, reason }),
            })
            .collect();
        if parsed.send((index, Parsed { files, items, weight })).is_err() {
            return;
        }
    }
}

fn assemble(
    assembler: &mut Assembler<'_>,
    parsed: &Receiver<(u64, Parsed)>,
    gate: &Gate,
    show: &dyn Fn(u64, bool),
) -> Result<u64, ImportError> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    let mut resources = 0;
    for (index, batch) in parsed {
        early.insert(index, batch);
        while let Some(Parsed { files, items, weight }) = early.remove(&next) {
            next += 1;
            for name in files {
                assembler.name_file(name);
            }
            for (origin, finding) in items {
                match finding {
                    Finding::Outcomes(outcomes) => {
                        for outcome in outcomes {
                            resources += 1;
                            assembler.take(outcome, origin)?;
                        }
                    }
                    Finding::Refused { table, reason } => assembler.refuse(table, &reason, origin),
                }
            }
            gate.leave(weight);
            show(resources, false);
        }
    }
    Ok(resources)
}

/// Lets so many bytes through at a time; a single larger load passes alone.
#[derive(Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Default)]
struct GateState {
    held: usize,
    closed: bool,
}

impl Gate {
    fn enter(&self, weight: usize) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.closed && state.held > 0 && state.held + weight > BYTES_UNDER_WAY {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.held += weight;
        !state.closed
    }

    fn leave(&self, weight: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.held = state.held.saturating_sub(weight);
        self.changed.notify_all();
    }

    fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.changed.notify_all();
    }
}

/// A thread that panics must not leave the others waiting.
struct CloseOnPanic<'g>(&'g Gate);

impl Drop for CloseOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.close();
        }
    }
}
