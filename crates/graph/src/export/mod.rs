//! The graph for other programs: Neo4j's bulk import, GraphML, a plain list of edges.
//!
//! Writers stream: memory does not grow with the graph. A node goes by `Label:id`, so its name is the
//! same in every export of the same record.

mod edge_list;
mod graphml;
mod neo4j;
mod text;

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
    /// One CSV file, an edge a line.
    EdgeList,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Neo4j, Self::GraphMl, Self::EdgeList];

    /// The word used on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neo4j => "neo4j",
            Self::GraphMl => "graphml",
            Self::EdgeList => "edge-list",
        }
    }

    /// Name of the file, or folder, the export is usually given.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Neo4j => "neo4j",
            Self::GraphMl => "graph.graphml",
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
#[error("export format {text:?} is unknown; permitted: neo4j, graphml, edge-list")]
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
        let written = match format {
            ExportFormat::Neo4j => neo4j::write(self, path),
            ExportFormat::GraphMl => to_file(path, |out| graphml::write(self, out)),
            ExportFormat::EdgeList => to_file(path, |out| edge_list::write(self, out)),
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

fn to_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Vec<PathBuf>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
    write(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(vec![path.to_owned()])
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
