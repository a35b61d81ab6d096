//! A class of directed graphs that imply the same independences.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::dag::{Dag, Edges, GraphError, check_names, ends};
use super::pdag::Pdag;

/// What data alone can tell of causes: arrows where every graph of the class agrees, lines where not. With knowledge,
/// the class is of the graphs that agree with it too.
///
/// # Limits
/// Where tests err, what was learned may be no class: then there is no [`extension`](Self::extension).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Edges", into = "Edges")]
pub struct Cpdag {
    columns: Vec<Arc<str>>,
    graph: Pdag,
}

impl TryFrom<Edges> for Cpdag {
    type Error = GraphError;

    fn try_from(from: Edges) -> Result<Self, GraphError> {
        Self::new(from.columns, from.arrows, from.lines)
    }
}

impl From<Cpdag> for Edges {
    fn from(class: Cpdag) -> Self {
        Self { arrows: class.arrows(), lines: class.lines(), columns: class.columns }
    }
}

impl Cpdag {
    /// Takes columns, arrows and lines; of two edges between the same columns the last counts.
    ///
    /// # Errors
    /// [`GraphError`] where a name stands twice among the columns, or an edge names none of them or leads to where it starts.
    pub fn new<N: AsRef<str>>(
        columns: Vec<Arc<str>>,
        arrows: impl IntoIterator<Item = (N, N)>,
        lines: impl IntoIterator<Item = (N, N)>,
    ) -> Result<Self, GraphError> {
        check_names(&columns)?;
        let mut graph = Pdag::empty(columns.len());
        for (from, to) in arrows {
            let (from, to) = ends(&columns, from.as_ref(), to.as_ref())?;
            graph.set_arrow(from, to);
        }
        for (one, other) in lines {
            let (one, other) = ends(&columns, one.as_ref(), other.as_ref())?;
            graph.set_line(one, other);
        }
        Ok(Self { columns, graph })
    }

    pub(crate) fn of(columns: Vec<Arc<str>>, graph: Pdag) -> Self {
        Self { columns, graph }
    }

    /// The columns.
    pub fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// Edges of one direction, the cause first.
    pub fn arrows(&self) -> Vec<(Arc<str>, Arc<str>)> {
        let mut arrows = self.named(|one, other| self.graph.arrow(one, other));
        arrows.extend(
            self.named(|one, other| self.graph.arrow(other, one))
                .into_iter()
                .map(|(one, other)| (other, one)),
        );
        arrows
    }

    /// Edges of either direction.
    pub fn lines(&self) -> Vec<(Arc<str>, Arc<str>)> {
        self.named(|one, other| self.graph.line(one, other))
    }

    fn named(&self, holds: impl Fn(usize, usize) -> bool) -> Vec<(Arc<str>, Arc<str>)> {
        let name = |at: usize| Arc::clone(&self.columns[at]);
        let pairs = self.graph.pairs().into_iter().filter(|&(one, other)| holds(one, other));
        pairs.map(|(one, other)| (name(one), name(other))).collect()
    }

    /// One directed graph of the class.
    ///
    /// # Source
    /// Dor and Tarsi 1992, technical report R-185.
    ///
    /// # Errors
    /// [`GraphError::NoExtension`] where there is none.
    pub fn extension(&self) -> Result<Dag, GraphError> {
        let parents = self.graph.extension().ok_or(GraphError::NoExtension)?;
        Dag::of_parents(self.columns.clone(), parents)
    }

    /// How many edges one of two has and the other has not, or has otherwise.
    ///
    /// # Source
    /// Tsamardinos, Brown and Aliferis, Machine Learning 65 (2006), structural Hamming distance (section 5.1.2).
    ///
    /// # Errors
    /// [`GraphError::NoSuchColumn`] where the other lacks a column.
    pub fn distance(&self, other: &Self) -> Result<usize, GraphError> {
        let places: Vec<usize> = self
            .columns
            .iter()
            .map(|name| super::dag::place(&other.columns, name))
            .collect::<Result<_, _>>()?;
        let size = self.columns.len();
        let differ = |one: usize, two: usize| {
            let marks = |graph: &Pdag, one: usize, two: usize| {
                (graph.arrow(one, two), graph.arrow(two, one), graph.line(one, two))
            };
            marks(&self.graph, one, two) != marks(&other.graph, places[one], places[two])
        };
        Ok((0..size).map(|two| (0..two).filter(|&one| differ(one, two)).count()).sum())
    }
}
