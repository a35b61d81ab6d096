//! The graph for other programs: Neo4j's bulk import, GraphML, GEXF, Turtle, HIF, a plain list of edges.
//!
//! Writers stream: memory does not grow with the graph. A node goes by `Label:id`, so its name is the
//! same in every export of the same record.

mod edge_list;
mod fhir;
mod gexf;
mod graphml;
mod hif;
mod neo4j;
mod text;
mod turtle;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::{NodeId, Property, PropertyGraph, PropertyValue};

/// Files other programs read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// A folder for `neo4j-admin database import full`: typed CSV, script and constraints.
    Neo4j,
    /// One GraphML file with typed keys.
    GraphMl,
    /// One GEXF 1.3 file with a time line.
    Gexf,
    /// One Turtle file in FHIR's RDF vocabulary.
    Turtle,
    /// One JSON file in the Hypergraph Interchange Format: visits and profiles over concepts.
    Hif,
    /// One CSV file, an edge a line.
    EdgeList,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Neo4j, Self::GraphMl, Self::Gexf, Self::Turtle, Self::Hif, Self::EdgeList];

    /// The word used on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neo4j => "neo4j",
            Self::GraphMl => "graphml",
            Self::Gexf => "gexf",
            Self::Turtle => "turtle",
            Self::Hif => "hif",
            Self::EdgeList => "edge-list",
        }
    }

    /// Name of the file, or folder, the export is usually given.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Neo4j => "neo4j",
            Self::GraphMl => "graph.graphml",
            Self::Gexf => "graph.gexf",
            Self::Turtle => "graph.ttl",
            Self::Hif => "hypergraph.json",
            Self::EdgeList => "edges.csv",
        }
    }
}

impl FromStr for ExportFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| UnknownFormat { text: text.to_owned() })
    }
}

/// The word names no [`ExportFormat`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("export format {text:?} is unknown; permitted: neo4j, graphml, gexf, turtle, hif, edge-list")]
pub struct UnknownFormat {
    /// The word given.
    pub text: String,
}

impl PropertyGraph {
    /// Writes the graph for another program; `path` is a folder for Neo4j, else a file. Returns the
    /// files written.
    ///
    /// # Errors
    /// [`ExportError`] when the disk refuses.
    pub fn export(&self, format: ExportFormat, path: &Path) -> Result<Vec<PathBuf>, ExportError> {
        self.export_watched(format, path, &|_| {})
    }

    /// As [`PropertyGraph::export`], telling `progress` of bytes as they are written.
    ///
    /// # Errors
    /// [`ExportError`] when the disk refuses.
    pub fn export_watched(
        &self,
        format: ExportFormat,
        path: &Path,
        progress: &dyn Fn(u64),
    ) -> Result<Vec<PathBuf>, ExportError> {
        let to_file = |write: fn(&Self, &mut dyn Write) -> io::Result<()>| {
            to_file(path, progress, |out| write(self, out))
        };
        let written = match format {
            ExportFormat::Neo4j => neo4j::write(self, path, progress),
            ExportFormat::GraphMl => to_file(graphml::write),
            ExportFormat::Gexf => to_file(gexf::write),
            ExportFormat::Turtle => to_file(turtle::write),
            ExportFormat::Hif => to_file(hif::write),
            ExportFormat::EdgeList => to_file(edge_list::write),
        };
        written.map_err(|source| ExportError { path: path.to_owned(), source })
    }

    /// `Label:id`.
    pub(crate) fn stable_name(&self, node: NodeId) -> String {
        self.table(node).map_or_else(String::new, |table| {
            let id = table.get(node, Property::Id).and_then(PropertyValue::as_text).unwrap_or_default();
            format!("{}:{id}", table.label.name())
        })
    }
}

fn to_file(
    path: &Path,
    progress: &dyn Fn(u64),
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Vec<PathBuf>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut out = watched(path, progress)?;
    write(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(vec![path.to_owned()])
}

/// A new file that tells of each block it is given.
fn watched<'p>(path: &Path, progress: &'p dyn Fn(u64)) -> io::Result<BufWriter<Watched<'p>>> {
    Ok(BufWriter::with_capacity(1 << 18, Watched { file: File::create(path)?, progress }))
}

struct Watched<'p> {
    file: File,
    progress: &'p dyn Fn(u64),
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        (self.progress)(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The export can't be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: the export can't be written")]
pub struct ExportError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}
