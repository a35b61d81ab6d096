//! What an import read, kept and skipped, and why.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// First places remembered for each reason; all occurrences are counted.
const LOCATIONS_KEPT: usize = 5;

/// Where in the input something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location {
    /// The file, and the member within an archive (`dev.tar.xz/patient_3.json`).
    pub file: String,
    /// Line, record or entry within it, from 1; 0 for the whole file.
    pub position: u64,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.position == 0 {
            formatter.write_str(&self.file)
        } else {
            write!(formatter, "{}:{}", self.file, self.position)
        }
    }
}

/// The sort of difficulty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The item could not be kept.
    Skipped,
    /// A reference leads nowhere in the input; the item was kept.
    UnresolvedReference,
    /// A date or time is impossible or contradicts another.
    Date,
    /// A unit is missing or not usable.
    Unit,
    /// A value was kept, but not all of what the source said about it.
    Partial,
}

/// One reason with its count and the first places where it arose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The sort of difficulty.
    pub kind: ProblemKind,
    /// The reason in words, without patient data.
    pub reason: String,
    /// How often.
    pub count: u64,
    /// The first places, in input order.
    pub first: Vec<Location>,
}

/// Counts for one resource type or table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableReport {
    /// Items read.
    pub read: u64,
    /// Items of which at least one event, entity, link or subject was kept.
    pub kept: u64,
    /// Items of which nothing was kept; each has a reason among the problems.
    pub skipped: u64,
    /// Events made from the kept items.
    pub events: u64,
    /// Reasons, in order of kind and reason.
    pub problems: Vec<Problem>,
}

/// What an import read, kept and skipped, per resource type or table.
///
/// `read == kept + skipped` holds for every table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The format read.
    pub format: String,
    /// Files and archive members read.
    pub files: u64,
    /// Bytes read after decompression.
    pub bytes: u64,
    /// Subjects found.
    pub subjects: u64,
    /// Counts per resource type or table, in name order.
    pub tables: BTreeMap<String, TableReport>,
}

impl ImportReport {
    /// An empty report for a format.
    pub fn new(format: impl Into<String>) -> Self {
        Self { format: format.into(), ..Self::default() }
    }

    /// Counts an item of which something was kept, with the number of events it made.
    pub fn keep(&mut self, table: &str, events: u64) {
        let table = self.table(table);
        table.read += 1;
        table.kept += 1;
        table.events += events;
    }

    /// Counts an item of which nothing was kept, and says why.
    pub fn skip(&mut self, table: &str, reason: &str, location: impl FnOnce() -> Location) {
        let entry = self.table(table);
        entry.read += 1;
        entry.skipped += 1;
        entry.note(ProblemKind::Skipped, reason, 1, |first| first.push(location()));
    }

    /// Notes a difficulty that did not cost the item.
    pub fn note(
        &mut self,
        table: &str,
        kind: ProblemKind,
        reason: &str,
        location: impl FnOnce() -> Location,
    ) {
        self.table(table).note(kind, reason, 1, |first| first.push(location()));
    }

    /// Adds another report's counts; places keep input order when reports are merged in that order.
    pub fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.subjects += other.subjects;
        for (name, table) in other.tables {
            let entry = self.table(&name);
            entry.read += table.read;
            entry.kept += table.kept;
            entry.skipped += table.skipped;
            entry.events += table.events;
            for problem in table.problems {
                entry.note(problem.kind, &problem.reason, problem.count, |first| {
                    let room = LOCATIONS_KEPT.saturating_sub(first.len());
                    first.extend(problem.first.into_iter().take(room));
                });
            }
        }
    }

    /// Names files within `folder` relative to it, so that a report does not depend on where it is.
    pub fn relative_to(&mut self, folder: &std::path::Path) {
        let problems = self.tables.values_mut().flat_map(|table| &mut table.problems);
        for location in problems.flat_map(|problem| &mut problem.first) {
            if let Ok(inside) = std::path::Path::new(&location.file).strip_prefix(folder) {
                location.file = inside.to_string_lossy().into_owned();
            }
        }
    }

    /// Items read over all tables.
    pub fn read(&self) -> u64 {
        self.tables.values().map(|table| table.read).sum()
    }

    /// Items kept over all tables.
    pub fn kept(&self) -> u64 {
        self.tables.values().map(|table| table.kept).sum()
    }

    /// Items skipped over all tables.
    pub fn skipped(&self) -> u64 {
        self.tables.values().map(|table| table.skipped).sum()
    }

    fn table(&mut self, name: &str) -> &mut TableReport {
        if !self.tables.contains_key(name) {
            self.tables.insert(name.to_owned(), TableReport::default());
        }
        self.tables.get_mut(name).expect("inserted above when absent")
    }
}

impl TableReport {
    fn note(
        &mut self,
        kind: ProblemKind,
        reason: &str,
        count: u64,
        remember: impl FnOnce(&mut Vec<Location>),
    ) {
        let place = self
            .problems
            .binary_search_by(|problem| (problem.kind, problem.reason.as_str()).cmp(&(kind, reason)));
        let index = place.unwrap_or_else(|index| {
            self.problems
                .insert(index, Problem { kind, reason: reason.to_owned(), count: 0, first: Vec::new() });
            index
        });
        let problem = &mut self.problems[index];
        problem.count += count;
        if problem.first.len() < LOCATIONS_KEPT {
            remember(&mut problem.first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(position: u64) -> Location {
        Location { file: "a.json".to_owned(), position }
    }

    #[test]
    fn law_merge_equals_one_pass() {
        let mut whole = ImportReport::new("fhir");
        let (mut left, mut right) = (ImportReport::new("fhir"), ImportReport::new("fhir"));
        for position in 1..=12 {
            let half = if position <= 6 { &mut left } else { &mut right };
            for report in [&mut whole, half] {
                report.skip("Patient", "no id", || at(position));
                report.keep("Observation", 3);
                report.note("Observation", ProblemKind::Date, "no such date", || at(position));
            }
        }
        left.merge(right);
        assert_eq!(left, whole);
        assert_eq!(whole.tables["Patient"].problems[0].first.len(), LOCATIONS_KEPT);
        assert_eq!((whole.read(), whole.kept(), whole.skipped()), (24, 12, 12));
    }
}
