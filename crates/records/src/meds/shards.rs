//! Cutting sorted events into data files and writing them side by side.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;

use super::MedsError;
use super::schema::Columns;
use super::shard::{ShardFacts, ShardWriter};
use crate::spill::{EventCoder, Sorted, key_subject};

/// A shard ends with the subject in whose events this many rows are reached.
pub(super) const SHARD_ROWS: u64 = 250_000;
/// Rows travel from the merge to a writing thread in packets of about this size.
const PACKET_BYTES: usize = 4 << 20;
const PACKETS_WAITING: usize = 8;
/// Writing threads beside the merge; more would only wait for it.
const WRITERS: usize = 4;

/// Writes all events to `folder` as `00000.parquet` and so on; returns each shard's facts in order.
pub(crate) fn write_shards(
    folder: &Path,
    sorted: &Sorted,
    coder: &EventCoder,
    columns: &Columns,
) -> Result<Vec<ShardFacts>, MedsError> {
    fs::create_dir_all(folder)
        .map_err(|source| MedsError::Io { file: folder.display().to_string(), source })?;
    match sorted.held_rows() {
        Some(0) => {
            // An empty dataset still has a data file, so that readers find the schema.
            let shard = ShardWriter::create(&shard_path(folder, 0), coder, columns)?;
            Ok(vec![shard.finish()?])
        }
        Some(rows) => write_held(folder, sorted, rows, coder, columns),
        None => write_spilled(folder, sorted, coder, columns),
    }
}

pub(super) fn shard_path(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{number:05}.parquet"))
}

/// Says where shards end.
#[derive(Default)]
struct Cutter {
    subject: Option<i64>,
    rows: u64,
}

impl Cutter {
    /// Whether the row with this key opens a new shard.
    fn opens_shard(&mut self, key: &[u8]) -> bool {
        let subject = Some(key_subject(key));
        let opens = self.subject.is_none() || (self.rows >= SHARD_ROWS && self.subject != subject);
        self.subject = subject;
        self.rows = if opens { 1 } else { self.rows + 1 };
        opens
    }
}

fn write_held(
    folder: &Path,
    sorted: &Sorted,
    rows: usize,
    coder: &EventCoder,
    columns: &Columns,
) -> Result<Vec<ShardFacts>, MedsError> {
    let mut cutter = Cutter::default();
    let mut starts: Vec<usize> =
        (0..rows).filter(|place| cutter.opens_shard(sorted.held_row(*place).0)).collect();
    starts.push(rows);
    let ranges: Vec<Range<usize>> = starts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    ranges
        .into_par_iter()
        .enumerate()
        .map(|(number, places)| {
            let mut shard = ShardWriter::create(&shard_path(folder, number), coder, columns)?;
            for place in places {
                let (key, body) = sorted.held_row(place);
                shard.push(key, body)?;
            }
            shard.finish()
        })
        .collect()
}

/// Rows on their way to a writing thread.
#[derive(Default)]
struct Packet {
    bytes: Vec<u8>,
    lengths: Vec<(usize, usize)>,
}

impl Packet {
    fn push(&mut self, key: &[u8], body: &[u8]) {
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(body);
        self.lengths.push((key.len(), body.len()));
    }
}

fn write_spilled(
    folder: &Path,
    sorted: &Sorted,
    coder: &EventCoder,
    columns: &Columns,
) -> Result<Vec<ShardFacts>, MedsError> {
    let writers = rayon::current_num_threads().min(WRITERS);
    thread::scope(|scope| {
        let mut cutter = Cutter::default();
        let mut facts = Vec::new();
        let mut running = std::collections::VecDeque::new();
        let mut sender: Option<SyncSender<Packet>> = None;
        let mut packet = Packet::default();
        let mut number = 0;
        // A send fails only when the writer has ended with an error, which joining it tells.
        let send = |sender: &Option<SyncSender<Packet>>, packet: &mut Packet| {
            let packet = std::mem::take(packet);
            sender.as_ref().is_none_or(|sender| sender.send(packet).is_ok())
        };
        let merged = sorted.for_each(|key, body| {
            if cutter.opens_shard(key) {
                send(&sender, &mut packet);
                sender = None;
                if running.len() >= writers
                    && let Some(oldest) = running.pop_front()
                {
                    facts.push(joined(oldest)?);
                }
                let (own_sender, receiver) = sync_channel(PACKETS_WAITING);
                let path = shard_path(folder, number);
                running.push_back(scope.spawn(move || write_packets(&path, &receiver, coder, columns)));
                sender = Some(own_sender);
                number += 1;
            }
            packet.push(key, body);
            if packet.bytes.len() >= PACKET_BYTES && !send(&sender, &mut packet) {
                return Err(MedsError::Io {
                    file: shard_path(folder, number - 1).display().to_string(),
                    source: std::io::ErrorKind::BrokenPipe.into(),
                });
            }
            Ok(())
        });
        send(&sender, &mut packet);
        drop(sender);
        // A writer's own error says more than that the merge could not reach it.
        for writer in running {
            facts.push(joined(writer)?);
        }
        merged.map(|()| facts)
    })
}

fn joined(
    writer: thread::ScopedJoinHandle<'_, Result<ShardFacts, MedsError>>,
) -> Result<ShardFacts, MedsError> {
    writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn write_packets(
    path: &Path,
    packets: &Receiver<Packet>,
    coder: &EventCoder,
    columns: &Columns,
) -> Result<ShardFacts, MedsError> {
    let mut shard = ShardWriter::create(path, coder, columns)?;
    for packet in packets {
        let mut rest = packet.bytes.as_slice();
        for (key_length, body_length) in packet.lengths {
            let (key, after) = rest.split_at(key_length);
            let (body, after) = after.split_at(body_length);
            rest = after;
            shard.push(key, body)?;
        }
    }
    shard.finish()
}
