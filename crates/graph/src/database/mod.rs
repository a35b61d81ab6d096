//! The graph in an embedded database that answers Cypher and GQL.
//!
//! The database is a projection: it records the fingerprint of the stored graph it was loaded from and
//! is built anew when that changes. Whole-graph work belongs in [`crate::PropertyGraph`].
//!
//! # Source
//! grafeo 0.5.44; Cypher (openCypher 9), GQL (ISO/IEC 39075:2024).

mod load;
mod timestamps;
mod value;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use grafeo::{Config, GrafeoDB};
use serde::Serialize;

use crate::{Fingerprint, GRAPH_FILE, PropertyGraph, StoreError};

/// Folder of the database in a study's `graph/` folder.
pub const DATABASE_FOLDER: &str = "grafeo";

const DATABASE_FILE: &str = "database.grafeo";
const FINGERPRINT_FILE: &str = "fingerprint";

/// A query that runs longer is stopped.
pub const QUERY_LIMIT_SECONDS: u64 = 30;

/// How much longer the engine may take to notice that its time is up.
const GRACE_SECONDS: u64 = 1;

/// A query language the database understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QueryLanguage {
    /// openCypher.
    #[default]
    Cypher,
    /// ISO GQL.
    Gql,
}

impl QueryLanguage {
    /// The word used on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cypher => "cypher",
            Self::Gql => "gql",
        }
    }
}

impl FromStr for QueryLanguage {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        [Self::Cypher, Self::Gql]
            .into_iter()
            .find(|language| language.as_str() == text)
            .ok_or_else(|| UnknownLanguage { text: text.to_owned() })
    }
}

/// The word names no [`QueryLanguage`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("query language {text:?} is unknown; permitted: cypher, gql")]
pub struct UnknownLanguage {
    /// The word given.
    pub text: String,
}

/// A query's answer: a table of JSON values. Times are ISO 8601 texts, nodes and edges objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct QueryResult {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// One list of values per row, in column order.
    pub rows: Vec<Vec<serde_json::Value>>,
}

/// A graph opened for questions; it can't be changed through them.
pub struct Database {
    inner: Arc<GrafeoDB>,
}

impl Database {
    /// Opens the database of a study's `graph/` folder, building it first where it is missing or was
    /// loaded from another graph than the one stored there now.
    ///
    /// # Errors
    /// [`DatabaseError`] when there is no stored graph, or the disk or the database refuse.
    pub fn open_or_build(graph_folder: &Path) -> Result<Self, DatabaseError> {
        let graph_file = graph_folder.join(GRAPH_FILE);
        let fingerprint = Fingerprint::of_file(&graph_file)?;
        if Self::is_fresh(graph_folder, fingerprint) {
            match Self::open(graph_folder) {
                Ok(database) => return Ok(database),
                // A damaged projection is no loss: it is made again.
                Err(DatabaseError::Engine { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let graph = PropertyGraph::read(&graph_file)?;
        Self::build(&graph, fingerprint, graph_folder)?;
        Self::open(graph_folder)
    }

    /// Whether the folder's database was loaded from the graph of this fingerprint.
    pub fn is_fresh(graph_folder: &Path, fingerprint: Fingerprint) -> bool {
        let folder = graph_folder.join(DATABASE_FOLDER);
        let recorded = std::fs::read_to_string(folder.join(FINGERPRINT_FILE));
        recorded.is_ok_and(|text| text == record(fingerprint)) && folder.join(DATABASE_FILE).is_file()
    }

    /// Loads a graph into the database of a study's `graph/` folder, replacing what was there.
    ///
    /// # Errors
    /// [`DatabaseError`] when the disk or the database refuse.
    pub fn build(
        graph: &PropertyGraph,
        fingerprint: Fingerprint,
        graph_folder: &Path,
    ) -> Result<(), DatabaseError> {
        let folder = graph_folder.join(DATABASE_FOLDER);
        let io = |source| DatabaseError::Io { path: folder.clone(), source };
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(io)?;
        }
        std::fs::create_dir_all(&folder).map_err(io)?;
        let loaded = GrafeoDB::with_config(Config::in_memory())?;
        load::load(graph, &loaded);
        loaded.save(folder.join(DATABASE_FILE))?;
        timestamps::fix(&folder.join(DATABASE_FILE)).map_err(io)?;
        // Written last: a build that was cut short leaves no record and is done again.
        std::fs::write(folder.join(FINGERPRINT_FILE), record(fingerprint)).map_err(io)
    }

    /// Opens an existing database of a study's `graph/` folder.
    ///
    /// # Errors
    /// [`DatabaseError`] when it is missing or damaged.
    pub fn open(graph_folder: &Path) -> Result<Self, DatabaseError> {
        let config = Config::read_only(graph_folder.join(DATABASE_FOLDER).join(DATABASE_FILE))
            .with_query_timeout(Duration::from_secs(QUERY_LIMIT_SECONDS));
        Ok(Self { inner: Arc::new(GrafeoDB::with_config(config)?) })
    }

    /// Answers a question. The rows come in the query's order if it states one, else in the order of
    /// their values, so that the same question has the same answer twice.
    ///
    /// Times are compared with times: `e.time >= datetime('2020-02-01T00:00:00')`. Against a text or a
    /// date nothing compares.
    ///
    /// # Limits
    /// LIMIT without ORDER BY after an aggregation picks any groups. The engine looks at the clock
    /// between its steps; a query stuck in one step (the product of unrelated patterns) is given up on
    /// time too, but its thread works on until the process ends.
    ///
    /// # Errors
    /// [`DatabaseError::Query`] with line and column when the text is no query,
    /// [`DatabaseError::TimedOut`] after 30 seconds, [`DatabaseError::Engine`] for the rest, such as
    /// an attempt to write.
    pub fn query(&self, text: &str, language: QueryLanguage) -> Result<QueryResult, DatabaseError> {
        self.query_within(text, language, Duration::from_secs(QUERY_LIMIT_SECONDS + GRACE_SECONDS))
    }

    fn query_within(
        &self,
        text: &str,
        language: QueryLanguage,
        limit: Duration,
    ) -> Result<QueryResult, DatabaseError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let (inner, query) = (Arc::clone(&self.inner), text.to_owned());
        std::thread::spawn(move || {
            let session = inner.session();
            let answer = match language {
                QueryLanguage::Cypher => session.execute_cypher(&query),
                QueryLanguage::Gql => session.execute(&query),
            };
            // Nobody waits any more if the limit has passed.
            let _ = sender.send(answer);
        });
        let answer = match receiver.recv_timeout(limit) {
            Ok(answer) => answer?,
            Err(mpsc::RecvTimeoutError::Timeout) => return Err(DatabaseError::TimedOut),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let message = "the engine gave up on the query".to_owned();
                return Err(DatabaseError::Engine { message });
            }
        };
        let columns = answer.columns.clone();
        let mut rows: Vec<Vec<serde_json::Value>> =
            answer.into_rows().iter().map(|row| row.iter().map(value::json).collect()).collect();
        if !states_an_order(text) {
            rows.sort_by(|one, other| value::compare_rows(one, other));
        }
        Ok(QueryResult { columns, rows })
    }
}

/// Whether the words ORDER BY stand anywhere in a query.
fn states_an_order(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| pair[0].eq_ignore_ascii_case("order") && pair[1].eq_ignore_ascii_case("by"))
}

/// The engine's version is part of the record, for its files change between versions.
fn record(fingerprint: Fingerprint) -> String {
    format!("grafeo {} graph {fingerprint}\n", grafeo::VERSION)
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The query is not well formed or names what is not there.
    #[error("{}{message}{}", position(*.line, *.column), hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default())]
    Query {
        /// Line of the fault, from 1.
        line: Option<u32>,
        /// Column of the fault, from 1.
        column: Option<u32>,
        /// What is wrong.
        message: String,
        /// How to mend it.
        hint: Option<String>,
    },
    /// The query ran too long.
    #[error(
        "the query ran past {QUERY_LIMIT_SECONDS} seconds and was stopped; permitted: queries that start from few nodes (give a label and a property), bound their path lengths, or use LIMIT"
    )]
    TimedOut,
    /// The database refused.
    #[error("the graph database refused: {message}")]
    Engine {
        /// What it said.
        message: String,
    },
    /// The disk refused.
    #[error("{path}: the graph database can't be written")]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The stored graph can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn position(line: Option<u32>, column: Option<u32>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!("query line {line}, column {column}: "),
        _ => "query: ".to_owned(),
    }
}

impl From<grafeo::Error> for DatabaseError {
    fn from(error: grafeo::Error) -> Self {
        use grafeo_common::utils::error::QueryErrorKind;
        match error {
            grafeo::Error::Query(fault) if fault.kind == QueryErrorKind::Timeout => Self::TimedOut,
            grafeo::Error::Query(fault) => Self::Query {
                line: fault.span.map(|span| span.line),
                column: fault.span.map(|span| span.column),
                message: fault.message,
                hint: fault.hint,
            },
            other => Self::Engine { message: other.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_a_query_stuck_in_one_step_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let events = (0..30).map(|place| {
            let code = twinloom_event::Code::parse(format!("C{place}")).unwrap();
            twinloom_event::Event::new(twinloom_event::SubjectId::new(1), None, code)
        });
        let cohort = twinloom_event::Cohort::from_events(events.collect()).unwrap();
        let graph = PropertyGraph::build(&twinloom_event::Dataset { cohort, ..Default::default() }).unwrap();
        graph.write(&folder.path().join(GRAPH_FILE)).unwrap();
        let database = Database::open_or_build(folder.path()).unwrap();
        // 61^3 products take far longer than a microsecond on any machine.
        let product = "MATCH (a), (b), (c) WHERE a.id + b.id = c.id RETURN count(a)";
        let answer = database.query_within(product, QueryLanguage::Cypher, Duration::from_micros(1));
        assert!(matches!(answer, Err(DatabaseError::TimedOut)));
        assert!(database.query("MATCH (p:Patient) RETURN count(p)", QueryLanguage::Cypher).is_ok());
    }

    #[test]
    fn regress_an_order_is_seen_however_it_is_written() {
        assert!(states_an_order("MATCH (n) RETURN n.id\n  order   BY n.id"));
        assert!(!states_an_order("MATCH (n:Order) RETURN n"));
    }
}
