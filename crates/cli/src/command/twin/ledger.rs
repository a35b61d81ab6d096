//! `twinloom twin ledger`: how often each system of record erred, and how.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use twinloom_twin::measure::{Interval, wilson};
use twinloom_twin::systems::{ArtefactId, ArtefactKind, ErrorKind, FieldValue, LedgerEntry, System};

use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{grouped, print_json, print_text, table};
use crate::study;
use crate::systems::{self, LEDGER, SystemCounts, each_ledger_entry, system_counts};

/// Errors of one sort in one kind of artefact of one system.
#[derive(Debug, Serialize)]
struct ErrorRow {
    system: &'static str,
    artefact: &'static str,
    error: &'static str,
    /// Artefacts that it befell.
    count: u64,
    /// Entries of the ledger that tell of it.
    entries: u64,
    /// Artefacts that a perfect recorder would have written.
    of: u64,
    rate: f64,
    /// The rate's 95 % interval.
    interval: Option<Interval>,
}

/// What one system holds and how much of it is in error.
#[derive(Debug, Serialize)]
struct SystemRow {
    system: &'static str,
    /// Artefacts held.
    recorded: u64,
    /// Artefacts that a perfect recorder would have written.
    faithful: u64,
    /// Artefacts with any error.
    in_error: u64,
    rate: f64,
    interval: Option<Interval>,
}

/// Sums over a ledger.
#[derive(Debug, Serialize)]
struct Sums {
    study: String,
    entries: u64,
    systems: Vec<SystemRow>,
    errors: Vec<ErrorRow>,
}

/// Counts while entries pass by; those of one subject and artefact need not be neighbours.
#[derive(Default)]
struct Tally {
    entries: u64,
    subject: u64,
    /// Of the subject under way: each artefact's errors as bits.
    befallen: BTreeMap<ArtefactId, (System, ArtefactKind, u32)>,
    /// The artefact of which each of the subject's copies was made.
    copies: BTreeMap<ArtefactId, ArtefactId>,
    counts: BTreeMap<(System, ArtefactKind, ErrorKind), (u64, u64)>,
    in_error: [u64; System::COUNT],
    removed: [SystemCounts; System::COUNT],
    copied: [SystemCounts; System::COUNT],
}

impl Tally {
    fn add(&mut self, subject: u64, entry: &LedgerEntry) {
        if subject != self.subject {
            self.close_subject();
            self.subject = subject;
        }
        self.entries += 1;
        let (system, kind) = (entry.system, entry.artefact_kind);
        self.counts.entry((system, kind, entry.kind)).or_default().1 += 1;
        if entry.field.is_none() {
            match &entry.recorded {
                FieldValue::Integer(copy) => {
                    self.copied[system as usize][kind as usize] += 1;
                    self.copies.insert(ArtefactId::from_file(*copy), entry.artefact);
                }
                _ => self.removed[system as usize][kind as usize] += 1,
            }
        }
        // What stands in a copy befell the artefact that was copied.
        let artefact = self.copies.get(&entry.artefact).copied().unwrap_or(entry.artefact);
        self.befallen.entry(artefact).or_insert((system, kind, 0)).2 |= 1 << entry.kind as u32;
    }

    fn close_subject(&mut self) {
        for (system, kind, errors) in std::mem::take(&mut self.befallen).into_values() {
            self.in_error[system as usize] += 1;
            for error in ErrorKind::ALL.into_iter().filter(|error| errors & (1 << *error as u32) != 0) {
                self.counts.entry((system, kind, error)).or_default().0 += 1;
            }
        }
        self.copies.clear();
    }
}

/// Runs the verb.
pub(crate) fn run(context: &Context, folder: &Path) -> Result<ExitCode> {
    study::require(folder)?;
    if !folder.join(LEDGER).is_file() {
        return Err(BadInput::new(format!("{} has no error ledger", folder.display()))
            .hint("`twinloom twin run --study DIR` writes one")
            .into());
    }
    systems::require(folder)?;
    let sums = sums(folder)?;
    if context.common.json {
        print_json(&sums);
    } else {
        print_text(&sums.text());
    }
    Ok(ExitCode::SUCCESS)
}

fn sums(folder: &Path) -> Result<Sums> {
    let mut tally = Tally::default();
    each_ledger_entry(folder, |subject, entry| {
        tally.add(subject, &entry);
        Ok(())
    })?;
    tally.close_subject();
    let recorded = System::ALL
        .into_iter()
        .map(|system| system_counts(folder, system))
        .collect::<Result<Vec<SystemCounts>>>()?;
    let faithful = |system: System, kind: usize| {
        (recorded[system as usize][kind] + tally.removed[system as usize][kind])
            .saturating_sub(tally.copied[system as usize][kind])
    };
    let systems = System::ALL.into_iter().map(|system| {
        let of: u64 = (0..ArtefactKind::COUNT).map(|kind| faithful(system, kind)).sum();
        let in_error = tally.in_error[system as usize];
        SystemRow {
            system: system.as_str(),
            recorded: recorded[system as usize].iter().sum(),
            faithful: of,
            in_error,
            rate: rate(in_error, of),
            interval: wilson(in_error as f64, of as f64),
        }
    });
    let errors = tally.counts.iter().map(|((system, kind, error), (count, entries))| {
        let of = faithful(*system, *kind as usize);
        ErrorRow {
            system: system.as_str(),
            artefact: kind.as_str(),
            error: error.as_str(),
            count: *count,
            entries: *entries,
            of,
            rate: rate(*count, of),
            interval: wilson(*count as f64, of as f64),
        }
    });
    Ok(Sums {
        study: folder.display().to_string(),
        entries: tally.entries,
        systems: systems.collect(),
        errors: errors.collect(),
    })
}

fn rate(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { count as f64 / of as f64 }
}

impl Sums {
    /// What a person is told.
    fn text(&self) -> String {
        let percent = |rate: f64| format!("{:.3} %", 100.0 * rate);
        let within = |own: Option<Interval>| {
            own.map_or_else(
                || "–".to_owned(),
                |own| format!("{:.3} to {:.3} %", 100.0 * own.lower, 100.0 * own.upper),
            )
        };
        let mut systems = vec![
            ["system", "held", "faithful", "in error", "rate", "95 % interval"].map(str::to_owned).to_vec(),
        ];
        systems.extend(self.systems.iter().map(|row| {
            vec![
                row.system.to_owned(),
                grouped(row.recorded),
                grouped(row.faithful),
                grouped(row.in_error),
                percent(row.rate),
                within(row.interval),
            ]
        }));
        let mut errors = vec![
            ["system", "artefact", "error", "count", "of", "rate", "95 % interval"]
                .map(str::to_owned)
                .to_vec(),
        ];
        errors.extend(self.errors.iter().map(|row| {
            vec![
                row.system.to_owned(),
                row.artefact.to_owned(),
                row.error.to_owned(),
                grouped(row.count),
                grouped(row.of),
                percent(row.rate),
                within(row.interval),
            ]
        }));
        format!(
            "{} entries in the error ledger of {}.\n\n{}\n\n{}",
            grouped(self.entries),
            self.study,
            table(&systems),
            table(&errors)
        )
    }
}
